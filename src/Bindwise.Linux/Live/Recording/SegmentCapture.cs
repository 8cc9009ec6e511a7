using Bindwise.Linux.Native;

namespace Bindwise.Linux.Live.Recording;

/// <summary>Sees the TCP segments of the network namespace that it was opened in, each once.</summary>
internal sealed class SegmentCapture : IDisposable
{
    /// <summary>More than a scenario sends in one step, streams left out.</summary>
    private const int BufferBytes = 8 * 1024 * 1024;

    /// <summary>A whole packet: longer ones are made of streams alone.</summary>
    private const int PacketBytes = 65_536 + 1_024;

    /// <summary>The kernel begins to take the time a moment after it was asked to (net_enable_timestamp(), net/core/dev.c).</summary>
    private const int SettleMicroseconds = 5_000;

    private readonly SafeFileDescriptor _socket;
    private readonly byte[] _buffer = new byte[PacketBytes];
    private readonly bool _keepsPackets;

    private SegmentCapture(SafeFileDescriptor socket, bool keepsPackets)
    {
        _socket = socket;
        _keepsPackets = keepsPackets;
    }

    /// <summary>Opens one in the calling thread's network namespace.</summary>
    /// <param name="keepsPackets">Whole packets are kept, to be sent once more.</param>
    /// <exception cref="LiveUnavailableException">This user, or this system, cannot.</exception>
    internal static SegmentCapture Open(bool keepsPackets)
    {
        var errno = PacketCall.Open(CapturedSegment.Filter(PacketBytes), BufferBytes, out var socket);
        if (errno != Errno.None)
        {
            socket.Dispose();
            throw new LiveUnavailableException($"cannot watch segments in a new network namespace: a packet socket gives {errno}");
        }
        SleepCall.Wait(SettleMicroseconds);
        return new SegmentCapture(socket, keepsPackets);
    }

    /// <summary>Takes what has come, in order.</summary>
    internal void Drain(List<CapturedSegment> segments)
    {
        var offset = ClockCall.RealToMonotonic();
        while (PacketCall.Receive(_socket, _buffer, out var length, out var real) == Errno.None)
        {
            var packet = _buffer.AsSpan(0, Math.Min(length, _buffer.Length));
            var time = real == 0 ? ClockCall.MonotonicNanoseconds() : real + offset;
            if (CapturedSegment.Read(packet, time) is { } segment)
                segments.Add(_keepsPackets ? segment with { Packet = packet.ToArray() } : segment);
        }
    }

    /// <summary>Nothing is taken until <see cref="Resume"/>: a stream would not fit.</summary>
    internal void Pause() => _ = SocketFilterCall.Attach(_socket, CapturedSegment.Filter(0));

    /// <summary>Segments are taken again.</summary>
    internal void Resume() => _ = SocketFilterCall.Attach(_socket, CapturedSegment.Filter(PacketBytes));

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}

using Bindwise.Linux;
using Bindwise.Linux.SockDiag;

namespace Bindwise.Supervising.Auditing;

/// <summary>
/// Every TCP and UDP socket of the network namespace that is gone, with both its ends and its cookie, by the kernel's own message
/// (SKNLGRP_INET_TCP_DESTROY and its like, linux/sock_diag.h): so no call of the program has to be trapped for each of its connections.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class SocketDeaths : IDisposable
{
    private const int ReceiveBuffer = 8;
    private const int ReceiveBufferForced = 33;
    private const int BufferBytes = 8 * 1024 * 1024;
    private const int MostAtOnce = 16_384;
    private const int BarrierTries = 500;
    private const int BarrierMicroseconds = 10_000;
    private const int LateTries = 50;
    private const int LateMicroseconds = 2_000;

    private readonly SafeFileDescriptor _messages;
    private readonly byte[] _buffer = new byte[4096];

    private SocketDeaths(SafeFileDescriptor messages) => _messages = messages;

    /// <summary>The descriptor that can be read when there is one.</summary>
    internal int Number => _messages.Number;

    /// <summary>Messages were lost: there were more than the kernel keeps.</summary>
    internal bool IsIncomplete { get; private set; }

    /// <summary>Begins to listen; null where the kernel has no such messages.</summary>
    internal static SocketDeaths? TryOpen() => SocketEnds.Open(Widen) is { } messages ? new SocketDeaths(messages) : null;

    // Without CAP_NET_ADMIN as far as net.core.rmem_max allows; a small one loses messages sooner, and is told.
    private static Errno Widen(SafeFileDescriptor messages)
    {
        if (SocketOptionCall.Set(messages, SocketOptionCall.LevelSocket, ReceiveBufferForced, BufferBytes) != Errno.None)
            _ = SocketOptionCall.Set(messages, SocketOptionCall.LevelSocket, ReceiveBuffer, BufferBytes);
        return Errno.None;
    }

    /// <summary>Takes those that were told by now.</summary>
    internal void Drain(Action<DiagEntry> visit)
    {
        for (var message = 0; message < MostAtOnce; message++)
        {
            var errno = NetlinkCall.Receive(_messages, _buffer, out var length, out var sender);
            if (errno == Errno.ENOBUFS)
                IsIncomplete = true;
            else if (errno != Errno.None)
                return;
            else if (sender == 0 && length > NetlinkHeader.SizeBytes && DiagEntry.TryParse(
                _buffer.AsSpan(NetlinkHeader.SizeBytes, Math.Min(length, _buffer.Length) - NetlinkHeader.SizeBytes), out var entry))
                visit(entry);
        }
    }

    /// <summary>Waits until one is told, and takes those that are.</summary>
    internal void Await(int microseconds, Action<DiagEntry> visit)
    {
        if (PollCall.WaitUntilReadable(_messages, microseconds))
            Drain(visit);
    }

    /// <summary>
    /// Takes all that are gone by now: the kernel tells later, for each processor in order, so that a
    /// socket of our own, closed on each, marks the end.
    /// </summary>
    internal void DrainToNow(Action<DiagEntry> visit)
    {
        var marks = new HashSet<ulong>();
        AffinityCall.OnEach(() =>
        {
            if (SocketCall.Open(SocketCall.FamilyIPv4, SocketCall.TypeStream, 0, out var mark) == Errno.None
                && SocketOptionCall.Get(mark, SocketOptionCall.LevelSocket, SocketOptionCall.Cookie, out ulong cookie) == Errno.None)
                marks.Add(cookie);
            mark.Dispose();
        });
        // Where messages are lost, a mark may be among them.
        for (var tries = 0; marks.Count > 0 && tries < (IsIncomplete ? LateTries : BarrierTries); tries++)
        {
            _ = PollCall.WaitUntilReadable(_messages, BarrierMicroseconds);
            Drain(entry =>
            {
                _ = marks.Remove(entry.Cookie);
                visit(entry);
            });
        }
        // What another socket's packets still held is told later.
        for (var tries = 0; tries < LateTries && PollCall.WaitUntilReadable(_messages, LateMicroseconds); tries++)
            Drain(visit);
    }

    public void Dispose() => _messages.Dispose();
}

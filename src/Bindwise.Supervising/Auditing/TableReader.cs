using System.Runtime.InteropServices;
using Bindwise.Linux;
using Bindwise.Linux.Netlink;
using Bindwise.Linux.SockDiag;

namespace Bindwise.Supervising.Auditing;

/// <summary>
/// Looks at the socket table (sock_diag(7)) for what no call of the program tells: TIME_WAITs, and the queues of listeners.
/// </summary>
internal sealed class TableReader(NetlinkSocket socket) : IDisposable
{
    private static readonly uint Connected = new[]
    {
        TcpSocketState.Established, TcpSocketState.CloseWait, TcpSocketState.LastAck, TcpSocketState.FinWait1, TcpSocketState.FinWait2,
        TcpSocketState.Closing,
    }.Aggregate(0u, static (mask, state) => mask | DiagRequests.Mask(state));

    /// <summary>Opens it; null where the kernel has no sock_diag.</summary>
    internal static TableReader? TryOpen() =>
        NetlinkSocket.TryOpen(NetlinkSocket.SockDiag, out var socket) == Errno.None && socket is not null ? new TableReader(socket) : null;

    /// <summary>The TIME_WAITs of the network namespace by their cookies, with their local ends.</summary>
    internal Dictionary<ulong, IpEndpoint> TimeWaits() => Ends("TCPDIAG_GETSOCK time-wait", DiagRequests.Mask(TcpSocketState.TimeWait),
        isTimeWait: true);

    /// <summary>The connections of the network namespace by their cookies, with their remote ends, but TIME_WAITs.</summary>
    internal Dictionary<ulong, IpEndpoint> Remotes() => Ends("TCPDIAG_GETSOCK connections", Connected, isTimeWait: false);

    private Dictionary<ulong, IpEndpoint> Ends(string request, uint states, bool isTimeWait)
    {
        Span<byte> room = stackalloc byte[DiagRequests.MaximumBytes];
        var dump = new EndDump([], isTimeWait);
        _ = socket.Exchange(request, DiagRequests.Tcp(room, states, 0), isDump: true, ref dump);
        return dump.Found;
    }

    /// <summary>
    /// Every listener by its cookie: where it listens, how many connections wait, how many may, and how many segments were dropped.
    /// </summary>
    internal Dictionary<ulong, (IpEndpoint Local, uint Waiting, uint Limit, uint? Drops)> Queues()
    {
        Span<byte> room = stackalloc byte[DiagRequests.MaximumBytes];
        var request = DiagRequests.Tcp(room, DiagRequests.Mask(TcpSocketState.Listen), 0);
        MemoryMarshal.AsRef<InetDiagLegacyRequest>(request[NetlinkHeader.SizeBytes..]).Extensions = 1 << (DiagEntry.MemoryAttribute - 1);
        var dump = new QueueDump([]);
        _ = socket.Exchange("TCPDIAG_GETSOCK listeners", request, isDump: true, ref dump);
        return dump.Found;
    }

    public void Dispose() => socket.Dispose();

    // TIME_WAITs with their local ends, or what is no TIME_WAIT with its remote one.
    private readonly record struct EndDump(Dictionary<ulong, IpEndpoint> Found, bool IsTimeWait) : IMessageVisitor
    {
        // Enough to know those that were there before; beyond it the count is too low, never too high.
        private const int Most = 1 << 18;

        public void Visit(in NetlinkMessage message)
        {
            if (Found.Count < Most && DiagEntry.TryParse(message.Payload, out var entry) && entry.IsTimeWaitEntry == IsTimeWait)
                Found[entry.Cookie] = IsTimeWait ? entry.Local : entry.Remote;
        }

        public void Restart() => Found.Clear();
    }

    private readonly struct QueueDump(Dictionary<ulong, (IpEndpoint, uint, uint, uint?)> found) : IMessageVisitor
    {
        private const int Most = 1 << 16;

        internal Dictionary<ulong, (IpEndpoint, uint, uint, uint?)> Found => found;

        public void Visit(in NetlinkMessage message)
        {
            if (found.Count >= Most || !DiagEntry.TryParse(message.Payload, out var entry))
                return;
            found[entry.Cookie] = (entry.Local, entry.Reply.ReceiveQueue, entry.Reply.SendQueue, DiagEntry.Drops(message.Payload));
        }

        public void Restart() => found.Clear();
    }
}

/// <summary>
/// Every TCP and UDP socket of the network namespace that is gone, with both its ends and its cookie, by the kernel's own message
/// (SKNLGRP_INET_TCP_DESTROY and its like, linux/sock_diag.h): so no call of the program has to be trapped for each of its connections.
/// </summary>
internal sealed class SocketDeaths(SafeFileDescriptor messages) : IDisposable
{
    private const int ReceiveBuffer = 8;
    private const int ReceiveBufferForced = 33;
    private const int BufferBytes = 8 * 1024 * 1024;
    private const int MostAtOnce = 16_384;
    private const int BarrierTries = 500;
    private const int BarrierMicroseconds = 10_000;
    private const int LateTries = 50;
    private const int LateMicroseconds = 2_000;

    private readonly byte[] _buffer = new byte[4096];

    /// <summary>The descriptor that can be read when there is one.</summary>
    internal int Number => messages.Number;

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

    internal void Drain(Action<DiagEntry> visit)
    {
        for (var message = 0; message < MostAtOnce; message++)
        {
            var errno = NetlinkCall.Receive(messages, _buffer, out var length, out var sender);
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
        if (PollCall.WaitUntilReadable(messages, microseconds))
            Drain(visit);
    }

    /// <summary>
    /// Takes all that are gone by now: the kernel tells later, for each processor in order, so that a socket of our own, closed on each,
    /// marks the end.
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
            _ = PollCall.WaitUntilReadable(messages, BarrierMicroseconds);
            Drain(entry =>
            {
                _ = marks.Remove(entry.Cookie);
                visit(entry);
            });
        }
        // What another socket's packets still held is told later.
        for (var tries = 0; tries < LateTries && PollCall.WaitUntilReadable(messages, LateMicroseconds); tries++)
            Drain(visit);
    }

    public void Dispose() => messages.Dispose();
}

using System.Runtime.InteropServices;
using Bindwise.Linux.Netlink;
using Bindwise.Linux.SockDiag;

namespace Bindwise.Supervising.Auditing;

/// <summary>
/// Looks at the socket table (sock_diag(7)) for what no call of the program tells: TIME_WAITs, and the queues of listeners.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class TableLook : IDisposable
{
    private static readonly uint Connected = DiagRequests.Mask(TcpSocketState.Established) | DiagRequests.Mask(
        TcpSocketState.CloseWait) | DiagRequests.Mask(TcpSocketState.LastAck)
        | DiagRequests.Mask(TcpSocketState.FinWait1) | DiagRequests.Mask(TcpSocketState.FinWait2) | DiagRequests.Mask(
            TcpSocketState.Closing);

    private readonly NetlinkSocket _socket;

    private TableLook(NetlinkSocket socket) => _socket = socket;

    /// <summary>Opens it; null where the kernel has no sock_diag.</summary>
    internal static TableLook? TryOpen() =>
        NetlinkSocket.TryOpen(NetlinkSocket.SockDiag, out var socket) == Errno.None && socket is not null ? new TableLook(socket) : null;

    /// <summary>The TIME_WAITs of the network namespace by their cookies, with their local ends.</summary>
    internal Dictionary<ulong, IpEndpoint> TimeWaits()
    {
        Span<byte> room = stackalloc byte[DiagRequests.MaximumBytes];
        var dump = new EndDump([], IsTimeWait: true);
        _ = _socket.Exchange("TCPDIAG_GETSOCK time-wait", DiagRequests.Tcp(room, DiagRequests.Mask(TcpSocketState.TimeWait), 0),
            isDump: true, ref dump);
        return dump.Found;
    }

    /// <summary>The connections of the network namespace by their cookies, with their remote ends, but TIME_WAITs.</summary>
    internal Dictionary<ulong, IpEndpoint> Remotes()
    {
        Span<byte> room = stackalloc byte[DiagRequests.MaximumBytes];
        var dump = new EndDump([], IsTimeWait: false);
        _ = _socket.Exchange("TCPDIAG_GETSOCK connections", DiagRequests.Tcp(room, Connected, 0), isDump: true, ref dump);
        return dump.Found;
    }

    /// <summary>
    /// The queue of every listener by its cookie: how many connections wait, how many may, and how many segments were dropped.
    /// </summary>
    internal Dictionary<ulong, (uint Waiting, uint Limit, uint? Drops)> Queues()
    {
        Span<byte> room = stackalloc byte[DiagRequests.MaximumBytes];
        var request = DiagRequests.Tcp(room, DiagRequests.Mask(TcpSocketState.Listen), 0);
        MemoryMarshal.AsRef<InetDiagLegacyRequest>(request[NetlinkHeader.SizeBytes..]).Extensions = 1 << (QueueDump.MemoryAttribute - 1);
        var dump = new QueueDump([]);
        _ = _socket.Exchange("TCPDIAG_GETSOCK listeners", request, isDump: true, ref dump);
        return dump.Found;
    }

    public void Dispose() => _socket.Dispose();

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

    private readonly struct QueueDump(Dictionary<ulong, (uint, uint, uint?)> found) : IMessageVisitor
    {
        /// <summary>INET_DIAG_SKMEMINFO (linux/inet_diag.h).</summary>
        internal const byte MemoryAttribute = 7;

        // SK_MEMINFO_DROPS (linux/sock_diag.h), of numbers of four bytes.
        private const int DropsAt = 8 * sizeof(uint);
        private const int Most = 1 << 16;

        internal Dictionary<ulong, (uint, uint, uint?)> Found => found;

        public void Visit(in NetlinkMessage message)
        {
            if (found.Count >= Most || !DiagEntry.TryParse(message.Payload, out var entry))
                return;
            uint? drops = null;
            var attributes = new NetlinkAttributeReader(message.Payload[InetDiagReply.SizeBytes..]);
            while (attributes.TryNext(out var type, out var value))
            {
                if (type == MemoryAttribute && value.Length >= DropsAt + sizeof(uint))
                    drops = MemoryMarshal.Read<uint>(value[DropsAt..]);
            }
            found[entry.Cookie] = (entry.Reply.ReceiveQueue, entry.Reply.SendQueue, drops);
        }

        public void Restart() => found.Clear();
    }
}

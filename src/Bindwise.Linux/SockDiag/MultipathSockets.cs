using Bindwise.Linux.Netlink;

namespace Bindwise.Linux.SockDiag;

/// <summary>
/// The MPTCP sockets on a port (mptcp_diag, Linux 5.9), to be held against the TCP subflows that the table of TCP shows: a subflow stays
/// ESTABLISHED while its MPTCP socket closes. One that has fallen back to TCP is not among them, and closes as TCP does.
/// </summary>
internal sealed class MultipathSockets
{
    internal const int Limit = 65_536;

    private readonly Dictionary<(IpEndpoint Local, IpEndpoint Remote), DiagEntry> _byEnds = [];

    internal void Add(ReadOnlySpan<byte> payload)
    {
        if (DiagEntry.TryParse(payload, out var entry) && entry.State(Protocol.Tcp) is not (TcpSocketState.Listen or TcpSocketState.Bound)
            && _byEnds.Count < Limit)
            _byEnds[(entry.Local.Unmapped, entry.Remote.Unmapped)] = entry;
    }

    internal void Add(MultipathSockets others)
    {
        foreach (var (ends, entry) in others._byEnds)
            _byEnds[ends] = entry;
    }

    internal void Clear() => _byEnds.Clear();

    /// <summary>Tells the subflows among sockets by the states of their MPTCP sockets, and counts them so.</summary>
    internal Snapshot AddTo(Snapshot snapshot)
    {
        if (_byEnds.Count == 0)
            return snapshot;
        var byInode = new Dictionary<ulong, DiagEntry>();
        foreach (var entry in _byEnds.Values.Where(static entry => entry.Reply.Inode != 0))
            byInode.TryAdd(entry.Reply.Inode, entry);
        foreach (var socket in snapshot.Sockets)
        {
            // Further subflows have other ends, but the inode of the first: also when the socket that had it is closed.
            if (socket.Inode != 0 && IsSubflow(socket)
                && _byEnds.TryGetValue((socket.Local.Unmapped, socket.Remote.Unmapped), out var first))
                byInode.TryAdd(socket.Inode, first);
        }
        var tallies = snapshot.Tallies.ToList();
        var sockets = snapshot.Sockets.Select(socket =>
        {
            if (!IsSubflow(socket) || !(_byEnds.TryGetValue((socket.Local.Unmapped, socket.Remote.Unmapped), out var entry)
                || (socket is { Inode: not 0, IsMultipath: Fact.Yes } && byInode.TryGetValue(socket.Inode, out entry))))
                return socket;
            var corrected = Corrected(socket, entry);
            if (corrected.State != socket.State)
                Move(tallies, socket, corrected);
            return corrected;
        }).ToImmutableArray();
        return snapshot with { Sockets = sockets, Tallies = [.. tallies] };
    }

    /// <summary>A TIME_WAIT entry outlives its MPTCP socket.</summary>
    private static bool IsSubflow(HeldSocket socket) =>
        socket is { Protocol: Protocol.Tcp, UserId: not null, IsConnection: true };

    private static HeldSocket Corrected(HeldSocket socket, in DiagEntry entry) => socket with
    {
        IsMultipath = Fact.Yes,
        State = entry.State(Protocol.Tcp),
        SubflowState = entry.State(Protocol.Tcp) == socket.State ? null : socket.State,
        // Without a file of its own the MPTCP socket is left to the kernel, whatever inode the subflow remembers.
        Inode = entry.Reply.Inode == 0 ? 0 : socket.Inode,
        MillisecondsLeft = entry.OrphanMillisecondsLeft,
    };

    private static void Move(List<SocketTally> tallies, HeldSocket from, HeldSocket to)
    {
        var old = tallies.FindIndex(t => IsOf(t, from));
        if (old < 0)
            return;
        if (tallies[old].Count > 1)
            tallies[old] = tallies[old] with { Count = tallies[old].Count - 1 };
        else
            tallies.RemoveAt(old);
        var at = tallies.FindIndex(t => IsOf(t, to));
        if (at < 0)
            tallies.Add(new SocketTally(to.State, to.Family, to.Local.Address, to.DeviceIndex, 1, to.MillisecondsLeft));
        else
            tallies[at] = tallies[at] with
            {
                Count = tallies[at].Count + 1,
                MillisecondsLeft = Longest(tallies[at].MillisecondsLeft, to.MillisecondsLeft)
            };
    }

    private static bool IsOf(SocketTally tally, HeldSocket socket) =>
        (tally.State, tally.Family, tally.Local, tally.DeviceIndex) == (socket.State, socket.Family, socket.Local.Address,
            socket.DeviceIndex);

    private static int? Longest(int? one, int? other) => one is null ? other : other is null ? one : Math.Max(one.Value, other.Value);

}

internal readonly struct MultipathDump(MultipathSockets sockets) : IMessageVisitor
{
    public void Visit(in NetlinkMessage message) => sockets.Add(message.Payload);

    public void Restart() => sockets.Clear();
}

/// <summary>
/// Finds the other ends of connections as far as they stand on this host, each by one exact question of some three
/// microseconds: a filter for "this port at the far end" would copy every connection to a busy service.
/// </summary>
internal static class MirrorSearch
{
    /// <summary>So many connections are asked about whose ends look like this host's.</summary>
    internal const int MaximumLikely = 1024;

    /// <summary>So many of the others: a client may have bound any address of the host.</summary>
    internal const int MaximumUnlikely = 256;

    /// <summary>Loopback, by which all traffic within the host goes; its index is 1 in every network namespace.</summary>
    internal const uint Loopback = 1;

    /// <summary>Appends the mirrors of the sockets from <paramref name="first"/> on that do not stand in the list yet.</summary>
    internal static void Append(NetlinkSocket netlink, List<HeldSocket> sockets, int first)
    {
        var end = sockets.Count;
        var (likely, unlikely) = (0, 0);
        HashSet<ulong>? known = null;
        for (var i = first; i < end; i++)
        {
            var socket = sockets[i];
            // After a TIME_WAIT the other end is gone; of a connection with itself it is the same socket.
            if (socket.Remote.Port == 0 || socket.State is TcpSocketState.TimeWait or TcpSocketState.Listen
                || socket.Local == socket.Remote)
                continue;
            var isLikely = socket.Remote.Address.IsLoopback || socket.Remote.Address == socket.Local.Address;
            if (isLikely ? likely++ >= MaximumLikely : unlikely++ >= MaximumUnlikely)
                continue;
            known ??= [.. sockets.Skip(first).Select(static listed => listed.Cookie)];
            if (Find(netlink, socket.Remote.Unmapped, socket.Local.Unmapped, Loopback) is { } mirror && known.Add(mirror.Cookie))
                sockets.Add(mirror);
        }
    }

    /// <summary>One connection by its two ends, with IPv4 as IPv4; null when it is not there.</summary>
    /// <param name="device">Where its packets come in; a socket that is bound to another device is passed over.</param>
    internal static HeldSocket? Find(NetlinkSocket netlink, IpEndpoint local, IpEndpoint remote, uint device)
    {
        Span<byte> room = stackalloc byte[DiagRequests.MaximumBytes];
        var answer = new Answer();
        var request = DiagRequests.TcpOne(room, local.Address.Family, local, remote, device);
        var outcome = netlink.Exchange("SOCK_DIAG_BY_FAMILY TCP", request, isDump: false, ref answer);
        // A listener may come in place of a connection that is gone.
        return outcome.IsComplete && answer.Entry is { } entry && entry.Local.Unmapped == local && entry.Remote.Unmapped == remote
            ? entry.ToHeldSocket(Protocol.Tcp)
            : null;
    }

    /// <summary>
    /// Whether a connection to an address and port of this host would find a listener; null where the kernel does not tell.
    /// </summary>
    internal static bool? HasListener(NetlinkSocket netlink, IpEndpoint local)
    {
        Span<byte> room = stackalloc byte[DiagRequests.MaximumBytes];
        var answer = new Answer();
        var nobody = new IpEndpoint(local.Address.Family == IpFamily.IPv4 ? IpAddress.AnyIPv4 : IpAddress.AnyIPv6, 0);
        var request = DiagRequests.TcpOne(room, local.Address.Family, local, nobody, local.Address.IsLoopback ? Loopback : 0);
        var outcome = netlink.Exchange("SOCK_DIAG_BY_FAMILY TCP", request, isDump: false, ref answer);
        return outcome.Errno == Errno.ENOENT ? false
            : outcome.IsComplete && answer.Entry is { } entry ? entry.State(Protocol.Tcp) == TcpSocketState.Listen
            : null;
    }

    /// <summary>One end may be an IPv6 socket with a mapped address, the other an IPv4 socket.</summary>

    private struct Answer : IMessageVisitor
    {
        internal DiagEntry? Entry { get; private set; }

        public void Visit(in NetlinkMessage message) => Entry = DiagEntry.TryParse(message.Payload, out var entry) ? entry : null;

        public void Restart() => Entry = null;
    }
}

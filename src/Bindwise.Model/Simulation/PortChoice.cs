using Bindwise.Model.Rules;

namespace Bindwise.Model.Simulation;

/// <summary>Which ports the kernel tries when it has the choice. Where it draws lots among equals, this goes round.</summary>
internal sealed class PortChoice(SimulatedSystem system)
{
    /// <summary>Where the next search begins: even, so that TCP's parities hold.</summary>
    private int _next;

    /// <summary>
    /// bind() to port 0: odd offsets first, then even ones; the lower half first with SO_REUSEADDR.
    /// Source: inet_csk_find_open_port(), net/ipv4/inet_connection_sock.c.
    /// </summary>
    /// <returns>The port and the rule that lets it; port 0 when none is free.</returns>
    public (ushort Port, Rule Rule) ForBind(SimulatedSocket socket, in AskingSocket want)
    {
        var (first, count, _) = RangeOf(socket);
        foreach (var way in (ReadOnlySpan<PortWay>)(system.Settings.AutobindReuse ? [PortWay.Searched, PortWay.SearchedAgain]
            : [PortWay.Searched]))
        {
            // Half of fewer than four is none.
            var half = socket.ReuseAddress ? count >> 2 << 1 : 0;
            var port = half == 0
                ? SearchForBind(first, count, want, way)
                : SearchForBind(first, half, want, way) is var lower and not 0 ? lower
                    : SearchForBind(first + half, count - half, want, way);
            if (port != 0)
                return (port, way == PortWay.SearchedAgain ? RuleBook.AutobindReuse : RuleBook.EphemeralPortFree);
        }
        return (0, RuleBook.EphemeralPortsExhausted);
    }

    /// <summary>
    /// connect() without a port: even offsets first; with IP_LOCAL_PORT_RANGE one after the other.
    /// Source: __inet_hash_connect(), net/ipv4/inet_hashtables.c.
    /// </summary>
    /// <param name="isFree">Whether the port can carry this connection.</param>
    /// <returns>The port; 0 when none is free.</returns>
    public ushort ForConnect(SimulatedSocket socket, Func<ushort, bool> isFree)
    {
        var (first, count, isLocal) = RangeOf(socket);
        if (isLocal && system.Kernel.Has(KernelChanges.OwnRangeOneByOne))
            return Search(first, _next, count, 1, isFree);
        count = WithoutLastOfOdd(count);
        return Search(first, _next, count, 2, isFree) is var even and not 0 ? even : Search(first, 1, count, 2, isFree);
    }

    /// <summary>UDP: any port of the range (udp_lib_get_port()).</summary>
    /// <returns>The port and the rule that lets it; port 0 when none is free.</returns>
    public (ushort Port, Rule Rule) ForUdp(SimulatedSocket socket, AskingSocket want)
    {
        var (first, count, _) = RangeOf(socket);
        var port = Search(first, _next, count, 1, candidate => IsFreeForUdp(candidate, want with { Port = candidate }));
        return (port, port == 0 ? RuleBook.EphemeralPortsExhausted : RuleBook.EphemeralPortFree);
    }

    /// <summary>No single socket may be in the way: unlike with a named port, none that shares ends the walk.</summary>
    private bool IsFreeForUdp(ushort port, in AskingSocket want)
    {
        if (system.UdpPortOf(port) is not { } list)
            return true;
        foreach (var (_, traits) in list.Sockets)
        {
            if (PairRules.Settle(want, traits).Ruling.Conflicts)
                return false;
        }
        return true;
    }

    private ushort SearchForBind(int first, int ports, in AskingSocket asked, PortWay way)
    {
        var want = asked;
        bool IsFree(ushort port) =>
            system.TcpPortOf(port) is not { } found || found.Bucket.Decide(want with { Port = port }, null, way).Outcome == Outcome.Allowed;
        var count = WithoutLastOfOdd(ports);
        return Search(first, _next | 1, count, 2, IsFree) is var odd and not 0 ? odd : Search(first, 0, count, 2, IsFree);
    }

    /// <summary>TCP searches an even number of ports, or a single one.</summary>
    private static int WithoutLastOfOdd(int count) => Math.Max(count & ~1, 1);

    /// <summary>From an offset on, in steps, around the end.</summary>
    private ushort Search(int first, int offset, int count, int step, Func<ushort, bool> isFree)
    {
        for (var tried = 0; tried < count; tried += step)
        {
            var port = (ushort)(first + (offset + tried) % count);
            if (system.Settings.IsReserved(port) || system.Avoided.Contains(port) || !isFree(port))
                continue;
            _next += 2;
            return port;
        }
        return 0;
    }

    /// <summary>The range, and whether the socket has its own (inet_sk_get_local_port_range()).</summary>
    private (int First, int Count, bool IsLocal) RangeOf(SimulatedSocket socket)
    {
        var range = system.Settings.LocalPorts;
        var (own, ownLast) = socket.PortRange;
        var first = range.Contains(own) ? own : range.First;
        var last = range.Contains(ownLast) ? ownLast : range.Last;
        return (first, last - first + 1, own != 0 || ownLast != 0);
    }
}

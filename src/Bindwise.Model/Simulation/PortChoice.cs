using Bindwise.Model.Rules;

namespace Bindwise.Model.Simulation;

/// <summary>Which ports the kernel tries when it has the choice. Where it draws lots among equals, this goes round.</summary>
/// <param name="system">The tables.</param>
internal sealed class PortChoice(SimulatedSystem system)
{
    private int _next;

    /// <summary>
    /// bind() to port 0: odd offsets first, then even ones; the lower half first with SO_REUSEADDR.
    /// Source: inet_csk_find_open_port(), net/ipv4/inet_connection_sock.c.
    /// </summary>
    /// <returns>The port and the rule that lets it; port 0 when none is free.</returns>
    public (ushort Port, Rule Rule) ForBind(SimulatedSocket socket, in AskingSocket want)
    {
        var (first, end, _) = RangeOf(socket);
        foreach (var way in (ReadOnlySpan<PortWay>)(system.Settings.AutobindReuse ? [PortWay.Searched, PortWay.SearchedAgain] : [PortWay.Searched]))
        {
            var half = socket.ReuseAddress && end - first >= 4 ? first + ((end - first) >> 2 << 1) : first;
            var port = half == first
                ? SearchForBind(first, end, want, way)
                : SearchForBind(first, half, want, way) is var lower and not 0 ? lower : SearchForBind(half, end, want, way);
            if (port != 0)
                return (port, way == PortWay.SearchedAgain ? RuleBook.AutobindReuse : RuleBook.EphemeralPortFree);
        }
        return (0, RuleBook.EphemeralPortsExhausted);
    }

    /// <summary>
    /// connect() without a port: even offsets first; with IP_LOCAL_PORT_RANGE one after the other.
    /// Source: __inet_hash_connect(), net/ipv4/inet_hashtables.c.
    /// </summary>
    /// <param name="socket">The socket.</param>
    /// <param name="isFree">Whether the port can carry this connection.</param>
    /// <returns>The port; 0 when none is free.</returns>
    public ushort ForConnect(SimulatedSocket socket, Func<ushort, bool> isFree)
    {
        var (first, end, isLocal) = RangeOf(socket);
        var count = end - first;
        if (!isLocal && count > 1)
            count &= ~1;
        if (isLocal)
            return Search(first, first + _next % count, end, count, 1, isFree);
        var port = Search(first, first + (_next % count & ~1), end, count, 2, isFree);
        return port != 0 || count == 1 ? port : Search(first, first + 1, end, count, 2, isFree);
    }

    /// <summary>UDP: any port of the range (udp_lib_get_port()).</summary>
    /// <returns>The port and the rule that lets it; port 0 when none is free.</returns>
    public (ushort Port, Rule Rule) ForUdp(SimulatedSocket socket, AskingSocket want)
    {
        var (first, end, _) = RangeOf(socket);
        var port = Search(first, first + _next % (end - first), end, end - first, 1, candidate => IsFreeForUdp(candidate, want with { Port = candidate }));
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

    private ushort SearchForBind(int first, int end, in AskingSocket asked, PortWay way)
    {
        var want = asked;
        bool IsFree(ushort port) => system.TcpPortOf(port) is not { } found || found.Bucket.Decide(want with { Port = port }, null, way).Outcome == Outcome.Allowed;
        var count = end - first;
        if (count > 1)
            count &= ~1;
        // One port alone has offset 0, which the kernel reaches by its wrap-around.
        if (count <= 1)
            return Search(first, first, end, count, 2, IsFree);
        var odd = Search(first, first + (_next % count | 1), end, count, 2, IsFree);
        return odd != 0 ? odd : Search(first, first, end, count, 2, IsFree);
    }

    /// <summary>From a start on, in steps, around the end.</summary>
    private ushort Search(int first, int start, int end, int count, int step, Func<ushort, bool> isFree)
    {
        var last = first + count;
        var port = start;
        for (var tried = 0; tried < count; tried += step, port += step)
        {
            if (port >= last)
                port -= count;
            if (port >= end || system.Settings.IsReserved(port) || system.Avoided.Contains((ushort)port) || !isFree((ushort)port))
                continue;
            _next = unchecked((_next + 2) & 0xffff);
            return (ushort)port;
        }
        return 0;
    }

    /// <summary>The range, its end excluded, and whether the socket has its own (inet_sk_get_local_port_range()).</summary>
    private (int First, int End, bool IsLocal) RangeOf(SimulatedSocket socket)
    {
        var (first, last) = (system.Settings.LocalPorts.First, system.Settings.LocalPorts.Last);
        var (own, ownLast) = socket.PortRange;
        var (isLow, isHigh) = (first <= own && own <= last, first <= ownLast && ownLast <= last);
        return (isLow ? own : first, (isHigh ? ownLast : last) + 1, own != 0 || ownLast != 0);
    }
}

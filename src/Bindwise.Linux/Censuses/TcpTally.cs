using System.Runtime.InteropServices;
using Bindwise.Linux.Netlink;
using Bindwise.Linux.SockDiag;
using Bindwise.Model.Events;

namespace Bindwise.Linux.Censuses;

/// <summary>
/// Counts the TCP sockets of a dump: by state, TIME_WAIT by port, other connections by port, and the ephemeral ports by destination.
/// The tables are made once and used for each look.
/// </summary>
/// <param name="listed">Takes the listening and bound sockets.</param>
/// <param name="most">So many ports with TIME_WAITs and so many destinations are shown, those with the most.</param>
internal sealed class TcpTally(FollowedSockets listed, int most)
{
    private const int Ports = ushort.MaxValue + 1;
    private const int States = 16;

    private readonly int[] _states = new int[States];
    private readonly int[] _timeWaits = new int[Ports];
    private readonly int[] _timeLeft = new int[Ports];
    private readonly Connections[] _connections = new Connections[Ports];
    private readonly int[] _listeners = new int[Ports];
    private readonly Dictionary<IpEndpoint, Connections> _contested = [];
    private readonly ListenerSlots _slots = new();
    private readonly List<Connections> _taken = [];
    private readonly DestinationCounter _destinations = new([], [], null);
    private (int First, int Last) _range;

    internal void Begin(int firstEphemeral, int lastEphemeral)
    {
        _range = (firstEphemeral, lastEphemeral);
        Clear();
        listed.BeginDump();
    }

    internal void Restart()
    {
        Clear();
        listed.RestartDump();
    }

    internal void Add(ReadOnlySpan<byte> payload)
    {
        if (!DiagEntry.TryReadFixedPart(payload, out var reply))
            return;
        var entry = new DiagEntry { Reply = reply };
        var state = entry.State(Protocol.Tcp);
        if ((int)state >= States)
            return;
        _states[(int)state]++;
        int port = entry.LocalPort;
        switch (state)
        {
            case TcpSocketState.Listen:
                _listeners[port]++;
                listed.Take(Protocol.Tcp, entry, payload);
                return;
            case TcpSocketState.Bound:
                listed.Take(Protocol.Tcp, entry, payload);
                return;
            case TcpSocketState.TimeWait:
                _timeWaits[port]++;
                _timeLeft[port] = Math.Max(_timeLeft[port], entry.MillisecondsLeft ?? 0);
                break;
            case TcpSocketState.NewSynReceived:
                CountConnection(entry, port);
                return;
            default:
                CountConnection(entry, port);
                listed.TakeConnected(entry, payload);
                break;
        }
        // A connection that a listener took has the listener's port, which connect() is never given; the listeners come first in a dump.
        if (port >= _range.First && port <= _range.Last && entry.RemotePort != 0 && _listeners[port] == 0)
            _destinations.Add(entry);
    }

    internal ImmutableArray<StateCount> CountStates() => StateCounts.Of(_states);

    /// <summary>The ports with the most TIME_WAITs.</summary>
    internal ImmutableArray<PortTimeWaits> CountTimeWaits()
    {
        var found = new List<PortTimeWaits>();
        var least = 1;
        for (var port = 0; port < Ports; port++)
        {
            if (_timeWaits[port] < least)
                continue;
            found.Add(new PortTimeWaits((ushort)port, _timeWaits[port], _timeLeft[port]));
            if (found.Count < 2 * most)
                continue;
            Sort(found);
            found.RemoveRange(most, found.Count - most);
            least = found[^1].Count + 1;
        }
        Sort(found);
        return [.. found.Take(most)];
    }

    /// <summary>Where the connections of the ephemeral range lead, the most first.</summary>
    /// <param name="omitted">The ports of those beyond.</param>
    internal ImmutableArray<Model.Events.CensusDestination> CountDestinations(out int omitted)
    {
        var shown = _destinations.Finish(most);
        omitted = _destinations.CountAll() - shown.Sum(static one => one.Count);
        // From two local addresses the same ports may be used twice: the fuller one decides.
        return [.. shown.GroupBy(static one => one.Remote).Select(static ways => ways.MaxBy(static one => one.Count)!)
            .Select(static one => new Model.Events.CensusDestination(one.Remote, one.Count, one.TimeWait))];
    }

    /// <summary>Gives each listening address the connections that it took. Of sockets that share one, the first has all of them.</summary>
    internal void ShareConnections()
    {
        _slots.Clear();
        foreach (var one in listed.Current)
        {
            if (IsListener(one.Socket))
                _slots.Add(one.Socket);
        }
        _taken.Clear();
        CollectionsMarshal.SetCount(_taken, _slots.Count);
        CollectionsMarshal.AsSpan(_taken).Clear();
        foreach (var (local, count) in _contested)
        {
            if (_slots.Find(local) is >= 0 and var slot)
                _taken[slot] += count;
        }
        foreach (var one in listed.Current)
        {
            if (!IsListener(one.Socket))
                continue;
            ref var taken = ref CollectionsMarshal.AsSpan(_taken)[_slots.Find(one.Socket.Local)];
            (one.Connections, one.FromOutside) = _listeners[one.Socket.Local.Port] == 1 ? _connections[one.Socket.Local.Port] : taken;
            taken = default;
        }
    }

    private static bool IsListener(HeldSocket socket) => socket is { Protocol: Protocol.Tcp, State: TcpSocketState.Listen };

    private void CountConnection(in DiagEntry entry, int port)
    {
        // In a dump the listeners come first (tcp_diag's walk, net/ipv4/inet_diag.c).
        if (_listeners[port] == 0)
            return;
        var one = new Connections(1, entry.Remote.Address.IsLoopback ? 0 : 1);
        _connections[port] += one;
        if (_listeners[port] > 1)
            CollectionsMarshal.GetValueRefOrAddDefault(_contested, entry.Local, out _) += one;
    }

    private void Clear()
    {
        Array.Clear(_states);
        Array.Clear(_timeWaits);
        Array.Clear(_timeLeft);
        Array.Clear(_connections);
        Array.Clear(_listeners);
        _contested.Clear();
        _destinations.Clear();
    }

    private static void Sort(List<PortTimeWaits> found) =>
        found.Sort(static (one, other) => (other.Count, one.Port).CompareTo((one.Count, other.Port)));

    /// <param name="FromOutside">Those that do not come from loopback.</param>
    private readonly record struct Connections(int All, int FromOutside)
    {
        public static Connections operator +(Connections one, Connections other) =>
            new(one.All + other.All, one.FromOutside + other.FromOutside);
    }
}

internal readonly struct TcpCensusDump(TcpTally tally) : IMessageVisitor
{
    public void Visit(in NetlinkMessage message) => tally.Add(message.Payload);

    public void Restart() => tally.Restart();
}

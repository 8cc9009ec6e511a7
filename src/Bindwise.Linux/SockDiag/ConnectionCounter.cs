using Bindwise.Linux.Netlink;
using Bindwise.Model.Listing;

namespace Bindwise.Linux.SockDiag;

/// <summary>
/// Counts the connections of a dump by the listening address that accepted them, and by state, into tables made beforehand: nothing is
/// allocated for a socket. A dump is no snapshot: a connection that changes its state meanwhile may count twice.
/// </summary>
internal sealed class ConnectionCounter
{
    private const int States = 16;
    private const int Ports = ushort.MaxValue + 1;
    private const int PortsOfPart = 256;

    private readonly Protocol _protocol;

    private readonly ListenerSlots _slots = new();

    // By port, in parts by its upper byte, each made with its first connection.
    private readonly int[]?[]? _rest;

    // The same, of each port one socket that a process may have.
    private readonly uint[]?[] _inodes = [];

    private readonly int[] _counts;
    private readonly int[] _outside;

    /// <param name="listeners">The listening (UDP: unconnected) sockets.</param>
    /// <param name="withRest">Counts the connections of ports without a listener as well, by port.</param>
    internal ConnectionCounter(Protocol protocol, IEnumerable<HeldSocket> listeners, bool withRest)
    {
        _protocol = protocol;
        foreach (var listener in listeners)
        {
            if (listener.Protocol == protocol && (listener.State == TcpSocketState.Listen || protocol == Protocol.Udp))
                _slots.Add(listener);
        }
        _counts = new int[_slots.Count * States];
        _outside = new int[_slots.Count];
        if (!withRest)
            return;
        _rest = new int[]?[Ports / PortsOfPart];
        _inodes = new uint[]?[Ports / PortsOfPart];
    }

    /// <summary>Takes one message's payload; whatever is no connection is left out.</summary>
    internal void Add(ReadOnlySpan<byte> payload)
    {
        if (!DiagEntry.TryReadFixedPart(payload, out var reply))
            return;
        var entry = new DiagEntry { Reply = reply };
        var state = (int)entry.State(_protocol);
        if (state is (int)TcpSocketState.Listen or (int)TcpSocketState.Bound or (int)TcpSocketState.Close or >= States)
            return;
        var slot = _slots.Find(entry.Local);
        if (slot < 0)
        {
            if (_rest is null)
                return;
            RestOf(entry.LocalPort)[state]++;
            if (entry.Reply.Inode != 0)
                InodeOf(entry.LocalPort) = entry.Reply.Inode;
            return;
        }
        _counts[(slot * States) + state]++;
        if (state != (int)TcpSocketState.TimeWait && !entry.Remote.Address.IsLoopback)
            _outside[slot]++;
    }

    internal void Clear()
    {
        Array.Clear(_counts);
        Array.Clear(_outside);
        if (_rest is not null)
            Array.Clear(_rest);
        Array.Clear(_inodes);
    }

    internal IEnumerable<ConnectionTally> Finish()
    {
        for (var slot = 0; slot < _slots.Count; slot++)
        {
            if (StateCounts.Of(_counts.AsSpan(slot * States, States)) is { IsEmpty: false } states)
                yield return new ConnectionTally(_protocol, _slots[slot].Port, _slots[slot].Address,
                    states)
                { FromOutside = _outside[slot] };
        }
        for (var port = 0; _rest is not null && port < Ports; port++)
        {
            if (_rest[port / PortsOfPart] is not null && StateCounts.Of(RestOf(port)) is { IsEmpty: false } states)
                yield return new ConnectionTally(_protocol, (ushort)port, null, states) { Inode = InodeOf(port) };
        }
    }

    private Span<int> RestOf(int port) =>
        (_rest![port / PortsOfPart] ??= new int[PortsOfPart * States]).AsSpan(port % PortsOfPart * States, States);

    private ref uint InodeOf(int port) => ref (_inodes[port / PortsOfPart] ??= new uint[PortsOfPart])[port % PortsOfPart];
}

internal readonly struct ConnectionDump(ConnectionCounter counter) : IMessageVisitor
{
    public void Visit(in NetlinkMessage message) => counter.Add(message.Payload);

    public void Restart() => counter.Clear();
}

/// <summary>
/// Feeds the bound sockets of a TCP dump to the filter, and the connections to the counter: one walk of the kernel's tables for both.
/// </summary>
internal readonly struct TcpListingDump(SocketPortFilter filter, Lazy<ConnectionCounter> counter) : IMessageVisitor
{
    public void Visit(in NetlinkMessage message)
    {
        if (!DiagEntry.TryReadFixedPart(message.Payload, out var reply))
            return;
        if (new DiagEntry { Reply = reply }.State(Protocol.Tcp) == TcpSocketState.Bound)
            filter.Add(Protocol.Tcp, message.Payload);
        else
            counter.Value.Add(message.Payload);
    }

    public void Restart()
    {
        filter.Restart();
        if (counter.IsValueCreated)
            counter.Value.Clear();
    }
}

/// <summary>
/// Takes the bound UNIX sockets of a dump into a list: those that listen, and named ones of datagrams. Connections, which bear their
/// listener's name, are counted by it.
/// </summary>
internal sealed class UnixNames
{
    private const byte Datagram = 2;

    private readonly Dictionary<string, int> _connections = new(StringComparer.Ordinal);

    internal List<HeldSocket> Sockets { get; } = [];

    /// <summary>More than <see cref="SocketDump.MaximumSockets"/> were there.</summary>
    internal bool IsCut { get; private set; }

    internal void Add(ReadOnlySpan<byte> payload)
    {
        if (!UnixDump.TryParse(payload, out var entry) || entry.Name.IsEmpty)
            return;
        if ((TcpSocketState)entry.Reply.State == TcpSocketState.Established && entry.Reply.Type != Datagram)
        {
            var path = entry.ToHeldSocket(default).Path!;
            _connections[path] = _connections.GetValueOrDefault(path) + 1;
        }
        else if (Sockets.Count < SocketDump.MaximumSockets)
            Sockets.Add(entry.ToHeldSocket(default));
        else
            IsCut = true;
    }

    internal void Clear()
    {
        Sockets.Clear();
        _connections.Clear();
        IsCut = false;
    }

    internal IEnumerable<ConnectionTally> Finish() => _connections
        .Select(static pair =>
            new ConnectionTally(Protocol.Unix, 0, null, [new StateCount(TcpSocketState.Established, pair.Value)]) { Path = pair.Key });
}

internal readonly struct UnixNamesDump(UnixNames names) : IMessageVisitor
{
    public void Visit(in NetlinkMessage message) => names.Add(message.Payload);

    public void Restart() => names.Clear();
}

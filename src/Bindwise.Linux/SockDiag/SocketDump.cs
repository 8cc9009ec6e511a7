using Bindwise.Linux.Netlink;

namespace Bindwise.Linux.SockDiag;

/// <summary>Takes every socket of a narrow dump into the caller's list, in the kernel's order, each once.</summary>
/// <param name="port">The local port: kernels that do not filter send others too; null for any.</param>
internal struct SocketDump(Protocol protocol, ushort? port, List<HeldSocket> sockets) : IMessageVisitor
{
    private readonly int _before = sockets.Count;

    /// <summary>A dump is no snapshot: a socket that moves may come twice, told by its cookie.</summary>
    private readonly HashSet<ulong> _seen = [];

    /// <summary>More sockets than this on one port are not taken.</summary>
    internal const int MaximumSockets = 1 << 16;

    /// <summary>Sockets beyond <see cref="MaximumSockets"/> were left out.</summary>
    internal bool IsCut { get; private set; }

    public void Visit(in NetlinkMessage message)
    {
        if (!DiagEntry.TryParse(message.Payload, out var entry))
            return;
        if (port is { } only && entry.LocalPort != only)
            return;
        if (!_seen.Add(entry.Cookie))
            return;
        if (_seen.Count > MaximumSockets)
            IsCut = true;
        else
            sockets.Add(entry.ToHeldSocket(protocol));
    }

    public void Restart()
    {
        sockets.RemoveRange(_before, sockets.Count - _before);
        _seen.Clear();
        IsCut = false;
    }
}

/// <summary>Takes every socket of a namespace into the caller's list; one that comes twice in the same state counts once.</summary>
internal struct WholeDump(Protocol protocol, List<HeldSocket> sockets) : IMessageVisitor
{
    private readonly int _before = sockets.Count;
    private readonly HashSet<(ulong Cookie, TcpSocketState State)> _seen = [];

    /// <inheritdoc cref="SocketDump.IsCut"/>
    internal bool IsCut { get; private set; }

    public void Visit(in NetlinkMessage message)
    {
        if (!DiagEntry.TryParse(message.Payload, out var entry) || _seen.Contains((entry.Cookie, entry.State(protocol))))
            return;
        if (_seen.Count >= SocketDump.MaximumSockets)
            IsCut = true;
        else if (_seen.Add((entry.Cookie, entry.State(protocol))))
            sockets.Add(entry.ToHeldSocket(protocol));
    }

    public void Restart()
    {
        sockets.RemoveRange(_before, sockets.Count - _before);
        _seen.Clear();
        IsCut = false;
    }
}

/// <summary>
/// Takes the sockets of a listing out of dumps: those of certain ports and states, each once in each of its states, and no more than so
/// many. What is not wanted costs no allocation.
/// </summary>
/// <param name="ports">The local ports; empty for all.</param>
/// <param name="states">The states as a mask (<see cref="DiagRequests.Mask"/>).</param>
internal sealed class SocketPortFilter(ImmutableArray<PortRange> ports, uint states, int maximum)
{
    private readonly HashSet<(ulong Cookie, TcpSocketState State)> _seen = [];
    private int _before;
    private int _omittedBefore;

    internal List<HeldSocket> Sockets { get; } = [];
    internal int Omitted { get; private set; }

    /// <summary>Only this local port; 0 when several are wanted, or all.</summary>
    internal ushort OnlyPort => ports is [var one] && one.First == one.Last ? (ushort)one.First : (ushort)0;

    /// <summary>The states to ask for: the kernel tells a request for a connection as SYN_RECV, and CLOSE of UDP and UNIX alone.</summary>
    internal uint AskedStates =>
        (states & DiagRequests.Mask(TcpSocketState.NewSynReceived)) == 0 ? states : states | DiagRequests.Mask(TcpSocketState.SynReceived);

    /// <summary>Begins with another dump: what it gives can be void.</summary>
    internal void Begin()
    {
        _seen.Clear();
        (_before, _omittedBefore) = (Sockets.Count, Omitted);
    }

    internal void Add(Protocol protocol, ReadOnlySpan<byte> payload)
    {
        if (!DiagEntry.TryReadFixedPart(payload, out var reply))
            return;
        var plain = new DiagEntry { Reply = reply };
        if (!IsWanted(plain.State(protocol)) || !IsWanted(plain.LocalPort) || !_seen.Add((plain.Cookie, plain.State(protocol))))
            return;
        if (Sockets.Count >= maximum)
            Omitted++;
        else if (DiagEntry.TryParse(payload, out var entry))
            Sockets.Add(entry.ToHeldSocket(protocol));
    }

    /// <summary>Takes a UNIX socket; one has no port.</summary>
    internal void AddUnix(ReadOnlySpan<byte> payload)
    {
        if (!ports.IsEmpty || !UnixDump.TryParse(payload, out var entry) || !IsWanted((TcpSocketState)entry.Reply.State))
            return;
        if (Sockets.Count >= maximum)
            Omitted++;
        else
            Sockets.Add(entry.ToHeldSocket(default));
    }

    internal void Restart()
    {
        Sockets.RemoveRange(_before, Sockets.Count - _before);
        Omitted = _omittedBefore;
        _seen.Clear();
    }

    private bool IsWanted(TcpSocketState state) => (byte)state < 32 && (states & DiagRequests.Mask(state)) != 0;

    private bool IsWanted(ushort port)
    {
        if (ports.IsEmpty)
            return true;
        foreach (var range in ports)
        {
            if (port >= range.First && port <= range.Last)
                return true;
        }
        return false;
    }
}

internal readonly struct FilteredDump(Protocol protocol, SocketPortFilter filter) : IMessageVisitor
{
    public void Visit(in NetlinkMessage message)
    {
        if (protocol == Protocol.Unix)
            filter.AddUnix(message.Payload);
        else
            filter.Add(protocol, message.Payload);
    }

    public void Restart() => filter.Restart();
}

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

    public readonly void Restart()
    {
        sockets.RemoveRange(_before, sockets.Count - _before);
        _seen.Clear();
    }
}

/// <summary>Takes every socket of a small namespace into the caller's list; one that comes twice in the same state counts once.</summary>
internal struct WholeDump(Protocol protocol, List<HeldSocket> sockets) : IMessageVisitor
{
    private readonly int _before = sockets.Count;
    private readonly HashSet<(ulong Cookie, TcpSocketState State)> _seen = [];

    public readonly void Visit(in NetlinkMessage message)
    {
        if (DiagEntry.TryParse(message.Payload, out var entry) && _seen.Count < SocketDump.MaximumSockets
            && _seen.Add((entry.Cookie, entry.State(protocol))))
        {
            sockets.Add(entry.ToHeldSocket(protocol));
        }
    }

    public readonly void Restart()
    {
        sockets.RemoveRange(_before, sockets.Count - _before);
        _seen.Clear();
    }
}

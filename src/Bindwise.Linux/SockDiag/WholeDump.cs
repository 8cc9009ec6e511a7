using Bindwise.Linux.Netlink;
using Bindwise.Model.Addresses;
using Bindwise.Model.Sockets;

namespace Bindwise.Linux.SockDiag;

/// <summary>Takes every socket of a small namespace into the caller's list; one that comes twice in the same state counts once.</summary>
/// <param name="protocol">TCP or UDP.</param>
/// <param name="sockets">Where to.</param>
internal struct WholeDump(Protocol protocol, List<HeldSocket> sockets) : IMessageVisitor
{
    private readonly int _before = sockets.Count;
    private readonly HashSet<(ulong Cookie, TcpState State)> _seen = [];

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

using Bindwise.Model.Addresses;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Diagnosing.Causes;

/// <summary>Who sent the first FIN, read from the states (RFC 9293 §3.6).</summary>
internal static class CloseOrder
{
    /// <summary>The end that closed first, over the sockets in the way; null when none was closed, or they differ.</summary>
    public static ClosedFirst? Of(IReadOnlyList<HeldSocket> inTheWay, IReadOnlyList<HeldSocket> table)
    {
        ClosedFirst? answer = null;
        foreach (var socket in inTheWay)
        {
            if (OfOne(socket, table) is not { } one)
                continue;
            if (answer is { } earlier && earlier != one)
                return null;
            answer = one;
        }
        return answer;
    }

    private static ClosedFirst? OfOne(HeldSocket socket, IReadOnlyList<HeldSocket> table) => (socket.Protocol, socket.State) switch
    {
        (not Protocol.Tcp, _) => null,
        (_, TcpState.FinWait1 or TcpState.FinWait2) => ClosedFirst.Local,
        (_, TcpState.TimeWait) => PeerWaitsToo(socket, table) ? ClosedFirst.Both : ClosedFirst.Local,
        (_, TcpState.Closing) => ClosedFirst.Both,
        (_, TcpState.CloseWait or TcpState.LastAck) => ClosedFirst.Remote,
        _ => null,
    };

    /// <summary>TIME_WAIT at both ends: the FINs crossed. To be seen only when the peer is on this host.</summary>
    private static bool PeerWaitsToo(HeldSocket socket, IReadOnlyList<HeldSocket> table)
    {
        foreach (var other in table)
        {
            if (other.State == TcpState.TimeWait && other != socket && other.Local == socket.Remote && other.Remote == socket.Local)
                return true;
        }
        return false;
    }
}

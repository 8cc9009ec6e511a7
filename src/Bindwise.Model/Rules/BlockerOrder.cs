using Bindwise.Model.Addresses;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Rules;

/// <summary>Which of several sockets in the way is named first: the one that has to go before the others matter.</summary>
internal static class BlockerOrder
{
    /// <summary>0 first: listeners, bound sockets, connections that a process holds, those of the kernel, TIME_WAIT.</summary>
    public static int RankOf(HeldSocket socket) => (socket.Protocol, socket.State) switch
    {
        (not Protocol.Tcp, _) => 0,
        (_, TcpState.Listen) => 0,
        (_, TcpState.Bound or TcpState.Close) => 1,
        (_, TcpState.TimeWait) => 4,
        _ => socket.Inode != 0 ? 2 : 3,
    };
}

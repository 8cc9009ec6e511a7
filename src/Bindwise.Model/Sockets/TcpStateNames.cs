using System.Globalization;
using Bindwise.Model.Addresses;

namespace Bindwise.Model.Sockets;

/// <summary>The kernel's spelling of each state, in one place.</summary>
public static class TcpStateNames
{
    /// <summary>
    /// The name that is shown: the kernel's (<c>TIME_WAIT</c>), <c>BOUND</c> for a TCP socket that is bound only,
    /// <c>UNCONN</c> for an unconnected UDP or UNIX socket; a state that this version does not know prints its number.
    /// </summary>
    public static string Of(TcpState state, Protocol protocol) => state switch
    {
        TcpState.Established => "ESTABLISHED",
        TcpState.SynSent => "SYN_SENT",
        TcpState.SynReceived => "SYN_RECV",
        TcpState.FinWait1 => "FIN_WAIT1",
        TcpState.FinWait2 => "FIN_WAIT2",
        TcpState.TimeWait => "TIME_WAIT",
        TcpState.Close => protocol == Protocol.Tcp ? "BOUND" : "UNCONN",
        TcpState.CloseWait => "CLOSE_WAIT",
        TcpState.LastAck => "LAST_ACK",
        TcpState.Listen => "LISTEN",
        TcpState.Closing => "CLOSING",
        TcpState.NewSynReceived => "NEW_SYN_RECV",
        TcpState.Bound => "BOUND",
        _ => string.Create(CultureInfo.InvariantCulture, $"state {(byte)state}"),
    };
}

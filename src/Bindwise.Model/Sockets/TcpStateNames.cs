namespace Bindwise.Diagnostics;

/// <summary>The kernel's spelling of each state, in one place.</summary>
internal static class TcpStateNames
{
    /// <summary>
    /// The name that is shown: the kernel's (<c>TIME_WAIT</c>), <c>BOUND</c> for a TCP socket that is bound only, <c>UNCONN</c> for an
    /// unconnected UDP or UNIX socket; a state that this version does not know prints its number.
    /// </summary>
    public static string Of(TcpSocketState state, Protocol protocol) => state switch
    {
        TcpSocketState.Established => "ESTABLISHED",
        TcpSocketState.SynSent => "SYN_SENT",
        TcpSocketState.SynReceived => "SYN_RECV",
        TcpSocketState.FinWait1 => "FIN_WAIT1",
        TcpSocketState.FinWait2 => "FIN_WAIT2",
        TcpSocketState.TimeWait => "TIME_WAIT",
        TcpSocketState.Close => protocol == Protocol.Tcp ? "BOUND" : "UNCONN",
        TcpSocketState.CloseWait => "CLOSE_WAIT",
        TcpSocketState.LastAck => "LAST_ACK",
        TcpSocketState.Listen => "LISTEN",
        TcpSocketState.Closing => "CLOSING",
        TcpSocketState.NewSynReceived => "NEW_SYN_RECV",
        TcpSocketState.Bound => "BOUND",
        _ => string.Create(CultureInfo.InvariantCulture, $"state {(byte)state}"),
    };
}

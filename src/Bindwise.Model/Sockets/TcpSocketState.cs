namespace Bindwise.Diagnostics;

/// <summary>A socket's state, with the kernel's numbers (include/net/tcp_states.h; RFC 9293 §3.3.2).</summary>
public enum TcpSocketState : byte
{
    /// <summary>The handshake is complete and neither side has closed: data flows both ways.</summary>
    Established = 1,

    /// <summary>connect() sent a SYN and waits.</summary>
    SynSent = 2,

    /// <summary>A full socket in the handshake (simultaneous open, Fast Open).</summary>
    SynReceived = 3,

    /// <summary>We sent a FIN that is not acknowledged yet.</summary>
    FinWait1 = 4,

    /// <summary>Our FIN is acknowledged; the peer's has not come.</summary>
    FinWait2 = 5,

    /// <summary>Both sides are done; the side that closed first waits 60 s.</summary>
    TimeWait = 6,

    /// <summary>
    /// Neither connected nor listening. As sock_diag reports it here: bound only (see <see cref="Bound"/>); for UDP: unconnected.
    /// </summary>
    Close = 7,

    /// <summary>The peer closed; our program has not.</summary>
    CloseWait = 8,

    /// <summary>The peer closed first, we sent our FIN and wait for its acknowledgement.</summary>
    LastAck = 9,

    /// <summary>A TCP (or UNIX) listener.</summary>
    Listen = 10,

    /// <summary>Both sides sent a FIN before they got the other's: ours is not acknowledged yet.</summary>
    Closing = 11,

    /// <summary>A handshake under way: a request, not a full socket.</summary>
    NewSynReceived = 12,

    /// <summary>Bound but neither listening nor connected (TCP_BOUND_INACTIVE): sock_diag's query state; its replies say 7.</summary>
    Bound = 13,
}

namespace Bindwise.Lab.Drawing.States;

/// <summary>A box of the figure: a state of RFC 9293 §3.3.2. CLOSED stands at the beginning and at the end.</summary>
internal enum StateNode : byte
{
    Closed,

    /// <summary>LISTEN.</summary>
    Listen,

    /// <summary>SYN-SENT.</summary>
    SynSent,

    /// <summary>SYN-RECEIVED.</summary>
    SynReceived,

    /// <summary>ESTABLISHED.</summary>
    Established,

    /// <summary>FIN-WAIT-1.</summary>
    FinWait1,

    /// <summary>FIN-WAIT-2.</summary>
    FinWait2,

    /// <summary>CLOSING.</summary>
    Closing,

    /// <summary>TIME-WAIT.</summary>
    TimeWait,

    /// <summary>CLOSE-WAIT.</summary>
    CloseWait,

    /// <summary>LAST-ACK.</summary>
    LastAck,

    ClosedAgain,
}

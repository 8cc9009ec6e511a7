namespace Bindwise.Lab.Drawing.States;

/// <summary>A box of the figure: a state of RFC 9293 §3.3.2. CLOSED stands at the beginning and at the end.</summary>
internal enum StateNode : byte
{
    Closed,
    Listen,
    SynSent,
    SynReceived,
    Established,

    /// <summary>FIN-WAIT-1.</summary>
    FinWait1,

    /// <summary>FIN-WAIT-2.</summary>
    FinWait2,

    Closing,
    TimeWait,
    CloseWait,
    LastAck,
    ClosedAgain,
}

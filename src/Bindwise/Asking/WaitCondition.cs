namespace Bindwise;

/// <summary>What is waited for.</summary>
public enum WaitCondition
{
    /// <summary>The target can be bound as asked, as <see cref="PortDiagnostics.Diagnose"/> answers.</summary>
    Free,

    /// <summary>
    /// A socket listens there, and its queue of connections that nobody has accepted is not full; for
    /// UDP: a socket that takes datagrams from anybody.
    /// </summary>
    Listening,

    /// <summary>No socket listens there. The port may still be taken, by TIME_WAIT for instance.</summary>
    Closed,
}

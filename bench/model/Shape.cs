namespace Bindwise.Model.Benchmarks;

/// <summary>How the sockets of a table stand.</summary>
public enum Shape
{
    /// <summary>TCP: what a busy server leaves, all on one address and port.</summary>
    OneServersTimeWaits,

    /// <summary>TCP: one port, each on an address of its own in 127.0.0.0/8.</summary>
    ManyAddressesOfAPort,

    /// <summary>TCP: spread over 60,000 ports.</summary>
    TcpManyPorts,

    /// <summary>UDP: spread over 60,000 ports.</summary>
    UdpManyPorts,
}

/// <summary>Who asks, and what the answer is. All sockets of a table have SO_REUSEADDR; so has one that is allowed.</summary>
public enum Asker
{
    /// <summary>At an address of the table: it shares it.</summary>
    SpecificAllowed,

    /// <summary>At an address of the table: somebody is in the way.</summary>
    SpecificBlocked,

    /// <summary>At 0.0.0.0: it shares with all.</summary>
    WildcardAllowed,

    /// <summary>At 0.0.0.0: all are in the way.</summary>
    WildcardBlocked,
}

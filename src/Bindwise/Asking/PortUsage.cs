namespace Bindwise;

/// <summary>How the TCP ports of this host's network namespace are used, in numbers.</summary>
/// <param name="Listeners">Sockets in LISTEN.</param>
/// <param name="Connections">Sockets in any other state but TIME_WAIT.</param>
/// <param name="TimeWaits">Sockets in TIME_WAIT.</param>
/// <param name="EphemeralFirst">The first port of the ephemeral range (net.ipv4.ip_local_port_range).</param>
/// <param name="EphemeralLast">Its last port.</param>
/// <param name="EphemeralInUse">Ports of that range on which some TCP socket stands, each counted once.</param>
public readonly record struct PortUsage(int Listeners, int Connections, int TimeWaits, int EphemeralFirst, int EphemeralLast, int EphemeralInUse)
{
    /// <summary>Counts them: one walk of the socket table, without an allocation for each socket.</summary>
    /// <exception cref="PortQuestionException">The socket table cannot be read.</exception>
    public static PortUsage Read() => throw new NotSupportedException();
}

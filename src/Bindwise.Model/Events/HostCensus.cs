namespace Bindwise.Model.Events;

/// <summary>
/// The ports of a network namespace at one moment, as light as a look each second can be: what listens or is bound and who holds it, and
/// the connections counted. The events of a host are the differences of two of them (<c>CensusEvents</c>); the screen of <c>watch</c>, the
/// recorder and the metrics show it as it is.
/// </summary>
internal sealed record HostCensus
{
    private readonly EquatableArray<CensusSocket> _sockets;
    private readonly EquatableArray<StateCount> _states;
    private readonly EquatableArray<StateCount> _udpStates;
    private readonly EquatableArray<PortTimeWaits> _timeWaits;
    private readonly EquatableArray<CensusDestination> _destinations;

    public required DateTimeOffset TakenAt { get; init; }

    /// <summary>The inode of the network namespace; 0 where it is not known.</summary>
    public ulong NetworkNamespace { get; init; }

    public ImmutableArray<CensusSocket> Sockets { get => _sockets; init => _sockets = value; }

    /// <summary>The TCP sockets by state, both families.</summary>
    public ImmutableArray<StateCount> States { get => _states; init => _states = value; }

    /// <summary>The UDP sockets by state, both families.</summary>
    public ImmutableArray<StateCount> UdpStates { get => _udpStates; init => _udpStates = value; }

    /// <summary>TIME_WAIT by local port, the most first.</summary>
    public ImmutableArray<PortTimeWaits> TimeWaits { get => _timeWaits; init => _timeWaits = value; }

    /// <summary>Local ports of the ephemeral range by where their connections go, the most first.</summary>
    public ImmutableArray<CensusDestination> Destinations { get => _destinations; init => _destinations = value; }

    /// <summary>Local ports of the ephemeral range whose destinations are not among <see cref="Destinations"/>.</summary>
    public int DestinationsOmitted { get; init; }

    /// <summary>How many ports the ephemeral range has, reserved ones left out.</summary>
    public int EphemeralPorts { get; init; }

    /// <summary>
    /// Connections that the kernel dropped because an accept queue was full, since the namespace began (ListenOverflows).
    /// </summary>
    public long ListenOverflows { get; init; }

    /// <summary>Connections that listeners dropped for any reason, since the namespace began (TcpExtListenDrops).</summary>
    public long ListenDrops { get; init; }

    /// <summary>Sockets were left out, since there are more than a look keeps.</summary>
    public int SocketsOmitted { get; init; }

    /// <summary>How long the look took.</summary>
    public TimeSpan Cost { get; init; }
}

/// <param name="Socket">The socket: listening, bound, or a UDP socket with a port; of UNIX those with a name.</param>
/// <param name="Holder">Who holds it; null where nobody is seen.</param>
/// <param name="Drops">Of a listener: connections that it dropped since it was opened (SKMEMINFO_DROPS); 0 where it is not known.</param>
/// <param name="Connections">Its connections but those in TIME_WAIT, as <c>ls</c> counts them; 0 for what does not listen.</param>
/// <param name="FromOutside">How many of them do not come from loopback.</param>
internal sealed record CensusSocket(HeldSocket Socket, CensusHolder? Holder, long Drops = 0, int Connections = 0, int FromOutside = 0);

/// <summary>Who holds a socket, as far as a light look tells: the lowest pid where several do.</summary>
/// <param name="Others">How many other processes hold it as well.</param>
internal sealed record CensusHolder(int ProcessId, string Program, int Others);

/// <summary>The TIME_WAITs of a local port.</summary>
/// <param name="MillisecondsLeft">The longest time that one of them still has.</param>
internal sealed record PortTimeWaits(ushort Port, int Count, int MillisecondsLeft);

/// <summary>The local ports of the ephemeral range that lead to one destination.</summary>
/// <param name="Ports">How many local ports, TIME_WAIT included.</param>
/// <param name="TimeWait">How many of them are in TIME_WAIT.</param>
internal sealed record CensusDestination(IpEndpoint Remote, int Ports, int TimeWait);

namespace Bindwise.Model.Snapshots;

/// <summary>The ephemeral range as port 0 sees it.</summary>
internal sealed record EphemeralUse
{
    private readonly EquatableArray<EphemeralGroup> _groups;
    private readonly EquatableArray<EphemeralDestination> _destinations;
    private readonly EquatableArray<IpAddress> _routedSources;

    /// <summary>Ports in the range that port 0 may give out (reserved ones left out).</summary>
    public int Usable { get; init; }

    /// <summary>Of these, ports on which at least one socket stands.</summary>
    public int Used { get; init; }

    /// <summary>Sockets on ports of the range, by state and user, the most first; at most 16.</summary>
    public ImmutableArray<EphemeralGroup> Groups { get => _groups; init => _groups = value; }

    /// <summary>
    /// Of the usable ports, those with a socket that has no peer (bound, listening): connect() is never given one of them.
    /// </summary>
    public int Bound { get; init; }

    /// <summary>
    /// Connections from ports of the range by where they go, the most first, at most 16; those asked about are among them.
    /// </summary>
    public ImmutableArray<EphemeralDestination> Destinations { get => _destinations; init => _destinations = value; }

    /// <summary>There were so many destinations that small ones were dropped on the way: the counts are at least so high.</summary>
    public bool DestinationsCut { get; init; }

    /// <summary>
    /// The addresses that the routes give to connections to the destinations in question; empty where the program names its own, where
    /// none was in question, and where the routes were not asked.
    /// </summary>
    public ImmutableArray<IpAddress> RoutedSources { get => _routedSources; init => _routedSources = value; }

    /// <summary>
    /// Of the usable ports, those that connect() to the destination in question is certainly not given: bound ones, and those with a
    /// connection to it from the same local address that is not a TIME_WAIT which net.ipv4.tcp_tw_reuse lets it take. 0 when none was in
    /// question.
    /// </summary>
    public int ClosedToAsked { get; init; }

    /// <summary>
    /// Of the usable ports, those whose connection to the destination in question is in TIME_WAIT for so long that connect() takes it over
    /// (net.ipv4.tcp_tw_reuse_delay), if connect() had picked the port and the connection used timestamps, which no table shows.
    /// </summary>
    public int ReusableByAsked { get; init; }
}

/// <summary>
/// Connections from ephemeral ports to one destination. Ports count for each of them apart, as long as connect() picks the port.
/// </summary>
/// <param name="Count">How many connections, and so ports.</param>
/// <param name="TimeWait">How many of them are in TIME_WAIT.</param>
/// <param name="SampleInode">The inode of one that a process holds, by which that is found; 0 for none.</param>
internal sealed record EphemeralDestination(IpEndpoint Remote, IpAddress Local, int Count, int TimeWait, ulong SampleInode)
{
    private readonly EquatableArray<ulong> _samples;

    /// <summary>
    /// How many of them this end has closed (FIN_WAIT1, FIN_WAIT2, CLOSING, LAST_ACK) and no process holds any more.
    /// </summary>
    public int Ending { get; init; }

    /// <summary>How many of them a process may hold. A file may say any numbers.</summary>
    public int Held => (int)Math.Clamp((long)Count - TimeWait - Ending, 0, int.MaxValue);

    /// <summary>
    /// The inodes of those that a process holds, or of every so many of them, by which the shares of the processes are told.
    /// </summary>
    public ImmutableArray<ulong> Samples { get => _samples; init => _samples = value; }
}

/// <summary>Sockets of one kind on ephemeral ports.</summary>
/// <param name="UserId">The user; null for sockets without a process.</param>
/// <param name="RemotePort">The remote port that they share, when they share one; else null.</param>
/// <param name="SampleInode">The inode of one of them, by which its owner is found; 0 for none.</param>
internal sealed record EphemeralGroup(string State, uint? UserId, ushort? RemotePort, int Count, ulong SampleInode)
{
    private readonly EquatableArray<ulong> _samples;

    /// <summary>They have a peer; the others were only bound, or listen.</summary>
    public bool IsConnection => State is not ("BOUND" or "LISTEN" or "CLOSE" or "UNCONN");

    /// <summary>The inodes of those that a process holds, or of every so many of them; empty in files of older versions.</summary>
    public ImmutableArray<ulong> Samples { get => _samples; init => _samples = value; }
}

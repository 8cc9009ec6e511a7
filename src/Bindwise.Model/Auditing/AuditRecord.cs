namespace Bindwise.Model.Auditing;

internal sealed record CodePlace(string File, ulong Offset, string? Symbol);

/// <summary>A socket's options at the moment of an event; null each where it was not read.</summary>
/// <param name="ReuseAddress">SO_REUSEADDR.</param>
/// <param name="ReusePort">SO_REUSEPORT.</param>
/// <param name="V6Only">IPV6_V6ONLY; null for IPv4.</param>
/// <param name="AddressWithoutPort">IP_BIND_ADDRESS_NO_PORT.</param>
internal readonly record struct AuditOptions(bool? ReuseAddress, bool? ReusePort, bool? V6Only, bool? AddressWithoutPort);

/// <summary>A listening socket that a program would inherit, as no flag closes it.</summary>
internal sealed record PassedListener(int Descriptor, ulong Socket, IpEndpoint Local);

/// <summary>The connections of a local address and port on which the program listens.</summary>
/// <param name="Seen">How many there were, as far as they were seen.</param>
/// <param name="TimeWaits">How many are in TIME_WAIT on this side, and were not when the audit began.</param>
internal sealed record EndedConnections(IpEndpoint Local, int Seen, int TimeWaits);

/// <summary>What the queue of a listening socket was like.</summary>
/// <param name="Limit">How many connections it holds.</param>
/// <param name="Drops">How many segments the kernel dropped for it; null where that was not told.</param>
internal sealed record QueueTally(ulong Socket, uint Limit, uint Most, uint? Drops);

/// <summary>All that was seen of a program. What is judged is in here: nothing reads the machine after it.</summary>
internal sealed record AuditRecord
{
    /// <summary>What was executed, or the process that was looked at.</summary>
    public required string Command { get; init; }

    /// <summary>The program's own process; 0 where it is not known.</summary>
    public int Process { get; init; }

    /// <summary>Processes of its that still ran when the audit ended them.</summary>
    public ImmutableArray<int> GoingOn { get; init; } = [];

    public ImmutableArray<AuditEvent> Events { get; init; } = [];

    /// <summary>How many events came after those, and were not kept.</summary>
    public int EventsCut { get; init; }

    /// <summary>How many sockets it made of which nothing else was seen, as those of clients.</summary>
    public int OtherSockets { get; init; }

    public HostSettings Settings { get; init; } = new();

    /// <summary>net.core.somaxconn; null where it could not be read.</summary>
    public int? MostBacklog { get; init; }

    /// <summary>The connections on the ports on which it listened.</summary>
    public ImmutableArray<EndedConnections> Connections { get; init; } = [];

    public ImmutableArray<QueueTally> Queues { get; init; } = [];

    /// <summary>Where sockets that it had bound connected to, by their cookies.</summary>
    public ImmutableDictionary<ulong, IpEndpoint> Connected { get; init; } = ImmutableDictionary<ulong, IpEndpoint>.Empty;

    /// <summary>When sockets that it had bound were closed, by their cookies.</summary>
    public ImmutableDictionary<ulong, TimeSpan> Closed { get; init; } = ImmutableDictionary<ulong, TimeSpan>.Empty;

    /// <summary>
    /// Where sockets without a remote address were bound in the end, by their cookies: without a bind() of their own the kernel bound them.
    /// </summary>
    public ImmutableDictionary<ulong, IpEndpoint> KernelPorts { get; init; } = ImmutableDictionary<ulong, IpEndpoint>.Empty;

    /// <summary>Files of its UNIX sockets that are still there after its end, and on which nobody listens.</summary>
    public ImmutableArray<string> FilesLeft { get; init; } = [];

    /// <summary>Of a process that was only looked at: its listening sockets that a program which it executes would get.</summary>
    public ImmutableArray<PassedListener> Inheritable { get; init; } = [];

    public TimeSpan Duration { get; init; }
    public AuditEnd End { get; init; }

    /// <summary>What it ended with: the exit code, or 128 and the signal's number; null while it runs.</summary>
    public int? ExitCode { get; init; }

    /// <summary>What could not be seen, a sentence each.</summary>
    public ImmutableArray<string> Unseen { get; init; } = [];
}

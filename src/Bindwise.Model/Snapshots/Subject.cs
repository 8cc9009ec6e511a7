namespace Bindwise.Diagnostics;

/// <summary>
/// The program for which it is answered, where that is another than the one who asks (--user, --netns, --pid, --unit, --container). What it
/// cannot tell is as the caller has it.
/// </summary>
public sealed record Subject
{
    private readonly EquatableArray<HeldSocket> _listeners;
    private readonly EquatableArray<SocketBindRule> _bindRules;
    private readonly EquatableArray<string> _notes;

    /// <summary>How it was asked for, as on the command line: <c>--user www-data --netns blue</c>.</summary>
    public required string Asked { get; init; }

    /// <summary>The effective user of the program, as the caller's user namespace numbers users.</summary>
    public uint UserId { get; init; }

    /// <summary>The user's name on this host; null when there is none.</summary>
    public string? UserName { get; init; }

    /// <summary>It is a user other than the one who asks by default: named, or read from the program.</summary>
    public bool IsUserTold { get; init; }

    /// <summary>CAP_NET_BIND_SERVICE in the user namespace that owns the network namespace: it may bind privileged ports.</summary>
    public Fact MayBindPrivilegedPorts { get; init; }

    /// <summary>Its effective capabilities, bit n for capability n (CapEff of /proc/PID/status); null when not known.</summary>
    public ulong? Capabilities { get; init; }

    /// <summary>All that a start can give it (CapabilityBoundingSet= of a unit), likewise; null when not known.</summary>
    internal ulong? BoundingSet { get; init; }

    /// <summary>The process as which it is answered, of a unit or container the main one; null for none.</summary>
    public ProcessRecord? Process { get; init; }

    /// <summary>The process whose network namespace alone was asked for; null for none.</summary>
    public ProcessRecord? NetworkProcess { get; init; }

    /// <summary>The systemd unit that was asked for; null for none.</summary>
    public string? Unit { get; init; }

    /// <summary>The container that was asked for: its id, whole; null for none.</summary>
    public string? Container { get; init; }

    /// <summary>The container's name, where its engine told it; null else.</summary>
    public string? ContainerName { get; init; }

    /// <summary>The network namespace in which it was looked: the inode of its file (/proc/PID/ns/net); 0 when not known.</summary>
    public ulong NetworkNamespace { get; init; }

    /// <summary>That namespace is another than the one in which bindwise runs.</summary>
    public bool IsOtherNetwork { get; init; }

    /// <summary>
    /// It was looked in a namespace made for the purpose: the program gets one of its own when it starts, which does not exist yet.
    /// </summary>
    public bool IsFreshNetwork { get; init; }

    /// <summary>How the namespace is called: a process id, a name under /run/netns or a path; null when nobody named it.</summary>
    public string? NetworkName { get; init; }

    /// <summary>The file that leads to the namespace, as <c>/proc/4242/ns/net</c>; null where it is the caller's.</summary>
    public string? NetworkPath { get; init; }

    /// <summary>Why probes were not made with the program's user and rights, one clause; null when they were, or could have been.</summary>
    public string? ProbeObstacle { get; init; }

    /// <summary>Sockets on which the process listens, with the options that could be read; at most 16.</summary>
    public ImmutableArray<HeldSocket> Listeners { get => _listeners; init => _listeners = value; }

    /// <summary>How its unit has the service manager set the options of its socket; null where nothing tells.</summary>
    public bool? SetsReuseAddress { get; init; }

    /// <summary>SO_REUSEPORT, likewise (ReusePort= of systemd.socket(5)).</summary>
    public bool? SetsReusePort { get; init; }

    /// <summary>IPV6_V6ONLY, likewise (BindIPv6Only= of systemd.socket(5)).</summary>
    public bool? SetsV6Only { get; init; }

    /// <summary>The language whose runtime stands in the executable itself (<c>Go</c>); null when none was recognised.</summary>
    public string? Runtime { get; init; }

    /// <summary>Which binds the program's unit forbids itself, in the order of its files (SocketBindAllow=, SocketBindDeny=).</summary>
    internal ImmutableArray<SocketBindRule> BindRules { get => _bindRules; init => _bindRules = value; }

    /// <summary>What could not be read of the program, each one sentence.</summary>
    public ImmutableArray<string> Notes { get => _notes; init => _notes = value; }
}

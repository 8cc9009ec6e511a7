using Bindwise.Model.Snapshots;

namespace Bindwise.Diagnostics;

/// <summary>
/// Everything about a host that a diagnosis may read. After it nothing reads the machine: a saved snapshot gives the same diagnosis, byte
/// for byte, on any system.
/// </summary>
internal sealed record Snapshot
{
    private readonly EquatableArray<HeldSocket> _sockets;
    private readonly EquatableArray<SocketTally> _tallies;
    private readonly EquatableArray<Holder> _holders;
    private readonly EquatableArray<ScmRightsInFlight> _descriptorsInFlight;
    private readonly EquatableArray<HolderTally> _holdersOmitted;
    private readonly EquatableArray<CreatorHint> _hints;
    private readonly EquatableArray<ProcessRecord> _processes;
    private readonly EquatableArray<ContainerRecord> _containers;
    private readonly EquatableArray<SocketUnitRecord> _socketUnits;
    private readonly EquatableArray<ProbeResult> _probes;
    private readonly EquatableArray<BindRequest> _permitted;
    private readonly EquatableArray<HeldSocket> _udpOnPort;
    private readonly EquatableArray<InterfaceRecord> _interfaces;
    private readonly EquatableArray<AddressFact> _addressFacts;
    private readonly EquatableArray<NameLookup> _names;
    private readonly EquatableArray<ProbeResult> _policyProbes;

    /// <summary>When the sockets were read, with the host's offset from UTC.</summary>
    public required DateTimeOffset TakenAt { get; init; }

    /// <summary>The kernel's release, as uname -r prints it.</summary>
    public string Kernel { get; init; } = "";

    internal KernelRelease KernelRelease => KernelRelease.OfOrDocumented(Kernel);

    /// <summary>Which parts of the table were read.</summary>
    public Coverage Coverage { get; init; } = new();

    /// <summary>
    /// The sockets on the port (or path) in question, and what stands at the other end of theirs on this host; UDP in the kernel's order.
    /// </summary>
    public ImmutableArray<HeldSocket> Sockets { get => _sockets; init => _sockets = value; }

    /// <summary>
    /// All TCP sockets on the port by kind, those included that are too many to stand in <see cref="Sockets"/>; empty when not counted.
    /// </summary>
    public ImmutableArray<SocketTally> Tallies { get => _tallies; init => _tallies = value; }

    /// <summary>Which process holds which socket by which descriptor.</summary>
    public ImmutableArray<Holder> Holders { get => _holders; init => _holders = value; }

    /// <summary>
    /// Descriptors that wait in UNIX sockets to be received: exactly the sockets in question where the queues could be read, else only
    /// where some wait. Looked for only when a socket with an inode has no holder.
    /// </summary>
    public ImmutableArray<ScmRightsInFlight> DescriptorsInFlight { get => _descriptorsInFlight; init => _descriptorsInFlight = value; }

    /// <summary>Sockets that more processes hold than are listed in <see cref="Holders"/>.</summary>
    public ImmutableArray<HolderTally> HoldersOmitted { get => _holdersOmitted; init => _holdersOmitted = value; }

    /// <summary>Who may have made the sockets of which no holder was found.</summary>
    public ImmutableArray<CreatorHint> Hints { get => _hints; init => _hints = value; }

    /// <summary>The holders and their parents up to the shell or the service manager.</summary>
    public ImmutableArray<ProcessRecord> Processes { get => _processes; init => _processes = value; }

    /// <summary>What the kernel itself does on the port; only when a socket in the way has no holder, else null.</summary>
    public KernelSurvey? KernelSurvey { get; init; }

    /// <summary>The containers that the holders run in or serve; read only where a holder has to do with one.</summary>
    public ImmutableArray<ContainerRecord> Containers { get => _containers; init => _containers = value; }

    /// <summary>Socket units that list an address in question; read only where a service manager is among the holders.</summary>
    public ImmutableArray<SocketUnitRecord> SocketUnits { get => _socketUnits; init => _socketUnits = value; }

    /// <summary>The sysctls that the rules read.</summary>
    public HostSettings Settings { get; init; } = new();

    public ImmutableArray<InterfaceRecord> Interfaces { get => _interfaces; init => _interfaces = value; }

    /// <summary>What the IPv4 addresses in question are to this host; for IPv6 <see cref="Interfaces"/> tells.</summary>
    public ImmutableArray<AddressFact> AddressFacts { get => _addressFacts; init => _addressFacts = value; }

    public Caller Caller { get; init; } = new();

    /// <summary>Names that were looked up: hosts and services.</summary>
    public ImmutableArray<NameLookup> Names { get => _names; init => _names = value; }

    /// <summary>What real bind() and listen() calls answered, one for each bind that was tried; empty without a probe.</summary>
    public ImmutableArray<ProbeResult> Probes { get => _probes; init => _probes = value; }

    /// <summary>
    /// What policies answered to calls that cannot take the port: socket(2), bind(2) of a socket that is bound already, listen(2) on no
    /// socket. 0: none refuses there, which says nothing of conflicts. Empty when it was not asked.
    /// </summary>
    public ImmutableArray<ProbeResult> PolicyProbes { get => _policyProbes; init => _policyProbes = value; }

    /// <summary>
    /// Binds that nothing refuses before the kernel looks at the sockets on the port: no policy, no missing privilege. Each was tried on a
    /// socket that was bound already, so none of them took the port.
    /// </summary>
    public ImmutableArray<BindRequest> Permitted { get => _permitted; init => _permitted = value; }

    /// <summary>Policies that may refuse a bind(); only when one was refused for a reason that no socket gives, else null.</summary>
    public PolicySurvey? Policies { get; init; }

    /// <summary>Sockets on the port in other network namespaces; null when nobody looked.</summary>
    public ElsewhereSurvey? Elsewhere { get; init; }

    /// <summary>Who uses the ephemeral range; only for questions about port 0.</summary>
    public EphemeralUse? Ephemeral { get; init; }

    /// <summary>
    /// UDP sockets on the port, without a peer, at most 16: looked for when TCP was only assumed (<see cref="Target.IsProtocolAssumed"/>)
    /// and is free. Their holders are among <see cref="Holders"/>.
    /// </summary>
    public ImmutableArray<HeldSocket> UdpOnPort { get => _udpOnPort; init => _udpOnPort = value; }

    /// <summary>
    /// The next port that can be bound: a bind() of it succeeded, so that no socket of the protocol has it, of either family; it is not
    /// reserved and is open to browsers. Null when the one asked about is free, or nothing was probed.
    /// </summary>
    public ushort? FreeNearby { get; init; }

    /// <summary>What stands at a UNIX path; only for questions about one.</summary>
    public UnixPathRecord? UnixPath { get; init; }

    /// <summary>
    /// Set where only .NET itself was asked (macOS, Windows, --portable): the diagnosis then stands on this alone. Null for the full
    /// answer.
    /// </summary>
    public PortableRecord? Portable { get; init; }
}

internal sealed record StageTiming(string Stage, long Microseconds);

/// <summary>
/// A look into the network namespaces beside the one in question, for sockets on the same port. They do not block, and they explain how an
/// address can be in use for one program and free for another.
/// </summary>
internal sealed record ElsewhereSurvey
{
    private readonly EquatableArray<ElsewhereRecord> _sockets;
    private readonly EquatableArray<ElsewhereNetwork> _networks;

    /// <summary>How many other namespaces were looked into.</summary>
    public int Namespaces { get; init; }

    /// <summary>How many could not be looked into, or only after the time for it was over.</summary>
    public int Unread { get; init; }

    /// <summary>The search ended before every process was seen, or /proc hides some: there may be further namespaces.</summary>
    public bool IsPartial { get; init; }

    /// <summary>TCP listeners, or all UDP sockets, on the port; at most 64.</summary>
    public ImmutableArray<ElsewhereRecord> Sockets { get => _sockets; init => _sockets = value; }

    /// <summary>
    /// Those that have the address in question, which the host's own interfaces do not; at most 4. Looked for only where that is so.
    /// </summary>
    public ImmutableArray<ElsewhereNetwork> WithAddress { get => _networks; init => _networks = value; }
}

internal sealed record ElsewhereNetwork
{
    /// <summary>Its name under /run/netns (ip-netns(8)); null when it has none.</summary>
    public string? Name { get; init; }

    /// <summary>A process that lives in it; null when none is known.</summary>
    public int? ProcessId { get; init; }

    /// <summary>That process's short name; null when it could not be read.</summary>
    public string? ProcessName { get; init; }

    /// <summary>That process's container, its whole id; null for none.</summary>
    public string? Container { get; init; }

    /// <summary>It is the namespace in which bindwise itself runs, when another was asked about.</summary>
    public bool IsCallers { get; init; }
}

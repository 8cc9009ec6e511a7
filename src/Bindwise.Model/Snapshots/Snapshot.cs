using System.Collections.Immutable;
using Bindwise.Model.Snapshots;

namespace Bindwise.Diagnostics;

/// <summary>
/// Everything about a host that a diagnosis may read. After it nothing reads the machine:
/// a saved snapshot gives the same diagnosis, byte for byte, on any system.
/// </summary>
internal sealed record Snapshot
{
    /// <summary>When the sockets were read, with the host's offset from UTC.</summary>
    public required DateTimeOffset TakenAt { get; init; }

    /// <summary>The kernel's release, as uname -r prints it.</summary>
    public string Kernel { get; init; } = "";

    /// <summary>The release whose rules decide.</summary>
    internal KernelRelease KernelRelease => KernelRelease.OfOrDocumented(Kernel);

    /// <summary>Which parts of the table were read.</summary>
    public Coverage Coverage { get; init; } = new();

    /// <summary>The sockets on the port (or path) in question, and what stands at the other end of theirs on this host; UDP in the kernel's order.</summary>
    public ImmutableArray<HeldSocket> Sockets { get; init; } = [];

    /// <summary>All TCP sockets on the port by kind, those included that are too many to stand in <see cref="Sockets"/>; empty when not counted.</summary>
    public ImmutableArray<SocketTally> Tallies { get; init; } = [];

    /// <summary>Which process holds which socket by which descriptor.</summary>
    public ImmutableArray<Holder> Holders { get; init; } = [];

    /// <summary>
    /// Descriptors that wait in UNIX sockets to be received: exactly the sockets in question where the queues could be read, else only where
    /// some wait. Looked for only when a socket with an inode has no holder.
    /// </summary>
    public ImmutableArray<ScmRightsInFlight> DescriptorsInFlight { get; init; } = [];

    /// <summary>Sockets that more processes hold than are listed in <see cref="Holders"/>.</summary>
    public ImmutableArray<HolderTally> HoldersOmitted { get; init; } = [];

    /// <summary>Who may have made the sockets of which no holder was found.</summary>
    public ImmutableArray<CreatorHint> Hints { get; init; } = [];

    /// <summary>The holders and their parents up to the shell or the service manager.</summary>
    public ImmutableArray<ProcessRecord> Processes { get; init; } = [];

    /// <summary>What the kernel itself does on the port; only when a socket in the way has no holder, else null.</summary>
    public KernelSurvey? KernelSurvey { get; init; }

    /// <summary>The containers that the holders run in or serve; read only where a holder has to do with one.</summary>
    public ImmutableArray<ContainerRecord> Containers { get; init; } = [];

    /// <summary>Socket units that list an address in question; read only where a service manager is among the holders.</summary>
    public ImmutableArray<SocketUnitRecord> SocketUnits { get; init; } = [];

    /// <summary>The sysctls that the rules read.</summary>
    public HostSettings Settings { get; init; } = new();

    /// <summary>The interfaces with their addresses.</summary>
    public ImmutableArray<InterfaceRecord> Interfaces { get; init; } = [];

    /// <summary>What the IPv4 addresses in question are to this host; for IPv6 <see cref="Interfaces"/> tells.</summary>
    public ImmutableArray<AddressFact> AddressFacts { get; init; } = [];

    /// <summary>Who asks, and with which rights.</summary>
    public Caller Caller { get; init; } = new();

    /// <summary>Names that were looked up: hosts and services.</summary>
    public ImmutableArray<NameLookup> Names { get; init; } = [];

    /// <summary>What real bind() and listen() calls answered, one for each bind that was tried; empty without a probe.</summary>
    public ImmutableArray<ProbeResult> Probes { get; init; } = [];

    /// <summary>
    /// What policies answered to calls that cannot take the port: socket(2), bind(2) of a socket that is bound already, listen(2) on no socket.
    /// 0: none refuses there, which says nothing of conflicts. Empty when it was not asked.
    /// </summary>
    public ImmutableArray<ProbeResult> PolicyProbes { get; init; } = [];

    /// <summary>
    /// Binds that nothing refuses before the kernel looks at the sockets on the port: no policy, no missing privilege. Each was tried on a
    /// socket that was bound already, so none of them took the port.
    /// </summary>
    public ImmutableArray<BindRequest> Permitted { get; init; } = [];

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
    public ImmutableArray<HeldSocket> UdpOnPort { get; init; } = [];

    /// <summary>
    /// The next port that can be bound: a bind() of it succeeded, so that no socket of the protocol has it, of either family; it is not reserved
    /// and is open to browsers. Null when the one asked about is free, or nothing was probed.
    /// </summary>
    public ushort? FreeNearby { get; init; }

    /// <summary>What stands at a UNIX path; only for questions about one.</summary>
    public UnixPathRecord? UnixPath { get; init; }

    /// <summary>Set where only .NET itself was asked (macOS, Windows, --portable): the diagnosis then stands on this alone. Null for the full answer.</summary>
    public PortableRecord? Portable { get; init; }

    /// <summary>The same values, lists compared element by element.</summary>
    public bool Equals(Snapshot? other) => other is not null
        && (TakenAt, Kernel, Coverage, KernelSurvey) == (other.TakenAt, other.Kernel, other.Coverage, other.KernelSurvey)
        && (Settings, Caller, Policies, Elsewhere) == (other.Settings, other.Caller, other.Policies, other.Elsewhere)
        && (Ephemeral, FreeNearby, UnixPath, Portable) == (other.Ephemeral, other.FreeNearby, other.UnixPath, other.Portable)
        && Sequence.AreEqual(Sockets, other.Sockets)
        && Sequence.AreEqual(Tallies, other.Tallies)
        && Sequence.AreEqual(Holders, other.Holders)
        && Sequence.AreEqual(DescriptorsInFlight, other.DescriptorsInFlight)
        && Sequence.AreEqual(HoldersOmitted, other.HoldersOmitted)
        && Sequence.AreEqual(Hints, other.Hints)
        && Sequence.AreEqual(Processes, other.Processes)
        && Sequence.AreEqual(Containers, other.Containers)
        && Sequence.AreEqual(SocketUnits, other.SocketUnits)
        && Sequence.AreEqual(Probes, other.Probes)
        && Sequence.AreEqual(Permitted, other.Permitted)
        && Sequence.AreEqual(UdpOnPort, other.UdpOnPort)
        && Sequence.AreEqual(Interfaces, other.Interfaces)
        && Sequence.AreEqual(AddressFacts, other.AddressFacts)
        && Sequence.AreEqual(Names, other.Names)
        && Sequence.AreEqual(PolicyProbes, other.PolicyProbes);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kernel, TakenAt, Caller, Sequence.Hash(Sockets));
}

/// <summary>How much of the machine was seen.</summary>
internal sealed record Coverage
{
    /// <summary>Listening sockets (TCP), or all sockets (UDP, UNIX), of the port were read.</summary>
    public bool ListenersRead { get; init; }

    /// <summary>Sockets in every state were read: bound-only, connections, TIME_WAIT.</summary>
    public bool AllStatesRead { get; init; }

    /// <summary>The kernel answers queries for bound-only sockets (Linux 6.8); false when it ignored that state.</summary>
    public bool BoundOnlySeen { get; init; } = true;

    /// <summary>A dump was interrupted three times: sockets may be missing.</summary>
    public bool SocketsPartial { get; init; }

    /// <summary>The table could not be read at all: no socket in it may be taken for absent.</summary>
    public bool SocketsUnread { get; init; }

    /// <summary>The holders of the sockets were looked for among the processes; false when that was not needed or not allowed.</summary>
    public bool OwnersRead { get; init; }

    /// <summary>How many processes /proc showed.</summary>
    public int Processes { get; init; }

    /// <summary>Processes whose descriptors this user may not read.</summary>
    public int UnreadableProcesses { get; init; }

    /// <summary>Processes at which the kernel held up who looked at them, so that they were passed over, by id.</summary>
    public ImmutableArray<int> StuckProcesses { get; init; } = [];

    /// <summary>Every process was seen, and looked into: a socket without a holder among them has none that /proc shows.</summary>
    public bool IsEveryProcessSeen => OwnersRead && UnreadableProcesses == 0 && StuckProcesses.IsEmpty && !ProcessesHidden;

    /// <summary>/proc hides other users' processes (mount option hidepid).</summary>
    public bool ProcessesHidden { get; init; }

    /// <summary>
    /// The queues of all UNIX sockets of this network namespace, and of those of other processes, were looked into: a socket that is not
    /// among <see cref="Snapshot.DescriptorsInFlight"/> is in none of them.
    /// </summary>
    public bool QueuesRead { get; init; }

    /// <summary>Faults met on the way that changed no verdict, each one line (what could not be read and why).</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>What each stage cost, for --verbose; never part of the answer.</summary>
    public ImmutableArray<StageTiming> Timings { get; init; } = [];

    /// <summary>The same values, lists compared element by element.</summary>
    public bool Equals(Coverage? other) => other is not null
        && (ListenersRead, AllStatesRead, BoundOnlySeen, SocketsPartial) == (other.ListenersRead, other.AllStatesRead, other.BoundOnlySeen, other.SocketsPartial)
        && (SocketsUnread, OwnersRead, Processes, UnreadableProcesses) == (other.SocketsUnread, other.OwnersRead, other.Processes, other.UnreadableProcesses)
        && (ProcessesHidden, QueuesRead) == (other.ProcessesHidden, other.QueuesRead)
        && Sequence.AreEqual(StuckProcesses, other.StuckProcesses)
        && Sequence.AreEqual(Notes, other.Notes)
        && Sequence.AreEqual(Timings, other.Timings);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Processes, UnreadableProcesses, Sequence.Hash(StuckProcesses), Sequence.Hash(Notes));
}

/// <summary>One stage of the search and its time.</summary>
internal sealed record StageTiming
{
    /// <summary>What was done.</summary>
    public required string Stage { get; init; }

    /// <summary>How long it took.</summary>
    public required long Microseconds { get; init; }
}

/// <summary>Who asks. A program that another user starts may get another answer.</summary>
internal sealed record Caller
{
    /// <summary>The effective user id of who asks.</summary>
    public uint UserId { get; init; }

    /// <summary>The user's name; null when there is none.</summary>
    public string? UserName { get; init; }

    /// <summary>CAP_NET_BIND_SERVICE in the user namespace that owns the network namespace: may bind privileged ports.</summary>
    public Fact MayBindPrivilegedPorts { get; init; }

    /// <summary>CAP_SYS_PTRACE (or root): may read every process's descriptors.</summary>
    public Fact MayReadEveryProcess { get; init; }

    /// <summary>Runs in the host's first PID namespace: no process is outside of it. No: in a container or the like. Unknown without /proc.</summary>
    public Fact InInitialPidNamespace { get; init; }

    /// <summary>The process id of this run of bindwise.</summary>
    public int ProcessId { get; init; }

    /// <summary>The parents of this run of bindwise, the nearest first; empty where no process was looked at.</summary>
    public ImmutableArray<int> AncestorIds { get; init; } = [];

    /// <summary>The other program for which it is answered; null when it is answered for who asks.</summary>
    public Subject? As { get; init; }

    /// <summary>The effective user of the program in question.</summary>
    public uint BinderId => As?.UserId ?? UserId;

    /// <summary>Whether the program in question may bind privileged ports.</summary>
    public Fact MayBinderBindPrivilegedPorts => As?.MayBindPrivilegedPorts ?? MayBindPrivilegedPorts;

    /// <summary>The same values, lists compared element by element.</summary>
    public bool Equals(Caller? other) => other is not null
        && (UserId, UserName, MayBindPrivilegedPorts, MayReadEveryProcess) == (other.UserId, other.UserName, other.MayBindPrivilegedPorts, other.MayReadEveryProcess)
        && (InInitialPidNamespace, ProcessId, As) == (other.InInitialPidNamespace, other.ProcessId, other.As)
        && Sequence.AreEqual(AncestorIds, other.AncestorIds);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(UserId, ProcessId, UserName, Sequence.Hash(AncestorIds));
}

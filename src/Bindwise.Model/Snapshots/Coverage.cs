namespace Bindwise.Diagnostics;

/// <summary>How much of the machine was seen.</summary>
internal sealed record Coverage
{
    private readonly EquatableArray<int> _stuckProcesses;
    private readonly EquatableArray<string> _notes;
    private readonly EquatableArray<StageTiming> _timings;

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

    /// <summary>It is about a moment that was recorded: no bind() can be tried any more.</summary>
    public bool IsPast { get; init; }

    /// <summary>The holders of the sockets were looked for among the processes; false when that was not needed or not allowed.</summary>
    public bool OwnersRead { get; init; }

    /// <summary>Whose processes /proc shows; holders are looked for in none but one's own.</summary>
    public ProcMount Proc { get; init; }

    /// <summary>How many processes /proc showed.</summary>
    public int Processes { get; init; }

    /// <summary>Processes whose descriptors this user may not read.</summary>
    public int UnreadableProcesses { get; init; }

    /// <summary>Processes at which the kernel held up who looked at them, so that they were passed over, by id.</summary>
    public ImmutableArray<int> StuckProcesses { get => _stuckProcesses; init => _stuckProcesses = value; }

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
    public ImmutableArray<string> Notes { get => _notes; init => _notes = value; }

    /// <summary>What each stage cost, for --verbose; never part of the answer.</summary>
    public ImmutableArray<StageTiming> Timings { get => _timings; init => _timings = value; }
}

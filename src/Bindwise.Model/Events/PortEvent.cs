namespace Bindwise.Diagnostics;

/// <summary>
/// Something that happened to a port of the host, or to a socket of a program that Bindwise runs: what <c>watch</c>, <c>record</c>,
/// <c>history</c> and <c>run --events</c> tell (docs/json.md, <c>bindwise.event/1</c>).
/// </summary>
public sealed record PortEvent
{
    private readonly EquatableArray<string>? _options;
    private readonly EquatableArray<string> _limits;

    /// <summary>When it happened; of several alike, the first.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>What happened.</summary>
    public required PortEventKind Kind { get; init; }

    /// <summary>TCP, UDP or UNIX; null for what concerns no socket.</summary>
    public Protocol? Protocol { get; init; }

    /// <summary>The failed call of <see cref="PortEventKind.BindFailed"/>; null for every other event.</summary>
    public PortEventCall? Call { get; init; }

    /// <summary>
    /// What was asked for, as <c>0.0.0.0:80</c>, <c>[::1]:80</c>, a path or <c>@name</c>; of connect() the destination. Null where it is
    /// not known.
    /// </summary>
    public string? Address { get; init; }

    /// <summary><c>ok</c>, or the errno's name; of <c>exited</c> the exit code or the signal's name.</summary>
    public string Result { get; init; } = "ok";

    /// <summary>The process, not the thread, as the PID namespace of who looks numbers it; 0 where it is not known.</summary>
    public int ProcessId { get; init; }

    /// <summary>Of <see cref="PortEventKind.OwnerChanged"/>: the process that had it before.</summary>
    public int? PreviousProcessId { get; init; }

    /// <summary>The kernel's name of the process (comm, at most 15 bytes); null where it is not known.</summary>
    public string? Program { get; init; }

    /// <summary>The process's command line with its secrets masked; null if it was gone.</summary>
    public string? Command { get; init; }

    /// <summary>The effective user, as seen from the user namespace of who looks; null where it is not known.</summary>
    public uint? UserId { get; init; }

    /// <summary>The inode of the network namespace (<c>stat -L /proc/PID/ns/net</c>); null where it is not known.</summary>
    public ulong? NetworkNamespace { get; init; }

    /// <summary>The process's cgroup: its path in cgroup2; null where it is not known.</summary>
    public string? Cgroup { get; init; }

    /// <summary>The options that the socket had set, as <c>SO_REUSEADDR</c>; null if it was gone.</summary>
    public ImmutableArray<string>? Options { get => _options; init => _options = value; }

    /// <summary>The cause's id as <c>why</c> gave it at that moment; null if it is not known.</summary>
    public string? Cause { get; init; }

    /// <summary>The first line of <c>why</c> at that moment; null if it is not known.</summary>
    public string? Summary { get; init; }

    /// <summary>
    /// What the event was about, as the option of <c>option-set</c>; of a failed call, that it was in another network namespace; null for
    /// nothing.
    /// </summary>
    public string? Reason { get; init; }

    /// <summary>
    /// How many alike this one stands for: 1 or more. Of <see cref="PortEventKind.Lost"/> how many were lost, of
    /// <see cref="PortEventKind.QueueOverflow"/> the connections dropped, of <see cref="PortEventKind.TimeWaitHigh"/> those in TIME_WAIT,
    /// of <see cref="PortEventKind.RangeHigh"/> the ports in use.
    /// </summary>
    public long Count { get; init; } = 1;

    /// <summary>When the last of them happened; null where there is but one.</summary>
    public DateTimeOffset? LastTime { get; init; }

    /// <summary>What can no longer be known, each a sentence.</summary>
    public ImmutableArray<string> Limits { get => _limits; init => _limits = value; }

    /// <summary>
    /// The diagnosis of a failed call; null for every other event, and where none could be made. Of long lists it has the beginning, and
    /// its limits say what is left out.
    /// </summary>
    public Diagnosis? Diagnosis { get; init; }
}

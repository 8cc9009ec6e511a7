namespace Bindwise.Diagnostics;

/// <summary>How a port or a path is freed: the gentlest way comes first.</summary>
public enum FreeActionKind : byte
{
    /// <summary>The service manager stops a unit (<c>systemctl stop</c>).</summary>
    StopUnit,

    /// <summary>The container engine stops a container.</summary>
    StopContainer,

    /// <summary>A process gets a signal, by a handle (pidfd_send_signal(2)).</summary>
    Signal,

    /// <summary>A suspended process runs on (SIGCONT), since it handles no other signal until then.</summary>
    Continue,

    /// <summary>The kernel ends a TCP socket that no process holds (SOCK_DESTROY of sock_diag(7)).</summary>
    DestroySocket,

    /// <summary>The file that a UNIX socket left is removed.</summary>
    UnlinkFile,

    /// <summary>Nothing is done until the kernel's own timer has ended a socket.</summary>
    Wait,
}

/// <summary>One thing to do.</summary>
public sealed record FreeAction
{
    private readonly EquatableArray<string> _command;

    /// <summary>What.</summary>
    public required FreeActionKind Kind { get; init; }

    /// <summary>
    /// The same in words, without a subject: <c>stop nginx.service (systemctl stop nginx.service)</c>. Names in it are not escaped.
    /// </summary>
    public required string Text { get; init; }

    /// <summary>Who gets the signal; null for another kind.</summary>
    public ProcessRecord? Process { get; init; }

    /// <summary>
    /// The inode of the socket that the process holds; 0 for a parent that would start its child again, and for another kind.
    /// </summary>
    public ulong Inode { get; init; }

    /// <summary>The signal's name, as <c>SIGTERM</c>; null for another kind.</summary>
    public string? Signal { get; init; }

    /// <summary>The socket that is destroyed, or waited for; null for another kind.</summary>
    public HeldSocket? Socket { get; init; }

    /// <summary>The unit that is stopped; null for another kind.</summary>
    public string? Unit { get; init; }

    /// <summary>The container that is stopped, by its name or else its id; null for another kind.</summary>
    public string? Container { get; init; }

    /// <summary>The file that is removed; null for another kind.</summary>
    public string? Path { get; init; }

    /// <summary>The program that does it and its arguments, which no shell reads; empty where no program is needed.</summary>
    public ImmutableArray<string> Command { get => _command; init => _command = value; }

    /// <summary>
    /// It is done only where what comes before was not enough: a worker that did not follow its parent, a file that was left over.
    /// </summary>
    public bool IsFollowUp { get; init; }

    /// <summary>It concerns a program that only inherited the socket, and takes a consent of its own.</summary>
    public bool IsAskedSeparately { get; init; }

    /// <summary>
    /// It is done only where this process, a parent, starts again what was ended; then that is ended as well. It takes a consent of its
    /// own, and without that the rest is done all the same.
    /// </summary>
    public bool IsIfTakenAgain { get; init; }

    /// <summary>Whether two actions do the same to the same: a process is known by its start, not by its number alone.</summary>
    public bool IsSameAs(FreeAction other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return (Kind, Process?.Id, Process?.StartTicks, Inode, Signal, Socket?.Cookie, Unit, Container, Path)
            == (other.Kind, other.Process?.Id, other.Process?.StartTicks, other.Inode, other.Signal, other.Socket?.Cookie, other.Unit,
                other.Container, other.Path)
            && Command.SequenceEqual(other.Command);
    }
}

/// <summary>Why nothing is done.</summary>
public sealed record FreeRefusal
{
    /// <summary>A stable kebab-case id, as <c>other-user</c>.</summary>
    public required string Reason { get; init; }

    /// <summary>One sentence: what stands in the way of it, and what to do instead. Names in it are not escaped.</summary>
    public required string Text { get; init; }
}

/// <summary>What would free a port or a path, or why it is not freed. Nothing in it is done yet.</summary>
public sealed record FreePlan
{
    private readonly EquatableArray<FreeAction> _actions;
    private readonly EquatableArray<string> _notes;

    /// <summary>What is freed, as it is called in sentences: <c>8080/tcp</c>, or a path. Not escaped.</summary>
    public required string Name { get; init; }

    /// <summary>What stands in the way.</summary>
    public required Diagnosis Diagnosis { get; init; }

    /// <summary>What to do, in order; empty where nothing is in the way, and where it is refused.</summary>
    public ImmutableArray<FreeAction> Actions { get => _actions; init => _actions = value; }

    /// <summary>Why it is refused; null where it is not.</summary>
    public FreeRefusal? Refusal { get; init; }

    /// <summary>
    /// What is worth to know before: what would bring the holder back, what is left alone. Sentences; names in them are not escaped.
    /// </summary>
    public ImmutableArray<string> Notes { get => _notes; init => _notes = value; }

    /// <summary>
    /// What is sure to keep it taken for a while although all of it is done, one sentence: connections that the end of their server leaves
    /// in TIME_WAIT. Null where nothing is known to.
    /// </summary>
    public string? Leftover { get; init; }
}

/// <param name="MayEndOthers">Root consented to what concerns other users, whom the plan names.</param>
/// <param name="Destroys">Sockets without a process may be destroyed: it was asked for.</param>
/// <param name="Forces">SIGKILL is allowed where nothing else ends a process.</param>
/// <param name="IsNetworkAdministrator">CAP_NET_ADMIN: the kernel lets this process destroy them.</param>
/// <param name="Wait">How long may be waited for the kernel's timers; null for not at all.</param>
/// <param name="OwnUnit">The unit in which this process itself runs; null for none. It is never stopped.</param>
/// <param name="OwnContainer">The container in which this process itself runs, by its id; null for none. It is never stopped.</param>
/// <param name="Settles">It is watched for a while whether what was ended comes back.</param>
internal sealed record FreeRights(bool MayEndOthers = false, bool Destroys = false, bool Forces = false,
    bool IsNetworkAdministrator = false, TimeSpan? Wait = null, string? OwnUnit = null, string? OwnContainer = null,
    bool Settles = true)
{
    private readonly EquatableArray<ulong> _shown;

    /// <summary>The cookies of the sockets that were shown, whose owners alone may be ended; empty for all in the way.</summary>
    public ImmutableArray<ulong> Shown { get => _shown; init => _shown = value; }
}

/// <summary>An action, and what became of it.</summary>
public sealed record FreeStep
{
    /// <summary>The action.</summary>
    public required FreeAction Action { get; init; }

    /// <summary>
    /// A stable kebab-case id: <c>planned</c>, <c>done</c>, <c>not-needed</c>, <c>not-reached</c> (an earlier one failed), <c>gone</c> (the
    /// process had ended), <c>not-permitted</c>, <c>failed</c>.
    /// </summary>
    public required string Result { get; init; }

    /// <summary>What the program or the kernel said, one line; null for nothing. Not escaped.</summary>
    public string? Detail { get; init; }
}

/// <summary>What was done, and what is true now.</summary>
public sealed record FreeResult
{
    private readonly EquatableArray<FreeStep> _steps;

    /// <summary>How it ended.</summary>
    public required FreeOutcome Outcome { get; init; }

    /// <summary>Why it is not freed, a stable kebab-case id; null when it is.</summary>
    public string? Reason { get; init; }

    /// <summary>Why it is not freed, one sentence; null when it is. Names in it are not escaped.</summary>
    public string? Explanation { get; init; }

    /// <summary>Every action of the plan, in order, and those that force added (SIGKILL).</summary>
    public ImmutableArray<FreeStep> Steps { get => _steps; init => _steps = value; }

    /// <summary>The last answer about the port.</summary>
    public required Diagnosis Diagnosis { get; init; }
}

/// <summary>How it ended.</summary>
public enum FreeOutcome : byte
{
    /// <summary>Nothing is in the way: nothing was done.</summary>
    AlreadyFree,

    /// <summary>It can be bound now: a bind() proved it.</summary>
    Freed,

    /// <summary>Nothing was done yet; the plan stands.</summary>
    WouldFree,

    /// <summary>Nothing was done, and nothing will be: <see cref="FreePlan.Refusal"/>.</summary>
    Refused,

    /// <summary>Nothing was done, since nobody consented.</summary>
    Declined,

    /// <summary>Something was done, and it still cannot be bound.</summary>
    Failed,

    /// <summary>Nothing was done yet; the plan stands, and it would stay taken for a while: <see cref="FreePlan.Leftover"/>.</summary>
    WouldNotFree,
}

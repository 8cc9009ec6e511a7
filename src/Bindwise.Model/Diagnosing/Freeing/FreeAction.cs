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

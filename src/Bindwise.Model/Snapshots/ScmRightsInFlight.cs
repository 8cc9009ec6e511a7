namespace Bindwise.Diagnostics;

/// <summary>Descriptors that were sent through a UNIX socket (SCM_RIGHTS) and wait there to be received.</summary>
internal sealed record ScmRightsInFlight
{
    private readonly EquatableArray<int> _senders;

    /// <summary>A process that holds the receiving end; 0 when none was found.</summary>
    public required int ProcessId { get; init; }

    /// <summary>Its descriptor of that end; -1 without a process.</summary>
    public required int Descriptor { get; init; }

    /// <summary>The inode of that end; of a connection that nobody has accepted yet the listening UNIX socket's.</summary>
    public required ulong Inode { get; init; }

    /// <summary>How many descriptors wait (scm_fds of /proc/PID/fdinfo); 0 when not read.</summary>
    public required int Count { get; init; }

    /// <summary>The socket that was seen among the waiting descriptors, by its inode; 0 where only their number is known.</summary>
    public ulong Carried { get; init; }

    /// <summary>It waits in a connection to <see cref="Inode"/> that nobody has accepted yet.</summary>
    public bool IsUnaccepted { get; init; }

    /// <summary>The inode of the sending end; 0 when that is closed, or not known.</summary>
    public ulong SenderInode { get; init; }

    /// <summary>Processes that hold the sending end; empty when it is closed, or not known.</summary>
    public ImmutableArray<int> Senders { get => _senders; init => _senders = value; }

    /// <summary>The user who sent it, as the initial user namespace numbers users; null when not known.</summary>
    public uint? SenderUserId { get; init; }
}

using System.Collections.Immutable;

namespace Bindwise.Diagnostics;

/// <summary>By what a process holds a socket.</summary>
/// <param name="Inode">The socket's inode (<see cref="HeldSocket.Inode"/>).</param>
/// <param name="ProcessId">The process.</param>
/// <param name="Descriptor">
/// The descriptor's number; of a ring that it is registered with the ring's, in flight that of the receiving end, of a system call the number
/// that the call was given, and -1 for a mapping, for a request, and where it is only announced.
/// </param>
/// <param name="CloseOnExec">FD_CLOEXEC; null when not read.</param>
/// <param name="ThreadId">The thread whose own table holds it, when the process's does not show it, or whose system call does; else null.</param>
/// <param name="Way">How it is held.</param>
internal sealed record Holder(
    ulong Inode, int ProcessId, int Descriptor, bool? CloseOnExec = null, int? ThreadId = null, HoldingWay Way = HoldingWay.Descriptor)
{
    /// <summary>The system call that holds it, as <c>accept4</c>; null for another way, and where its name is not known.</summary>
    public string? Call { get; init; }

    /// <summary>
    /// Nothing names the socket: the process uses a file whose descriptor is closed, and the socket fits what it does there. False: seen.
    /// </summary>
    public bool IsInferred { get; init; }

    /// <summary>The descriptor stands for the socket itself, in a process's or a thread's table.</summary>
    public bool IsOwnDescriptor => Way is HoldingWay.Descriptor or HoldingWay.ThreadTable;
}

/// <summary>Processes that hold a socket and are not listed: of a thousand connections with hundreds of holders each a sample says as much.</summary>
/// <param name="Inode">The socket's inode.</param>
/// <param name="Omitted">How many processes hold it that do not stand among <see cref="Snapshot.Holders"/>.</param>
internal sealed record HolderTally(ulong Inode, int Omitted);

/// <summary>By what a process holds a socket. All but <see cref="Descriptor"/> and <see cref="Announced"/> are out of sight of <c>ls -l /proc/PID/fd</c>, ss, lsof and fuser.</summary>
internal enum HoldingWay : byte
{
    /// <summary>A descriptor of the process.</summary>
    Descriptor,

    /// <summary>A descriptor in the table of one thread, which the process's own view does not show (unshare(CLONE_FILES), or a leader that has ended).</summary>
    ThreadTable,

    /// <summary>Registered with an io_uring (IORING_REGISTER_FILES).</summary>
    IoUring,

    /// <summary>A memory mapping (tcp_mmap(), packet_mmap()), which outlives close().</summary>
    Mapping,

    /// <summary>Sent through a UNIX socket (SCM_RIGHTS) and not received yet: the process holds the receiving end.</summary>
    InFlight,

    /// <summary>Its command line names the very address (docker-proxy's -host-ip and -host-port); its descriptors may not be read.</summary>
    Announced,

    /// <summary>A system call that has not returned; its descriptor was closed meanwhile.</summary>
    SystemCall,

    /// <summary>A request of an io_uring that has not ended; its descriptor was closed meanwhile.</summary>
    IoUringRequest,

    /// <summary>A request of AIO (io_submit()) that has not ended; its descriptor was closed meanwhile.</summary>
    AioRequest,
}

/// <summary>Descriptors that were sent through a UNIX socket (SCM_RIGHTS) and wait there to be received.</summary>
internal sealed record ScmRightsInFlight
{
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
    public ImmutableArray<int> Senders { get; init; } = [];

    /// <summary>The user who sent it, as the initial user namespace numbers users; null when not known.</summary>
    public uint? SenderUserId { get; init; }

    /// <summary>The same values, lists compared element by element.</summary>
    public bool Equals(ScmRightsInFlight? other) => other is not null
        && (ProcessId, Descriptor, Inode, Count) == (other.ProcessId, other.Descriptor, other.Inode, other.Count)
        && (Carried, IsUnaccepted, SenderInode, SenderUserId) == (other.Carried, other.IsUnaccepted, other.SenderInode, other.SenderUserId)
        && Sequence.AreEqual(Senders, other.Senders);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(ProcessId, Descriptor, Inode, Count, SenderInode, Sequence.Hash(Senders));
}

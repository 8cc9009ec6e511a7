using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.Processes.PendingUses;

/// <summary>A call or request that has not ended, and keeps a file whose descriptor is closed.</summary>
/// <param name="ProcessId">The process.</param>
/// <param name="Way">What it is: a system call, a request of io_uring, one of AIO.</param>
/// <param name="Awaits">What it waits for.</param>
internal sealed record PendingUse(int ProcessId, HoldingWay Way, AwaitedEvent Awaits)
{
    /// <summary>The thread that sleeps; null for a request.</summary>
    internal int? ThreadId { get; init; }

    /// <summary>The number by which the call names the file; -1 where it is not known.</summary>
    internal int Descriptor { get; init; } = -1;

    /// <summary>The system call's name; null for a request, and where it is not known.</summary>
    internal string? Call { get; init; }

    /// <summary>It may keep the file without standing in its wait queue: a call on two files waits for one of them, and a registered file is not waited for.</summary>
    internal bool MayWaitElsewhere => Call is "splice" or "sendfile" || Way == HoldingWay.IoUring;

    /// <summary>The holder of a socket that this is.</summary>
    /// <param name="inode">The socket.</param>
    /// <param name="isInferred">Nothing names the socket: it only fits.</param>
    internal Holder ToHolder(ulong inode, bool isInferred) =>
        new(inode, ProcessId, Descriptor, ThreadId: ThreadId, Way: Way) { Call = Call, IsInferred = isInferred };
}

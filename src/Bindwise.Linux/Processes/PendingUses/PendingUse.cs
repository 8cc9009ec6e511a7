namespace Bindwise.Linux.Processes.PendingUses;

/// <summary>A call or request that has not ended, and keeps a file whose descriptor is closed.</summary>
/// <param name="Way">What it is: a system call, a request of io_uring, one of AIO.</param>
internal sealed record PendingUse(int ProcessId, HoldingWay Way, AwaitedEvent Awaits)
{
    /// <summary>The thread that sleeps; null for a request.</summary>
    internal int? ThreadId { get; init; }

    /// <summary>The number by which the call names the file; -1 where it is not known.</summary>
    internal int Descriptor { get; init; } = -1;

    /// <summary>The system call's name; null for a request, and where it is not known.</summary>
    internal string? Call { get; init; }

    /// <summary>
    /// It may keep the file without standing in its wait queue: a call on two files waits for one of
    /// them, and a registered file is not waited for.
    /// </summary>
    internal bool MayWaitElsewhere => Call is "splice" or "sendfile" || Way == HoldingWay.IoUring;

    /// <param name="isInferred">Nothing names the socket: it only fits.</param>
    internal Holder ToHolder(ulong inode, bool isInferred) =>
        new(inode, ProcessId, Descriptor, ThreadId: ThreadId, Way: Way) { Call = Call, IsInferred = isInferred };
}

/// <summary>
/// Processes whose io_uring or AIO context may keep a file: a ring whose descriptor is closed but whose mapping keeps it, with the files
/// that are registered with it; a ring in which requests wait; an AIO context. Which file they keep, /proc does not tell.
/// </summary>
internal static class RingRequests
{
    // enum io_uring_op (include/uapi/linux/io_uring.h), as far as they wait for a socket.
    private const int PollAdd = 6;
    private const int Accept = 13;
    private const int Connect = 16;

    private static readonly HashSet<int> Transfers = [1, 2, 9, 10, 22, 23, 26, 27, 30, 47, 48];

    /// <summary>The rings of a process whose descriptor is closed.</summary>
    internal static IEnumerable<PendingUse> OfClosedRings(TaskView view, int pid)
    {
        var mapped = view.MappedRings(pid, "anon_inode:[io_uring]"u8);
        if (mapped.Count == 0)
            return [];
        mapped.ExceptWith(view.Descriptors(pid).Select(descriptor => view.RingOf(pid, descriptor) ?? 0));
        return mapped.Count == 0 ? [] : [new PendingUse(pid, HoldingWay.IoUring, AwaitedEvent.Any)];
    }

    /// <summary>The requests that wait in open rings, one of a kind; and AIO contexts.</summary>
    internal static IEnumerable<PendingUse> OfOpenRings(TaskView view, int pid)
    {
        var events = view.Descriptors(pid).Where(descriptor => view.RingOf(pid, descriptor) is not null)
            .SelectMany(descriptor => view.WaitingOperations(pid, descriptor)).Select(EventOf).OfType<AwaitedEvent>().Distinct();
        foreach (var awaited in events)
            yield return new PendingUse(pid, HoldingWay.IoUringRequest, awaited);
        if (view.MappedRings(pid, "/[aio] (deleted)"u8).Count > 0)
            yield return new PendingUse(pid, HoldingWay.AioRequest, AwaitedEvent.Any);
    }

    private static AwaitedEvent? EventOf(int operation) => operation switch
    {
        PollAdd => AwaitedEvent.Any,
        Accept => AwaitedEvent.Connection,
        Connect => AwaitedEvent.Handshake,
        _ => Transfers.Contains(operation) ? AwaitedEvent.Data : null,
    };
}

/// <summary>
/// Threads that sleep in a system call on a descriptor that their table does not show: it was closed meanwhile, and the call keeps the
/// file. Which file that is, /proc does not tell. Needs the right to trace them (PTRACE_MODE_ATTACH_FSCREDS).
/// </summary>
internal sealed class ClosedDescriptors(TaskView view)
{
    /// <summary>The most threads that are looked at: half a second or so.</summary>
    internal const int ThreadLimit = 65_536;

    private int _threads;

    /// <summary>There was more to look at than <see cref="ThreadLimit"/>.</summary>
    internal bool IsCut => _threads >= ThreadLimit;

    internal IEnumerable<PendingUse> Of(int pid)
    {
        foreach (var tid in view.Threads(pid))
        {
            if (_threads++ >= ThreadLimit)
                yield break;
            // A call that has ended meanwhile, or another one, says nothing; this thread itself is always in a read() of its own.
            if (tid != view.Self && view.CallOf(pid, tid) is { } call && DescriptorCall.Of(call.Number) is { } known
                && Closed(pid, tid, call, known) is { } descriptor
                && !(known is { Awaits: AwaitedEvent.Data, IsOfSockets: false, Place: DescriptorPlace.First } && view.WaitsInPipe(pid, tid))
                && view.CallOf(pid, tid) == call)
            {
                yield return new PendingUse(pid, HoldingWay.SystemCall, known.Awaits)
                {
                    ThreadId = tid,
                    Descriptor = descriptor,
                    Call = known.Name
                };
            }
        }
    }

    private int? Closed(int pid, int tid, in SystemCall call, DescriptorCall known)
    {
        foreach (var descriptor in view.Named(pid, call, known.Place))
        {
            if (descriptor >= 0 && view.IsClosed(pid, tid, descriptor, known.IsOfSockets))
                return descriptor;
        }
        return null;
    }
}

/// <summary>Whether a process waits at a listener that it has, in accept(), poll() or select(): needs the right to trace it.</summary>
internal static class AwaitedListeners
{
    internal static bool AreAmong(int pid, int[] descriptors)
    {
        using var directory = OpenAt.TryOpen("/proc\0"u8);
        if (directory is null)
            return false;
        var view = new TaskView(directory.Number);
        return view.Threads(pid).Exists(tid => view.CallOf(pid, tid) is { } call
            && DescriptorCall.Of(call.Number) is { Awaits: AwaitedEvent.Any or AwaitedEvent.Connection } known
            && view.Named(pid, call, known.Place).Exists(descriptors.Contains));
    }
}

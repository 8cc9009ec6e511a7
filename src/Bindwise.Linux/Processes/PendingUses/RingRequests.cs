using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.Processes.PendingUses;

/// <summary>
/// Processes whose io_uring or AIO context may keep a file: a ring whose descriptor is closed but whose mapping keeps it, with the files that are
/// registered with it; a ring in which requests wait; an AIO context. Which file they keep, /proc does not tell.
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

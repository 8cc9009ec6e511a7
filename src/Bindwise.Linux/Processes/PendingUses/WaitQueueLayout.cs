using Bindwise.Linux.Bpf;
using static Bindwise.Linux.Bpf.KernelMembers;

namespace Bindwise.Linux.Processes.PendingUses;

/// <summary>Where this kernel has what leads from a socket to those who wait at it. Offsets in bytes.</summary>
internal sealed record WaitQueueLayout
{
    internal SocketIterators Functions { get; init; }

    /// <summary>struct sock_common: skc_state.</summary>
    internal int State { get; init; }

    /// <summary>struct sock: sk_socket.</summary>
    internal int Socket { get; init; }

    /// <summary>From struct socket to the i_ino of the inode beside it (struct socket_alloc).</summary>
    internal int Inode { get; init; }

    /// <summary>From struct socket to the list in its wait queue.</summary>
    internal int Waiters { get; init; }

    /// <summary>struct wait_queue_entry: private, func and entry.</summary>
    internal (int Private, int Function, int Entry) Waiter { get; init; }

    /// <summary>struct poll_wqueues: polling_task.</summary>
    internal int PollingTask { get; init; }

    /// <summary>struct io_kiocb: tctx (Linux 6.13), or task before it.</summary>
    internal int RequestTask { get; init; }

    /// <summary>struct io_uring_task: task; null where <see cref="RequestTask"/> is the task itself.</summary>
    internal int? ContextTask { get; init; }

    /// <summary>From the waiter of an AIO poll to the ki_ctx of its request (struct aio_kiocb).</summary>
    internal int AioContext { get; init; }

    /// <summary>struct kioctx: aio_ring_file.</summary>
    internal int AioFile { get; init; }

    private static readonly KernelPlace QueueOfSocket = KernelPlace.Offset("socket", "wq");
    private static readonly KernelPlace WaitOfQueue = KernelPlace.Offset("socket_wq", "wait");
    private static readonly KernelPlace HeadOfWait = KernelPlace.Offset("wait_queue_head", "head");
    private static readonly KernelPlace PrivateOfWaiter = KernelPlace.Offset("wait_queue_entry", "private");
    private static readonly KernelPlace FunctionOfWaiter = KernelPlace.Offset("wait_queue_entry", "func");
    private static readonly KernelPlace EntryOfWaiter = KernelPlace.Offset("wait_queue_entry", "entry");
    private static readonly KernelPlace TaskOfPoll = KernelPlace.Offset("poll_wqueues", "polling_task");

    // Where a kernel was built without io_uring or AIO, no waiter is one of theirs.
    private static readonly KernelPlace WaitOfAioPoll = KernelPlace.OptionalOffset("poll_iocb", "wait");
    private static readonly KernelPlace ContextOfAio = KernelPlace.OptionalOffset("aio_kiocb", "ki_ctx");
    private static readonly KernelPlace FileOfAioContext = KernelPlace.OptionalOffset("kioctx", "aio_ring_file");
    private static readonly KernelPlace TaskOfContext = KernelPlace.OptionalOffset("io_uring_task", "task");
    private static readonly KernelPlace ContextOfRequest = KernelPlace.OptionalOffset("io_kiocb", "tctx");
    private static readonly KernelPlace TaskOfRequest = KernelPlace.OptionalOffset("io_kiocb", "task");
    private static readonly KernelLayout<WaitQueueLayout> RunningKernel = new(Read);

    /// <summary>This kernel's structures; null when they cannot be told.</summary>
    internal static WaitQueueLayout? OfThisKernel() => RunningKernel.Read();

    /// <summary>Looks the places up in the kernel's type information; null when one is missing.</summary>
    internal static WaitQueueLayout? Read(ReadOnlySpan<byte> typeInformation)
    {
        var found = KernelPlaces.Read(typeInformation, [StateOfCommon, SocketOfAnySock, InodeOfAllocation, NumberOfInode, QueueOfSocket,
            WaitOfQueue, HeadOfWait, PrivateOfWaiter, FunctionOfWaiter, EntryOfWaiter, TaskOfPoll, WaitOfAioPoll, ContextOfAio,
            FileOfAioContext, TaskOfContext, ContextOfRequest, TaskOfRequest, .. SocketIterators.Places]);
        if (found is null)
            return null;
        var context = found.Find(ContextOfRequest) is null ? null : found.Find(TaskOfContext);
        return new WaitQueueLayout
        {
            Functions = SocketIterators.Of(found),
            State = found[StateOfCommon],
            Socket = found[SocketOfAnySock],
            Inode = found[InodeOfAllocation] + found[NumberOfInode],
            Waiters = found[QueueOfSocket] + found[WaitOfQueue] + found[HeadOfWait],
            Waiter = (found[PrivateOfWaiter], found[FunctionOfWaiter], found[EntryOfWaiter]),
            PollingTask = found[TaskOfPoll],
            RequestTask = found.Find(context is null ? TaskOfRequest : ContextOfRequest) ?? 0,
            ContextTask = context,
            AioContext = (found.Find(ContextOfAio) ?? 0) - (found.Find(WaitOfAioPoll) ?? 0),
            AioFile = found.Find(FileOfAioContext) ?? 0,
        };
    }
}

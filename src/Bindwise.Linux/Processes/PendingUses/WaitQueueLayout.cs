using Bindwise.Linux.Bpf;
using static Bindwise.Linux.Bpf.KernelMembers;

namespace Bindwise.Linux.Processes.PendingUses;

/// <summary>Where this kernel has what leads from a socket to those who wait at it. Offsets in bytes.</summary>
internal sealed class WaitQueueLayout(KernelPlaces found)
{
    internal SocketIterators Functions => SocketIterators.Of(found);

    /// <summary>struct sock_common: skc_state.</summary>
    internal int State => found[StateOfCommon];

    /// <summary>struct sock: sk_socket.</summary>
    internal int Socket => found[SocketOfAnySock];

    /// <summary>From struct socket to the i_ino of the inode beside it (struct socket_alloc).</summary>
    internal int Inode => found[InodeOfAllocation] + found[NumberOfInode];

    /// <summary>From struct socket to the list in its wait queue.</summary>
    internal int Waiters => found[QueueOfSocket] + found[WaitOfQueue] + found[HeadOfWait];

    /// <summary>struct wait_queue_entry: private, func and entry.</summary>
    internal (int Private, int Function, int Entry) Waiter => (found[PrivateOfWaiter], found[FunctionOfWaiter], found[EntryOfWaiter]);

    /// <summary>struct poll_wqueues: polling_task.</summary>
    internal int PollingTask => found[TaskOfPoll];

    /// <summary>struct io_kiocb: tctx (Linux 6.13), or task before it.</summary>
    internal int RequestTask => found.Find(ContextTask is null ? TaskOfRequest : ContextOfRequest) ?? 0;

    /// <summary>struct io_uring_task: task; null where <see cref="RequestTask"/> is the task itself.</summary>
    internal int? ContextTask => found.Find(ContextOfRequest) is null ? null : found.Find(TaskOfContext);

    /// <summary>From the waiter of an AIO poll to the ki_ctx of its request (struct aio_kiocb).</summary>
    internal int AioContext => (found.Find(ContextOfAio) ?? 0) - (found.Find(WaitOfAioPoll) ?? 0);

    /// <summary>struct kioctx: aio_ring_file.</summary>
    internal int AioFile => found.Find(FileOfAioContext) ?? 0;

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
        return found is null ? null : new WaitQueueLayout(found);
    }
}

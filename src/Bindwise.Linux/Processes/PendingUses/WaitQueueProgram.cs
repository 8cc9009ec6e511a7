using Bindwise.Linux.Processes.TaskFiles;
using static Bindwise.Linux.Bpf.Instructions;
using Instructions = Bindwise.Linux.Bpf.Instructions;

namespace Bindwise.Linux.Processes.PendingUses;

/// <summary>
/// Writes the program that the kernel runs for each socket of the network namespace: for those that are looked for it prints a line for
/// each waiter in the socket's wait queue. By what its function is called the reader knows which of the numbers are meant: a waiter's
/// <c>private</c> is a task, a struct poll_wqueues or a struct io_kiocb, and the program reads it as each of them. Everything is read by
/// bpf_probe_read_kernel, which cannot do harm; what it brings is compared with /proc afterwards.
/// </summary>
internal sealed class WaitQueueProgram(WaitQueueLayout layout, TaskFileLayout tasks)
{
    internal const int SocketLimit = 64;

    internal const int WaiterLimit = 32;

    /// <summary>
    /// Inode; thread and process of a task, of a poll, of an io_uring request; inode of an AIO context's ring; the function.
    /// </summary>
    private static ReadOnlySpan<byte> Format => "%llu %llu %llu %llu %llu %llu %llu %llu %ps\n\0"u8;

    // struct bpf_iter__tcp, struct bpf_iter__udp and struct bpf_iter__unix, checked by the verifier.
    private const short SocketOfContext = 8;

    private const int TimeWait = 6;
    private const int NewSynReceived = 12;

    // On the stack: the numbers of the line, its format, and what the walk remembers.
    private const short Inode = -72;
    private const short Task = -64;
    private const short Poll = -48;
    private const short Request = -32;
    private const short Ring = -16;
    private const short Function = -8;
    private const int NumbersBytes = 72;
    private const short Line = -120;
    private const short Head = -128;
    private const short Depth = -136;
    private const short Private = -144;
    private const short Kept = -152;
    private const short Scratch = -160;

    private readonly Instructions _code = new();
    private readonly Place _end = new();

    /// <param name="inodes">The sockets that are looked for, at most <see cref="SocketLimit"/>.</param>
    /// <param name="isTcp">For the walk over TCP sockets, some of which are no struct sock.</param>
    internal static ulong[] Write(WaitQueueLayout layout, TaskFileLayout tasks, ReadOnlySpan<ulong> inodes, bool isTcp)
    {
        var program = new WaitQueueProgram(layout, tasks);
        program.Filter(inodes, isTcp);
        program.FindDepth();
        program.WalkWaiters();
        return program._code.ToArray();
    }

    // r6: the context, r7: the socket.
    private void Filter(ReadOnlySpan<ulong> inodes, bool isTcp)
    {
        _code.Begin(SocketOfContext, _end);
        for (var place = Scratch; place < 0; place += sizeof(ulong))
            _code.Put(StoreDoubleConstant, Stack, 0, place);
        if (isTcp)
        {
            _code.ReadMember(7, layout.State, Scratch, sizeof(byte));
            _code.Put(LoadDouble, 1, Stack, Scratch);
            _code.PutJump(_end, JumpIfIs, 1, constant: TimeWait);
            _code.PutJump(_end, JumpIfIs, 1, constant: NewSynReceived);
        }
        _code.Follow(7, layout.Socket, Kept);
        _code.PutJump(_end, JumpIfIs, 3, constant: 0);
        _code.ReadMember(layout.Inode, Inode, sizeof(ulong));
        _code.Put(LoadDouble, 1, Stack, Inode);
        var wanted = new Place();
        // Inode numbers of sockets have 32 bits (get_next_ino).
        foreach (var inode in inodes)
            _code.PutJump(wanted, JumpIfWordIs, 1, 0, unchecked((int)(uint)inode));
        _code.PutJump(_end, Jump);
        _code.Mark(wanted);
    }

    /// <summary>Where in struct pid the number stands that the reader's PID namespace shows.</summary>
    private void FindDepth()
    {
        tasks.LoadDepth(_code, Scratch);
        _code.Put(StoreDouble, Stack, 9, Depth);
    }

    // r8: how many waiters were seen, r9: the next one's entry in the list.
    private void WalkWaiters()
    {
        _code.Put(LoadDouble, 1, Stack, Kept);
        _code.Put(AddConstant, 1, constant: layout.Waiters);
        _code.Put(StoreDouble, Stack, 1, Head);
        _code.Put(Move, 9, 1);
        _code.Put(MoveConstant, 8);
        Advance();
        var loop = _code.Count;
        _code.PutJump(_end, JumpIfIs, 9, constant: 0);
        _code.Put(LoadDouble, 1, Stack, Head);
        _code.PutJump(_end, JumpIfEqual, 9, 1);
        ReadWaiter();
        _code.PrintSequence(6, Format, Line, Inode, NumbersBytes);
        Advance();
        _code.Put(AddConstant, 8, constant: 1);
        _code.PutJumpBack(loop, JumpIfLessConstant, 8, constant: WaiterLimit);
        _code.Mark(_end);
        _code.Return();
    }

    private void Advance()
    {
        _code.Follow(9, 0, Scratch);
        _code.Put(Move, 9, 3);
    }

    private void ReadWaiter()
    {
        var (own, function, entry) = layout.Waiter;
        _code.ReadMember(9, function - entry, Function, sizeof(ulong));
        _code.Follow(9, own - entry, Private);
        ReadNumbers(Task);
        _code.Put(LoadDouble, 3, Stack, Private);
        _code.Follow(layout.PollingTask, Scratch);
        ReadNumbers(Poll);
        // The lowest bits are flags (wqe_to_req(), io_uring/poll.c).
        _code.Put(LoadDouble, 3, Stack, Private);
        _code.Put(AndConstant, 3, constant: ~3);
        _code.Follow(layout.RequestTask, Scratch);
        if (layout.ContextTask is { } task)
            _code.Follow(task, Scratch);
        ReadNumbers(Request);
        _code.Follow(9, layout.AioContext - entry, Scratch);
        _code.Follow(layout.AioFile, Scratch);
        _code.Follow(tasks.FileInode, Scratch);
        _code.ReadMember(tasks.InodeNumber, Ring, sizeof(ulong));
    }

    /// <summary>The numbers of the task in r3: thread, and process in the eight bytes after it.</summary>
    private void ReadNumbers(short place)
    {
        _code.Put(StoreDouble, Stack, 3, Kept);
        _code.Follow(tasks.TaskPid, Scratch);
        _code.Put(LoadDouble, 1, Stack, Depth);
        _code.Put(Add, 3, 1);
        _code.ReadKernel(place, sizeof(int));
        _code.Put(LoadDouble, 3, Stack, Kept);
        _code.Follow(tasks.TaskLeader, Scratch);
        _code.Follow(tasks.TaskPid, Scratch);
        _code.Put(LoadDouble, 1, Stack, Depth);
        _code.Put(Add, 3, 1);
        _code.ReadKernel((short)(place + sizeof(ulong)), sizeof(int));
    }
}

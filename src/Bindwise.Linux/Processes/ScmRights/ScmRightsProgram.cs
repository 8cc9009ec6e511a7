using static Bindwise.Linux.Bpf.Instructions;
using Instructions = Bindwise.Linux.Bpf.Instructions;

namespace Bindwise.Linux.Processes.ScmRights;

/// <summary>
/// Writes the program that the kernel runs for each UNIX socket of the network namespace: it goes through the messages that wait in its
/// queue and through the files that go with each, and writes one <see cref="ScmRightsRow"/> for a socket that is looked for. All is read by
/// bpf_probe_read_kernel, which cannot do harm; a file counts only when its inode lies in the sockets' own file system.
/// </summary>
internal sealed class ScmRightsProgram(ScmRightsLayout layout, bool isCounted)
{
    /// <summary>
    /// How many inodes are compared by the program itself; with more of them it writes every socket, and the caller compares.
    /// </summary>
    internal const int InodeLimit = 8;

    /// <summary>
    /// So many messages and files of one queue are looked at: more than a queue holds, since a sender's buffer takes some 280 messages, and
    /// a user may have 1,024 descriptors in flight (RLIMIT_NOFILE).
    /// </summary>
    internal const int StepLimit = 16_384;

    /// <summary>
    /// So many where the verifier goes through each step by itself (before Linux 6.9): the square of it is what that costs.
    /// </summary>
    internal const int CountedStepLimit = 200;

    // SOCKFS_MAGIC (include/uapi/linux/magic.h).
    private const int SocketFileSystem = 0x534F434B;

    // SCM_MAX_FD (include/net/scm.h).
    private const int FilesOfOneMessage = 253;

    // struct bpf_iter__unix, checked by the verifier.
    private const short UnixSocket = 8;

    // The answer on the stack.
    private const short Answer = -ScmRightsRow.SizeBytes;
    private const short AnswerCarried = Answer;
    private const short AnswerReceiver = Answer + 8;
    private const short AnswerListener = Answer + 16;
    private const short AnswerSender = Answer + 24;
    private const short AnswerUser = Answer + 32;
    private const short Scratch = Answer - 8;
    private const short NextMessage = Answer - 16;
    private const short FileList = Answer - 24;
    private const short FileCount = Answer - 32;
    private const short FileIndex = Answer - 40;
    private const short FileInode = Answer - 48;

    private readonly Instructions _code = new();
    private readonly Place _end = new();

    /// <param name="isCounted">For a kernel that takes only loops whose end it can foresee.</param>
    internal static ulong[] Write(ScmRightsLayout layout, InodeSet inodes, bool isCounted)
    {
        var program = new ScmRightsProgram(layout, isCounted);
        program.Begin();
        program.Loop(inodes);
        program._code.Mark(program._end);
        program._code.Return();
        return program._code.ToArray();
    }

    // r6: the context, r7: the UNIX socket, r8: the message, r9: the steps. Most queues are empty: that ends it at once.
    private void Begin()
    {
        _code.Begin(UnixSocket, _end);
        _code.ReadMember(7, layout.ReceiveQueue, NextMessage, sizeof(ulong));
        _code.Put(LoadDouble, 8, Stack, NextMessage);
        EndAtQueuesHead();

        _code.Put(Move, 3, 7);
        InodeOfSock(AnswerReceiver);
        _code.Put(StoreDoubleConstant, Stack, 0, AnswerListener);
        if (layout.Listener is { } listener)
        {
            _code.Follow(7, listener, Scratch);
            InodeOfSock(AnswerListener);
        }
        _code.Put(StoreDoubleConstant, Stack, 0, AnswerSender);
        _code.Put(StoreDoubleConstant, Stack, 0, AnswerUser);
        _code.Put(StoreDoubleConstant, Stack, 0, FileIndex);
        _code.Put(StoreDoubleConstant, Stack, 0, FileCount);
        _code.Put(StoreDoubleConstant, Stack, 0, FileList);
        _code.Put(MoveConstant, 9);
        if (isCounted)
            return;
        // Zero as well, but the verifier does not know: else it would go through the loop count by count. Nothing can be read at address 0.
        _code.Put(MoveConstant, 3);
        _code.ReadKernel(Scratch, sizeof(ulong));
        _code.Put(LoadDouble, 9, Stack, Scratch);
    }

    private void Loop(InodeSet inodes)
    {
        var start = _code.Count;
        var next = new Place();
        var go = new Place();
        if (!isCounted)
            _code.PutJump(_end, MayGoTo);
        _code.Put(AddConstant, 9, constant: 1);
        _code.PutJump(go, JumpIfLessConstant, 9, constant: isCounted ? CountedStepLimit : StepLimit);
        _code.Put(StoreDoubleConstant, Stack, 0, AnswerCarried);
        _code.WriteSequence(6, Answer, ScmRightsRow.SizeBytes);
        _code.PutJump(_end, Jump);

        _code.Mark(go);
        _code.Put(LoadDouble, 1, Stack, FileIndex);
        _code.Put(LoadDouble, 2, Stack, FileCount);
        _code.PutJump(next, JumpIfNotLess, 1, 2);
        ReadFile(start, inodes);
        ReadSender();
        _code.WriteSequence(6, Answer, ScmRightsRow.SizeBytes);
        _code.PutJumpBack(start, Jump);

        _code.Mark(next);
        EnterMessage(start);
    }

    // r1: the index of the file.
    private void ReadFile(int start, InodeSet inodes)
    {
        _code.Put(Move, 3, 1);
        _code.Put(AddConstant, 1, constant: 1);
        _code.Put(StoreDouble, Stack, 1, FileIndex);
        _code.Put(MultiplyConstant, 3, constant: sizeof(ulong));
        _code.Put(LoadDouble, 1, Stack, FileList);
        _code.Put(Add, 3, 1);
        _code.Follow(layout.FirstFile, Scratch);
        _code.Follow(layout.FileInode, Scratch);
        _code.Put(StoreDouble, Stack, 3, FileInode);
        _code.ReadMember(layout.InodeNumber, AnswerCarried, sizeof(ulong));
        if (inodes.Count <= InodeLimit)
        {
            var wanted = new Place();
            _code.Put(LoadDouble, 1, Stack, AnswerCarried);
            foreach (var inode in inodes.Sorted)
                _code.PutJump(wanted, JumpIfWordIs, 1, 0, unchecked((int)(uint)inode));
            _code.PutJumpBack(start, Jump);
            _code.Mark(wanted);
        }
        _code.Put(LoadDouble, 3, Stack, FileInode);
        _code.Follow(layout.InodeFileSystem, Scratch);
        _code.ReadMember(layout.Magic, Scratch, sizeof(ulong));
        _code.Put(LoadDouble, 1, Stack, Scratch);
        _code.PutJumpBack(start, JumpIfIsNot, 1, constant: SocketFileSystem);
    }

    private void ReadSender()
    {
        if (layout.MessageSock is { } sender)
        {
            _code.Follow(8, sender, Scratch);
            InodeOfSock(AnswerSender);
        }
        _code.Put(LoadDouble, 3, Stack, FileList);
        _code.Follow(layout.FilesUser, Scratch);
        _code.ReadMember(layout.UserNumber, AnswerUser, sizeof(uint));
    }

    private void EnterMessage(int start)
    {
        _code.Put(LoadDouble, 8, Stack, NextMessage);
        EndAtQueuesHead();
        _code.Put(Move, 3, 8);
        _code.ReadKernel(NextMessage, sizeof(ulong));
        _code.Follow(8, layout.MessageControl + layout.Files, Scratch);
        _code.Put(StoreDouble, Stack, 3, FileList);
        _code.Put(StoreDoubleConstant, Stack, 0, FileIndex);
        _code.Put(StoreDoubleConstant, Stack, 0, FileCount);
        _code.ReadMember(layout.FileCount, Scratch, sizeof(ushort));
        _code.Put(LoadHalf, 1, Stack, Scratch);
        // Without files the list is null, and its count reads as 0; what is no list has no sane one.
        _code.PutJumpBack(start, JumpIfMoreThan, 1, constant: FilesOfOneMessage);
        _code.Put(StoreDouble, Stack, 1, FileCount);
        _code.PutJumpBack(start, Jump);
    }

    // The queue is a ring that begins and ends with the socket's own member.
    private void EndAtQueuesHead()
    {
        _code.PutJump(_end, JumpIfIs, 8);
        _code.Put(Move, 1, 7);
        _code.Put(AddConstant, 1, constant: layout.ReceiveQueue);
        _code.PutJump(_end, JumpIfEqual, 8, 1);
    }

    // From a sock in r3 to the number of its socket's inode; 0 for a sock without a socket (closed, or not accepted yet).
    private void InodeOfSock(short place)
    {
        _code.Follow(layout.SocketOfSock, Scratch);
        _code.ReadMember(layout.SocketToInode + layout.InodeNumber, place, sizeof(ulong));
    }
}

using static Bindwise.Linux.Bpf.Instructions;
using Instructions = Bindwise.Linux.Bpf.Instructions;

namespace Bindwise.Linux.Processes.TaskFiles;

/// <summary>
/// Writes the program that the kernel runs for each descriptor of each process: it looks at the file's inode, and writes one
/// <see cref="TaskFile"/> for a socket that is looked for. The verifier proves the way to the inode; the numbers of process and thread
/// are read by bpf_probe_read_kernel, which cannot do harm, and what it brings is compared with /proc afterwards.
/// </summary>
internal sealed class TaskFileProgram
{
    /// <summary>
    /// How many inodes are compared by the program itself; with more of them it writes every socket, and the caller compares.
    /// </summary>
    internal const int InodeLimit = 1024;

    // Of so few each is compared; more are halved first.
    private const int ComparedAtOnce = 4;

    // struct bpf_iter__task_file, checked by the verifier.
    private const short Task = 8;
    private const short Descriptor = 16;
    private const short File = 24;

    // The answer on the stack.
    private const short Answer = -TaskFile.SizeBytes;
    private const short AnswerProcess = Answer;
    private const short AnswerThread = Answer + 4;
    private const short AnswerDescriptor = Answer + 8;
    private const short AnswerPadding = Answer + 12;
    private const short AnswerInode = Answer + 16;
    private const short Scratch = Answer - 8;

    private readonly Instructions _code = new();
    private readonly Place _end = new();

    private TaskFileProgram()
    {
    }

    /// <param name="inodes">The inodes that are looked for; null for every socket.</param>
    internal static ulong[] Write(TaskFileLayout layout, InodeSet? inodes)
    {
        var program = new TaskFileProgram();
        program.Filter(layout, inodes);
        program.Number(layout);
        program.Emit();
        return program._code.ToArray();
    }

    // r6: the context, r7: the task, r8: its file, r9: the file's inode number.
    private void Filter(TaskFileLayout layout, InodeSet? inodes)
    {
        _code.Put(Move, 6, 1);
        _code.Put(LoadDouble, 8, 6, File);
        EndIfZero(8); // after the last file the program is called once more, without one
        _code.Put(LoadDouble, 7, 6, Task);
        EndIfZero(7);
        _code.Put(LoadDouble, 9, 8, (short)layout.FileInode);
        _code.Put(LoadDouble, 9, 9, (short)layout.InodeNumber);
        if (inodes is { Count: <= InodeLimit })
            EndUnlessWanted(inodes);
        _code.Put(Move, 1, 8);
        _code.Put(Call, constant: SocketFromFile);
        EndIfZero(0);
        _code.Put(StoreDouble, Stack, 9, AnswerInode);
        _code.Put(LoadWord, 1, 6, Descriptor);
        _code.Put(StoreWord, Stack, 1, AnswerDescriptor);
        _code.Put(StoreWordConstant, Stack, 0, AnswerPadding);
    }

    // Sockets' inode numbers have 32 bits (get_next_ino); others are compared by the caller.
    private void EndUnlessWanted(InodeSet inodes)
    {
        if (inodes.Sorted is [.., > uint.MaxValue])
            return;
        var wanted = new Place();
        EndUnlessAmong(inodes.Sorted, wanted);
        _code.Mark(wanted);
    }

    private void EndUnlessAmong(ReadOnlySpan<ulong> sorted, Place wanted)
    {
        if (sorted.Length <= ComparedAtOnce)
        {
            foreach (var inode in sorted)
                _code.PutJump(wanted, JumpIfWordIs, 9, 0, unchecked((int)(uint)inode));
            _code.PutJump(_end, Jump);
            return;
        }
        var half = sorted.Length / 2;
        var above = new Place();
        _code.PutJump(above, JumpIfWordIsMoreThan, 9, 0, unchecked((int)(uint)sorted[half - 1]));
        EndUnlessAmong(sorted[..half], wanted);
        _code.Mark(above);
        EndUnlessAmong(sorted[half..], wanted);
    }

    private void Number(TaskFileLayout layout)
    {
        layout.LoadDepth(_code, Scratch);
        _code.Follow(7, layout.TaskPid, Scratch);
        _code.Put(Add, 3, 9);
        _code.ReadKernel(AnswerThread, sizeof(int));

        _code.Follow(7, layout.TaskLeader, Scratch);
        _code.Follow(layout.TaskPid, Scratch);
        _code.Put(Add, 3, 9);
        _code.ReadKernel(AnswerProcess, sizeof(int));
    }

    private void Emit()
    {
        _code.WriteSequence(6, Answer, TaskFile.SizeBytes);
        _code.Mark(_end);
        _code.Return();
    }

    private void EndIfZero(byte register) => _code.PutJump(_end, JumpIfIs, register);
}

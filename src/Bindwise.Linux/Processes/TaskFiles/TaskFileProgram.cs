namespace Bindwise.Linux.Processes.TaskFiles;

/// <summary>
/// Writes the program that the kernel runs for each descriptor of each process: it looks at the file's inode, and writes one
/// <see cref="TaskFile"/> for a socket that is looked for. The verifier proves the way to the inode; the numbers of process and thread
/// are read by bpf_probe_read_kernel, which cannot do harm, and what it brings is compared with /proc afterwards.
/// </summary>
internal sealed class TaskFileProgram
{
    /// <summary>How many inodes are compared by the program itself; with more of them it writes every socket, and the caller compares.</summary>
    internal const int InodeLimit = 64;

    // Operations (include/uapi/linux/bpf.h): class, size or source, and the deed.
    private const byte LoadDouble = 0x79;
    private const byte LoadWord = 0x61;
    private const byte StoreDouble = 0x7b;
    private const byte StoreWord = 0x63;
    private const byte StoreWordConstant = 0x62;
    private const byte Move = 0xbf;
    private const byte MoveConstant = 0xb7;
    private const byte Add = 0x0f;
    private const byte AddConstant = 0x07;
    private const byte MultiplyConstant = 0x27;
    private const byte JumpIfZero = 0x15;
    private const byte JumpIfWordIs = 0x16;
    private const byte Jump = 0x05;
    private const byte Call = 0x85;
    private const byte Exit = 0x95;

    // Helpers, by number.
    private const int ProbeReadKernel = 113;
    private const int SequenceWrite = 127;
    private const int CurrentTask = 35;
    private const int SocketFromFile = 162;

    // struct bpf_iter__task_file and struct bpf_iter_meta, checked by the verifier.
    private const short Meta = 0;
    private const short Task = 8;
    private const short Descriptor = 16;
    private const short File = 24;
    private const short MetaSequence = 0;

    // The answer on the stack.
    private const short Answer = -TaskFile.SizeBytes;
    private const short AnswerProcess = Answer;
    private const short AnswerThread = Answer + 4;
    private const short AnswerDescriptor = Answer + 8;
    private const short AnswerPadding = Answer + 12;
    private const short AnswerInode = Answer + 16;

    private const short Scratch = Answer - 8;

    private const byte Stack = 10;

    private readonly List<ulong> _instructions = [];
    private readonly List<int> _toEnd = [];

    private TaskFileProgram()
    {
    }

    /// <summary>A program too small to do anything: whether the kernel says EPERM to it tells whether a real one is worth making.</summary>
    internal static ulong[] Empty { get; } = [Encode(MoveConstant, 0, 0, 0, 0), Encode(Exit, 0, 0, 0, 0)];

    /// <summary>Writes the program.</summary>
    /// <param name="layout">This kernel's structures.</param>
    /// <param name="inodes">The inodes that are looked for; null for every socket.</param>
    internal static ulong[] Write(in TaskFileLayout layout, InodeSet? inodes)
    {
        var program = new TaskFileProgram();
        program.Filter(layout, inodes);
        program.Number(layout);
        program.Emit();
        return [.. program._instructions];
    }

    // r6: the context, r7: the task, r8: its file, r9: the file's inode number.
    private void Filter(in TaskFileLayout layout, InodeSet? inodes)
    {
        Put(Move, 6, 1);
        Put(LoadDouble, 8, 6, File);
        EndIfZero(8); // after the last file the program is called once more, without one
        Put(LoadDouble, 7, 6, Task);
        EndIfZero(7);
        Put(LoadDouble, 9, 8, (short)layout.FileInode);
        Put(LoadDouble, 9, 9, (short)layout.InodeNumber);
        if (inodes is { Count: <= InodeLimit })
            EndUnlessWanted(inodes);
        Put(Move, 1, 8);
        Put(Call, constant: SocketFromFile);
        EndIfZero(0);
        Put(StoreDouble, Stack, 9, AnswerInode);
        Put(LoadWord, 1, 6, Descriptor);
        Put(StoreWord, Stack, 1, AnswerDescriptor);
        Put(StoreWordConstant, Stack, 0, AnswerPadding);
    }

    // Sockets' inode numbers have 32 bits (get_next_ino); more are compared by the caller.
    private void EndUnlessWanted(InodeSet inodes)
    {
        var left = inodes.Count;
        foreach (var inode in inodes.Sorted)
            Put(JumpIfWordIs, 9, 0, (short)left--, unchecked((int)(uint)inode));
        _toEnd.Add(_instructions.Count);
        Put(Jump);
    }

    // /proc shows the number that a task has in the reader's PID namespace, at the reader's depth. The verifier could follow these pointers
    // too, but for each it looks through all names of the kernel several times (btf_nested_type_is_trusted): a millisecond in all.
    private void Number(in TaskFileLayout layout)
    {
        Put(Call, constant: CurrentTask);
        Put(Move, 3, 0);
        Follow(layout.TaskPid);
        Put(AddConstant, 3, constant: layout.PidLevel);
        ReadKernel(Scratch, sizeof(int));
        Put(LoadWord, 9, Stack, Scratch);
        Put(MultiplyConstant, 9, constant: layout.NumberSize);
        Put(AddConstant, 9, constant: layout.PidNumbers + layout.NumberValue);

        Put(Move, 3, 7);
        Follow(layout.TaskPid);
        Put(Add, 3, 9);
        ReadKernel(AnswerThread, sizeof(int));

        Put(Move, 3, 7);
        Follow(layout.TaskLeader);
        Follow(layout.TaskPid);
        Put(Add, 3, 9);
        ReadKernel(AnswerProcess, sizeof(int));
    }

    // r3: from a structure to that which one of its members points to. What cannot be read becomes zeros.
    private void Follow(int offset)
    {
        Put(AddConstant, 3, constant: offset);
        ReadKernel(Scratch, sizeof(ulong));
        Put(LoadDouble, 3, Stack, Scratch);
    }

    private void ReadKernel(short place, int sizeBytes)
    {
        Put(Move, 1, Stack);
        Put(AddConstant, 1, constant: place);
        Put(MoveConstant, 2, constant: sizeBytes);
        Put(Call, constant: ProbeReadKernel);
    }

    private void Emit()
    {
        Put(LoadDouble, 1, 6, Meta);
        Put(LoadDouble, 1, 1, MetaSequence);
        Put(Move, 2, Stack);
        Put(AddConstant, 2, constant: Answer);
        Put(MoveConstant, 3, constant: TaskFile.SizeBytes);
        Put(Call, constant: SequenceWrite);
        var end = _instructions.Count;
        Put(MoveConstant);
        Put(Exit);
        foreach (var jump in _toEnd)
            _instructions[jump] |= (ulong)(ushort)(end - jump - 1) << 16;
    }

    private void EndIfZero(byte register)
    {
        _toEnd.Add(_instructions.Count);
        Put(JumpIfZero, register);
    }

    private void Put(byte operation, byte target = 0, byte source = 0, short offset = 0, int constant = 0) =>
        _instructions.Add(Encode(operation, target, source, offset, constant));

    // struct bpf_insn, little-endian.
    private static ulong Encode(byte operation, byte target, byte source, short offset, int constant) =>
        operation | ((ulong)target << 8) | ((ulong)source << 12) | ((ulong)unchecked((ushort)offset) << 16) | ((ulong)unchecked((uint)constant) << 32);
}

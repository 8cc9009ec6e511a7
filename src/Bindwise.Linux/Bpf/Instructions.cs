using System.Buffers.Binary;

namespace Bindwise.Linux.Bpf;

/// <summary>
/// Writes a program for the kernel's BPF machine, as struct bpf_insn, one a number (Documentation/bpf/standardization/instruction-set.rst).
/// Jumps forward go to a place that is marked later.
/// </summary>
internal sealed class Instructions
{
    // Operations (include/uapi/linux/bpf.h): class, size or source, and the deed.
    internal const byte LoadImmediate = 0x18; // of two instructions
    internal const byte LoadDouble = 0x79;
    internal const byte LoadWord = 0x61;
    internal const byte LoadHalf = 0x69;
    internal const byte StoreDouble = 0x7b;
    internal const byte StoreWord = 0x63;
    internal const byte StoreHalf = 0x6b;
    internal const byte StoreDoubleConstant = 0x7a;
    internal const byte AddToDouble = 0xdb; // BPF_ATOMIC with BPF_ADD
    internal const byte StoreWordConstant = 0x62;
    internal const byte Move = 0xbf;
    internal const byte MoveConstant = 0xb7;
    internal const byte Add = 0x0f;
    internal const byte Subtract = 0x1f;
    internal const byte AddConstant = 0x07;
    internal const byte MultiplyConstant = 0x27;
    internal const byte AndConstant = 0x57;
    internal const byte ShiftLeftConstant = 0x67;
    internal const byte ShiftRightConstant = 0x77;
    internal const byte ShiftRightSignedConstant = 0xc7;
    internal const byte JumpIfIs = 0x15;
    internal const byte JumpIfIsNot = 0x55;
    internal const byte JumpIfEqual = 0x1d;
    internal const byte JumpIfNotLess = 0x3d;
    internal const byte JumpIfNotNegative = 0x75; // signed, with 0
    internal const byte JumpIfLessConstant = 0xa5;
    internal const byte JumpIfMoreThan = 0x25;
    internal const byte JumpIfLessOrSame = 0xb5;
    internal const byte JumpIfWordIs = 0x16;
    internal const byte JumpIfWordIsMoreThan = 0x26;
    internal const byte Jump = 0x05;
    internal const byte MayGoTo = 0xe5; // BPF_JCOND: "this loop ends by itself" (Linux 6.9)
    internal const byte Call = 0x85;
    internal const byte Exit = 0x95;

    // Helpers, by number.
    internal const int LookUpElement = 1; // bpf_map_lookup_elem
    internal const int UpdateElement = 2; // bpf_map_update_elem
    internal const int DeleteElement = 3; // bpf_map_delete_elem
    internal const int CurrentProcessAndThread = 14; // bpf_get_current_pid_tgid
    internal const int CurrentCgroup = 80; // bpf_get_current_cgroup_id
    internal const int ProbeReadUser = 112;
    internal const int WriteToRing = 130; // bpf_ringbuf_output
    internal const int TimeSinceBoot = 5; // bpf_ktime_get_ns
    internal const int PushElement = 87; // bpf_map_push_elem
    internal const int ProbeReadKernel = 113;
    internal const int SequencePrint = 126;
    internal const int SequenceWrite = 127;
    internal const int CurrentTask = 35;
    internal const int SocketFromFile = 162;
    internal const int CopyFromTask = 191; // bpf_copy_from_user_task

    /// <summary>The register that holds the top of the stack.</summary>
    internal const byte Stack = 10;

    /// <summary>BPF_PSEUDO_MAP_FD: the constant of <see cref="LoadImmediate"/> is a map's descriptor.</summary>
    private const byte MapDescriptor = 1;

    // Where struct bpf_iter__task_file, bpf_iter__tcp and the like have their struct bpf_iter_meta, and
    // that its seq_file; the verifier checks both.
    private const short Meta = 0;
    private const short MetaSequence = 0;

    private readonly List<ulong> _list = [];

    /// <summary>A place that jumps lead to, once it is marked.</summary>
    internal sealed class Place
    {
        internal List<int> Jumps { get; } = [];
    }

    /// <summary>How many stand there: where a jump back would lead.</summary>
    internal int Count => _list.Count;

    internal ulong[] ToArray() => [.. _list];

    internal void Put(byte operation, byte target = 0, byte source = 0, short offset = 0, int constant = 0) =>
        _list.Add(Encode(operation, target, source, offset, constant));

    internal void PutJump(Place place, byte operation, byte target = 0, byte source = 0, int constant = 0)
    {
        place.Jumps.Add(_list.Count);
        Put(operation, target, source, 0, constant);
    }

    internal void PutJumpBack(int index, byte operation, byte target = 0, byte source = 0, int constant = 0) =>
        Put(operation, target, source, (short)(index - _list.Count - 1), constant);

    /// <summary>Jumps to the place lead to the next instruction.</summary>
    internal void Mark(Place place)
    {
        foreach (var jump in place.Jumps)
            _list[jump] |= (ulong)(ushort)(_list.Count - jump - 1) << 16;
        place.Jumps.Clear();
    }

    internal void PointToStack(byte register, short place)
    {
        Put(Move, register, Stack);
        Put(AddConstant, register, constant: place);
    }

    /// <summary>Lets r1 be a map.</summary>
    internal void LoadMap(int descriptor)
    {
        Put(LoadImmediate, 1, MapDescriptor, 0, descriptor);
        Put(0);
    }

    /// <summary>Lets a register be a number of eight bytes.</summary>
    internal void LoadNumber(byte register, ulong number)
    {
        Put(LoadImmediate, register, constant: unchecked((int)number));
        Put(0, constant: unchecked((int)(number >> 32)));
    }

    /// <summary>Reads from the address in r3 to the stack; what cannot be read becomes zeros.</summary>
    internal void ReadKernel(short place, int sizeBytes)
    {
        PointToStack(1, place);
        Put(MoveConstant, 2, constant: sizeBytes);
        Put(Call, constant: ProbeReadKernel);
    }

    /// <summary>Reads a member of the structure that r3 points to.</summary>
    internal void ReadMember(int offset, short place, int sizeBytes)
    {
        Put(AddConstant, 3, constant: offset);
        ReadKernel(place, sizeBytes);
    }

    /// <summary>Reads a member of the structure that a register points to.</summary>
    internal void ReadMember(byte structure, int offset, short place, int sizeBytes)
    {
        Put(Move, 3, structure);
        ReadMember(offset, place, sizeBytes);
    }

    /// <summary>r3: from the structure that it points to, to that which one of its members points to, by way of the stack.</summary>
    internal void Follow(int offset, short scratch)
    {
        ReadMember(offset, scratch, sizeof(ulong));
        Put(LoadDouble, 3, Stack, scratch);
    }

    /// <summary>The same from the structure that another register points to.</summary>
    internal void Follow(byte structure, int offset, short scratch)
    {
        Put(Move, 3, structure);
        Follow(offset, scratch);
    }

    /// <summary>
    /// Begins the program of an iterator. r6: its context, r7: its object; after the last one the program is called once more, without one.
    /// </summary>
    /// <param name="member">Where the context has the object, as struct bpf_iter__task does.</param>
    internal void Begin(short member, Place end)
    {
        Put(Move, 6, 1);
        Put(LoadDouble, 7, 6, member);
        PutJump(end, JumpIfIs, 7);
    }

    /// <summary>Writes bytes of the stack to the iterator's reader.</summary>
    /// <param name="context">The register that points to the iterator's context.</param>
    internal void WriteSequence(byte context, short place, int sizeBytes)
    {
        LoadSequence(context);
        PointToStack(2, place);
        Put(MoveConstant, 3, constant: sizeBytes);
        Put(Call, constant: SequenceWrite);
    }

    /// <summary>Prints numbers of the stack to the iterator's reader.</summary>
    /// <param name="context">The register that points to the iterator's context.</param>
    /// <param name="format">The format (bpf_seq_printf), with a NUL at its end.</param>
    /// <param name="formatPlace">Room for it on the stack, a multiple of four bytes.</param>
    internal void PrintSequence(byte context, ReadOnlySpan<byte> format, short formatPlace, short numbers, int numbersBytes)
    {
        Span<byte> whole = stackalloc byte[(format.Length + 3) & ~3];
        whole.Clear();
        format.CopyTo(whole);
        for (var i = 0; i < whole.Length; i += sizeof(int))
            Put(StoreWordConstant, Stack, 0, (short)(formatPlace + i), BinaryPrimitives.ReadInt32LittleEndian(whole[i..]));
        LoadSequence(context);
        PointToStack(2, formatPlace);
        Put(MoveConstant, 3, constant: format.Length);
        PointToStack(4, numbers);
        Put(MoveConstant, 5, constant: numbersBytes);
        Put(Call, constant: SequencePrint);
    }

    /// <summary>Ends the program, to be called for the next object.</summary>
    internal void Return()
    {
        Put(MoveConstant);
        Put(Exit);
    }

    /// <summary>r1: the iterator's reader.</summary>
    internal void LoadSequence(byte context)
    {
        Put(LoadDouble, 1, context, Meta);
        Put(LoadDouble, 1, 1, MetaSequence);
    }

    /// <summary>struct bpf_insn, little-endian.</summary>
    internal static ulong Encode(byte operation, byte target, byte source, short offset, int constant) =>
        operation | ((ulong)target << 8) | ((ulong)source << 12)
            | ((ulong)unchecked((ushort)offset) << 16) | ((ulong)unchecked((uint)constant) << 32);
}

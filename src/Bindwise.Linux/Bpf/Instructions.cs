namespace Bindwise.Linux.Bpf;

/// <summary>
/// Writes a program for the kernel's BPF machine, as struct bpf_insn, one a number (Documentation/bpf/standardization/instruction-set.rst).
/// Jumps forward go to a place that is marked later.
/// </summary>
internal sealed class Instructions
{
    // Operations (include/uapi/linux/bpf.h): class, size or source, and the deed.
    internal const byte LoadDouble = 0x79;
    internal const byte LoadWord = 0x61;
    internal const byte LoadHalf = 0x69;
    internal const byte StoreDouble = 0x7b;
    internal const byte StoreWord = 0x63;
    internal const byte StoreDoubleConstant = 0x7a;
    internal const byte StoreWordConstant = 0x62;
    internal const byte Move = 0xbf;
    internal const byte MoveConstant = 0xb7;
    internal const byte Add = 0x0f;
    internal const byte AddConstant = 0x07;
    internal const byte MultiplyConstant = 0x27;
    internal const byte AndConstant = 0x57;
    internal const byte JumpIfIs = 0x15;
    internal const byte JumpIfIsNot = 0x55;
    internal const byte JumpIfEqual = 0x1d;
    internal const byte JumpIfNotLess = 0x3d;
    internal const byte JumpIfLessConstant = 0xa5;
    internal const byte JumpIfMoreThan = 0x25;
    internal const byte JumpIfWordIs = 0x16;
    internal const byte JumpIfWordIsMoreThan = 0x26;
    internal const byte Jump = 0x05;
    internal const byte MayGoTo = 0xe5; // BPF_JCOND: "this loop ends by itself" (Linux 6.9)
    internal const byte Call = 0x85;
    internal const byte Exit = 0x95;

    // Helpers, by number.
    internal const int ProbeReadKernel = 113;
    internal const int SequencePrint = 126;
    internal const int SequenceWrite = 127;
    internal const int CurrentTask = 35;
    internal const int SocketFromFile = 162;

    /// <summary>The register that holds the top of the stack.</summary>
    internal const byte Stack = 10;

    private readonly List<ulong> _list = [];

    /// <summary>A place that jumps lead to, once it is marked.</summary>
    internal sealed class Place
    {
        internal List<int> Jumps { get; } = [];
    }

    /// <summary>How many stand there: where a jump back would lead.</summary>
    internal int Count => _list.Count;

    /// <summary>The program.</summary>
    internal ulong[] ToArray() => [.. _list];

    internal void Put(byte operation, byte target = 0, byte source = 0, short offset = 0, int constant = 0) =>
        _list.Add(Encode(operation, target, source, offset, constant));

    /// <summary>A jump to a place that is marked later.</summary>
    internal void PutJump(Place place, byte operation, byte target = 0, byte source = 0, int constant = 0)
    {
        place.Jumps.Add(_list.Count);
        Put(operation, target, source, 0, constant);
    }

    /// <summary>A jump back.</summary>
    internal void PutJumpBack(int index, byte operation, byte target = 0, byte source = 0, int constant = 0) =>
        Put(operation, target, source, (short)(index - _list.Count - 1), constant);

    /// <summary>Jumps to the place lead to the next instruction.</summary>
    internal void Mark(Place place)
    {
        foreach (var jump in place.Jumps)
            _list[jump] |= (ulong)(ushort)(_list.Count - jump - 1) << 16;
        place.Jumps.Clear();
    }

    /// <summary>Reads from the address in r3 to the stack; what cannot be read becomes zeros.</summary>
    internal void ReadKernel(short place, int sizeBytes)
    {
        Put(Move, 1, Stack);
        Put(AddConstant, 1, constant: place);
        Put(MoveConstant, 2, constant: sizeBytes);
        Put(Call, constant: ProbeReadKernel);
    }

    /// <summary>r3: from a structure to that which one of its members points to, by way of the stack.</summary>
    internal void Follow(int offset, short scratch)
    {
        Put(AddConstant, 3, constant: offset);
        ReadKernel(scratch, sizeof(ulong));
        Put(LoadDouble, 3, Stack, scratch);
    }

    /// <summary>struct bpf_insn, little-endian.</summary>
    internal static ulong Encode(byte operation, byte target, byte source, short offset, int constant) =>
        operation | ((ulong)target << 8) | ((ulong)source << 12) | ((ulong)unchecked((ushort)offset) << 16) | ((ulong)unchecked((uint)constant) << 32);
}

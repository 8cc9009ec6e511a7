namespace Bindwise.Linux.KernelServices;

/// <summary>
/// Writes the program that the kernel runs for each TCP or UDP socket of the network namespace: of those on one port it prints a line with
/// the cookie, three bytes of flags and the name of the function that takes what arrives. Everything is read by bpf_probe_read_kernel, which
/// cannot do harm; a wrong place shows by a cookie that nobody asked for.
/// </summary>
internal sealed class SocketProgram
{
    /// <summary>The program's output: cookie, byte of sk_kern_sock, bytes of skc_reuse and skc_reuseport, symbol with its module.</summary>
    private static ReadOnlySpan<byte> Format => "%llx %llx %llx %llx %ps\n\0"u8;

    // Operations (include/uapi/linux/bpf.h): class, size or source, and the deed.
    private const byte LoadDouble = 0x79;
    private const byte StoreDoubleConstant = 0x7a;
    private const byte StoreWordConstant = 0x62;
    private const byte Move = 0xbf;
    private const byte MoveConstant = 0xb7;
    private const byte AddConstant = 0x07;
    private const byte JumpIfIs = 0x15;
    private const byte JumpIfIsNot = 0x55;
    private const byte Call = 0x85;
    private const byte Exit = 0x95;

    // Helpers, by number.
    private const int ProbeReadKernel = 113;
    private const int SequencePrint = 126;

    // struct bpf_iter__tcp and struct bpf_iter__udp, checked by the verifier.
    private const short Meta = 0;
    private const short Socket = 8;

    private const int TimeWait = 6;
    private const int NewSynReceived = 12;

    // On the stack: the five numbers of the line, its format, and room for one number.
    private const short Cookie = -40;
    private const short Kernel = -32;
    private const short Reuse = -24;
    private const short ReusePort = -16;
    private const short Handler = -8;
    private const short Line = -72;
    private const short Scratch = -80;
    private const int NumbersBytes = 40;
    private const byte Stack = 10;

    private readonly List<ulong> _instructions = [];
    private readonly List<int> _toEnd = [];

    private SocketProgram()
    {
    }

    /// <summary>Writes the program.</summary>
    /// <param name="layout">This kernel's structures.</param>
    /// <param name="isTcp">For the walk over TCP sockets; false: UDP.</param>
    /// <param name="port">The local port.</param>
    internal static ulong[] Write(in SocketLayout layout, bool isTcp, ushort port)
    {
        var program = new SocketProgram();
        program.Filter(layout, isTcp, port);
        program.Gather(layout, isTcp);
        program.Print();
        return [.. program._instructions];
    }

    // r6: the context, r7: the socket.
    private void Filter(in SocketLayout layout, bool isTcp, ushort port)
    {
        Put(Move, 6, 1);
        Put(LoadDouble, 7, 6, Socket);
        End(JumpIfIs, 7, 0); // after the last socket the program is called once more, without one
        for (var place = Scratch; place < 0; place += sizeof(ulong))
            Put(StoreDoubleConstant, Stack, 0, place);
        Read(Scratch, sizeof(ushort), layout.Port);
        Put(LoadDouble, 1, Stack, Scratch);
        End(JumpIfIsNot, 1, port);
        if (!isTcp)
            return;
        // These two are no struct sock.
        Put(StoreDoubleConstant, Stack, 0, Scratch);
        Read(Scratch, sizeof(byte), layout.State);
        Put(LoadDouble, 1, Stack, Scratch);
        End(JumpIfIs, 1, TimeWait);
        End(JumpIfIs, 1, NewSynReceived);
    }

    private void Gather(in SocketLayout layout, bool isTcp)
    {
        Read(Cookie, sizeof(ulong), layout.Cookie);
        Read(Kernel, sizeof(byte), layout.OpenedByKernel.Byte);
        Read(Reuse, sizeof(byte), layout.Reuse.Byte);
        Read(ReusePort, sizeof(byte), layout.ReusePort.Byte);
        Read(Handler, sizeof(ulong), isTcp ? layout.DataReady : layout.Encapsulation);
    }

    private void Print()
    {
        Span<byte> format = stackalloc byte[(Format.Length + 3) & ~3];
        format.Clear();
        Format.CopyTo(format);
        for (var i = 0; i < format.Length; i += sizeof(int))
            Put(StoreWordConstant, Stack, 0, (short)(Line + i), System.Buffers.Binary.BinaryPrimitives.ReadInt32LittleEndian(format[i..]));
        Put(LoadDouble, 1, 6, Meta);
        Put(LoadDouble, 1, 1);
        Place(2, Line);
        Put(MoveConstant, 3, constant: Format.Length);
        Place(4, Cookie);
        Put(MoveConstant, 5, constant: NumbersBytes);
        Put(Call, constant: SequencePrint);
        var end = _instructions.Count;
        Put(MoveConstant);
        Put(Exit);
        foreach (var jump in _toEnd)
            _instructions[jump] |= (ulong)(ushort)(end - jump - 1) << 16;
    }

    private void Read(short place, int sizeBytes, int offset)
    {
        Place(1, place);
        Put(MoveConstant, 2, constant: sizeBytes);
        Put(Move, 3, 7);
        Put(AddConstant, 3, constant: offset);
        Put(Call, constant: ProbeReadKernel);
    }

    private void Place(byte register, short place)
    {
        Put(Move, register, Stack);
        Put(AddConstant, register, constant: place);
    }

    private void End(byte jump, byte register, int constant)
    {
        _toEnd.Add(_instructions.Count);
        Put(jump, register, constant: constant);
    }

    // struct bpf_insn, little-endian.
    private void Put(byte operation, byte target = 0, byte source = 0, short offset = 0, int constant = 0) => _instructions.Add(
        operation | ((ulong)target << 8) | ((ulong)source << 12) | ((ulong)unchecked((ushort)offset) << 16) | ((ulong)unchecked((uint)constant) << 32));
}

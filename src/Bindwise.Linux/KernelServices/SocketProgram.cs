using System.Buffers.Binary;
using static Bindwise.Linux.Bpf.Instructions;
using Instructions = Bindwise.Linux.Bpf.Instructions;

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

    private readonly Instructions _code = new();
    private readonly Place _end = new();

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
        return program._code.ToArray();
    }

    // r6: the context, r7: the socket.
    private void Filter(in SocketLayout layout, bool isTcp, ushort port)
    {
        _code.Put(Move, 6, 1);
        _code.Put(LoadDouble, 7, 6, Socket);
        _code.PutJump(_end, JumpIfIs, 7, constant: 0); // after the last socket the program is called once more, without one
        for (var place = Scratch; place < 0; place += sizeof(ulong))
            _code.Put(StoreDoubleConstant, Stack, 0, place);
        Read(Scratch, sizeof(ushort), layout.Port);
        _code.Put(LoadDouble, 1, Stack, Scratch);
        _code.PutJump(_end, JumpIfIsNot, 1, constant: port);
        if (!isTcp)
            return;
        // These two are no struct sock.
        _code.Put(StoreDoubleConstant, Stack, 0, Scratch);
        Read(Scratch, sizeof(byte), layout.State);
        _code.Put(LoadDouble, 1, Stack, Scratch);
        _code.PutJump(_end, JumpIfIs, 1, constant: TimeWait);
        _code.PutJump(_end, JumpIfIs, 1, constant: NewSynReceived);
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
            _code.Put(StoreWordConstant, Stack, 0, (short)(Line + i), BinaryPrimitives.ReadInt32LittleEndian(format[i..]));
        _code.Put(LoadDouble, 1, 6, Meta);
        _code.Put(LoadDouble, 1, 1);
        Point(2, Line);
        _code.Put(MoveConstant, 3, constant: Format.Length);
        Point(4, Cookie);
        _code.Put(MoveConstant, 5, constant: NumbersBytes);
        _code.Put(Call, constant: SequencePrint);
        _code.Mark(_end);
        _code.Put(MoveConstant);
        _code.Put(Exit);
    }

    private void Read(short place, int sizeBytes, int offset)
    {
        Point(1, place);
        _code.Put(MoveConstant, 2, constant: sizeBytes);
        _code.Put(Move, 3, 7);
        _code.Put(AddConstant, 3, constant: offset);
        _code.Put(Call, constant: ProbeReadKernel);
    }

    private void Point(byte register, short place)
    {
        _code.Put(Move, register, Stack);
        _code.Put(AddConstant, register, constant: place);
    }
}

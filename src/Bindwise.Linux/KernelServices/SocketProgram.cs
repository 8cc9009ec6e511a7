using Bindwise.Linux.Bpf;
using static Bindwise.Linux.Bpf.Instructions;
using static Bindwise.Linux.Bpf.KernelMembers;
using Instructions = Bindwise.Linux.Bpf.Instructions;

namespace Bindwise.Linux.KernelServices;

/// <summary>
/// Writes the program that the kernel runs for each TCP or UDP socket of the network namespace: of those on one port it prints a line with
/// the cookie, three bytes of flags and the name of the function that takes what arrives. Everything is read by bpf_probe_read_kernel,
/// which cannot do harm; a wrong place shows by a cookie that nobody asked for.
/// </summary>
internal sealed class SocketProgram
{
    /// <summary>The program's output: cookie, byte of sk_kern_sock, bytes of skc_reuse and skc_reuseport, symbol with its module.</summary>
    private static ReadOnlySpan<byte> Format => "%llx %llx %llx %llx %ps\n\0"u8;

    // struct bpf_iter__tcp and struct bpf_iter__udp, checked by the verifier.
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

    /// <param name="isTcp">For the walk over TCP sockets; false: UDP.</param>
    internal static ulong[] Write(SocketLayout layout, bool isTcp, ushort port)
    {
        var program = new SocketProgram();
        program.Filter(layout, isTcp, port);
        program.Gather(layout, isTcp);
        program.Print();
        return program._code.ToArray();
    }

    // r6: the context, r7: the socket.
    private void Filter(SocketLayout layout, bool isTcp, ushort port)
    {
        _code.Begin(Socket, _end);
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

    private void Gather(SocketLayout layout, bool isTcp)
    {
        Read(Cookie, sizeof(ulong), layout.Cookie);
        Read(Kernel, sizeof(byte), layout.OpenedByKernel.Byte);
        Read(Reuse, sizeof(byte), layout.Reuse.Byte);
        Read(ReusePort, sizeof(byte), layout.ReusePort.Byte);
        Read(Handler, sizeof(ulong), isTcp ? layout.DataReady : layout.Encapsulation);
    }

    private void Print()
    {
        _code.PrintSequence(6, Format, Line, Cookie, NumbersBytes);
        _code.Mark(_end);
        _code.Return();
    }

    private void Read(short place, int sizeBytes, int offset) => _code.ReadMember(7, offset, place, sizeBytes);
}

/// <summary>
/// Where the fields of struct sock stand in this kernel that say who opened a socket and who serves it. Offsets in bytes.
/// </summary>
internal sealed record SocketLayout
{
    internal SocketIterators Functions { get; init; }

    /// <summary>
    /// struct sock_common: skc_num, the local port. It has no name of its own in the type, and stands just before skc_family.
    /// </summary>
    internal int Port { get; init; }

    /// <summary>struct sock_common: skc_state.</summary>
    internal int State { get; init; }

    /// <summary>struct sock_common: skc_cookie.</summary>
    internal int Cookie { get; init; }

    /// <summary>struct sock_common: skc_reuse, four bits.</summary>
    internal (int Byte, int Bit) Reuse { get; init; }

    /// <summary>struct sock_common: skc_reuseport.</summary>
    internal (int Byte, int Bit) ReusePort { get; init; }

    /// <summary>struct sock: sk_kern_sock.</summary>
    internal (int Byte, int Bit) OpenedByKernel { get; init; }

    /// <summary>struct sock: sk_data_ready.</summary>
    internal int DataReady { get; init; }

    /// <summary>struct udp_sock: encap_rcv.</summary>
    internal int Encapsulation { get; init; }

    private static readonly KernelPlace KernelOfSocket = KernelPlace.Bit("sock", "sk_kern_sock");
    private static readonly KernelPlace DataReadyOfSocket = KernelPlace.Offset("sock", "sk_data_ready");
    private static readonly KernelPlace EncapsulationOfUdp = KernelPlace.Offset("udp_sock", "encap_rcv");
    private static readonly KernelLayout<SocketLayout> RunningKernel = new(Read);

    /// <summary>This kernel's structures; null when they cannot be told.</summary>
    internal static SocketLayout? OfThisKernel() => RunningKernel.Read();

    /// <summary>Looks the places up in the kernel's type information; null when one is missing.</summary>
    internal static SocketLayout? Read(ReadOnlySpan<byte> typeInformation)
    {
        var found = KernelPlaces.Read(typeInformation, [FamilyOfCommon, StateOfCommon, CookieOfCommon, ReuseOfCommon, ReusePortOfCommon,
            KernelOfSocket, DataReadyOfSocket, EncapsulationOfUdp, .. SocketIterators.Places]);
        return found is null || found[FamilyOfCommon] < sizeof(ushort) ? null : new SocketLayout
        {
            Functions = SocketIterators.Of(found),
            Port = found[FamilyOfCommon] - sizeof(ushort),
            State = found[StateOfCommon],
            Cookie = found[CookieOfCommon],
            Reuse = found.Bit(ReuseOfCommon),
            ReusePort = found.Bit(ReusePortOfCommon),
            OpenedByKernel = found.Bit(KernelOfSocket),
            DataReady = found[DataReadyOfSocket],
            Encapsulation = found[EncapsulationOfUdp],
        };
    }
}

/// <summary>
/// The kernel's own walk over the TCP or UDP sockets of this network namespace (bpf_iter_tcp, bpf_iter_udp, Linux 5.9): who opened a
/// socket, and which function serves it. Needs CAP_BPF and CAP_PERFMON, the kernel's type information, and symbols in format strings (Linux
/// 5.13).
/// </summary>
internal static class SocketWalk
{
    /// <summary>What TCP sockets have for sk_data_ready unless somebody else has taken them over.</summary>
    private const string UsualHandler = "sock_def_readable";

    /// <returns>One record a socket, its cookie the key; null when the kernel does not let itself be asked.</returns>
    internal static List<KernelSocketRecord>? Read(Protocol protocol, ushort port)
    {
        if (!KernelIterator.IsAllowed() || SocketLayout.OfThisKernel() is not { } layout)
            return null;
        var isTcp = protocol == Protocol.Tcp;
        var function = isTcp ? layout.Functions.Tcp : layout.Functions.Udp;
        return function != 0 && KernelIterator.ReadText(SocketProgram.Write(layout, isTcp, port), function) is { } text
            ? Parse(text, layout) : null;
    }

    /// <summary>The lines of <see cref="SocketProgram"/>; those of another form are left out.</summary>
    internal static List<KernelSocketRecord> Parse(string text, SocketLayout layout)
    {
        var records = new List<KernelSocketRecord>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.Split(' ');
            if (words.Length < 5 || !TryHexadecimal(words[0], out var cookie) || cookie == 0
                || !TryHexadecimal(words[1], out var kernel) || !TryHexadecimal(words[2], out var reuse)
                || !TryHexadecimal(words[3], out var reusePort))
                continue;
            var handler = words[4] is UsualHandler || words[4].StartsWith("0x", StringComparison.Ordinal) ? null : words[4];
            records.Add(new KernelSocketRecord(cookie, OpenedByKernel: ToFact(kernel >> layout.OpenedByKernel.Bit & 1),
                ReuseAddress: ToFact(reuse >> layout.Reuse.Bit & 0xf), ReusePort: ToFact(reusePort >> layout.ReusePort.Bit & 1),
                Handler: handler,
                Module: handler is not null && words.Length > 5 && words[5] is ['[', .. var module, ']'] ? module : null));
        }
        return records;
    }

    private static bool TryHexadecimal(string text, out ulong value) =>
        ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);

    private static Fact ToFact(ulong value) => value != 0 ? Fact.Yes : Fact.No;
}

using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Bindwise.Linux.Bpf;

namespace Bindwise.Linux.FailedCalls;

/// <summary>What <see cref="FailedCallProgram"/> must know of this kernel. Offsets in bytes.</summary>
internal sealed class FailedCallLayout
{
    // As long as skc_family stands where it does, what is before it (two addresses, a hash, two ports) is as the program takes it.
    private const int FamilyAsKnown = 16;

    private readonly KernelPlaces _found;

    private FailedCallLayout(KernelPlaces found) => _found = found;

    private static readonly KernelPlace Numbers = KernelPlace.Offset("pid", "numbers");
    private static readonly KernelPlace Level = KernelPlace.Offset("pid", "level");
    private static readonly KernelPlace NumberSizeOf = KernelPlace.Size("upid");
    private static readonly KernelPlace Number = KernelPlace.Offset("upid", "nr");
    private static readonly KernelPlace NumberSpace = KernelPlace.Offset("upid", "ns");
    private static readonly KernelPlace PidSpacePart = KernelPlace.Offset("pid_namespace", "ns");
    private static readonly KernelPlace InodeOfSpace = KernelPlace.Offset("ns_common", "inum");
    private static readonly KernelPlace Leader = KernelPlace.Offset("task_struct", "group_leader");
    private static readonly KernelPlace PidOfTask = KernelPlace.Offset("task_struct", "thread_pid");
    private static readonly KernelPlace Started = KernelPlace.Offset("task_struct", "start_boottime");
    private static readonly KernelPlace Credentials = KernelPlace.Offset("task_struct", "cred");
    private static readonly KernelPlace FilesOfTask = KernelPlace.Offset("task_struct", "files");
    private static readonly KernelPlace SpacesOfTask = KernelPlace.Offset("task_struct", "nsproxy");
    private static readonly KernelPlace NetworkOfSpaces = KernelPlace.Offset("nsproxy", "net_ns");
    private static readonly KernelPlace NetworkPart = KernelPlace.Offset("net", "ns");
    private static readonly KernelPlace User = KernelPlace.Offset("cred", "euid");
    private static readonly KernelPlace Effective = KernelPlace.Offset("cred", "cap_effective");
    private static readonly KernelPlace UserSpace = KernelPlace.Offset("cred", "user_ns");
    private static readonly KernelPlace UserSpacePart = KernelPlace.Offset("user_namespace", "ns");
    private static readonly KernelPlace TableOfFiles = KernelPlace.Offset("files_struct", "fdt");
    private static readonly KernelPlace ListOfTable = KernelPlace.Offset("fdtable", "fd");
    private static readonly KernelPlace DataOfFile = KernelPlace.Offset("file", "private_data");
    private static readonly KernelPlace FileOfSocket = KernelPlace.Offset("socket", "file");
    private static readonly KernelPlace InnerOfSocket = KernelPlace.Offset("socket", "sk");
    private static readonly KernelPlace TypeOfSocket = KernelPlace.Offset("socket", "type");
    private static readonly KernelPlace ProtocolOfInner = KernelPlace.Offset("sock", "sk_protocol");
    private static readonly KernelPlace Family = KernelPlace.Offset("sock_common", "skc_family");
    private static readonly KernelPlace Reuse = KernelPlace.Bit("sock_common", "skc_reuse");
    private static readonly KernelPlace ReusePort = KernelPlace.Bit("sock_common", "skc_reuseport");
    private static readonly KernelPlace V6Only = KernelPlace.Bit("sock_common", "skc_ipv6only");
    private static readonly KernelPlace Device = KernelPlace.Offset("sock_common", "skc_bound_dev_if");
    private static readonly KernelPlace NetworkOfInner = KernelPlace.Offset("sock_common", "skc_net");
    private static readonly KernelPlace LocalIPv6OfInner = KernelPlace.Offset("sock_common", "skc_v6_rcv_saddr");

    // Of x64; on arm64 struct pt_regs begins with an array of the registers.
    private static readonly KernelPlace FirstRegister = KernelPlace.OptionalOffset("pt_regs", "di");
    private static readonly KernelPlace SecondRegister = KernelPlace.OptionalOffset("pt_regs", "si");
    private static readonly KernelPlace ThirdRegister = KernelPlace.OptionalOffset("pt_regs", "dx");
    private static readonly KernelPlace NumberRegister = KernelPlace.OptionalOffset("pt_regs", "orig_ax");
    private static readonly KernelPlace FirstOriginal = KernelPlace.OptionalOffset("pt_regs", "orig_x0");
    private static readonly KernelPlace CallNumber = KernelPlace.OptionalOffset("pt_regs", "syscallno");

    private static readonly KernelLayout<FailedCallLayout> RunningKernel = new(Read);

    /// <summary>What it is made of.</summary>
    internal static ImmutableArray<KernelPlace> Places { get; } =
    [
        Numbers, Level, NumberSizeOf, Number, NumberSpace, PidSpacePart, InodeOfSpace, Leader, PidOfTask, Started, Credentials, FilesOfTask,
        SpacesOfTask, NetworkOfSpaces, NetworkPart, User, Effective, UserSpace, UserSpacePart, TableOfFiles, ListOfTable, DataOfFile,
        FileOfSocket, InnerOfSocket, TypeOfSocket, ProtocolOfInner, Family, Reuse, ReusePort, V6Only, Device, NetworkOfInner,
        LocalIPv6OfInner, FirstRegister, SecondRegister, ThirdRegister, NumberRegister, FirstOriginal, CallNumber,
    ];

    internal int PidNumbers => _found[Numbers];
    internal int PidLevel => _found[Level];
    internal int NumberBytes => _found[NumberSizeOf];
    internal int NumberValue => _found[Number];
    internal int NumberNamespace => _found[NumberSpace];
    internal int PidNamespaceInode => _found[PidSpacePart] + _found[InodeOfSpace];
    internal int TaskLeader => _found[Leader];
    internal int TaskPid => _found[PidOfTask];
    internal int TaskStarted => _found[Started];
    internal int TaskCredentials => _found[Credentials];
    internal int TaskFiles => _found[FilesOfTask];
    internal int TaskNamespaces => _found[SpacesOfTask];
    internal int NamespacesNetwork => _found[NetworkOfSpaces];
    internal int NetworkInode => _found[NetworkPart] + _found[InodeOfSpace];
    internal int EffectiveUser => _found[User];
    internal int EffectiveCapabilities => _found[Effective];
    internal int UserNamespace => _found[UserSpace];
    internal int UserNamespaceInode => _found[UserSpacePart] + _found[InodeOfSpace];
    internal int FilesTable => _found[TableOfFiles];
    internal int TableList => _found[ListOfTable];
    internal int FileData => _found[DataOfFile];
    internal int SocketFile => _found[FileOfSocket];
    internal int SocketInner => _found[InnerOfSocket];
    internal int SocketType => _found[TypeOfSocket];
    internal int InnerProtocol => _found[ProtocolOfInner];
    internal int InnerFamily => _found[Family];
    internal int InnerFlags => _found.Bit(Reuse).Byte;
    internal int InnerDevice => _found[Device];
    internal int InnerNetwork => _found[NetworkOfInner];
    internal int InnerLocalIPv6 => _found[LocalIPv6OfInner];

    /// <summary>The bits of SO_REUSEADDR, SO_REUSEPORT and IPV6_V6ONLY in the byte <see cref="InnerFlags"/>.</summary>
    internal (int ReuseAddress, int ReusePort, int V6Only) FlagBits =>
        (0xf << _found.Bit(Reuse).Bit, 1 << _found.Bit(ReusePort).Bit, 1 << _found.Bit(V6Only).Bit);

    /// <summary>struct pt_regs: the arguments of the call.</summary>
    internal (int First, int Second, int Third) Arguments => IsArm
        ? (_found[FirstOriginal], sizeof(ulong), 2 * sizeof(ulong))
        : (_found[FirstRegister], _found[SecondRegister], _found[ThirdRegister]);

    /// <summary>struct pt_regs: the call's number, of four bytes.</summary>
    internal int Call => IsArm ? _found[CallNumber] : _found[NumberRegister];

    private static bool IsArm => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    /// <summary>This kernel's structures; null when they cannot be told.</summary>
    internal static FailedCallLayout? OfThisKernel() => RunningKernel.Read();

    /// <summary>Looks the places up in the kernel's type information; null when one is missing or misplaced.</summary>
    internal static FailedCallLayout? Read(ReadOnlySpan<byte> typeInformation)
    {
        if (KernelPlaces.Read(typeInformation, Places.AsSpan()) is not { } found)
            return null;
        ReadOnlySpan<KernelPlace> registers = IsArm ? [FirstOriginal, CallNumber]
            : [FirstRegister, SecondRegister, ThirdRegister, NumberRegister];
        foreach (var register in registers)
        {
            if (found.Find(register) is null)
                return null;
        }
        var flags = found.Bit(Reuse).Byte;
        return found[Family] == FamilyAsKnown && found.Bit(ReusePort).Byte == flags && found.Bit(V6Only).Byte == flags
            ? new FailedCallLayout(found) : null;
    }
}

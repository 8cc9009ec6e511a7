using System.Runtime.InteropServices;
using Bindwise.Linux.Bpf;
using static Bindwise.Linux.Bpf.KernelMembers;

namespace Bindwise.Linux.FailedCalls;

/// <summary>What <see cref="FailedCallProgram"/> must know of this kernel. Offsets and sizes in bytes.</summary>
internal sealed class FailedCallLayout(KernelPlaces found)
{
    /// <summary>struct sock_common: skc_family. What stands before it is as the program takes it.</summary>
    private const int FamilyAsKnown = 16;

    private static readonly bool IsX64 = RuntimeInformation.ProcessArchitecture == Architecture.X64;

    // On arm64 the first argument's register has the result at the end of a call, and orig_x0 what it was; the registers are the first
    // member.
    private static readonly KernelPlace NumberOfCall = IsX64 ? KernelPlace.Offset("pt_regs", "orig_ax")
        : KernelPlace.Offset("pt_regs", "syscallno");
    private static readonly KernelPlace FirstOfCall = IsX64 ? KernelPlace.Offset("pt_regs", "di")
        : KernelPlace.Offset("pt_regs", "orig_x0");
    private static readonly KernelPlace SecondOfCall = IsX64 ? KernelPlace.Offset("pt_regs", "si")
        : KernelPlace.Offset("user_pt_regs", "regs");
    private static readonly KernelPlace ThirdOfCall = IsX64 ? KernelPlace.Offset("pt_regs", "dx") : KernelPlace.Size("user_pt_regs");
    private static readonly KernelPlace CredentialsOfTask = KernelPlace.Offset("task_struct", "cred");
    private static readonly KernelPlace FlagsOfTask = KernelPlace.Offset("task_struct", "flags");
    private static readonly KernelPlace MemoryOfTask = KernelPlace.Offset("task_struct", "mm");
    private static readonly KernelPlace ProgramOfMemory = KernelPlace.OffsetWithin("mm_struct", "exe_file");
    private static readonly KernelPlace CommonOfPidNamespace = KernelPlace.Offset("pid_namespace", "ns");
    private static readonly KernelPlace FilesOfTask = KernelPlace.Offset("task_struct", "files");
    private static readonly KernelPlace TableOfFiles = KernelPlace.Offset("files_struct", "fdt");
    private static readonly KernelPlace LimitOfTable = KernelPlace.Offset("fdtable", "max_fds");
    private static readonly KernelPlace EntriesOfTable = KernelPlace.Offset("fdtable", "fd");
    private static readonly KernelPlace DataOfFile = KernelPlace.Offset("file", "private_data");
    private static readonly KernelPlace FileOfSocket = KernelPlace.Offset("socket", "file");
    private static readonly KernelPlace SockOfSocket = KernelPlace.Offset("socket", "sk");
    private static readonly KernelPlace V6OnlyOfCommon = KernelPlace.Bit("sock_common", "skc_ipv6only");
    private static readonly KernelPlace DeviceOfCommon = KernelPlace.Offset("sock_common", "skc_bound_dev_if");
    private static readonly KernelPlace TypeOfSock = KernelPlace.Offset("sock", "sk_type");
    private static readonly KernelPlace ProtocolOfSock = KernelPlace.Offset("sock", "sk_protocol");

    private static readonly KernelLayout<FailedCallLayout> RunningKernel = new(Read);

    /// <summary>struct pt_regs: the call's number, and how many bytes that has.</summary>
    internal int CallNumber => found[NumberOfCall];

    internal static int CallNumberBytes => IsX64 ? sizeof(ulong) : sizeof(int);

    /// <summary>struct pt_regs: the arguments.</summary>
    internal int FirstArgument => found[FirstOfCall];

    internal int SecondArgument => found[SecondOfCall] + (IsX64 ? 0 : sizeof(ulong));

    internal int ThirdArgument => IsX64 ? found[ThirdOfCall] : found[SecondOfCall] + (2 * sizeof(ulong));

    /// <summary>struct task_struct: comm.</summary>
    internal int ProgramName => found[NameOfTask];

    /// <summary>struct task_struct: flags.</summary>
    internal int TaskFlags => found[FlagsOfTask];

    /// <summary>From a task to the inode of its program's file.</summary>
    internal (int Memory, int File, int Inode) Program => (found[MemoryOfTask], found[ProgramOfMemory], found[InodeOfFile]);

    /// <summary>From a task to the effective user of its credentials.</summary>
    internal (int Credentials, int User) User => (found[CredentialsOfTask], found[UserOfCredentials]);

    /// <summary>From a task to the struct pid of its process, and that one's level.</summary>
    internal (int Leader, int Pid, int Level) Process => (found[LeaderOfTask], found[PidOfTask], found[LevelOfPid]);

    internal (int Namespaces, int Network) NetworkOfTask => (found[NamespacesOfTask], found[NetworkAmongNamespaces]);

    /// <summary>From struct net to its inode.</summary>
    internal int NetworkInode => found[CommonPartOfNetwork] + found[NumberOfNamespace];

    /// <summary>From struct pid_namespace to its inode.</summary>
    internal int PidNamespaceInode => found[CommonOfPidNamespace] + found[NumberOfNamespace];

    /// <summary>From a task to its table of descriptors.</summary>
    internal (int Files, int Table, int Limit, int Entries) Descriptors =>
        (found[FilesOfTask], found[TableOfFiles], found[LimitOfTable], found[EntriesOfTable]);

    /// <summary>From a file to its socket, from there back, and to struct sock.</summary>
    internal (int Data, int File, int Sock) Socket => (found[DataOfFile], found[FileOfSocket], found[SockOfSocket]);

    /// <summary>struct sock: family, type, protocol, the byte with the options, the interface, the namespace, the IPv6 address.</summary>
    internal (int Family, int Type, int Protocol, int Options, int Device, int Network, int LocalIPv6) Sock =>
        (found[FamilyOfCommon], found[TypeOfSock], found[ProtocolOfSock], found.Bit(ReuseOfCommon).Byte, found[DeviceOfCommon],
            found[NetworkOfCommon], found[LocalOfCommon]);

    /// <summary>The bits of that byte: skc_reuse is of four bits, of which any that is set means SO_REUSEADDR.</summary>
    internal (int ReuseAddress, int ReusePort, int V6Only) OptionBits =>
        (0xf << found.Bit(ReuseOfCommon).Bit, 1 << found.Bit(ReusePortOfCommon).Bit, 1 << found.Bit(V6OnlyOfCommon).Bit);

    /// <summary>The number of a process at a depth of PID namespaces, in its struct pid: struct upid there, its nr and its ns.</summary>
    internal (int Number, int Namespace) NumberAt(int depth)
    {
        var upid = found[NumbersOfPid] + (depth * found[SizeOfNumber]);
        return (upid + found[ValueOfNumber], upid + found[NamespaceOfNumber]);
    }

    /// <summary>This kernel's structures; null when they cannot be told.</summary>
    internal static FailedCallLayout? OfThisKernel() => RunningKernel.Read();

    /// <summary>Looks the places up in the kernel's type information; null when one is missing or misplaced.</summary>
    internal static FailedCallLayout? Read(ReadOnlySpan<byte> typeInformation)
    {
        var found = KernelPlaces.Read(typeInformation,
            [NumberOfCall, FirstOfCall, SecondOfCall, ThirdOfCall, CredentialsOfTask, UserOfCredentials, FlagsOfTask, NameOfTask,
                MemoryOfTask, ProgramOfMemory, InodeOfFile, LeaderOfTask, PidOfTask, LevelOfPid, NumbersOfPid, SizeOfNumber, ValueOfNumber,
                NamespaceOfNumber, CommonOfPidNamespace, NamespacesOfTask, NetworkAmongNamespaces, CommonPartOfNetwork, NumberOfNamespace,
                FilesOfTask, TableOfFiles, LimitOfTable, EntriesOfTable, DataOfFile, FileOfSocket, SockOfSocket, FamilyOfCommon,
                ReuseOfCommon, ReusePortOfCommon, V6OnlyOfCommon, DeviceOfCommon, NetworkOfCommon, LocalOfCommon, TypeOfSock,
                ProtocolOfSock]);
        return found is null || found[FamilyOfCommon] != FamilyAsKnown
            || found.Bit(ReuseOfCommon).Byte != found.Bit(ReusePortOfCommon).Byte
                || found.Bit(ReuseOfCommon).Byte != found.Bit(V6OnlyOfCommon).Byte
            ? null : new FailedCallLayout(found);
    }
}

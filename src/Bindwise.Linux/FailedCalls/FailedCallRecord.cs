using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Bindwise.Linux.FailedCalls;

/// <summary>
/// What <see cref="FailedCallProgram"/> writes for a failed call. Numbers are the machine's, but where it says otherwise.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FailedCallRecord
{
    internal const int SizeBytes = 216;

    internal const int NameBytes = 16;

    // Where the program writes each, in bytes.
    internal const short TimeAt = 0, CgroupAt = 8, ThreadAt = 16, FirstProcessAt = 20, ProcessAt = 24, PidLevelAt = 28;
    internal const short UserAt = 32, DeviceAt = 36, FamilyAt = 40, TypeAt = 42, ProtocolAt = 44, OptionsAt = 46;
    internal const short LocalIPv4At = 48, LocalPortAt = 52, LocalIPv6At = 56, ProgramAt = 72, AlikeAt = 88;

    /// <summary>So many bytes from <see cref="LocalIPv4At"/> on are where the socket is bound: whole eights.</summary>
    internal const short LocalBytes = ProgramAt - LocalIPv4At;

    /// <summary>CLOCK_MONOTONIC, in nanoseconds.</summary>
    internal ulong Time;

    /// <summary>The process's cgroup in cgroup2.</summary>
    internal ulong Cgroup;

    /// <summary>The thread in the reader's PID namespace; 0 where it has no number there.</summary>
    internal int Thread;

    /// <summary>The process, as the first PID namespace numbers it.</summary>
    internal uint FirstProcess;

    /// <summary>The process in the reader's PID namespace; 0 where it has no number there.</summary>
    internal int Process;

    /// <summary>How deep the process's own PID namespace is; 0 for the first.</summary>
    internal int PidLevel;

    /// <summary>The effective user, as the first user namespace numbers it.</summary>
    internal uint User;

    /// <summary>The interface's index to which the socket is bound; 0 for none.</summary>
    internal int Device;

    /// <summary>Of the socket: AF_INET and so on; 0 where it could not be read, and nothing of the rest is known.</summary>
    internal ushort Family;

    /// <summary>SOCK_STREAM and so on.</summary>
    internal ushort Type;

    /// <summary>IPPROTO_TCP and so on.</summary>
    internal ushort Protocol;

    /// <summary>The byte of struct sock_common that has skc_reuse and the options beside it.</summary>
    internal byte Options;

    private readonly byte _padding;

    /// <summary>Where it is bound, in network order; the port in the machine's, 0 for none.</summary>
    internal uint LocalIPv4;
    internal ushort LocalPort;

    private readonly ushort _morePadding;

    internal AddressBytes LocalIPv6;

    /// <summary>The kernel's name of the process.</summary>
    internal Name Program;

    /// <summary>What is the same in calls that are alike.</summary>
    internal FailedCallAlike Alike;

    [InlineArray(NameBytes)]
    internal struct Name
    {
        private byte _first;
    }
}

/// <summary>What is the same in failed calls that are alike: the key under which the kernel counts them.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FailedCallAlike
{
    internal const int SizeBytes = 128;

    // Where the program writes each, in bytes.
    internal const short FirstProcessAt = 0, NetworkAt = 4, CallAt = 8, ErrorAt = 10, LengthAt = 12, GivenAt = 16;

    /// <summary>Behind the longest address of IP: of connect() where the socket is bound.</summary>
    internal const short OwnAt = GivenAt + 32;

    /// <summary>As long as sockaddr_un (unix(7)), and two bytes more for whole eights.</summary>
    internal const int AddressBytes = 112;

    internal const int AddressLimit = 110;

    internal uint FirstProcess;

    /// <summary>The inode of the socket's network namespace, or of the process's where no socket could be read.</summary>
    internal uint Network;

    internal ushort Call;

    internal ushort Error;

    /// <summary>The length that the program gave; of listen() the socket's family.</summary>
    internal uint Length;

    /// <summary>
    /// The address that the program gave, zeros after its length; of connect() beside it, and of listen() in its place, where the socket is
    /// bound.
    /// </summary>
    internal Address Given;

    /// <summary>struct sockaddr.</summary>
    [InlineArray(AddressBytes)]
    internal struct Address
    {
        private byte _first;
    }
}

/// <summary>What the kernel counts of calls that are alike.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FailedCallCount
{
    internal const int SizeBytes = 16;

    internal const short MoreAt = 0, LastTimeAt = 8;

    /// <summary>How many there were after the first.</summary>
    internal ulong More;

    /// <summary>CLOCK_MONOTONIC of the last of them, in nanoseconds; 0 while there is none.</summary>
    internal ulong LastTime;
}

/// <summary>
/// How much of the table a user takes: a row of numbers, of which the first counts all users. Users whose numbers are the same in their
/// last twelve bits share one row: no user can make the rows more than they are.
/// </summary>
internal static class FailedCallShare
{
    internal const int Open = 0, Lost = 1, User = 2, Numbers = 3;

    // Where the program finds each, in bytes.
    internal const short OpenAt = Open * sizeof(ulong), LostAt = Lost * sizeof(ulong), UserAt = User * sizeof(ulong);

    /// <summary>The row of all, and that of the first user.</summary>
    internal const int All = 0, FirstUser = 1;

    /// <summary>So many rows for users: a power of two.</summary>
    internal const int Users = 4096;

    /// <summary>So many different calls of one user are counted at a time: some 340 lines a second.</summary>
    internal const int MostOfUser = 256;

    internal static int RowOf(uint user) => FirstUser + (int)(user & (Users - 1));
}

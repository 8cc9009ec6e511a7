using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Bindwise.Linux.Native;

namespace Bindwise.Linux.FailedCalls;

/// <summary>What <see cref="FailedCallProgram"/> writes for a failed call.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FailedCallRecord
{
    /// <summary>CLOCK_MONOTONIC.</summary>
    internal ulong Nanoseconds;

    /// <summary>When the process was started, CLOCK_BOOTTIME in nanoseconds: tells it from another that got its number.</summary>
    internal ulong Started;

    /// <summary>The inode of its directory in cgroup2.</summary>
    internal ulong Cgroup;

    /// <summary>Its effective capabilities, in its own user namespace.</summary>
    internal ulong Capabilities;

    /// <summary>The process in this PID namespace; 0 where it is not to be seen there.</summary>
    internal int ProcessId;

    /// <summary>The process in the first PID namespace.</summary>
    internal uint GlobalProcessId;

    /// <summary>The effective user in the first user namespace.</summary>
    internal uint UserId;

    /// <summary>The network namespace of the socket, else of the thread.</summary>
    internal uint NetworkInode;

    internal uint UserNamespaceInode;
    internal int Descriptor;
    internal uint Errno;

    /// <summary>0 bind(), 1 listen(), 2 connect().</summary>
    internal uint Call;

    /// <summary>How many bytes the address has, as far as they were read.</summary>
    internal uint AddressLength;

    /// <summary>SOCK_STREAM and so on.</summary>
    internal ushort SocketType;

    /// <summary>The socket's family; 0 where no socket was found.</summary>
    internal ushort Family;

    internal ushort Protocol;
    internal byte Flags;
    private readonly byte _padding;

    internal uint Device;

    /// <summary>skc_rcv_saddr, skc_num, skc_v6_rcv_saddr: to what the socket is bound.</summary>
    internal uint LocalNetwork;
    internal ushort LocalPort;
    private readonly ushort _morePadding;
    internal AddressBytes LocalIPv6;

    internal AddressBytes Name;

    internal FailedCallAddress Address;

    internal const int SizeBytes = 232;

    internal const int TimePlace = 0;
    internal const int StartedPlace = 8;
    internal const int CgroupPlace = 16;
    internal const int CapabilitiesPlace = 24;
    internal const int ProcessPlace = 32;
    internal const int GlobalPlace = 36;
    internal const int UserPlace = 40;
    internal const int NetworkPlace = 44;
    internal const int UserNamespacePlace = 48;
    internal const int DescriptorPlace = 52;
    internal const int ErrnoPlace = 56;
    internal const int CallPlace = 60;
    internal const int LengthPlace = 64;
    internal const int TypePlace = 68;
    internal const int FamilyPlace = 70;
    internal const int ProtocolPlace = 72;
    internal const int FlagsPlace = 74;
    internal const int DevicePlace = 76;
    internal const int LocalPlace = 80;
    internal const int LocalPortPlace = 84;
    internal const int LocalIPv6Place = 88;
    internal const int NamePlace = 104;
    internal const int AddressPlace = 120;
}

/// <summary>The sockaddr of a call: at most sockaddr_un, in whole eights.</summary>
[InlineArray(SizeBytes)]
internal struct FailedCallAddress
{
    internal const int SizeBytes = 112;

    private byte _first;
}

/// <summary>By what failures are alike in the kernel, as the bytes of its map's key.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FailedCallKey
{
    internal uint GlobalProcessId;
    internal uint Errno;
    internal uint Call;

    /// <summary>Of listen(), which has no address; else 0.</summary>
    internal int Descriptor;

    internal FailedCallAddress Address;

    internal const int SizeBytes = 128;

    internal const int ErrnoPlace = 4;
    internal const int CallPlace = 8;
    internal const int DescriptorPlace = 12;
    internal const int AddressPlace = 16;

    /// <summary>The key under which the kernel counts what is like a record.</summary>
    internal static FailedCallKey Of(in FailedCallRecord record) => new()
    {
        GlobalProcessId = record.GlobalProcessId,
        Errno = record.Errno,
        Call = record.Call,
        Descriptor = record.Call == 1 ? record.Descriptor : 0,
        Address = record.Address,
    };
}

/// <summary>What the kernel counted that was like the first.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FailedCallCount
{
    /// <summary>How many more.</summary>
    internal ulong More;

    /// <summary>When the last of them was, CLOCK_MONOTONIC.</summary>
    internal ulong LastNanoseconds;

    internal const int SizeBytes = 16;
}

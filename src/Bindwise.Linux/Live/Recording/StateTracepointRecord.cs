using System.Runtime.InteropServices;
using Bindwise.Linux.Native;

namespace Bindwise.Linux.Live.Recording;

/// <summary>What <see cref="StateTracepointProgram"/> writes for one pass of the tracepoint sock:inet_sock_set_state.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct StateTracepointRecord
{
    /// <summary>CLOCK_MONOTONIC.</summary>
    internal ulong Nanoseconds;

    /// <summary>The socket's place in the kernel: the same one as long as the socket lives.</summary>
    internal ulong Socket;

    /// <summary>Its cookie; 0 as long as nobody asked for it.</summary>
    internal ulong Cookie;

    internal uint From;
    internal uint To;

    /// <summary>skc_daddr, skc_rcv_saddr.</summary>
    internal uint RemoteNetwork;
    internal uint LocalNetwork;

    /// <summary>skc_dport in network order, skc_num, and skc_family.</summary>
    internal ushort RemotePortNetwork;
    internal ushort LocalPort;
    internal ushort Family;

    /// <summary>inet_sport in network order: stays when the port was given back.</summary>
    internal ushort NamePortNetwork;

    internal AddressBytes RemoteIPv6;
    internal AddressBytes LocalIPv6;

    internal const int SizeBytes = 80;
}

using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>struct iovec (readv(2)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    internal void* Start;
    internal nuint LengthBytes;

    internal const int SizeBytes = 16;
}

/// <summary>struct msghdr (recvmsg(2)) on 64 bits, where the kernel and the C libraries agree.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageHeader
{
    internal void* Name;
    internal uint NameBytes;
    internal IoVector* Parts;
    internal nuint PartCount;
    internal void* Control;
    internal nuint ControlBytes;
    internal int Flags;

    internal const int SizeBytes = 56;
}

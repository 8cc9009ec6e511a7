using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>struct unix_diag_req (linux/unix_diag.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct UnixDiagRequest
{
    internal byte Family;
    internal byte Protocol;
    internal ushort Padding;
    internal uint States;
    internal uint Inode;
    internal uint Show;
    internal uint CookieLow;
    internal uint CookieHigh;

    internal const int SizeBytes = 24;
    internal const uint ShowName = 0x1;
    internal const uint ShowFile = 0x2;
    internal const uint ShowQueues = 0x10;
    internal const uint ShowUser = 0x40;
}

/// <summary>struct unix_diag_msg, one socket in the answer; attributes follow.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct UnixDiagReply
{
    internal byte Family;
    internal byte Type;
    internal byte State;
    internal byte Padding;
    internal uint Inode;
    internal uint CookieLow;
    internal uint CookieHigh;

    internal const int SizeBytes = 16;
    internal const ushort AttributeName = 0;
    internal const ushort AttributeFile = 1;
    internal const ushort AttributeQueues = 4;
    internal const ushort AttributeUser = 7;
}

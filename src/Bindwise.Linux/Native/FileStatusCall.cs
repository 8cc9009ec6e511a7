using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>struct statx (linux/stat.h) as far as it is read here; the kernel fills 256 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Size = SizeBytes)]
internal struct FileStatus
{
    internal uint Mask;
    internal uint BlockSizeBytes;
    internal ulong Attributes;
    internal uint Links;
    internal uint UserId;
    internal uint GroupId;
    internal ushort Mode;
    internal ushort Padding;
    internal ulong Inode;
    internal ulong LengthBytes;
    internal ulong Blocks;
    internal ulong AttributesMask;
    internal FileStatusTime Accessed;
    internal FileStatusTime Created;
    internal FileStatusTime Changed;
    internal FileStatusTime Modified;
    internal uint SpecialMajor;
    internal uint SpecialMinor;
    internal uint DeviceMajor;
    internal uint DeviceMinor;

    /// <summary>The device, major in the upper half.</summary>
    internal readonly ulong Device => ((ulong)DeviceMajor << 32) | DeviceMinor;

    internal const int SizeBytes = 256;
    internal const ushort KindMask = 0xf000;
    internal const ushort KindPipe = 0x1000;
    internal const ushort KindCharacterDevice = 0x2000;
    internal const ushort KindDirectory = 0x4000;
    internal const ushort KindBlockDevice = 0x6000;
    internal const ushort KindFile = 0x8000;
    internal const ushort KindLink = 0xa000;
    internal const ushort KindSocket = 0xc000;
}

/// <summary>struct statx_timestamp.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FileStatusTime
{
    internal long Seconds;
    internal uint Nanoseconds;
    internal int Reserved;
}

/// <summary>statx(2) and faccessat(2): what stands at a path, and what the effective user may do there.</summary>
internal static partial class FileStatusCall
{
    internal const int WriteAndSearch = 2 | 1;
    private const int WorkingDirectory = -100;
    private const int EffectiveIds = 0x200;

    /// <summary>Looks at what stands there, itself: a symbolic link is not followed.</summary>
    internal static Errno Look(ReadOnlySpan<byte> pathNul, out FileStatus status) => StatX.OfLink(WorkingDirectory, pathNul, out status);

    /// <summary>Looks where the path leads.</summary>
    internal static Errno Follow(ReadOnlySpan<byte> pathNul, out FileStatus status) => StatX.Follow(WorkingDirectory, pathNul, out status);

    /// <summary>Looks at an open file.</summary>
    internal static Errno Look(SafeFileDescriptor file, out FileStatus status) => StatX.OfDescriptor(file.Number, out status);

    /// <summary>Whether the effective user may use a directory so: EACCES or EROFS when not.</summary>
    internal static unsafe Errno Access(ReadOnlySpan<byte> pathNul, int mode)
    {
        fixed (byte* path = pathNul)
            return AccessCore(WorkingDirectory, path, mode, EffectiveIds) == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();
    }

    [LibraryImport("libc", EntryPoint = "faccessat", SetLastError = true)]
    private static unsafe partial int AccessCore(int directory, byte* path, int mode, int flags);
}

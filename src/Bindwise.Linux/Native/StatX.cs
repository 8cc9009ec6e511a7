using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>statx(2), by number: older musl has no function of that name. Unlike struct stat, one layout on every architecture.</summary>
internal static partial class StatX
{
    private const int NoFollow = 0x100;
    private const int EmptyPath = 0x1000;
    private const int BasicStats = 0x7ff;
    private const int SizeBytes = 256;

    private static readonly nint Number = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 332 : 291;

    /// <summary>Asks for the status of a file; the last symbolic link is followed.</summary>
    internal static Errno Follow(int directory, ReadOnlySpan<byte> path, out FileStatus status) => Read(directory, path, 0, out status);

    /// <summary>Asks for the status of a file, or of the symbolic link itself.</summary>
    internal static Errno OfLink(int directory, ReadOnlySpan<byte> path, out FileStatus status) => Read(directory, path, NoFollow, out status);

    /// <summary>Asks for the status of what a descriptor stands for.</summary>
    internal static Errno OfDescriptor(int descriptor, out FileStatus status) => Read(descriptor, "\0"u8, EmptyPath, out status);

    private static unsafe Errno Read(int directory, ReadOnlySpan<byte> path, int flags, out FileStatus status)
    {
        Span<byte> buffer = stackalloc byte[SizeBytes];
        buffer.Clear();
        fixed (byte* pathPointer = Terminated.Checked(path))
        fixed (byte* pointer = buffer)
        {
            var result = StatXCore(Number, directory, (nint)pathPointer, flags, BasicStats, (nint)pointer);
            var errno = result >= 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();
            status = errno == Errno.None ? Decode(buffer) : default;
            return errno;
        }
    }

    // struct statx, linux/stat.h
    private static FileStatus Decode(ReadOnlySpan<byte> buffer) => new(
        Links: MemoryMarshal.Read<uint>(buffer[16..]),
        UserId: MemoryMarshal.Read<uint>(buffer[20..]),
        Inode: MemoryMarshal.Read<ulong>(buffer[32..]),
        Device: ((ulong)MemoryMarshal.Read<uint>(buffer[136..]) << 32) | MemoryMarshal.Read<uint>(buffer[140..]));

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint StatXCore(nint number, nint directory, nint path, nint flags, nint mask, nint buffer);
}

/// <summary>What statx(2) tells, as far as it is used.</summary>
/// <param name="Links">Hard links; of /proc/PID/task two more than there are threads.</param>
/// <param name="UserId">The owner; of /proc/PID the effective user of the process.</param>
/// <param name="Inode">The inode number.</param>
/// <param name="Device">The device, major in the upper half.</param>
internal readonly record struct FileStatus(uint Links, uint UserId, ulong Inode, ulong Device);

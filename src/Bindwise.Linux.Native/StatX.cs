namespace Bindwise.Linux.Native;

/// <summary>statx(2), by number: older musl has no function of that name. Unlike struct stat, one layout on every architecture.</summary>
internal static class StatX
{
    private const int NoFollow = 0x100;
    private const int EmptyPath = 0x1000;
    private const int BasicStats = 0x7ff;

    /// <summary>Asks for the status of a file; the last symbolic link is followed.</summary>
    internal static Errno Follow(int directory, ReadOnlySpan<byte> path, out FileStatus status) => Read(directory, path, 0, out status);

    /// <summary>Asks for the status of a file, or of the symbolic link itself.</summary>
    internal static Errno OfLink(int directory, ReadOnlySpan<byte> path, out FileStatus status) =>
        Read(directory, path, NoFollow, out status);

    /// <summary>Asks for the status of what a descriptor stands for.</summary>
    internal static Errno OfDescriptor(int descriptor, out FileStatus status) => Read(descriptor, "\0"u8, EmptyPath, out status);

    private static unsafe Errno Read(int directory, ReadOnlySpan<byte> path, int flags, out FileStatus status)
    {
        status = default;
        fixed (byte* start = Terminated.Checked(path))
        fixed (FileStatus* read = &status)
            return LastError.Of(LibC.Syscall(SystemCallNumber.StatX, directory, (nint)start, flags, BasicStats, (nint)read));
    }
}

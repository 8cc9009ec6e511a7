namespace Bindwise.Linux.Native;

/// <summary>struct open_how (openat2(2)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct OpenHow
{
    internal ulong Flags;
    internal ulong Mode;
    internal ulong Resolve;

    internal const int SizeBytes = 24;
}

/// <summary>
/// Opens regular files and folders that somebody else put there. The path is resolved once, to a descriptor that cannot be read yet
/// (O_PATH); what that is, is asked of the descriptor; and only then it is opened, through it: no pipe holds up, no device notices, and
/// nothing can be put in its place in between.
/// </summary>
internal static class PlainFile
{
    private const int PathOnly = 0x200000 | 0x80000;
    private const int ReadOnlyNonBlocking = 0x80000 | 0x800;

    /// <summary>Reads a regular file from its start, through no symbolic link.</summary>
    /// <returns>EINVAL for what is no regular file; ELOOP for a symbolic link on the way.</returns>
    internal static Errno Read(ReadOnlySpan<byte> pathNul, int limitBytes, out ReadOnlySpan<byte> bytes) =>
        Read(OpenAt.WorkingDirectory, pathNul, PathBounds.NoSymlinks, limitBytes, out bytes);

    /// <summary>Reads a regular file from its start.</summary>
    /// <param name="directory">Where a relative path starts; with bounds, where every path does.</param>
    /// <returns>EINVAL for what is no regular file; ELOOP or EXDEV for a path that leads out of its bounds.</returns>
    internal static Errno Read(int directory, ReadOnlySpan<byte> pathNul, PathBounds bounds, int limitBytes, out ReadOnlySpan<byte> bytes)
    {
        bytes = [];
        var errno = Open(directory, pathNul, bounds, FileStatus.KindFile, out var file);
        using (file)
        {
            if (errno != Errno.None)
                return errno;
            var size = FileStatusCall.Fstat(file, out var status) == Errno.None ? (int)Math.Min((ulong)limitBytes, status.LengthBytes + 1)
                : limitBytes;
            var buffer = new byte[size];
            errno = ReadWriteCall.ReadToEnd(file.Number, buffer, out var length);
            if (errno == Errno.None)
                bytes = buffer.AsSpan(0, length);
            return errno;
        }
    }

    /// <param name="directory">Where a relative path starts; with bounds, where every path does.</param>
    /// <param name="kind">What it has to be, as <see cref="FileStatus.KindFile"/>.</param>
    internal static Errno Open(int directory, ReadOnlySpan<byte> pathNul, PathBounds bounds, ushort kind, out SafeFileDescriptor file)
    {
        file = new SafeFileDescriptor(-1);
        var errno = Resolve(directory, pathNul, bounds, out var resolved);
        using (resolved)
        {
            if (errno != Errno.None)
                return errno;
            errno = FileStatusCall.Fstat(resolved, out var status);
            if (errno != Errno.None)
                return errno;
            if (status.Kind != kind)
                return Errno.EINVAL;
            Span<byte> path = stackalloc byte[64];
            errno = Start(OpenAt.WorkingDirectory, Terminated.OfDescriptor(path, resolved.Number), ReadOnlyNonBlocking, out file);
            return errno == Errno.ENOENT ? OpenAgain(directory, pathNul, bounds, status, out file) : errno;
        }
    }

    // Without /proc the path is walked once more: to the same file, or nothing is read.
    private static Errno OpenAgain(int directory, ReadOnlySpan<byte> pathNul, PathBounds bounds, in FileStatus found,
        out SafeFileDescriptor file)
    {
        var errno = bounds == PathBounds.None ? Start(directory, pathNul, ReadOnlyNonBlocking, out file)
            : ResolveByKernel(directory, pathNul, bounds, ReadOnlyNonBlocking, out file);
        if (errno != Errno.None || (FileStatusCall.Fstat(file, out var opened) == Errno.None
            && (opened.Device, opened.Inode) == (found.Device, found.Inode)))
            return errno;
        file.Dispose();
        return Refuse(Errno.ENOENT, out file);
    }

    /// <summary>Finds what a path leads to, without opening it.</summary>
    internal static Errno Resolve(int directory, ReadOnlySpan<byte> pathNul, PathBounds bounds, out SafeFileDescriptor resolved)
    {
        if (bounds == PathBounds.None)
            return Start(directory, pathNul, PathOnly, out resolved);
        var errno = ResolveByKernel(directory, pathNul, bounds, PathOnly, out resolved);
        // Before Linux 5.6, and where a filter of seccomp does not know the call.
        return errno is Errno.ENOSYS or Errno.EPERM ? ResolveByStep(directory, pathNul, bounds, out resolved) : errno;
    }

    private static unsafe Errno ResolveByKernel(int directory, ReadOnlySpan<byte> pathNul, PathBounds bounds, int flags,
        out SafeFileDescriptor resolved)
    {
        var how = new OpenHow { Flags = (ulong)flags, Resolve = (ulong)bounds };
        fixed (byte* path = Terminated.Checked(pathNul))
            return LastError.Of(LibC.Syscall(SystemCallNumber.OpenAt2, directory, (nint)path, (nint)(&how), OpenHow.SizeBytes),
                out resolved);
    }

    /// <summary>
    /// Name by name, each looked at before the next is taken; then no symbolic link is followed at all. On which mount a file lies is asked
    /// before anything else, since that waits for no file system.
    /// </summary>
    internal static Errno ResolveByStep(int directory, ReadOnlySpan<byte> pathNul, PathBounds bounds, out SafeFileDescriptor resolved)
    {
        var path = Terminated.Checked(pathNul)[..^1];
        var isAbsolute = path.StartsWith("/"u8);
        var errno = isAbsolute && bounds == PathBounds.NoSymlinks
            ? Start(OpenAt.WorkingDirectory, "/\0"u8, PathOnly, out resolved)
            : isAbsolute && bounds == PathBounds.Beneath ? Refuse(Errno.EXDEV, out resolved)
                : Start(directory, ".\0"u8, PathOnly, out resolved);
        var mount = errno == Errno.None && bounds.HasFlag(PathBounds.OneMount) ? MountOf(resolved) : null;
        foreach (var range in path.Split((byte)'/'))
        {
            var name = path[range];
            if (errno != Errno.None)
                return errno;
            if (name.IsEmpty || name.SequenceEqual("."u8))
                continue;
            using var folder = resolved;
            errno = name.SequenceEqual(".."u8) ? Refuse(Errno.EXDEV, out resolved)
                : Start(folder.Number, (byte[])[.. name, 0], PathOnly | (int)OpenFlag.NoFollow, out resolved);
            if (errno == Errno.None && mount is not null && MountOf(resolved) != mount)
            {
                resolved.Dispose();
                errno = Refuse(Errno.EXDEV, out resolved);
            }
            if (errno == Errno.None && FileStatusCall.Fstat(resolved, out var status) == Errno.None
                && status.Kind == FileStatus.KindLink)
            {
                resolved.Dispose();
                errno = Refuse(Errno.ELOOP, out resolved);
            }
        }
        return errno;
    }

    /// <summary>The line "mnt_id: 29" of /proc/self/fdinfo (proc_pid_fdinfo(5)), as far as it is there.</summary>
    private static string MountOf(SafeFileDescriptor file)
    {
        Span<byte> room = stackalloc byte[512];
        var path = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fdinfo/{file.Number}\0"));
        _ = SmallFile.Read(path, room, out var length);
        var line = room[..length];
        line = line[Math.Max(0, line.IndexOf("mnt_id:"u8))..];
        return Encoding.ASCII.GetString(line[..Math.Max(0, line.IndexOf((byte)'\n'))]);
    }

    private static Errno Refuse(Errno errno, out SafeFileDescriptor file)
    {
        file = new SafeFileDescriptor(-1);
        return errno;
    }

    private static unsafe Errno Start(int directory, ReadOnlySpan<byte> pathNul, int flags, out SafeFileDescriptor file)
    {
        fixed (byte* path = Terminated.Checked(pathNul))
            return LastError.Of(LibC.Openat(directory, path, flags), out file);
    }
}

/// <summary>open(2) with O_APPEND: what several processes write into one file stands there line by line.</summary>
internal static class AppendingFile
{
    // O_WRONLY, O_CREAT, O_NOCTTY, O_APPEND, O_NONBLOCK, O_CLOEXEC: the same numbers on x64 and arm64. A pipe
    // without a reader fails (ENXIO) in place of waiting.
    private const int Flags = 0x1 | 0x40 | 0x100 | 0x400 | 0x800 | 0x80000;
    private const int EverybodysByUmask = 0x1b6;

    /// <summary>Opens it, and makes it where there is none.</summary>
    /// <param name="followsLink">What stands there may be a link, which is followed wherever it leads; false: ELOOP for one.</param>
    internal static unsafe Errno Open(int directory, ReadOnlySpan<byte> nameNul, bool followsLink, out SafeFileDescriptor file)
    {
        var flags = followsLink ? Flags : Flags | (int)OpenFlag.NoFollow;
        fixed (byte* name = Terminated.Checked(nameNul))
            return LastError.Of(LibC.Openat(directory, name, flags, EverybodysByUmask), out file);
    }
}

using System.Runtime.InteropServices;

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
/// Reads a small file that somebody else put there: openat2(2) with RESOLVE_NO_SYMLINKS and O_NONBLOCK, so that no link leads elsewhere and no
/// pipe holds up, and only when it is a regular file.
/// </summary>
internal static partial class PlainFile
{
    /// <summary>The same number on every architecture.</summary>
    private const int OpenAt2 = 437;

    private const ulong ReadOnlyCloseOnExecNonBlocking = 0x80000 | 0x800;

    /// <summary>Reads from the file's start.</summary>
    /// <param name="pathNul">The path with its closing NUL.</param>
    /// <param name="limitBytes">A longer file is cut here.</param>
    /// <param name="bytes">What was read; empty on failure.</param>
    /// <returns>EINVAL for what is no regular file; ENOSYS before Linux 5.6.</returns>
    internal static unsafe Errno Read(ReadOnlySpan<byte> pathNul, int limitBytes, out ReadOnlySpan<byte> bytes)
    {
        bytes = [];
        // Even to open a device can have an effect.
        if (StatX.OfLink(OpenAt.WorkingDirectory, pathNul, out var status) is var looked && (looked != Errno.None || !IsRegular(status)))
            return looked != Errno.None ? looked : Errno.EINVAL;
        var how = new OpenHow { Flags = ReadOnlyCloseOnExecNonBlocking, Resolve = ResolveNoSymlinks };
        nint number;
        fixed (byte* path = Terminated.Checked(pathNul))
            number = OpenCore(OpenAt2, OpenAt.WorkingDirectory, path, &how, OpenHow.SizeBytes);
        if (number < 0)
            return (Errno)Marshal.GetLastPInvokeError();
        using var file = new SafeFileDescriptor((int)number);
        if (FileStatusCall.Look(file, out status) != Errno.None || !IsRegular(status))
            return Errno.EINVAL;
        var buffer = new byte[limitBytes];
        var length = 0;
        while (length < limitBytes)
        {
            var errno = ReadDescriptor.Read(file.Number, buffer.AsSpan(length), out var more);
            if (errno != Errno.None)
                return errno;
            if (more == 0)
                break;
            length += more;
        }
        bytes = buffer.AsSpan(0, length);
        return Errno.None;
    }

    /// <summary>RESOLVE_NO_SYMLINKS (linux/openat2.h).</summary>
    internal const ulong ResolveNoSymlinks = 4;

    private static bool IsRegular(in FileStatus status) => (status.Mode & FileStatus.KindMask) == FileStatus.KindFile;

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static unsafe partial nint OpenCore(nint number, nint directory, byte* path, OpenHow* how, nint sizeBytes);
}

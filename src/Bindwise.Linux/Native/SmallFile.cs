using System.Runtime.InteropServices;
using System.Text;

namespace Bindwise.Linux.Native;

/// <summary>Reads a small file into the caller's buffer: open(2), read(2) until the end or the buffer is full, close(2).</summary>
internal static partial class SmallFile
{
    private const int ReadOnlyCloseOnExec = 0x80000;

    /// <summary>Reads from the file's start.</summary>
    /// <param name="pathNul">The path with its closing NUL, as a <c>"…\0"u8</c> literal.</param>
    /// <param name="buffer">Where to; a file that is longer is cut at its end, which <paramref name="lengthBytes"/> shows by being equal.</param>
    /// <param name="lengthBytes">How many bytes were read.</param>
    internal static unsafe Errno Read(ReadOnlySpan<byte> pathNul, Span<byte> buffer, out int lengthBytes)
    {
        lengthBytes = 0;
        if (pathNul.IsEmpty || pathNul[^1] != 0)
            return Errno.EINVAL;
        int number;
        fixed (byte* path = pathNul)
            number = OpenCore(path, ReadOnlyCloseOnExec);
        if (number < 0)
            return (Errno)Marshal.GetLastPInvokeError();
        using var file = new SafeFileDescriptor(number);
        fixed (byte* start = buffer)
        {
            while (lengthBytes < buffer.Length)
            {
                var got = ReadCore(file, start + lengthBytes, (nuint)(buffer.Length - lengthBytes));
                if (got < 0)
                {
                    var errno = (Errno)Marshal.GetLastPInvokeError();
                    if (errno == Errno.EINTR)
                        continue;
                    return errno;
                }
                if (got == 0)
                    break;
                lengthBytes += (int)got;
            }
        }
        return Errno.None;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    private static unsafe partial int OpenCore(byte* path, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static unsafe partial nint ReadCore(SafeFileDescriptor file, byte* buffer, nuint sizeBytes);
}

/// <summary>Writes a sysctl of the calling thread's network namespace: /proc/sys/net shows each thread its own (proc_sys(5)).</summary>
internal static partial class SysctlFile
{
    private const int WriteOnlyCloseOnExec = 0x80001;

    /// <summary>Opens the file of a sysctl for writing.</summary>
    /// <param name="name">The name with dots, as net.ipv4.tcp_tw_reuse; one that this program knows, never a stranger's text.</param>
    /// <param name="file">The file; invalid when an errno comes back.</param>
    internal static unsafe Errno Open(string name, out SafeFileDescriptor file)
    {
        var pathNul = Encoding.UTF8.GetBytes("/proc/sys/" + name.Replace('.', '/') + "\0");
        int number;
        fixed (byte* path = pathNul)
            number = OpenCore(path, WriteOnlyCloseOnExec);
        var errno = number < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
        file = new SafeFileDescriptor(number);
        return errno;
    }

    /// <summary>Writes a value, with the line's end behind it as sysctl(8) does: without one an empty text would change nothing.</summary>
    internal static unsafe Errno Write(SafeFileDescriptor file, string value)
    {
        var line = Encoding.UTF8.GetBytes(value + "\n");
        fixed (byte* start = line)
        {
            while (true)
            {
                if (WriteCore(file, start, (nuint)line.Length) >= 0)
                    return Errno.None;
                var errno = (Errno)Marshal.GetLastPInvokeError();
                if (errno != Errno.EINTR)
                    return errno;
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    private static unsafe partial int OpenCore(byte* path, int flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static unsafe partial nint WriteCore(SafeFileDescriptor file, byte* bytes, nuint lengthBytes);
}

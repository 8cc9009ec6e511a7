using System.Runtime.InteropServices;
using System.Text;

namespace Bindwise.Linux.Native;

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

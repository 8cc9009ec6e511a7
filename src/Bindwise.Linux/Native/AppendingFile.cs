using System.Runtime.InteropServices;
using System.Text;

namespace Bindwise.Linux.Native;

/// <summary>open(2) with O_APPEND: what several processes write into one file stands there line by line.</summary>
internal static partial class AppendingFile
{
    // O_WRONLY, O_CREAT, O_APPEND, O_NONBLOCK, O_CLOEXEC: the same numbers on x64 and arm64. A pipe without a reader fails (ENXIO) in place of waiting.
    private const int Flags = 0x1 | 0x40 | 0x400 | 0x800 | 0x80000;
    private const int EverybodysByUmask = 0x1b6;

    /// <summary>Opens it, and makes it where there is none.</summary>
    internal static unsafe Errno Open(string path, out SafeFileDescriptor file)
    {
        var pathNul = Encoding.UTF8.GetBytes(path + "\0");
        int number;
        fixed (byte* start = pathNul)
            number = OpenCore(start, Flags, EverybodysByUmask);
        var errno = LastError.Of(number);
        file = new SafeFileDescriptor(number);
        return errno;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    private static unsafe partial int OpenCore(byte* path, int flags, int mode);
}

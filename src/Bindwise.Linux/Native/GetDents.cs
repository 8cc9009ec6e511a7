using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>getdents64(2), by number: musl has no function of that name.</summary>
internal static partial class GetDents
{
    /// <summary>Reads the next entries of a directory as struct linux_dirent64.</summary>
    /// <param name="directory">An open directory.</param>
    /// <param name="buffer">Where the entries go.</param>
    /// <param name="lengthBytes">How many bytes came; 0 at the end and on failure.</param>
    internal static unsafe Errno Read(int directory, Span<byte> buffer, out int lengthBytes)
    {
        fixed (byte* pointer = buffer)
        {
            var result = GetDentsCore(SystemCallNumber.GetDents, directory, (nint)pointer, buffer.Length);
            var errno = result >= 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();
            lengthBytes = result >= 0 ? (int)result : 0;
            return errno;
        }
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint GetDentsCore(nint number, nint directory, nint buffer, nint lengthBytes);
}

using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>read(2).</summary>
internal static partial class ReadDescriptor
{
    /// <summary>Reads what fits, once; asks again when a signal came between (EINTR).</summary>
    /// <param name="descriptor">An open descriptor.</param>
    /// <param name="buffer">Where the bytes go.</param>
    /// <param name="lengthBytes">How many came; 0 at the end of the file and on failure.</param>
    internal static unsafe Errno Read(int descriptor, Span<byte> buffer, out int lengthBytes)
    {
        fixed (byte* pointer = buffer)
        {
            Errno errno;
            do
            {
                var result = ReadCore(descriptor, pointer, (nuint)buffer.Length);
                errno = result >= 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();
                lengthBytes = result >= 0 ? (int)result : 0;
            }
            while (errno == Errno.EINTR);
            return errno;
        }
    }

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static unsafe partial nint ReadCore(int descriptor, byte* buffer, nuint lengthBytes);
}

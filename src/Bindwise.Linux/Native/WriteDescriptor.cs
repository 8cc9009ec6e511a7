using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>write(2).</summary>
internal static partial class WriteDescriptor
{
    /// <summary>Writes what is taken, once; asks again when a signal came between (EINTR).</summary>
    /// <param name="descriptor">An open descriptor.</param>
    /// <param name="bytes">What to write.</param>
    /// <param name="lengthBytes">How many were taken; 0 on failure.</param>
    internal static unsafe Errno Write(int descriptor, ReadOnlySpan<byte> bytes, out int lengthBytes)
    {
        fixed (byte* pointer = bytes)
        {
            Errno errno;
            do
            {
                var result = WriteCore(descriptor, pointer, (nuint)bytes.Length);
                errno = result >= 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();
                lengthBytes = result >= 0 ? (int)result : 0;
            }
            while (errno == Errno.EINTR);
            return errno;
        }
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static unsafe partial nint WriteCore(int descriptor, byte* bytes, nuint lengthBytes);
}

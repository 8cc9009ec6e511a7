using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>pread(2).</summary>
internal static partial class PositionedRead
{
    /// <summary>Fills the buffer from a place in the file.</summary>
    /// <param name="descriptor">An open descriptor of a file that can be sought.</param>
    /// <param name="buffer">Where the bytes go.</param>
    /// <param name="offsetBytes">Where in the file.</param>
    /// <returns>Whether all of it came.</returns>
    internal static unsafe bool TryFill(int descriptor, Span<byte> buffer, long offsetBytes)
    {
        fixed (byte* pointer = buffer)
        {
            nint result;
            do
                result = ReadCore(descriptor, pointer, (nuint)buffer.Length, offsetBytes);
            while (result < 0 && (Errno)Marshal.GetLastPInvokeError() == Errno.EINTR);
            return result == buffer.Length;
        }
    }

    [LibraryImport("libc", EntryPoint = "pread64", SetLastError = true)]
    private static unsafe partial nint ReadCore(int descriptor, byte* buffer, nuint lengthBytes, long offsetBytes);
}

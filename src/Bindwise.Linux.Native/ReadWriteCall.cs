namespace Bindwise.Linux.Native;

/// <summary>read(2), write(2) and pread(2); each is begun anew when a signal came between (EINTR).</summary>
internal static class ReadWriteCall
{
    /// <param name="lengthBytes">How many came; 0 at the end of the file and on failure.</param>
    internal static unsafe Errno Read(int descriptor, Span<byte> buffer, out int lengthBytes)
    {
        fixed (byte* pointer = buffer)
        {
            nint result;
            do
                result = LibC.Read(descriptor, pointer, (nuint)buffer.Length);
            while (IsInterrupted(result));
            return LastError.Of(result, out lengthBytes);
        }
    }

    /// <param name="lengthBytes">How many came; equal to the buffer's size when there may be more.</param>
    internal static Errno ReadToEnd(int descriptor, Span<byte> buffer, out int lengthBytes)
    {
        lengthBytes = 0;
        while (lengthBytes < buffer.Length)
        {
            var errno = Read(descriptor, buffer[lengthBytes..], out var more);
            if (errno != Errno.None || more == 0)
                return errno;
            lengthBytes += more;
        }
        return Errno.None;
    }

    /// <param name="descriptor">An open descriptor of a file that can be sought.</param>
    internal static unsafe bool TryFill(int descriptor, Span<byte> buffer, long offsetBytes)
    {
        fixed (byte* pointer = buffer)
        {
            nint result;
            do
                result = LibC.Pread64(descriptor, pointer, (nuint)buffer.Length, offsetBytes);
            while (IsInterrupted(result));
            return result == buffer.Length;
        }
    }

    internal static Errno WriteAll(int descriptor, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var errno = Write(descriptor, bytes, out var written);
            if (errno != Errno.None)
                return errno;
            bytes = bytes[written..];
        }
        return Errno.None;
    }

    /// <param name="lengthBytes">How many were taken; 0 on failure.</param>
    internal static unsafe Errno Write(int descriptor, ReadOnlySpan<byte> bytes, out int lengthBytes)
    {
        fixed (byte* pointer = bytes)
        {
            nint result;
            do
                result = LibC.Write(descriptor, pointer, (nuint)bytes.Length);
            while (IsInterrupted(result));
            return LastError.Of(result, out lengthBytes);
        }
    }

    private static bool IsInterrupted(nint result) => result < 0 && LastError.Value == Errno.EINTR;
}

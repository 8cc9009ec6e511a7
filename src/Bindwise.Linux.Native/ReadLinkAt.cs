namespace Bindwise.Linux.Native;

/// <summary>readlinkat(2).</summary>
internal static class ReadLinkAt
{
    /// <summary>Reads a symbolic link's text, cut to the buffer's size, without a NUL.</summary>
    /// <param name="path">The path, with a NUL at its end.</param>
    /// <param name="lengthBytes">How many bytes came; equal to the buffer's size when the text may be longer.</param>
    internal static unsafe Errno Read(int directory, ReadOnlySpan<byte> path, Span<byte> buffer, out int lengthBytes)
    {
        fixed (byte* pathPointer = Terminated.Checked(path))
        fixed (byte* pointer = buffer)
            return LastError.Of(LibC.Readlinkat(directory, pathPointer, pointer, (nuint)buffer.Length), out lengthBytes);
    }
}

using System.Buffers.Text;

namespace Bindwise.Linux.Native;

/// <summary>Paths as the kernel reads them: bytes up to a NUL.</summary>
internal static class Terminated
{
    /// <summary>The same path, after a check that a NUL ends it: without one the kernel would read on past the buffer.</summary>
    /// <exception cref="ArgumentException">No NUL at the end: a fault of the caller.</exception>
    internal static ReadOnlySpan<byte> Checked(ReadOnlySpan<byte> path) =>
        path.IsEmpty || path[^1] != 0 ? throw new ArgumentException("The path has no NUL at its end.", nameof(path)) : path;

    /// <summary>A text in UTF-8, and its NUL.</summary>
    internal static byte[] Of(string text) => [.. System.Text.Encoding.UTF8.GetBytes(text), 0];

    /// <summary>The path of one of this process's own descriptors in /proc.</summary>
    /// <param name="buffer">At least 32 bytes.</param>
    internal static ReadOnlySpan<byte> OfDescriptor(Span<byte> buffer, int descriptor)
    {
        var prefix = "/proc/self/fd/"u8;
        prefix.CopyTo(buffer);
        _ = Utf8Formatter.TryFormat(descriptor, buffer[prefix.Length..], out var digits);
        buffer[prefix.Length + digits] = 0;
        return buffer[..(prefix.Length + digits + 1)];
    }
}

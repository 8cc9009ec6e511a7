using Bindwise.Linux.Native;

namespace Bindwise.Linux.Text;

/// <summary>A configuration file of lines and blank-separated words, <c>#</c> beginning a comment, as /etc/hosts and /etc/services.</summary>
internal static class ConfigurationFile
{
    /// <summary>Longer files are read up to here.</summary>
    internal const int MaximumBytes = 1 << 20;

    /// <summary>Reads the file; empty when it cannot be read.</summary>
    internal static byte[] Read(ReadOnlySpan<byte> pathNul)
    {
        var buffer = new byte[16384];
        while (true)
        {
            if (SmallFile.Read(pathNul, buffer, out var length) != Errno.None)
                return [];
            if (length < buffer.Length || buffer.Length >= MaximumBytes)
                return buffer[..length];
            buffer = new byte[Math.Min(buffer.Length * 8, MaximumBytes)];
        }
    }

    /// <summary>Takes the next line, without its comment.</summary>
    internal static bool TryNextLine(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> line)
    {
        line = default;
        if (rest.IsEmpty)
            return false;
        var end = rest.IndexOf((byte)'\n');
        line = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[(end + 1)..];
        var comment = line.IndexOf((byte)'#');
        if (comment >= 0)
            line = line[..comment];
        return true;
    }

    /// <summary>Takes the next word.</summary>
    internal static bool TryNextWord(ref ReadOnlySpan<byte> line, out ReadOnlySpan<byte> word)
    {
        var rest = line.TrimStart(" \t\r"u8);
        var end = rest.IndexOfAny(" \t\r"u8);
        word = end < 0 ? rest : rest[..end];
        line = end < 0 ? default : rest[end..];
        return !word.IsEmpty;
    }
}

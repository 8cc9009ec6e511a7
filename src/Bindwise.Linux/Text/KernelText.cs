using System.Text.Unicode;

namespace Bindwise.Linux.Text;

/// <summary>
/// Bytes that a process or the kernel chose, as text: UTF-8 where it is, <c>\xNN</c> for each byte that is not.
/// Nothing else is changed: escaping for a terminal is the renderer's.
/// </summary>
internal static class KernelText
{
    /// <summary>Decodes bytes; the result holds no U+FFFD that was not there.</summary>
    internal static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
            return Encoding.UTF8.GetString(bytes);
        var text = new StringBuilder(bytes.Length + 16);
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var used) == System.Buffers.OperationStatus.Done)
                text.Append(rune.ToString());
            else
                for (var i = 0; i < used; i++)
                    text.Append(CultureInfo.InvariantCulture, $"\\x{bytes[i]:x2}");
            bytes = bytes[used..];
        }
        return text.ToString();
    }

    /// <summary>Where the words of a line stand, which blanks keep apart; of many, as many as there is room for.</summary>
    internal static int SplitWords(ReadOnlySpan<byte> line, Span<Range> words)
    {
        var count = 0;
        foreach (var range in line.Split((byte)' '))
        {
            if (count == words.Length)
                break;
            if (!line[range].IsEmpty)
                words[count++] = range;
        }
        return count;
    }
}

/// <summary>
/// A configuration file of lines and blank-separated words, <c>#</c> beginning a comment, as /etc/hosts and /etc/services.
/// </summary>
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

    internal static bool TryNextWord(ref ReadOnlySpan<byte> line, out ReadOnlySpan<byte> word)
    {
        var rest = line.TrimStart(" \t\r"u8);
        var end = rest.IndexOfAny(" \t\r"u8);
        word = end < 0 ? rest : rest[..end];
        line = end < 0 ? default : rest[end..];
        return !word.IsEmpty;
    }
}

using Bindwise.Linux.Text;

namespace Bindwise.Linux.Processes;

/// <summary>The bytes of /proc/PID/cmdline: arguments, each ended by a NUL, unless the process wrote something else there.</summary>
internal static class CommandLine
{
    /// <summary>The most that is read. Longer ones exist (ARG_MAX is megabytes), but nobody reads them to the end.</summary>
    internal const int LimitBytes = 64 * 1024;

    /// <param name="bytes">The file's bytes, at most <see cref="LimitBytes"/>.</param>
    /// <param name="isCut">There were more bytes: the last argument ends in <c>…</c>.</param>
    internal static ImmutableArray<string> Parse(ReadOnlySpan<byte> bytes, bool isCut)
    {
        if (bytes.IsEmpty)
            return [];
        if (bytes[^1] == 0 && !isCut)
            bytes = bytes[..^1];
        bytes = WithoutPadding(bytes);

        var arguments = ImmutableArray.CreateBuilder<string>();
        while (true)
        {
            var end = bytes.IndexOf((byte)0);
            if (end < 0)
                break;
            arguments.Add(KernelText.Decode(bytes[..end]));
            bytes = bytes[(end + 1)..];
        }

        if (isCut)
            arguments.Add(KernelText.Decode(WholeCharacters(bytes)) + "…");
        else
            arguments.Add(KernelText.Decode(bytes));
        return arguments.DrainToImmutable();
    }

    // A program that shows a title (nginx, postgres) pads the rest of its arguments' room with NULs: those are no arguments.
    // One empty argument after a single word may be meant.
    private static ReadOnlySpan<byte> WithoutPadding(ReadOnlySpan<byte> bytes)
    {
        var title = bytes.TrimEnd((byte)0);
        return bytes.Length - title.Length >= 2 && !title.IsEmpty && !title.Contains((byte)0) ? title : bytes;
    }

    // The cut may fall into a character: its first bytes are no evidence of bad text.
    private static ReadOnlySpan<byte> WholeCharacters(ReadOnlySpan<byte> bytes)
    {
        for (var back = 1; back <= Math.Min(3, bytes.Length); back++)
        {
            var value = bytes[^back];
            var length = value switch { >= 0xF0 => 4, >= 0xE0 => 3, >= 0xC0 => 2, _ => 0 };
            if (length > back)
                return bytes[..^back];
            if (length != 0 || value < 0x80)
                break;
        }

        return bytes;
    }
}

using Bindwise.Model.Targets.Errors;

namespace Bindwise.Model.Targets;

/// <summary>An error text as it was pasted or piped in.</summary>
internal static class PastedText
{
    /// <summary>More than this is refused: 1 MiB.</summary>
    public const int MaximumBytes = 1024 * 1024;

    /// <summary>The words of a command line: those of an error text that was pasted without quotes are one text.</summary>
    public static IReadOnlyList<string> Gather(IReadOnlyList<string> words)
    {
        // A word that names a failed bind by itself, one in quotes and standard input are texts of their own.
        if (words.Count < 2 || words.Any(static word => word == "-" || word.Any(char.IsWhiteSpace)))
            return words;
        var text = string.Join(' ', words);
        return ErrnoWords.Mentions(text) && !words.Any(static word => TargetParser.Parse(word) is { Value.Pasted: not null }) ? [text]
            : words;
    }

    /// <summary>The text; an empty, endless or binary one is a fault.</summary>
    public static ParseResult<string> Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaximumBytes)
            return Fault("standard input is longer than 1 MiB; paste only the error: tail -n 50 FILE | bindwise why -");
        // What PowerShell and Windows editors write.
        if (bytes.StartsWith<byte>([0xff, 0xfe]) && bytes.Length % 2 == 0)
            return Checked(Encoding.Unicode.GetString(bytes[2..]));
        return Checked(Encoding.UTF8.GetString(bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes));
    }

    private static ParseResult<string> Checked(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return Fault("standard input is empty; paste the error text into it");
        return text.Contains('\0', StringComparison.Ordinal)
            ? Fault("standard input is not text (it contains zero bytes); paste the error text into it")
            : new ParseResult<string>(text);
    }

    private static ParseResult<string> Fault(string message) => new(null, message);
}

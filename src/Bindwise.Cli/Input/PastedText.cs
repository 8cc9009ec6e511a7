using System.Text;

namespace Bindwise.Cli.Input;

/// <summary>An error text on standard input.</summary>
internal static class PastedText
{
    /// <summary>More than this is refused: 1 MiB.</summary>
    public const int MaximumBytes = 1024 * 1024;

    /// <summary>Reads all of it; an empty, endless or binary one is a fault.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static ParseResult<string> Read(Stream input)
    {
        using var content = new MemoryStream();
        var chunk = new byte[16 * 1024];
        for (int read; (read = input.Read(chunk, 0, chunk.Length)) > 0;)
        {
            content.Write(chunk, 0, read);
            if (content.Length > MaximumBytes)
                return Fault("standard input is longer than 1 MiB; paste only the error: tail -n 50 FILE | bindwise why -");
        }
        return Decode(content.GetBuffer().AsSpan(0, (int)content.Length));
    }

    private static ParseResult<string> Decode(ReadOnlySpan<byte> bytes)
    {
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

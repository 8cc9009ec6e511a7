namespace Bindwise.Cli.Output;

/// <summary>Standard output. A reader that went away ends the output quietly; any other fault is kept, to be told once.</summary>
internal sealed class AnswerStream(Stream stream)
{
    // What an IOException carries as its HResult: EPIPE, the same number on every Unix; on Windows ERROR_BROKEN_PIPE and ERROR_NO_DATA.
    private static readonly int[] ReaderGone = [32, unchecked((int)0x8007006D), unchecked((int)0x800700E8)];

    /// <summary>Whether somebody still takes what is written.</summary>
    public bool IsOpen { get; private set; } = true;

    /// <summary>Why the output is not whole, one line; null while it is (or nobody reads it any more).</summary>
    public string? Fault { get; private set; }

    public static AnswerStream Open() => new(StandardStreams.OpenOutput());

    /// <summary>Writes text as UTF-8.</summary>
    public void Write(string text) => Write(Encoding.UTF8.GetBytes(text));

    /// <summary>Writes bytes; nothing once the reader is gone or a write failed.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (!IsOpen)
            return;
        try
        {
            stream.Write(bytes);
            stream.Flush();
        }
        catch (IOException exception)
        {
            IsOpen = false;
            if (!ReaderGone.Contains(exception.HResult))
                Fault = SystemFault.Describe(exception);
        }
    }
}

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
                Fault = $"cannot write to standard output: {SystemFault.Describe(exception)}";
        }
    }
}

/// <summary>
/// A line on standard error that tells, four times a second, how far something is, and is wiped when it ends: for a terminal only.
/// </summary>
internal sealed class ProgressLine : IDisposable
{
    /// <summary>
    /// Columns that a line leaves free: two for the terminal's ^C, so that it does not wrap, and one in which some would wrap already.
    /// </summary>
    public const int Spare = 3;

    private const int Milliseconds = 250;

    private readonly object _gate = new();
    private readonly ErrorLines _errors;
    private readonly Timer _timer;
    private bool _isOver;

    /// <param name="width">The columns; a longer line is cut.</param>
    public ProgressLine(ErrorLines errors, int width, Func<string> text)
    {
        this._errors = errors;
        _timer = new Timer(_ => Show(text(), width), null, Milliseconds, Milliseconds);
    }

    public void Dispose()
    {
        _timer.Dispose();
        lock (_gate)
        {
            _isOver = true;
            _errors.Overwrite("");
        }
    }

    /// <summary>Writes an answer where the line stands; the line comes back below it.</summary>
    public T Above<T>(Func<T> write)
    {
        lock (_gate)
        {
            _errors.Overwrite("");
            return write();
        }
    }

    private void Show(string text, int width)
    {
        lock (_gate)
        {
            if (!_isOver)
                _errors.Overwrite(text[..Math.Min(text.Length, Math.Max(0, width - Spare))]);
        }
    }
}

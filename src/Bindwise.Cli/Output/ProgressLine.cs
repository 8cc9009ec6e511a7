namespace Bindwise.Cli.Output;

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

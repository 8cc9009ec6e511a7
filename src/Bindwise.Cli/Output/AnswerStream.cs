using Bindwise.Linux.Terminals;

namespace Bindwise.Cli.Output;

/// <summary>Standard output. A reader that went away ends the output quietly; any other fault is kept, to be told once.</summary>
internal sealed class AnswerStream(Stream stream)
{
    // What an IOException carries as its HResult: EPIPE, the same number on every Unix; on Windows ERROR_BROKEN_PIPE and ERROR_NO_DATA.
    private static readonly int[] ReaderLeft = [32, unchecked((int)0x8007006D), unchecked((int)0x800700E8)];

    public bool IsOpen { get; private set; } = true;

    /// <summary>Why the output is not whole, one line; null while it is (or nobody reads it any more).</summary>
    public string? Fault { get; private set; }

    public static AnswerStream Open() => new(OperatingSystem.IsLinux() ? StandardStream.Output : Console.OpenStandardOutput());

    public void Write(string text) => Write(Encoding.UTF8.GetBytes(text));
    public void Write(ImmutableArray<TextLine> lines, Terminal terminal) => Write(TextOutput.Format(lines, terminal.IsColoured));

    public ExitCode Show(string text)
    {
        Write(text);
        return ExitCode.Success;
    }

    /// <summary>Writes a line of JSON, and its end.</summary>
    public void WriteLine(Action<IBufferWriter<byte>> write) => WriteAll(bytes =>
    {
        write(bytes);
        bytes.Write("\n"u8);
    });

    /// <summary>Writes all that is made, at once.</summary>
    public void WriteAll(Action<IBufferWriter<byte>> write)
    {
        var bytes = new ArrayBufferWriter<byte>();
        write(bytes);
        Write(bytes.WrittenSpan);
    }

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
            if (!ReaderLeft.Contains(exception.HResult))
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

    public ProgressLine(ErrorLines errors, int width, Func<string> text)
    {
        _errors = errors;
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

/// <summary>
/// A long answer on its way to standard output, written whenever a block is full: so it takes no more memory than a short one, and its
/// reader begins before it ends.
/// </summary>
internal sealed class AnswerBlocks(AnswerStream output) : IBufferWriter<byte>, IDisposable
{
    // Half of what a pipe holds (pipe(7)): one half is read while the other is made.
    private const int BlockBytes = 32 * 1024;

    private byte[] _block = GC.AllocateUninitializedArray<byte>(BlockBytes);
    private int _length;

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(Math.Max(1, sizeHint));
        return _block.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Write(string text)
    {
        var bytes = GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        Advance(Encoding.UTF8.GetBytes(text, bytes));
    }

    public void Dispose() => Flush();

    private void Flush()
    {
        output.Write(_block.AsSpan(0, _length));
        _length = 0;
    }

    private void MakeRoom(int bytes)
    {
        if (_block.Length - _length >= bytes)
            return;
        Flush();
        if (_block.Length < bytes)
            _block = GC.AllocateUninitializedArray<byte>(bytes);
    }
}

internal static class InputStream
{
    public static Stream Open() => OperatingSystem.IsLinux() ? StandardStream.Input : Console.OpenStandardInput();
}

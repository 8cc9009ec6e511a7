namespace Bindwise.Linux.Terminals;

/// <summary>
/// The terminal as a screen: the alternate one, without a cursor, each key as it is pressed. <see cref="Leave"/> puts back what was there,
/// as often as one likes, from any thread. Standard input and output are to be the same terminal.
/// </summary>
internal sealed class ScreenTerminal(TerminalMode before) : IDisposable
{
    private const int Input = 0;
    private const int Output = 1;

    // The alternate screen (xterm's 1049 keeps the cursor's place too), the cursor, and lines that do not wrap.
    private static readonly byte[] Entering = "\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J"u8.ToArray();
    private static readonly byte[] Leaving = "\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l"u8.ToArray();

    private readonly Lock _gate = new();
    private readonly Stream _output = StandardStream.Output;
    private bool _isEntered;
    private bool _isOver;

    /// <summary>Its size: columns and lines; 80 and 24 where it does not know.</summary>
    public static (int Columns, int Lines) Size => (WindowSizeCall.Columns(Output) is > 0 and var columns ? columns : 80,
        WindowSizeCall.Lines(Output) is > 0 and var lines ? lines : 24);

    /// <summary>The terminal, left as it is; null where standard input or output is none.</summary>
    public static ScreenTerminal? TryOpen() =>
        TerminalModeCall.Get(Input, out var before) == Errno.None && TerminalModeCall.Get(Output, out _) == Errno.None
            ? new ScreenTerminal(before) : null;

    /// <exception cref="IOException">It is gone.</exception>
    public void Enter()
    {
        lock (_gate)
        {
            if (_isOver)
                return;
            _ = TerminalModeCall.Set(Input, TerminalModeCall.ByKey(before));
            _isEntered = true;
            _output.Write(Entering);
        }
    }

    /// <summary>Writes to the screen; nothing while it is none.</summary>
    /// <exception cref="IOException">It is gone.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (_isEntered)
                _output.Write(bytes);
        }
    }

    public void Leave()
    {
        lock (_gate)
        {
            if (!_isEntered)
                return;
            _isEntered = false;
            try
            {
                _output.Write(Leaving);
            }
            catch (IOException)
            {
                // The terminal went away; its mode with it.
            }
            _ = TerminalModeCall.Set(Input, before);
        }
    }

    /// <summary>Leaves, stops this process until it is let go on (<c>fg</c>), and enters again.</summary>
    /// <exception cref="IOException">The terminal is gone.</exception>
    public void Suspend()
    {
        Leave();
        SignalCall.StopSelf();
        Enter();
    }

    public void Dispose()
    {
        lock (_gate)
            _isOver = true;
        Leave();
    }

    /// <param name="time">How long at most; infinite: without end.</param>
    public static bool WaitForInput(TimeSpan time) => PollCall.WaitUntilAnyReadable([Input], time, out _);

    /// <summary>Reads what was typed, once; 0 where the terminal is gone.</summary>
    public static int Read(Span<byte> buffer)
    {
        Errno errno;
        int length;
        while ((errno = ReadWriteCall.Read(Input, buffer, out length)) == Errno.EAGAIN)
            PollCall.WaitUntilReadable(Input);
        return errno == Errno.None ? length : 0;
    }
}

/// <summary>Notices that nobody reads standard output any more, without writing into it.</summary>
internal static class OutputReader
{
    private const int Output = 1;
    private static readonly TimeSpan LongWait = TimeSpan.FromMinutes(10);

    /// <summary>Cancels once the reader of a pipe or socket is gone; it watches on a thread of its own, until somebody cancels.</summary>
    public static void CancelOnceReaderLeft(CancellationTokenSource ending) => new Thread(() =>
    {
        while (!ending.IsCancellationRequested)
        {
            if (PollCall.WaitUntilReaderLeft(Output, LongWait) && !ending.IsCancellationRequested)
                ending.Cancel();
        }
    })
    { IsBackground = true, Name = "bindwise reader" }.Start();
}

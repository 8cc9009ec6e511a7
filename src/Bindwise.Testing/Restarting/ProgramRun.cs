namespace Bindwise.Testing;

/// <summary>
/// One run of the program under test. A variable in its environment marks it and what it starts; disposing ends all of these, by handles
/// that no other process's number can mislead.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class ProgramRun : IAsyncDisposable
{
    private const string Variable = "BINDWISE_TESTING_RUN";
    private const int MostLines = 40;

    /// <summary>What the program started may hold its pipes for longer; on a busy machine what it wrote itself is read late.</summary>
    private static readonly TimeSpan OutputTime = TimeSpan.FromSeconds(5);

    /// <summary>Between two looks for what the killed ones had started.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(5);

    private static readonly TimeSpan KillTime = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly HolderHandle? _handle;
    private readonly string _mark;
    private readonly Queue<string> _lines = new();
    private readonly Task _reading;

    private ProgramRun(Process process, string mark)
    {
        (_process, _mark) = (process, mark);
        _handle = MarkedProcess.OfChild(process);
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
    }

    public bool HasEnded => _process.HasExited;

    public ProgramEnding Ending
    {
        get
        {
            lock (_lines)
                return new ProgramEnding(_process.HasExited ? _process.ExitCode : null, [.. _lines]);
        }
    }

    public static ProgramRun Start(RestartOptions options, int port)
    {
        var number = port.ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo(options.Program, options.Arguments.Select(Fill))
        {
            WorkingDirectory = options.WorkingDirectory ?? "",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in options.Environment)
            start.Environment[name] = value is null ? null : Fill(value);
        var mark = Guid.NewGuid().ToString("N");
        start.Environment[Variable] = mark;
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return new ProgramRun(process, $"{Variable}={mark}");

        string Fill(string text) => text.Replace(RestartOptions.PortPlaceholder, number, StringComparison.Ordinal);
    }

    /// <summary>Completes when it has ended, and most likely all that it wrote is read.</summary>
    public async Task AwaitEndAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        _ = await Task.WhenAny(_reading, _reading.WaitAsync(OutputTime, CancellationToken.None)).ConfigureAwait(false);
    }

    public void Send(RestartStop stop)
    {
        if (stop == RestartStop.Kill)
            _ = _handle?.Kill();
        else
            _ = _handle?.Terminate();
    }

    public async ValueTask DisposeAsync()
    {
        _ = _handle?.Kill();
        using var limit = new CancellationTokenSource(KillTime);
        using var timer = new PeriodicTimer(Pace);
        // What is killed may have started more meanwhile.
        while (!limit.IsCancellationRequested && MarkedProcess.FindAll(_mark) is { Count: > 0 } more)
        {
            foreach (var one in more)
            {
                _ = one.Kill();
                one.Dispose();
            }
            _ = await timer.WaitForNextTickAsync(CancellationToken.None).ConfigureAwait(false);
        }
        await _process.WaitForExitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _handle?.Dispose();
        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader reader)
    {
        try
        {
            while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
            {
                lock (_lines)
                {
                    _lines.Enqueue(line);
                    if (_lines.Count > MostLines)
                        _ = _lines.Dequeue();
                }
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Disposed of while something that the program started still had the pipe.
            return;
        }
    }
}

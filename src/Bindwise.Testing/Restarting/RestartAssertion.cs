using System.ComponentModel;

namespace Bindwise.Testing;

/// <summary>
/// Asserts that a program can restart: at once, over the connections of its former run, on the same port. Stateless; thread-safe. Linux
/// only.
/// </summary>
[SupportedOSPlatform("linux")]
public static class RestartAssertion
{
    /// <summary>
    /// Starts the program, connects to it, stops it while the connections are open, so that its side closes first and TIME_WAIT stays on
    /// its port, and starts it again: once for each of <see cref="RestartOptions.Stops"/>. In the end it kills the program and what that
    /// started, and nothing else.
    /// </summary>
    /// <remarks>The program's environment has a variable BINDWISE_TESTING_RUN, by which what it started is found.</remarks>
    /// <param name="options">The program.</param>
    /// <param name="cancellationToken">Ends it; the program is killed.</param>
    /// <returns>What was seen.</returns>
    /// <exception cref="RestartException">It cannot restart, or not even start; the message says why.</exception>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static Task<RestartReport> CanRestartAsync(RestartOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        return OperatingSystem.IsLinux() ? RunAsync(options, cancellationToken)
            : throw new PlatformNotSupportedException(
                "A restart is tested on Linux alone: its rules for ports in use are those that servers meet, and other systems have their "
                    + "own.");
    }

    private static async Task<RestartReport> RunAsync(RestartOptions options, CancellationToken cancellationToken)
    {
        // A socket on the port would change what the program meets.
        using var lease = options.Port == 0 ? PortLease.Take(new PortLeaseOptions { HoldsPort = false }) : null;
        return await new RestartTrial(options, lease?.Port ?? options.Port, cancellationToken).RunAsync().ConfigureAwait(false);
    }
}

[SupportedOSPlatform("linux")]
internal sealed class RestartTrial(RestartOptions options, int port, CancellationToken cancellationToken)
{
    private const int ShownLines = 10;

    private string _after = "";

    public async Task<RestartReport> RunAsync()
    {
        if (!await ListensAsync(WaitCondition.Closed, TimeSpan.FromMilliseconds(1), cancellationToken).ConfigureAwait(false))
            throw await FailureAsync(RestartStage.FirstStart, "before it was started, somebody listened on its port", null)
                .ConfigureAwait(false);
        var rounds = ImmutableArray.CreateBuilder<RestartRound>(options.Stops.Length);
        var run = default(ProgramRun);
        // Half of the connections of each round stay open until the end.
        var open = new List<ClientConnections>();
        try
        {
            (run, var first) = await StartAsync(RestartStage.FirstStart).ConfigureAwait(false);
            foreach (var stop in options.Stops)
            {
                var connections = await TalkAsync(run).ConfigureAwait(false);
                open.Add(connections);
                var isOver = run.HasEnded;
                await StopAsync(run, stop).ConfigureAwait(false);
                await connections.CloseHalfAsync(cancellationToken).ConfigureAwait(false);
                await connections.SettleAsync(open.Sum(static one => one.Open), cancellationToken).ConfigureAwait(false);
                var round = new RestartRound
                {
                    Stop = stop,
                    Accepted = connections.Accepted,
                    TimeWaits = await connections.CountAsync(TcpSocketState.TimeWait, cancellationToken).ConfigureAwait(false),
                    FinWaits = await connections.CountAsync(TcpSocketState.FinWait2, cancellationToken).ConfigureAwait(false),
                    ExitCode = run.Ending.ExitCode ?? 0,
                    EndedByItself = isOver,
                    Restart = TimeSpan.Zero,
                };
                await run.DisposeAsync().ConfigureAwait(false);
                run = null;
                _after = " after " + (isOver ? "it had ended by itself" : SignalOf(stop));
                (run, var time) = await StartAsync(RestartStage.Restart).ConfigureAwait(false);
                rounds.Add(round with { Restart = time });
            }
            return new RestartReport { Port = port, FirstStart = first, Rounds = rounds.MoveToImmutable() };
        }
        finally
        {
            open.ForEach(static one => one.Dispose());
            if (run is not null)
                await run.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<(ProgramRun Run, TimeSpan Time)> StartAsync(RestartStage stage)
    {
        var began = Stopwatch.GetTimestamp();
        ProgramRun run;
        try
        {
            run = ProgramRun.Start(options, port);
        }
        catch (Win32Exception exception)
        {
            throw await FailureAsync(stage, $"it could not be started ({exception.Message})", null, exception).ConfigureAwait(false);
        }
        try
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var listening = ListensAsync(WaitCondition.Listening, options.StartTimeout, ended.Token);
            var ending = run.AwaitEndAsync(ended.Token);
            var isFirst = await Task.WhenAny(listening, ending).ConfigureAwait(false) == listening;
            cancellationToken.ThrowIfCancellationRequested();
            if (isFirst && await listening.ConfigureAwait(false))
            {
                await ended.CancelAsync().ConfigureAwait(false);
                return (run, Stopwatch.GetElapsedTime(began));
            }
            var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
            await ended.CancelAsync().ConfigureAwait(false);
            var what = isFirst ? string.Create(CultureInfo.InvariantCulture,
                    $"it did not listen on port {port} within {options.StartTimeout.TotalSeconds:0.#} s")
                : string.Create(CultureInfo.InvariantCulture,
                    $"it ended with exit code {run.Ending.ExitCode} after {seconds:0.0} s, without listening on port {port}");
            throw await FailureAsync(stage, what, run).ConfigureAwait(false);
        }
        catch
        {
            await run.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task<ClientConnections> TalkAsync(ProgramRun run)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.StartTimeout);
        try
        {
            return await ClientConnections.OpenAsync(options, port, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw await FailureAsync(RestartStage.Talk, string.Create(CultureInfo.InvariantCulture,
                $"it listened, but did not accept and answer {options.Connections} connections within "
                    + $"{options.StartTimeout.TotalSeconds:0.#} s"), run, exception).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            throw await FailureAsync(RestartStage.Talk, $"it listened, but a client failed ({exception.Message.TrimEnd('.')})", run,
                exception).ConfigureAwait(false);
        }
    }

    private async Task StopAsync(ProgramRun run, RestartStop stop)
    {
        run.Send(stop);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.StopTimeout);
        var began = Stopwatch.GetTimestamp();
        try
        {
            await run.AwaitEndAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw await FailureAsync(RestartStage.Stop, string.Create(CultureInfo.InvariantCulture,
                $"it did not end within {options.StopTimeout.TotalSeconds:0.#} s after {SignalOf(stop)}"), run, exception)
                .ConfigureAwait(false);
        }
        var left = options.StopTimeout - Stopwatch.GetElapsedTime(began);
        if (!await ListensAsync(WaitCondition.Closed, left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1), cancellationToken)
            .ConfigureAwait(false))
            throw await FailureAsync(RestartStage.Stop, $"it ended after {SignalOf(stop)}, but something still listened on its port", run)
                .ConfigureAwait(false);
    }

    private static string SignalOf(RestartStop stop) => stop == RestartStop.Kill ? "SIGKILL" : "SIGTERM";

    private async Task<bool> ListensAsync(WaitCondition until, TimeSpan timeout, CancellationToken cancellation)
    {
        var report = await PortDiagnostics.WaitAsync(new WaitRequest { Queries = [PortQuery.Of(port)], Until = until, Timeout = timeout },
            cancellation).ConfigureAwait(false);
        return report.IsMet;
    }

    private async Task<RestartException> FailureAsync(RestartStage stage, string what, ProgramRun? run, Exception? inner = null)
    {
        var ending = run?.Ending ?? new ProgramEnding(null, []);
        var diagnosis = stage == RestartStage.Talk ? null : await AskAsync().ConfigureAwait(false);
        var name = Path.GetFileName(options.Program);
        var text = new StringBuilder($"{name} cannot {(stage == RestartStage.FirstStart ? "start" : "restart")}{_after}: {what}.");
        if (diagnosis is { Verdict: Verdict.Free })
            text.Append(CultureInfo.InvariantCulture, $" Port {port} is free, so it was not the port.");
        else if (diagnosis is not null)
            text.Append(' ').Append(diagnosis.Summary.TrimEnd('.')).Append('.').Append(Advice(stage, diagnosis));
        if (!ending.Output.IsEmpty)
            text.Append("\nIt wrote:\n  ").AppendJoin("\n  ", ending.Output.Skip(Math.Max(0, ending.Output.Length - ShownLines)));
        return new RestartException(stage, text.ToString(), diagnosis, ending, inner);
    }

    // What only waits for the old connections to end is no help to who restarts.
    private static string Advice(RestartStage stage, Diagnosis diagnosis) =>
        stage == RestartStage.Restart && diagnosis.Blockers.Length > 0
            && diagnosis.Blockers.All(static one => one.Socket.State is not (TcpSocketState.Listen or TcpSocketState.Bound))
            ? " Next: Set SO_REUSEADDR before bind() in the program: then each start works over the connections of the one before."
            : diagnosis.Remedies is [var first, ..] ? $" Next: {first.Text.TrimEnd('.')}." : "";

    /// <summary>Why the port is not free: for a server with SO_REUSEADDR, and if that could bind it, for one without.</summary>
    private async Task<Diagnosis?> AskAsync()
    {
        try
        {
            var question = PortQuery.Of(port);
            var usual = await PortDiagnostics.DiagnoseAsync(question with { Settings = new SocketSettings { ReuseAddress = true } },
                cancellationToken).ConfigureAwait(false);
            return usual.Verdict != Verdict.Free ? usual
                : await PortDiagnostics.DiagnoseAsync(question with { Settings = new SocketSettings { ReuseAddress = false } },
                    cancellationToken).ConfigureAwait(false);
        }
        catch (PortQueryException)
        {
            // The failure itself is told all the same.
            return null;
        }
    }
}

/// <summary>How a program was restarted.</summary>
public sealed record RestartReport
{
    private readonly EquatableArray<RestartRound> _rounds;

    /// <summary>The port.</summary>
    public required int Port { get; init; }

    /// <summary>How long the first start took until the program listened.</summary>
    public required TimeSpan FirstStart { get; init; }

    /// <summary>Each stop and the start after it, in order.</summary>
    public required ImmutableArray<RestartRound> Rounds { get => _rounds; init => _rounds = value; }
}

/// <summary>One stop, and the start after it.</summary>
public sealed record RestartRound
{
    /// <summary>How the program was stopped.</summary>
    public required RestartStop Stop { get; init; }

    /// <summary>How many connections it had accepted.</summary>
    public required int Accepted { get; init; }

    /// <summary>How many connections in TIME_WAIT were on its port when it was started again.</summary>
    public required int TimeWaits { get; init; }

    /// <summary>How many in FIN_WAIT2, whose client had not closed yet.</summary>
    public required int FinWaits { get; init; }

    /// <summary>The exit code; 128 plus the signal's number if a signal ended it.</summary>
    public required int ExitCode { get; init; }

    /// <summary>It ended by itself after it had talked, before it was stopped.</summary>
    public bool EndedByItself { get; init; }

    /// <summary>How long the next start took until it listened.</summary>
    public required TimeSpan Restart { get; init; }
}

/// <summary>At which step a program failed that was to be restarted.</summary>
public enum RestartStage
{
    /// <summary>The first start.</summary>
    FirstStart,

    /// <summary>The conversation with a client.</summary>
    Talk,

    /// <summary>The stop: it did not end, or something still listens on its port.</summary>
    Stop,

    /// <summary>The start after a stop.</summary>
    Restart,
}

/// <summary>
/// A program cannot restart. The message says at which step, why the port cannot be had, and what the program wrote last.
/// </summary>
public sealed class RestartException : Exception, IBindwiseException
{
    internal RestartException(RestartStage stage, string message, Diagnosis? diagnosis, ProgramEnding ending, Exception? inner)
        : base(message, inner)
    {
        Stage = stage;
        Diagnosis = diagnosis;
        ExitCode = ending.ExitCode;
        Output = ending.Output;
    }

    /// <summary>The step that failed.</summary>
    public RestartStage Stage { get; }

    /// <summary>Why the port can or cannot be bound at that moment; null where it is not the matter.</summary>
    public Diagnosis? Diagnosis { get; }

    /// <summary>The program's exit code, 128 plus the signal's number if a signal ended it; null if it still ran.</summary>
    public int? ExitCode { get; }

    /// <summary>The last 40 lines that it wrote to its standard output and error, in the order in which they were read.</summary>
    public ImmutableArray<string> Output { get; }
}

internal readonly record struct ProgramEnding(int? ExitCode, ImmutableArray<string> Output);

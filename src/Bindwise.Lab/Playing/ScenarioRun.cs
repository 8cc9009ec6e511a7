using System.Diagnostics;

namespace Bindwise.Lab.Playing;

/// <summary>A scenario under way: its hosts, what they gave so far, and how far it came. It stays on its player's thread.</summary>
/// <param name="scenario">The scenario; its hosts are made when it is first advanced.</param>
/// <param name="modelOf">Makes a simulated host; null to leave the model out.</param>
/// <param name="pool">Where a live host comes from; null to leave the kernel out.</param>
internal sealed class ScenarioRun(Scenario scenario, Func<Scenario, IHost>? modelOf, IHostPool? pool) : IDisposable
{
    private readonly ImmutableArray<StepOutcome>.Builder _outcomes = ImmutableArray.CreateBuilder<StepOutcome>(scenario.Steps.Length);
    private IHost? _model;
    private IHost? _kernel;
    private RetryRun? _retry;
    private bool _isOpen;
    private bool _isDone;

    /// <summary>What it gave; whole once <see cref="Advance"/> gave null.</summary>
    internal ScenarioResult Result { get; private set; } = new(scenario, []);

    /// <summary>Plays on, to the end or to a long wait on the kernel.</summary>
    /// <returns>How long to wait before the next call; null when it is over.</returns>
    internal TimeSpan? Advance()
    {
        if (_isDone)
            return null;
        try
        {
            Open();
            return PlayOn() ?? End(null, isFault: false);
        }
        catch (UnplayableException exception)
        {
            return End(Place() + exception.Message, isFault: false);
        }
        catch (Exception exception)
        {
            // Whatever a host throws ends this scenario and no other; what it did not foresee is a fault of ours.
            return End($"{Place()}{exception.GetType().Name}: {exception.Message}", isFault: true);
        }
    }

    public void Dispose()
    {
        _isDone = true;
        _model?.Dispose();
        _kernel?.Dispose();
        _model = _kernel = null;
    }

    private void Open()
    {
        if (_isOpen)
            return;
        _model = modelOf?.Invoke(scenario);
        _kernel = pool?.Lease(scenario);
        _isOpen = true;
    }

    private TimeSpan? PlayOn()
    {
        while (_outcomes.Count < scenario.Steps.Length)
        {
            var step = scenario.Steps[_outcomes.Count];
            if (step is ExpectStep expect)
            {
                _outcomes.Add(Expectation.Judge(expect, _outcomes, _model is not null, _kernel is not null));
                continue;
            }
            if (step is RetryStep trying)
            {
                _retry ??= new RetryRun(trying, _model, _kernel);
                if (_retry.Advance() is { } pause)
                    return pause;
                _outcomes.Add(_retry.Outcome);
                _retry = null;
                continue;
            }
            var ofModel = _model?.Play(step);
            if (_kernel is not null && step is WaitStep { Seconds: var seconds } && seconds >= (decimal)ScenarioHosts.LongWait.TotalSeconds)
            {
                _outcomes.Add(new StepOutcome(step, ofModel, new StepResult(StepResult.Ok)));
                return TimeSpan.FromSeconds((double)seconds);
            }
            _outcomes.Add(new StepOutcome(step, ofModel, _kernel?.Play(step)));
        }
        return null;
    }

    private TimeSpan? End(string? error, bool isFault)
    {
        Result = Result with { Steps = _outcomes.DrainToImmutable(), States = States(), Error = error, IsFault = isFault };
        try
        {
            Dispose();
        }
        catch (Exception exception) when (error is null)
        {
            Result = Result with { Error = $"cannot clean up: {exception.GetType().Name}: {exception.Message}", IsFault = true };
        }
        return null;
    }

    // Of the model alone: the kernel does not tell.
    private ImmutableArray<TcpSocketState> States() =>
        _model is ISimulationTrace { StatesReached: { Count: > 0 } reached } ? [.. reached.Order()] : [];

    // Empty where no step is at fault.
    private string Place() => _isOpen && _outcomes.Count < scenario.Steps.Length ? $"step {_outcomes.Count}: " : "";
}

/// <summary>Plays scenarios on the thread that made it, and on no other: a live host's namespaces belong to their thread.</summary>
internal sealed class Player : IDisposable
{
    private readonly ScenarioHosts _hosts;
    private readonly IHostPool? _pool;

    /// <exception cref="UnplayableException">The kernel is asked for and cannot be played on.</exception>
    public Player(ScenarioHosts hosts)
    {
        this._hosts = hosts;
        _pool = hosts.Kernel?.Invoke();
    }

    /// <summary>Whether a further scenario can begin before one under way has ended.</summary>
    internal bool HasRoom => _pool is null || _pool.HasRoom;

    /// <summary>Plays one scenario to its end, and waits where it waits; to its next wait when it is cancelled.</summary>
    public ScenarioResult Play(Scenario scenario, CancellationToken cancellation = default)
    {
        using var run = Begin(scenario);
        while (run.Advance() is { } wait && !cancellation.IsCancellationRequested)
            // Less than a millisecond would be no wait at all.
            cancellation.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)));
        return run.Result;
    }

    /// <summary>A scenario that is about to be played; the caller advances it and disposes of it.</summary>
    internal ScenarioRun Begin(Scenario scenario) => new(scenario, _hosts.Model, _pool);

    public void Dispose() => _pool?.Dispose();
}

/// <summary>Judges what a scenario expects against what one host gave.</summary>
internal static class Expectation
{
    private static readonly StepResult Met = new(StepResult.Ok);

    /// <summary>Judges it on the hosts that played the steps before it.</summary>
    internal static StepOutcome Judge(ExpectStep expect, IReadOnlyList<StepOutcome> before, bool onModel, bool onKernel) => new(expect,
        onModel ? Judge(expect, before, static outcome => outcome.Model!, knowsRules: true) : null,
        onKernel ? Judge(expect, before, static outcome => outcome.Kernel!, knowsRules: false) : null);

    /// <param name="before">The outcomes of every step before it, in order.</param>
    /// <param name="of">What the host gave in one of them.</param>
    /// <param name="knowsRules">Whether the host tells rules and blockers: the model does, the kernel does not.</param>
    /// <returns>Its own result: ok, or <see cref="StepOutcome.NotMet"/> with why.</returns>
    internal static StepResult Judge(ExpectStep expect, IReadOnlyList<StepOutcome> before, Func<StepOutcome, StepResult> of,
        bool knowsRules)
    {
        if (before.Count == 0)
            return NotMet("there is no step before it");
        var given = Given(before, expect.Steps, of);
        if (given.Result != expect.Result)
            return NotMet($"expected {expect.Result}, was {given.Result}");
        if (!knowsRules)
            return Met;
        if (expect.Rule is { } rule && given.Rule != rule)
            return NotMet($"expected rule {rule}, was {given.Rule ?? "none"}");
        if (expect.By is { } by && !given.Blockers.Any(blocker => Names(blocker, by)))
            return NotMet($"expected by {by}, was {(given.Blockers.IsEmpty ? "none" : string.Join(", ", given.Blockers))}");
        return Met;
    }

    private static StepResult Given(IReadOnlyList<StepOutcome> before, int steps, Func<StepOutcome, StepResult> of) =>
        of(before[DecidingStep.IndexOf(before, before.Count, steps, of)]);

    // "a by TIME_WAIT" is named by "a", by "TIME_WAIT" and by the whole.
    private static bool Names(string blocker, string by)
    {
        const string Separator = " by ";
        var at = blocker.IndexOf(Separator, StringComparison.Ordinal);
        return blocker == by || (at >= 0 && (blocker[..at] == by || blocker[(at + Separator.Length)..] == by));
    }

    private static StepResult NotMet(string because) => new(StepOutcome.NotMet) { Because = because };
}

/// <summary>
/// A retry under way on the hosts of a run: on the model at once, on virtual time; on the kernel an attempt now and then.
/// </summary>
internal sealed class RetryRun(RetryStep step, IHost? model, IHost? kernel)
{
    private readonly Retrying _onKernel = new(step);
    private StepResult? _ofModel;
    private long _began;
    private decimal _dueSeconds;

    /// <summary>What it gave, once <see cref="Advance"/> gave null.</summary>
    internal StepOutcome Outcome => new(step, _ofModel, kernel is null ? null : _onKernel.Result);

    /// <summary>Tries on, to the end or to a long wait on the kernel.</summary>
    /// <returns>How long to wait before the next call; null when it is over.</returns>
    internal TimeSpan? Advance()
    {
        if (model is not null)
            _ofModel ??= PlayOnModel(model);
        if (kernel is null)
            return null;
        if (_onKernel.Attempts == 0)
            _began = Stopwatch.GetTimestamp();
        // Waits may end early by a tick of the clock: what is left is handed out as well, so that no attempt comes before its time.
        if (_dueSeconds - Elapsed() is > 0 and var left)
            return TimeSpan.FromSeconds((double)left);
        while (_onKernel.After(kernel.Play(step.Attempt), Elapsed()) is { } due)
        {
            var wait = due - Elapsed();
            if (wait >= (decimal)ScenarioHosts.LongWait.TotalSeconds)
            {
                _dueSeconds = due;
                return TimeSpan.FromSeconds((double)wait);
            }
            if (wait > 0)
                _ = kernel.Play(new WaitStep(wait));
        }
        return null;
    }

    private StepResult PlayOnModel(IHost host)
    {
        var retrying = new Retrying(step);
        var elapsed = 0m;
        while (retrying.After(host.Play(step.Attempt), elapsed) is { } due)
        {
            _ = host.Play(new WaitStep(due - elapsed));
            elapsed = due;
        }
        return retrying.Result;
    }

    // Whole milliseconds, the begun one not counted.
    private decimal Elapsed() => (long)Stopwatch.GetElapsedTime(_began).TotalMilliseconds / 1000m;
}

/// <summary>
/// A retry on one host: when its next attempt is due, and what came of it. Who plays makes the attempts and lets the time pass.
/// </summary>
internal sealed class Retrying(RetryStep step)
{
    public int Attempts { get; private set; }

    /// <summary>What the retry gave so far: as the last attempt, with the number of attempts and the time that they took.</summary>
    public StepResult Result { get; private set; } = new(StepResult.Ok);

    /// <param name="elapsedSeconds">How long after the first attempt it was made.</param>
    /// <returns>How long after the first attempt, in seconds, the next one is due; null when there is none: it
    /// succeeded, cannot, or the time is over.</returns>
    public decimal? After(StepResult given, decimal elapsedSeconds)
    {
        Attempts++;
        Result = given with { Because = Describe(given, elapsedSeconds) };
        // A name without a socket stays one.
        if (given.Result is StepResult.Ok or StepResult.NoSocket)
            return null;
        var next = Math.Max(Attempts * step.EverySeconds, elapsedSeconds);
        return next <= step.ForSeconds ? next : null;
    }

    private string Describe(StepResult given, decimal elapsedSeconds)
    {
        var seconds = string.Create(CultureInfo.InvariantCulture, $"{elapsedSeconds:0.###} s");
        var tried = (given.Result, Attempts) switch
        {
            (StepResult.Ok, 1) => "the first attempt succeeded",
            (StepResult.Ok, _) => string.Create(CultureInfo.InvariantCulture, $"attempt {Attempts} succeeded, {seconds} after the first"),
            (_, 1) => "one attempt, which failed",
            _ => string.Create(CultureInfo.InvariantCulture, $"{Attempts} attempts in {seconds}, and all failed"),
        };
        return given.Because.Length == 0 || given.Result == StepResult.Ok ? tried : $"{tried}: {given.Because}";
    }
}

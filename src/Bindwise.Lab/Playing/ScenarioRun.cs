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
        TimeSpan? wait;
        try
        {
            Open();
            wait = PlayOn();
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
        return wait ?? End(null, isFault: false);
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
                _outcomes.Add(new StepOutcome(
                    step,
                    _model is null ? null : Expectation.Judge(expect, _outcomes, static outcome => outcome.Model!, knowsRules: true),
                    _kernel is null ? null : Expectation.Judge(expect, _outcomes, static outcome => outcome.Kernel!, knowsRules: false)));
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

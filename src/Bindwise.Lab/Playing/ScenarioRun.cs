using System.Collections.Immutable;
using Bindwise.Linux.Live;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Sockets;

namespace Bindwise.Lab.Playing;

/// <summary>A scenario under way: its hosts, what they gave so far, and how far it came. It stays on its player's thread.</summary>
/// <param name="scenario">The scenario; its hosts are made when it is first advanced.</param>
/// <param name="modelOf">Makes a simulated host; null to leave the model out.</param>
/// <param name="pool">Where a live host comes from; null to leave the kernel out.</param>
internal sealed class ScenarioRun(Scenario scenario, Func<Scenario, IHost>? modelOf, IHostPool? pool) : IDisposable
{
    private readonly ImmutableArray<StepOutcome>.Builder outcomes = ImmutableArray.CreateBuilder<StepOutcome>(scenario.Steps.Length);
    private IHost? model;
    private IHost? kernel;
    private RetryRun? retry;
    private bool isOpen;
    private bool isDone;

    /// <summary>What it gave; whole once <see cref="Advance"/> gave null.</summary>
    internal ScenarioResult Result { get; private set; } = new(scenario, []);

    /// <summary>Plays on, to the end or to a long wait on the kernel.</summary>
    /// <returns>How long to wait before the next call; null when it is over.</returns>
    internal TimeSpan? Advance()
    {
        if (isDone)
            return null;
        TimeSpan? wait;
        try
        {
            Open();
            wait = PlayOn();
        }
        catch (Exception exception) when (exception is LiveUnavailableException or UnplayableStepException)
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

    /// <inheritdoc/>
    public void Dispose()
    {
        isDone = true;
        model?.Dispose();
        kernel?.Dispose();
        model = kernel = null;
    }

    private void Open()
    {
        if (isOpen)
            return;
        model = modelOf?.Invoke(scenario);
        kernel = pool?.Lease(scenario);
        isOpen = true;
    }

    private TimeSpan? PlayOn()
    {
        while (outcomes.Count < scenario.Steps.Length)
        {
            var step = scenario.Steps[outcomes.Count];
            if (step is ExpectStep expect)
            {
                outcomes.Add(new StepOutcome(
                    step,
                    model is null ? null : Expectation.Judge(expect, outcomes, static outcome => outcome.Model!, knowsRules: true),
                    kernel is null ? null : Expectation.Judge(expect, outcomes, static outcome => outcome.Kernel!, knowsRules: false)));
                continue;
            }
            if (step is RetryStep trying)
            {
                retry ??= new RetryRun(trying, model, kernel);
                if (retry.Advance() is { } pause)
                    return pause;
                outcomes.Add(retry.Outcome);
                retry = null;
                continue;
            }
            var ofModel = model?.Play(step);
            if (kernel is not null && step is WaitStep { Seconds: var seconds } && seconds >= (decimal)ScenarioHosts.LongWait.TotalSeconds)
            {
                outcomes.Add(new StepOutcome(step, ofModel, new StepResult(StepResult.Ok)));
                return TimeSpan.FromSeconds((double)seconds);
            }
            outcomes.Add(new StepOutcome(step, ofModel, kernel?.Play(step)));
        }
        return null;
    }

    private TimeSpan? End(string? error, bool isFault)
    {
        Result = Result with { Steps = outcomes.DrainToImmutable(), States = States(), Error = error, IsFault = isFault };
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
    private ImmutableArray<TcpState> States() => model is ISimulationTrace { StatesReached: { Count: > 0 } reached } ? [.. reached.Order()] : [];

    // Empty where no step is at fault.
    private string Place() => isOpen && outcomes.Count < scenario.Steps.Length ? $"step {outcomes.Count}: " : "";
}

using System.Collections.Immutable;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Playing;

/// <summary>A scenario under way: its hosts, what they gave so far, and how far it came. Not for two threads at once.</summary>
internal sealed class Performance : IDisposable
{
    private readonly Scenario scenario;
    private readonly Stage stage;
    private readonly ImmutableArray<StepOutcome>.Builder outcomes;
    private readonly List<StepResult> modelResults = [];
    private readonly List<StepResult> kernelResults = [];
    private IHost? model;
    private IHost? kernel;
    private bool isOpen;
    private bool isDone;

    /// <summary>Takes a scenario; its hosts are made when it is first advanced.</summary>
    internal Performance(Scenario scenario, Stage stage)
    {
        this.scenario = scenario;
        this.stage = stage;
        outcomes = ImmutableArray.CreateBuilder<StepOutcome>(scenario.Steps.Length);
        Result = new ScenarioResult(scenario, []);
    }

    /// <summary>What it gave; whole once <see cref="Advance"/> gave null.</summary>
    internal ScenarioResult Result { get; private set; }

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
        isOpen = true;
        model = stage.Model?.Invoke(scenario);
        kernel = stage.Kernel?.Invoke(scenario);
    }

    private TimeSpan? PlayOn()
    {
        while (outcomes.Count < scenario.Steps.Length)
        {
            var step = scenario.Steps[outcomes.Count];
            if (step is ExpectStep expect)
            {
                Add(
                    step,
                    model is null ? null : Expectation.Judge(expect, modelResults, knowsRules: true),
                    kernel is null ? null : Expectation.Judge(expect, kernelResults, knowsRules: false));
                continue;
            }
            var ofModel = model?.Play(step);
            if (kernel is not null && step is WaitStep { Seconds: var seconds } && seconds >= (decimal)Stage.LongWait.TotalSeconds)
            {
                Add(step, ofModel, new StepResult(StepResult.Ok));
                return TimeSpan.FromSeconds((double)seconds);
            }
            Add(step, ofModel, kernel?.Play(step));
        }
        return null;
    }

    private void Add(Step step, StepResult? ofModel, StepResult? ofKernel)
    {
        outcomes.Add(new StepOutcome(step, ofModel, ofKernel));
        if (ofModel is not null)
            modelResults.Add(ofModel);
        if (ofKernel is not null)
            kernelResults.Add(ofKernel);
    }

    private TimeSpan? End(string? error, bool isFault)
    {
        Result = Result with
        {
            Steps = outcomes.ToImmutable(),
            States = [.. new[] { model, kernel }.OfType<ISimulationTrace>().SelectMany(trace => trace.StatesReached).Distinct().Order()],
            Error = error,
            IsFault = isFault,
        };
        try
        {
            Dispose();
        }
        catch (Exception exception) when (error is null)
        {
            Result = Result with { Error = $"cannot clear up: {exception.GetType().Name}: {exception.Message}", IsFault = true };
        }
        return null;
    }

    private string Place() => outcomes.Count < scenario.Steps.Length && isOpen ? $"step {outcomes.Count}: " : "";
}

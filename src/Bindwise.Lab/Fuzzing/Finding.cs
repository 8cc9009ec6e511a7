using Bindwise.Lab.Playing;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Fuzzing;

/// <summary>A scenario on which model and kernel differ, or on which this program fails.</summary>
/// <param name="Number">Its number in the order of the seed, from 0.</param>
/// <param name="First">What it gave when it was found.</param>
public sealed record Finding(long Number, ScenarioResult First)
{
    /// <summary>The fewest steps that show the same, with what they give; null when it did not come again when it was played alone.</summary>
    public ScenarioResult? Smallest { get; init; }

    /// <summary>How many scenarios of the run showed the like.</summary>
    public long Count { get; init; } = 1;

    /// <summary>One line: at which step what differs.</summary>
    public string Summary => Describe(Smallest ?? First);

    /// <summary>Whether a result is one to report.</summary>
    internal static bool IsIn(ScenarioResult result) => result.IsMismatch || result is { Error: not null, IsFault: true };

    /// <summary>What findings of one cause have in common, as far as can be told: the call and what each host said.</summary>
    internal static string Kind(ScenarioResult result)
    {
        if (result.Error is { } error)
            return result.Steps.Length < result.Scenario.Steps.Length ? $"{result.Scenario.Steps[result.Steps.Length].GetType().Name} {error.Split(':', 3)[^1]}" : error;
        var outcome = result.Steps.First(static outcome => outcome.IsMismatch);
        return $"{outcome.Step.GetType().Name} {outcome.Model!.Result} {outcome.Kernel!.Result} {outcome.Rule}";
    }

    private static string Describe(ScenarioResult result)
    {
        if (result.Error is { } error)
            return error;
        for (var index = 0; index < result.Steps.Length; index++)
        {
            if (result.Steps[index] is { IsMismatch: true, Model: { } model, Kernel: { } kernel })
                return $"step {index}: the model says {model.Result}{(model.Rule is { } rule ? $" ({rule})" : "")}, the kernel {kernel.Result}";
        }
        return "no difference";
    }

    /// <summary>Plays it again, alone, and makes it as small as time allows.</summary>
    internal Finding Shrunk(Stage stage, FuzzPlan plan, CancellationToken cancellation)
    {
        var again = stage.Play(First.Scenario, cancellation);
        if (!IsIn(again))
            return this;
        var smallest = again;
        var started = TimeProvider.System.GetTimestamp();
        _ = plan.Shrink(First.Scenario, candidate =>
        {
            if (cancellation.IsCancellationRequested || TimeProvider.System.GetElapsedTime(started) > plan.ShrinkTime)
                return false;
            var result = stage.Play(candidate, cancellation);
            if (!IsIn(result))
                return false;
            if (candidate.Steps.Length <= smallest.Scenario.Steps.Length)
                smallest = result;
            return true;
        });
        return this with { Smallest = smallest };
    }
}

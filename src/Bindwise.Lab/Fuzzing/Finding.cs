using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Fuzzing;

/// <summary>A scenario on which model and kernel differ, or on which this program fails.</summary>
/// <param name="Number">Which one of the seed's.</param>
/// <param name="First">What it gave when it was found.</param>
public sealed record Finding(ScenarioNumber Number, ScenarioResult First)
{
    /// <summary>The fewest steps that show the same, with what they give; null when it did not happen again when played alone.</summary>
    public ScenarioResult? Smallest { get; init; }

    /// <summary>How many scenarios of the run showed the like.</summary>
    public long Count { get; init; } = 1;

    /// <summary>One line: at which step what differs.</summary>
    public string Summary => Describe(Smallest ?? First);

    /// <summary>Whether a result is one to report.</summary>
    internal static bool IsIn(ScenarioResult result) => result is { Error: not null, IsFault: true } || result.IsMismatch;

    /// <summary>What findings of one cause have in common, as far as can be told: the call and what each host said.</summary>
    internal static string Kind(ScenarioResult result)
    {
        if (result.Error is { } error)
            return result.Steps.Length < result.Scenario.Steps.Length ? $"{result.Scenario.Steps[result.Steps.Length].GetType().Name} {error.Split(':', 3)[^1]}" : error;
        var outcome = result.Steps.First(static outcome => outcome.IsMismatch);
        return $"{outcome.Step.GetType().Name} {outcome.Model!.Result} {outcome.Kernel!.Result} {outcome.Rule}";
    }

    /// <summary>One more of the same kind was found: the one with the smaller number stands for both, whichever was found first.</summary>
    internal Finding With(Finding other) => (IsBefore(other.Number, Number) ? other : this) with { Count = Count + other.Count };

    private static bool IsBefore(ScenarioNumber one, ScenarioNumber other) =>
        one.Profile < other.Profile || (one.Profile == other.Profile && one.Index < other.Index);

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
}

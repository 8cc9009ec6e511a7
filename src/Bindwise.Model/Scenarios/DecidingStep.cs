namespace Bindwise.Model.Scenarios;

/// <summary>Which of the steps that an expectation covers it speaks of: the first of them that failed, else the last.</summary>
public static class DecidingStep
{
    /// <summary>Its index.</summary>
    /// <param name="steps">What every step gave, in order.</param>
    /// <param name="end">The index of the expectation, or how many steps were played before it; at least 1.</param>
    /// <param name="covered">How many steps it covers (<see cref="ExpectStep.Steps"/>).</param>
    /// <param name="of">What the host gave in one of them.</param>
    public static int IndexOf(IReadOnlyList<StepOutcome> steps, int end, int covered, Func<StepOutcome, StepResult> of)
    {
        ArgumentNullException.ThrowIfNull(steps);
        ArgumentNullException.ThrowIfNull(of);
        for (var index = Math.Max(0, end - Math.Max(1, covered)); index < end - 1; index++)
        {
            if (of(steps[index]) is { Result: not StepResult.Ok } failed && !IsAnswer(steps[index].Step, failed))
                return index;
        }
        return end - 1;
    }

    // A state or an address is what was asked for.
    private static bool IsAnswer(Step step, StepResult given) => step is StateStep or NameStep && given.Result != StepResult.NoSocket;
}

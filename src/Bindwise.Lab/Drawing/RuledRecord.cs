using Bindwise.Lab.Recording;

namespace Bindwise.Lab.Drawing;

/// <summary>A kernel tells what a call gave and never why: where the model gave the same, its rule and its blockers stand beside it.</summary>
public static class RuledRecord
{
    /// <summary>The record with the rules.</summary>
    /// <param name="kernel">What was captured.</param>
    /// <param name="model">The same scenario on the model; null for none.</param>
    public static Record Of(Record kernel, Record? model)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        if (model is null)
            return kernel;
        var ruled = new Dictionary<(int, string), RecordedStep>();
        foreach (var step in model.Steps)
        {
            if (step.Result.Rule is not null)
                ruled.TryAdd((step.Index, step.Result.Result), step);
        }
        var isRuled = false;
        var steps = kernel.Steps.ToBuilder();
        for (var index = 0; index < steps.Count; index++)
        {
            var step = steps[index];
            if (step.Result.Rule is not null || !ruled.TryGetValue((step.Index, step.Result.Result), out var told))
                continue;
            steps[index] = step with { Result = step.Result with { Rule = told.Result.Rule, Blockers = told.Result.Blockers } };
            isRuled = true;
        }
        return isRuled ? kernel with { Steps = steps.ToImmutable(), Means = kernel.Means + (kernel.Means.Length > 0 ? "; " : "") + "rules by the model, which gave the same" } : kernel;
    }
}

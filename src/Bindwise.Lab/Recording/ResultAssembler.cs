using System.Collections.Immutable;
using Bindwise.Lab.Playing;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Recording;

/// <summary>Makes the whole of what the hosts gave.</summary>
internal static class ResultAssembler
{
    /// <summary>Makes it.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="model">What the model gave; null where it was not asked for.</param>
    /// <param name="kernel">What the kernel gave; null where it was not asked for.</param>
    /// <param name="rest">What the model gave, to complete the kernel's record; null for none.</param>
    internal static RecordedPlay Compose(Scenario scenario, HostPlay? model, HostPlay? kernel, HostPlay? rest)
    {
        var outcomes = ImmutableArray.CreateBuilder<StepOutcome>(scenario.Steps.Length);
        var claims = ImmutableArray.CreateBuilder<JudgedClaim>();
        var failed = kernel?.Error is not null ? kernel : model?.Error is not null ? model : null;
        var ofKernel = kernel is null ? 0 : kernel.Results.Count;
        var played = failed is not null ? Math.Min(model?.Results.Count ?? int.MaxValue, kernel?.Results.Count ?? int.MaxValue)
            : model?.Results.Count ?? rest?.Results.Count ?? ofKernel;
        for (var index = 0; index < played; index++)
        {
            var step = scenario.Steps[index];
            var isOnKernel = index < ofKernel;
            if (step is not ExpectStep expect)
            {
                // What the kernel left to the model counts as the model's, also where only the kernel was asked for.
                var ofModel = model?.Results[index] ?? (isOnKernel ? null : rest?.Results[index]);
                outcomes.Add(new StepOutcome(step, ofModel, isOnKernel ? kernel!.Results[index] : null));
                continue;
            }
            var hasModel = index > 0 && outcomes[^1].Model is not null;
            var hasKernel = isOnKernel && index > 0 && kernel is not null;
            if (expect.Claimed is not null && index > 0)
            {
                claims.Add(new JudgedClaim(
                    index, expect,
                    hasModel ? Expectation.Given(outcomes, expect.Steps, static outcome => outcome.Model!) : null,
                    hasKernel ? Expectation.Given(outcomes, expect.Steps, static outcome => outcome.Kernel!) : null));
            }
            outcomes.Add(new StepOutcome(
                step,
                hasModel ? Expectation.Judge(expect, outcomes, static outcome => outcome.Model!, knowsRules: true) : null,
                hasKernel ? Expectation.Judge(expect, outcomes, static outcome => outcome.Kernel!, knowsRules: false) : null));
        }
        var result = new ScenarioResult(scenario, outcomes.ToImmutable()) { Error = failed?.Error, IsFault = failed?.IsFault ?? false };
        return new RecordedPlay(result, RecordOf(scenario, model, null), RecordOf(scenario, kernel, rest)) { Claims = claims.ToImmutable() };
    }

    private static Record? RecordOf(Scenario scenario, HostPlay? play, HostPlay? rest)
    {
        if (play is null)
            return null;
        var record = new Record(scenario, play.Host, play.Steps) { Means = play.Means };
        if (rest is null || play.Error is not null || play.Results.Count >= scenario.Steps.Length)
            return record;
        // The step in which the kernel's part ended may have been begun there: a retry. The model plays it anew.
        var own = play.Steps.RemoveAll(step => step.Index >= play.Results.Count);
        var later = rest.Steps.RemoveAll(step => step.Index < play.Results.Count);
        var shift = own.IsEmpty || later.IsEmpty ? TimeSpan.Zero : own[^1].End - later[0].Begin;
        return record with
        {
            Steps = [.. own, .. later.Select(step => Shifted(step, shift))],
            VirtualFrom = own.Length,
            Means = $"{record.Means}; from the long wait on {rest.Means}",
        };
    }

    private static RecordedStep Shifted(RecordedStep step, TimeSpan shift) => step with
    {
        Begin = step.Begin + shift,
        End = step.End + shift,
        Events = [.. step.Events.Select(happened => happened with { At = happened.At + shift })],
    };
}

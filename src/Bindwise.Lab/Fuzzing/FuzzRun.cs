using System.Collections.Immutable;
using Bindwise.Lab.Coverage;
using Bindwise.Lab.Playing;
using Bindwise.Model.Rules;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Fuzzing;

/// <summary>Plays the scenarios of a seed on both hosts, and shrinks those on which they differ.</summary>
/// <param name="stage">Where they are played.</param>
/// <param name="limits">How many at once.</param>
/// <param name="plan">What is played.</param>
/// <param name="progress">Told after every scenario.</param>
public sealed class FuzzRun(Stage stage, StreamLimits limits, FuzzPlan plan, Action<FuzzProgress> progress)
{
    private readonly CoverageCounter coverage = new(plan.Reachable);
    private readonly Dictionary<string, Finding> findings = [];
    private long started;
    private long mismatches;
    private long leftOut;
    private string? error;
    private volatile bool isOver;

    /// <summary>Plays, shrinks, and gives the report. Once only.</summary>
    /// <param name="cancellation">Ends it soon, with a report of what was played by then.</param>
    public FuzzReport Play(CancellationToken cancellation)
    {
        started = TimeProvider.System.GetTimestamp();
        new ScenarioStream<Numbered>(stage, limits, static entry => entry.Scenario, Judge).Play(Entries(), cancellation);
        var elapsed = Elapsed;
        return new FuzzReport(plan.Seed, stage.Kernel is not null, coverage, elapsed)
        {
            Findings = [.. findings.Values.OrderBy(static finding => finding.Number).Select(finding => finding.Shrunk(stage, plan, cancellation))],
            Mismatches = mismatches,
            LeftOut = leftOut,
            Unmet = Unmet(),
            Error = error,
        };
    }

    private TimeSpan Elapsed => TimeProvider.System.GetElapsedTime(started);

    // What waits longer than the run has left is left out, and keeps its number: the same seed gives the same scenarios.
    private IEnumerable<Numbered> Entries()
    {
        var number = 0L;
        foreach (var scenario in plan.Scenarios)
        {
            var left = plan.Duration - Elapsed;
            if (left <= TimeSpan.Zero || number >= (plan.Count ?? long.MaxValue) || isOver)
                yield break;
            if (stage.SecondsOfWaiting(scenario) > (decimal)left.TotalSeconds)
                leftOut++;
            else
                yield return new Numbered(number, scenario);
            number++;
        }
    }

    private bool Judge(Numbered entry, ScenarioResult? result)
    {
        if (result is { Error: { } fault, IsFault: false })
        {
            error = fault;
            isOver = true;
            return false;
        }
        coverage.Add(result!);
        if (Finding.IsIn(result!))
        {
            mismatches++;
            var kind = Finding.Kind(result!);
            findings[kind] = findings.TryGetValue(kind, out var known) ? known with { Count = known.Count + 1 } : new Finding(entry.Number, result!);
            isOver = findings.Count >= plan.MostMismatches;
        }
        progress(new FuzzProgress(Elapsed, coverage.Scenarios, mismatches));
        return !isOver;
    }

    private ImmutableArray<Rule> Unmet()
    {
        var met = coverage.Of(CoverageKind.Rule)
            .Where(count => count.Value.Model > 0 && (stage.Kernel is null || count.Value.Kernel > 0))
            .Select(static count => count.Key)
            .ToHashSet();
        return [.. plan.Reachable.Where(rule => !met.Contains(rule.Id.Value))];
    }

    private readonly record struct Numbered(long Number, Scenario Scenario);
}

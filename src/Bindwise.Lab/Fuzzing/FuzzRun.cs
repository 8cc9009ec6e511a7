using System.Collections.Immutable;
using Bindwise.Lab.Coverage;
using Bindwise.Lab.Generating;
using Bindwise.Lab.Playing;
using Bindwise.Model.Rules;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Fuzzing;

/// <summary>Plays the scenarios of a seed on both hosts, and shrinks those on which they differ.</summary>
/// <param name="hosts">Where they are played.</param>
/// <param name="limits">How many at once.</param>
/// <param name="plan">What is played.</param>
public sealed class FuzzRun(ScenarioHosts hosts, StreamLimits limits, FuzzPlan plan)
{
    // So many in a row that cannot be played here, and none that can: none will.
    private const int HopelessAfter = 200;

    private readonly CoverageCounter coverage = new(plan.Reachable);
    private readonly Dictionary<string, Finding> findings = [];
    private readonly long started = TimeProvider.System.GetTimestamp();
    private long begun;
    private long played;
    private long mismatches;
    private long leftOut;
    private long unplayed;
    private string? whyUnplayed;
    private volatile bool hasWaited;
    private volatile bool isShrinking;

    /// <summary>How far it is; may be asked on any thread.</summary>
    public FuzzProgress Progress =>
        new(Elapsed, Volatile.Read(ref played), Volatile.Read(ref begun) - Volatile.Read(ref played), Volatile.Read(ref mismatches), isShrinking);

    /// <summary>Plays, shrinks, and gives the report. Once only.</summary>
    /// <param name="cancellation">Ends it soon, with a report of what was played by then.</param>
    public FuzzReport Play(CancellationToken cancellation)
    {
        var schedule = new FuzzSchedule(plan, hosts.Kernel is not null, limits.Waiting, () => Elapsed);
        new ScenarioStream<ScenarioNumber>(hosts, limits with { InOrder = false }, ScenarioOf, Judge).Play(schedule.Numbers(), cancellation);
        var elapsed = Elapsed;
        isShrinking = true;
        var shrinking = new FindingShrinker(hosts, limits, plan.ShrinkTime, cancellation);
        return new FuzzReport(plan.Seed, hosts.Kernel is not null, coverage, elapsed)
        {
            Findings = [.. findings.Values.OrderBy(static finding => finding.Number.Profile).ThenBy(static finding => finding.Number.Index).Select(shrinking.Shrink)],
            Mismatches = mismatches,
            LeftOut = leftOut,
            Unplayed = unplayed,
            WhyUnplayed = whyUnplayed,
            Unmet = Unmet(),
            TooShortFor = hasWaited ? [] : plan.ReachedByWaiting,
        };
    }

    private TimeSpan Elapsed => TimeProvider.System.GetElapsedTime(started);

    // What waits longer than the run has left is left out.
    private Scenario? ScenarioOf(ScenarioNumber number)
    {
        Interlocked.Increment(ref begun);
        var scenario = plan.ScenarioOf(number);
        return hosts.WaitsOf(scenario).MostSeconds <= (decimal)Math.Max(0, (plan.Duration - Elapsed).TotalSeconds) ? scenario : null;
    }

    private bool Judge(ScenarioNumber number, ScenarioResult? result)
    {
        Volatile.Write(ref played, played + 1);
        if (result is null)
        {
            leftOut++;
            return true;
        }
        if (result is { Error: { } lack, IsFault: false })
        {
            whyUnplayed ??= lack;
            return ++unplayed < HopelessAfter || coverage.Scenarios > 0;
        }
        coverage.Add(result);
        hasWaited |= number.Profile != ScenarioProfile.Quick;
        if (!Finding.IsIn(result))
            return true;
        Volatile.Write(ref mismatches, mismatches + 1);
        var kind = Finding.Kind(result);
        var finding = new Finding(number, result);
        findings[kind] = findings.TryGetValue(kind, out var known) ? known.With(finding) : finding;
        return findings.Count < plan.MostMismatches;
    }

    private ImmutableArray<Rule> Unmet()
    {
        var met = coverage.Of(CoverageKind.Rule)
            .Where(count => count.Value.Model > 0 && (hosts.Kernel is null || count.Value.Kernel > 0))
            .Select(static count => count.Key)
            .ToHashSet();
        return [.. plan.Reachable.Where(rule => !met.Contains(rule.Id.Value) && (hasWaited || !plan.ReachedByWaiting.Contains(rule)))];
    }
}

using System.Collections.Immutable;
using Bindwise.Fuzz.Generating;
using Bindwise.Lab.Kernel;
using Bindwise.Lab.Playing;
using Bindwise.Model.Scenarios;

namespace Bindwise.Fuzz;

/// <summary>Plays the scenarios of a seed on both hosts, and shrinks those on which they differ.</summary>
/// <param name="hosts">Where they are played.</param>
/// <param name="limits">How many at once.</param>
/// <param name="plan">What is played.</param>
internal sealed class FuzzRun(ScenarioHosts hosts, StreamLimits limits, FuzzPlan plan)
{
    // So many in a row that cannot be played here, and none that can: none will.
    private const int HopelessAfter = 200;

    private readonly CoverageCounter _coverage = new(plan.Reachable);
    private readonly Dictionary<string, Finding> _findings = [];
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private long _begun;
    private long _played;
    private long _mismatches;
    private long _leftOut;
    private long _unplayed;
    private string? _whyUnplayed;
    private volatile bool _hasWaited;
    private volatile bool _isShrinking;

    /// <summary>How far it is; may be asked on any thread.</summary>
    public FuzzProgress Progress =>
        new(Elapsed, Volatile.Read(ref _played), Volatile.Read(ref _begun) - Volatile.Read(ref _played), Volatile.Read(ref _mismatches),
            _isShrinking);

    /// <summary>Plays, shrinks, and gives the report. Once only.</summary>
    /// <param name="cancellation">Ends it soon, with a report of what was played by then.</param>
    public FuzzReport Play(CancellationToken cancellation)
    {
        var schedule = new FuzzSchedule(plan, hosts.Kernel is not null, limits.Waiting, () => Elapsed);
        new ScenarioStream<ScenarioNumber>(hosts, limits with { InOrder = false }, ScenarioOf, Judge).Play(schedule.Numbers(),
            cancellation);
        var elapsed = Elapsed;
        _isShrinking = true;
        var shrinking = new FindingShrinker(hosts, limits, plan.ShrinkTime, cancellation);
        return new FuzzReport(plan.Seed, hosts.Kernel is not null, _coverage, elapsed)
        {
            Findings = [.. _findings.Values.OrderBy(static finding => finding.Number.Profile).ThenBy(static finding => finding.Number.Index)
                .Select(shrinking.Shrink)],
            Mismatches = _mismatches,
            LeftOut = _leftOut,
            Unplayed = _unplayed,
            WhyUnplayed = _whyUnplayed,
            Unmet = Unmet(),
            TooShortFor = _hasWaited ? [] : plan.ReachedByWaiting,
        };
    }

    private TimeSpan Elapsed => TimeProvider.System.GetElapsedTime(_started);

    // What waits longer than the run has left is left out.
    private Scenario? ScenarioOf(ScenarioNumber number)
    {
        Interlocked.Increment(ref _begun);
        var scenario = plan.PlayableOf(number);
        return hosts.WaitsOf(scenario).MostSeconds <= (decimal)Math.Max(0, (plan.Duration - Elapsed).TotalSeconds) ? scenario : null;
    }

    private bool Judge(ScenarioNumber number, ScenarioResult? result)
    {
        Volatile.Write(ref _played, _played + 1);
        if (result is null)
        {
            _leftOut++;
            return true;
        }
        if (result is { Error: { } whyNot, IsFault: false })
        {
            _whyUnplayed ??= whyNot;
            return ++_unplayed < HopelessAfter || _coverage.Scenarios > 0;
        }
        _coverage.Add(result);
        _hasWaited |= number.Profile != ScenarioProfile.Quick;
        if (!Finding.IsIn(result))
            return true;
        Volatile.Write(ref _mismatches, _mismatches + 1);
        var kind = Finding.Kind(result);
        var finding = new Finding(number, result);
        _findings[kind] = _findings.TryGetValue(kind, out var known) ? known.With(finding) : finding;
        return _findings.Count < plan.MostMismatches;
    }

    private ImmutableArray<Rule> Unmet()
    {
        var met = _coverage.Of(CoverageKind.Rule)
            .Where(count => count.Value.Model > 0 && (hosts.Kernel is null || count.Value.Kernel > 0))
            .Select(static count => count.Key)
            .ToHashSet();
        return [.. plan.Reachable.Where(rule => !met.Contains(rule.Id.Value) && (_hasWaited || !plan.ReachedByWaiting.Contains(rule)))];
    }
}

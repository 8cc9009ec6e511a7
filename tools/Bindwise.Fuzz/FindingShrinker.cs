using Bindwise.Fuzz.Generating;
using Bindwise.Lab.Kernel;
using Bindwise.Lab.Playing;
using Bindwise.Model.Scenarios;

namespace Bindwise.Fuzz;

/// <summary>Plays a finding again, alone, and makes it as small as time allows.</summary>
/// <param name="hosts">Where it is played.</param>
/// <param name="limits">How many may be played at once.</param>
/// <param name="most">How long to shrink one finding, beside what its waits take.</param>
/// <param name="cancellation">Ends it soon, with the smallest by then.</param>
internal sealed class FindingShrinker(ScenarioHosts hosts, StreamLimits limits, TimeSpan most, CancellationToken cancellation)
{
    // From here on scenarios that wait are tried side by side, so that they share the wait; shorter ones one after the other.
    private const decimal LongWaitSeconds = 0.5m;
    private const int MostAtOnce = 1_000;
    private const int MostRounds = 12;

    /// <summary>The finding with its smallest scenario; as it is when it does not come again.</summary>
    internal Finding Shrink(Finding finding) =>
        hosts.WaitsOf(finding.First.Scenario).MostSeconds > LongWaitSeconds ? ShrinkInRounds(finding) : ShrinkOneByOne(finding);

    private Finding ShrinkOneByOne(Finding finding)
    {
        using var player = new Player(hosts);
        var smallest = player.Play(finding.First.Scenario, cancellation);
        if (!Finding.IsIn(smallest))
            return finding;
        var started = TimeProvider.System.GetTimestamp();
        _ = ScenarioShrinker.Shrink(finding.First.Scenario, candidate =>
        {
            if (cancellation.IsCancellationRequested || TimeProvider.System.GetElapsedTime(started) > most)
                return false;
            var result = player.Play(candidate, cancellation);
            if (!Finding.IsIn(result))
                return false;
            smallest = result;
            return true;
        });
        return finding with { Smallest = smallest };
    }

    private Finding ShrinkInRounds(Finding finding)
    {
        if (FirstOf([finding.First.Scenario]) is not { } smallest)
            return finding;
        for (var round = 0; round < MostRounds
            && FirstOf(ScenarioShrinker.Candidates(smallest.Scenario).Take(MostAtOnce)) is { } smaller; round++)
            smallest = smaller;
        return finding with { Smallest = smallest };
    }

    // The boldest of those that show the mismatch still; null when none does.
    private ScenarioResult? FirstOf(IEnumerable<Scenario> candidates)
    {
        ScenarioResult? first = null;
        new ScenarioStream<Scenario>(hosts, limits, static scenario => scenario, (_, result) =>
        {
            if (Finding.IsIn(result!))
                first = result;
            return first is null;
        }).Play(candidates, cancellation);
        return first;
    }
}

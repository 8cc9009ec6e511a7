using Bindwise.Model.Diagnosing;

namespace Bindwise.Dashboard.Fleet;

/// <summary>What the answers of Prometheus mean for a fleet; pure.</summary>
internal static class FleetReporting
{
    private const int MostHosts = 10_000;
    private const int MostChanges = 2_000;
    private const int MostFailures = 100;
    private const int MostRemarks = 50;

    /// <summary>A use that grows by less than this in six hours does not grow.</summary>
    private const double LeastGrowth = 1;

    private const double Window = 6 * 3600;

    /// <summary>A hundred years: nothing that can be true lies later, and what Prometheus may say beyond it fits into no date.</summary>
    private const double Horizon = 36_525 * 86_400.0;

    public static FleetReport Of(FleetFacts facts)
    {
        var present = facts.Present.Select(static one => one["instance"]).ToHashSet(StringComparer.Ordinal);
        var jobs = facts.Present.Concat(facts.Before).Select(static one => one["job"]).ToHashSet(StringComparer.Ordinal);
        var reached = facts.Up.Where(one => jobs.Contains(one["job"])).ToLookup(static one => one["instance"], static one => one.Value > 0);
        var fullest = facts.Fullest.ToLookup(static one => one["instance"]);
        var growth = facts.Growth.ToLookup(static one => (one["instance"], one["destination"]), static one => one.Value);
        var sizes = facts.Present.ToLookup(static one => one["instance"], static one => one.Value);
        var failures = Failures(facts).ToLookup(static one => one.Instance, static one => one.Failures);
        var names = present.Concat(facts.Before.Select(static one => one["instance"])).Concat(reached.Select(static one => one.Key))
            .Where(static name => name.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        ImmutableArray<FleetHost> hosts =
        [
            .. names.Take(MostHosts).Select(name => new FleetHost(name,
                reached.Contains(name) ? reached[name].Any(static is_up => is_up) : present.Contains(name),
                Ephemeral(facts.Now, fullest[name].FirstOrDefault(), sizes[name], growth),
                [.. failures[name].OrderByDescending(static one => one.Count).ThenBy(static one => one.Program, StringComparer.Ordinal)
                    .Take(MostFailures)]))
        ];
        var changes = Changes(facts, present);
        return new FleetReport(facts.Now, hosts, [.. changes.Take(MostChanges)], Remarks(facts, names.Count, changes.Count, present));
    }

    /// <summary>What a host does not list, each a remark.</summary>
    /// <param name="unlisted">By host how many.</param>
    public static IEnumerable<Remark> Fewer(ImmutableArray<PrometheusSample> unlisted)
    {
        foreach (var one in unlisted.OrderByDescending(static one => one.Value).Take(MostRemarks))
            yield return new Remark
            {
                Id = "fewer-listeners",
                Text = string.Create(CultureInfo.InvariantCulture,
                    $"{one["instance"]} lists {one.Value:0} fewer listeners than it has: give its bindwise serve a larger --metrics-top."),
            };
        if (unlisted.Length > MostRemarks)
            yield return new Remark
            {
                Id = "fewer-listeners",
                Text = $"{unlisted.Length - MostRemarks} more hosts list fewer listeners than they have.",
            };
    }

    private static FleetEphemeral? Ephemeral(DateTimeOffset now, PrometheusSample? fullest, IEnumerable<double> sizes,
        ILookup<(string, string), double> growth)
    {
        if (fullest is null || !double.IsFinite(fullest.Value))
            return null;
        var size = sizes.DefaultIfEmpty(0).Max();
        var perSecond = growth[(fullest["instance"], fullest["destination"])].DefaultIfEmpty(0).Max();
        var left = Math.Max(0, size - fullest.Value);
        DateTimeOffset? fullAt = size <= 0 || !double.IsFinite(perSecond) || (left > 0 && perSecond * Window < LeastGrowth) ? null
            : now + TimeSpan.FromSeconds(left == 0 ? 0 : Math.Min(left / perSecond, Horizon));
        return new FleetEphemeral(fullest["destination"], Whole(fullest.Value), Whole(size), fullAt);
    }

    private static IEnumerable<(string Instance, FleetFailures Failures)> Failures(FleetFacts facts)
    {
        var before = facts.FailuresBefore.ToLookup(Key, static one => one.Value);
        var restarted = facts.FailuresOfRestarted.ToLookup(Key, static one => one.Value);
        foreach (var one in facts.Failures)
        {
            var then = before[Key(one)].DefaultIfEmpty(0).Max();
            // What has no value 24 hours ago began since; what is less than then began anew.
            var count = Math.Max(one.Value >= then ? one.Value - then : one.Value,
                Math.Round(restarted[Key(one)].DefaultIfEmpty(0).Max()));
            if (count >= 1 && double.IsFinite(count))
                yield return (one["instance"], new FleetFailures(one["cause"], one["program"], Whole(count)));
        }

        static (string, string, string) Key(PrometheusSample one) => (one["instance"], one["cause"], one["program"]);
    }

    // Of a host that is silent now nothing is known to be gone, and what was beyond the list then or is now cannot be compared.
    private static List<FleetChange> Changes(FleetFacts facts, HashSet<string> present)
    {
        var cutNow = facts.Unlisted.Select(static one => one["instance"]).ToHashSet(StringComparer.Ordinal);
        var cutBefore = facts.UnlistedBefore.Select(static one => one["instance"]).ToHashSet(StringComparer.Ordinal);
        return [.. facts.Changes.Select(Change).OfType<FleetChange>()
            .Where(one => one.HasAppeared ? !cutBefore.Contains(one.Instance)
                : present.Contains(one.Instance) && !cutNow.Contains(one.Instance))
            .OrderBy(static one => one.Instance, StringComparer.Ordinal).ThenBy(static one => one.Port)
            .ThenBy(static one => one.HasAppeared).ThenBy(static one => one.Program, StringComparer.Ordinal)];
    }

    private static FleetChange? Change(PrometheusSample one) =>
        ushort.TryParse(one["port"], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? new FleetChange(one["instance"], port, one["program"], HasAppeared: one.Value < 2) : null;

    private static ImmutableArray<Remark> Remarks(FleetFacts facts, int hosts, int changes, HashSet<string> present)
    {
        var remarks = ImmutableArray.CreateBuilder<Remark>();
        if (hosts == 0)
            remarks.Add(new Remark
            {
                Id = "no-hosts",
                Text = "Prometheus has no metrics of bindwise serve: let it scrape /metrics of each host (docs/operating.md).",
            });
        var young = present.Except(facts.Before.Select(static one => one["instance"]), StringComparer.Ordinal).Count();
        if (young > 0)
            remarks.Add(new Remark
            {
                Id = "no-day",
                Text = $"Prometheus has no samples of {(young == 1 ? "one host" : $"{young} hosts")} from 24 hours ago: each listener "
                    + "there counts as new.",
            });
        if (hosts > MostHosts)
            remarks.Add(Remark.Of("more-hosts", Wording.Count(hosts - MostHosts, "more host is", "more hosts are") + " left out."));
        if (changes > MostChanges)
            remarks.Add(Remark.Of("more-changes",
                Wording.Count(changes - MostChanges, "more listener is", "more listeners are") + " new or gone."));
        if (facts.IsCut)
            remarks.Add(new Remark
            {
                Id = "more-destinations",
                Text = "There are too many destinations to say of each when its ports are used up.",
            });
        remarks.AddRange(Fewer(facts.Unlisted));
        return remarks.ToImmutable();
    }

    private static long Whole(double value) => (long)Math.Clamp(value, 0, long.MaxValue / 2);
}

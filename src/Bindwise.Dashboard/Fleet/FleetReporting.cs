using System.Buffers;
using System.Text.Json;
using Bindwise.Dashboard.Answers;
using Bindwise.Model.Diagnosing;
using Bindwise.Rendering.Json;

namespace Bindwise.Dashboard.Fleet;

/// <summary>What the answers of Prometheus mean for a fleet; pure.</summary>
internal static class FleetReporting
{
    private const int MostHosts = 10_000;
    private const int MostChanges = 2_000;
    private const int MostFailures = 100;
    private const int MostRemarks = 50;
    private const string Unlisted = "fewer-listeners";

    /// <summary>A use that grows by less than this in six hours does not grow.</summary>
    private const double LeastGrowth = 1;

    private const double Window = 6 * 3600;

    /// <summary>A hundred years: nothing that can be true lies later, and what Prometheus may say beyond it fits into no date.</summary>
    private const double Horizon = 36_525 * 86_400.0;

    public static FleetReport Of(FleetFacts facts)
    {
        var present = facts.Present.Select(static one => one["instance"]).ToHashSet(StringComparer.Ordinal);
        var jobs = facts.Jobs.Select(static one => one["job"]).ToHashSet(StringComparer.Ordinal);
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
            yield return Remark.Of(Unlisted, string.Create(CultureInfo.InvariantCulture,
                $"{one["instance"]} lists {one.Value:0} fewer listeners than it has: give its bindwise serve a larger --metrics-top."));
        if (unlisted.Length > MostRemarks)
            yield return Remark.Of(Unlisted, $"{unlisted.Length - MostRemarks} more hosts list fewer listeners than they have.");
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
        var interrupted = facts.FailuresOfInterrupted.ToLookup(static one => (Key(one), one["of"]), static one => one.Value);
        var ended = facts.FailuresOfInterrupted.Where(static one => one["of"] == FleetFacts.Last)
            .ExceptBy(facts.Failures.Select(Key), Key);
        foreach (var one in facts.Failures.Concat(ended))
        {
            var then = Highest(before[Key(one)]);
            var peak = Math.Max(one.Value, Highest(interrupted[(Key(one), FleetFacts.Highest)]));
            // What has no value 24 hours ago began since; what is less than it was began anew, from nothing.
            var until = peak >= then ? peak - then : peak;
            var grown = Math.Round(Highest(interrupted[(Key(one), FleetFacts.Grown)]));
            var count = Math.Max(until + (one.Value < peak ? one.Value : 0), grown);
            if (count >= 1 && double.IsFinite(count))
                yield return (one["instance"], new FleetFailures(one["cause"], one["program"], Whole(count)));
        }

        static (string, string, string) Key(PrometheusSample one) => (one["instance"], one["cause"], one["program"]);

        static double Highest(IEnumerable<double> values) => values.DefaultIfEmpty(0).Max();
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
            remarks.Add(Remark.Of("no-hosts",
                "Prometheus has no metrics of bindwise serve from the last 24 hours: let it scrape /metrics of each host "
                    + "(docs/operating.md)."));
        var young = present.Except(facts.Before.Select(static one => one["instance"]), StringComparer.Ordinal).Count();
        if (young > 0)
            remarks.Add(Remark.Of("no-day",
                $"Prometheus has no samples of {(young == 1 ? "one host" : $"{young} hosts")} from 24 hours ago: each listener "
                    + "there counts as new."));
        if (hosts > MostHosts)
            remarks.Add(Remark.Of("more-hosts", Wording.Count(hosts - MostHosts, "more host is", "more hosts are") + " left out."));
        if (changes > MostChanges)
            remarks.Add(Remark.Of("more-changes",
                Wording.Count(changes - MostChanges, "more listener is", "more listeners are") + " new or gone."));
        if (facts.IsCut)
            remarks.Add(Remark.Of("more-destinations", "There are too many destinations to say of each when its ports are used up."));
        remarks.AddRange(Fewer(facts.Unlisted));
        return remarks.ToImmutable();
    }

    private static long Whole(double value) => (long)Math.Clamp(value, 0, long.MaxValue / 2);
}

/// <summary>The ephemeral ports to the destination that uses most of them.</summary>
/// <param name="Destination">As <c>127.0.0.9:7777</c>.</param>
/// <param name="FullAt">When all are used if the last six hours go on; null where the use does not grow.</param>
internal sealed record FleetEphemeral(string Destination, long Used, long Size, DateTimeOffset? FullAt);

/// <summary>Binds that failed within 24 hours.</summary>
internal sealed record FleetFailures(string Cause, string Program, long Count);

/// <summary>A host of the fleet.</summary>
/// <param name="IsUp">It answers Prometheus.</param>
/// <param name="Ephemeral">The fullest destination; null for none.</param>
/// <param name="Failures">The most first.</param>
internal sealed record FleetHost(string Instance, bool IsUp, FleetEphemeral? Ephemeral, ImmutableArray<FleetFailures> Failures);

/// <summary>A listener that is new or gone, against 24 hours ago.</summary>
internal sealed record FleetChange(string Instance, int Port, string Program, bool HasAppeared);

/// <summary>The answer of <c>/api/v1/fleet</c>.</summary>
/// <param name="AsOf">When Prometheus was asked.</param>
internal sealed record FleetReport(
    DateTimeOffset AsOf, ImmutableArray<FleetHost> Hosts, ImmutableArray<FleetChange> Changes, ImmutableArray<Remark> Remarks);

/// <summary>Who listens on a port.</summary>
internal sealed record FleetHolder(string Instance, string Address, string Program);

/// <summary>What Prometheus knows of the fleet: the answers to the queries of <see cref="FleetQueries"/>.</summary>
internal sealed record FleetFacts
{
    public const string Grown = "grown";
    public const string Highest = "highest";
    public const string Last = "last";

    public required DateTimeOffset Now { get; init; }

    /// <summary>Hosts that tell metrics now, with the size of their range.</summary>
    public ImmutableArray<PrometheusSample> Present { get; init; } = [];

    /// <summary>Hosts that told metrics 24 hours ago.</summary>
    public ImmutableArray<PrometheusSample> Before { get; init; } = [];

    /// <summary>Jobs that had metrics within 24 hours, also those whose hosts are all down now.</summary>
    public ImmutableArray<PrometheusSample> Jobs { get; init; } = [];

    /// <summary>Whether Prometheus reaches its targets.</summary>
    public ImmutableArray<PrometheusSample> Up { get; init; } = [];

    /// <summary>The fullest destination of each host.</summary>
    public ImmutableArray<PrometheusSample> Fullest { get; init; } = [];

    /// <summary>Ports a second by host and destination, over six hours.</summary>
    public ImmutableArray<PrometheusSample> Growth { get; init; } = [];

    /// <summary>Failed binds since each server began.</summary>
    public ImmutableArray<PrometheusSample> Failures { get; init; } = [];

    /// <summary>The same 24 hours ago.</summary>
    public ImmutableArray<PrometheusSample> FailuresBefore { get; init; } = [];

    /// <summary>
    /// The counts of failed binds over 24 hours, of the hosts that are silent now or whose server began anew in that time: by the label
    /// <c>of</c> what they grew by (<see cref="Grown"/>, which leaves out what a count began with), and their highest and last values.
    /// </summary>
    public ImmutableArray<PrometheusSample> FailuresOfInterrupted { get; init; } = [];

    /// <summary>Listeners that are there either now (1) or 24 hours ago (2).</summary>
    public ImmutableArray<PrometheusSample> Changes { get; init; } = [];

    /// <summary>How many listeners a host has and does not list.</summary>
    public ImmutableArray<PrometheusSample> Unlisted { get; init; } = [];

    /// <summary>The same 24 hours ago.</summary>
    public ImmutableArray<PrometheusSample> UnlistedBefore { get; init; } = [];

    /// <summary>More than could be asked about in one go was there.</summary>
    public bool IsCut { get; init; }
}

internal static class FleetJson
{
    /// <summary>The answer of <c>/api/v1/fleet</c>.</summary>
    public static void Write(IBufferWriter<byte> output, FleetReport report) => JsonAnswer.WriteObject(output, writer =>
    {
        writer.WriteText("asOf", JsonMoment.Of(report.AsOf));
        writer.WriteList("hosts", report.Hosts, host => WriteHost(writer, host));
        writer.WriteList("changes", report.Changes, change =>
        {
            writer.WriteText("instance", change.Instance);
            writer.WriteNumber("port", change.Port);
            writer.WriteText("program", change.Program);
            writer.WriteString("change", change.HasAppeared ? "appeared" : "gone");
        });
        DocumentList.WriteRemarks(writer, report.Remarks);
    });

    /// <summary>The answer of <c>/api/v1/fleet/ports/{port}</c>.</summary>
    public static void Write(Utf8JsonWriter writer, ushort port, IEnumerable<FleetHolder> holders, IEnumerable<Remark> remarks)
    {
        writer.WriteNumber("port", port);
        writer.WriteList("holders", holders, holder =>
        {
            writer.WriteText("instance", holder.Instance);
            writer.WriteText("address", holder.Address);
            writer.WriteText("program", holder.Program);
        });
        DocumentList.WriteRemarks(writer, remarks);
    }

    private static void WriteHost(Utf8JsonWriter writer, FleetHost host)
    {
        writer.WriteText("instance", host.Instance);
        writer.WriteBoolean("up", host.IsUp);
        writer.WriteObject("ephemeral", host.Ephemeral, ephemeral =>
        {
            writer.WriteText("destination", ephemeral.Destination);
            writer.WriteNumber("used", ephemeral.Used);
            writer.WriteNumber("size", ephemeral.Size);
            writer.WriteText("fullAt", ephemeral.FullAt?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        });
        writer.WriteList("bindFailures", host.Failures, one =>
        {
            writer.WriteText("cause", one.Cause);
            writer.WriteText("program", one.Program);
            writer.WriteNumber("count", one.Count);
        });
    }
}

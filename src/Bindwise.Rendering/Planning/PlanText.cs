using Bindwise.Model.Diagnosing;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Planning;
using static System.FormattableString;

namespace Bindwise.Rendering.Planning;

/// <summary>A plan of ports as lines of text: conflicts first, then warnings, then what was read.</summary>
internal static class PlanText
{
    private const int MostFiles = 40;
    private const int MostTargets = 12;
    private const int LongestName = 80;

    /// <summary>So many places are named of those that have to take another port.</summary>
    private const int MostMovers = 3;

    /// <param name="options">Width, and with <see cref="Detail.Verbose"/> the notes; with
    /// <see cref="Detail.Quiet"/> the first line alone.</param>
    public static ImmutableArray<TextLine> Render(PortPlan plan, HostSettings settings, TextOptions options)
    {
        var page = new Page(options);
        page.Headline(plan.Conflicts.IsEmpty ? TextRole.Free : TextRole.Blocked, Summary(plan));
        if (options.Detail == Detail.Quiet)
            return page.Lines;
        AddConflicts(page, plan.Conflicts);
        AddRules(page, plan);
        var notes = 0;
        foreach (var remark in plan.Remarks)
        {
            if (remark.Level == PlanLevel.Warning || options.Detail == Detail.Verbose)
                AddRemark(page, remark);
            else
                notes++;
        }
        AddSources(page, plan, settings, options.Detail == Detail.Verbose);
        if (notes > 0)
            page.Row("", new Paragraph().Add(TextRole.Dim,
                Invariant($"{notes} {(notes == 1 ? "note" : "notes")} left out; -v shows {(notes == 1 ? "it" : "them")}")));
        return page.Lines;
    }

    /// <summary>The first line: <c>2 ports collide (4 pairs), among 14 entries in 5 files.</c></summary>
    public static string Summary(PortPlan plan)
    {
        var where = $"{Count(plan.Ports.Length, "entry", "entries")} in {Count(plan.Sources.Length, "file", "files")}";
        if (plan.Conflicts.IsEmpty)
            return $"No ports collide, among {where}.";
        var targets = plan.Conflicts.Select(static conflict => conflict.Target).Distinct().Count();
        var isPath = plan.Conflicts.All(static conflict => conflict.First.Protocol == Protocol.Unix);
        var pairs = plan.Conflicts.Length > targets || plan.IsCut
            ? Invariant($" ({plan.Conflicts.Length}{(plan.IsCut ? " or more" : "")} pairs)") : "";
        return $"{(isPath ? Count(targets, "address collides", "addresses collide") : Count(targets, "port collides", "ports collide"))}"
            + $"{pairs}, among {where}.";
    }

    private static string Count(int count, string one, string several) => Invariant($"{count} {(count == 1 ? one : several)}");

    /// <summary>All that want one port, each once: of five programs on one port ten pairs would fill the screen.</summary>
    private static void AddConflicts(Page page, ImmutableArray<PlanConflict> conflicts)
    {
        foreach (var group in conflicts.GroupBy(static conflict => (conflict.Target, conflict.Profiles)).SelectMany(Connected))
        {
            var sides = group.SelectMany(static conflict => conflict.Second is { } second
                    ? [(Port: conflict.First, Address: conflict.FirstAddress), (Port: second, Address: conflict.SecondAddress)]
                    : new[] { (Port: conflict.First, Address: conflict.FirstAddress) })
                .DistinctBy(static side => side.Port, ReferenceEqualityComparer.Instance)
                .OrderBy(static side => side.Port.Location.File, StringComparer.Ordinal).ThenBy(static side => side.Port.Location.Line)
                .ToList();
            var running = group.Select(static conflict => (conflict.Running, conflict.SecondAddress)).Where(
                static one => one.Running is not null).DistinctBy(static one => one.Running, ReferenceEqualityComparer.Instance).ToList();
            var head = new Paragraph().Add(TextRole.Name, group[0].Target, LongestName)
                .Add(running.Count == 0 ? Invariant($" is wanted {(sides.Count == 2 ? "twice" : $"{sides.Count} times")}")
                    : sides.Count == 1 ? " is in use on this host" : Invariant($" is wanted {sides.Count} times, and in use on this host"));
            if (group[0].Profiles is { } profiles)
                head.Add($" with {(profiles.Contains(" and ", StringComparison.Ordinal) ? "profiles" : "profile")} {profiles}");
            page.Row(group[0].Target is ['/' or '@', ..] ? "path" : "port", head.Add(" (")
                .Add(TextRole.Rule, string.Join(", ", group.Select(static conflict => conflict.Rule.Id).Distinct())).Add(")"));
            foreach (var (port, address) in sides)
                AddSide(page, port, address);
            foreach (var (held, address) in running)
                AddRunning(page, held!, address);
            if (group[0] is { Next: { } next })
            {
                page.Row("next", new Paragraph().Add($"Give {Movers(group, [.. sides.Select(static side => side.Port)])} "
                    + (next.First < next.Last ? $"other ports; {next} are" : $"another port; {next} is")
                    + " free in all files and on this host."));
            }
        }
    }

    /// <summary>
    /// Those that hang together: of pairs that share nobody each is a matter of its own, as two scripts that never run at the same time.
    /// </summary>
    private static List<List<PlanConflict>> Connected(IEnumerable<PlanConflict> conflicts)
    {
        var groups = new List<List<PlanConflict>>();
        foreach (var conflict in conflicts)
        {
            var met = groups.FindAll(group => group.Exists(other => Meet(conflict, other)));
            groups.RemoveAll(met.Contains);
            groups.Add([.. met.SelectMany(static group => group), conflict]);
        }
        return groups;
    }

    private static bool Meet(PlanConflict one, PlanConflict other) => (one.Running is not null && other.Running is not null)
        || ReferenceEquals(one.First, other.First) || ReferenceEquals(one.First, other.Second)
        || (one.Second is { } second && (ReferenceEquals(second, other.First) || ReferenceEquals(second, other.Second)));

    /// <summary>
    /// Who has to take another port so that no two collide: each that meets what runs, and then, over and over, the one that most of the
    /// others still collide with. Where all collide with one another that is any, but for one.
    /// </summary>
    private static string Movers(List<PlanConflict> conflicts, List<PlannedPort> sides)
    {
        var moved = conflicts.Where(static one => one.Second is null).Select(static one => one.First)
            .ToHashSet<PlannedPort>(ReferenceEqualityComparer.Instance);
        var isHeld = moved.Count > 0;
        for (; ; )
        {
            var left = conflicts.Where(one => one.Second is { } second && !moved.Contains(one.First) && !moved.Contains(second)).ToList();
            if (left.Count == 0)
                break;
            moved.Add(sides.MaxBy(side => left.Count(one => ReferenceEquals(one.First, side) || ReferenceEquals(one.Second, side)))!);
        }
        if (isHeld && moved.Count == sides.Count)
            return sides.Count == 1 ? "the planned one" : "the planned ones";
        if (!isHeld && moved.Count == sides.Count - 1)
            return sides.Count == 2 ? "one of them" : "all but one of them";
        var places = sides.Where(moved.Contains).Select(static side => Place(side.Location)).Distinct().ToList();
        // A place that has some of them, and others too, names nobody.
        return places.Count > MostMovers || sides.Exists(side => !moved.Contains(side) && places.Contains(Place(side.Location)))
            ? Invariant($"{moved.Count} of them")
            : (moved.Count == 1 ? "the one at " : "those at ") + Wording.List(places);
    }

    private static void AddRunning(Page page, ListedPort held, IpAddress address)
    {
        var who = held.Name ?? (held.IsOwnerHidden ? "a process that you may not inspect" : "a process that cannot be seen");
        var line = new Paragraph().Add(TextRole.Name, who, LongestName);
        if (held.Owners is [var owner, ..])
            line.Add(Invariant($" (pid {owner.Process.Id})"));
        var what = held.Protocol == Protocol.Unix ? "it" : AddressOf(address);
        if (Keepers.NamedFor(held.Owners) is { } program)
        {
            page.Row("", line.Add($" keeps {what} for ").Add(TextRole.Name, program, LongestName), indent: 2, hang: 2);
            return;
        }
        if (held.Container is { } container)
            line.Add(" of container ").Add(TextRole.Name, container, LongestName);
        else if (held.Unit is { } unit)
            line.Add(" of ").Add(TextRole.Name, unit, LongestName);
        page.Row("", line.Add($" has {what} now"), indent: 2, hang: 2);
    }

    private static void AddSide(Page page, PlannedPort port, IpAddress address)
    {
        var line = new Paragraph().Add(TextRole.Name, Place(port.Location)).Add("  ").Add(port.Name).Add($": {port.Text}");
        if (port.Protocol != Protocol.Unix && port.Place == PlanPlace.Host)
            line.Add(TextRole.Dim, $" on {(IsOfBothFamilies(port, address) ? "every address" : AddressOf(address))}");
        page.Row("", line, indent: 2, hang: 2);
    }

    // Which sockets a program makes for "every address" is its own matter: two, or one on [::] for both families.
    private static bool IsOfBothFamilies(PlannedPort port, IpAddress address) =>
        address == IpAddress.AnyIPv6
            && port.Binds.Any(static bind => bind is { V6Only: false, Address: var bound } && bound == IpAddress.AnyIPv6);

    private static void AddRules(Page page, PortPlan plan)
    {
        foreach (var rule in plan.Conflicts.Select(static conflict => conflict.Rule).DistinctBy(static rule => rule.Id))
            page.Row("rule", new Paragraph().Add(TextRole.Rule, rule.Id).Add(": " + rule.Sentence)
                .Add(TextRole.Dim, rule.Id.StartsWith("BW", StringComparison.Ordinal) ? $" bindwise explain {rule.Id}" : ""));
    }

    private static void AddRemark(Page page, PlanRemark remark)
    {
        var line = new Paragraph();
        if (remark.Location is { } at)
            line.Add(TextRole.Name, Place(at)).Add("  ");
        line.Add(remark.Level == PlanLevel.Warning ? TextRole.Warning : TextRole.Text, remark.Text);
        if (remark.Other is { } other)
            line.Add(TextRole.Dim, $" (see {Place(other)})");
        page.Row(remark.Level == PlanLevel.Warning ? "warn" : "note", line, hang: 2);
    }

    private static void AddSources(Page page, PortPlan plan, HostSettings settings, bool isWhole)
    {
        // Where some are left out, it is those without ports first.
        IEnumerable<PlanSource> sources = isWhole || plan.Sources.Length <= MostFiles ? plan.Sources
            : plan.Sources.OrderBy(static source => source.Ports == 0).Take(MostFiles);
        page.Rows("read", sources.Select(source =>
        {
            var targets = plan.Ports.Where(port => port.IsOf(source.File))
                .Select(port => port.Target + (PortPlanner.IsPrivileged(port, settings) ? " (privileged)" : "")).Distinct().ToList();
            var shown = isWhole ? targets : targets.Take(MostTargets).ToList();
            return new Paragraph().Add(TextRole.Name, source.File).Add(TextRole.Dim, $" ({source.Format})")
                .Add(targets.Count == 0 ? $": no port of this host{(source.WhyNone is { } why ? $" ({why})" : "")}" : ": " + string.Join(
                    ", ", shown) + (targets.Count > shown.Count ? Invariant($" and {targets.Count - shown.Count} more") : ""));
        }), hang: 2);
        if (!isWhole && plan.Sources.Length > MostFiles)
            page.Row("", new Paragraph().Add(TextRole.Dim, Invariant($"and {plan.Sources.Length - MostFiles} more files")));
    }

    private static string Place(PlanLocation at) => string.Create(CultureInfo.InvariantCulture, $"{at.File}:{at.Line}");

    private static string AddressOf(IpAddress address) => address.Family == IpFamily.IPv6 ? $"[{address}]" : address.ToString();
}

using Bindwise.Model.Diagnosing.Planning;
using static System.FormattableString;

namespace Bindwise.Model.Planning;

internal sealed record PlanCircumstances
{
    /// <summary>The sysctls: the ephemeral range, the first unprivileged port, bindv6only. What is null is the kernel's default.</summary>
    public HostSettings Settings { get; init; } = new();

    /// <summary>The compose profiles that are enabled together; null: those of COMPOSE_PROFILES, and each other one by itself.</summary>
    public ImmutableArray<string>? Profiles { get; init; }

    /// <summary>The release of Linux whose rules decide.</summary>
    public KernelRelease Kernel { get; init; } = KernelRelease.Documented;

    /// <summary>What runs on this host; null to leave that out.</summary>
    public PortListing? Running { get; init; }

    /// <summary>Looks at this host for one bind, where <see cref="Running"/> does not tell enough; null for what cannot be seen.</summary>
    public Func<BindRequest, Snapshot?> ReadSnapshot { get; init; } = static _ => null;

    /// <summary>What is in use on this host, for the ports to take instead; null where that is not known, and none is named then.</summary>
    public PortListing? InUse { get; init; }
}

/// <summary>Plays planned ports on the rule model: which of them cannot be open together, and which deserve a warning. Pure.</summary>
internal static class PortPlanner
{
    public const int MostConflicts = 200;
    private const int MostUnsure = 10_000;

    /// <param name="circumstances">Settings, profiles, what runs.</param>
    /// <returns>The plan; of its remarks only those about ports.</returns>
    public static PortPlan Check(IReadOnlyList<PlannedPort> ports, PlanCircumstances circumstances)
    {
        var enabled = ports.Where(port => IsEnabled(port, circumstances.Profiles))
            .Select(port => circumstances.Profiles is null ? ByDefault(port) : port)
            .OrderBy(static port => port.Location.File, StringComparer.Ordinal).ThenBy(static port => port.Location.Line)
            .ThenBy(static port => port.Location.Column).ToList();
        var pairs = new PairCheck(circumstances.Settings.BindV6Only ?? false, circumstances.Kernel);
        var findings = new Findings();
        foreach (var group in enabled.GroupBy(static port => (port.Place, port.Protocol, port.Binds[0].Path)))
            ComparePorts([.. group.OrderBy(static port => port.FirstPort)], pairs, circumstances.Profiles is null, findings);
        if (circumstances.Running is { } running)
            CompareWithRunning(enabled, new RunningCheck(running, pairs, circumstances.ReadSnapshot), findings);
        findings.Remarks.AddRange(UnsureOf(findings.Unsure));
        foreach (var port in enabled)
            findings.Remarks.AddRange(RemarksOf(port, circumstances.Settings));
        var conflicts = findings.Conflicts.OrderBy(static one => one.First.Protocol).ThenBy(static one => one.Port)
            .ThenBy(static one => one.Profiles, StringComparer.Ordinal)
            .ThenBy(static one => one.First.Location.File, StringComparer.Ordinal).ThenBy(static one => one.First.Location.Line)
            .ThenBy(static one => one.Second?.Location.File, StringComparer.Ordinal).ThenBy(static one => one.Second?.Location.Line)
            // A line that two projects include meets others in both.
            .DistinctBy(static one => (one.First.Location, one.First.Name, one.First.Text, one.Second?.Location, one.Second?.Name,
                one.Second?.Text, one.Running, one.Port, one.Profiles));
        return new PortPlan
        {
            Ports = [.. enabled],
            Conflicts = circumstances.InUse is { } used ? OtherPorts.Name([.. conflicts], ports, used, circumstances.Settings)
                : [.. conflicts],
            IsCut = findings.IsCut,
            Remarks = [.. findings.Remarks.OrderBy(static one => one.Location?.File, StringComparer.Ordinal)
                .ThenBy(static one => one.Location?.Line)],
        };
    }

    private sealed class Findings
    {
        public List<PlanConflict> Conflicts { get; } = [];
        public List<PlanRemark> Remarks { get; } = [];

        /// <summary>Pairs of which the first one may end up with another port.</summary>
        public List<(PlannedPort Least, PlannedPort Other, string Target)> Unsure { get; } = [];

        public bool IsCut { get; set; }

        public bool IsFull => Conflicts.Count >= MostConflicts || Remarks.Count >= 4 * MostConflicts || Unsure.Count >= MostUnsure;
    }

    /// <summary>The port as it is where nobody asks for profiles: what its project enables runs with all else.</summary>
    private static PlannedPort ByDefault(PlannedPort port) =>
        !port.EnabledProfiles.IsEmpty && IsEnabled(port, port.EnabledProfiles) ? port with { Profiles = [] } : port;

    private static bool IsEnabled(PlannedPort port, ImmutableArray<string>? profiles) =>
        profiles is not { } enabled || port.Profiles.IsEmpty
            || port.Profiles.Any(profile => profile == "*" || enabled.Contains(profile) || enabled.Contains("*"));

    /// <summary>Every pair with a number in common: sorted by the first one, only those that have begun and not ended are met.</summary>
    private static void ComparePorts(List<PlannedPort> ports, PairCheck pairs, bool isEachProfileAlone, Findings findings)
    {
        var open = new List<PlannedPort>();
        foreach (var port in ports)
        {
            open.RemoveAll(before => before.LastPort < port.FirstPort);
            foreach (var before in open)
            {
                if (findings.IsFull)
                {
                    findings.IsCut = true;
                    return;
                }
                if (!AreAlternatives(before, port))
                    Compare(IsBefore(before, port) ? (before, port) : (port, before), pairs, isEachProfileAlone, findings);
            }
            open.Add(port);
        }
    }

    private static bool IsBefore(PlannedPort one, PlannedPort other) =>
        string.CompareOrdinal(one.Location.File, other.Location.File) is var order && order != 0
        ? order < 0
        : (one.Location.Line, one.Location.Column).CompareTo((other.Location.Line, other.Location.Column)) <= 0;

    private static void Compare((PlannedPort First, PlannedPort Second) both, PairCheck pairs, bool isEachProfileAlone, Findings findings)
    {
        var (first, second) = both;
        if (pairs.Decide(first, second) is not { } verdict)
            return;
        var (from, to) = (Math.Max(first.FirstPort, second.FirstPort), Math.Min(first.LastPort, second.LastPort));
        var target = PlannedPort.TargetOf(first.Protocol, first.Binds[0].Path, from, to);
        if (first.ReplacesFile && second.ReplacesFile)
        {
            findings.Remarks.Add(Replacing(first, second, target));
            return;
        }
        if (!verdict.Conflicts)
        {
            var (one, other) = NamesApart(first, second);
            var who = first.Name == second.Name ? $"{first.Name} has {target} twice" : $"{first.Name} and {second.Name} share {target}";
            findings.Remarks.Add(
                new PlanRemark("shared", $"{who} ({verdict.Rule.Id}): {pairs.Sharing(verdict, one, other)}", second.Location)
                {
                    Other = first.Location,
                });
            return;
        }
        var profiles = ProfilesFor(first, second);
        if (isEachProfileAlone && profiles is { IsTogether: true } together)
        {
            findings.Remarks.Add(new PlanRemark("profiles-together",
                $"{first.Name} and {second.Name} collide on {target} if the profiles {together.Names} are enabled together",
                second.Location)
            { Other = first.Location, Level = PlanLevel.Note });
            return;
        }
        if ((first.Certainty, second.Certainty) is not (PlanCertainty.Stated, PlanCertainty.Stated))
        {
            // The enum's order: a program that takes another port is the least sure to have this one.
            findings.Unsure.Add(first.Certainty > second.Certainty ? (first, second, target) : (second, first, target));
            return;
        }
        findings.Conflicts.Add(new PlanConflict(first, second, verdict.Rule)
        {
            FirstAddress = verdict.First.Address,
            SecondAddress = verdict.Second.Address,
            Port = from,
            LastPort = to,
            Profiles = profiles?.Names,
        });
    }

    /// <summary>Two that put their UNIX sockets in place of what is there: the later one has it alone, and nothing fails.</summary>
    private static PlanRemark Replacing(PlannedPort first, PlannedPort second, string target)
    {
        var (one, other) = NamesApart(first, second);
        var who = first.Location.File == second.Location.File ? $"{other} takes {target} from {one}, which gets no connection then"
            : $"{one} and {other} take {target} from each other: the one that starts last has it";
        return new PlanRemark("replaces", who + "; each puts its socket in place of what is there, so no bind() fails", second.Location)
        {
            Other = first.Location,
        };
    }

    /// <summary>What is said of those that may end up with another port: one sentence for each, or for all that would.</summary>
    private static IEnumerable<PlanRemark> UnsureOf(List<(PlannedPort Least, PlannedPort Other, string Target)> pairs)
    {
        foreach (var group in pairs.GroupBy(static pair => (pair.Target, Asks: pair.Least.Certainty,
            Alone: pair.Other.Certainty == PlanCertainty.Preferred ? null : pair.Least)))
        {
            var (least, other, target) = group.First();
            var (unsure, sure) = NamesApart(least, other);
            var more = group.SelectMany(static pair => new[] { pair.Least, pair.Other }).Distinct(ReferenceEqualityComparer.Instance)
                .Count() - 2;
            var others = more == 0 ? "" : Invariant($" and {more} {(more == 1 ? "other" : "others")}");
            var text = (group.Key, more) switch
            {
                ({ Asks: not PlanCertainty.Preferred }, _) =>
                    $"{unsure} collides with {sure}{others} on {target} if it takes that port, as is usual",
                ({ Alone: null }, 0) when sure == unsure =>
                    $"{least.Name} asks for {target} twice: what starts last takes another port",
                ({ Alone: null }, 0) => $"{sure} and {unsure} both ask for {target}: the one that starts last takes another port",
                ({ Alone: null }, _) => $"{sure}, {unsure}{others} ask for {target}: those that start later take other ports",
                (_, 0) => $"{unsure} takes another port than {target} if {sure} has it already; if {unsure} starts first, {sure} "
                    + Fails(least),
                _ => Invariant($"{unsure} takes another port than {target} if one of {more + 1} others has it already, as {sure}; ")
                    + $"if {unsure} starts first, that one {Fails(least)}",
            };
            yield return new PlanRemark(group.Key.Asks == PlanCertainty.Preferred ? "other-port" : "likely-conflict", text, least.Location)
            {
                Other = other.Location == least.Location ? null : other.Location,
            };
        }
    }

    /// <summary>Of a range it may have taken another port than the one in question.</summary>
    private static string Fails(PlannedPort first) => first.Count > 1 ? "may fail" : "fails";

    /// <summary>Two names that differ: of two sockets of one program what the file says, else where it says it.</summary>
    private static (string First, string Second) NamesApart(PlannedPort first, PlannedPort second) =>
        first.Name != second.Name ? (first.Name, second.Name)
        : first.Text != second.Text ? (first.Text, second.Text)
        : (first.Location.ToString(), second.Location.ToString());

    private static bool AreAlternatives(PlannedPort one, PlannedPort other)
    {
        // In loops: asked for every pair.
        foreach (var mine in one.Alternatives)
        {
            foreach (var theirs in other.Alternatives)
            {
                if (mine.Excludes(theirs))
                    return true;
            }
        }
        return false;
    }

    /// <summary>Which profiles have to be enabled for both; null for none. They are several if no single one enables both.</summary>
    private static (string Names, bool IsTogether)? ProfilesFor(PlannedPort one, PlannedPort other)
    {
        var (mine, theirs) = (one.Profiles, other.Profiles);
        if (mine.IsEmpty && theirs.IsEmpty)
            return null;
        if (mine.IsEmpty || theirs.IsEmpty)
            return ((mine.IsEmpty ? theirs : mine)[0], false);
        return mine.Intersect(theirs).FirstOrDefault() is { } common ? (common, false) : ($"{mine[0]} and {theirs[0]}", true);
    }

    private static void CompareWithRunning(List<PlannedPort> ports, RunningCheck running, Findings findings)
    {
        // One that would take another port, or one of a range, stands in nobody's way.
        foreach (var port in ports.Where(static port => port is { Place: PlanPlace.Host, Certainty: not PlanCertainty.Preferred }))
        {
            foreach (var (met, isCertain) in running.Of(port))
            {
                if (findings.IsFull)
                {
                    findings.IsCut = true;
                    return;
                }
                var who = met.Running?.Name ?? "another process";
                if (port.ReplacesFile)
                    findings.Remarks.Add(new PlanRemark("replaces", $"{port.Name} takes {met.Target} from {who} of this host, which gets "
                        + "no connection then; it puts its socket in place of what is there, so no bind() fails", port.Location));
                else if (!isCertain)
                    findings.Remarks.Add(new PlanRemark("likely-conflict", $"{port.Name} may collide with {who} on {met.Target}: whether "
                        + "its socket there lets others share the port cannot be seen", port.Location));
                else if (port.Certainty == PlanCertainty.Stated)
                    findings.Conflicts.Add(met);
                else
                    findings.Remarks.Add(new PlanRemark("likely-conflict",
                        $"{port.Name} collides with {who} on {met.Target} if it takes that port, as is usual", port.Location));
            }
        }
    }

    private static IEnumerable<PlanRemark> RemarksOf(PlannedPort port, HostSettings settings)
    {
        if (port.Protocol == Protocol.Unix)
            yield break;
        if (port.Place == PlanPlace.Cluster)
        {
            if (port.FirstPort is < 30000 or > 32767)
                yield return new PlanRemark("node-port-range",
                    Invariant($"nodePort {port.FirstPort} is outside of 30000-32767, the range that clusters allow unless configured ")
                        + "otherwise", port.Location);
            yield break;
        }
        var (first, last) = (settings.LocalPorts.First, settings.LocalPorts.Last);
        if (port.Certainty == PlanCertainty.Stated && port.FirstPort <= last && port.LastPort >= first
            && !settings.ReservedPorts.Any(range => range.First <= port.FirstPort && range.Last >= port.LastPort))
        {
            yield return new PlanRemark("in-ephemeral-range",
                Invariant($"{port.Target} of {port.Name} is in the ephemeral range {first}-{last}: a connection may take it first, ")
                    + "unless net.ipv4.ip_local_reserved_ports names it", port.Location);
        }
        if (port.Place == PlanPlace.Host && IsPrivileged(port, settings))
        {
            var who = port.IsPrivilegedProgram ? "only root may bind it; this program's service usually runs as root"
                : "an ordinary user may not bind it";
            var text = Invariant(
                $"{port.Target} of {port.Name} is below {settings.FirstUnprivilegedPort}: {who} ({RuleBook.PrivilegedPort.Id})");
            yield return new PlanRemark(Cause.PrivilegedPort.Id(), text, port.Location)
            {
                Level = port.IsPrivilegedProgram ? PlanLevel.Note : PlanLevel.Warning,
            };
        }
        if (port.IsForBrowsers
            && Enumerable.Range(port.FirstPort, port.Count).FirstOrDefault(BrowserPorts.IsBlocked, -1) is >= 0 and var blocked)
            yield return new PlanRemark("browser-blocked", Invariant($"browsers refuse to connect to port {blocked} of {port.Name}"),
                port.Location);
    }

    /// <summary>Whether the first port needs CAP_NET_BIND_SERVICE.</summary>
    /// <param name="settings">net.ipv4.ip_unprivileged_port_start; 1024 where it is null.</param>
    public static bool IsPrivileged(PlannedPort port, HostSettings settings) =>
        port.Protocol != Protocol.Unix && port.Place != PlanPlace.Cluster && port.FirstPort < settings.FirstUnprivilegedPort;
}

using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Owners;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Diagnosing.Snippets;
using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing.Topics.EphemeralPorts;

/// <summary>What helps when ephemeral ports run out: it depends on whether one destination takes them, and in which state.</summary>
internal static class ExhaustionRemedies
{
    private const int WidestFirst = 15000;
    private const int WidestLast = 64999;

    public static IEnumerable<Remedy> Of(DiagnosisContext context)
    {
        // Sockets that were bound stay until their program ends; connections may be needed, and there are other ways.
        if (context.Verdict != Verdict.Free && PortReport.MostOf(context.Snapshot) is { IsConnection: false } holder)
            yield return End(context, holder);
        var use = context.Snapshot.Ephemeral;
        var top = TopOf(context);
        // From half of the range on one destination is the matter; below, it is that ports are not shared between destinations.
        var isOneDestination = use is not null && top is not null && 2L * top.Count >= use.Usable;
        var language = SpeakerOf(context, top);
        if (isOneDestination && 2L * top!.TimeWait >= top.Count)
        {
            yield return KeepAlive(language);
            if (context.Snapshot.Settings.TimeWaitReuse is { } reuse and not 1 && (reuse == 0 || !top.Remote.Address.IsLoopback))
                yield return ReuseTimeWait(context);
        }
        if (isOneDestination)
            yield return MoreAddresses(language);
        else
            yield return BindLate(language);
        if (Widen(context, context.Snapshot.Settings) is { } widen)
            yield return widen;
        if (!isOneDestination || 2L * top!.TimeWait < top.Count)
            yield return KeepAlive(language);
    }

    private static Remedy End(DiagnosisContext context, PortHolder holder)
    {
        var process = holder.Owners[0].Process;
        return Remedy.Of("end-port-holder",
            $"Stop {ProcessNames.Short(process)}, which holds the most of them ({Wording.Count(holder.Count, "socket", "sockets")}).",
            $"{RunAs.OwnerOf(context, process)}kill {process.Id}", "one process ends, and its ports are free again",
            "its clients are cut off; unsaved work may be lost");
    }

    /// <summary>A connect() found no port a while ago, and half of the range is still used for where it was to go.</summary>
    public static bool IsNear(DiagnosisContext context) =>
        context.Target.Destination is not null && context.Snapshot.Ephemeral is { } use && TopOf(context) is { } top
            && 2L * top.Count >= use.Usable;

    /// <summary>The destination in question, else the one with the most connections.</summary>
    private static EphemeralDestination? TopOf(DiagnosisContext context)
    {
        var destinations = context.Snapshot.Ephemeral?.Destinations ?? [];
        return destinations.FirstOrDefault(d => context.Plan.Destinations.Contains(d.Remote)) ?? destinations.FirstOrDefault();
    }

    private static TargetLanguage SpeakerOf(DiagnosisContext context, EphemeralDestination? top)
    {
        var starting = TargetLanguage.Starting(context);
        return starting.IsKnown || top is null ? starting
            : TargetLanguage.Of(OwnerRoles.Assign(top.SampleInode, context.Snapshot)) ?? starting;
    }

    private static Remedy KeepAlive(TargetLanguage language) => CodeRemedies.Of(
        "keep-alive", "Reuse connections from a pool instead of opening one for each request.", SnippetKind.KeepAlive, language,
        "how clients connect", "the other side may close idle connections; retry once");

    private static Remedy ReuseTimeWait(DiagnosisContext context) => Remedy.Of(
        "reuse-time-wait", "Let outgoing connections reuse a port whose connection to the same destination is in TIME_WAIT (after one "
            + "second, with timestamps).",
        $"{RunAs.Root(context)}sysctl -w net.ipv4.tcp_tw_reuse=1", "the whole network namespace, until the next boot",
        "a late segment of the old connection may arrive; timestamps tell it apart");

    private static Remedy MoreAddresses(TargetLanguage language) => CodeRemedies.Of(
        "more-source-addresses",
        "Connect from more addresses of this host, or to more addresses or ports of the other side; each pair has the whole range. Set "
            + "IP_BIND_ADDRESS_NO_PORT before bind(source, 0).",
        SnippetKind.BindAddressNoPort, language, "the client's code; the host needs the addresses",
        "the other side sees several addresses");

    private static Remedy BindLate(TargetLanguage language) => CodeRemedies.Of(
        "bind-late", "For outgoing connections, do not bind() before connect(), or set IP_BIND_ADDRESS_NO_PORT before bind(source, 0); "
            + "each destination then has all ports.",
        SnippetKind.BindAddressNoPort, language, "the client's code", "none");

    private static Remedy? Widen(DiagnosisContext context, HostSettings settings) =>
        settings is { LocalPortFirst: <= WidestFirst, LocalPortLast: >= WidestLast } ? null : Remedy.Of(
        "widen-range", "Widen the ephemeral range.",
            $"{RunAs.Root(context)}sysctl -w net.ipv4.ip_local_port_range=\"{WidestFirst} {WidestLast}\"",
        "which ports the system hands out", "keep your servers' ports out of it, or reserve them");
}

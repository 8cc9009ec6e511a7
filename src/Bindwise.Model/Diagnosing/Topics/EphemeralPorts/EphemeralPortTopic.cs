using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Rules;

namespace Bindwise.Model.Diagnosing.Topics.EphemeralPorts;

/// <summary>The ports that the kernel gives out by itself, for port 0 and for connect(), and what helps when they run out.</summary>
internal sealed class EphemeralPortTopic : Topic
{
    public override Cause? CauseOf(BindAssessment assessment, Snapshot snapshot) =>
        assessment.Rule == RuleBook.EphemeralPortsExhausted || assessment.Rule == ConnectionRuleBook.ConnectPortsExhausted
            ? Cause.PortsExhausted : null;

    /// <summary>
    /// Whether connect() finds a port of its own. Where bind(0) succeeds, connect() does: it looks at the same ports and may share more.
    /// Where it fails, connect() may still share a port with connections to elsewhere, but only one that connect() itself gave them, and
    /// the socket table does not tell which those are.
    /// </summary>
    /// <param name="plan">With destinations.</param>
    /// <param name="decisive">What bind(0) answers.</param>
    /// <param name="snapshot">With the use of the range.</param>
    public static BindAssessment OfConnect(RequestPlan plan, BindAssessment decisive, Snapshot snapshot)
    {
        var isPortsOnly = decisive.Outcome == Outcome.Undetermined || decisive.Errno == "EADDRINUSE";
        if (plan.Destinations.IsEmpty || !isPortsOnly || decisive.Outcome == Outcome.Allowed)
            return decisive;
        var isClosed = snapshot.Ephemeral is { Usable: var usable, ClosedToAsked: var closed } && closed >= usable;
        return new BindAssessment(decisive.Request, new Decision(isClosed ? Outcome.Blocked : Outcome.Undetermined,
            isClosed ? "EADDRNOTAVAIL" : null, ConnectionRuleBook.ConnectPortsExhausted, []), null);
    }

    public override string? OwnFirstLine(DiagnosisContext context) =>
        context is not { Verdict: Verdict.Blocked, Decisive.Errno: "EADDRINUSE" } ? null
        : "Port 0 fails (EADDRINUSE): every port of the ephemeral range is in use"
            + $"{(PortReport.MostOf(context.Snapshot) is { } most ? ", most by " + ProcessNames.Of(most.Owners, "") : "")}.";

    /// <summary>The first line of an answer about connect().</summary>
    public static string FirstLineOf(DiagnosisContext context, Destination destination)
    {
        var use = context.Snapshot.Ephemeral;
        // Connections to the destination, from the address that has the most.
        var taken = use?.Destinations.Where(d => context.Plan.Destinations.Contains(d.Remote)).Select(static d => d.Count)
            .DefaultIfEmpty(0).Max() ?? 0;
        var used = use is null ? "" : $": {Wording.Number(taken)} of {Wording.Number(use.Usable)} are used for it";
        return context.Verdict switch
        {
            Verdict.Free => $"A connection to {destination} can get a source port now{used}.",
            Verdict.Undetermined =>
                $"A connection to {destination} may get no source port{used}, and no port of the range is entirely free.",
            _ when context.Cause == Cause.PortsExhausted =>
                $"A connection to {destination} gets no source port (EADDRNOTAVAIL){used}, and the rest are bound.",
            _ => $"A connection to {destination} cannot be opened ({context.Decisive.Errno}): {context.Topic.Refusal(context)}.",
        };
    }

    public override IEnumerable<Remedy> Remedies(DiagnosisContext context) => ExhaustionRemedies.Of(context);

    /// <summary>Any outgoing connection may be given the port.</summary>
    public static bool MayBeGivenOut(DiagnosisContext context) => context.Plan.Port is { } port and not 0
        && context.Snapshot.Settings.MayGiveOut(port);

    /// <summary>The warning of that, where the port is free.</summary>
    public static Remark? InRange(DiagnosisContext context)
    {
        if (context.Verdict != Verdict.Free || !MayBeGivenOut(context))
            return null;
        var (port, settings) = (context.Plan.Port ?? 0, context.Snapshot.Settings);
        return new Remark
        {
            Id = "in-ephemeral-range",
            Text = $"Port {Wording.Number(port)} is in the ephemeral range ({Wording.Number(settings.LocalPortFirst ?? 0)} to "
                + $"{Wording.Number(settings.LocalPortLast ?? 0)}): an outgoing connection may take it before your server starts.",
        };
    }

    /// <summary>Keeps the port out of the ephemeral range.</summary>
    public static Remedy Reserve(DiagnosisContext context)
    {
        var reserved = ShellCommand.Join(",", context.Snapshot.Settings.ReservedPorts
            .Select(static r => r.First == r.Last ? ShellCommand.Of($"{r.First}") : ShellCommand.Of($"{r.First}-{r.Last}"))
            .Append(ShellCommand.Of($"{context.Plan.Port ?? 0}")));
        return Remedy.Of(
            "reserve-port",
            "Reserve the port, so that no connection gets it as its source port.",
            $"{RunAs.Root(context)}sysctl -w net.ipv4.ip_local_reserved_ports={reserved}",
            "which ports the system hands out, until the next boot (to keep it, write it to /etc/sysctl.d)",
            "one port fewer for outgoing connections; an explicit bind() still gets it");
    }
}

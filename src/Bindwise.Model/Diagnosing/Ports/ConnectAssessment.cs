using System.Collections.Immutable;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Rules;

namespace Bindwise.Model.Diagnosing.Ports;

/// <summary>
/// Whether connect() finds a port of its own. Where bind(0) succeeds, connect() does: it looks at the same ports and may share more. Where
/// it fails, connect() may still share a port with connections to elsewhere, but only one that connect() itself gave them, and the
/// socket table does not tell which those are.
/// </summary>
internal static class ConnectAssessment
{
    /// <summary>The assessment that carries the verdict.</summary>
    /// <param name="plan">With destinations.</param>
    /// <param name="decisive">What bind(0) answers.</param>
    /// <param name="snapshot">With the use of the range.</param>
    public static BindAssessment Of(RequestPlan plan, BindAssessment decisive, Snapshot snapshot)
    {
        var isPortsOnly = decisive.Outcome == Outcome.Undetermined || decisive.Errno == "EADDRINUSE";
        if (plan.Destinations.IsEmpty || !isPortsOnly || decisive.Outcome == Outcome.Allowed)
            return decisive;
        var rule = ConnectionRuleBook.ConnectPortsExhausted;
        var isClosed = snapshot.Ephemeral is { Usable: var usable, ClosedToAsked: var closed } && closed >= usable;
        var decision = new Decision(isClosed ? Outcome.Blocked : Outcome.Undetermined, isClosed ? "EADDRNOTAVAIL" : null, rule,
            ImmutableArray<BlockingSocket>.Empty);
        return new BindAssessment(decisive.Request, decision, null);
    }
}

/// <summary>The first line of an answer about connect().</summary>
internal static class ConnectSummaries
{
    public static string Of(DiagnosisContext context, Destination destination, Func<DiagnosisContext, string> reasonOfRefusal)
    {
        var use = context.Snapshot.Ephemeral;
        var used = use is null ? "" : $": {Wording.Number(Taken(context))} of {Wording.Number(use.Usable)} are used for it";
        return context.Verdict switch
        {
            Verdict.Free => $"A connection to {destination} can get a source port now{used}.",
            Verdict.Undetermined =>
                $"A connection to {destination} may get no source port{used}, and no port of the range is entirely free.",
            _ when context.Cause == Cause.PortsExhausted =>
                $"A connection to {destination} gets no source port (EADDRNOTAVAIL){used}, and the rest are bound.",
            _ => $"A connection to {destination} cannot be opened ({context.Decisive.Errno}): {reasonOfRefusal(context)}.",
        };
    }

    /// <summary>Connections to the destination, from the address that has the most.</summary>
    private static int Taken(DiagnosisContext context) =>
        context.Snapshot.Ephemeral?.Destinations.Where(d => context.Plan.Destinations.Contains(d.Remote))
        .Select(static d => d.Count).DefaultIfEmpty(0).Max() ?? 0;
}

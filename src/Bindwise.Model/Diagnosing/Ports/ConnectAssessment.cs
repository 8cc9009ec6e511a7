using System.Collections.Immutable;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Rules;
using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing.Ports;

/// <summary>
/// Whether connect() finds a port of its own. Where bind(0) succeeds, connect() does: it looks at the same ports and may share more. Where
/// it fails, connect() may still share a port with connections to elsewhere, but only one that connect() itself gave them, and the
/// socket table does not tell which those are.
/// </summary>
internal static class ConnectAssessment
{
    /// <summary>The judgement that carries the verdict.</summary>
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
        var decision = new Decision(isClosed ? Outcome.Blocked : Outcome.Undetermined, isClosed ? "EADDRNOTAVAIL" : null, rule, ImmutableArray<BlockingSocket>.Empty);
        return new BindAssessment(decisive.Request, decision, null);
    }
}

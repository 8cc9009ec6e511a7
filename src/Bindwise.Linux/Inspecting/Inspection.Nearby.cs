using Bindwise.Linux.Netlink;
using Bindwise.Linux.SockDiag;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Rules;
using Bindwise.Model.Sockets;

namespace Bindwise.Linux.Inspecting;

/// <summary>A port to take instead of the one that is taken.</summary>
internal sealed partial class Inspection
{
    private NearbyPorts? _nearby;

    private NearbyPorts BeginNearby() => _nearby = NearbyPorts.Of(
        Plan.Port!.Value, Snapshot.Settings, Snapshot.Caller.MayBinderBindPrivilegedPorts == Fact.Yes);

    private void TakeNearby(DumpOutcome outcome, NearbyPorts? nearby) =>
        Snapshot = Snapshot with { FreeNearby = outcome.IsComplete ? nearby?.Find() : null };

    /// <summary>Another port helps against one that is taken, or that needs a privilege, and against nothing else.</summary>
    private bool IsWantedNearby() => Snapshot.FreeNearby is not null && _target.Destination is null && !ProbePlan.IsConfirmed(Plan, Snapshot)
        && Plan.Asked.Any(r => BindRules.Decide(r, Snapshot) is { Outcome: not Outcome.Allowed, Errno: null or "EADDRINUSE" or "EACCES" });
}

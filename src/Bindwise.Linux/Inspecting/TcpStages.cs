using Bindwise.Model.Diagnosing;
using Bindwise.Model.Sockets;

namespace Bindwise.Linux.Inspecting;

/// <summary>
/// TCP, cheap first: listeners of the port; then one plain bind, which confirms a free port; and only when something is in
/// the way every state of the port, its owners and their options, and the probes that the rules still leave open.
/// </summary>
internal static class TcpStages
{
    /// <summary>A socket may close between the refused probe and the look at the table, so that nothing explains the refusal.</summary>
    private const int Looks = 4;

    public static void Run(Inspection inspection)
    {
        if (inspection.Plan.Port == 0)
        {
            PortZeroStages.Run(inspection);
            return;
        }
        inspection.ReadListeners();
        for (var look = 1; look <= Looks; look++)
        {
            if (IsConfirmedFree(inspection))
            {
                // A listener beside it does not block, and may yet get the traffic: say whose it is.
                if (inspection.Snapshot.Sockets.Any(static s => s.State == TcpState.Listen))
                    inspection.ReadOwners();
                return;
            }
            inspection.ReadOwners();
            inspection.ReadOptions();
            using (inspection.LockProbe())
                inspection.Probe(ProbePlan.Open(inspection.Plan, inspection.Snapshot));
            if (look == Looks || !ProbePlan.IsContradicted(inspection.Plan, inspection.Snapshot))
                return;
            inspection.ForgetAnswers();
            inspection.Pause(look);
            inspection.ReadListeners();
        }
    }

    /// <summary>
    /// The plain bind, and the whole table when it is refused: both under the lock, so that another run's probe is never
    /// taken for what is in the way. Where a listener refuses already nobody probes.
    /// </summary>
    private static bool IsConfirmedFree(Inspection inspection)
    {
        if (inspection.IsAnythingRefused)
        {
            inspection.BeginOwners();
            inspection.ReadAllStates();
            return false;
        }
        using (inspection.LockProbe())
        {
            var questions = ProbePlan.Confirming(inspection.Plan, inspection.Snapshot);
            // With a sharing option asked for, a listener whose options are not read yet may still refuse one of the families.
            if (inspection.Probe(questions) && ProbePlan.IsConfirmed(inspection.Plan, inspection.Snapshot) && !inspection.Everything)
                return true;
            inspection.ReadAllStates();
            return false;
        }
    }
}

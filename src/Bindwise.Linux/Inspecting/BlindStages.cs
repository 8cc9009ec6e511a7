using Bindwise.Model.Diagnosing.Planning;

namespace Bindwise.Linux.Inspecting;

/// <summary>Where the socket table cannot be read: what the probe alone tells.</summary>
internal static class BlindStages
{
    public static void Run(Inspection inspection)
    {
        using (inspection.LockProbe())
        {
            inspection.Probe(ProbePlan.Confirming(inspection.Plan, inspection.Snapshot));
            inspection.Probe(ProbePlan.Open(inspection.Plan, inspection.Snapshot));
        }
    }
}

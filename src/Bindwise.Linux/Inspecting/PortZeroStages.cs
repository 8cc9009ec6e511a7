using Bindwise.Model.Diagnosing.Planning;

namespace Bindwise.Linux.Inspecting;

/// <summary>Port 0: one bind() tells; only when it fails, or when it is about connect(), who uses up the range.</summary>
internal static class PortZeroStages
{
    public static void Run(Inspection inspection)
    {
        var questions = ProbePlan.Confirming(inspection.Plan, inspection.Snapshot);
        if (inspection.Probe(questions) && !inspection.Everything && inspection.Plan.Destinations.IsEmpty)
            return;
        inspection.ReadEphemeralUse();
        inspection.Probe(ProbePlan.Open(inspection.Plan, inspection.Snapshot));
    }
}

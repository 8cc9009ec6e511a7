using Bindwise.Model.Diagnosing;

namespace Bindwise.Linux.Inspecting;

/// <summary>UDP: the port's sockets in the kernel's order, then a plain bind where they leave the answer open or free.</summary>
internal static class UdpStages
{
    public static void Run(Inspection inspection)
    {
        if (inspection.Plan.Port == 0)
        {
            PortZeroStages.Run(inspection);
            return;
        }
        using (inspection.LockProbe())
        {
            inspection.ReadUdp();
            var questions = ProbePlan.Confirming(inspection.Plan, inspection.Snapshot);
            if (questions.Length > 0 && !inspection.IsAnythingRefused)
                inspection.Probe(questions);
        }
        inspection.ReadOwners();
        inspection.ReadOptions();
        using (inspection.LockProbe())
            inspection.Probe(ProbePlan.Open(inspection.Plan, inspection.Snapshot));
    }
}

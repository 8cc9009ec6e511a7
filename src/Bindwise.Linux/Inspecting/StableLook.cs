using Bindwise.Model.Diagnosing.Planning;

namespace Bindwise.Linux.Inspecting;

/// <summary>
/// Looks at a port until what was seen holds together: a socket may come or go between two questions, and then the table explains no refusal,
/// or another run of bindwise is taken for what is in the way, or a probe meets a server that starts again and again.
/// </summary>
internal static class StableLook
{
    private const int Looks = 4;

    /// <summary>One look.</summary>
    /// <param name="inspection">The question.</param>
    /// <param name="isLast">There is no further look: what is seen is the answer.</param>
    /// <returns>What was seen holds together.</returns>
    public delegate bool Look(Inspection inspection, bool isLast);

    /// <summary>Looks, some times at most.</summary>
    public static void Run(Inspection inspection, Look look)
    {
        for (var number = 1; !look(inspection, number == Looks) && number < Looks; number++)
        {
            inspection.ForgetAnswers();
            inspection.Pause(number);
        }
    }

    /// <summary>
    /// Asks whether anything but a socket refuses, and takes the port only where the table does not show every socket, or where a program on the
    /// cgroup may refuse late.
    /// </summary>
    /// <returns>Every bind that was asked about is known to succeed, and nothing else is to be read.</returns>
    public static bool IsConfirmedFree(Inspection inspection)
    {
        inspection.AskPermission(ProbePlan.Permitting(inspection.Plan, inspection.Snapshot));
        if (!ProbePlan.IsConfirmed(inspection.Plan, inspection.Snapshot))
            return false;
        if (ProbePlan.Open(inspection.Plan, inspection.Snapshot).IsEmpty)
            return !inspection.Everything;
        using (inspection.LockProbe())
        {
            // A plain bind that fails says nothing of one with a sharing option.
            if (!inspection.Probe(ProbePlan.Confirming(inspection.Plan, inspection.Snapshot)))
                return false;
        }
        return ProbePlan.IsConfirmed(inspection.Plan, inspection.Snapshot) && !inspection.Everything;
    }

    /// <summary>The port changed: what was seen is the answer only when there is no further look.</summary>
    /// <returns>There is none.</returns>
    public static bool LookAgain(Inspection inspection, bool isLast)
    {
        inspection.EndOwners();
        if (isLast)
            inspection.NoteThatPortKeepsChanging();
        return isLast;
    }

    /// <summary>Makes the probes that are still open, unless the port changed meanwhile.</summary>
    /// <returns>What was seen holds together, or there is no further look.</returns>
    public static bool Settle(Inspection inspection, bool isLast)
    {
        var open = ProbePlan.Open(inspection.Plan, inspection.Snapshot);
        if (open.IsEmpty && !inspection.IsAnythingBoundOnly)
            return isLast || !ProbePlan.IsContradicted(inspection.Plan, inspection.Snapshot);
        using (inspection.LockProbe())
        {
            if (inspection.HasPortChanged())
                return LookAgain(inspection, isLast);
            inspection.Probe(open);
        }
        return isLast || !ProbePlan.IsContradicted(inspection.Plan, inspection.Snapshot);
    }
}

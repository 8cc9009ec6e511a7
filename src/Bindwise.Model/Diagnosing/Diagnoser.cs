using Bindwise.Model.Snapshots;
using Bindwise.Model.Targets;

namespace Bindwise.Model.Diagnosing;

/// <summary>Turns a target and a snapshot into a diagnosis: a pure function.</summary>
public static class Diagnoser
{
    /// <summary>Answers one target.</summary>
    public static Diagnosis Diagnose(Target target, ProgramOptions options, Snapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(snapshot);
        return new Diagnosis { Target = target, Verdict = Verdict.Undetermined, Cause = CauseId.Free, Summary = "" };
    }
}

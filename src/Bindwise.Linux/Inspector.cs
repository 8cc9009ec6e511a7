using Bindwise.Model.Snapshots;
using Bindwise.Model.Targets;

namespace Bindwise.Linux;

/// <summary>Takes the snapshot that a question needs from the running kernel.</summary>
public static class Inspector
{
    /// <summary>Reads what the target's answer stands on.</summary>
    /// <exception cref="InspectionException">The system cannot answer, as for an unknown host.</exception>
    public static Snapshot Inspect(Target target, ProgramOptions options, InspectionOptions how, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(how);
        cancellationToken.ThrowIfCancellationRequested();
        throw new InspectionException("this build cannot read the system yet");
    }
}

using Bindwise.Linux.Processes;
using Bindwise.Model.Secrets;

namespace Bindwise;

/// <summary>Recognises this very program in an older process: a restart overlaps with the instance that it follows.</summary>
internal static class FormerInstance
{
    /// <summary>Whether former instances of this program, and nobody else, hold what is in the way.</summary>
    public static bool Holds(Diagnosis diagnosis)
    {
        if (!OperatingSystem.IsLinux() || diagnosis.Blockers.IsEmpty || diagnosis.Blockers.Any(static one => one.Owners.IsEmpty))
            return false;
        // Masked as those of the diagnosis are.
        return new ProcessReader(static _ => null).Read(Environment.ProcessId) is { } self
            && diagnosis.Blockers.All(one => one.Owners.All(owner => IsFormer(owner.Process, SecretMask.Of(self))));
    }

    /// <summary>
    /// The same executable with the same arguments (so, under <c>dotnet</c>, also the same entry assembly) and user, in another process
    /// that was started no later. The executable may have been replaced since: a deployment does that.
    /// </summary>
    internal static bool IsFormer(ProcessRecord holder, ProcessRecord self) =>
        holder.Id != self.Id
        && holder.Executable is { } program && program == self.Executable
        && holder.UserId == self.UserId
        && holder.StartTicks <= self.StartTicks
        && holder.Arguments.SequenceEqual(self.Arguments);
}

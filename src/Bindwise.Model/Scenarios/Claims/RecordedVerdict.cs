using System.Collections.Immutable;

namespace Bindwise.Model.Scenarios.Claims;

/// <summary>What is known to be right of a claim on a system: what an experiment is compared with.</summary>
/// <param name="System">The system (<see cref="ClaimSystems"/>).</param>
/// <param name="Kernels">The Linux releases that it is about; <see cref="KernelRange.All"/> for all, and on other systems.</param>
/// <param name="Verdict">The verdict.</param>
/// <param name="HoldsIn">The names of the cases in which a conditional claim holds, in the file's order; empty for any other verdict.</param>
public sealed record RecordedVerdict(string System, KernelRange Kernels, ClaimVerdict Verdict, ImmutableArray<string> HoldsIn)
{
    /// <inheritdoc/>
    public bool Equals(RecordedVerdict? other) =>
        other is not null && System == other.System && Kernels == other.Kernels && Verdict == other.Verdict && HoldsIn.SequenceEqual(other.HoldsIn);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(System, Kernels, Verdict);
}

using System.Collections.Immutable;

namespace Bindwise;

/// <summary>One round over all candidates that ended with nothing.</summary>
/// <param name="Request">What was asked for.</param>
/// <param name="Faults">What failed, one a candidate in their order, at most <see cref="MaximumFaults"/>; never empty.</param>
/// <param name="Candidates">How many candidates failed.</param>
internal sealed record BindFailure(ListenRequest Request, ImmutableArray<BindFault> Faults, int Candidates)
{
    /// <summary>Each of them is explained; more would make an error that nobody reads.</summary>
    public const int MaximumFaults = 4;

    /// <summary>The first candidate's: the one that was wanted most.</summary>
    public BindFault First => Faults[0];
}

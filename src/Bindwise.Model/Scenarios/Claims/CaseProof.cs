using System.Collections.Immutable;
using Bindwise.Model.Scenarios.Recording;

namespace Bindwise.Model.Scenarios.Claims;

/// <summary>One case of a claim as it was played.</summary>
/// <param name="Case">The case.</param>
/// <param name="Result">What every step gave, on the model and on the kernel as far as they played.</param>
public sealed record CaseProof(ClaimCase Case, ScenarioResult Result)
{
    /// <summary>The model's sockets around the steps that the claim speaks of; null where it did not play.</summary>
    public SocketsAround? Model { get; init; }

    /// <summary>The kernel's; null where it did not play.</summary>
    public SocketsAround? Kernel { get; init; }

    /// <summary>The retries of the case as the host that counts made them, in the order of the steps.</summary>
    public ImmutableArray<Tries> Tries { get; init; } = [];

    /// <summary>The kernel did not play it to its end: from its first long wait on it is the model's, in virtual time.</summary>
    public bool IsVirtual { get; init; }

    /// <summary>The kernel played it.</summary>
    public bool IsOnKernel => Result.Steps.Any(static outcome => outcome.Kernel is not null);

    /// <summary>The model played it.</summary>
    public bool IsOnModel => Result.Steps.Any(static outcome => outcome.Model is not null);

    /// <summary>Whether the claim holds in this case, by the host that counts (the kernel where it played); null where it has no answer.</summary>
    public bool? Holds => Result.Error is not null ? null : HoldsOn(IsOnKernel);

    /// <summary>Model and kernel gave different results.</summary>
    public bool IsMismatch => Result.IsMismatch;

    /// <summary>The expectations that were not met: something went otherwise than the file says.</summary>
    public IEnumerable<StepOutcome> Unmet => Result.Steps.Where(static outcome => outcome.IsFailedExpectation);

    /// <summary>Whether the claim holds on one host.</summary>
    public bool? HoldsOn(bool kernel)
    {
        bool? holds = true;
        foreach (var claimed in ClaimedOn(kernel))
        {
            if (claimed.IsMet is false)
                return false;
            if (claimed.IsMet is null)
                holds = null;
        }
        return holds;
    }

    /// <summary>What the claim says and the host gave, in the order of the steps.</summary>
    public ImmutableArray<ClaimedResult> ClaimedOn(bool kernel)
    {
        var results = ImmutableArray.CreateBuilder<ClaimedResult>();
        for (var index = 0; index < Result.Steps.Length; index++)
        {
            if (Result.Steps[index].Step is ExpectStep { Claimed: { } claimed } expect)
                results.Add(Judged(index, expect, claimed, kernel));
        }
        return results.ToImmutable();
    }

    private ClaimedResult Judged(int index, ExpectStep expect, string claimed, bool kernel)
    {
        var at = DecidingStep.IndexOf(Result.Steps, index, expect.Steps, outcome => Given(outcome, kernel));
        return new ClaimedResult(index, Result.Steps[at].Step, at, Given(Result.Steps[at], kernel), claimed);
    }

    // What the kernel left to the model counts as the model has it.
    private static StepResult Given(StepOutcome outcome, bool kernel) =>
        (kernel ? outcome.Kernel ?? outcome.Model : outcome.Model) ?? throw new InvalidOperationException("That host did not play.");
}

/// <summary>The sockets of a host before and after what a claim speaks of.</summary>
/// <param name="Before">Before the first step that it speaks of.</param>
/// <param name="After">After the last.</param>
public sealed record SocketsAround(ImmutableArray<SocketRow> Before, ImmutableArray<SocketRow> After);

/// <summary>How often a retry tried, and how long.</summary>
/// <param name="StepIndex">The index of the retry.</param>
/// <param name="Attempts">How often.</param>
/// <param name="Seconds">From its first attempt to its last.</param>
public sealed record Tries(int StepIndex, int Attempts, double Seconds);

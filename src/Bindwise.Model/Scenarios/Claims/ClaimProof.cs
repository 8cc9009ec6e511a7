using Bindwise.Model.Scenarios.Recording;

namespace Bindwise.Model.Scenarios.Claims;

/// <summary>A claim, and what playing its cases showed.</summary>
/// <param name="Cases">Its cases, in the order of the file.</param>
internal sealed record ClaimProof(Claim Claim, ImmutableArray<CaseProof> Cases, ProofSystem Where)
{
    /// <summary>The verdict of the hosts that count: in each case the kernel where it played, else the model.</summary>
    public ClaimVerdict Verdict => VerdictArithmetic.Of(Cases.Select(static part => part.Holds));

    /// <summary>Model and kernel gave the same in every step; null where only one of them played.</summary>
    public bool? Agree => Cases.Any(static part => part.IsMismatch) ? false
        : Cases.Any(static part => part.IsOnKernel && part.IsOnModel) ? true : null;

    /// <summary>What is known to be right there; null when nothing is recorded.</summary>
    public RecordedVerdict? Recorded => Claim.RecordedFor(Where.Platform, Where.Release);

    /// <summary>Why the first case that could not be played to its end was not, one line; null when all were.</summary>
    public string? Error => Cases.FirstOrDefault(static part => part.Result.Error is not null) is { } part
        ? $"case {part.Case.Name}: {part.Result.Error}" : null;

    /// <summary>
    /// The verdict, the cases in which it holds, and every other result are those of the file. Where no verdict is recorded, none can
    /// differ.
    /// </summary>
    public bool IsAsRecorded =>
        Error is null && IsVerdictAsRecorded && (Where.Platform != ClaimSystems.Linux || !Cases.Any(static part => part.Unmet.Any()));

    /// <summary>The verdict, and the cases in which it holds, are those that are recorded. Where none is, none can differ.</summary>
    public bool IsVerdictAsRecorded => Recorded is not { } recorded
        || (recorded.Verdict == Verdict && (Verdict != ClaimVerdict.Conditional || HoldsIn.SequenceEqual(recorded.HoldsIn)));

    /// <summary>
    /// The circumstances in which it holds, of a conditional claim: <c>both sockets had set it</c>. Null for any other verdict.
    /// </summary>
    public string? Condition => Verdict == ClaimVerdict.Conditional ? Whens(isHeld: true) : null;

    /// <summary>The circumstances in which it does not hold, of a conditional claim; null for any other verdict.</summary>
    public string? Otherwise => Verdict == ClaimVerdict.Conditional ? Whens(isHeld: false) : null;

    private IEnumerable<string> HoldsIn => Cases.Where(static part => part.Holds is true).Select(static part => part.Case.Name);

    private string Whens(bool isHeld) =>
        string.Join("; or ", Cases.Where(part => part.Holds == isHeld).Select(static part => part.Case.When));
}

/// <summary>The system of which a verdict speaks, and whether anything was run on it.</summary>
/// <param name="Release">Of Linux the release that the recorded verdict is looked up by; empty elsewhere.</param>
/// <param name="Name">As it is told: <c>Linux 6.18.44</c>, <c>the rules of Linux 6.18</c>, or the name of a system whose documents were
/// followed.</param>
/// <param name="IsRun">Something was run; else only documents were followed.</param>
internal sealed record ProofSystem(string Platform, string Release, string Name, bool IsRun = true);

/// <param name="Result">What every step gave, on the model and on the kernel as far as they played.</param>
internal sealed record CaseProof(ClaimCase Case, ScenarioResult Result)
{
    /// <summary>The model's sockets around the steps that the claim speaks of; null where it did not play.</summary>
    public SocketsAround? Model { get; init; }

    /// <summary>The kernel's; null where it did not play.</summary>
    public SocketsAround? Kernel { get; init; }

    /// <summary>The retries of the case as the host that counts made them, in the order of the steps.</summary>
    public ImmutableArray<Tries> Tries { get; init; } = [];

    /// <summary>The kernel did not play it to its end: from its first long wait on it is the model's, in virtual time.</summary>
    public bool IsVirtual { get; init; }

    /// <summary>The running kernel played at least one of its steps, so that the kernel's results count.</summary>
    public bool IsOnKernel => Result.Steps.Any(static outcome => outcome.Kernel is not null);

    /// <summary>The rule model played at least one of its steps.</summary>
    public bool IsOnModel => Result.Steps.Any(static outcome => outcome.Model is not null);

    /// <summary>
    /// Whether the claim holds in this case, by the host that counts (the kernel where it played); null where it has no answer.
    /// </summary>
    public bool? Holds => Result.Error is not null ? null : HoldsOn(IsOnKernel);

    /// <summary>Model and kernel gave different results.</summary>
    public bool IsMismatch => Result.IsMismatch;

    /// <summary>The expectations that were not met: something went otherwise than the file says.</summary>
    public IEnumerable<StepOutcome> Unmet => Result.Steps.Where(static outcome => outcome.IsFailedExpectation);

    public bool? HoldsOn(bool kernel)
    {
        var claimed = ClaimedOn(kernel);
        return claimed.Any(static one => one.IsMet is false) ? false : claimed.Any(static one => one.IsMet is null) ? null : true;
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
internal sealed record SocketsAround(ImmutableArray<SocketRow> Before, ImmutableArray<SocketRow> After);

/// <summary>How often a retry tried, and how long.</summary>
/// <param name="Seconds">From its first attempt to its last.</param>
internal sealed record Tries(int StepIndex, int Attempts, double Seconds);

/// <summary>Makes the verdict on a claim from the answers of its cases.</summary>
internal static class VerdictArithmetic
{
    /// <summary>The verdict of cases in which a claim holds (true), fails (false) or has no answer (null).</summary>
    public static ClaimVerdict Of(IEnumerable<bool?> cases)
    {
        var (holds, fails, open) = (false, false, false);
        foreach (var isHeld in cases)
        {
            holds |= isHeld is true;
            fails |= isHeld is false;
            open |= isHeld is null;
        }
        // What holds here and fails there is conditional, whatever the open cases may say.
        return (holds, fails, open) switch
        {
            (true, true, _) => ClaimVerdict.Conditional,
            (true, false, false) => ClaimVerdict.True,
            (false, true, false) => ClaimVerdict.False,
            _ => ClaimVerdict.Unknown,
        };
    }

    public static string Word(this ClaimVerdict verdict) => verdict switch
    {
        ClaimVerdict.True => "true",
        ClaimVerdict.False => "false",
        ClaimVerdict.Conditional => "conditional",
        _ => "unknown",
    };
}

using System.Collections.Immutable;

namespace Bindwise.Model.Scenarios.Claims;

/// <summary>A claim, and what playing its cases showed.</summary>
/// <param name="Claim">The claim.</param>
/// <param name="Cases">Its cases, in the order of the file.</param>
/// <param name="Where">What the verdict speaks of.</param>
public sealed record ClaimProof(Claim Claim, ImmutableArray<CaseProof> Cases, ProofSystem Where)
{
    /// <summary>The verdict of the hosts that count: in each case the kernel where it played, else the model.</summary>
    public ClaimVerdict Verdict => VerdictArithmetic.Of(Cases.Select(static part => part.Holds));

    /// <summary>Model and kernel gave the same in every step; null where only one of them played.</summary>
    public bool? Agree
    {
        get
        {
            bool? agree = null;
            foreach (var part in Cases)
            {
                if (part.IsMismatch)
                    return false;
                if (part.IsOnKernel && part.IsOnModel)
                    agree = true;
            }
            return agree;
        }
    }

    /// <summary>What is known to be right there; null when nothing is recorded.</summary>
    public RecordedVerdict? Recorded => Claim.RecordedFor(Where.Platform, Where.Release);

    /// <summary>Why the first case that could not be played to its end was not, one line; null when all were.</summary>
    public string? Error
    {
        get
        {
            foreach (var part in Cases)
            {
                if (part.Result.Error is { } error)
                    return $"case {part.Case.Name}: {error}";
            }
            return null;
        }
    }

    /// <summary>The verdict, the cases in which it holds, and every other result are those of the file. Where no verdict is recorded, none can differ.</summary>
    public bool IsAsRecorded => Error is null && IsVerdictAsRecorded && (Where.Platform != ClaimSystems.Linux || !Cases.Any(static part => part.Unmet.Any()));

    /// <summary>The verdict, and the cases in which it holds, are those that are recorded. Where none is, none can differ.</summary>
    public bool IsVerdictAsRecorded => Recorded is not { } recorded
        || (recorded.Verdict == Verdict && (Verdict != ClaimVerdict.Conditional || HoldsIn.SequenceEqual(recorded.HoldsIn)));

    /// <summary>The circumstances in which it holds, of a conditional claim: <c>both sockets had set it</c>. Null for any other verdict.</summary>
    public string? Condition => Verdict == ClaimVerdict.Conditional ? Whens(isHeld: true) : null;

    /// <summary>The circumstances in which it does not hold, of a conditional claim; null for any other verdict.</summary>
    public string? Otherwise => Verdict == ClaimVerdict.Conditional ? Whens(isHeld: false) : null;

    private IEnumerable<string> HoldsIn => Cases.Where(static part => part.Holds is true).Select(static part => part.Case.Name);

    private string Whens(bool isHeld) => string.Join("; or ", Cases.Where(part => part.Holds == isHeld).Select(static part => part.Case.When));
}

/// <summary>What a verdict speaks of.</summary>
/// <param name="Platform">The system (<see cref="ClaimSystems"/>).</param>
/// <param name="Release">Of Linux the release that the recorded verdict is looked up by; empty elsewhere.</param>
/// <param name="Name">As it is told: <c>Linux 6.18.44</c>, <c>the rules of Linux 6.18</c>, or the name of a system whose documents were followed.</param>
/// <param name="IsRun">Something was run; else only documents were followed.</param>
public sealed record ProofSystem(string Platform, string Release, string Name, bool IsRun = true);

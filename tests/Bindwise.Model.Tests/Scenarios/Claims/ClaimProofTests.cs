using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Claims;

namespace Bindwise.Model.Tests.Scenarios.Claims;

/// <summary>Verdicts are worked out from what was played, and compared with what is recorded.</summary>
public sealed class ClaimProofTests
{
    private static readonly ProofSystem Kernel = new("linux", "6.18.44", "Linux 6.18.44");

    [Theory]
    [InlineData("", ClaimVerdict.Unknown)]
    [InlineData("+", ClaimVerdict.True)]
    [InlineData("+++", ClaimVerdict.True)]
    [InlineData("-", ClaimVerdict.False)]
    [InlineData("---", ClaimVerdict.False)]
    [InlineData("+-", ClaimVerdict.Conditional)]
    [InlineData("-+", ClaimVerdict.Conditional)]
    [InlineData("?", ClaimVerdict.Unknown)]
    [InlineData("+?", ClaimVerdict.Unknown)]
    [InlineData("-?", ClaimVerdict.Unknown)]
    [InlineData("+-?", ClaimVerdict.Conditional)]
    internal void Verdict_OfCases_IsTheirSum(string cases, ClaimVerdict verdict) =>
        Assert.Equal(verdict, VerdictArithmetic.Of(cases.Select(static one => one switch { '+' => true, '-' => false, _ => (bool?)null })));

    // What each case gave on the kernel; ok is claimed, ok is written.
    [Theory]
    [InlineData("ok ok", "true", ClaimVerdict.True, null, true)]
    [InlineData("EPERM EPERM", "false", ClaimVerdict.False, null, false)]
    [InlineData("EPERM ok", "conditional in two", ClaimVerdict.Conditional, "number two", false)]
    [InlineData("ok ok", "false", ClaimVerdict.True, null, false)]
    [InlineData("ok EPERM", "conditional in two", ClaimVerdict.Conditional, "number one", false)]
    [InlineData("ok unknown", "true", ClaimVerdict.Unknown, null, false)]
    internal void Proof_OfPlay_IsJudgedAndCompared(string given, string recorded, ClaimVerdict verdict, string? condition, bool isAsRecorded)
    {
        var proof = Proof(recorded, given.Split(' '), given.Split(' '));
        Assert.Equal((verdict, condition, isAsRecorded, true), (proof.Verdict, proof.Condition, proof.IsAsRecorded, proof.Agree));
        Assert.Null(proof.Error);
    }

    [Fact]
    public void Proof_WhereModelAndKernelDiffer_IsTheKernels()
    {
        var proof = Proof("true", ["EPERM", "EPERM"], ["ok", "ok"]);
        Assert.Equal((ClaimVerdict.True, false), (proof.Verdict, proof.Agree));
        Assert.Equal([false, false], proof.Cases.Select(static part => part.HoldsOn(kernel: false)));
    }

    [Fact]
    public void Proof_OfTheModelAlone_HasNothingToAgreeWith() => Assert.Null(Proof("true", ["ok", "ok"], [null, null]).Agree);

    [Fact]
    public void Proof_OfAVerdictForAnotherKernel_IsComparedWithNone()
    {
        var proof = Proof("true", ["EPERM", "EPERM"], ["EPERM", "EPERM"]) with { Where = Kernel with { Platform = "macos" } };
        Assert.Null(proof.Recorded);
        Assert.True(proof.IsVerdictAsRecorded);
    }

    [Fact]
    public void Proof_NotPlayedToItsEnd_IsNone()
    {
        var proof = Proof("true", ["ok", "ok"], ["ok", "ok"]);
        proof = proof with { Cases = proof.Cases.SetItem(1, proof.Cases[1] with { Result = proof.Cases[1].Result with { Error = "no room" } }) };
        Assert.Equal(("case two: no room", ClaimVerdict.Unknown, false), (proof.Error, proof.Verdict, proof.IsAsRecorded));
    }

    [Fact]
    public void ClaimedOn_ExpectationOfSeveralSteps_IsThatOfTheFirstThatFailed()
    {
        var claim = Claim("true", "bind a 127.0.0.1:1; listen a; close a -> EADDRINUSE claimed ok");
        var steps = claim.Cases[0].Scenario.Steps;
        string[] results = ["ok", "EADDRINUSE", "ok", "ok"];
        var part = new CaseProof(claim.Cases[0], new ScenarioResult(claim.Cases[0].Scenario, [.. steps.Select((step, index) => new StepOutcome(step, null, new StepResult(results[index])))]));
        var claimed = Assert.Single(part.ClaimedOn(kernel: true));
        Assert.Equal((1, "EADDRINUSE", "ok", false), (claimed.StepIndex, claimed.Given.Result, claimed.Claimed, claimed.IsMet));
    }

    private static Claim Claim(string recorded, string body) =>
        ClaimText.Parse($"claim a\nsays \"x\"\nverdict on linux 6.18..: {recorded}\ncase one \"number one\"\n{body}\ncase two \"number two\"\n{body}\n").Claim!;

    private static ClaimProof Proof(string recorded, string[] model, string?[] kernel)
    {
        var claim = Claim(recorded, "close x -> ok claimed ok");
        return new ClaimProof(claim, [Case(claim.Cases[0], model[0], kernel[0]), Case(claim.Cases[1], model[1], kernel[1])], Kernel);
    }

    private static CaseProof Case(ClaimCase part, string model, string? kernel) => new(part, new ScenarioResult(part.Scenario,
        [
            new StepOutcome(part.Scenario.Steps[0], new StepResult(model), kernel is null ? null : new StepResult(kernel)),
            new StepOutcome(part.Scenario.Steps[1], Judged(model), kernel is null ? null : Judged(kernel)),
        ]));

    private static StepResult Judged(string given) => new(given == "ok" ? "ok" : StepOutcome.NotMet);
}

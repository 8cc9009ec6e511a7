using Bindwise.Lab.Playing;
using Bindwise.Lab.Proving;
using Bindwise.Lab.Tests.Playing;
using Bindwise.Linux.Live;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Claims;

namespace Bindwise.Lab.Tests.Proving;

/// <summary>Claims are played on the hosts that there are, and answered in order; the catalogue is left to its own tests.</summary>
public sealed class ProverTests
{
    private static readonly ProofSystem Where = new(ClaimSystems.Linux, "6.18", "a trial");

    [Fact]
    public void Prove_CasesThatWait_PlaySideBySide()
    {
        // Three waits of two seconds, by hosts whose steps take no time: they end together.
        var claims = new[] { Claim("a", "wait 2s; close x -> ok claimed ok"), Claim("b", "wait 2s; close x -> ok claimed ok"), Claim("c", "close x -> ok claimed ok") };
        var answered = new List<string>();
        var prover = new Prover(new ProofRequest(Stages.Willing, Where));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        prover.Prove(claims, proof =>
        {
            answered.Add(proof.Claim.Id);
            Assert.Equal((ClaimVerdict.True, true), (proof.Verdict, proof.Agree));
            return true;
        });
        Assert.Equal(["a", "b", "c"], answered);
        Assert.True(clock.Elapsed >= TimeSpan.FromSeconds(2));
        Assert.Equal((3, 3), (prover.Progress.Cases, prover.Progress.Played));
    }

    [Fact]
    public void Prove_Fast_LeavesLongWaitsToTheModel()
    {
        var proofs = Prove(new ProofRequest(Stages.Willing, Where, IsFast: true), Claim("a", "wait 3600s; close x -> ok claimed ok"), Claim("b", "wait 1s; close x -> ok claimed ok"));
        Assert.Equal((true, false, true), (proofs[0].Cases[0].IsVirtual, proofs[0].Cases[0].IsOnKernel, proofs[0].Cases[0].IsOnModel));
        Assert.Null(proofs[0].Agree);
        Assert.Equal((false, true, true), (proofs[1].Cases[0].IsVirtual, proofs[1].Cases[0].IsOnKernel, proofs[1].Agree));
    }

    [Fact]
    public void Prove_HostsThatDiffer_GiveTheKernelsVerdict()
    {
        var stage = Stages.Of(_ => ScriptedHost.Willing(), _ => ScriptedHost.RefusingBind("EADDRINUSE"));
        var proof = Assert.Single(Prove(new ProofRequest(stage, Where), Claim("a", "bind x 127.0.0.1:1 -> EADDRINUSE claimed ok")));
        Assert.Equal((ClaimVerdict.False, false), (proof.Verdict, proof.Agree));
    }

    [Fact]
    public void Prove_HostThatFails_GivesNoVerdict()
    {
        var stage = Stages.Of(null, _ => new ScriptedHost(static _ => throw new LiveUnavailableException("no room")));
        var proof = Assert.Single(Prove(new ProofRequest(stage, Where), Claim("a", "close x -> ok claimed ok")));
        Assert.Equal("case one: step 0: no room", proof.Error);
        Assert.Equal(ClaimVerdict.Unknown, proof.Verdict);
    }

    [Fact]
    public void Prove_StageThatCannotOpen_IsTold()
    {
        var stage = new Stage(null, static () => throw new LiveUnavailableException("no rights"));
        Assert.Equal("no rights", Assert.Throws<LiveUnavailableException>(() => Prove(new ProofRequest(stage, Where), Claim("a", "close x -> ok claimed ok"))).Message);
    }

    [Fact]
    public void Prove_NobodyWhoWantsMore_Ends()
    {
        var answers = 0;
        new Prover(new ProofRequest(Stages.Willing, Where)).Prove([.. Enumerable.Range(0, 20).Select(static number => Claim($"c{number}", "wait 0.2s; close x -> ok claimed ok"))], _ => ++answers < 2);
        Assert.Equal(2, answers);
    }

    private static List<ClaimProof> Prove(ProofRequest request, params Claim[] claims)
    {
        var proofs = new List<ClaimProof>();
        new Prover(request).Prove(claims, proof =>
        {
            proofs.Add(proof);
            return true;
        });
        return proofs;
    }

    private static Claim Claim(string id, string body) => ClaimText.Parse($"claim {id}\nsays \"x\"\ncase one \"always\"\n{body}\n").Claim!;
}

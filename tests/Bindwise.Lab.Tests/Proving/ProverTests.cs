using Bindwise.Lab.Playing;
using Bindwise.Lab.Proving;
using Bindwise.Lab.Recording;
using Bindwise.Lab.Tests.Playing;
using Bindwise.Model.Platforms;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Claims;

namespace Bindwise.Lab.Tests.Proving;

/// <summary>Claims are played where they are asked to be, and answered in order; the catalogue is left to its own tests.</summary>
public sealed class ProverTests
{
    private const string Holds = "close x -> ok claimed ok";

    private static readonly ProofSystem Where = new(ClaimSystems.Linux, "6.18", "a trial");

    [Fact]
    public void Prove_CasesThatWait_BeginFirstAndAreAnsweredInTheirOrder()
    {
        var played = new PlayerHosts(ScriptedHosts.Willing);
        var proofs = Prove(played, Claim("a", Holds), Claim("b", "wait 0.1s; " + Holds), Claim("c", "wait 0.2s; " + Holds));
        Assert.Equal(["c/one", "b/one", "a/one"], played.Played);
        Assert.Equal(["a", "b", "c"], proofs.Select(static proof => proof.Claim.Id));
        Assert.All(proofs, static proof => Assert.Equal((ClaimVerdict.True, true), (proof.Verdict, proof.Agree)));
    }

    [Fact]
    public void Prove_Run_TellsHowFarItIs()
    {
        var prover = new Prover(new ProofRequest(new PlayerHosts(ScriptedHosts.Willing), Where));
        prover.Prove([Claim("a", Holds), Claim("b", Holds)], static _ => true);
        Assert.Equal((2, 2), (prover.Progress.Cases, prover.Progress.Played));
        Assert.Null(prover.Progress.Longest);
    }

    [Fact]
    public void Prove_HostsThatDiffer_GiveTheKernelsVerdict()
    {
        var played = new PlayerHosts(ScriptedHosts.Of(_ => ScriptedHost.Willing(), _ => ScriptedHost.RefusingBind("EADDRINUSE")));
        var proof = Assert.Single(Prove(played, Claim("a", "bind x 127.0.0.1:1 -> EADDRINUSE claimed ok")));
        Assert.Equal((ClaimVerdict.False, false), (proof.Verdict, proof.Agree));
    }

    [Fact]
    public void Prove_HostThatFails_GivesNoVerdict()
    {
        var played = new PlayerHosts(ScriptedHosts.Of(null, _ => new ScriptedHost(static _ => throw new UnplayableException("no room"))));
        var proof = Assert.Single(Prove(played, Claim("a", Holds)));
        Assert.Equal(("case one: step 0: no room", ClaimVerdict.Unknown), (proof.Error, proof.Verdict));
    }

    [Fact]
    public void Prove_NobodyWhoWantsMore_Ends()
    {
        var played = new PlayerHosts(ScriptedHosts.Willing);
        var answers = 0;
        new Prover(new ProofRequest(played, Where)).Prove([.. Enumerable.Range(0, 20).Select(static number => Claim($"c{number}", Holds))], _ => ++answers < 2);
        Assert.Equal((2, 2), (answers, played.Played.Count));
    }

    [Fact]
    public void Prove_OnTheRecordedModel_HasTheSocketsBeforeAndAfter()
    {
        var played = VirtualCaseHosts.OfModel(KernelRelease.Documented);
        var claim = Claim("a", "a = tcp 127.0.0.1:8080 listen -> ok; b = tcp; bind b 127.0.0.2:8080 -> ok claimed ok; close a; close b");
        var around = Assert.Single(Assert.Single(Prove(played, claim)).Cases).Model!;
        Assert.Equal(["127.0.0.1:8080"], around.Before.Select(static row => row.Local.ToString()));
        Assert.Equal(["127.0.0.1:8080", "127.0.0.2:8080"], around.After.Select(static row => row.Local.ToString()));
    }

    [Fact]
    public void Prove_ByDocuments_PlaysNothing()
    {
        var claim = Claim("a", "a = tcp reuseaddr 0.0.0.0:8080 listen; b = tcp reuseaddr 127.0.0.1:8080 -> EADDRINUSE claimed ok");
        var proof = Assert.Single(Prove(VirtualCaseHosts.OfDocuments(PlatformProfiles.Find("macos")!), claim));
        Assert.Equal((ClaimVerdict.True, null), (proof.Verdict, proof.Agree));
        Assert.False(proof.Cases[0].IsOnKernel);
    }

    [Fact]
    public void CaseThatWaits_OnTheModel_TakesNoTime() =>
        Assert.Equal(default, VirtualCaseHosts.OfModel(KernelRelease.Documented).WaitsOf(Claim("a", "wait 66s; " + Holds).Cases[0].Scenario));

    private static List<ClaimProof> Prove(ICaseHosts hosts, params Claim[] claims)
    {
        var proofs = new List<ClaimProof>();
        new Prover(new ProofRequest(hosts, Where)).Prove(claims, proof =>
        {
            proofs.Add(proof);
            return true;
        });
        return proofs;
    }

    private static Claim Claim(string id, string body) => ClaimText.Parse($"claim {id}\nsays \"x\"\ncase one \"always\"\n{body}\n").Claim!;

    /// <summary>Scripted hosts, one case after the other.</summary>
    private sealed class PlayerHosts(ScenarioHosts hosts) : ICaseHosts
    {
        public List<string> Played { get; } = [];

        public ScenarioWaits WaitsOf(Scenario scenario) => hosts.WaitsOf(scenario);

        public void PlayAll(IReadOnlyList<Scenario> scenarios, Action<int, RecordedPlay> done, Action<int, PlayProgress> progress, CancellationToken cancellation)
        {
            using var player = new Player(hosts);
            for (var index = 0; index < scenarios.Count; index++)
            {
                cancellation.ThrowIfCancellationRequested();
                Played.Add(scenarios[index].Name);
                done(index, new RecordedPlay(player.Play(scenarios[index], cancellation), Model: null, Kernel: null));
            }
        }
    }
}

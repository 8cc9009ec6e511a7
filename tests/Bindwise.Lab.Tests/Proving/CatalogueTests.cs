using Bindwise.Lab.Catalogue;
using Bindwise.Lab.Proving;
using Bindwise.Model.Platforms;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Claims;

namespace Bindwise.Lab.Tests.Proving;

/// <summary>The catalogue has every claim, each can be read, and each is on the model what it is recorded to be.</summary>
public sealed class CatalogueTests
{
    // Written out, so that none gets lost: a row each of the list of claims that the lab was made for.
    private static readonly string[] Founding =
    [
        "close-fins", "close-active", "close-simultaneous", "close-rst", "close-four-way", "tw-two-reasons", "tw-length", "tw-fin-timeout",
        "tw-client-first", "tw-server-first-advice", "tw-ctrl-c", "tw-lsof-empty", "tw-estab-becomes", "listener-close",
        "working-server-reason", "process-gone-port-held", "netstat-time-wait", "any-socket-unreleased", "retry-waits", "reuse-time-wait",
        "reuse-before-bind", "reuse-other-states", "reuse-listener", "reuse-wildcard", "reuse-exact", "reuse-three-services",
        "reuse-multi-process", "reuse-same-4tuple", "reuse-safe-isn", "tw-reuse-sysctl", "reuse-best-practice", "client-rebind",
        "reuse-is-syn-reuse", "reuse-existing-connection", "reuse-keeps-time-wait", "rebind-hears-old", "bind-default", "bind-matrix",
        "bind-auto", "bind-port-zero", "bind-any-replaced", "bind-64k", "bind-udp-connected", "bind-v6-dual",
    ];

    [Fact]
    public void Catalogue_EveryFoundingClaim_IsThere() => Assert.Empty(Founding.Except(ScenarioCatalogue.Claims));

    [Fact]
    public void Catalogue_OfAnUnknownName_HasNothing()
    {
        Assert.Null(ScenarioCatalogue.ClaimText("no-such-claim"));
        Assert.Null(ScenarioCatalogue.ProgramText("../claims/tw-length"));
    }

    [Fact]
    public void Claims_All_AreWholeAndNamedAsTheirFiles() => Assert.All(ScenarioCatalogue.Claims, static id =>
    {
        var claim = Read(id);
        Assert.Equal(id, claim.Id);
        Assert.Contains(claim.About, new[] { "time-wait", "reuse", "bind" });
        Assert.NotEmpty(claim.Note);
        Assert.NotEmpty(claim.See);
        Assert.NotNull(claim.RecordedFor(ClaimSystems.Linux, ClaimSystems.ModelRelease));
        Assert.All(claim.Cases, static part => Assert.Equal(part.Scenario, BindText.Parse(BindText.Write(part.Scenario)).Scenario));
    });

    [Fact]
    public void Claims_AllOnTheModel_AreWhatIsRecorded()
    {
        var where = new ProofSystem(ClaimSystems.Linux, ClaimSystems.ModelRelease, "the model");
        var faults = new List<string>();
        var proved = new List<string>();
        new Prover(new ProofRequest(VirtualCaseHosts.OfModel(KernelRelease.Documented), where)).Prove([.. ScenarioCatalogue.Claims.Select(Read)], proof =>
        {
            proved.Add(proof.Claim.Id);
            if (!proof.IsAsRecorded)
                faults.Add($"{proof.Claim.Id}: {proof.Verdict}, {proof.Error} {string.Join("; ", proof.Cases.SelectMany(static part => part.Unmet.Select(unmet => part.Case.Name + ": " + unmet.Because)))}");
            return true;
        });
        Assert.Equal(ScenarioCatalogue.Claims, proved);
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public void Claims_AllByTheDocumentsOfOtherSystems_AreWhatIsRecorded()
    {
        var faults = new List<string>();
        foreach (var platform in PlatformProfiles.All.Where(static platform => platform.Id != ClaimSystems.Linux))
        {
            var where = new ProofSystem(platform.Id, "", platform.Name, IsRun: false);
            new Prover(new ProofRequest(VirtualCaseHosts.OfDocuments(platform), where)).Prove([.. ScenarioCatalogue.Claims.Select(Read)], proof =>
            {
                if (proof.Recorded is null || !proof.IsAsRecorded)
                    faults.Add($"{proof.Claim.Id} on {platform.Id}: {proof.Verdict} in {string.Join(' ', proof.Cases.Where(static part => part.Holds is true).Select(static part => part.Case.Name))} {proof.Error}");
                return true;
            });
        }
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    private static Claim Read(string id)
    {
        var parse = ClaimText.Parse(ScenarioCatalogue.ClaimText(id)!);
        return parse.Claim ?? throw new InvalidOperationException(parse.Fault!.At(id));
    }
}

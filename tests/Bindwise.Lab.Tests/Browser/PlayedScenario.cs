using System.Text;
using Bindwise.Lab.Catalogue;
using Bindwise.Lab.Drawing.Pictures;
using Bindwise.Lab.Drawing.Sequences;
using Bindwise.Lab.Proving;
using Bindwise.Lab.Recording;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Claims;

namespace Bindwise.Lab.Tests.Browser;

/// <summary>A program played on the model and drawn, then a claim judged: compiled for these tests, and for a browser.</summary>
internal static class PlayedScenario
{
    public static string Told()
    {
        var text = new StringBuilder();
        var scenario = BindText.Parse(ScenarioCatalogue.ProgramText("time-wait-meter")!).Scenario!;
        var record = ModelRecorder.Play(scenario, KernelRelease.Documented).Model!;
        foreach (var line in TextPicture.Render(SequenceLayout.Of(record, 80)))
            text.Append(string.Concat(line.Spans.Select(static span => span.Text))).Append('\n');
        var claim = ClaimText.Parse(ScenarioCatalogue.ClaimText("reuse-time-wait")!).Claim!;
        var model = new ProofSystem(ClaimSystems.Linux, ClaimSystems.ModelRelease, "the model");
        new Prover(new ProofRequest(VirtualCaseHosts.OfModel(KernelRelease.Documented), model)).Prove([claim], proof =>
        {
            text.Append($"{proof.Claim.Id}: {proof.Verdict}, {(proof.IsAsRecorded ? "as recorded" : "not as recorded")}\n");
            return true;
        });
        return text.ToString();
    }
}

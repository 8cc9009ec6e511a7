using System.Buffers;
using System.Text.Json;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Claims;
using Bindwise.Rendering.Json;
using Bindwise.Rendering.Scenarios;

namespace Bindwise.Rendering.Claims;

/// <summary>
/// What playing a claim showed, as one line of JSON: what <c>lab prove --json</c> prints. docs/schema/claim.schema.json has the fields.
/// </summary>
internal static class ClaimProofJson
{
    /// <summary>Writes a proof as one line of UTF-8, without the line's end.</summary>
    public static void Write(IBufferWriter<byte> output, ClaimProof proof)
    {
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        writer.WriteStartObject();
        writer.WriteText("id", proof.Claim.Id);
        writer.WriteText("verdict", proof.Verdict.Word());
        writer.WriteText("condition", proof.Condition);
        writer.WriteText("evidence", ClaimWording.Evidence(proof));
        WriteCases(writer, "kernel", proof, kernel: true);
        WriteCases(writer, "model", proof, kernel: false);
        if (proof.Agree is { } agree)
            writer.WriteBoolean("agree", agree);
        else
            writer.WriteNull("agree");
        writer.WriteText("otherwise", proof.Otherwise);
        writer.WriteText("recorded", proof.Recorded is { } recorded ? recorded.Verdict.Word() : null);
        writer.WriteTexts("recordedIn", proof.Recorded?.HoldsIn ?? []);
        writer.WriteBoolean("asRecorded", proof.IsAsRecorded);
        writer.WriteText("platform", proof.Where.Platform);
        writer.WriteText("system", proof.Where.Name);
        writer.WriteBoolean("run", proof.Where.IsRun);
        writer.WriteTexts("virtual", proof.Cases.Where(static part => part.IsVirtual).Select(static part => part.Case.Name));
        writer.WriteText("error", proof.Error);
        writer.WriteText("says", proof.Claim.Says);
        writer.WriteEndObject();
    }

    private static void WriteCases(Utf8JsonWriter writer, string name, ClaimProof proof, bool kernel)
    {
        writer.WriteStartArray(name);
        foreach (var part in proof.Cases)
        {
            if (part.Result.Error is null && (kernel ? part.IsOnKernel : part.IsOnModel))
                WriteCase(writer, part, kernel);
        }
        writer.WriteEndArray();
    }

    private static void WriteCase(Utf8JsonWriter writer, CaseProof part, bool kernel)
    {
        writer.WriteStartObject();
        writer.WriteText("case", part.Case.Name);
        writer.WriteText("when", part.Case.When);
        if (part.HoldsOn(kernel) is { } holds)
            writer.WriteBoolean("holds", holds);
        else
            writer.WriteNull("holds");
        writer.WriteStartArray("claimed");
        foreach (var claimed in part.ClaimedOn(kernel))
        {
            writer.WriteStartObject();
            writer.WriteText("step", BindText.Write(claimed.Step));
            writer.WriteText("claimed", claimed.Claimed);
            writer.WriteText("given", claimed.Given.Result);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteStartArray("steps");
        foreach (var outcome in part.Result.Steps)
            WriteStep(writer, outcome, kernel);
        writer.WriteEndArray();
        var around = kernel ? part.Kernel : part.Model;
        SocketRowJson.Write(writer, "before", around?.Before ?? []);
        SocketRowJson.Write(writer, "after", around?.After ?? []);
        writer.WriteEndObject();
    }

    private static void WriteStep(Utf8JsonWriter writer, StepOutcome outcome, bool kernel)
    {
        if (outcome.Step is ExpectStep || (kernel ? outcome.Kernel : outcome.Model) is not { } result)
            return;
        writer.WriteStartObject();
        writer.WriteText("step", BindText.Write(outcome.Step));
        writer.WriteText("result", result.Result);
        if (result.Rule is { } rule)
            writer.WriteText("rule", rule);
        if (!result.Blockers.IsEmpty)
            writer.WriteTexts("blockers", result.Blockers);
        writer.WriteEndObject();
    }
}

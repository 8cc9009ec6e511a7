using System.Buffers;
using System.Text.Json;
using Bindwise.Model.Scenarios.Claims;
using Bindwise.Rendering.Json;

namespace Bindwise.Rendering.Claims;

/// <summary>A claim or a program as one line of JSON: what <c>lab list --json</c> prints.</summary>
public static class ClaimListJson
{
    /// <summary>Writes a claim, without the line's end.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="claim">The claim.</param>
    /// <param name="release">The release of Linux whose recorded verdict is told.</param>
    public static void Write(IBufferWriter<byte> output, Claim claim, string release)
    {
        ArgumentNullException.ThrowIfNull(claim);
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        var recorded = claim.RecordedFor(ClaimSystems.Linux, release);
        writer.WriteStartObject();
        writer.WriteText("id", claim.Id);
        writer.WriteText("kind", "claim");
        writer.WriteText("says", claim.Says);
        writer.WriteText("about", claim.About);
        writer.WriteTexts("sources", claim.Sources);
        writer.WriteText("recorded", recorded?.Verdict.Word());
        writer.WriteText("condition", recorded is null ? null : ClaimWording.Condition(claim, recorded));
        writer.WriteTexts("cases", claim.Cases.Select(static part => part.Name));
        writer.WriteText("note", claim.Note);
        writer.WriteTexts("see", claim.See);
        writer.WriteEndObject();
    }

    /// <summary>Writes a program, without the line's end.</summary>
    public static void Write(IBufferWriter<byte> output, ListedProgram program)
    {
        ArgumentNullException.ThrowIfNull(program);
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        writer.WriteStartObject();
        writer.WriteText("id", program.Name);
        writer.WriteText("kind", "program");
        writer.WriteText("says", program.Title);
        writer.WriteEndObject();
    }
}

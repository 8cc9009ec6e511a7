using System.Buffers;
using System.Text.Json;
using Bindwise.Model.Scenarios.Claims;
using Bindwise.Rendering.Json;
using Bindwise.Rendering.Text;

namespace Bindwise.Rendering.Claims;

/// <summary>The list of claims, for people: by what they are about, each with its recorded verdict and its sentence.</summary>
internal static class ClaimListText
{
    private const int VerdictColumn = 28;
    private const int Indent = 6;

    /// <param name="release">The release of Linux whose recorded verdicts are told.</param>
    public static ImmutableArray<TextLine> Render(IReadOnlyList<Claim> claims, IReadOnlyList<ListedProgram> programs, string release,
        int width)
    {
        var lines = ImmutableArray.CreateBuilder<TextLine>();
        foreach (var group in claims.GroupBy(static claim => claim.About))
        {
            Heading(lines, group.Key.Length == 0 ? "claims" : group.Key);
            foreach (var claim in group)
            {
                var recorded = claim.RecordedFor(ClaimSystems.Linux, release);
                Entry(lines, claim.Id, recorded is null ? "" : recorded.Verdict.Word(), claim.Says, width);
            }
        }
        if (programs.Count > 0)
            Heading(lines, "programs that tutorials print (bindwise lab show NAME)");
        foreach (var program in programs)
            Entry(lines, program.Name, "", program.Title, width);
        return lines.ToImmutable();
    }

    private static void Heading(ImmutableArray<TextLine>.Builder lines, string text)
    {
        if (lines.Count > 0)
            lines.Add(new TextLine([]));
        lines.Add(new TextLine([.. new Paragraph().Add(TextRole.Label, text).Spans]));
    }

    private static void Entry(ImmutableArray<TextLine>.Builder lines, string id, string verdict, string text, int width)
    {
        var name = new Paragraph().Add("  ").Add(TextRole.Name, id);
        if (verdict.Length > 0)
            name.Add(new string(' ', Math.Max(2, VerdictColumn - id.Length))).Add(RoleOf(verdict), verdict);
        lines.Add(new TextLine([.. name.Spans]));
        foreach (var spans in Wrapping.Break(new Paragraph().Add(TextRole.Text, text, ClaimText.MaximumChars).Spans,
            Math.Max(TextOptions.MinimumWidth, width - Indent), 0))
            lines.Add(new TextLine([new TextSpan(TextRole.Text, new string(' ', Indent)), .. spans]));
    }

    private static TextRole RoleOf(string verdict) => verdict switch
    {
        "true" => TextRole.Free,
        "false" => TextRole.Blocked,
        "conditional" => TextRole.Warning,
        _ => TextRole.Undetermined,
    };
}

/// <summary>A program of the articles, as lists show it.</summary>
/// <param name="Title">What it does, one sentence; empty for none.</param>
internal sealed record ListedProgram(string Name, string Title)
{
    /// <summary>The comment at the top of a .bind file, as one line; empty for none.</summary>
    public static string TitleOf(string text)
    {
        var words = new List<string>();
        foreach (var line in text.Split('\n'))
        {
            if (!line.StartsWith('#'))
                break;
            words.Add(line.TrimStart('#').Trim());
        }
        return string.Join(' ', words).Trim();
    }
}

/// <summary>A claim or a program as one line of JSON: what <c>lab list --json</c> prints.</summary>
internal static class ClaimListJson
{
    /// <summary>Writes a claim, without the line's end.</summary>
    /// <param name="release">The release of Linux whose recorded verdict is told.</param>
    public static void Write(IBufferWriter<byte> output, Claim claim, string release)
    {
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
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        writer.WriteStartObject();
        writer.WriteText("id", program.Name);
        writer.WriteText("kind", "program");
        writer.WriteText("says", program.Title);
        writer.WriteEndObject();
    }
}

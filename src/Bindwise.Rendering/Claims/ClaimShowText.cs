using System.Collections.Immutable;
using Bindwise.Model.Scenarios.Claims;
using Bindwise.Rendering.Text;

namespace Bindwise.Rendering.Claims;

/// <summary>A claim as it is written, for people: its sentence, what is recorded and why, and each case as a scenario.</summary>
public static class ClaimShowText
{
    /// <summary>The lines of a claim.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="width">The columns; the lines of scenarios are not wrapped.</param>
    public static ImmutableArray<TextLine> Render(Claim claim, int width)
    {
        ArgumentNullException.ThrowIfNull(claim);
        var page = new Page(new TextOptions(width));
        page.Headline(TextRole.Name, claim.Id);
        page.Row("says", Text(claim.Says));
        for (var index = 0; index < claim.Recorded.Length; index++)
            page.Row(index == 0 ? "known" : "", new Paragraph().Add(Recorded(claim, claim.Recorded[index])));
        if (claim.Note.Length > 0)
            page.Row("why", Text(claim.Note));
        if (!claim.See.IsEmpty)
            page.Row("see", new Paragraph().Add(string.Join(", ", claim.See.Select(PageOf))));
        page.Row("prove", new Paragraph().Add(TextRole.Command, "bindwise lab prove " + claim.Id));
        var lines = page.Lines.ToBuilder();
        foreach (var part in claim.Cases)
        {
            lines.Add(new TextLine([]));
            lines.Add(new TextLine([.. new Paragraph().Add(TextRole.Label, "case ").Add(TextRole.Name, part.Name).Add(TextRole.Text, ": " + part.When, ClaimText.MaximumChars).Spans]));
            Append(lines, part.Text);
        }
        return lines.ToImmutable();
    }

    /// <summary>The lines of a program.</summary>
    /// <param name="program">The program.</param>
    /// <param name="text">Its file.</param>
    public static ImmutableArray<TextLine> Render(ListedProgram program, string text)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentNullException.ThrowIfNull(text);
        var lines = ImmutableArray.CreateBuilder<TextLine>();
        lines.Add(new TextLine([.. new Paragraph().Add(TextRole.Name, program.Name).Spans]));
        lines.Add(new TextLine([]));
        Append(lines, text);
        return lines.ToImmutable();
    }

    private static Paragraph Text(string text) => new Paragraph().Add(TextRole.Text, text, ClaimText.MaximumChars);

    // Each on its line, escaped, none wrapped: they can be copied.
    private static void Append(ImmutableArray<TextLine>.Builder lines, string text)
    {
        foreach (var line in text.TrimEnd().Split('\n'))
        {
            var role = line.TrimStart().StartsWith('#') ? TextRole.Dim : TextRole.Text;
            lines.Add(new TextLine(line.Trim().Length == 0 ? [] : [.. new Paragraph().Add(role, "  " + line.Replace("\t", "    ", StringComparison.Ordinal).TrimEnd(), ClaimText.MaximumChars).Spans]));
        }
    }

    private static string Recorded(Claim claim, RecordedVerdict recorded)
    {
        var kernels = recorded.Kernels.ToString();
        var condition = ClaimWording.Condition(claim, recorded) is { } text ? $"true if {text}" : recorded.Verdict.Word();
        return $"{recorded.System}{(kernels.Length == 0 ? "" : " " + kernels)}: {condition}";
    }

    // The program carries the pages with it, and may stand alone.
    private static string PageOf(string id) => $"bindwise explain {id}";
}

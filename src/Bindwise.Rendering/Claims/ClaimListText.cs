using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Claims;
using Bindwise.Model.Scenarios.Recording;

namespace Bindwise.Rendering.Claims;

/// <summary>The list of claims, for people: by what they are about, each with its recorded verdict and its sentence.</summary>
internal static class ClaimListText
{
    private const int VerdictColumn = 28;
    private const int VerdictCells = 11; // conditional
    private const int Indent = 6;

    public static ImmutableArray<TextLine> Render(IReadOnlyList<Claim> claims, IReadOnlyList<ListedProgram> programs, string release,
        int width)
    {
        var lines = ImmutableArray.CreateBuilder<TextLine>();
        foreach (var group in claims.GroupBy(static claim => claim.About))
        {
            Heading(lines, group.Key.Length == 0 ? "claims" : group.Key, width);
            foreach (var claim in group)
            {
                Entry(lines, claim.Id, claim.RecordedFor(ClaimSystems.Linux, release)?.Verdict.Word() ?? "", claim.Says, width);
            }
        }
        if (programs.Count > 0)
            Heading(lines, "programs that tutorials print (bindwise lab show NAME)", width);
        foreach (var program in programs)
            Entry(lines, program.Name, "", program.Title, width);
        return lines.ToImmutable();
    }

    private static void Heading(ImmutableArray<TextLine>.Builder lines, string text, int width)
    {
        if (lines.Count > 0)
            lines.Add(new TextLine([]));
        foreach (var spans in Wrapping.Break(new Paragraph().Add(TextRole.Label, text).Spans, Math.Max(TextOptions.MinimumWidth, width), 0))
            lines.Add(new TextLine([.. spans]));
    }

    private static void Entry(ImmutableArray<TextLine>.Builder lines, string id, string verdict, string text, int width)
    {
        var name = new Paragraph().Add("  ").Add(TextRole.Name, id);
        if (verdict.Length > 0)
            name.Add(new string(' ', Math.Max(2, Math.Min(VerdictColumn, width - VerdictCells - 2) - id.Length)))
                .Add(RoleOf(verdict), verdict);
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
    public static string TitleOf(string text) =>
        string.Join(' ', text.Split('\n').TakeWhile(static line => line.StartsWith('#'))
            .Select(static line => line.TrimStart('#').Trim())).Trim();
}

/// <summary>A claim or a program as one line of JSON: what <c>lab list --json</c> prints.</summary>
internal static class ClaimListJson
{
    public static void Write(IBufferWriter<byte> output, Claim claim, string release) => JsonText.Object(output, writer =>
    {
        var recorded = claim.RecordedFor(ClaimSystems.Linux, release);
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
    });

    public static void Write(IBufferWriter<byte> output, ListedProgram program) => JsonText.Object(output, writer =>
    {
        writer.WriteText("id", program.Name);
        writer.WriteText("kind", "program");
        writer.WriteText("says", program.Title);
    });
}

/// <summary>A claim as it is written, for people: its sentence, what is recorded and why, and each case as a scenario.</summary>
internal static class ClaimShowText
{
    /// <param name="command">What proves it.</param>
    public static ImmutableArray<TextLine> Render(Claim claim, string command, int width)
    {
        var page = new Page(new TextOptions(width));
        page.Headline(TextRole.Name, claim.Id);
        page.Row("says", Text(claim.Says));
        page.Rows("known", claim.Recorded.Select(one => new Paragraph().Add(Recorded(claim, one))));
        if (claim.Note.Length > 0)
            page.Row("why", Text(claim.Note));
        if (!claim.See.IsEmpty)
            page.Row("see", new Paragraph().Add(string.Join(", ", claim.See.Select(PageOf))));
        page.Row("prove", new Paragraph().Add(TextRole.Command, command));
        var lines = page.Lines.ToBuilder();
        foreach (var part in claim.Cases)
        {
            lines.Add(new TextLine([]));
            lines.Add(new TextLine([.. new Paragraph().Add(TextRole.Label, "case ").Add(TextRole.Name, part.Name)
                .Add(TextRole.Text, ": " + part.When, ClaimText.MaximumChars).Spans]));
            Append(lines, part.Text);
        }
        return lines.ToImmutable();
    }

    public static ImmutableArray<TextLine> Render(ListedProgram program, string text)
    {
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
            lines.Add(new TextLine(line.Trim().Length == 0 ? [] : [.. new Paragraph().Add(role,
                "  " + line.Replace("\t", "    ", StringComparison.Ordinal).TrimEnd(), ClaimText.MaximumChars).Spans]));
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

/// <summary>How claims are worded, alike in text and JSON.</summary>
internal static class ClaimWording
{
    /// <summary>The verdict as the end of a sentence: <c>true if both sockets had set it</c>.</summary>
    public static string Verdict(ClaimProof proof) => proof.Condition is { } condition ? $"true if {condition}" : proof.Verdict.Word();

    /// <summary>A recorded verdict: <c>true on 6.1..6.7</c>, <c>conditional in both-set</c>.</summary>
    public static string Recorded(RecordedVerdict recorded)
    {
        var cases = recorded.HoldsIn.IsEmpty ? "" : " in " + string.Join(", ", recorded.HoldsIn);
        return recorded.Verdict.Word() + cases;
    }

    /// <summary>The circumstances in which a claim is recorded to hold, of a conditional one; null for any other verdict.</summary>
    public static string? Condition(Claim claim, RecordedVerdict recorded) => recorded.Verdict == ClaimVerdict.Conditional
        ? string.Join("; or ", claim.Cases.Where(part => recorded.HoldsIn.Contains(part.Name)).Select(static part => part.When))
        : null;

    public static string Evidence(ClaimProof proof) =>
        string.Join("; ", proof.Cases.Select(static part => $"{part.Case.When}: {Evidence(part)}"));

    /// <summary>What decided in a case: <c>bind new 127.0.0.1:8080 gave EADDRINUSE, not ok</c>.</summary>
    public static string Evidence(CaseProof part) => part.Result.Error is { } error
        ? $"not played to its end, {error}"
        : string.Join(", ", part.ClaimedOn(part.IsOnKernel).Select(result => Evidence(part, result)));

    // A step and its result.
    private static string Evidence(CaseProof part, ClaimedResult result)
    {
        var given = result.Given.Result == ClaimedResult.Open ? "is not documented" : $"gave {result.Given.Result}";
        if (part.Tries.FirstOrDefault(tries => tries.StepIndex == result.StepIndex) is { } tries)
            given += string.Create(CultureInfo.InvariantCulture, $" after {tries.Seconds:0.0} s and {tries.Attempts} attempts");
        return $"{BindText.Write(result.Step)} {given}{(result.IsMet is false ? $", not {result.Claimed}" : "")}";
    }

    /// <summary>A socket in a table: <c>127.0.0.1:8080 - 127.0.0.1:40000 TIME_WAIT, 59.7 s left, old</c>.</summary>
    public static string Row(SocketRow row)
    {
        var remote = row.Remote is { } other ? $" - {other}" : "";
        var left = row.SecondsLeft is { } seconds ? string.Create(CultureInfo.InvariantCulture, $", {seconds:0.0} s left") : "";
        var process = row.Process is null ? "" : $" of {row.Process}";
        return $"{row.Local}{remote} {TcpStateNames.Of(row.State, row.Protocol)}{left}{(row.Socket is null ? "" : ", " + row.Socket)}"
            + $"{process}";
    }
}

using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Claims;
using Bindwise.Model.Scenarios.Recording;
using Bindwise.Rendering.Scenarios;

namespace Bindwise.Rendering.Claims;

/// <summary>What playing a claim showed, for people: the verdict, the cases that decided it, and where it was played.</summary>
internal static class ClaimProofText
{
    public static ImmutableArray<TextLine> Render(ClaimProof proof, TextOptions options)
    {
        var page = new Page(options);
        var isGood = proof is { IsAsRecorded: true, Agree: not false };
        page.Headline(RoleOf(proof), $"{proof.Claim.Id}: {ClaimWording.Verdict(proof)}");
        if (options.Detail == Detail.Quiet)
            return page.Lines;
        page.Row("says", new Paragraph().Add(TextRole.Name, proof.Claim.Says, ClaimText.MaximumChars));
        foreach (var part in proof.Cases)
            Case(page, part);
        if (options.Detail == Detail.Verbose && proof.Claim.Note.Length > 0)
            page.Row("why", new Paragraph().Add(TextRole.Text, proof.Claim.Note, ClaimText.MaximumChars));
        page.Row("on", new Paragraph().Add(TextRole.Text, Where(proof))
            .Add(isGood ? TextRole.Dim : TextRole.Blocked, Comparison(proof), ClaimText.MaximumChars));
        return options.Detail == Detail.Verbose ? [.. page.Lines, .. Plays(proof, options)] : page.Lines;
    }

    private static TextRole RoleOf(ClaimProof proof) => proof.Verdict switch
    {
        ClaimVerdict.True => TextRole.Free,
        ClaimVerdict.False => TextRole.Blocked,
        ClaimVerdict.Conditional => TextRole.Warning,
        _ => TextRole.Undetermined,
    };

    private static void Case(Page page, CaseProof part)
    {
        var label = part.Holds switch
        {
            true => "holds",
            false => "fails",
            null => "open",
        };
        var text = new Paragraph().Add(TextRole.Text, part.Case.When + ": ")
            .Add(TextRole.Dim, ClaimWording.Evidence(part), ClaimText.MaximumChars);
        if (part.ClaimedOn(part.IsOnKernel) is [.., { IsMet: false } last]
            && part.Result.Steps[last.StepIndex] is { Rule: { } rule } outcome)
        {
            var blockers = outcome.Blockers.IsEmpty ? "" : " by " + string.Join(", ", outcome.Blockers.Select(ScenarioResultText.Spell));
            text.Add(TextRole.Rule, $" [{rule}{blockers}]");
        }
        page.Row(label, text);
    }

    private static string Where(ClaimProof proof) => proof switch
    {
        { Where: { IsRun: false, Name: var name } } => $"{name}: documented, not run",
        { Agree: true, Where.Name: var name } => $"{name}, and the model agrees",
        { Agree: false, Where.Name: var name } => $"{name}, and the model differs",
        { Where.Name: var name } => name,
    };

    private static string Comparison(ClaimProof proof)
    {
        var parts = new List<string>();
        if (proof.Cases.Count(static part => part.IsVirtual) is > 0 and var count)
            parts.Add($"{(count == 1 ? "one case" : $"{count} cases")} in virtual time on the model alone");
        if (!proof.IsVerdictAsRecorded)
            parts.Add($"recorded is {ClaimWording.Recorded(proof.Recorded!)}");
        // What the file expects of each step is Linux's; of another system only the verdict counts.
        if (proof.Where.Platform == ClaimSystems.Linux)
            AddUnmet(parts, proof);
        if (proof.Error is not null)
            parts.Add("not every case could be played");
        if (proof.IsAsRecorded)
            parts.Add(proof.Recorded is null ? "nothing is recorded for it" : "as recorded");
        return "; " + string.Join("; ", parts);
    }

    private static void AddUnmet(List<string> parts, ClaimProof proof)
    {
        foreach (var part in proof.Cases)
        {
            foreach (var unmet in part.Unmet.Take(3))
                parts.Add($"{part.Case.Name}: {unmet.Because}");
        }
    }

    private static IEnumerable<TextLine> Plays(ClaimProof proof, TextOptions options)
    {
        foreach (var part in proof.Cases)
        {
            yield return new TextLine([]);
            foreach (var line in ScenarioResultText.Render(part.Result, options.Width))
                yield return line;
            foreach (var line in Sockets(part, options))
                yield return line;
        }
    }

    private static ImmutableArray<TextLine> Sockets(CaseProof part, TextOptions options)
    {
        var page = new Page(options);
        var (around, host) = part.Kernel is null ? (part.Model, "the model") : (part.Kernel, "the kernel");
        if (around is null)
            return [];
        page.Row("", new Paragraph().Add(TextRole.Dim, $"the sockets of {host}"));
        Table(page, "prior", around.Before);
        Table(page, "after", around.After);
        return page.Lines;
    }

    private static void Table(Page page, string label, ImmutableArray<SocketRow> rows)
    {
        if (rows.IsEmpty)
            page.Row(label, new Paragraph().Add(TextRole.Dim, "none"));
        page.Rows(label, rows.Select(static row => new Paragraph().Add(ClaimWording.Row(row))));
    }
}

/// <summary>
/// What playing a claim showed, as one line of JSON: what <c>lab prove --json</c> prints. docs/schema/claim.schema.json has the fields.
/// </summary>
internal static class ClaimProofJson
{
    public static void Write(IBufferWriter<byte> output, ClaimProof proof) => JsonText.Object(output, writer =>
    {
        writer.WriteText("id", proof.Claim.Id);
        writer.WriteText("verdict", proof.Verdict.Word());
        writer.WriteText("condition", proof.Condition);
        writer.WriteText("evidence", ClaimWording.Evidence(proof));
        WriteCases(writer, "kernel", proof, kernel: true);
        WriteCases(writer, "model", proof, kernel: false);
        writer.WriteBoolean("agree", proof.Agree);
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
    });

    private static void WriteCases(Utf8JsonWriter writer, string name, ClaimProof proof, bool kernel) => writer.WriteList(name,
        proof.Cases.Where(part => part.Result.Error is null && (kernel ? part.IsOnKernel : part.IsOnModel)),
        part => WriteCase(writer, part, kernel));

    private static void WriteCase(Utf8JsonWriter writer, CaseProof part, bool kernel)
    {
        writer.WriteText("case", part.Case.Name);
        writer.WriteText("when", part.Case.When);
        writer.WriteBoolean("holds", part.HoldsOn(kernel));
        writer.WriteList("claimed", part.ClaimedOn(kernel), claimed =>
        {
            writer.WriteText("step", BindText.Write(claimed.Step));
            writer.WriteText("claimed", claimed.Claimed);
            writer.WriteText("given", claimed.Given.Result);
        });
        writer.WriteList("steps",
            part.Result.Steps.Where(outcome => outcome.Step is not ExpectStep && (kernel ? outcome.Kernel : outcome.Model) is not null),
            outcome => WriteStep(writer, outcome.Step, (kernel ? outcome.Kernel : outcome.Model)!));
        var around = kernel ? part.Kernel : part.Model;
        SocketRowJson.Write(writer, "before", around?.Before ?? []);
        SocketRowJson.Write(writer, "after", around?.After ?? []);
    }

    private static void WriteStep(Utf8JsonWriter writer, Step step, StepResult result)
    {
        writer.WriteText("step", BindText.Write(step));
        writer.WriteText("result", result.Result);
        if (result.Rule is { } rule)
            writer.WriteText("rule", rule);
        if (!result.Blockers.IsEmpty)
            writer.WriteTexts("blockers", result.Blockers);
    }
}

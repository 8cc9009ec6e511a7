using System.Collections.Immutable;
using Bindwise.Model.Diagnosing;

namespace Bindwise.Rendering.Text;

/// <summary>A diagnosis as lines of text: the whole answer first, then why, who and what next. No colour codes: spans carry roles.</summary>
public static class DiagnosisText
{
    /// <summary>Lays a diagnosis out. Every name in it is escaped; times stand in the snapshot's offset from UTC.</summary>
    public static ImmutableArray<TextLine> Render(Diagnosis diagnosis, TextOptions options)
    {
        ArgumentNullException.ThrowIfNull(diagnosis);
        ArgumentNullException.ThrowIfNull(options);
        var page = new Page(options);
        page.Headline(RoleOf(diagnosis.Verdict), diagnosis.Summary);
        if (options.Detail == Detail.Quiet)
            return page.Lines;
        Why(page, diagnosis);
        HeldRows.Write(page, diagnosis);
        WhoRows.Write(page, diagnosis);
        PeerRows.Write(page, diagnosis);
        NextRows.Write(page, diagnosis);
        Remarks(page, "note", TextRole.Warning, diagnosis.Warnings);
        Remarks(page, "limit", TextRole.Dim, diagnosis.Limits);
        Disagreement(page, diagnosis);
        if (options.Detail == Detail.Verbose)
            EvidenceRows.Write(page, diagnosis);
        page.Verbatim("more", TextRole.Dim, $"docs/causes/{diagnosis.Cause}.md");
        return page.Lines;
    }

    private static TextRole RoleOf(Verdict verdict) => verdict switch
    {
        Verdict.Free => TextRole.Free,
        Verdict.Blocked => TextRole.Blocked,
        _ => TextRole.Undetermined,
    };

    private static void Why(Page page, Diagnosis diagnosis)
    {
        var sentences = diagnosis.Why.Length > 0 || diagnosis.Rule is null ? diagnosis.Why : [diagnosis.Rule.Sentence];
        for (var i = 0; i < sentences.Length; i++)
        {
            var text = new Paragraph().Add(sentences[i]);
            if (i == 0 && diagnosis.Rule is { } rule)
                text.Add("  ").Add(TextRole.Rule, $"[{rule.Id}]");
            page.Row(i == 0 ? "why" : "", text);
        }
    }

    private static void Remarks(Page page, string label, TextRole role, ImmutableArray<Remark> remarks)
    {
        foreach (var remark in remarks)
            page.Row(label, new Paragraph().Add(role, remark.Text));
    }

    private static void Disagreement(Page page, Diagnosis diagnosis)
    {
        if (diagnosis.Disagreement is not { } scenario)
            return;
        page.Row("bug", new Paragraph().Add(TextRole.Warning,
            "The rules and the kernel's own answer disagree; the answer above is the kernel's. Please report this scenario:"));
        foreach (var line in scenario.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            page.Verbatim("", TextRole.Text, line, indent: 2);
    }
}

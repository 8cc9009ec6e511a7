using System.Collections.Immutable;
using Bindwise.Model.Diagnosing;

namespace Bindwise.Rendering.Text;

/// <summary>Everything, for --verbose: the rows of the short answer first, each whole, then what the answer stands on.</summary>
internal static class FullAnswer
{
    public static ImmutableArray<TextLine> Render(Diagnosis diagnosis, TextOptions options)
    {
        var page = DiagnosisText.Start(diagnosis, options);
        Why(page, diagnosis);
        WhoRows.WriteFull(page, diagnosis);
        NextRows.WriteFull(page, diagnosis);
        RemarkRows.WriteFull(page, diagnosis);
        HeldRows.Write(page, diagnosis);
        SeenRows.Write(page, diagnosis);
        PeerRows.Write(page, diagnosis);
        WhoRows.WriteOthers(page, diagnosis);
        EvidenceRows.Write(page, diagnosis);
        DiagnosisText.End(page, diagnosis);
        return page.Lines;
    }

    private static void Why(Page page, Diagnosis diagnosis)
    {
        var sentences = DiagnosisText.Reasons(diagnosis);
        for (var i = 0; i < sentences.Length; i++)
        {
            var text = new Paragraph().Add(sentences[i]);
            if (i == 0 && diagnosis.Rule is { } rule)
                text.Add("  ").Add(TextRole.Rule, $"[{rule.Id}]");
            page.Row(i == 0 ? "why" : "", text);
        }
    }
}

using System.Collections.Immutable;
using Bindwise.Model.Diagnosing;

namespace Bindwise.Rendering.Text;

/// <summary>The answer that fits one screen: what is so, why, who, what next. Nothing in it is told twice, and the rest is for --verbose.</summary>
internal static class ShortAnswer
{
    private const int MostLines = 14;
    private const int Columns = 80;
    private const int MostLinesOfTimeWait = 12;
    private const int ColumnsOfTimeWait = 60;

    // What gives way, in this order, where an answer is longer than a screen likes.
    private static readonly Amount[] Amounts = [new(2, 2, true), new(2, 1, true), new(1, 1, true), new(1, 1, false)];

    public static ImmutableArray<TextLine> Render(Diagnosis diagnosis, TextOptions options) => Write(diagnosis, options, AmountFor(diagnosis));

    // Measured at one width, so that a wider or narrower terminal shows the same words.
    private static Amount AmountFor(Diagnosis diagnosis)
    {
        var (most, columns) = diagnosis.Cause == CauseId.TimeWait ? (MostLinesOfTimeWait, ColumnsOfTimeWait) : (MostLines, Columns);
        foreach (var amount in Amounts)
        {
            if (Write(diagnosis, new TextOptions(columns), amount).Length <= most)
                return amount;
        }
        return Amounts[^1];
    }

    private static ImmutableArray<TextLine> Write(Diagnosis diagnosis, TextOptions options, Amount amount)
    {
        var page = DiagnosisText.Start(diagnosis, options);
        if (DiagnosisText.Reasons(diagnosis) is [var reason, ..])
            page.Row("why", new Paragraph().Add(reason));
        WhoRows.WriteShort(page, diagnosis);
        NextRows.WriteShort(page, diagnosis, amount.Alternatives, amount.HasCode);
        RemarkRows.WriteShort(page, diagnosis, amount.Notes);
        DiagnosisText.End(page, diagnosis);
        return page.Lines;
    }

    /// <summary>How much of what may be long is shown.</summary>
    /// <param name="Alternatives">Remedies after the first.</param>
    /// <param name="Notes">Warnings.</param>
    /// <param name="HasCode">Code of several lines is shown.</param>
    private readonly record struct Amount(int Alternatives, int Notes, bool HasCode);
}

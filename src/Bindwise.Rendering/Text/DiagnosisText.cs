using Bindwise.Model.Diagnosing;

namespace Bindwise.Rendering.Text;

/// <summary>
/// A diagnosis as lines of text: the whole answer first, then why, who and what next. No colour codes: spans carry roles.
/// </summary>
internal static class DiagnosisText
{
    /// <summary>
    /// Lays a diagnosis out. Every name in it is escaped; times stand in the snapshot's offset from UTC. With <see cref="Detail.Normal"/>
    /// what is said does not depend on the width, and takes at most 14 lines at 80 columns as long as no single text is longer than usual.
    /// </summary>
    public static ImmutableArray<TextLine> Render(Diagnosis diagnosis, TextOptions options) =>
        options.Detail switch
        {
            Detail.Quiet => Headline(diagnosis, options).Lines,
            Detail.Normal => ShortAnswer.Render(diagnosis, options),
            _ => FullAnswer.Render(diagnosis, options),
        };

    /// <summary>The first line alone, wrapped: for one of several answers that were explained already.</summary>
    public static ImmutableArray<TextLine> RenderHeadline(Diagnosis diagnosis, TextOptions options) => Headline(diagnosis, options).Lines;

    /// <summary>A page with the rows that come first in every answer: the headline, and for whom it was asked.</summary>
    internal static Page Start(Diagnosis diagnosis, TextOptions options)
    {
        var page = Headline(diagnosis, options);
        if (diagnosis.As is { } program)
            page.Row("as", new Paragraph().Add(SubjectAnswer.NameOf(program)));
        return page;
    }

    /// <summary>Why, in sentences: the rule's own where the diagnosis has none.</summary>
    internal static ImmutableArray<string> Reasons(Diagnosis diagnosis) =>
        diagnosis.Why.Length > 0 || diagnosis.Rule is null ? diagnosis.Why : [diagnosis.Rule.Sentence];

    /// <summary>
    /// The row that leads to the page of the cause, which the program itself can show; none where nothing is known to be in the way.
    /// </summary>
    internal static void End(Page page, Diagnosis diagnosis)
    {
        if (diagnosis is not { Verdict: Verdict.Undetermined, Cause: Cause.OwnerHidden, Blockers.IsEmpty: true })
            page.Verbatim("more", TextRole.Dim, $"bindwise explain {diagnosis.Cause.Id()}");
    }

    private static Page Headline(Diagnosis diagnosis, TextOptions options)
    {
        var page = new Page(options);
        page.Headline(RoleOf(diagnosis.Verdict), diagnosis.Summary);
        return page;
    }

    private static TextRole RoleOf(Verdict verdict) => verdict switch
    {
        Verdict.Free => TextRole.Free,
        Verdict.Blocked => TextRole.Blocked,
        _ => TextRole.Undetermined,
    };
}

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

    private static void Why(Page page, Diagnosis diagnosis) => page.Rows("why", DiagnosisText.Reasons(diagnosis).Select((reason, index) =>
        index == 0 && diagnosis.Rule is { } rule ? new Paragraph().Add(reason).Add("  ").Add(TextRole.Rule, $"[{rule.Id}]")
            : new Paragraph().Add(reason)));
}

/// <summary>
/// The answer that fits one screen: what is so, why, who, what next. Nothing in it is told twice, and the rest is for --verbose.
/// </summary>
internal static class ShortAnswer
{
    private const int MostLines = 14;
    private const int Columns = 80;
    private const int MostLinesOfTimeWait = 12;
    private const int ColumnsOfTimeWait = 60;

    // What gives way, in this order, where an answer is longer than a screen likes.
    private static readonly Amount[] Amounts = [new(2, 2, true), new(2, 1, true), new(1, 1, true), new(1, 1, false)];

    // Where a connection is in the way, what keeps it from happening again matters more than another port, which anybody thinks of.
    private static readonly Amount[] AmountsOfConnection =
    [
        new(2, 2, true), new(2, 1, true), new(2, 1, true) { HasOtherPort = false }, new(1, 1, true) { HasOtherPort = false },
        new(1, 1, false) { HasOtherPort = false },
    ];

    public static ImmutableArray<TextLine> Render(Diagnosis diagnosis, TextOptions options) =>
        Write(diagnosis, options, AmountFor(diagnosis));

    // Measured at one width, so that a wider or narrower terminal shows the same words.
    private static Amount AmountFor(Diagnosis diagnosis)
    {
        var (most, columns) = diagnosis.Cause == Cause.TimeWait ? (MostLinesOfTimeWait, ColumnsOfTimeWait) : (MostLines, Columns);
        var amounts = diagnosis.Cause.Kind() == CauseKind.Connection ? AmountsOfConnection : Amounts;
        return amounts.FirstOrDefault(amount => Write(diagnosis, new TextOptions(columns), amount).Length <= most, amounts[^1]);
    }

    private static ImmutableArray<TextLine> Write(Diagnosis diagnosis, TextOptions options, Amount amount)
    {
        var page = DiagnosisText.Start(diagnosis, options);
        if (DiagnosisText.Reasons(diagnosis) is [var reason, ..])
            page.Row("why", new Paragraph().Add(reason));
        WhoRows.WriteShort(page, diagnosis);
        NextRows.WriteShort(page, amount.HasOtherPort ? diagnosis.Remedies : diagnosis.Remedies.RemoveAll(static r => r.Id == "other-port"),
            amount.Alternatives, amount.HasCode);
        RemarkRows.WriteShort(page, diagnosis, amount.Notes);
        DiagnosisText.End(page, diagnosis);
        return page.Lines;
    }

    private readonly record struct Amount(int Alternatives, int Notes, bool HasCode)
    {
        /// <summary>Another port is offered, where there is room for it among the alternatives.</summary>
        public bool HasOtherPort { get; init; } = true;
    }
}

/// <summary>
/// The answers of one run as text, with an empty line between them. Of several addresses that one error names, those with one cause and one
/// holder: the first is told in full, of the others the first line.
/// </summary>
internal sealed class AnswerSequence(TextOptions options)
{
    // What has been told in full, with the text that asked.
    private readonly List<(int Text, Diagnosis Answer)> _reported = [];
    private bool _hasAnswered;

    /// <param name="text">The text that asked, by its place among those given.</param>
    public ImmutableArray<TextLine> Next(Diagnosis diagnosis, int text)
    {
        var lines = IsReported(diagnosis, text) ? DiagnosisText.RenderHeadline(diagnosis, options)
            : DiagnosisText.Render(diagnosis, options);
        var isApart = _hasAnswered && options.Detail != Detail.Quiet;
        _hasAnswered = true;
        return isApart ? lines.Insert(0, new TextLine([])) : lines;
    }

    private bool IsReported(Diagnosis diagnosis, int text)
    {
        if (options.Detail != Detail.Normal)
            return false;
        if (_reported.Exists(before => before.Text == text && IsSameMatter(before.Answer, diagnosis)))
            return true;
        _reported.Add((text, diagnosis));
        return false;
    }

    private static bool IsSameMatter(Diagnosis one, Diagnosis other) =>
        // The file of a UNIX socket may stay when its server has ended, and has a step of its own then.
        (one.Verdict, one.Cause) == (other.Verdict, other.Cause)
            && (one.Target.Protocol == Protocol.Unix) == (other.Target.Protocol == Protocol.Unix)
            && Holders(one) is { Count: > 0 } holders && holders.SetEquals(Holders(other));

    private static HashSet<int> Holders(Diagnosis diagnosis) =>
        [.. diagnosis.Blockers.SelectMany(static blocker => blocker.Owners).Select(static owner => owner.Process.Id)];
}

using System.Collections.Immutable;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Diagnosing.Sentences;

namespace Bindwise.Rendering.Text;

/// <summary>A diagnosis as lines of text: the whole answer first, then why, who and what next. No colour codes: spans carry roles.</summary>
public static class DiagnosisText
{
    /// <summary>
    /// Lays a diagnosis out. Every name in it is escaped; times stand in the snapshot's offset from UTC. With <see cref="Detail.Normal"/> what
    /// is said does not depend on the width, and takes at most 14 lines at 80 columns as long as no single text is longer than usual.
    /// </summary>
    public static ImmutableArray<TextLine> Render(Diagnosis diagnosis, TextOptions options)
    {
        ArgumentNullException.ThrowIfNull(diagnosis);
        ArgumentNullException.ThrowIfNull(options);
        return options.Detail switch
        {
            Detail.Quiet => Headline(diagnosis, options).Lines,
            Detail.Normal => ShortAnswer.Render(diagnosis, options),
            _ => FullAnswer.Render(diagnosis, options),
        };
    }

    /// <summary>The first line alone, wrapped: for one of several answers that were explained already.</summary>
    public static ImmutableArray<TextLine> RenderHeadline(Diagnosis diagnosis, TextOptions options)
    {
        ArgumentNullException.ThrowIfNull(diagnosis);
        ArgumentNullException.ThrowIfNull(options);
        return Headline(diagnosis, options).Lines;
    }

    /// <summary>A page with the rows that come first in every answer: the headline, and for whom it was asked.</summary>
    internal static Page Start(Diagnosis diagnosis, TextOptions options)
    {
        var page = Headline(diagnosis, options);
        if (diagnosis.As is { } program)
            page.Row("as", new Paragraph().Add(SubjectSentences.Of(program)));
        return page;
    }

    /// <summary>Why, in sentences: the rule's own where the diagnosis has none.</summary>
    internal static ImmutableArray<string> Reasons(Diagnosis diagnosis) =>
        diagnosis.Why.Length > 0 || diagnosis.Rule is null ? diagnosis.Why : [diagnosis.Rule.Sentence];

    /// <summary>The row that leads to the page of the cause, which the program itself can show.</summary>
    internal static void End(Page page, Diagnosis diagnosis) => page.Verbatim("more", TextRole.Dim, $"bindwise explain {diagnosis.Cause}");

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

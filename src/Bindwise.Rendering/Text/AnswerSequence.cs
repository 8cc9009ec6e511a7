namespace Bindwise.Rendering.Text;

/// <summary>The answers of one run as text, with an empty line between them. Of several addresses that one error names, those with one
/// cause and one holder: the first is told in full, of the others the first line.</summary>
internal sealed class AnswerSequence(TextOptions options)
{
    // What has been told in full, with the text that asked.
    private readonly List<(int Text, Diagnosis Answer)> _told = [];
    private bool _hasAnswered;

    /// <param name="text">The text that asked, by its place among those given.</param>
    public ImmutableArray<TextLine> Next(Diagnosis diagnosis, int text)
    {
        var lines = IsTold(diagnosis, text) ? DiagnosisText.RenderHeadline(diagnosis, options) : DiagnosisText.Render(diagnosis, options);
        var isApart = _hasAnswered && options.Detail != Detail.Quiet;
        _hasAnswered = true;
        return isApart ? lines.Insert(0, new TextLine([])) : lines;
    }

    private bool IsTold(Diagnosis diagnosis, int text)
    {
        if (options.Detail != Detail.Normal)
            return false;
        if (_told.Exists(before => before.Text == text && IsSameMatter(before.Answer, diagnosis)))
            return true;
        _told.Add((text, diagnosis));
        return false;
    }

    private static bool IsSameMatter(Diagnosis one, Diagnosis other) =>
        (one.Verdict, one.Cause) == (other.Verdict, other.Cause) && Holders(one) is { Count: > 0 } holders
            && holders.SetEquals(Holders(other));

    private static HashSet<int> Holders(Diagnosis diagnosis) =>
        [.. diagnosis.Blockers.SelectMany(static blocker => blocker.Owners).Select(static owner => owner.Process.Id)];
}

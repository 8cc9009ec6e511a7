using Bindwise.Model.Diagnosing;
using Bindwise.Model.Runtimes;

namespace Bindwise.Rendering.Text;

/// <summary>What to do, the best first: each step with its command or code, which is never broken, so that it can be pasted.</summary>
internal static class NextRows
{
    /// <summary>The first step and the best alternatives.</summary>
    /// <param name="page">Where to.</param>
    /// <param name="diagnosis">The answer.</param>
    /// <param name="alternatives">How many after the first.</param>
    /// <param name="hasCode">Show the first one's code when it has several lines.</param>
    public static void WriteShort(Page page, Diagnosis diagnosis, int alternatives, bool hasCode)
    {
        var remedies = diagnosis.Remedies;
        for (var i = 0; i < Math.Min(remedies.Length, alternatives + 1); i++)
            Row(page, i, remedies[i], hasCode && i == 0, remedies[i].IsRiskNotable ? remedies[i].Risk : null);
    }

    /// <summary>All of them, each with what it changes and what may go wrong, and what the other usual options would give.</summary>
    public static void WriteFull(Page page, Diagnosis diagnosis)
    {
        for (var i = 0; i < diagnosis.Remedies.Length; i++)
        {
            var remedy = diagnosis.Remedies[i];
            Row(page, i, remedy, hasCode: true, risk: null);
            if (remedy.Note is { } note)
                page.Row("", new Paragraph().Add(TextRole.Dim, note), indent: 2);
            if (SmallPrint(remedy) is { Length: > 0 } small)
                page.Row("", new Paragraph().Add(TextRole.Dim, small), indent: 2);
        }
        if (OtherWays(diagnosis) is { Length: > 0 } others)
            page.Row("also", new Paragraph().Add(others));
    }

    private static void Row(Page page, int index, Remedy remedy, bool hasCode, string? risk)
    {
        var label = index == 0 ? "next" : "or";
        var lines = Lines(remedy);
        var text = new Paragraph().Add(remedy.Text.TrimEnd('.', ':', ' '));
        if (risk is { Length: > 0 } and not "none")
            text.Add(TextRole.Dim, $" ({risk.TrimEnd('.')})");
        switch (lines)
        {
            case []:
                page.Row(label, text.Add("."));
                break;
            case [var only]:
                page.RowWithCommand(label, Introducing(text, remedy), only);
                break;
            case var _ when !hasCode:
                page.Row(label, text.Add(TextRole.Dim, " (-v shows the code)"));
                break;
            default:
                page.Row(label, Introducing(text, remedy));
                foreach (var line in lines)
                    page.Verbatim("", TextRole.Command, line, indent: 2);
                break;
        }
    }

    // Code without its language would be taken for a command.
    private static Paragraph Introducing(Paragraph text, Remedy remedy)
    {
        if (remedy.Language is { } language)
            text.Add(TextRole.Dim, $" (in {RuntimeNames.Label(language)})");
        return text.Add(":");
    }

    // Code is this program's own text; a command may quote a name with a line feed in it, which must not end the line.
    private static string[] Lines(Remedy remedy) => remedy.Command is not { Length: > 0 } command ? []
        : remedy.Language is null ? [command] : command.Split('\n');

    private static string SmallPrint(Remedy remedy)
    {
        var parts = new List<string>();
        if (remedy.Changes.Length > 0 && remedy.Changes != "nothing")
            parts.Add("changes: " + remedy.Changes);
        if (remedy.Risk.Length > 0 && remedy.Risk != "none")
            parts.Add("risk: " + remedy.Risk);
        return string.Join("; ", parts);
    }

    private static string OtherWays(Diagnosis diagnosis)
    {
        var ways = diagnosis.Attempts.Where(attempt => !attempt.IsAsked)
            .GroupBy(attempt => (attempt.Request.ReuseAddress, attempt.Request.ReusePort));
        return string.Join("; ", ways.Select(way => $"{Name(way.Key.ReuseAddress, way.Key.ReusePort)}: {Outcome([.. way])}"));
    }

    private static string Name(bool reuseAddress, bool reusePort) => (reuseAddress, reusePort) switch
    {
        (true, true) => "with SO_REUSEADDR and SO_REUSEPORT",
        (true, false) => "with SO_REUSEADDR",
        (false, true) => "with SO_REUSEPORT",
        (false, false) => "without options",
    };

    private static string Outcome(List<Attempt> attempts)
    {
        var outcomes = attempts.Select(attempt => (Where: AttemptText.Address(attempt), What: AttemptText.Outcome(attempt))).ToList();
        return outcomes.Select(outcome => outcome.What).Distinct().Count() == 1
            ? outcomes[0].What
            : string.Join(", ", outcomes.Select(outcome => $"{outcome.What} on {outcome.Where}"));
    }
}

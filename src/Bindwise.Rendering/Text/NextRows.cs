using Bindwise.Model.Diagnosing;
using static System.FormattableString;

namespace Bindwise.Rendering.Text;

/// <summary>What to do, numbered, the best first; each command on a line of its own; and what the other usual options would give.</summary>
internal static class NextRows
{
    public static void Write(Page page, Diagnosis diagnosis)
    {
        for (var i = 0; i < diagnosis.Remedies.Length; i++)
        {
            var remedy = diagnosis.Remedies[i];
            var number = Invariant($"{i + 1}. ");
            page.Row(i == 0 ? "next" : "", new Paragraph().Add(number).Add(remedy.Text), hang: number.Length);
            foreach (var line in Lines(remedy))
                page.Verbatim("", TextRole.Command, line, indent: number.Length + 2);
            if (SmallPrint(remedy) is { Length: > 0 } small)
                page.Row("", new Paragraph().Add(TextRole.Dim, small), indent: number.Length);
        }
        if (OtherWays(diagnosis) is { Length: > 0 } others)
            page.Row("also", new Paragraph().Add(others));
    }

    // Code is this program's own text; a command may quote a name with a line feed in it, which must not end the line.
    private static string[] Lines(Remedy remedy) => remedy.Command is not { Length: > 0 } command ? []
        : remedy.Language is null ? [command] : command.Split('\n');

    private static string SmallPrint(Remedy remedy)
    {
        var parts = new List<string>();
        if (remedy is { Language: { } language, Command: not null })
            parts.Add("in " + RuntimeNames.Label(language));
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

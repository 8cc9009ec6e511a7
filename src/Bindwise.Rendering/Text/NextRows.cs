using Bindwise.Model.Diagnosing;
using Bindwise.Model.Runtimes;

namespace Bindwise.Rendering.Text;

/// <summary>What to do, the best first: each step with its command or code, which is never broken, so that it can be pasted.</summary>
internal static class NextRows
{
    /// <summary>The first step and the best alternatives.</summary>
    public static void WriteShort(Page page, ImmutableArray<Remedy> remedies, int alternatives, bool hasCode)
    {
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
            text.Add(TextRole.Dim, $" (in {language.Label()})");
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

/// <summary>Dangers ahead, what could not be seen, and a rule that the kernel proved wrong.</summary>
internal static class RemarkRows
{
    /// <summary>Limits that say where the holder may be, or that this is less than the whole answer.</summary>
    private static readonly HashSet<string> OfHolders =
    [
        "processes-unreadable", "owner-not-found", "holder-inferred", "namespaces-unread", "portable",
    ];

    /// <summary>Limits that say why another process may be refused what is free by the sockets.</summary>
    private static readonly HashSet<string> OfPolicies = ["filter-untried", "policies-untried", "policies-unread", "landlock-unseen"];

    public static void WriteShort(Page page, Diagnosis diagnosis, int notes)
    {
        Remarks(page, "note", TextRole.Warning, Warnings(diagnosis).Take(notes));
        Remarks(page, "limit", TextRole.Dim, diagnosis.Limits.Where(limit =>
            limit.Id is "processes-stuck" or "from-record" or PastAnswer.FromSnapshot
                || (limit.Id == "not-probed-as" && diagnosis.Verdict == Verdict.Undetermined)
                || (limit.Id == "source-not-asked" && diagnosis.Verdict == Verdict.Free)));
        if (diagnosis is { Verdict: Verdict.Free, As.Process: not null })
            Remarks(page, "limit", TextRole.Dim, diagnosis.Limits.Where(static limit => OfPolicies.Contains(limit.Id)));
        if (MayMissTheHolder(diagnosis))
            Remarks(page, "limit", TextRole.Dim, diagnosis.Limits.Where(limit => OfHolders.Contains(limit.Id) && !limit.IsInRemedies)
                .OrderBy(static limit => limit.Id == "holder-inferred" ? 0 : 1).Take(1));
        if (diagnosis.Disagreement is not null)
        {
            page.Row("bug", new Paragraph().Add(TextRole.Warning,
                "Bindwise's rules predicted something else; the answer above is the kernel's. Please report the scenario that -v shows."));
        }
    }

    public static void WriteFull(Page page, Diagnosis diagnosis)
    {
        Remarks(page, "note", TextRole.Warning, Warnings(diagnosis));
        Remarks(page, "limit", TextRole.Dim, diagnosis.Limits);
        if (diagnosis.Disagreement is not { } scenario)
            return;
        page.Row("bug", new Paragraph().Add(TextRole.Warning,
            "Bindwise's rules predicted something else; the answer above is the kernel's. Please report this scenario:"));
        foreach (var line in scenario.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            page.Verbatim("", TextRole.Text, line, indent: 2);
    }

    // The row "bug" says it.
    private static IEnumerable<Remark> Warnings(Diagnosis diagnosis) =>
        diagnosis.Warnings.Where(warning => diagnosis.Disagreement is null || warning.Id != "rules-and-kernel-disagree");

    // No owner is known: of the socket that decides, of any process at all (portable), or of a port that a pasted error calls taken.
    private static bool MayMissTheHolder(Diagnosis diagnosis) => diagnosis.Portable is not null
        || diagnosis.Cause == Cause.OwnerHidden
        || (diagnosis.Verdict == Verdict.Free && diagnosis.Target.Pasted is not null)
        || diagnosis.Blockers.Any(static blocker => blocker is { Owners: [{ Role: OwnerRole.Candidate }, ..] })
        || diagnosis.Blockers.Any(static blocker =>
            blocker is { Owners.IsEmpty: true, Kernel: null, Socket: { IsWithoutProcess: false, Protocol: not Protocol.Unix } });

    private static void Remarks(Page page, string label, TextRole role, IEnumerable<Remark> remarks)
    {
        foreach (var remark in remarks)
            page.Row(label, new Paragraph().Add(role, remark.Text));
    }
}

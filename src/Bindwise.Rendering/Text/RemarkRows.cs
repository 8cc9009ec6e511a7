using System.Collections.Immutable;
using Bindwise.Model.Addresses;
using Bindwise.Model.Diagnosing;

namespace Bindwise.Rendering.Text;

/// <summary>Dangers ahead, what could not be seen, and a rule that the kernel proved wrong.</summary>
internal static class RemarkRows
{
    /// <summary>Limits that say where the holder may be, or that this is less than the whole answer.</summary>
    private static readonly ImmutableHashSet<string> OfHolders = ImmutableHashSet.Create(
        StringComparer.Ordinal, "processes-unreadable", "owner-not-found", "holder-inferred", "namespaces-unread", "portable");

    /// <summary>Limits that say why another process may be refused what is free by the sockets.</summary>
    private static readonly ImmutableHashSet<string> OfPolicies = ImmutableHashSet.Create(
        StringComparer.Ordinal, "filter-untried", "policies-untried", "policies-unread", "landlock-unseen");

    public static void WriteShort(Page page, Diagnosis diagnosis, int notes)
    {
        Remarks(page, "note", TextRole.Warning, Warnings(diagnosis).Take(notes));
        Remarks(page, "limit", TextRole.Dim, diagnosis.Limits.Where(static limit => limit.Id == "processes-stuck"));
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
        || diagnosis.Cause == CauseId.OwnerHidden
        || (diagnosis.Verdict == Verdict.Free && diagnosis.Target.Pasted is not null)
        || diagnosis.Blockers.Any(static blocker => blocker is { Owners: [{ Role: OwnerRole.Candidate }, ..] })
        || diagnosis.Blockers.Any(static blocker => blocker is { Owners.IsEmpty: true, Kernel: null, Socket: { IsWithoutProcess: false, Protocol: not Protocol.Unix } });

    private static void Remarks(Page page, string label, TextRole role, IEnumerable<Remark> remarks)
    {
        foreach (var remark in remarks)
            page.Row(label, new Paragraph().Add(role, remark.Text));
    }
}

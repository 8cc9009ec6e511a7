using Bindwise.Model.Addresses;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Diagnosing.Policies;
using Bindwise.Model.Diagnosing.Sentences;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Diagnosing.Remarks;

/// <summary>What could not be seen or tried of another program.</summary>
internal static class SubjectLimits
{
    public static IEnumerable<Remark> Of(DiagnosisContext f)
    {
        if (f.Snapshot.Caller.As is not { } program)
            yield break;
        if (program.ProbeObstacle is { } obstacle)
            yield return new Remark("not-probed-as", $"No probe was made as {SubjectSentences.UserOf(program)}: {obstacle}. The answer is what the rules say.");
        if (program.MayBindPrivilegedPorts == Fact.Unknown && f.Target.Protocol != Protocol.Unix
            && f.Plan.Port is > 0 and var port && port < (f.Snapshot.Settings.UnprivilegedPortStart ?? 1024))
            yield return new Remark("rights-unknown", "Whether the program may bind privileged ports is not known, because its user namespace cannot be read from here.");
        foreach (var policy in Policies(f))
            yield return policy;
        foreach (var note in program.Notes)
            yield return new Remark("note", note);
    }

    /// <summary>What may refuse a bind() that is free by the sockets: told in words, since no bind() can be tried there.</summary>
    private static IEnumerable<Remark> Policies(DiagnosisContext f)
    {
        if (f.Verdict != Verdict.Free || f.Target.Protocol == Protocol.Unix || f.Snapshot.Policies is not { ProcessId: not null } survey)
            yield break;
        var untried = UntriedPolicies.Of(f.Snapshot);
        var filter = untried.FirstOrDefault(static r => r.Kind == PolicyKind.Seccomp);
        if (filter is not null && f.Snapshot.Caller.As is { Listeners: [var listener, ..] })
            yield return new Remark("filter-untried", $"The process runs under a seccomp filter. It listens on {listener.Local}, so the filter lets it bind, unless it was set after that.");
        var others = untried.Where(static r => r.Kind != PolicyKind.Seccomp && !r.GovernsCaller).Select(static r => PolicyNames.Label(PolicyFinder.Named(r, false)))
            .Distinct(StringComparer.Ordinal).ToList();
        if (others.Count > 0)
            yield return new Remark("policies-untried", $"No bind() can be tried in the program's place, so {PolicyNames.Or(others)} may still refuse it.");
        if (!survey.Unread.IsEmpty)
            yield return new Remark("policies-unread", $"This user may not read: {Wording.List(survey.Unread)}.{(f.Snapshot.Caller.UserId == 0 ? "" : " Run with sudo to see it.")}");
        if (f.Target.Protocol == Protocol.Tcp && !survey.Absent.Contains(PolicyKind.Landlock))
        {
            yield return survey.NoNewPrivileges == Fact.Yes
                ? new Remark("landlock-unseen", "The process gave up new privileges (no_new_privs); whether a Landlock ruleset also keeps it from this port cannot be known from outside.")
                : new Remark("landlock-possible", "Whether a Landlock ruleset keeps the process from this port cannot be known from outside.");
        }
    }
}

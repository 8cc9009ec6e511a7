using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Diagnosing;

/// <summary>What could not be seen or tried of another program.</summary>
internal static class ActingLimits
{
    public static IEnumerable<Remark> Of(Findings f)
    {
        if (f.Snapshot.Caller.As is not { } program)
            yield break;
        if (program.ProbeObstacle is { } obstacle)
            yield return new Remark("not-probed-as", $"No probe was made as {ActingWords.UserOf(program)}: {obstacle}. The answer is what the rules say.");
        if (program.MayBindPrivilegedPorts == Fact.Unknown && f.Target.Protocol != Protocol.Unix
            && f.Plan.Port is > 0 and var port && port < (f.Snapshot.Settings.UnprivilegedPortStart ?? 1024))
            yield return new Remark("rights-unknown", "Whether the program may bind privileged ports is not known, because its user namespace cannot be read from here.");
        if (f.Verdict == Verdict.Free && UntriedPolicies(f) is { Count: > 0 } policies)
            yield return new Remark("policies-untried", $"No bind() can be tried in the program's cgroup or under its filters, so {PolicyNames.Or(policies)} may still refuse it.");
        foreach (var note in program.Notes)
            yield return new Remark("note", note);
    }

    private static List<string> UntriedPolicies(Findings f) => f.Snapshot.Policies is not { ProcessId: not null } survey ? [] :
    [
        .. survey.Found.Where(static r => r.Denies == Fact.Unknown && r.Kind is not (PolicyKind.Capability or PolicyKind.UserNamespace))
            .Select(static r => PolicyNames.Label(new Policy(r.Kind, r.Name, r.Where, r.Detail, false))).Distinct(StringComparer.Ordinal),
    ];
}

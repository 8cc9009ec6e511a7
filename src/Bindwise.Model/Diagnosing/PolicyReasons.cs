using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing;

/// <summary>What is known of the policies behind a refusal, one sentence each, and what keeps it from being known.</summary>
internal static class PolicyReasons
{
    public static IEnumerable<string> Of(Findings f)
    {
        foreach (var policy in f.Policies)
        {
            if (Sentence(policy) is { } sentence)
                yield return sentence;
        }
    }

    /// <summary>What could not be seen of the policies.</summary>
    public static IEnumerable<Remark> Limits(Findings f)
    {
        if (f.Snapshot.Policies is not { } survey || f.Policies.IsEmpty || f.Policies.Any(static p => p.IsCertain))
            yield break;
        if (f.Policies.Any(static p => p.Kind == PolicyKind.Landlock))
            yield return new Remark("landlock-unseen", "No file of the system tells whether a Landlock ruleset is in force: it cannot be excluded.");
        if (!survey.Unread.IsEmpty)
            yield return new Remark("policies-unread", $"Not to be asked as this user: {Wording.List(survey.Unread)}.{(f.Snapshot.Caller.UserId == 0 ? "" : " Root would see it.")}");
    }

    private static string? Sentence(Policy policy) => policy.Kind switch
    {
        PolicyKind.Capability or PolicyKind.UserNamespace => policy.Detail,
        PolicyKind.CgroupBpf when policy.Name.Length > 0 => $"The BPF program {policy.Name} stands on cgroup {policy.Where ?? "(above what is mounted here)"} and is asked at every bind() of its processes{(policy.Detail is { } detail ? $" ({detail})" : "")}.",
        PolicyKind.Seccomp when policy.Detail is { } detail => detail,
        PolicyKind.SELinux when policy.Name.Length > 0 => $"SELinux enforces its policy on {policy.Name}: it may bind only to ports whose type its rules name.",
        PolicyKind.AppArmor when policy.Name.Length > 0 => $"AppArmor enforces the profile {policy.Name}.",
        PolicyKind.Landlock => "A program, or one that started it, may have restricted itself to certain TCP ports by Landlock.",
        _ => null,
    };
}

using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing.Policies;

/// <summary>What is known of the policies behind a refusal, one sentence each, and what keeps it from being known.</summary>
internal static class PolicyReasons
{
    public static IEnumerable<string> Of(DiagnosisContext f)
    {
        foreach (var policy in f.Policies)
        {
            if (Sentence(policy) is { } sentence)
                yield return sentence;
        }
    }

    /// <summary>What could not be seen of the policies.</summary>
    public static IEnumerable<Remark> Limits(DiagnosisContext f)
    {
        if (f.Snapshot.Policies is not { } survey || f.Policies.IsEmpty || f.Policies.Any(static p => p.IsCertain))
            yield break;
        if (f.Policies.Any(static p => p.Kind == PolicyKind.Landlock))
            yield return new Remark("landlock-unseen", "Nothing on the system shows whether a Landlock ruleset is in force, so it cannot be ruled out.");
        if (!survey.Unread.IsEmpty)
            yield return new Remark("policies-unread", $"This user may not read: {Wording.List(survey.Unread)}.{(f.Snapshot.Caller.UserId == 0 ? "" : " Run with sudo to see it.")}");
    }

    private static string? Sentence(Policy policy) => policy.Kind switch
    {
        PolicyKind.Capability or PolicyKind.UserNamespace => policy.Detail,
        PolicyKind.CgroupBpf when policy.Name.Length > 0 => $"The BPF program {policy.Name} is attached to cgroup {policy.Where ?? "(above what is mounted here)"} and runs at every {(policy.Hook == PolicyHook.SocketCreate ? "socket()" : "bind()")} of its processes{(policy.Detail is { } detail ? $" ({detail})" : "")}.",
        PolicyKind.Seccomp when policy.Detail is { } detail => detail,
        PolicyKind.SELinux when policy.Name.Length > 0 => $"SELinux enforces its policy on {policy.Name}, which may bind only ports of the types that its rules name.",
        PolicyKind.AppArmor when policy.Name.Length > 0 => $"AppArmor enforces the profile {policy.Name}.",
        PolicyKind.Landlock => "The program, or one that started it, may have restricted itself to certain TCP ports with Landlock.",
        _ => null,
    };
}

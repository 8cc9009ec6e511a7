using System.Collections.Immutable;
using Bindwise.Model.Diagnosing.Provenance;

namespace Bindwise.Model.Diagnosing.Topics.Policies;

/// <summary>How policies are called in sentences.</summary>
internal static class PolicyNames
{
    /// <summary>systemd names its programs so, for SocketBindAllow= and SocketBindDeny= (src/core/bpf/socket-bind).</summary>
    private const string SystemdPrefix = "sd_bind";

    /// <summary><c>the BPF program deny_bind on cgroup /web</c>.</summary>
    public static string Label(Policy policy) => policy.Kind switch
    {
        PolicyKind.Capability => $"{policy.Name} is missing",
        PolicyKind.UserNamespace => $"{policy.Name} does not count here",
        PolicyKind.CgroupBpf when policy.Name.Length == 0 => "a BPF program on the cgroup",
        PolicyKind.CgroupBpf when IsSystemd(policy) => $"systemd's SocketBindDeny= of {UnitOf(policy) ?? policy.Where ?? "the unit"}",
        PolicyKind.CgroupBpf => $"the BPF program {policy.Name} on cgroup {policy.Where ?? "(unknown)"}",
        PolicyKind.Seccomp => "a seccomp filter",
        PolicyKind.SELinux => policy.Name.Length == 0 ? "SELinux" : $"SELinux (context {policy.Name})",
        PolicyKind.AppArmor => policy.Name.Length == 0 ? "AppArmor" : $"the AppArmor profile {policy.Name}",
        PolicyKind.Smack => policy.Name.Length == 0 ? "Smack" : $"Smack (label {policy.Name})",
        PolicyKind.Tomoyo => "TOMOYO",
        PolicyKind.Landlock => "a Landlock ruleset",
        _ => "a BPF security module",
    };

    /// <summary>One of systemd's own programs.</summary>
    public static bool IsSystemd(Policy policy) =>
        policy.Kind == PolicyKind.CgroupBpf && policy.Name.StartsWith(SystemdPrefix, StringComparison.Ordinal);

    /// <summary>The unit whose cgroup carries the program: the path's last element; null when that is no unit.</summary>
    public static string? UnitOf(Policy policy) => SystemdCgroup.UnitOf(policy.Where);

    /// <summary>The sentence behind a refusal, for the first line.</summary>
    /// <param name="policies">What is known of them.</param>
    /// <param name="isFree">No socket is in the way: that a policy refuses it is concluded from the rules.</param>
    public static string Summary(ImmutableArray<Policy> policies, bool isFree)
    {
        var lead = isFree ? "the rules allow it, so a policy refuses it" : "a policy refuses it";
        if (policies.IsEmpty)
            return $"{lead} (cgroup BPF, SELinux, AppArmor, seccomp)";
        var certain = policies.Where(static p => p.IsCertain).ToList();
        return certain.Count > 0 ? $"{Any(certain)} refuses it" : $"{lead}: {Any(policies)}";
    }

    /// <summary>What a process does that stands under policies: <c>runs under a seccomp filter</c>.</summary>
    public static string Under(ImmutableArray<Policy> policies) => "runs under " + Wording.List(Labels(policies));

    /// <summary>What binds another address or port than the program asked for.</summary>
    public static string Rewriter(ImmutableArray<Policy> policies) =>
        policies.IsEmpty ? "a BPF program on its cgroup" : Any(policies);

    /// <summary>Several, of which one may be the one.</summary>
    public static string Any(IEnumerable<Policy> policies) => Wording.Alternatives(Labels(policies));

    private static List<string> Labels(IEnumerable<Policy> policies) =>
        [.. policies.Select(Label).Distinct(StringComparer.Ordinal)];
}

using System.Collections.Immutable;
using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Provenance;

namespace Bindwise.Model.Diagnosing.Policies;

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
        var certain = policies.Where(static p => p.IsCertain).Select(Label).Distinct(StringComparer.Ordinal).ToList();
        return certain.Count > 0
            ? $"{Or(certain)} refuses it"
            : $"{lead}: {Or([.. policies.Select(Label).Distinct(StringComparer.Ordinal)])}";
    }

    /// <summary>What a process does that stands under policies: <c>runs under a seccomp filter</c>.</summary>
    public static string Under(ImmutableArray<Policy> policies) =>
        "runs under " + Wording.List([.. policies.Select(Label).Distinct(StringComparer.Ordinal)]);

    /// <summary>What binds another address or port than the program asked for.</summary>
    public static string Rewriter(ImmutableArray<Policy> policies) =>
        policies.IsEmpty ? "a BPF program on its cgroup" : Or([.. policies.Select(Label).Distinct(StringComparer.Ordinal)]);

    /// <summary>Several, of which one may be the one.</summary>
    public static string Or(List<string> labels) =>
        labels.Count == 1 ? labels[0] : string.Join(", ", labels.Take(labels.Count - 1)) + " or " + labels[^1];
}

/// <summary>What is known of the policies behind a refusal, one sentence each, and what keeps it from being known.</summary>
internal static class PolicyReasons
{
    public static IEnumerable<string> Of(DiagnosisContext context)
    {
        foreach (var policy in context.Policies)
        {
            if (Sentence(policy) is { } sentence)
                yield return sentence;
        }
    }

    /// <summary>What could not be seen of the policies.</summary>
    public static IEnumerable<Remark> Limits(DiagnosisContext context)
    {
        if (context.Snapshot.Policies is not { } survey || context.Policies.IsEmpty || context.Policies.Any(static p => p.IsCertain))
            yield break;
        if (context.Policies.Any(static p => p.Kind == PolicyKind.Landlock))
            yield return new Remark
            {
                Id = "landlock-unseen",
                Text = "Nothing on the system shows whether a Landlock ruleset is in force, so it cannot be ruled out.",
            };
        if (!survey.Unread.IsEmpty)
            yield return new Remark
            {
                Id = "policies-unread",
                Text = $"This user may not read: {Wording.List(survey.Unread)}."
                    + (context.Snapshot.Caller.UserId == 0 ? "" : " Run with sudo to see it."),
            };
    }

    private static string? Sentence(Policy policy) => policy.Kind switch
    {
        PolicyKind.Capability or PolicyKind.UserNamespace => policy.Detail,
        PolicyKind.CgroupBpf when policy.Name.Length > 0 =>
            $"The BPF program {policy.Name} is attached to cgroup {policy.Where ?? "(above what is mounted here)"} and runs at every "
                + $"{(policy.Hook == PolicyHook.SocketCreate ? "socket()" : "bind()")} of its processes"
                + $"{(policy.Detail is { } detail ? $" ({detail})" : "")}.",
        PolicyKind.Seccomp when policy.Detail is { } detail => detail,
        PolicyKind.SELinux when policy.Name.Length > 0 =>
            $"SELinux enforces its policy on {policy.Name}, which may bind only ports of the types that its rules name.",
        PolicyKind.AppArmor when policy.Name.Length > 0 => $"AppArmor enforces the profile {policy.Name}.",
        PolicyKind.Landlock => "The program, or one that started it, may have restricted itself to certain TCP ports with Landlock.",
        _ => null,
    };
}

/// <summary>What to do about a policy, each in the terms of what set it. None of them switches a whole mechanism off.</summary>
internal static class PolicyRemedies
{
    public static IEnumerable<Remedy> Of(DiagnosisContext context)
    {
        var protocol = context.Target.Protocol == Protocol.Udp ? ShellCommand.Of($"udp") : ShellCommand.Of($"tcp");
        var port = context.Plan.Port ?? 0;
        var remedies = context.Policies.OrderBy(static p => p.IsCertain ? 0 : 1).SelectMany(p => OfPolicy(context, p, protocol, port))
            .DistinctBy(static r => (r.Id, r.Command)).ToList();
        return remedies.Count > 0 ? remedies
            : [Remedy.Of("look-at-policy", "Look for a policy: systemd's SocketBindDeny=, SELinux port types, AppArmor, seccomp.",
                $"journalctl -k | grep -iE 'denied|audit'", "nothing", "none")];
    }

    /// <summary>For a port below ip_unprivileged_port_start.</summary>
    public static IEnumerable<Remedy> Privileged(DiagnosisContext context)
    {
        var port = context.Plan.Port ?? 0;
        var isElsewhere = context.Policies.Any(static p => p.Kind == PolicyKind.UserNamespace);
        yield return Remedy.Of("other-port",
            $"Take a port from {Wording.Number(context.Snapshot.Settings.UnprivilegedPortStart ?? 1024)} up{Example(context)}, and put a "
                + $"proxy or a "
                + "redirect on the low one.", null, "where the program listens", "none");
        if (isElsewhere)
        {
            yield return Remedy.Of("lower-start", "Let every user bind from this port up; run it outside the container or user namespace.",
                $"{RunAs.Root(context)}sysctl -w net.ipv4.ip_unprivileged_port_start={port}",
                "the whole network namespace, until the next boot",
                "any user may then take these ports");
            yield break;
        }
        yield return Remedy.Of("grant-capability", "Let the program bind low ports.",
            $"{RunAs.Root(context)}setcap cap_net_bind_service=+ep /path/to/program",
            "everyone who may run that file may bind low ports with it",
            "on an interpreter (python, node) every script gets the right");
        yield return Remedy.Of("grant-in-unit", "For a systemd service, add this line to its unit.",
            $"AmbientCapabilities=CAP_NET_BIND_SERVICE", $"the unit's [Service] section ({RunAs.Root(context)}systemctl edit NAME.service)",
            "none");
        yield return Remedy.Of("lower-start", "Let every user bind from this port up.",
            $"{RunAs.Root(context)}sysctl -w net.ipv4.ip_unprivileged_port_start={port}",
            "the whole network namespace, until the next boot",
            "any user may then take these ports");
    }

    /// <summary>The port that people take for HTTP or HTTPS without rights.</summary>
    private static string Example(DiagnosisContext context) =>
        context.Snapshot.FreeNearby is { } free ? $" ({Wording.Number(free)} is free)"
            : context.Snapshot.Settings.UnprivilegedPortStart is > 8080 ? ""
        : context.Plan.Port switch { 80 => ", such as 8080", 443 => ", such as 8443", _ => "" };

    private static string Call(DiagnosisContext context) => context.Decisive.RefusedCall switch
    {
        ProbedCall.Socket => "socket()",
        ProbedCall.Listen => "listen()",
        _ => "bind()",
    };

    private static IEnumerable<Remedy> OfPolicy(DiagnosisContext context, Policy policy, ShellCommand protocol, int port) =>
        policy.Kind switch
        {
            PolicyKind.CgroupBpf => OfCgroup(context, policy, protocol, port),
            PolicyKind.Seccomp =>
            [
                Remedy.Of("look-at-filter",
                $"Find what set the filter (systemd's SystemCallFilter= or RestrictAddressFamilies=, or the container engine's seccomp "
                    + $"profile) and allow {Call(context)} there.",
                    $"systemctl show -p SystemCallFilter,SystemCallErrorNumber,RestrictAddressFamilies NAME.service", "nothing", "none"),
        ],
            PolicyKind.SELinux =>
            [
                Remedy.Of("look-at-port-type", "See the port's type, and what SELinux logged.",
                $"{RunAs.Root(context)}semanage port -l | grep -w {port}; {RunAs.Root(context)}ausearch -m avc -ts recent", "nothing",
                "none"),
            Remedy.Of("label-port", "Give the port a type the program may bind (http_port_t for web servers).",
                $"{RunAs.Root(context)}semanage port -a -t http_port_t -p {protocol} {port}",
                "every program that may bind to that type may take the port", "none"),
        ],
            PolicyKind.AppArmor => [Remedy.Of("look-at-profile",
            "See what AppArmor logged, allow it in the profile (network inet stream,) and reload the profile.",
            $"journalctl -k -g apparmor --since -10min", "nothing", "none")],
            PolicyKind.Landlock => [Remedy.Of("allow-in-ruleset",
            "Allow the port in the program's own Landlock ruleset (LANDLOCK_ACCESS_NET_BIND_TCP).",
            $"landlock_add_rule(ruleset, LANDLOCK_RULE_NET_PORT, &(struct landlock_net_port_attr){{ .allowed_access = "
                + $"LANDLOCK_ACCESS_NET_BIND_TCP, .port = {port} }}, 0);",
                "the code of the program, or the options of the sandbox that starts it", "none")],
            _ => [Remedy.Of("look-at-policy", "See what the kernel logged.", $"journalctl -k | grep -iE 'denied|audit'", "nothing",
                "none")],
        };

    private static IEnumerable<Remedy> OfCgroup(DiagnosisContext context, Policy policy, ShellCommand protocol, int port)
    {
        if (PolicyNames.IsSystemd(policy))
        {
            var unit = NameGrammar.Unit.Word(PolicyNames.UnitOf(policy)) is { } word ? ShellCommand.Of($"{word}")
                : ShellCommand.Of($"NAME.service");
            yield return Remedy.Of("look-at-unit", "See what the unit allows and denies.",
                $"systemctl show -p SocketBindAllow,SocketBindDeny {unit}", "nothing", "none");
            yield return Remedy.Of("allow-in-unit", "Allow the port in the unit with a drop-in, then restart it.",
                $"printf '[Service]\\nSocketBindAllow={protocol}:{port}\\n' | {RunAs.Root(context)}systemctl edit --stdin {unit}",
                "the unit may bind this port from its next start on", "none");
            yield break;
        }
        yield return Remedy.Of("look-at-program", "See which programs are attached to the cgroup.",
            $"{RunAs.Root(context)}bpftool cgroup tree",
            "nothing", "none");
        yield return Remedy.Of("other-cgroup", "To be sure, start the program in another cgroup.",
            $"{RunAs.Root(context)}systemd-run --pty --slice=system.slice COMMAND", "where the program runs", "none");
    }
}

using Bindwise.Model.Diagnosing.Commands;

namespace Bindwise.Model.Diagnosing.Topics.Policies;

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
        var isElsewhere = context.Policies.Any(static p => p.Kind == PolicyKind.UserNamespace);
        yield return Remedy.Of("other-port",
            $"Take a port from {Wording.Number(context.Snapshot.Settings.FirstUnprivilegedPort)} up{Example(context)}, and put a proxy "
                + "or a redirect on the low one.", null, "where the program listens", "none");
        if (isElsewhere)
        {
            yield return LowerStart(context, "Let every user bind from this port up; run it outside the container or user namespace.");
            yield break;
        }
        yield return Remedy.Of("grant-capability", "Let the program bind low ports.",
            $"{RunAs.Root(context)}setcap cap_net_bind_service=+ep /path/to/program",
            "everyone who may run that file may bind low ports with it",
            "on an interpreter (python, node) every script gets the right");
        yield return Remedy.Of("grant-in-unit", "For a systemd service, add this line to its unit.",
            $"AmbientCapabilities=CAP_NET_BIND_SERVICE", $"the unit's [Service] section ({RunAs.Root(context)}systemctl edit NAME.service)",
            "none");
        yield return LowerStart(context, "Let every user bind from this port up.");
    }

    private static Remedy LowerStart(DiagnosisContext context, string text) => Remedy.Of("lower-start", text,
        $"{RunAs.Root(context)}sysctl -w net.ipv4.ip_unprivileged_port_start={context.Plan.Port ?? 0}",
        "the whole network namespace, until the next boot", "any user may then take these ports");

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

using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing;

/// <summary>What to do about a policy, each in the terms of what set it. None of them switches a whole mechanism off.</summary>
internal static class PolicyRemedies
{
    public static IEnumerable<Remedy> Of(Findings f)
    {
        var protocol = f.Target.Protocol == Protocol.Udp ? "udp" : "tcp";
        var port = Wording.Number(f.Plan.Port ?? 0);
        var remedies = f.Policies.OrderBy(static p => p.IsCertain ? 0 : 1).SelectMany(p => OfPolicy(p, protocol, port)).DistinctBy(static r => (r.Id, r.Command)).ToList();
        return remedies.Count > 0 ? remedies
            : [new Remedy("look-at-policy", "Look for a policy: systemd's SocketBindDeny=, SELinux port types, AppArmor, seccomp.", "journalctl -k | grep -iE 'denied|audit'", "nothing", "none")];
    }

    /// <summary>For a port below ip_unprivileged_port_start.</summary>
    public static IEnumerable<Remedy> Privileged(Findings f)
    {
        var port = Wording.Number(f.Plan.Port ?? 0);
        var isElsewhere = f.Policies.Any(static p => p.Kind == PolicyKind.UserNamespace);
        yield return new Remedy("other-port", $"Take a port from {Wording.Number(f.Snapshot.Settings.UnprivilegedPortStart ?? 1024)} up, and let a proxy or a redirect serve the low one.", null, "where the program listens", "none");
        if (isElsewhere)
        {
            yield return new Remedy("lower-start", "Let everybody bind from this port up, from outside of the container or user namespace.", $"sudo sysctl -w net.ipv4.ip_unprivileged_port_start={port}", "the whole network namespace, until the next boot", "any user may then take these ports");
            yield break;
        }
        yield return new Remedy("grant-capability", "Give the program the right to bind low ports.", "sudo setcap cap_net_bind_service=+ep /path/to/program", "every user who may run that file may bind low ports with it", "an interpreter (python, node) would give the right to every script");
        yield return new Remedy("grant-in-unit", "A service of systemd gets it from its unit.", "AmbientCapabilities=CAP_NET_BIND_SERVICE", "the unit's [Service] section (sudo systemctl edit NAME.service)", "none");
        yield return new Remedy("lower-start", "Let everybody bind from this port up.", $"sudo sysctl -w net.ipv4.ip_unprivileged_port_start={port}", "the whole network namespace, until the next boot", "any user may then take these ports");
    }

    private static IEnumerable<Remedy> OfPolicy(Policy policy, string protocol, string port) => policy.Kind switch
    {
        PolicyKind.CgroupBpf => OfCgroup(policy, protocol, port),
        PolicyKind.Seccomp =>
        [
            new("look-at-filter", "Find who set the filter: systemd's SystemCallFilter= (or RestrictAddressFamilies=), or the container engine's seccomp profile; allow bind() there.", "systemctl show NAME.service -p SystemCallFilter,SystemCallErrorNumber,RestrictAddressFamilies", "nothing", "none"),
        ],
        PolicyKind.SELinux =>
        [
            new("look-at-port-type", "See which type the port has, and what SELinux logged.", $"sudo semanage port -l | grep -w {port}; sudo ausearch -m avc -ts recent", "nothing", "none"),
            new("label-port", "Give the port the type that the program may bind to (http_port_t for web servers).", $"sudo semanage port -a -t http_port_t -p {protocol} {port}", "every program that may bind to that type may take the port", "none"),
        ],
        PolicyKind.AppArmor => [new("look-at-profile", "See what AppArmor logged, and allow it in the profile (network inet stream,); then load it again.", "journalctl -k -g apparmor --since -10min", "nothing", "none")],
        PolicyKind.Landlock => [new("allow-in-ruleset", "Allow the port in the ruleset of the program that restricts itself (LANDLOCK_ACCESS_NET_BIND_TCP).", "landlock_add_rule(ruleset, LANDLOCK_RULE_NET_PORT, &(struct landlock_net_port_attr){ .allowed_access = LANDLOCK_ACCESS_NET_BIND_TCP, .port = " + port + " }, 0);", "the code of the program, or the options of the sandbox that starts it", "none")],
        _ => [new("look-at-policy", "Look what the kernel logged.", "journalctl -k | grep -iE 'denied|audit'", "nothing", "none")],
    };

    private static IEnumerable<Remedy> OfCgroup(Policy policy, string protocol, string port)
    {
        if (PolicyNames.IsSystemd(policy))
        {
            var unit = ShellQuoting.Quote(PolicyNames.UnitOf(policy) ?? "NAME.service");
            yield return new Remedy("look-at-unit", "See what the unit allows and denies.", $"systemctl show {unit} -p SocketBindAllow,SocketBindDeny", "nothing", "none");
            yield return new Remedy("allow-in-unit", "Allow the port in the unit by a drop-in, then restart it.", $"printf '[Service]\\nSocketBindAllow={protocol}:{port}\\n' | sudo systemctl edit --stdin {unit}", "the unit may bind this port from its next start on", "none");
            yield break;
        }
        yield return new Remedy("look-at-program", "See which programs stand on the cgroup, and who put them there.", "sudo bpftool cgroup tree", "nothing", "none");
        yield return new Remedy("other-cgroup", "Start the program from another cgroup, to be sure.", "sudo systemd-run --pty --slice=system.slice COMMAND", "where the program runs", "none");
    }
}

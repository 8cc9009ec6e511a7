using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Diagnosing.Provenance;

namespace Bindwise.Model.Diagnosing.Topics;

/// <summary>A privilege that is missing, or a policy: cgroup BPF, SELinux, AppArmor, seccomp, Landlock.</summary>
internal sealed class PolicyTopic : Topic
{
    public override Cause? CauseOf(BindAssessment assessment, Snapshot snapshot) =>
        assessment.Rule == RuleBook.PrivilegedPort ? Cause.PrivilegedPort
        : assessment.Rule == RuleBook.DeniedByPolicy || assessment.IsOpenByPolicy ? Cause.DeniedByPolicy : null;

    public override string? OwnFirstLine(DiagnosisContext context) =>
        context is not { Verdict: Verdict.Undetermined, Decisive.IsOpenByPolicy: true } ? null
        : $"{context.Name} may be refused: no socket is in the way, but process "
            + $"{Wording.Number(context.Snapshot.Policies!.ProcessId ?? 0)} {PolicyNames.Under(context.Policies)}, and whether that lets "
            + "it bind cannot be known from outside.";

    public override string Refusal(DiagnosisContext context)
    {
        if (context.Decisive.IsTakenElsewhere && context.Cause == Cause.DeniedByPolicy)
            return $"no socket is on this port, so {PolicyNames.Rewriter(context.Policies)} binds another one, which is taken";
        var reason = context.Cause == Cause.DeniedByPolicy ? PolicyNames.Summary(context.Policies, context.Main is null)
            : $"ports below {Wording.Number(context.Snapshot.Settings.FirstUnprivilegedPort)} need root or CAP_NET_BIND_SERVICE";
        return context.Main is null ? reason : $"{reason}; it is also taken: {FirstLine.Holding(context)}";
    }

    public override string? Explanation(DiagnosisContext context)
    {
        if (!context.Blockers.IsEmpty)
            return context.Cause == Cause.PrivilegedPort ? null
                : "A policy answers before the kernel checks what holds the port, so programs get its errno; without it they would get "
                    + "EADDRINUSE.";
        if (context.Cause == Cause.DeniedByPolicy && context.Decisive.RefusedCall == ProbedCall.Listen)
            return "bind() succeeds and only listen() is refused, so the program has the port and no client can connect.";
        if (context.Decisive.IsOpenByPolicy)
            return "Bindwise can try no bind() in the process's place, and the kernel does not show what its filters and programs answer.";
        if (Rewriting(context) is { } rewriting)
            return rewriting;
        return context.Cause != Cause.PrivilegedPort || context.Snapshot.Caller is not { As: null, UserId: not 0 } ? null
            : "The kernel checks this before it checks what holds the port; net.ipv4.ip_unprivileged_port_start sets the limit.";
    }

    public override IEnumerable<Remedy> Remedies(DiagnosisContext context) =>
        context.Cause == Cause.PrivilegedPort ? PolicyRemedies.Privileged(context) : PolicyRemedies.Of(context);

    /// <summary>The first line where bind() succeeds, and takes something else.</summary>
    public static string BoundElsewhere(DiagnosisContext context, IpEndpoint landed) =>
        $"{context.Name}: bind() succeeds, but on {landed} instead: {PolicyNames.Rewriter(context.Policies)} changes what programs bind.";

    /// <summary>How a bind() comes to take something else; null where it does not.</summary>
    public static string? Rewriting(DiagnosisContext context) =>
        context.Decisive is { Landed: null, IsTakenElsewhere: false } ? null
        : "A BPF program on a cgroup's bind() hook may rewrite the address and the port before the kernel looks at them "
            + "(BPF_CGROUP_INET4_BIND, INET6_BIND).";

    /// <summary>What is known of the policies behind a refusal, one sentence each.</summary>
    public static IEnumerable<string> Notes(DiagnosisContext context) => context.Policies.Select(Sentence).OfType<string>();

    /// <summary>A program on the cgroup that is asked once bind() has got the port: with the holder gone it may still refuse.</summary>
    public static Remark? AskedAfterwards(DiagnosisContext context)
    {
        if (context.Verdict == Verdict.Free || context.Main is null || context.Snapshot.Policies is not { } survey)
            return null;
        var programs = survey.Found.Where(static r => r is { Hook: PolicyHook.PostBind, Denies: Fact.Unknown })
            .Select(static r => PolicyFinder.Named(r, false)).ToList();
        return programs.Count == 0 ? null
            : Remark.Of("policy-afterwards", $"Once the port is free, {PolicyNames.Any(programs)} is asked and may refuse it (EPERM).");
    }

    /// <summary>The first line leaves it open, and this is why.</summary>
    public static Remark Unknown(DiagnosisContext context) => new()
    {
        Id = "policy-unknown",
        Text = $"It cannot be known from outside whether {PolicyNames.Any(context.Policies)} lets the process bind.",
    };

    /// <summary>What could not be seen of the policies.</summary>
    public static IEnumerable<Remark> Limits(DiagnosisContext context)
    {
        if (context.Snapshot.Policies is not { } survey || context.Policies.IsEmpty || context.Policies.Any(static p => p.IsCertain))
            yield break;
        if (context.Policies.Any(static p => p.Kind == PolicyKind.Landlock))
            yield return Remark.Of("landlock-unseen",
                "Nothing on the system shows whether a Landlock ruleset is in force, so it cannot be ruled out.");
        if (Unread(context, survey) is { } unread)
            yield return unread;
    }

    /// <summary>The policies that could not be read; null for none.</summary>
    public static Remark? Unread(DiagnosisContext context, PolicySurvey survey) =>
        survey.Unread.IsEmpty ? null : Remark.Of("policies-unread", RemarkFinder.MayNotRead(context, survey.Unread));

    /// <summary>What may refuse a bind() that is free by the sockets: told in words, since no bind() can be tried there.</summary>
    public static IEnumerable<Remark> Untried(DiagnosisContext context)
    {
        if (context.Verdict != Verdict.Free || context.Target.Protocol == Protocol.Unix
            || context.Snapshot.Policies is not { ProcessId: not null } survey)
            yield break;
        var untried = UntriedPolicies.Of(context.Snapshot);
        var filter = untried.FirstOrDefault(static r => r.Kind == PolicyKind.Seccomp);
        if (filter is not null && context.Snapshot.Caller.As is { Listeners: [var listener, ..] })
            yield return Remark.Of("filter-untried",
                $"The process runs under a seccomp filter. It listens on {listener.Local}, so the filter lets it bind, unless it "
                    + "was set after that.");
        var others = untried.Where(static r => r.Kind != PolicyKind.Seccomp && !r.GovernsCaller)
            .Select(static r => PolicyFinder.Named(r, false)).ToList();
        if (others.Count > 0)
            yield return Remark.Of("policies-untried",
                $"No bind() can be tried in the program's place, so {PolicyNames.Any(others)} may still refuse it.");
        if (Unread(context, survey) is { } unread)
            yield return unread;
        if (context.Target.Protocol == Protocol.Tcp && !survey.Absent.Contains(PolicyKind.Landlock))
        {
            yield return survey.NoNewPrivileges == Fact.Yes
                ? Remark.Of("landlock-unseen",
                    "The process gave up new privileges (no_new_privs); whether a Landlock ruleset also keeps it from this port "
                        + "cannot be known from outside.")
                : Remark.Of("landlock-possible",
                    "Whether a Landlock ruleset keeps the process from this port cannot be known from outside.");
        }
    }

    private static string? Sentence(Policy policy) => policy.Kind switch
    {
        PolicyKind.Capability or PolicyKind.UserNamespace => policy.Detail,
        PolicyKind.CgroupBpf when PolicyNames.IsLineOfUnit(policy) =>
            $"{policy.Where ?? "The unit"} has {policy.Name}, and no SocketBindAllow= of it covers this bind().",
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
        PolicyKind.CgroupBpf when IsLineOfUnit(policy) => $"{policy.Name} of {policy.Where ?? "the unit"}",
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

    public static bool IsSystemd(Policy policy) => IsLineOfUnit(policy)
        || (policy.Kind == PolicyKind.CgroupBpf && policy.Name.StartsWith(SystemdPrefix, StringComparison.Ordinal));

    /// <summary>It was read in the unit's files, not on a cgroup.</summary>
    public static bool IsLineOfUnit(Policy policy) =>
        policy.Kind == PolicyKind.CgroupBpf && policy.Name.StartsWith("SocketBindDeny=", StringComparison.Ordinal);

    /// <summary>The unit whose cgroup carries the program: the path's last element; null when that is no unit.</summary>
    public static string? UnitOf(Policy policy) => SystemdCgroup.UnitOf(policy.Where);

    /// <summary>The sentence behind a refusal, for the first line.</summary>
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
    public static string Rewriter(ImmutableArray<Policy> policies) => policies.IsEmpty ? "a BPF program on its cgroup" : Any(policies);

    public static string Any(IEnumerable<Policy> policies) => Wording.Alternatives(Labels(policies));

    private static List<string> Labels(IEnumerable<Policy> policies) => [.. policies.Select(Label).Distinct(StringComparer.Ordinal)];
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
            : [ReadLog("Look for a policy: systemd's SocketBindDeny=, SELinux port types, AppArmor, seccomp.")];
    }

    /// <summary>For a port below ip_unprivileged_port_start.</summary>
    public static IEnumerable<Remedy> Privileged(DiagnosisContext context)
    {
        var isElsewhere = context.Policies.Any(static p => p.Kind == PolicyKind.UserNamespace);
        // Somebody raised the limit, and this port is below it for no other reason.
        var isRaised = context.Plan.Port >= HostSettings.DefaultUnprivilegedPortStart;
        if (isRaised)
            yield return LowerStart(context, "The limit was raised: give it its default again, so that every user may bind from there up"
                + (isElsewhere ? "; run it outside the container or user namespace." : "."), HostSettings.DefaultUnprivilegedPortStart);
        var isTaken = context.Main is not null;
        // Root asks for another user already, and sees who holds it.
        if (isTaken && context.Snapshot.Caller is { UserId: 0, As: { } program })
        {
            if (!program.IsOtherNetwork)
                yield return Remedy.Of("see-how-to-free", "It is taken as well: see what would end that.",
                    $"bindwise free {context.Question} --dry-run", "nothing", "none");
        }
        else if (isTaken)
            yield return Remedy.Of("ask-as-root", "It is taken as well: ask as root who holds it, and how to end that.",
                $"{RunAs.Root(context)}bindwise why {context.Question}", "nothing", "none");
        // Nobody looks for a protocol elsewhere, and what is taken cannot have the proxy.
        if (!isTaken || ProtocolPorts.NameOf((ushort)(context.Plan.Port ?? 0), context.Target.Protocol) is null)
            yield return Remedy.Of("other-port",
                $"Take a port from {Wording.Number(context.Snapshot.Settings.FirstUnprivilegedPort)} up{Example(context)}"
                    + (isTaken ? "." : ", and put a proxy or a redirect on the low one."), null, "where the program listens", "none");
        if (isElsewhere && isRaised)
            yield break;
        if (isElsewhere)
        {
            yield return LowerStart(context, "Let every user bind from this port up; run it outside the container or user namespace.");
            yield break;
        }
        if (context.Snapshot.Caller is { As: null, MayGainPrivilegedPorts: Fact.No })
        {
            yield return Remedy.Of("add-capability",
                "The bounding set here lacks the capability, so setcap cannot give it: start the container with this option (in a unit, "
                    + "leave it in CapabilityBoundingSet=).",
                $"--cap-add NET_BIND_SERVICE", "every program of the container may be given the right", "none");
            if (!isRaised)
                yield return Remedy.Of("lower-start",
                    "Let every program of the container bind from this port up: start it with this option (in a unit, or with the host's "
                        + "network, set it by sysctl -w on the host).",
                    $"--sysctl net.ipv4.ip_unprivileged_port_start={context.Plan.Port ?? 0}", "the container's own network namespace",
                    "any program in it may then take these ports");
            yield break;
        }
        if (context.Snapshot.Policies is { NoNewPrivileges: Fact.Yes })
            yield return Remedy.Of("without-no-new-privileges",
                "Start the program without no_new_privs, under which capabilities of its file have no effect: bindwise run and audit set "
                    + "it where root does not run them, a unit by NoNewPrivileges=. A file without cap_net_bind_service needs that, too "
                    + "(setcap).",
                null, "how the program is started", "setuid programs that it runs get their rights");
        else
            yield return Remedy.Of("grant-capability", "Let the program bind low ports.",
                $"{RunAs.Root(context)}setcap cap_net_bind_service=+ep /path/to/program",
                "everyone who may run that file may bind low ports with it",
                "on an interpreter (python, node) every script gets the right");
        yield return Remedy.Of("grant-in-unit", "For a systemd service, add this line to its unit.",
            $"AmbientCapabilities=CAP_NET_BIND_SERVICE", $"the unit's [Service] section ({RunAs.Root(context)}systemctl edit NAME.service)",
            "none");
        if (!isRaised)
            yield return LowerStart(context, "Let every user bind from this port up.");
    }

    private static Remedy LowerStart(DiagnosisContext context, string text, int? start = null) => Remedy.Of("lower-start", text,
        $"{RunAs.Root(context)}sysctl -w net.ipv4.ip_unprivileged_port_start={start ?? context.Plan.Port ?? 0}",
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
                Remedy.Of("label-port", "Give the port a type that this program may bind: http_port_t is that of web servers, others have "
                    + "their own (semanage port -l).",
                    $"{RunAs.Root(context)}semanage port -a -t http_port_t -p {protocol} {port} || "
                        + $"{RunAs.Root(context)}semanage port -m -t http_port_t -p {protocol} {port}",
                    "every program that may bind to that type may take the port", "none"),
            ],
            PolicyKind.AppArmor =>
            [
                Remedy.Of("look-at-profile",
                    "See what AppArmor logged, allow it in the profile (network inet stream,) and reload the profile.",
                    $"journalctl -k -g apparmor --since -10min", "nothing", "none"),
            ],
            PolicyKind.Landlock =>
            [
                Remedy.Of("allow-in-ruleset",
                    "Allow the port in the program's own Landlock ruleset (LANDLOCK_ACCESS_NET_BIND_TCP).",
                    $"landlock_add_rule(ruleset, LANDLOCK_RULE_NET_PORT, &(struct landlock_net_port_attr){{ .allowed_access = "
                        + $"LANDLOCK_ACCESS_NET_BIND_TCP, .port = {port} }}, 0);",
                    "the code of the program, or the options of the sandbox that starts it", "none"),
            ],
            _ => [ReadLog("See what the kernel logged.")],
        };

    private static Remedy ReadLog(string text) =>
        Remedy.Of("look-at-policy", text, $"journalctl -k | grep -iE 'denied|audit'", "nothing", "none");

    private static IEnumerable<Remedy> OfCgroup(DiagnosisContext context, Policy policy, ShellCommand protocol, int port)
    {
        if (PolicyNames.IsSystemd(policy))
        {
            var name = PolicyNames.UnitOf(policy) is { } known && NameGrammar.Unit.Word(known) is not null ? known : "NAME.service";
            var unit = NameGrammar.Unit.Word(name)!.Value;
            yield return Remedy.Of("look-at-unit", "See what the unit allows and denies.",
                $"systemctl show -p SocketBindAllow,SocketBindDeny {unit}", "nothing", "none");
            var root = RunAs.Root(context);
            var folder = NameGrammar.Path.Word($"/etc/systemd/system/{name}.d")!.Value;
            var section = name.EndsWith(".socket", StringComparison.Ordinal) ? ShellCommand.Of($"Socket") : ShellCommand.Of($"Service");
            // An older systemctl has no edit --stdin, and a newer one would replace what the user has edited (override.conf).
            yield return Remedy.Of("allow-in-unit",
                "Allow the port in a drop-in file of its own, have systemd read it, and restart the unit.",
                $"{root}mkdir -p {folder} && printf '[{section}]\\nSocketBindAllow={protocol}:{port}\\n' | {root}tee "
                    + $"{folder}/bindwise-{protocol}-{port}.conf && {root}systemctl daemon-reload && {root}systemctl restart {unit}",
                "the unit is restarted, and may bind this port from then on", "its clients are cut off");
            yield break;
        }
        yield return Remedy.Of("look-at-program", "See which programs are attached to the cgroup.",
            $"{RunAs.Root(context)}bpftool cgroup tree",
            "nothing", "none");
        yield return Remedy.Of("other-cgroup", "To be sure, start the program in another cgroup.",
            $"{RunAs.Root(context)}systemd-run --pty --slice=system.slice COMMAND", "where the program runs", "none");
    }
}

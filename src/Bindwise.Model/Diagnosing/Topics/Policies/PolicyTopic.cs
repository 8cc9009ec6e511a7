using Bindwise.Model.Diagnosing.Planning;

namespace Bindwise.Model.Diagnosing.Topics.Policies;

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
                : "A policy answers before the kernel looks at who has the port, so programs get its errno; without it they would get "
                    + "EADDRINUSE.";
        if (context.Cause == Cause.DeniedByPolicy && context.Decisive.RefusedCall == ProbedCall.Listen)
            return "bind() succeeds and only listen() is refused, so the program has the port and no client can connect.";
        if (context.Decisive.IsOpenByPolicy)
            return "Bindwise can try no bind() in the process's place, and the kernel does not show what its filters and programs answer.";
        if (Rewriting(context) is { } rewriting)
            return rewriting;
        return context.Cause != Cause.PrivilegedPort || context.Snapshot.Caller is not { As: null, UserId: not 0 } ? null
            : "The kernel checks this before it looks at who uses the port; net.ipv4.ip_unprivileged_port_start sets the limit.";
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
            : new Remark
            {
                Id = "policy-afterwards",
                Text = $"Once the port is free, {PolicyNames.Any(programs)} is asked and may refuse it (EPERM).",
            };
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
            yield return new Remark
            {
                Id = "landlock-unseen",
                Text = "Nothing on the system shows whether a Landlock ruleset is in force, so it cannot be ruled out.",
            };
        if (Unread(context, survey) is { } unread)
            yield return unread;
    }

    /// <summary>The policies that could not be read; null for none.</summary>
    public static Remark? Unread(DiagnosisContext context, PolicySurvey survey) =>
        survey.Unread.IsEmpty ? null : new Remark { Id = "policies-unread", Text = LimitFinder.MayNotRead(context, survey.Unread) };

    /// <summary>What may refuse a bind() that is free by the sockets: told in words, since no bind() can be tried there.</summary>
    public static IEnumerable<Remark> Untried(DiagnosisContext context)
    {
        if (context.Verdict != Verdict.Free || context.Target.Protocol == Protocol.Unix
            || context.Snapshot.Policies is not { ProcessId: not null } survey)
            yield break;
        var untried = UntriedPolicies.Of(context.Snapshot);
        var filter = untried.FirstOrDefault(static r => r.Kind == PolicyKind.Seccomp);
        if (filter is not null && context.Snapshot.Caller.As is { Listeners: [var listener, ..] })
            yield return new Remark
            {
                Id = "filter-untried",
                Text = $"The process runs under a seccomp filter. It listens on {listener.Local}, so the filter lets it bind, unless it "
                    + "was set after that.",
            };
        var others = untried.Where(static r => r.Kind != PolicyKind.Seccomp && !r.GovernsCaller)
            .Select(static r => PolicyFinder.Named(r, false)).ToList();
        if (others.Count > 0)
            yield return new Remark
            {
                Id = "policies-untried",
                Text = $"No bind() can be tried in the program's place, so {PolicyNames.Any(others)} may still refuse it.",
            };
        if (Unread(context, survey) is { } unread)
            yield return unread;
        if (context.Target.Protocol == Protocol.Tcp && !survey.Absent.Contains(PolicyKind.Landlock))
        {
            yield return survey.NoNewPrivileges == Fact.Yes
                ? new Remark
                {
                    Id = "landlock-unseen",
                    Text = "The process gave up new privileges (no_new_privs); whether a Landlock ruleset also keeps it from this port "
                        + "cannot be known from outside.",
                }
                : new Remark
                {
                    Id = "landlock-possible",
                    Text = "Whether a Landlock ruleset keeps the process from this port cannot be known from outside.",
                };
        }
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

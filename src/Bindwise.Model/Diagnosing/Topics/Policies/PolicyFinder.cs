using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Rules;

namespace Bindwise.Diagnostics;

/// <summary>
/// Which policies may have refused a bind(), and which one did: one that was shown to, or the only one that the errno, the protocol and the
/// survey leave. Those that were shown to let it pass are not named.
/// </summary>
internal static class PolicyFinder
{
    private static readonly ImmutableArray<PolicyKind> BesideTheTable =
    [
        PolicyKind.CgroupBpf, PolicyKind.Seccomp, PolicyKind.SELinux, PolicyKind.AppArmor, PolicyKind.Smack, PolicyKind.Tomoyo,
        PolicyKind.Landlock, PolicyKind.BpfLsm,
    ];

    public static ImmutableArray<Policy> Of(BindAssessment decisive, Snapshot snapshot)
    {
        if (decisive.Outcome == Outcome.Blocked && BindRules.DenialByUnit(decisive.Request, snapshot) is { } rule)
            return [Named(new PolicyRecord(PolicyKind.CgroupBpf, rule.Text, snapshot.Caller.As!.Unit, Hook: PolicyHook.Bind), true)];
        if (snapshot.Policies is not { } survey)
            return [];
        if (decisive.Landed is not null)
            return Rewriting(survey);
        if (decisive.IsOpenByPolicy)
            return [.. UntriedPolicies.Deciding(snapshot, decisive.ProbedErrno == 0).Select(static r => Named(r, false))];
        if (decisive.Outcome != Outcome.Blocked)
            return [];
        if (decisive.Rule == RuleBook.PrivilegedPort)
            return [.. survey.Found.Where(static r => IsPrivilege(r.Kind) && r.Denies == Fact.Yes).Select(static r => Named(r, true))];
        if (!IsUnexplained(decisive))
            return [];
        var shown = survey.Found.Where(r => r.Denies == Fact.Yes && !IsPrivilege(r.Kind)).ToList();
        if (shown.Count > 0)
            return [.. shown.Select(static r => Named(r, true))];
        if (decisive.IsTakenElsewhere)
            return Rewriting(survey);
        // A taken port has other explanations as long as no policy was shown to pretend it.
        if (decisive is { Errno: "EADDRINUSE", IsRefusedBeforeConflicts: false })
            return [];
        var possible = survey.Found.Where(r => r.Denies == Fact.Unknown && IsAsked(r.Hook, decisive)
            && MayAnswer(r.Kind, decisive, isThere: true)).Select(static r => Named(r, false))
            .Concat(BesideTheTable
                .Where(k => MayAnswer(k, decisive, isThere: false) && !survey.Absent.Contains(k) && survey.Found.All(r => r.Kind != k))
                .Select(static k => new Policy { Kind = k, Name = "", Where = null, Detail = null, IsCertain = false }))
            .ToList();
        // A record of each program counts as one policy when they are of one kind and one place.
        return possible.Select(static p => p.Kind).Distinct().Count() == 1
            ? [.. possible.Select(p => p with { IsCertain = possible.Count == 1 || possible.TrueForAll(o => o.Where == p.Where) })]
            : [.. possible];
    }

    /// <summary>The programs that may have had the kernel bind another address or port.</summary>
    private static ImmutableArray<Policy> Rewriting(PolicySurvey survey)
    {
        var programs = survey.Found.Where(static r => r is { Hook: PolicyHook.Bind, Denies: Fact.Unknown }).ToList();
        return [.. programs.Select(r => Named(r, programs.Count == 1))];
    }

    /// <summary>The errno comes from beside the table: the rules allow the bind, or know no such answer.</summary>
    public static bool IsUnexplained(BindAssessment assessment) =>
        assessment.IsDeniedByPolicy || assessment.Decision.Rule == RuleBook.DeniedByPolicy
        || (assessment.ProbedErrno is not (null or 0) && assessment.Decision.Outcome == Outcome.Allowed)
        || (assessment.Outcome == Outcome.Blocked && assessment.Decision is { Outcome: Outcome.Undetermined, Blockers.IsEmpty: true });

    /// <summary>A program on a cgroup is asked at one call, and after the conflict check only where that let the bind pass.</summary>
    private static bool IsAsked(PolicyHook hook, BindAssessment assessment) => hook switch
    {
        PolicyHook.SocketCreate => assessment.RefusedCall == ProbedCall.Socket,
        PolicyHook.Bind => assessment.RefusedCall == ProbedCall.Bind,
        PolicyHook.PostBind => assessment is { RefusedCall: ProbedCall.Bind, PolicyRefusal: null },
        _ => true,
    };

    private static bool IsPrivilege(PolicyKind kind) => kind is PolicyKind.Capability or PolicyKind.UserNamespace;

    public static Policy Named(PolicyRecord record, bool isCertain) => new()
    {
        Kind = record.Kind,
        Name = record.Name,
        Where = record.Where,
        Detail = record.Detail,
        IsCertain = isCertain,
        Hook = record.Hook,
    };

    /// <summary>
    /// What each of them answers: seccomp whatever its filter says; a BPF program EPERM, unless it sets another errno, which is taken for
    /// possible only of one that is there; TOMOYO EPERM; the others EACCES, Landlock to TCP alone.
    /// </summary>
    private static bool MayAnswer(PolicyKind kind, BindAssessment assessment, bool isThere) => kind switch
    {
        PolicyKind.Seccomp => true,
        PolicyKind.CgroupBpf or PolicyKind.BpfLsm => isThere || assessment.Errno == "EPERM",
        PolicyKind.Tomoyo => assessment.Errno == "EPERM",
        PolicyKind.SELinux or PolicyKind.AppArmor or PolicyKind.Smack => assessment.Errno == "EACCES",
        PolicyKind.Landlock =>
            assessment.Errno == "EACCES" && assessment.RefusedCall == ProbedCall.Bind && assessment.Request.Protocol == Protocol.Tcp,
        _ => false,
    };
}

/// <summary>A policy that refuses the bind(), or may.</summary>
public sealed record Policy
{
    /// <summary>What it is.</summary>
    public required PolicyKind Kind { get; init; }

    /// <summary>What it is called; empty where only the kind is known.</summary>
    public required string Name { get; init; }

    /// <summary>What carries it; null when nothing does or it is not known.</summary>
    public required string? Where { get; init; }

    /// <summary>What else is known of it; null for nothing.</summary>
    public required string? Detail { get; init; }

    /// <summary>It is the one: shown to refuse this bind(), or the only one that is left.</summary>
    public required bool IsCertain { get; init; }

    /// <summary>When a program on a cgroup runs; none for other policies.</summary>
    internal PolicyHook Hook { get; init; }
}

/// <summary>Whether policies have to be looked for: a bind() was refused, and neither a socket nor an address explains it.</summary>
internal static class PolicyQuestion
{
    /// <summary>Whether the answer to this bind() asks for it.</summary>
    public static bool IsRaised(BindRequest request, Snapshot snapshot) =>
        BindAssessment.Of(request, snapshot) is { Outcome: Outcome.Blocked } assessment
        && (assessment.Rule == RuleBook.PrivilegedPort || PolicyFinder.IsUnexplained(assessment));

    public static ProbedCall RefusedCall(BindRequest request, Snapshot snapshot) => BindAssessment.Of(request, snapshot).RefusedCall;
}

using Bindwise.Model.Rules;

namespace Bindwise.Model.Diagnosing.Planning;

/// <summary>One bind(): what the rules say, what the probe said, and what is answered.</summary>
/// <param name="Probe">The probe that answers for it; null when none does.</param>
internal sealed record BindAssessment(BindRequest Request, Decision Decision, ProbeResult? Probe)
{
    private const int EPERM = 1;
    private const int EACCES = 13;
    private const int EINVAL = 22;
    private const int ENODEV = 19;
    private const int ENOSYS = 38;
    private const int EAFNOSUPPORT = 97;
    private const int EADDRINUSE = 98;
    private const int EADDRNOTAVAIL = 99;

    public static BindAssessment Of(BindRequest request, Snapshot snapshot)
    {
        var probe = ProbeFor(request, snapshot);
        return new(request, BindRules.Decide(request, snapshot), probe)
        {
            Policy = PolicyInForce(request, snapshot),
            PolicyRefusal = PolicyRefusalOf(request, snapshot),
            IsRewritable = MayBeRewritten(snapshot),
            IsUntried = request.Protocol != Protocol.Unix && UntriedPolicies.Deciding(snapshot, probe?.Errno == 0).Any(),
            IsPermitted = snapshot.Permitted.Contains(request.Plain),
            MayBeHeldUnseen = request.Protocol == Protocol.Tcp && !snapshot.Coverage.BoundOnlySeen,
        };
    }

    /// <summary>The probe's answer; null when it was not asked.</summary>
    public int? ProbedErrno => Probe?.Errno;

    /// <summary>The kernel was asked, without taking the port, and nothing but a socket can refuse the bind.</summary>
    public bool IsPermitted { get; private init; }

    /// <summary>
    /// Whether a policy was met: then what the rules allow is not known to be allowed, and an errno that they do not know is the policy's.
    /// </summary>
    private enum PolicyState : byte
    {
        None,
        Met,
        Shown,
    }

    private PolicyState Policy { get; init; }

    /// <summary>Where a BPF program on the cgroup has the kernel bind it instead; null for where it was asked.</summary>
    public IpEndpoint? Landed => Probe?.Landed;

    /// <summary>
    /// A policy's refusal by a call that cannot take the port: of socket() and bind() before the kernel looks at other sockets, of listen()
    /// after bind() succeeded. Null for none.
    /// </summary>
    public ProbeResult? PolicyRefusal { get; private init; }

    public ProbedCall RefusedCall => IsRefusedByPolicyProbe ? PolicyRefusal!.Call : Probe?.Call ?? ProbedCall.Bind;

    /// <summary>The answer: a policy's, else the probe's where there is one, else the rules'.</summary>
    public Outcome Outcome => IsRefusedByPolicyProbe ? Outcome.Blocked : OutcomeOfBind;

    private bool IsRefusedByPolicyProbe =>
        PolicyRefusal is { Call: var call } && (call != ProbedCall.Listen || OutcomeOfBind == Outcome.Allowed);

    /// <summary>No socket is in the way, and a policy of the process for which it is answered keeps the answer open.</summary>
    public bool IsOpenByPolicy =>
        IsUntried && OutcomeOfBind == Outcome.Undetermined && (ProbedErrno == 0 || Decision.Outcome == Outcome.Allowed);

    private bool IsUntried { get; init; }

    private Outcome OutcomeOfBind => ProbedErrno switch
    {
        null or 0 when IsUntried && (ProbedErrno == 0 || Decision.Outcome == Outcome.Allowed) => Outcome.Undetermined,
        null when Policy != PolicyState.None && !IsPermitted && Request.Protocol != Protocol.Unix && Decision.Outcome == Outcome.Allowed =>
            Outcome.Undetermined,
        null => Decision.Outcome,
        0 => Outcome.Allowed,
        _ => Outcome.Blocked,
    };

    public string? Errno => Outcome != Outcome.Blocked ? null
        : IsRefusedByPolicyProbe ? ErrnoNames.Of(PolicyRefusal!.Errno) : ProbedErrno is { } errno ? ErrnoNames.Of(errno) : Decision.Errno;

    /// <summary>The rules allow it, and something outside the socket table refuses.</summary>
    public bool IsDeniedByPolicy => IsRefusedByPolicyProbe || IsRefusedBeforeConflicts || IsTakenElsewhere || IsSocketRefused
        || (IsNoConflict && (IsRefusal(ProbedErrno) || (ProbedErrno is not (null or 0) && Policy == PolicyState.Shown)));

    /// <summary>No socket refuses: by the rules, or, where the table could not be read, by an errno that no conflict has.</summary>
    private bool IsNoConflict => Decision.Outcome == Outcome.Allowed
        || (Decision is { Outcome: Outcome.Undetermined } && Decision.Rule == RuleBook.HeldExclusively && Decision.Blockers.IsEmpty
            && ProbedErrno is not (null or 0 or EADDRINUSE));

    /// <summary>
    /// The kernel refused before it looked at the sockets on the port, the only thing that the rules ask about, and not for the address:
    /// whatever the errno, a policy answered.
    /// </summary>
    public bool IsRefusedBeforeConflicts =>
        Probe is { IsBeforeConflicts: true, Errno: not (0 or EINVAL or ENODEV or EAFNOSUPPORT or EADDRNOTAVAIL) }
        && (Decision.Outcome == Outcome.Allowed || Decision is { Outcome: Outcome.Undetermined, Blockers.IsEmpty: false });

    /// <summary>socket() was refused, which knows of no port, and not for want of the family.</summary>
    private bool IsSocketRefused =>
        Probe is { Call: ProbedCall.Socket, Errno: not 0 and var errno } && Decision.Errno != ErrnoNames.Of(errno);

    /// <summary>No socket is on the port, and a program that may bind another one was asked: the one that it chose is taken.</summary>
    public bool IsTakenElsewhere => IsRewritable && ProbedErrno == EADDRINUSE && Decision.Outcome == Outcome.Allowed;

    private bool IsRewritable { get; init; }

    /// <summary>A socket may be on the port that no list shows: one that is bound only, before Linux 6.8.</summary>
    private bool MayBeHeldUnseen { get; init; }

    /// <summary>The kernel refused, and what refuses may be a socket that no list shows.</summary>
    public bool IsHeldUnseen => MayBeHeldUnseen && ProbedErrno == EADDRINUSE && Decision.Outcome == Outcome.Allowed;

    /// <summary>The rules were sure, the kernel answered otherwise, and nothing that was not seen can explain it.</summary>
    public bool Contradicts => Disagrees && !IsHeldUnseen;

    /// <summary>The rules were sure and the kernel answered otherwise.</summary>
    public bool Disagrees => ProbedErrno is not null && !IsDeniedByPolicy && Landed is null && Decision.Outcome switch
    {
        Outcome.Allowed => ProbedErrno != 0,
        Outcome.Blocked => Decision.Errno != ErrnoNames.Of(ProbedErrno.Value),
        _ => false,
    };

    public Rule Rule => IsDeniedByPolicy ? RuleBook.DeniedByPolicy
        : IsHeldOutOfSight ? RuleBook.HeldExclusively
        : ProbedErrno == 0 && Decision.Outcome == Outcome.Undetermined ? RuleThatLets
        : Decision.Rule;

    /// <summary>What the rules left open was an address or a privilege, and the kernel's answer is a conflict.</summary>
    private bool IsHeldOutOfSight =>
        ProbedErrno == EADDRINUSE && Request.Port != 0 && Decision is { Outcome: Outcome.Undetermined, Blockers.IsEmpty: true };

    private Rule RuleThatLets => Request switch
    {
        { Port: 0, Protocol: not Protocol.Unix } => RuleBook.EphemeralPortFree,
        // What was open was the address, not another socket.
        _ when Decision.Blockers.IsEmpty => RuleBook.NothingInTheWay,
        { Protocol: Protocol.Udp, ReusePort: true } => RuleBook.UdpReusePortSameUser,
        { ReusePort: true } => RuleBook.ReusePortSameUser,
        { ReuseAddress: true } => RuleBook.BothReuseAddress,
        _ => RuleBook.AddressesDisjoint,
    };

    /// <summary>As it is shown: listen() right after bind() runs the same check, so it is told, not tried.</summary>
    public Attempt ToAttempt(bool isAsked)
    {
        var isListenRefused = IsRefusedByPolicyProbe && RefusedCall == ProbedCall.Listen;
        var result = Outcome switch
        {
            Outcome.Allowed => "ok",
            _ when isListenRefused => "ok",
            Outcome.Blocked => Errno,
            _ => null,
        };
        CallResult? listen = isListenRefused ? new CallResult(Errno, true)
            : Outcome == Outcome.Allowed && Request.Protocol != Protocol.Udp ? new CallResult("ok", false) : null;
        return new Attempt
        {
            Request = Request,
            Bind = new CallResult(result,
                ProbedErrno is not null || (IsRefusedByPolicyProbe && !isListenRefused))
            { IsPermitted = IsPermitted },
            Listen = listen,
            IsAsked = isAsked,
            Rule = Rule,
        };
    }

    private static bool IsRefusal(int? errno) => errno is EPERM or EACCES or ENOSYS or EAFNOSUPPORT;

    private static PolicyState PolicyInForce(BindRequest request, Snapshot snapshot) =>
        snapshot.Policies is { } survey
            && survey.Found.Any(static r => r is { Kind: not (PolicyKind.Capability or PolicyKind.UserNamespace), Denies: Fact.Yes })
            ? PolicyState.Shown
            : snapshot.Probes.Any(p => (IsRefusal(p.Errno) || (p.Errno == EADDRINUSE && MayBeRewritten(snapshot)))
                && p.Request.Port == request.Port && BindRules.Decide(p.Request, snapshot).Outcome == Outcome.Allowed)
                ? PolicyState.Met
                : PolicyState.None;

    /// <summary>A BPF program on this run's cgroup may have the kernel bind something else.</summary>
    private static bool MayBeRewritten(Snapshot snapshot) => snapshot.Policies is { ProcessId: null, MayRewriteBind: true };

    /// <summary>Policies stand before the rules of sharing: one answer holds whatever options are set.</summary>
    private static ProbeResult? PolicyRefusalOf(BindRequest request, Snapshot snapshot) => snapshot.PolicyProbes
        .Where(p => p.Errno != 0 && p.Request.Protocol == request.Protocol && p.Request.Address == request.Address
            && p.Request.Port == request.Port)
        .OrderBy(static p => p.Call == ProbedCall.Listen)
        .FirstOrDefault();

    /// <summary>
    /// The probe of exactly this bind; or a plain one that answers for it: [::] dual-stack takes 0.0.0.0; where a plain bind succeeds
    /// nothing overlaps, so one with a sharing option does too; and an errno that does not come from a conflict is not about sharing.
    /// </summary>
    private static ProbeResult? ProbeFor(BindRequest request, Snapshot snapshot)
    {
        var plain = request.Plain;
        return snapshot.Probes.FirstOrDefault(p => p.Request == request)
            ?? snapshot.Probes.FirstOrDefault(p => p.Request == plain && (p.IsBeforeConflicts || p.Errno is not (0 or EADDRINUSE)))
            ?? snapshot.Probes.FirstOrDefault(
                p => p.Errno == 0 && (p.Request == plain || (p.Landed is null && TakesWithIt(p.Request, plain, snapshot))));
    }

    private static bool TakesWithIt(BindRequest probed, BindRequest other, Snapshot snapshot) =>
        probed.Address == IpAddress.AnyIPv6 && !snapshot.Settings.IsV6Only(probed)
        && other.Address == IpAddress.AnyIPv4 && probed with { Address = other.Address, V6Only = other.V6Only } == other;
}

/// <summary>
/// Policies of the process for which it is answered that are seen to be in force, and whose answer nothing shows: no bind() can be tried in
/// its cgroup or under its filters.
/// </summary>
internal static class UntriedPolicies
{
    /// <summary>All of them, those of security modules included, which rule by labels and seldom by ports.</summary>
    public static ImmutableArray<PolicyRecord> Of(Snapshot snapshot) => snapshot.Policies is not { ProcessId: not null } survey ? []
        : [.. survey.Found.Where(
            static r => r.Denies == Fact.Unknown && r.Kind is not (PolicyKind.Capability or PolicyKind.UserNamespace))];

    /// <summary>Those that keep the answer open.</summary>
    public static IEnumerable<PolicyRecord> Deciding(Snapshot snapshot, bool isProbed) => Of(snapshot).Where(r => r.Kind switch
    {
        // A filter sees the call and not the port: one that let the process listen lets it listen again.
        PolicyKind.Seccomp => snapshot.Caller.As is not { Listeners.IsEmpty: false },
        PolicyKind.CgroupBpf => !(isProbed && r.GovernsCaller),
        _ => false,
    });
}

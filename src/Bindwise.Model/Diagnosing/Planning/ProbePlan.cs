using Bindwise.Model.Rules;

namespace Bindwise.Model.Diagnosing.Planning;

/// <summary>
/// Which binds a probe should try: as few as settle the question. Rules first. Of what they allow it is asked whether anything but a socket
/// refuses it, which takes no port; a bind that takes the port is for what the table and the rules leave open.
/// </summary>
internal static class ProbePlan
{
    /// <summary>
    /// The plain binds of which it is to be asked whether anything but a socket refuses them: all that the rules do not refuse.
    /// </summary>
    public static ImmutableArray<BindRequest> Permitting(RequestPlan plan, Snapshot snapshot) =>
        [
            .. plan.Asked
                .Where(r => r.Protocol != Protocol.Unix && r.Port != 0 && BindRules.Decide(r, snapshot).Outcome != Outcome.Blocked)
                .Select(static r => r.Plain)
                .Distinct(),
        ];

    /// <summary>
    /// The plain binds that confirm that it is free where the table does not show every socket: one of [::] dual-stack stands for 0.0.0.0
    /// too, but for port 0, where it costs nothing to ask twice. None that the rules refuse already.
    /// </summary>
    public static ImmutableArray<BindRequest> Confirming(RequestPlan plan, Snapshot snapshot)
    {
        var plain = plan.Asked
            .Where(static r => r.Protocol != Protocol.Unix)
            .Select(static r => r.Plain)
            .Where(r => BindRules.Decide(r, snapshot).Outcome != Outcome.Blocked)
            .Distinct()
            .ToList();
        if (plan.Port != 0 && plain.Exists(r => r.Address == IpAddress.AnyIPv6 && !snapshot.Settings.IsV6Only(r)))
            plain.RemoveAll(static r => r.Address == IpAddress.AnyIPv4);
        return [.. plain];
    }

    /// <summary>
    /// The binds of which policies are asked beside a probe: those that the rules refuse, where a policy answers first, and those for which
    /// the probe of another bind answers, which other policies may have seen.
    /// </summary>
    public static ImmutableArray<BindRequest> AskingPolicies(RequestPlan plan, Snapshot snapshot) =>
        [
            .. plan.Asked.Where(r => (r.Protocol == Protocol.Unix || r.Port != 0)
                && !BindAssessment.Of(r, snapshot).IsDeniedByPolicy
                && snapshot.Probes.All(p => p.Request != r.Plain) && !snapshot.Permitted.Contains(r.Plain)).DistinctBy(static r => r.Plain),
        ];

    /// <summary>
    /// A policy answered the probe, or changed what it bound, which no socket and no address explains: it may be this run's alone.
    /// </summary>
    public static bool IsByOwnPolicy(ProbeResult result, Snapshot snapshot) =>
        result.Landed is not null || (result.IsBeforeConflicts && ErrnoNames.Of(result.Errno) == "EADDRINUSE")
            || (ErrnoNames.Of(result.Errno) is "EPERM" or "EACCES"
                && BindRules.Decide(result.Request, snapshot).Outcome == Outcome.Allowed);

    /// <summary>The binds after which listen() is called.</summary>
    public static ImmutableArray<BindRequest> AskingListen(RequestPlan plan, Snapshot snapshot) =>
        [.. plan.Asked.Where(
            r => r.Protocol != Protocol.Udp && r.UnixType != HeldSocket.UnixDatagram && plan.Destinations.IsEmpty
                && BindAssessment.Of(r, snapshot).Outcome == Outcome.Allowed)];

    /// <summary>
    /// The plain binds of which only the bind itself tells: a BPF program may have the kernel do them elsewhere, or a policy refuses port 0
    /// of that family too, and would refuse what the bind of the other family took along.
    /// </summary>
    public static IEnumerable<BindRequest> AskingPrograms(RequestPlan plan, Snapshot snapshot)
    {
        var mayRewrite = snapshot.Policies is { MayRewriteBind: true };
        return AskingPolicies(plan, snapshot).Where(r => r.Protocol != Protocol.Unix && (mayRewrite || IsUnanswered(r)))
            .Select(static r => r.Plain);

        bool IsUnanswered(BindRequest request) =>
            snapshot.PolicyProbes.All(p => p.Request != request || p.Call == ProbedCall.Listen)
                && BindAssessment.Of(request, snapshot).Outcome == Outcome.Allowed;
    }

    /// <summary>Every bind that was asked about is told to succeed: what has not been read cannot change the verdict.</summary>
    public static bool IsConfirmed(RequestPlan plan, Snapshot snapshot) =>
        plan.Asked.All(r => BindAssessment.Of(r, snapshot).Outcome == Outcome.Allowed);

    /// <summary>
    /// What is still open: binds that the rules leave undetermined, and asked ones that they allow without having seen every socket, or
    /// without it being known that nothing else refuses them; as far as no probe told. Never one with a sharing option on a UDP port that a
    /// socket holds (it would take its datagrams), never on a UNIX path.
    /// </summary>
    public static ImmutableArray<BindRequest> Open(RequestPlan plan, Snapshot snapshot)
    {
        var seesAll = SeesEverySocket(plan, snapshot);
        return
        [
            .. plan.Asked.Where(r => ToProbe(r, isAsked: true)).Concat(plan.Others.Where(r => ToProbe(r, isAsked: false)))
                .OrderBy(TroubleRank),
        ];

        bool ToProbe(BindRequest request, bool isAsked) => MayProbe(request)
            && BindAssessment.Of(request, snapshot) is { ProbedErrno: null } assessment && IsOpen(assessment, isAsked, seesAll);
    }

    /// <summary>What the probes so far tell of a request: 0 for success, else an errno; null when they tell nothing.</summary>
    public static int? AnswerOf(BindRequest request, Snapshot snapshot) => BindAssessment.Of(request, snapshot).ProbedErrno;

    /// <summary>
    /// A bind with SO_REUSEPORT that succeeds leaves its address in the port's cache, as long as a TIME_WAIT keeps the port, and lets the
    /// next one pass whose address it covers (inet_csk_update_fastreuse): those binds come last, the widest address first, and those with
    /// SO_REUSEADDR too, which may succeed where SO_REUSEPORT alone does not, after those without.
    /// </summary>
    private static int TroubleRank(BindRequest request) => !request.ReusePort ? 0
        : (request.ReuseAddress ? 2 : 0) + (request.Address.Family == IpFamily.IPv6 ? 1 : 2);

    /// <summary>The kernel refused for a socket that the table does not show: look again before it is called a disagreement.</summary>
    public static bool IsContradicted(RequestPlan plan, Snapshot snapshot) =>
        plan.Asked.Concat(plan.Others).Any(r => BindAssessment.Of(r, snapshot).Disagrees);

    /// <summary>The port's sockets stand in the snapshot, every one of them: what the rules then allow, no socket refuses.</summary>
    public static bool SeesEverySocket(RequestPlan plan, Snapshot snapshot) =>
        snapshot.Coverage is { AllStatesRead: true, SocketsPartial: false, SocketsUnread: false } coverage
            && (coverage.BoundOnlySeen || plan.Asked.All(static r => r.Protocol == Protocol.Udp))
            && snapshot.Tallies.Sum(static t => (long)t.Count) <= snapshot.Sockets.Count(s => s.Local.Port == plan.Port);

    private static bool IsOpen(BindAssessment assessment, bool isAsked, bool seesAll) => assessment.Decision.Outcome switch
    {
        Outcome.Undetermined => true,
        // Beside a live SO_REUSEPORT group there is nothing to confirm: the rule is exact.
        Outcome.Allowed => isAsked && !assessment.Request.ReusePort && !(assessment.IsPermitted && seesAll),
        _ => false,
    };

    private static bool MayProbe(BindRequest request) => request.Protocol switch
    {
        Protocol.Tcp => true,
        Protocol.Udp => !request.ReuseAddress && !request.ReusePort,
        _ => false,
    };
}

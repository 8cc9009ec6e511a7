using Bindwise.Model.Diagnosing.Owners;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Diagnosing.Portable;
using Bindwise.Model.Diagnosing.Topics;
using Bindwise.Model.Rules;
using Bindwise.Model.Targets;

namespace Bindwise.Model.Diagnosing;

/// <summary>Turns a target and a snapshot into a diagnosis: a pure function, the same for a live host and a saved file.</summary>
internal static class Diagnoser
{
    /// <summary>Whether a snapshot holds what a target asks about: the service and host names that it uses.</summary>
    /// <param name="options">How the program binds, as far as the user told.</param>
    public static bool CanDiagnose(Target target, ProgramOptions options, Snapshot snapshot) =>
        !RequestPlan.From(target, options, snapshot).Asked.IsEmpty;

    /// <summary>Says whether the target can be bound, why or why not, who holds it, and what to do.</summary>
    /// <param name="options">How the program binds, as far as the user told.</param>
    /// <param name="snapshot">The host. Names that the target uses must have been looked up.</param>
    /// <exception cref="ArgumentException">They were not (<see cref="CanDiagnose"/>).</exception>
    public static Diagnosis Diagnose(Target target, ProgramOptions options, Snapshot snapshot)
    {
        if (snapshot.Portable is { } record)
            return PortableDiagnosis.Of(target, options, snapshot, record);
        var context = Find(target, options, snapshot);
        var attempts = context.Asked.Select(static j => j.ToAttempt(isAsked: true))
            .Concat(context.Others.Select(static j => j.ToAttempt(isAsked: false)));
        return new Diagnosis
        {
            Target = target,
            Port = context.Plan.Port,
            Verdict = context.Verdict,
            Errno = context.Verdict == Verdict.Blocked ? context.Decisive.Errno : null,
            Cause = context.Cause,
            Factors = context.Factors,
            Rule = context.Decisive.Rule,
            Summary = FirstLine.Of(context),
            Why = [.. Reasons.Of(context)],
            Attempts = [.. attempts],
            Blockers = context.Blockers,
            ClosedFirst = context.ClosedFirst,
            FreeAt = context.FreeAt,
            Policies = context.Policies,
            Remedies = [.. SubjectAnswer.Adapt(context, RemedyFinder.Of(context), snapshot.Caller.As)],
            As = snapshot.Caller.As,
            Elsewhere = ElsewhereFinder.Of(context),
            Warnings = [.. RemarkFinder.Warnings(context)],
            Limits = [.. RemarkFinder.Limits(context)],
            Processes = snapshot.Processes,
            Interfaces = snapshot.Interfaces,
            Tallies = snapshot.Tallies,
            PortUse = PortUse.Of(snapshot),
            Disagreement = DisagreementReport.Of(context),
            TakenAt = snapshot.TakenAt,
            Coverage = snapshot.Coverage,
            Kernel = snapshot.Kernel.Length > 0 ? snapshot.KernelRelease : null,
        };
    }

    internal static DiagnosisContext Find(Target target, ProgramOptions options, Snapshot snapshot)
    {
        var plan = RequestPlan.From(target, options, snapshot);
        ImmutableArray<BindAssessment> asked = [.. plan.Asked.Select(r => BindAssessment.Of(r, snapshot))];
        if (asked.IsEmpty)
            throw new ArgumentException("The snapshot does not hold the names that the target uses.", nameof(snapshot));
        var decisive = EphemeralPortTopic.OfConnect(plan, DecisiveOf(asked), snapshot);
        var verdict = decisive.Outcome switch
        {
            Outcome.Allowed => Verdict.Free,
            Outcome.Blocked => Verdict.Blocked,
            _ => Verdict.Undetermined,
        };
        var book = new OwnerIndex(snapshot);
        ImmutableArray<BindAssessment> others = [.. plan.Others.Select(r => BindAssessment.Of(r, snapshot))];
        var refused = verdict != Verdict.Free ? asked
            : plan.AssumesReuseAddress ? [.. others.Where(static j => !j.Request.ReuseAddress && !j.Request.ReusePort)] : [];
        var blockers = BlockersOf(refused, snapshot, book);
        var policies = PolicyFinder.Of(decisive, snapshot);
        var causes = CauseFinder.Of(target, decisive, blockers, policies, snapshot, book);
        var kind = blockers.IsEmpty ? (Cause?)null : CauseFinder.KindOf(blockers[0].Socket, snapshot);
        var alike = blockers.Select(static b => b.Socket).Where(socket => CauseFinder.KindOf(socket, snapshot) == kind);
        return new DiagnosisContext
        {
            Target = target,
            Snapshot = snapshot,
            Holders = book,
            Plan = plan,
            Asked = asked,
            Others = others,
            Decisive = decisive,
            Verdict = verdict,
            Blockers = blockers,
            Cause = causes[0],
            Factors = causes[1..],
            Policies = policies,
            ClosedFirst = CloseOrder.Of(alike, snapshot.Sockets),
            FreeAt = FreeAtOf(decisive, blockers, snapshot),
        };
    }

    /// <summary>Blocked when one of them is: an address in use says more than one that is not there.</summary>
    private static BindAssessment DecisiveOf(ImmutableArray<BindAssessment> asked) => asked
        .OrderBy(static j => j switch
        {
            // A policy answers before the kernel looks at who has the port: its errno is the one that the program gets.
            { Outcome: Outcome.Blocked, IsDeniedByPolicy: true, Decision.Blockers.IsEmpty: false } => -1,
            { Outcome: Outcome.Blocked, Errno: "EADDRINUSE" } => j.Decision.Blockers.IsEmpty ? 1 : 0,
            { Outcome: Outcome.Blocked } => 2,
            { Outcome: Outcome.Undetermined } => 3,
            // It succeeds, and not where it was asked.
            { Landed: not null } => 4,
            _ => 5,
        })
        .ThenBy(static j => j.Decision.Blockers is [{ Socket.State: TcpSocketState.Listen }, ..] ? 0 : 1)
        .First();

    private static ImmutableArray<Blocker> BlockersOf(ImmutableArray<BindAssessment> asked, Snapshot snapshot, OwnerIndex owners)
    {
        var inTheWay = asked
            .Where(static j => j.Outcome != Outcome.Allowed)
            .SelectMany(j => j.Decision.Rule == RuleBook.PrivilegedPort || j.Decision.Rule == RuleBook.DeniedByPolicy
                ? BindRules.Conflicts(j.Request, snapshot).Blockers : j.Decision.Blockers)
            .DistinctBy(static b => b.Socket, ReferenceEqualityComparer.Instance)
            .OrderBy(static b => b.IsCertain ? 0 : 1)
            .ThenBy(static b => BlockerOrder.RankOf(b.Socket));
        var peers = new LocalPeers(snapshot.Sockets);
        return
        [
            .. inTheWay.Select(b => new Blocker
            {
                Socket = b.Socket,
                Owners = owners.OwnersOf(b.Socket.Inode),
                Rule = b.Rule,
                Peer = peers.Of(b.Socket) is { } peer ? new Peer { Socket = peer, Owners = owners.OwnersOf(peer.Inode) } : null,
                Kernel = KernelOwners.Of(b.Socket, snapshot),
                Flights = b.Socket.Inode == 0 ? [] : [.. snapshot.DescriptorsInFlight.Where(f => f.Carried == b.Socket.Inode)],
                Hint = b.Socket.Inode == 0 ? null : snapshot.Hints.FirstOrDefault(h => h.Inode == b.Socket.Inode),
            }),
        ];
    }

    /// <summary>
    /// When the last one lets go by itself at the latest: the timer wheel ends it up to a slot late, and a TIME_WAIT may follow a
    /// FIN_WAIT2; null when one of them has no timer.
    /// </summary>
    private static DateTimeOffset? FreeAtOf(BindAssessment decisive, ImmutableArray<Blocker> blockers, Snapshot snapshot)
    {
        if (blockers.IsEmpty || (decisive.Outcome == Outcome.Blocked && decisive.Errno != "EADDRINUSE"))
            return null;
        var longest = 0;
        foreach (var blocker in blockers)
        {
            if (blocker.Socket.MillisecondsLeftAtMost(snapshot.Settings.TimerSlackMilliseconds) is not { } left)
                return null;
            longest = Math.Max(longest, left);
        }
        return new Moments(snapshot.TakenAt).After(longest);
    }
}

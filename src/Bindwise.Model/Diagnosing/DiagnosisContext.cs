using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Owners;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Diagnosing.Topics;
using Bindwise.Model.Rules;

namespace Bindwise.Model.Diagnosing;

/// <summary>What the rules found, before it is put into words: the one source of summary, reasons, remedies, warnings and limits.</summary>
internal sealed record DiagnosisContext
{
    public required Target Target { get; init; }
    public required Snapshot Snapshot { get; init; }
    public required OwnerIndex Holders { get; init; }
    public required RequestPlan Plan { get; init; }
    public required ImmutableArray<BindAssessment> Asked { get; init; }
    public required ImmutableArray<BindAssessment> Others { get; init; }

    /// <summary>The one of <see cref="Asked"/> that carries the verdict.</summary>
    public required BindAssessment Decisive { get; init; }

    public required Verdict Verdict { get; init; }

    /// <summary>The sockets in the way, those that decide first.</summary>
    public required ImmutableArray<Blocker> Blockers { get; init; }

    public required Cause Cause { get; init; }
    public required ImmutableArray<Cause> Factors { get; init; }
    public ClosedFirst? ClosedFirst { get; init; }

    /// <summary>Policies that refuse the decisive bind, or may.</summary>
    public ImmutableArray<Policy> Policies { get; init; } = [];

    public DateTimeOffset? FreeAt { get; init; }

    /// <summary>The blocker that decides; null when no socket does.</summary>
    public Blocker? Main => Blockers.FirstOrDefault();

    public Topic Topic => CauseBook.TopicOf(Cause);

    public bool IsPortPrivileged => Plan.Port is > 0 and var port && port < Snapshot.Settings.FirstUnprivilegedPort;

    /// <summary>The topic of the socket that decides, which is not always the cause's; where none does, that of the protocol.</summary>
    public Topic SocketTopic => Main is { } main ? CauseBook.TopicOf(CauseFinder.KindOf(main.Socket, Snapshot)) : Target.Protocol switch
    {
        Protocol.Unix => Topic.UnixPaths,
        Protocol.Udp => Topic.Udp,
        _ => Topic.Listeners,
    };

    /// <summary>The target as it is called in sentences: <c>8080/tcp</c>, <c>127.0.0.1:8080/tcp</c> or a path.</summary>
    public string Name => TargetNaming.Of(Target, Plan);

    /// <summary>It can be bound by a server that sets SO_REUSEADDR, and not by a socket without it: the answer has two halves.</summary>
    public bool DependsOnReuseAddress => Verdict == Verdict.Free && Plan.AssumesReuseAddress && !Blockers.IsEmpty;

    /// <summary>
    /// Whole seconds of the kernel's own countdown until the last socket in the way expires, rounded down as ss(8) shows them.
    /// </summary>
    public int SecondsLeft => MillisecondsLeft / 1000;

    /// <summary>The kernel's own countdown until the last socket in the way expires.</summary>
    public int MillisecondsLeft => Blockers.Max(static b => b.Socket.MillisecondsLeft ?? 0);

    /// <summary>Times as they are shown, in the snapshot's offset from UTC.</summary>
    public Moments Moments => new(Snapshot.TakenAt);

    /// <summary>A peer that closes makes one of the sockets in the way stay longer than the countdown says.</summary>
    public bool MayOutlastCountdown => FreeAt is not null && Blockers.Any(static b => b.Socket.MayTurnIntoTimeWait);

    /// <summary>Whole seconds by which the kernel's timer wheel may end it later than the countdown says, rounded up.</summary>
    public int SlackSeconds => (int)Math.Ceiling(Snapshot.Settings.TimerSlackMilliseconds / 1000.0);

    /// <summary>What was asked, as you would type it after <c>bindwise why</c>, quoted for a shell.</summary>
    public ShellCommand Question => SameQuestion.Of(Target, Plan, Snapshot);

    /// <summary>The same of another address.</summary>
    public ShellCommand QuestionAbout(IpAddress address, string? scope) => SameQuestion.About(address, scope, Target, Plan, Snapshot);

    /// <summary>How many sockets in the way are in a state: the tallies count also those that are too many to be listed.</summary>
    public long CountOf(TcpSocketState state)
    {
        var listed = Blockers.Where(b => b.Socket.State == state).Select(static b => b.Socket).ToList();
        var addresses = listed.Select(static s => s.Local.Address).ToHashSet();
        var tallied = Snapshot.Tallies.Where(t => t.State == state && addresses.Contains(t.Local)).Sum(static t => (long)t.Count);
        return Math.Max(listed.Count, tallied);
    }

    /// <summary>The same of all states.</summary>
    public long CountOfAll => Blockers.Select(static b => b.Socket.State).Distinct().Sum(CountOf);

    /// <summary>The worst that the same binds would give with another option; null when none was considered.</summary>
    public Outcome? With(bool reuseAddress, bool reusePort) =>
        Asked.Concat(Others)
            .Where(assessment => assessment.Request.ReuseAddress == reuseAddress && assessment.Request.ReusePort == reusePort)
            .Select(static assessment => (Outcome?)assessment.Outcome)
            .MaxBy(static outcome => outcome switch { Outcome.Blocked => 2, Outcome.Undetermined => 1, _ => 0 });
}

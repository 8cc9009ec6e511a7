using Bindwise.Model.Diagnosing.Owners;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Rules;
using Bindwise.Model.Targets;

namespace Bindwise.Model.Diagnosing.Topics;

/// <summary>
/// A situation as a reader has it in hand: how it is recognised, what is said of it, and what to do about it. <see cref="CauseBook"/> gives
/// each cause to one topic. A topic overrides the questions that it has an answer to.
/// </summary>
internal abstract class Topic
{
    public static readonly Topic Free = new FreeTopic();
    public static readonly Topic Listeners = new ListenerTopic();
    public static readonly Topic Holders = new HolderTopic();
    public static readonly Topic KernelSockets = new KernelSocketTopic();
    public static readonly Topic Connections = new ConnectionTopic();
    public static readonly Topic TimeWait = new TimeWaitTopic();
    public static readonly Topic Udp = new UdpTopic();
    public static readonly Topic UnixPaths = new UnixPathTopic();
    public static readonly Topic Policies = new PolicyTopic();
    public static readonly Topic Addresses = new AddressTopic();
    public static readonly Topic EphemeralPorts = new EphemeralPortTopic();

    /// <summary>In the order in which they are asked what a socket is, or why a bind() is refused.</summary>
    public static ImmutableArray<Topic> All { get; } =
        [Free, Listeners, Holders, KernelSockets, Connections, TimeWait, Udp, UnixPaths, Policies, Addresses, EphemeralPorts];

    /// <summary>What a socket in the way is, by its protocol and state; null where another topic knows.</summary>
    public virtual Cause? CauseOf(HeldSocket socket, Snapshot snapshot) => null;

    /// <summary>Why a bind() fails that no socket blocks; null where another topic knows, or a socket does block it.</summary>
    public virtual Cause? CauseOf(BindAssessment assessment, Snapshot snapshot) => null;

    /// <summary>The whole first line; null for the usual one, made of <see cref="Holding"/> or <see cref="Refusal"/>.</summary>
    public virtual string? OwnFirstLine(DiagnosisContext context) => null;

    /// <summary>The part of the first line that says what the socket does there: <c>node (pid 12) listens on [::]:80</c>.</summary>
    /// <param name="main">The socket, which <see cref="CauseOf(HeldSocket, Snapshot)"/> has recognised.</param>
    public virtual string Holding(DiagnosisContext context, Blocker main, string owner) => owner;

    /// <summary>The part of the first line that says why the kernel refuses the bind(), without a full stop.</summary>
    public virtual string Refusal(DiagnosisContext context) => "the kernel refuses it";

    /// <summary>How the cause comes about, in one sentence; null where the socket's own topic or the rule says it.</summary>
    public virtual string? Explanation(DiagnosisContext context) => null;

    /// <summary>Why the socket is in the way, in one sentence; null where the rule's own says it best.</summary>
    public virtual string? Reason(DiagnosisContext context, Blocker main) => null;

    public virtual IEnumerable<Remedy> Remedies(DiagnosisContext context) => [];

    /// <summary>What keeps it from happening again: mostly a change of the program's code, in its own language.</summary>
    public virtual IEnumerable<Remedy> Preventions(DiagnosisContext context) => [];
}

/// <summary>Nothing is in the way, whatever the program sets.</summary>
internal sealed class FreeTopic : Topic
{
    public override string OwnFirstLine(DiagnosisContext context)
    {
        if (context.Decisive.Landed is { } landed)
            return PolicyTopic.BoundElsewhere(context, landed);
        var how = context.Plan.AssumesReuseAddress || context.With(reuseAddress: false, reusePort: false) == Outcome.Allowed ? ""
            : Wording.Setting(context.Asked[0].Request.OptionNames);
        if (context.Plan.Port == 0)
            return Wording.AutomaticPort(how) + (context.Asked.Length == 1 ? $" on {context.Asked[0].Request.Address}." : ".");
        var addresses =
            context.Target.Address is null ? Wording.List([.. context.Asked.Select(static j => j.Request.Address.Bracketed)])
                : "it";
        var answer = context.Target.Protocol == Protocol.Udp ? $"{addresses} can be bound" : $"a server can listen on {addresses}";
        return PastedErrors.FirstLine(context, how, answer);
    }

    public override string? Explanation(DiagnosisContext context) =>
        PolicyTopic.Rewriting(context)
        ?? (context.Decisive.Rule == RuleBook.UdpBothReuseAddress && SharingOptions.IsMulticast(context)
            ? "Each of the sockets gets a copy of what is sent to a multicast or broadcast address that it takes." : null)
        // The rules speak of ports, of listen(), which not every socket has, and of names that are taken.
        ?? (context.Decisive.Rule != RuleBook.NothingInTheWay && context.Decisive.Rule != RuleBook.UnixAbstractName ? null
            : context.Target.Protocol switch
            {
                Protocol.Unix => "An abstract name needs no file; only a socket of the same name and type would be in the way.",
                Protocol.Udp => "No other socket is in the way on this port, so bind() succeeds.",
                _ => "No other socket is in the way on this port, so bind() and listen() succeed.",
            });

    public override IEnumerable<Remedy> Remedies(DiagnosisContext context) =>
    [
        .. ElsewhereFinder.Remedies(context),
        .. PastedErrors.Remedies(context),
        .. EphemeralPortTopic.MayBeGivenOut(context) ? [EphemeralPortTopic.Reserve(context)]
            : EphemeralPortTopic.IsNearlyExhausted(context) ? EphemeralPorts.Remedies(context) : Enumerable.Empty<Remedy>(),
    ];
}

/// <summary>
/// A connection of which this side sent the first FIN: the kernel keeps it for 60 s (RFC 9293 §3.6.1, TCP_TIMEWAIT_LEN). No process holds
/// it, so only time helps, or SO_REUSEADDR where the old socket had set it too (<see cref="SharingOptions"/>).
/// </summary>
internal sealed class TimeWaitTopic : Topic
{
    public override Cause? CauseOf(HeldSocket socket, Snapshot snapshot) =>
        socket is { Protocol: Protocol.Tcp, State: TcpSocketState.TimeWait } ? Cause.TimeWait : null;

    public override string Holding(DiagnosisContext context, Blocker main, string owner) =>
        ConnectionTopic.WithItself(main.Socket) ?? ConnectionTopic.Counted(context, main.Socket);

    public override string? Reason(DiagnosisContext context, Blocker main) => ConnectionTopic.IsLeftOfClient(context)
        ? "A program here opened the connection, from this port, and closed it first; the kernel keeps the source port in TIME_WAIT for "
            + "60 s."
        : context.ClosedFirst == ClosedFirst.Both
        ? "Both sides closed at once, so each keeps the connection in TIME_WAIT for 60 s."
        : "This side closed its connections first, so the kernel keeps them in TIME_WAIT for 60 s.";

    public override IEnumerable<Remedy> Preventions(DiagnosisContext context) => ConnectionTopic.CloseLast(context);
}

/// <summary>A UDP socket, in the way of another or beside a free port of TCP.</summary>
internal sealed class UdpTopic : Topic
{
    /// <summary>The remark that UDP's port of this number is taken.</summary>
    public const string Taken = "udp-taken";

    public override Cause? CauseOf(HeldSocket socket, Snapshot snapshot) => socket.Protocol == Protocol.Udp ? Cause.UdpSocket : null;

    public override string? OwnFirstLine(DiagnosisContext context) =>
        context is { Verdict: Verdict.Undetermined, Main: not null, Decisive.IsOpenByPolicy: false }
            ? $"{context.Name} may be taken: {FirstLine.Holding(context)}, and "
                + (IsOrderDecisive(context) ? "the kernel's table does not show whether it lets another one in."
                    : "what options it set cannot be read.")
            : null;

    public override string Holding(DiagnosisContext context, Blocker main, string owner) =>
        IsClient(context, main.Socket)
            ? $"{owner} {FirstLine.Verb(main, "uses", "use")} it as the source port of a UDP socket that is connected to "
                + $"{main.Socket.Remote}"
            : $"{owner} {FirstLine.Verb(main, "has", "share")} a UDP socket on {main.Socket.Local}"
                + (main.Socket.Remote.Port == 0 ? "" : $" that is connected to {main.Socket.Remote}")
                + HoldingReport.OnDevice(context, main) + HoldingReport.Behalf(context, main);

    /// <summary>It has a peer, and a port that the system gave out: a server's socket has neither.</summary>
    private static bool IsClient(DiagnosisContext context, HeldSocket socket) =>
        socket.Remote.Port != 0 && context.Snapshot.Settings.IsEphemeral(socket.Local.Port);

    public override IEnumerable<Remedy> Preventions(DiagnosisContext context) =>
        context.Main is { } main && IsClient(context, main.Socket) && EphemeralPortTopic.MayBeGivenOut(context)
            ? [EphemeralPortTopic.Reserve(context)] : [];

    public override string? Reason(DiagnosisContext context, Blocker main) => AddressFamilies.Reason(context, main.Socket);

    /// <summary>Why no probe settled it.</summary>
    public static Remark Undetermined(DiagnosisContext context) => new()
    {
        Id = "undetermined",
        Text = (IsOrderDecisive(context) ? "The table does not show which of the port's sockets the kernel asks first"
            : "The options of the socket there cannot be read")
            + ", and a UDP port is never probed with a sharing option, because the probe would take its datagrams.",
    };

    // All options are known, and still the rules leave it open.
    private static bool IsOrderDecisive(DiagnosisContext context) => context.Blockers.Select(static b => b.Socket)
        .All(static s => s is { ReuseAddress: not Fact.Unknown, ReusePort: not Fact.Unknown, V6Only: not Fact.Unknown });

    /// <summary>
    /// A number was asked about, TCP is free, and the same port of UDP is not: that may be the one that was meant. Null where nothing is in
    /// the way of UDP.
    /// </summary>
    public static Remark? TakenBeside(DiagnosisContext context)
    {
        if (context.Verdict != Verdict.Free || context.Snapshot.UdpOnPort.IsEmpty)
            return null;
        foreach (var socket in context.Snapshot.UdpOnPort)
        {
            var moved = context.Snapshot with { Sockets = [socket] };
            if (!context.Asked.Any(
                j => BindRules.Conflicts(j.Request with { Protocol = Protocol.Udp, ReuseAddress = false, ReusePort = false },
                moved).Outcome == Outcome.Blocked))
                continue;
            var nobody = KernelOwners.Of(socket, context.Snapshot) is { } kernel ? kernel.Label
                : context.Snapshot.Coverage is { UnreadableProcesses: > 0 } or { ProcessesHidden: true }
                    && context.Snapshot.Caller.UserId != 0
                    ? UnseenHolder.Of(socket, context.Snapshot)
                    : "a process that cannot be seen from here";
            var udp = context.Target with { Protocol = Protocol.Udp, Pasted = null };
            var options = new ProgramOptions(V6Only: context.Decisive.Request.V6Only, Device: context.Decisive.Request.Device);
            return Remark.Of(Taken, $"UDP port {Wording.Number(context.Plan.Port ?? 0)} is taken by "
                    + $"{ProcessNames.Of(context.Holders.OwnersOf(socket.Inode), nobody)}: bindwise why "
                    + $"{SameQuestion.Of(udp, RequestPlan.From(udp, options, context.Snapshot), context.Snapshot)}");
        }
        return null;
    }
}

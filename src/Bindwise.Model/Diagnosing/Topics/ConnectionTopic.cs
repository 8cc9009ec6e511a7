using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Diagnosing.Snippets;

namespace Bindwise.Model.Diagnosing.Topics;

/// <summary>A connection before TIME_WAIT, accepted or opened here, or a socket that is bound and does not listen.</summary>
internal sealed class ConnectionTopic : Topic
{
    public override Cause? CauseOf(HeldSocket socket, Snapshot snapshot) => (socket.Protocol, socket.State) switch
    {
        (not Protocol.Tcp, _) or (_, TcpSocketState.Listen or TcpSocketState.TimeWait) => null,
        (_, TcpSocketState.Bound or TcpSocketState.Close) => Cause.BoundNotListening,
        (_, TcpSocketState.CloseWait) => Cause.CloseWait,
        (_, TcpSocketState.LastAck) => Cause.LastAck,
        (_, TcpSocketState.FinWait1 or TcpSocketState.FinWait2 or TcpSocketState.Closing) => Cause.FinWait,
        _ when socket.Local == socket.Remote => Cause.SelfConnection,
        _ => OpenedHere(socket, snapshot.Settings) == Fact.Yes ? Cause.OutgoingConnection : Cause.SurvivingConnection,
    };

    /// <summary>
    /// Whether the connection was opened from this end. tcp_info tells, as long as there is one; else the ports speak for it: a client's is
    /// of the ephemeral range, which on other systems reaches further up, and a server's is below. Unknown where both are below.
    /// </summary>
    private static Fact OpenedHere(HeldSocket socket, HostSettings settings)
    {
        if (socket.State == TcpSocketState.SynSent || socket.OpenedHere != Fact.Unknown)
            return socket.State == TcpSocketState.SynSent ? Fact.Yes : socket.OpenedHere;
        return socket.Remote.Port >= settings.LocalPorts.First ? Fact.No
            : settings.IsEphemeral(socket.Local.Port) ? Fact.Yes : Fact.Unknown;
    }

    /// <summary>
    /// What is left of a connection that was opened here: the port in question was its source port. A server's socket has nothing to do
    /// with it.
    /// </summary>
    public static bool IsLeftOfClient(DiagnosisContext context) => LeftByServer(context) == Fact.No;

    /// <summary>Whether it was a server's connection, of which this end is closed; yes as well for all that is not closed.</summary>
    private static Fact LeftByServer(DiagnosisContext context) => context.Main is not { Socket: { Protocol: Protocol.Tcp } socket }
        || socket.State is not (TcpSocketState.TimeWait or TcpSocketState.FinWait1 or TcpSocketState.FinWait2 or TcpSocketState.Closing
            or TcpSocketState.LastAck) || socket.Local == socket.Remote ? Fact.Yes
        : OpenedHere(socket, context.Snapshot.Settings) switch { Fact.Yes => Fact.No, Fact.No => Fact.Yes, _ => Fact.Unknown };

    public override string Holding(DiagnosisContext context, Blocker main, string owner)
    {
        var socket = main.Socket;
        if (socket.State is TcpSocketState.Bound or TcpSocketState.Close)
        {
            if (Keepers.PickedFor(main.Owners) is { } program)
                return $"{owner} keeps it for {program} until that listens";
            var device = HoldingReport.OnDevice(context, main);
            return $"{owner} {FirstLine.Verb(main, "is", "are")} bound to {socket.Local}{device}{(device.Length == 0 ? "" : ",")} without "
                + "listening";
        }
        var has = FirstLine.Verb(main, "has", "have");
        if (WithItself(socket) is { } withItself)
            return socket.IsWithoutProcess ? withItself : $"{owner} {has} a connection from {socket.Local} to itself";
        if (context.Cause == Cause.OutgoingConnection
            || (context.Cause == Cause.KernelSocket && context.Factors.Contains(Cause.OutgoingConnection)))
        {
            // Others may go elsewhere, and be another process's.
            var others = context.CountOfAll - 1;
            return $"{owner} {FirstLine.Verb(main, "uses", "use")} it as the source port of a connection to {socket.Remote}"
                + (others <= 0 ? "" : $", and {Wording.Count(others, "more connection uses", "more connections use")} it");
        }
        var ends = Counted(context, socket);
        return (socket.IsWithoutProcess ? $"{ends}, held by no process" : $"{owner} {has} {ends}") + AndOthers(context, socket);
    }

    /// <summary>A connection of which both ends are this port, held by no process, for the first line; null for any other.</summary>
    public static string? WithItself(HeldSocket socket) => socket.Local != socket.Remote ? null
        : $"a connection from {socket.Local} to itself in {Wording.State(socket)}, held by no process";

    /// <summary>Those in other states, which are in the way as well.</summary>
    private static string AndOthers(DiagnosisContext context, HeldSocket socket) =>
        context.CountOfAll - context.CountOf(socket.State) is > 0 and var others
            ? $", and {Wording.Count(others, "more connection is", "more connections are")} on the port" : "";

    /// <summary>One connection with its other end, or how many there are in that state.</summary>
    public static string Counted(DiagnosisContext context, HeldSocket socket) =>
        context.CountOf(socket.State) is not 1 and var alike ? $"{Wording.Number(alike)} connections in {Wording.State(socket)}"
            : $"a connection to {socket.Remote} in {Wording.State(socket)}";

    public override string? Explanation(DiagnosisContext context) => context.Cause switch
    {
        Cause.SurvivingConnection =>
            "The listener that accepted this connection is closed, but the connection is still open and keeps its local port.",
        Cause.FinWait => context.Main is not { Socket: { SubflowState: not null } socket } ? HalfClosed(context.Main)
            : socket.IsWithoutProcess
            ? "This side closed the MPTCP connection (DATA_FIN) and the peer has not; the kernel keeps its TCP subflow open, and resets it "
                + "60 s after close()."
            : "This side shut the MPTCP connection down (DATA_FIN) and the peer has not closed; the TCP subflow stays open until both "
                + "have.",
        Cause.LastAck => $"The peer closed first, this side closed too, and not all that it sent is acknowledged; {Retransmitting}.",
        Cause.OutgoingConnection => "This host opened the connection, so the port is its source port, which the system picked from the "
            + "ephemeral range or the program chose with bind().",
        Cause.SelfConnection => "A client that connects to a free port of the ephemeral range can get that very port as its source port "
            + "and connect to itself (simultaneous open).",
        _ => null,
    };

    /// <summary>
    /// Only FIN_WAIT2 has a timer, and only once no process holds it (tcp_fin_timeout): before it, what was sent is not acknowledged, and a
    /// peer that answers and reads nothing keeps the socket for good (tcp_probe_timer(), net/ipv4/tcp_timer.c).
    /// </summary>
    private static string HalfClosed(Blocker? main) => main switch
    {
        { Socket.State: TcpSocketState.FinWait2, Owners.IsEmpty: false } =>
            "This side ended its half (shutdown()) and the peer has not; no timer runs while a process holds the socket.",
        { Socket.State: TcpSocketState.FinWait1 } =>
            $"This side closed the connection, and the peer has not acknowledged all that was sent; {Retransmitting}.",
        { Socket.State: TcpSocketState.Closing } =>
            $"Both sides closed at once, and the peer has not acknowledged all that was sent; {Retransmitting}.",
        _ => "This side closed the connection and the peer has not; the kernel waits for its FIN, up to net.ipv4.tcp_fin_timeout (60 s by "
            + "default); once it comes, 60 s of TIME_WAIT follow.",
    };

    /// <summary>How long the port stays taken after a peer has closed whose FIN is waited for.</summary>
    public const string TimeWaitFromThen = "60 s from then";

    private const string Retransmitting = "the kernel keeps trying as long as the peer answers, and for some minutes "
        + "(net.ipv4.tcp_orphan_retries) if it does not";

    public override string? Reason(DiagnosisContext context, Blocker main) => main.Socket.State switch
    {
        TcpSocketState.Bound or TcpSocketState.Close =>
            "A bound socket holds its port even before it calls listen(), and ss -l and lsof -sTCP:LISTEN do not show it.",
        TcpSocketState.CloseWait => "The other side closed the connection, but "
            + $"{(main.Owners.IsEmpty ? "the program here" : ProcessNames.Plain(main.Owners[0].Process))} never closed its own end.",
        _ => null,
    };

    /// <summary>Who closed first, and who is at the other end.</summary>
    public static IEnumerable<string> Notes(DiagnosisContext context)
    {
        var closed = context.ClosedFirst switch
        {
            ClosedFirst.Local when MayBeOfClient(context) =>
                "This side closed first, so what is left of the connection is on this side.",
            ClosedFirst.Local when context.Main!.Socket.State == TcpSocketState.TimeWait =>
                "This side closed first, so TIME_WAIT is on this side: look for the server's code that closes, shuts down or exits before "
                    + "the client does.",
            ClosedFirst.Local => "This side closed first and waits for the peer.",
            ClosedFirst.Remote when context.Main!.Socket.State == TcpSocketState.CloseWait =>
                "The peer closed first; the program here could have read the end of the stream, but never called close().",
            ClosedFirst.Remote => "The peer closed first.",
            ClosedFirst.Both => "Both sides closed at once, so both ends are in TIME_WAIT.",
            _ => null,
        };
        return new[] { closed, OtherEnd(context) }.OfType<string>();
    }

    /// <summary>Who is at the other end, on this host; a listener's clients are not told one by one.</summary>
    private static string? OtherEnd(DiagnosisContext context)
    {
        if (context.Main is not { Socket.State: not TcpSocketState.Listen } main)
            return null;
        var owners = context.Blockers.Where(b => b.Socket.State == main.Socket.State).Select(static b => b.Peer?.Owners ?? [])
            .Where(static o => o.Length > 0).ToList();
        var processes = owners.Select(static o => o[0].Process).DistinctBy(static p => p.Id).ToList();
        return processes.Count switch
        {
            0 => null,
            1 when main.Owners.Any(o => o.Process.Id == processes[0].Id) => $"Both ends are in {ProcessNames.Short(processes[0])}.",
            1 => $"The other end is {ProcessNames.Short(processes[0])}, on this host.",
            var n => $"The other ends are on this host too: {ProcessNames.Short(processes[0])} and "
                + $"{Wording.Count(n - 1, "other process", "other processes")}.",
        };
    }

    /// <summary>Of a socket that no process holds; who holds one has to let go of it (<see cref="Topic.Holders"/>).</summary>
    public override IEnumerable<Remedy> Remedies(DiagnosisContext context)
    {
        if (context.Main is not { Socket: { State: not (TcpSocketState.TimeWait or TcpSocketState.FinWait2) } socket })
            return [];
        var locals = context.Blockers.Where(static b => b.Socket.IsWithoutProcess && IsUnacknowledged(b.Socket))
            .Select(static b => b.Socket.Local).ToList();
        var isOne = !IsUnacknowledged(socket) || (locals.Count == 1 && context.CountOf(socket.State) == 1);
        var at = locals.TrueForAll(local => local == socket.Local) ? ShellCommand.Of($"src = {socket.Local}")
            : ShellCommand.Of($"sport = :{socket.Local.Port}");
        return
        [
            Remedy.Of("destroy-socket", isOne ? "Reset the connection; no process is left to close it."
                : "Reset the connections that only the kernel still closes, and no open one; no process is left to close them.",
                isOne ? ShellCommand.Of($"{RunAs.Root(context)}ss -K -t 'src = {socket.Local} and dst = {socket.Remote}'")
                : ShellCommand.Of($"{RunAs.Root(context)}ss -K -t state fin-wait-1 state closing state last-ack '{at}'"),
                $"the {(isOne ? "connection is" : "connections are")} reset at both ends", "data on its way is lost"),
        ];
    }

    // A socket that its process has closed and that has no timer of its own.
    private static bool IsUnacknowledged(HeldSocket socket) =>
        socket.State is TcpSocketState.FinWait1 or TcpSocketState.Closing or TcpSocketState.LastAck;

    /// <summary>CLOSE_WAIT ends when the program closes.</summary>
    public static Remedy CloseAfterEnd(DiagnosisContext context) => Remedy.OfCode("close-after-end",
        "Fix the program: close the connection when a read reaches the end of the stream.", SnippetKind.CloseAfterEnd,
        TargetLanguage.Holding(context), "the program's code", "none");

    public override IEnumerable<Remedy> Preventions(DiagnosisContext context) => context.Cause switch
    {
        Cause.FinWait => CloseLast(context),
        Cause.SurvivingConnection => CloseLast(context).Concat(EndOnSigterm(context)),
        Cause.OutgoingConnection when EphemeralPortTopic.MayBeGivenOut(context) => [EphemeralPortTopic.Reserve(context)],
        _ => [],
    };

    /// <summary>TIME_WAIT stays with the side that closes first.</summary>
    public static IEnumerable<Remedy> CloseLast(DiagnosisContext context) => LeftByServer(context) switch
    {
        Fact.No => ReserveSourcePort(context),
        Fact.Unknown => SharingOptions.ReuseAddressFromNow(context),
        _ =>
        [
            .. SharingOptions.ReuseAddressFromNow(context),
                .. OfOwnCode(context, Remedy.OfCode("client-closes-first",
                    "From now on, have the server read until the client closes, and close after it; TIME_WAIT then stays on the client's "
                        + "side.",
                    SnippetKind.CloseLast, TargetLanguage.Holding(context), "the server's way of ending a connection",
                    "a client that never closes has to be cut off by a time limit")),
            ],
    };

    /// <summary>Keeps clients off the port; of a source port that the program chose itself it is the client that has to change.</summary>
    public static IEnumerable<Remedy> ReserveSourcePort(DiagnosisContext context) => EphemeralPortTopic.MayBeGivenOut(context)
        ? [EphemeralPortTopic.Reserve(context)] : SharingOptions.ReuseAddressFromNow(context);

    /// <summary>Where a client chose the port, or may have.</summary>
    public static bool MayBeOfClient(DiagnosisContext context) => LeftByServer(context) != Fact.Yes;

    /// <summary>An orderly end: who waits for it finds the port free.</summary>
    public static IEnumerable<Remedy> EndOnSigterm(DiagnosisContext context) => OfOwnCode(context, Remedy.OfCode("end-on-sigterm",
        "From now on, have the server close its listener on SIGTERM, finish what is open and exit, and start the next one after that.",
        SnippetKind.EndOnSigterm, TargetLanguage.Holding(context), "the server's code",
        "a client that never ends delays the exit; set a time limit"));

    /// <summary>What changes the server's code, where that is the reader's own.</summary>
    private static IEnumerable<Remedy> OfOwnCode(DiagnosisContext context, Remedy change) =>
        PastedErrors.IsOfProduct(context) ? [] : [change];
}

/// <summary>Who sent the first FIN, read from the states (RFC 9293 §3.6).</summary>
internal static class CloseOrder
{
    /// <summary>The end that closed first, over the sockets in the way; null when none was closed, or they differ.</summary>
    public static ClosedFirst? Of(IEnumerable<HeldSocket> inTheWay, IReadOnlyList<HeldSocket> table)
    {
        var ends = inTheWay.Select(socket => OfOne(socket, table)).Where(static end => end is not null).Distinct().Take(2).ToList();
        return ends is [var only] ? only : null;
    }

    private static ClosedFirst? OfOne(HeldSocket socket, IReadOnlyList<HeldSocket> table) => (socket.Protocol, socket.State) switch
    {
        (not Protocol.Tcp, _) => null,
        (_, TcpSocketState.FinWait1 or TcpSocketState.FinWait2) => ClosedFirst.Local,
        (_, TcpSocketState.TimeWait) => PeerWaitsToo(socket, table) ? ClosedFirst.Both : ClosedFirst.Local,
        (_, TcpSocketState.Closing) => ClosedFirst.Both,
        (_, TcpSocketState.CloseWait or TcpSocketState.LastAck) => ClosedFirst.Remote,
        _ => null,
    };

    /// <summary>TIME_WAIT at both ends: the FINs crossed. To be seen only when the peer is on this host.</summary>
    private static bool PeerWaitsToo(HeldSocket socket, IReadOnlyList<HeldSocket> table) => table.Any(other =>
        other.State == TcpSocketState.TimeWait && other != socket
            && other.Local.Unmapped == socket.Remote.Unmapped && other.Remote.Unmapped == socket.Local.Unmapped);
}

using Bindwise.Model.Diagnosing.Causes;
using Bindwise.Model.Diagnosing.Owners;
using Bindwise.Model.Diagnosing.Policies;
using Bindwise.Model.Diagnosing.Ports;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Rules;

namespace Bindwise.Model.Diagnosing.Sentences;

/// <summary>The first line: the whole answer in one sentence.</summary>
internal static class Summaries
{
    public static string Of(DiagnosisContext context) => context.Verdict switch
    {
        _ when context.Target.Destination is { } destination => ConnectSummaries.Of(context, destination, CauseBook.Refusal),
        Verdict.Free => Free(context),
        Verdict.Undetermined => Undetermined(context),
        _ when context.Decisive.Errno == "EADDRINUSE" => Taken(context),
        _ => Refused(context),
    };

    /// <summary>Who or what holds the main socket, with its verb: <c>node (pid 12) listens on [::]:80</c>.</summary>
    public static string Holding(DiagnosisContext context)
    {
        if (context.Main is not { } main)
            return "";
        var socket = main.Socket;
        var owner = ProcessNames.Of(main.Owners, Nobody(context, main));
        if (HoldingReport.IsOnlyInFlight(main))
            return HoldingReport.Waiting(main);
        return socket switch
        {
            _ when socket.Protocol == Protocol.Unix =>
                $"{owner} {Verb(main, "is", "are")} bound to it{Agents.Behalf(context, main)}{UnixPathSentences.Place(context, main)}",
            _ when socket.Protocol == Protocol.Udp =>
                $"{owner} {Verb(main, "has", "share")} a UDP socket on {socket.Local}{Agents.Behalf(context, main)}",
            _ when socket.State == TcpSocketState.Listen => Listening(context, main, owner),
            _ when socket.State is TcpSocketState.Bound or TcpSocketState.Close =>
                $"{owner} {Verb(main, "is", "are")} bound to {socket.Local} without listening",
            _ when socket.Local == socket.Remote && socket.IsWithoutProcess =>
                $"a connection from {socket.Local} to itself in {Wording.State(socket)}, held by no process",
            _ when socket.Local == socket.Remote => $"{owner} {Verb(main, "has", "have")} a connection from {socket.Local} to itself",
            _ => Connections(context, main, owner),
        };
    }

    private static string Free(DiagnosisContext context)
    {
        if (context.DependsOnReuseAddress)
            return Conditional(context);
        if (context.Decisive.Landed is { } landed)
            return $"{context.Name}: bind() succeeds, but on {landed} instead: {PolicyNames.Rewriter(context.Policies)} changes what "
                + $"programs bind.";
        if (context.Target.Protocol == Protocol.Unix)
            return $"{context.Name} is free: "
                + (context.Name.StartsWith('@') ? "no stream socket has that name." : "nothing is at that path.");
        var how = context.Plan.AssumesReuseAddress || context.With(reuseAddress: false, reusePort: false) == Outcome.Allowed ? ""
            : Wording.Setting(context.Asked[0].Request.OptionNames);
        if (context.Plan.Port == 0)
            return Wording.AutomaticPort(how) + (context.Asked.Length == 1 ? $" on {context.Asked[0].Request.Address}." : ".");
        var addresses =
            context.Target.Address is null ? Wording.List([.. context.Asked.Select(static j => Wording.Bracketed(j.Request.Address))])
                : "it";
        var answer = context.Target.Protocol == Protocol.Udp ? $"{addresses} can be bound" : $"a server can listen on {addresses}";
        return PastedErrors.IsOver(context) ? $"{context.Name} is free now{how}: {answer}. The error you pasted no longer applies."
            : PastedErrors.IsOfOtherUser(context)
                ? $"{context.Name} is free, and you may bind it; the error you pasted (EACCES) came from a user who may not bind ports "
                    + $"below "
                    + $"{Wording.Number(context.Snapshot.Settings.UnprivilegedPortStart ?? 1024)}."
            : $"{context.Name} is free{how}: {answer}.";
    }

    /// <summary>Free for those that set SO_REUSEADDR, and not for others: both halves in one line.</summary>
    private static string Conditional(DiagnosisContext context)
    {
        var what = context.Blockers.All(static b => b.Socket.State == TcpSocketState.TimeWait) ? "only TIME_WAIT is left"
            : Holding(context);
        var others = context.FreeAt is not null ? $"others in {context.SecondsLeft} s"
            : context.Main!.Owners.IsEmpty ? "others have to wait for it to end" : "others have to wait until that is closed";
        return $"{context.Name}: {what}. {ReuseAddressServers} can start now; {others}.";
    }

    /// <summary>Who sets it: each of these by its own source (RuntimeProfiles).</summary>
    private const string ReuseAddressServers = "Servers that set SO_REUSEADDR (Node.js, Go, Java, .NET, nginx, Python's http.server…)";

    private static string Undetermined(DiagnosisContext context)
    {
        if (context.Decisive.IsOpenByPolicy)
            return $"{context.Name} may be refused: no socket is in the way, but process "
                + $"{Wording.Number(context.Snapshot.Policies!.ProcessId ?? 0)} "
                + $"{PolicyNames.Under(context.Policies)}, and whether that lets it bind cannot be known from outside.";
        if (context.Main is null)
            return $"{context.Name} may be taken: neither the rules nor the socket table decide it, and no probe did.";
        if (context.Target.Protocol == Protocol.Udp)
            return $"{context.Name} may be taken: {Holding(context)}, and what options it set cannot be read.";
        return context.Plan.AssumesReuseAddress
            ? $"{context.Name}: {Holding(context)}. Only a probe can tell whether servers that set SO_REUSEADDR can start now; others "
                + $"cannot"
                + $"{(context.FreeAt is null ? "" : $" for another {context.SecondsLeft} s")}."
            : $"{context.Name} may be taken: {Holding(context)}, and only a probe can tell whether that is in the way.";
    }

    private static string Taken(DiagnosisContext context)
    {
        if (context.Target.Protocol == Protocol.Unix && context.Main is null)
            return UnixPathSentences.Taken(context);
        if (context.Cause == Cause.PortsExhausted)
            return $"Port 0 fails (EADDRINUSE): every port of the ephemeral range is in use"
                + $"{(PortReport.MostOf(context.Snapshot) is { } most ? ", most by " + ProcessNames.Of(most.Owners, "") : "")}.";
        if (context.Snapshot.Coverage.SocketsUnread)
            return $"{context.Name} is taken (EADDRINUSE): the socket table cannot be read here, so what holds it is not known.";
        if (context.Cause == Cause.DeniedByPolicy)
            return $"{context.Name} cannot be bound (EADDRINUSE): {CauseBook.Refusal(context)}.";
        if (context.Main is null && context.Decisive.IsHeldUnseen)
            return $"{context.Name} is taken (EADDRINUSE) by a socket that this kernel does not list: before Linux 6.8 those that are "
                + $"bound and "
                + "do not listen.";
        if (context.Main is null)
            return $"{context.Name} is taken (EADDRINUSE), but no socket that this kernel shows explains it.";
        var howLong = context.FreeAt is null ? "" : $" for another {context.SecondsLeft} s";
        return $"{context.Name} is taken{FamilyTaken(context)} (EADDRINUSE){howLong}: {Holding(context)}{OtherListener(context)}"
            + $"{ReuseAddress(context)}.";
    }

    /// <summary>Of a question about both families, the one that is taken while the other is free.</summary>
    private static string FamilyTaken(DiagnosisContext context)
    {
        if (context.Target.Host is not (null or "*" or "+") || context.Asked.Length != 2)
            return "";
        var free = context.Asked.Where(static j => j.Outcome == Outcome.Allowed).Select(static j => j.Request.Address.Family).ToList();
        return free.Count != 1 ? "" : free[0] == IpFamily.IPv4 ? " on IPv6 and free on IPv4" : " on IPv4 and free on IPv6";
    }

    /// <summary>
    /// What SO_REUSEADDR changes: told where people expect it to help, and where the question was about a socket without it.
    /// </summary>
    private static string ReuseAddress(DiagnosisContext context)
    {
        if (context.Target.Protocol != Protocol.Tcp)
            return "";
        var withIt = context.With(reuseAddress: true, reusePort: false);
        if (withIt == Outcome.Allowed && !context.Asked[0].Request.ReuseAddress)
            return "; a server that sets SO_REUSEADDR can start now";
        return withIt == Outcome.Blocked && context.Main!.Socket.State is TcpSocketState.TimeWait or TcpSocketState.FinWait2
            or TcpSocketState.FinWait1 && context.Blockers.All(static b => b.Socket.State != TcpSocketState.Listen)
            ? "; the old server had not set SO_REUSEADDR, so setting it now does not help" : "";
    }

    private static string Refused(DiagnosisContext context) => context.Decisive.RefusedCall switch
    {
        ProbedCall.Listen => $"{context.Name} can be bound, but listen() fails ({context.Decisive.Errno}): {CauseBook.Refusal(context)}.",
        ProbedCall.Socket when context.Cause == Cause.DeniedByPolicy =>
            $"{context.Name} cannot be bound, because socket() fails ({context.Decisive.Errno}): {CauseBook.Refusal(context)}.",
        _ => $"{context.Name} cannot be bound ({context.Decisive.Errno}): {CauseBook.Refusal(context)}.",
    };

    private static string Listening(DiagnosisContext context, Blocker main, string owner)
    {
        var listeners = context.Blockers.Count(b => b.Socket.State == TcpSocketState.Listen && b.Socket.Local == main.Socket.Local);
        if (main is { Owners.IsEmpty: true, Kernel: null } && !main.Socket.IsWithoutProcess && context.Snapshot.Coverage.IsEveryProcessSeen)
            return $"a socket without a visible owner listens on {main.Socket.Local}";
        var what = listeners > 1
            ? $"{Wording.Number(listeners)} listeners of {Sharers(context, main)} share {main.Socket.Local} by SO_REUSEPORT"
            : $"{owner} {Verb(main, "listens", "listen")} on {main.Socket.Local}{Families(main.Socket)}{Only(context, main.Socket)}";
        return what + CauseBook.ListenerClause(context, main);
    }

    /// <summary>What a listener on [::] takes besides IPv6.</summary>
    private static string Families(HeldSocket socket) => socket.Local.Address != IpAddress.AnyIPv6 ? ""
        : socket.V6Only switch
        {
            Fact.No => ", IPv6 and IPv4",
            Fact.Yes => ", IPv6 only",
            _ => "",
        };

    /// <summary>What sets this listener apart from the usual one on its address.</summary>
    private static string Only(DiagnosisContext context, HeldSocket socket)
    {
        var device = socket.DeviceIndex == 0 ? null : context.Snapshot.Interfaces.FirstOrDefault(i => i.Index == socket.DeviceIndex)?.Name;
        return (device is null ? "" : $", on interface {device} only") + (socket.IsMultipath == Fact.Yes ? ", by MPTCP" : "");
    }

    /// <summary>The programs whose listeners share one address, each once.</summary>
    private static string Sharers(DiagnosisContext context, Blocker main)
    {
        var owners = context.Blockers.Where(b => b.Socket.State == TcpSocketState.Listen && b.Socket.Local == main.Socket.Local)
            .SelectMany(static b => b.Owners.Take(1)).DistinctBy(static o => o.Process.Id).ToList();
        return ProcessNames.Of(owners, Nobody(context, main));
    }

    private static string Connections(DiagnosisContext context, Blocker main, string owner)
    {
        var alike = context.CountOf(main.Socket.State);
        var state = Wording.State(main.Socket);
        if (context.Cause == Cause.OutgoingConnection
            || (context.Cause == Cause.KernelSocket && context.Factors.Contains(Cause.OutgoingConnection)))
            return $"{owner} {Verb(main, "uses", "use")} it as the source port of "
                + $"{(alike == 1 ? "a connection" : Wording.Count(alike, "connection", "connections"))} to {main.Socket.Remote}";
        var ends = alike == 1 ? $"a connection to {main.Socket.Remote} in {state}" : $"{Wording.Number(alike)} connections in {state}";
        return main.Socket.IsWithoutProcess
            ? main.Socket.State is TcpSocketState.TimeWait ? ends : $"{ends}, held by no process"
            : $"{owner} {Verb(main, "has", "have")} {ends}";
    }

    /// <summary>A listener of somebody else on another address that is in the way as well: ending the first would not be enough.</summary>
    private static string OtherListener(DiagnosisContext context)
    {
        if (context.Main is not { Socket.State: TcpSocketState.Listen } main || main.Socket.Protocol != Protocol.Tcp || main.Owners.IsEmpty)
            return "";
        var others = context.Blockers.Where(b => IsOtherListener(b, main)).DistinctBy(static b => b.Owners[0].Process.Id).ToList();
        return others.Count switch
        {
            0 => "",
            1 => $", and {ProcessNames.Of(others[0].Owners, "")} on {others[0].Socket.Local}",
            var n => $", and {Wording.Number(n)} other programs are on the port too",
        };
    }

    private static bool IsOtherListener(Blocker blocker, Blocker main) =>
        blocker.Socket.State == TcpSocketState.Listen && blocker.Socket.Local != main.Socket.Local
        && blocker.Owners is [{ Process: var process }, ..] && main.Owners.All(o => o.Process.Id != process.Id);

    /// <summary>One form of a verb for one owner, the other for several.</summary>
    internal static string Verb(Blocker main, string one, string many) =>
        (Keepers.Users(main.Owners).Length > 1 && !HoldingReport.IsOnlyInferred(main)) || main.Kernel is { Names.Length: > 1 } ? many : one;

    private static string Nobody(DiagnosisContext context, Blocker main) => main.Kernel is { } kernel ? kernel.Label
        : main.Socket.IsWithoutProcess ? "no process"
        : IsStuck(context, main) ? "a process that could not be looked at"
        : context.Snapshot is { Caller.UserId: 0, Coverage.UnreadableProcesses: > 0 } ? "a process that cannot be looked at from here"
        : context.Snapshot.Coverage is { UnreadableProcesses: > 0 } or { ProcessesHidden: true }
            ? "a process of another user (run with sudo to see which)"
        : context.Snapshot.Coverage.OwnersRead ? "no visible process" : "a process";

    // Those of other users may hold it as well, but not where the socket was made by the one who asks.
    private static bool IsStuck(DiagnosisContext context, Blocker main) => !context.Snapshot.Coverage.StuckProcesses.IsEmpty
        && (context.Snapshot.Coverage is { UnreadableProcesses: 0, ProcessesHidden: false }
            || main.Socket.UserId == context.Snapshot.Caller.UserId);
}

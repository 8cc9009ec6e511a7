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
    public static string Of(DiagnosisContext f) => f.Verdict switch
    {
        _ when f.Target.Destination is { } destination => ConnectSummaries.Of(f, destination, CauseBook.Refusal),
        Verdict.Free => Free(f),
        Verdict.Undetermined => Undetermined(f),
        _ when f.Decisive.Errno == "EADDRINUSE" => Taken(f),
        _ => Refused(f),
    };

    /// <summary>Who or what holds the main socket, with its verb: <c>node (pid 12) listens on [::]:80</c>.</summary>
    public static string Holding(DiagnosisContext f)
    {
        if (f.Main is not { } main)
            return "";
        var socket = main.Socket;
        var owner = ProcessNames.Of(main.Owners, Nobody(f, main));
        if (HoldingReport.IsOnlyInFlight(main))
            return HoldingReport.Waiting(main);
        return socket switch
        {
            _ when socket.Protocol == Protocol.Unix =>
                $"{owner} {Verb(main, "is", "are")} bound to it{Agents.Behalf(f, main)}{UnixPathSentences.Place(f, main)}",
            _ when socket.Protocol == Protocol.Udp =>
                $"{owner} {Verb(main, "has", "share")} a UDP socket on {socket.Local}{Agents.Behalf(f, main)}",
            _ when socket.State == TcpSocketState.Listen => Listening(f, main, owner),
            _ when socket.State is TcpSocketState.Bound or TcpSocketState.Close =>
                $"{owner} {Verb(main, "is", "are")} bound to {socket.Local} without listening",
            _ when socket.Local == socket.Remote && socket.IsWithoutProcess =>
                $"a connection from {socket.Local} to itself in {Wording.State(socket)}, held by no process",
            _ when socket.Local == socket.Remote => $"{owner} {Verb(main, "has", "have")} a connection from {socket.Local} to itself",
            _ => Connections(f, main, owner),
        };
    }

    private static string Free(DiagnosisContext f)
    {
        if (f.DependsOnReuseAddress)
            return Conditional(f);
        if (f.Decisive.Landed is { } landed)
            return $"{f.Name}: bind() succeeds, but on {landed} instead: {PolicyNames.Rewriter(f.Policies)} changes what programs bind.";
        if (f.Target.Protocol == Protocol.Unix)
            return $"{f.Name} is free: " + (f.Name.StartsWith('@') ? "no stream socket has that name." : "nothing is at that path.");
        var how = f.Plan.AssumesReuseAddress || f.With(reuseAddress: false, reusePort: false) == Outcome.Allowed ? ""
            : Wording.Setting(f.Asked[0].Request.OptionNames);
        if (f.Plan.Port == 0)
            return Wording.AutomaticPort(how) + (f.Asked.Length == 1 ? $" on {f.Asked[0].Request.Address}." : ".");
        var addresses =
            f.Target.Address is null ? Wording.List([.. f.Asked.Select(static j => Wording.Bracketed(j.Request.Address))]) : "it";
        var answer = f.Target.Protocol == Protocol.Udp ? $"{addresses} can be bound" : $"a server can listen on {addresses}";
        return PastedErrors.IsOver(f) ? $"{f.Name} is free now{how}: {answer}. The error you pasted no longer applies."
            : PastedErrors.IsOfOtherUser(f)
                ? $"{f.Name} is free, and you may bind it; the error you pasted (EACCES) came from a user who may not bind ports below "
                    + $"{Wording.Number(f.Snapshot.Settings.UnprivilegedPortStart ?? 1024)}."
            : $"{f.Name} is free{how}: {answer}.";
    }

    /// <summary>Free for those that set SO_REUSEADDR, and not for others: both halves in one line.</summary>
    private static string Conditional(DiagnosisContext f)
    {
        var what = f.Blockers.All(static b => b.Socket.State == TcpSocketState.TimeWait) ? "only TIME_WAIT is left" : Holding(f);
        var others = f.FreeAt is not null ? $"others in {f.SecondsLeft} s"
            : f.Main!.Owners.IsEmpty ? "others have to wait for it to end" : "others have to wait until that is closed";
        return $"{f.Name}: {what}. {ReuseAddressServers} can start now; {others}.";
    }

    /// <summary>Who sets it: each of these by its own source (RuntimeProfiles).</summary>
    private const string ReuseAddressServers = "Servers that set SO_REUSEADDR (Node.js, Go, Java, .NET, nginx, Python's http.server…)";

    private static string Undetermined(DiagnosisContext f)
    {
        if (f.Decisive.IsOpenByPolicy)
            return $"{f.Name} may be refused: no socket is in the way, but process {Wording.Number(f.Snapshot.Policies!.ProcessId ?? 0)} "
                + $"{PolicyNames.Under(f.Policies)}, and whether that lets it bind cannot be known from outside.";
        if (f.Main is null)
            return $"{f.Name} may be taken: neither the rules nor the socket table decide it, and no probe did.";
        if (f.Target.Protocol == Protocol.Udp)
            return $"{f.Name} may be taken: {Holding(f)}, and what options it set cannot be read.";
        return f.Plan.AssumesReuseAddress
            ? $"{f.Name}: {Holding(f)}. Only a probe can tell whether servers that set SO_REUSEADDR can start now; others cannot"
                + $"{(f.FreeAt is null ? "" : $" for another {f.SecondsLeft} s")}."
            : $"{f.Name} may be taken: {Holding(f)}, and only a probe can tell whether that is in the way.";
    }

    private static string Taken(DiagnosisContext f)
    {
        if (f.Target.Protocol == Protocol.Unix && f.Main is null)
            return UnixPathSentences.Taken(f);
        if (f.Cause == Cause.PortsExhausted)
            return $"Port 0 fails (EADDRINUSE): every port of the ephemeral range is in use"
                + $"{(PortReport.MostOf(f.Snapshot) is { } most ? ", most by " + ProcessNames.Of(most.Owners, "") : "")}.";
        if (f.Snapshot.Coverage.SocketsUnread)
            return $"{f.Name} is taken (EADDRINUSE): the socket table cannot be read here, so what holds it is not known.";
        if (f.Cause == Cause.DeniedByPolicy)
            return $"{f.Name} cannot be bound (EADDRINUSE): {CauseBook.Refusal(f)}.";
        if (f.Main is null && f.Decisive.IsHeldUnseen)
            return $"{f.Name} is taken (EADDRINUSE) by a socket that this kernel does not list: before Linux 6.8 those that are bound and "
                + "do not listen.";
        if (f.Main is null)
            return $"{f.Name} is taken (EADDRINUSE), but no socket that this kernel shows explains it.";
        var howLong = f.FreeAt is null ? "" : $" for another {f.SecondsLeft} s";
        return $"{f.Name} is taken{FamilyTaken(f)} (EADDRINUSE){howLong}: {Holding(f)}{OtherListener(f)}{ReuseAddress(f)}.";
    }

    /// <summary>Of a question about both families, the one that is taken while the other is free.</summary>
    private static string FamilyTaken(DiagnosisContext f)
    {
        if (f.Target.Host is not (null or "*" or "+") || f.Asked.Length != 2)
            return "";
        var free = f.Asked.Where(static j => j.Outcome == Outcome.Allowed).Select(static j => j.Request.Address.Family).ToList();
        return free.Count != 1 ? "" : free[0] == IpFamily.IPv4 ? " on IPv6 and free on IPv4" : " on IPv4 and free on IPv6";
    }

    /// <summary>
    /// What SO_REUSEADDR changes: told where people expect it to help, and where the question was about a socket without it.
    /// </summary>
    private static string ReuseAddress(DiagnosisContext f)
    {
        if (f.Target.Protocol != Protocol.Tcp)
            return "";
        var withIt = f.With(reuseAddress: true, reusePort: false);
        if (withIt == Outcome.Allowed && !f.Asked[0].Request.ReuseAddress)
            return "; a server that sets SO_REUSEADDR can start now";
        return withIt == Outcome.Blocked && f.Main!.Socket.State is TcpSocketState.TimeWait or TcpSocketState.FinWait2
            or TcpSocketState.FinWait1 && f.Blockers.All(static b => b.Socket.State != TcpSocketState.Listen)
            ? "; the old server had not set SO_REUSEADDR, so setting it now does not help" : "";
    }

    private static string Refused(DiagnosisContext f) => f.Decisive.RefusedCall switch
    {
        ProbedCall.Listen => $"{f.Name} can be bound, but listen() fails ({f.Decisive.Errno}): {CauseBook.Refusal(f)}.",
        ProbedCall.Socket when f.Cause == Cause.DeniedByPolicy =>
            $"{f.Name} cannot be bound, because socket() fails ({f.Decisive.Errno}): {CauseBook.Refusal(f)}.",
        _ => $"{f.Name} cannot be bound ({f.Decisive.Errno}): {CauseBook.Refusal(f)}.",
    };

    private static string Listening(DiagnosisContext f, Blocker main, string owner)
    {
        var listeners = f.Blockers.Count(b => b.Socket.State == TcpSocketState.Listen && b.Socket.Local == main.Socket.Local);
        if (main is { Owners.IsEmpty: true, Kernel: null } && !main.Socket.IsWithoutProcess && f.Snapshot.Coverage.IsEveryProcessSeen)
            return $"a socket without a visible owner listens on {main.Socket.Local}";
        var what = listeners > 1
            ? $"{Wording.Number(listeners)} listeners of {Sharers(f, main)} share {main.Socket.Local} by SO_REUSEPORT"
            : $"{owner} {Verb(main, "listens", "listen")} on {main.Socket.Local}{Families(main.Socket)}{Only(f, main.Socket)}";
        return what + CauseBook.ListenerClause(f, main);
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
    private static string Only(DiagnosisContext f, HeldSocket socket)
    {
        var device = socket.DeviceIndex == 0 ? null : f.Snapshot.Interfaces.FirstOrDefault(i => i.Index == socket.DeviceIndex)?.Name;
        return (device is null ? "" : $", on interface {device} only") + (socket.IsMultipath == Fact.Yes ? ", by MPTCP" : "");
    }

    /// <summary>The programs whose listeners share one address, each once.</summary>
    private static string Sharers(DiagnosisContext f, Blocker main)
    {
        var owners = f.Blockers.Where(b => b.Socket.State == TcpSocketState.Listen && b.Socket.Local == main.Socket.Local)
            .SelectMany(static b => b.Owners.Take(1)).DistinctBy(static o => o.Process.Id).ToList();
        return ProcessNames.Of(owners, Nobody(f, main));
    }

    private static string Connections(DiagnosisContext f, Blocker main, string owner)
    {
        var alike = f.CountOf(main.Socket.State);
        var state = Wording.State(main.Socket);
        if (f.Cause == Cause.OutgoingConnection || (f.Cause == Cause.KernelSocket && f.Factors.Contains(Cause.OutgoingConnection)))
            return $"{owner} {Verb(main, "uses", "use")} it as the source port of "
                + $"{(alike == 1 ? "a connection" : Wording.Count(alike, "connection", "connections"))} to {main.Socket.Remote}";
        var ends = alike == 1 ? $"a connection to {main.Socket.Remote} in {state}" : $"{Wording.Number(alike)} connections in {state}";
        return main.Socket.IsWithoutProcess
            ? main.Socket.State is TcpSocketState.TimeWait ? ends : $"{ends}, held by no process"
            : $"{owner} {Verb(main, "has", "have")} {ends}";
    }

    /// <summary>A listener of somebody else on another address that is in the way as well: ending the first would not be enough.</summary>
    private static string OtherListener(DiagnosisContext f)
    {
        if (f.Main is not { Socket.State: TcpSocketState.Listen } main || main.Socket.Protocol != Protocol.Tcp || main.Owners.IsEmpty)
            return "";
        var others = f.Blockers.Where(b => IsOtherListener(b, main)).DistinctBy(static b => b.Owners[0].Process.Id).ToList();
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

    private static string Nobody(DiagnosisContext f, Blocker main) => main.Kernel is { } kernel ? kernel.Label
        : main.Socket.IsWithoutProcess ? "no process"
        : IsStuck(f, main) ? "a process that could not be looked at"
        : f.Snapshot is { Caller.UserId: 0, Coverage.UnreadableProcesses: > 0 } ? "a process that cannot be looked at from here"
        : f.Snapshot.Coverage is { UnreadableProcesses: > 0 } or { ProcessesHidden: true }
            ? "a process of another user (run with sudo to see which)"
        : f.Snapshot.Coverage.OwnersRead ? "no visible process" : "a process";

    // Those of other users may hold it as well, but not where the socket was made by the one who asks.
    private static bool IsStuck(DiagnosisContext f, Blocker main) => !f.Snapshot.Coverage.StuckProcesses.IsEmpty
        && (f.Snapshot.Coverage is { UnreadableProcesses: 0, ProcessesHidden: false } || main.Socket.UserId == f.Snapshot.Caller.UserId);
}

using Bindwise.Model.Addresses;
using Bindwise.Model.Diagnosing.Causes;
using Bindwise.Model.Diagnosing.Policies;
using Bindwise.Model.Diagnosing.Ports;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Rules;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Diagnosing.Sentences;

/// <summary>Why, in sentences: the rule applied to these sockets, who closed first, what the probe revealed, which defaults were taken.</summary>
internal static class Reasons
{
    public static IEnumerable<string> Of(DiagnosisContext f)
    {
        var ofCase = f.Blockers.IsEmpty ? null : CauseExplanations.Of(f) ?? CaseReasons.Of(f);
        var ports = f.Verdict != Verdict.Free || f.Target.Destination is not null ? PortReport.Of(f.Snapshot).ToList() : [];
        // Who has the ports is news; that they are used up is in the first line.
        if (f.Cause == CauseId.PortsExhausted && ofCase is null && ports is [var users, ..])
        {
            ofCase = users;
            ports.RemoveAt(0);
        }
        ofCase ??= CaseReasons.WithoutBlocker(f);
        if (ofCase is not null)
            yield return ofCase;
        if (ofCase != f.Decisive.Rule.Sentence)
            yield return f.Decisive.Rule.Sentence;
        if (f.Verdict != Verdict.Free || f.DependsOnReuseAddress)
        {
            foreach (var sentence in OfBlockers(f).Concat(PolicyReasons.Of(f)))
                yield return sentence;
        }
        foreach (var sentence in ports)
            yield return sentence;
        if (f.Target.Pasted is { } pasted && RuntimeDefaults.Of(pasted, f.Asked[0].Request) is { } said)
            yield return said;
        foreach (var sentence in SubjectReasons.Of(f))
            yield return sentence;
    }

    private static IEnumerable<string> OfBlockers(DiagnosisContext f)
    {
        if (Crowd(f) is { } crowd)
            yield return crowd;
        if (Closed(f) is { } closed)
            yield return closed;
        if (OtherEnd(f) is { } otherEnd)
            yield return otherEnd;
        if (Knowledge(f) is { } knowledge)
            yield return knowledge;
        if (f.Main is { Socket.IsMultipath: Fact.Yes })
            yield return f.Main.Socket.SubflowState is { } subflow
                ? $"It is an MPTCP connection (IPPROTO_MPTCP) in {Wording.State(f.Main.Socket)}; its TCP subflow, which ss -t shows as {TcpStateNames.Of(subflow, Protocol.Tcp)}, holds the port as any TCP socket does."
                : "It is an MPTCP socket (IPPROTO_MPTCP); its first subflow holds the port as any TCP socket does.";
        if (f.Main is { Owners.Length: > 1 } main)
        {
            var inherited = main.Owners.Count(static o => o.Role == OwnerRole.Inherited);
            if (inherited == main.Owners.Length)
                yield return $"{Wording.Count(inherited, "process", "processes")} inherited the descriptor; the process that made the socket is gone or has closed it.";
            else if (inherited > 0)
                yield return $"{ProcessNames.Short(main.Owners[0].Process)} made the socket; {Wording.Count(inherited, "process", "processes")} inherited it, and the port stays taken until all of them close it.";
        }
        else if (f.Cause == CauseId.InheritedDescriptor && f.Main is { Owners: [var only] })
        {
            yield return $"{ProcessNames.Short(only.Process)} never opens a listening socket itself: it inherited this one from a process that is gone, and holds it without serving it.";
        }
    }

    private static string? Crowd(DiagnosisContext f)
    {
        var states = f.Blockers.Where(static b => b.Socket.Protocol == Protocol.Tcp)
            .Select(static b => b.Socket)
            .DistinctBy(static s => s.State)
            .Select(s => (State: Wording.State(s), Count: f.CountOf(s.State)))
            .ToList();
        return states.Sum(static s => (long)s.Count) < 2 ? null
            : $"In the way: {Wording.List([.. states.Select(static s => Wording.Number(s.Count) + " " + s.State)])}"
                + (f.FreeAt is { } at ? $"; the last one expires at {Wording.Time(at)} at the latest." : ".");
    }

    private static string? Closed(DiagnosisContext f) => f.ClosedFirst switch
    {
        ClosedFirst.Local when f.Main!.Socket.State == TcpState.TimeWait => "This side closed first, so TIME_WAIT is on this side: look for the server's code that closes, shuts down or exits before the client does.",
        ClosedFirst.Local => "This side closed first and waits for the peer.",
        ClosedFirst.Remote when f.Main!.Socket.State == TcpState.CloseWait => "The peer closed first; the program here could have read the end of the stream, but never called close().",
        ClosedFirst.Remote => "The peer closed first.",
        ClosedFirst.Both => "Both sides closed at once, so both ends are in TIME_WAIT.",
        _ => null,
    };

    /// <summary>Who is at the other end, on this host; a listener's clients are not told one by one.</summary>
    private static string? OtherEnd(DiagnosisContext f)
    {
        if (f.Main is not { Socket.State: not TcpState.Listen } main)
            return null;
        var owners = f.Blockers.Where(b => b.Socket.State == main.Socket.State).Select(static b => b.Peer?.Owners ?? []).Where(static o => o.Length > 0).ToList();
        var processes = owners.Select(static o => o[0].Process).DistinctBy(static p => p.Id).ToList();
        return processes.Count switch
        {
            0 => null,
            1 when main.Owners.Any(o => o.Process.Id == processes[0].Id) => $"Both ends are in {ProcessNames.Short(processes[0])}.",
            1 => $"The other end is {ProcessNames.Short(processes[0])}, on this host.",
            var n => $"The other ends are on this host too: {ProcessNames.Short(processes[0])} and {Wording.Count(n - 1, "other process", "other processes")}.",
        };
    }

    /// <summary>What the attempts with SO_REUSEADDR reveal of the old sockets.</summary>
    private static string? Knowledge(DiagnosisContext f)
    {
        if (f.Main is not { Socket: { Protocol: Protocol.Tcp, State: not TcpState.Listen } socket } || f.Decisive.Errno is not (null or "EADDRINUSE"))
            return null;
        var until = f.FreeAt is { } at ? $" before {Wording.Time(at)}" : " while it stands";
        return f.With(reuseAddress: true, reusePort: false) switch
        {
            Outcome.Allowed => "The old socket had set SO_REUSEADDR, so a new one that sets it before bind() can have the port now.",
            Outcome.Blocked => f.Blockers.All(static b => b.Socket.State != TcpState.Listen)
                ? $"The old {(socket.State == TcpState.TimeWait ? "server" : "socket")} had not set SO_REUSEADDR, so setting it now does not help{until}."
                : null,
            _ => "The kernel's table does not show whether the old socket had set SO_REUSEADDR; only a probe can tell.",
        };
    }
}

using Bindwise.Model.Diagnosing.Policies;
using Bindwise.Model.Diagnosing.Ports;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Rules;

namespace Bindwise.Model.Diagnosing.Sentences;

/// <summary>
/// Why, in sentences: the rule applied to these sockets, who closed first, what the probe revealed, which defaults were taken.
/// </summary>
internal static class Reasons
{
    public static IEnumerable<string> Of(DiagnosisContext context)
    {
        var ofCase = context.Blockers.IsEmpty ? null : CauseBook.Explanation(context) ?? CaseReasons.Of(context);
        var ports = context.Verdict != Verdict.Free || context.Target.Destination is not null ? PortReport.Of(context.Snapshot).ToList()
            : [];
        // Who has the ports is news; that they are used up is in the first line.
        if (context.Cause == Cause.PortsExhausted && ofCase is null && ports is [var users, ..])
        {
            ofCase = users;
            ports.RemoveAt(0);
        }
        ofCase ??= CaseReasons.WithoutBlocker(context);
        if (ofCase is not null)
            yield return ofCase;
        if (ofCase != context.Decisive.Rule.Sentence)
            yield return context.Decisive.Rule.Sentence;
        if (context.Verdict != Verdict.Free || context.DependsOnReuseAddress)
        {
            foreach (var sentence in OfBlockers(context).Concat(PolicyReasons.Of(context)))
                yield return sentence;
        }
        foreach (var sentence in ports)
            yield return sentence;
        if (context.Target.Pasted is { } pasted && RuntimeDefaults.Of(pasted, context.Asked[0].Request) is { } said)
            yield return said;
        foreach (var sentence in SubjectReasons.Of(context))
            yield return sentence;
    }

    private static IEnumerable<string> OfBlockers(DiagnosisContext context)
    {
        if (Crowd(context) is { } crowd)
            yield return crowd;
        if (Closed(context) is { } closed)
            yield return closed;
        if (OtherEnd(context) is { } otherEnd)
            yield return otherEnd;
        if (Knowledge(context) is { } knowledge)
            yield return knowledge;
        if (context.Main is { Socket.IsMultipath: Fact.Yes })
            yield return context.Main.Socket.SubflowState is { } subflow
                ? $"It is an MPTCP connection (IPPROTO_MPTCP) in {Wording.State(context.Main.Socket)}; its TCP subflow, which ss -t shows "
                    + $"as "
                    + $"{TcpStateNames.Of(subflow, Protocol.Tcp)}, holds the port as any TCP socket does."
                : "It is an MPTCP socket (IPPROTO_MPTCP); its first subflow holds the port as any TCP socket does.";
        if (context.Main is { Owners: [{ Role: OwnerRole.Keeper, Process: var keeper }] })
            yield return $"{ProcessNames.Short(keeper)} keeps the socket for the program that it runs, which does not use it now.";
        else if (context.Main is { } main && Keepers.Users(main.Owners) is { Length: > 1 } users)
        {
            var inherited = users.Count(static o => o.Role == OwnerRole.Inherited);
            if (MasterPrograms.HaveLostTheirs(users))
                yield return $"{(users.Length == 1 ? "This worker has" : "These workers have")} lost the master process that made the "
                    + "socket and would end them.";
            else if (inherited == users.Length)
                yield return $"{Wording.Count(inherited, "process", "processes")} inherited the descriptor; the process that made the "
                    + "socket is gone or has closed it.";
            else if (inherited > 0)
                yield return $"{ProcessNames.Short(main.Owners[0].Process)} made the socket; "
                    + $"{Wording.Count(inherited, "process", "processes")} inherited it, and the port stays taken until all of them close "
                    + "it.";
        }
        else if (context.Cause == Cause.InheritedDescriptor && context.Main is { Owners: [var only] })
        {
            yield return MasterPrograms.HaveLostTheirs([only])
                ? $"{ProcessNames.Short(only.Process)} has lost the master process that made the socket and would end it."
                : $"{ProcessNames.Short(only.Process)} never opens a listening socket itself: it inherited this one from a process that is "
                    + "gone, and holds it without serving it.";
        }
    }

    private static string? Crowd(DiagnosisContext context)
    {
        var states = context.Blockers.Where(static b => b.Socket.Protocol == Protocol.Tcp)
            .Select(static b => b.Socket)
            .DistinctBy(static s => s.State)
            .Select(s => (State: Wording.State(s), Count: context.CountOf(s.State)))
            .ToList();
        return states.Sum(static s => (long)s.Count) < 2 ? null
            : $"In the way: {Wording.List([.. states.Select(static s => Wording.Number(s.Count) + " " + s.State)])}"
                + (context.FreeAt is { } at ? $"; the last one expires at {Wording.Time(at)} at the latest." : ".");
    }

    private static string? Closed(DiagnosisContext context) => context.ClosedFirst switch
    {
        ClosedFirst.Local when context.Main!.Socket.State == TcpSocketState.TimeWait =>
            "This side closed first, so TIME_WAIT is on this side: look for the server's code that closes, shuts down or exits before the "
                + "client does.",
        ClosedFirst.Local => "This side closed first and waits for the peer.",
        ClosedFirst.Remote when context.Main!.Socket.State == TcpSocketState.CloseWait =>
            "The peer closed first; the program here could have read the end of the stream, but never called close().",
        ClosedFirst.Remote => "The peer closed first.",
        ClosedFirst.Both => "Both sides closed at once, so both ends are in TIME_WAIT.",
        _ => null,
    };

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

    /// <summary>What the attempts with SO_REUSEADDR reveal of the old sockets.</summary>
    private static string? Knowledge(DiagnosisContext context)
    {
        if (context.Main is not { Socket: { Protocol: Protocol.Tcp, State: not TcpSocketState.Listen } socket }
            || context.Decisive.Errno is not (null or "EADDRINUSE"))
            return null;
        var until = context.FreeAt is { } at ? $" before {Wording.Time(at)}" : " while it stands";
        return context.With(reuseAddress: true, reusePort: false) switch
        {
            Outcome.Allowed => "The old socket had set SO_REUSEADDR, so a new one that sets it before bind() can have the port now.",
            Outcome.Blocked => context.Blockers.All(static b => b.Socket.State != TcpSocketState.Listen)
                ? $"The old {(socket.State == TcpSocketState.TimeWait ? "server" : "socket")} had not set SO_REUSEADDR, so setting it now "
                    + $"does not help{until}."
                : null,
            _ => "The kernel's table does not show whether the old socket had set SO_REUSEADDR; only a probe can tell.",
        };
    }
}

/// <summary>
/// Why, in one sentence about the case at hand: what a reader needs who sees nothing else. The rule in its general form comes after it.
/// </summary>
internal static class CaseReasons
{
    /// <summary>The sentence; null where the rule's own says it best.</summary>
    public static string? Of(DiagnosisContext context)
    {
        if (context.Cause == Cause.DeniedByPolicy)
            return "A policy answers before the kernel looks at who has the port, so programs get its errno; without it they would get "
                + "EADDRINUSE.";
        if (context.Decisive.Errno is not (null or "EADDRINUSE") || context.Main is not { } main)
            return null;
        if (main.Socket.Protocol == Protocol.Unix)
            return context.Name.StartsWith('@') ? null
                : "A UNIX path belongs to one server at a time, and its file stays until somebody removes it.";
        if (context.DependsOnReuseAddress && main.Socket.State != TcpSocketState.Bound)
            return "The old socket had set SO_REUSEADDR, so a new one that sets it too may share the port with it.";
        return main.Socket.State switch
        {
            TcpSocketState.Listen =>
                Overlap(context, main.Socket) ?? (context.Decisive.Rule == RuleBook.HeldByListener ? null : context.Decisive.Rule.Sentence),
            TcpSocketState.Bound when context.DependsOnReuseAddress =>
                "Both set SO_REUSEADDR, so both may bind the port; only one of them can listen.",
            TcpSocketState.Bound or TcpSocketState.Close when main.Socket.Protocol == Protocol.Tcp =>
                "A bound socket holds its port even before it calls listen(), and ss -l and lsof -sTCP:LISTEN do not show it.",
            TcpSocketState.TimeWait => context.ClosedFirst == ClosedFirst.Both
                ? "Both sides closed at once, so each keeps the connection in TIME_WAIT for 60 s."
                : "This side closed its connections first, so the kernel keeps them in TIME_WAIT for 60 s.",
            TcpSocketState.CloseWait => $"The other side closed the connection, but {Owner(main)} never closed its own end.",
            _ => main.Socket.Protocol == Protocol.Udp ? Overlap(context, main.Socket) : null,
        };
    }

    /// <summary>
    /// The sentence where no socket is in the way: what is free, what a file at the path means, which
    /// limit was met. Null where the rule says it best.
    /// </summary>
    public static string? WithoutBlocker(DiagnosisContext context)
    {
        if (!context.Blockers.IsEmpty)
            return null;
        if (context.Cause == Cause.DeniedByPolicy && context.Decisive.RefusedCall == ProbedCall.Listen)
            return "bind() succeeds and only listen() is refused, so the program has the port and no client can connect.";
        if (context.Decisive.IsOpenByPolicy)
            return "Bindwise can try no bind() in the process's place, and the kernel does not show what its filters and programs answer.";
        if (context.Decisive.Landed is not null || context.Decisive.IsTakenElsewhere)
            return "A BPF program on a cgroup's bind() hook may rewrite the address and the port before the kernel looks at them "
                + "(BPF_CGROUP_INET4_BIND, INET6_BIND).";
        var rule = context.Decisive.Rule;
        // The rule speaks of ports, and of listen(), which not every socket has.
        if (context.Verdict == Verdict.Free && rule == RuleBook.NothingInTheWay)
        {
            return context.Target.Protocol switch
            {
                Protocol.Unix => "An abstract name needs no file; only a socket of the same name and type would be in the way.",
                Protocol.Udp => "No other socket is in the way on this port, so bind() succeeds.",
                _ => "No other socket is in the way on this port, so bind() and listen() succeed.",
            };
        }
        if (rule == RuleBook.UnixPathExists)
        {
            return context.Snapshot.UnixPath is { IsSocket: true }
                ? "bind() creates the socket's file, and the file stays until somebody removes it, even when its server is gone."
                : "bind() creates the socket's file, so nothing may exist at the path.";
        }
        return rule == RuleBook.PrivilegedPort && context.Snapshot.Caller.As is null && context.Snapshot.Caller.UserId != 0
            ? "The kernel checks this before it looks at who uses the port; net.ipv4.ip_unprivileged_port_start sets the limit." : null;
    }

    /// <summary>Why the two addresses meet, when it is not plain to see; null when it is.</summary>
    private static string? Overlap(DiagnosisContext context, HeldSocket held)
    {
        var address = held.Local.Address;
        var meets = context.Asked.Where(j => j.Decision.Blockers.Any(b => b.Socket == held)).Select(static j => j.Request.Address).ToList();
        if (meets.Count == 0)
            return null;
        if (context.Asked.FirstOrDefault(static j => j.Outcome == Outcome.Allowed) is { Request: var free })
            return $"A server that binds {Wording.Bracketed(free.Address)} can start; one that binds {Wording.Bracketed(meets[0])} cannot.";
        if (context.Asked.Length > meets.Count)
            return null;
        if (meets.Contains(address))
            return null;
        var want = meets[0];
        if (address == IpAddress.AnyIPv6 && want.AsIPv4 is not null)
            return $"A socket on [::] without IPV6_V6ONLY takes IPv4 as well, so it is in the way of {want}.";
        if (want == IpAddress.AnyIPv6 && address.AsIPv4 is not null)
            return $"A socket on [::] without IPV6_V6ONLY takes IPv4 as well, and there {held.Local} is taken.";
        if (address.IsAny)
            return $"A socket on {address} covers every address of the host, {want} too.";
        if (want.IsAny)
            return $"{want} means every address, and another program already has {address}; your server can still bind another address of "
                + "this host.";
        return address.AsIPv4 is { } mapped && mapped == want.AsIPv4 ? $"{address} and {want} are the same IPv4 address." : null;
    }

    private static string Owner(Blocker main) => main.Owners.IsEmpty ? "the program here" : ProcessNames.Plain(main.Owners[0].Process);
}

/// <summary>Says aloud which options a pasted error's runtime brought into the question.</summary>
internal static class RuntimeDefaults
{
    /// <summary>One sentence; null when the text reveals nothing that changes the question.</summary>
    public static string? Of(PastedError pasted, BindRequest asked)
    {
        if ((pasted.Runtime ?? pasted.Program) is not { } who || asked.Protocol != Protocol.Tcp)
            return null;
        return pasted.SetsReuseAddress switch
        {
            true => $"The wording is that of {who}, which sets SO_REUSEADDR before bind(), so the verdict is for that.",
            false => $"The wording is that of {who}, whose bare sockets set no option, so the verdict is for a plain bind().",
            null => null,
        };
    }
}

/// <summary>A pasted error that what is seen now does not bear out: over by now, or of another user.</summary>
internal static class PastedErrors
{
    /// <summary>It said that the address is in use, and nothing is in the way any more.</summary>
    public static bool IsOver(DiagnosisContext context) =>
        context is { Verdict: Verdict.Free, Target.Pasted.Errno: "EADDRINUSE" }
            && context.Snapshot.Elsewhere is not { Sockets.IsEmpty: false }
        && (!context.Target.IsProtocolAssumed || (context.Target.Protocol == Protocol.Tcp && UdpBeside.Remark(context) is null));

    /// <summary>It said EACCES for a low port, and who asks may bind that port.</summary>
    public static bool IsOfOtherUser(DiagnosisContext context) => context is { Verdict: Verdict.Free, Target.Pasted.Errno: "EACCES" }
        && context.Plan.Port is > 0 and var port && port < (context.Snapshot.Settings.UnprivilegedPortStart ?? 1024);

    /// <summary>What to do then.</summary>
    public static IEnumerable<Remedy> Remedies(DiagnosisContext context)
    {
        if (IsOver(context))
        {
            yield return Remedy.Of("start-again",
                "Start your server again. If it fails again although the port is free here, it may bind the port twice itself.", null,
                "nothing", "none");
        }
        else if (IsOfOtherUser(context))
        {
            foreach (var remedy in PolicyRemedies.Privileged(context).Where(static r => r.Id != "other-port"))
                yield return remedy;
            yield return Remedy.Of("ask-as-user", "Ask for the user that runs the server.", $"bindwise why {context.Argument} --user NAME",
                "nothing", "none");
        }
    }
}

using Bindwise.Model.Addresses;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Rules;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Diagnosing.Sentences;

/// <summary>Why, in one sentence about the case at hand: what a reader needs who sees nothing else. The rule in its general form comes after it.</summary>
internal static class CaseReasons
{
    /// <summary>The sentence; null where the rule's own says it best.</summary>
    public static string? Of(DiagnosisContext f)
    {
        if (f.Cause == CauseId.DeniedByPolicy)
            return "A policy answers before the kernel looks at who has the port, so programs get its errno; without it they would get EADDRINUSE.";
        if (f.Decisive.Errno is not (null or "EADDRINUSE") || f.Main is not { } main)
            return null;
        if (main.Socket.Protocol == Protocol.Unix)
            return f.Name.StartsWith('@') ? null : "A UNIX path belongs to one server at a time, and its file stays until somebody removes it.";
        if (f.DependsOnReuseAddress && main.Socket.State != TcpState.Bound)
            return "The old socket had set SO_REUSEADDR, so a new one that sets it too may share the port with it.";
        return main.Socket.State switch
        {
            TcpState.Listen => Overlap(f, main.Socket) ?? (f.Decisive.Rule == RuleBook.HeldByListener ? null : f.Decisive.Rule.Sentence),
            TcpState.Bound when f.DependsOnReuseAddress => "Both set SO_REUSEADDR, so both may bind the port; only one of them can listen.",
            TcpState.Bound or TcpState.Close when main.Socket.Protocol == Protocol.Tcp =>
                "A bound socket holds its port even before it calls listen(), and ss -l and lsof -sTCP:LISTEN do not show it.",
            TcpState.TimeWait => f.ClosedFirst == ClosedFirst.Both
                ? "Both sides closed at once, so each keeps the connection in TIME_WAIT for 60 s."
                : "This side closed its connections first, so the kernel keeps them in TIME_WAIT for 60 s.",
            TcpState.CloseWait => $"The other side closed the connection, but {Owner(main)} never closed its own end.",
            _ => main.Socket.Protocol == Protocol.Udp ? Overlap(f, main.Socket) : null,
        };
    }

    /// <summary>The sentence where no socket is in the way: what is free, what a file at the path means, which limit was met. Null where the rule says it best.</summary>
    public static string? WithoutBlocker(DiagnosisContext f)
    {
        if (!f.Blockers.IsEmpty)
            return null;
        if (f.Cause == CauseId.DeniedByPolicy && f.Decisive.RefusedCall == ProbedCall.Listen)
            return "bind() succeeds and only listen() is refused, so the program has the port and no client can connect.";
        if (f.Decisive.IsOpenByPolicy)
            return "Bindwise can try no bind() in the process's place, and the kernel does not show what its filters and programs answer.";
        if (f.Decisive.Landed is not null || f.Decisive.IsTakenElsewhere)
            return "A BPF program on a cgroup's bind() hook may rewrite the address and the port before the kernel looks at them (BPF_CGROUP_INET4_BIND, INET6_BIND).";
        var rule = f.Decisive.Rule;
        // The rule speaks of ports, and of listen(), which not every socket has.
        if (f.Verdict == Verdict.Free && rule == RuleBook.NothingInTheWay)
        {
            return f.Target.Protocol switch
            {
                Protocol.Unix => "An abstract name needs no file; only a socket of the same name and type would be in the way.",
                Protocol.Udp => "No other socket is in the way on this port, so bind() succeeds.",
                _ => "No other socket is in the way on this port, so bind() and listen() succeed.",
            };
        }
        if (rule == RuleBook.UnixPathExists)
        {
            return f.Snapshot.UnixPath is { IsSocket: true }
                ? "bind() creates the socket's file, and the file stays until somebody removes it, even when its server is gone."
                : "bind() creates the socket's file, so nothing may exist at the path.";
        }
        return rule == RuleBook.PrivilegedPort && f.Snapshot.Caller.As is null && f.Snapshot.Caller.UserId != 0
            ? "The kernel checks this before it looks at who uses the port; net.ipv4.ip_unprivileged_port_start sets the limit." : null;
    }

    /// <summary>Why the two addresses meet, when it is not plain to see; null when it is.</summary>
    private static string? Overlap(DiagnosisContext f, HeldSocket held)
    {
        var address = held.Local.Address;
        var meets = f.Asked.Where(j => j.Decision.Blockers.Any(b => b.Socket == held)).Select(static j => j.Request.Address).ToList();
        if (meets.Count == 0)
            return null;
        if (f.Asked.FirstOrDefault(static j => j.Outcome == Outcome.Allowed) is { Request: var free })
            return $"A server that binds {Bracketed(free.Address)} can start; one that binds {Bracketed(meets[0])} cannot.";
        if (f.Asked.Length > meets.Count)
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
            return $"A server on {want} would cover every address, and {address} is taken; it can still bind another single address.";
        return address.AsIPv4 is { } mapped && mapped == want.AsIPv4 ? $"{address} and {want} are the same IPv4 address." : null;
    }

    private static string Bracketed(IpAddress address) => address.Family == IpFamily.IPv6 ? $"[{address}]" : address.ToString();

    private static string Owner(Blocker main) => main.Owners.IsEmpty ? "the program here" : ProcessNames.Plain(main.Owners[0].Process);
}

using Bindwise.Model.Addresses;
using Bindwise.Model.Rules;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Diagnosing;

/// <summary>Why, in sentences: the rule applied to these sockets, who closed first, what the probe revealed, which defaults were taken.</summary>
internal static class Reasons
{
    public static IEnumerable<string> Of(Findings f)
    {
        yield return Main(f);
        if (f.Verdict != Verdict.Free)
        {
            foreach (var sentence in OfBlockers(f).Concat(EphemeralReport.Of(f.Snapshot)))
                yield return sentence;
        }
        if (f.Target.Pasted is { } pasted && RuntimeDefaults.Of(pasted, f.Asked[0].Request) is { } said)
            yield return said;
    }

    private static string Main(Findings f)
    {
        var rule = f.Decisive.Rule.Sentence;
        return f.Main is { Socket.Protocol: not Protocol.Unix } main && f.Decisive.Errno is null or "EADDRINUSE" && f.Main is not null
            ? Overlap(f, f.Main) + rule
            : rule;
    }

    /// <summary>Why the two addresses meet, when it is not plain to see.</summary>
    private static string Overlap(Findings f, Blocker main)
    {
        var held = main.Socket.Local.Address;
        var meets = f.Asked.Where(j => j.Decision.Blockers.Any(b => b.Socket == main.Socket)).Select(static j => j.Request.Address).ToList();
        if (meets.Count == 0)
            return "";
        if (held == IpAddress.AnyIPv6 && meets.Exists(static a => a.AsIPv4 is not null))
            return $"A socket on [::] without IPV6_V6ONLY is dual-stack: it covers IPv4 too, so it meets {meets.Find(static a => a.AsIPv4 is not null)}. ";
        if (meets.Contains(held))
            return "";
        var want = meets[0];
        if (held.IsAny)
            return $"The wildcard {main.Socket.Local.Address} covers every address, so it meets {want}. ";
        if (want.IsAny)
            return $"The wildcard {want} would cover {held}. ";
        return held.AsIPv4 is { } mapped && mapped == want.AsIPv4 ? $"{held} and {want} are the same IPv4 address. " : "";
    }

    private static IEnumerable<string> OfBlockers(Findings f)
    {
        if (Stories.Of(f) is { } story)
            yield return story;
        if (Crowd(f) is { } crowd)
            yield return crowd;
        if (Closed(f) is { } closed)
            yield return closed;
        if (OtherEnd(f) is { } otherEnd)
            yield return otherEnd;
        if (Knowledge(f) is { } knowledge)
            yield return knowledge;
        if (f.Main is { Owners.Length: > 1 } main)
        {
            var inherited = main.Owners.Count(static o => o.Role == OwnerRole.Inherited);
            if (inherited == main.Owners.Length)
                yield return $"{Wording.Count(inherited, "process", "processes")} inherited the descriptor; the process that made the socket is gone or has closed it.";
            else if (inherited > 0)
                yield return $"{ProcessNames.Short(main.Owners[0].Process)} made the socket; {Wording.Count(inherited, "process", "processes")} inherited it, and the port stays taken until all have closed it.";
        }
        else if (f.Cause == CauseId.InheritedDescriptor && f.Main is { Owners: [var only] })
        {
            yield return $"{ProcessNames.Short(only.Process)} never opens a listening socket itself: it inherited this one from a process that is gone, and keeps it without serving it.";
        }
    }

    private static string? Crowd(Findings f)
    {
        var states = f.Blockers.Where(static b => b.Socket.Protocol == Protocol.Tcp)
            .Select(static b => b.Socket)
            .DistinctBy(static s => s.State)
            .Select(s => (State: Wording.State(s), Count: f.CountOf(s.State)))
            .ToList();
        return states.Sum(static s => (long)s.Count) < 2 ? null
            : $"In the way: {Wording.List([.. states.Select(static s => Wording.Number(s.Count) + " " + s.State)])}"
                + (f.FreeAt is { } at ? $"; the last lets go at {Wording.Time(at)}." : ".");
    }

    private static string? Closed(Findings f) => f.ClosedFirst switch
    {
        ClosedFirst.Local when f.Main!.Socket.State == TcpState.TimeWait => "This side closed first, so TIME_WAIT (60 s) is kept here: look at the server's code that calls close(), shutdown() or exits before the client does.",
        ClosedFirst.Local => "This side closed first and waits for the peer.",
        ClosedFirst.Remote when f.Main!.Socket.State == TcpState.CloseWait => "The peer closed first; the program here has read the end of the stream, or could have, and never called close().",
        ClosedFirst.Remote => "The peer closed first.",
        ClosedFirst.Both => "Both sides closed at once, so TIME_WAIT is kept at both ends.",
        _ => null,
    };

    /// <summary>Who is at the other end, on this host; a listener's clients are not told one by one.</summary>
    private static string? OtherEnd(Findings f)
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
    private static string? Knowledge(Findings f)
    {
        if (f.Main is not { Socket: { Protocol: Protocol.Tcp, State: not TcpState.Listen } socket } || f.Decisive.Errno is not (null or "EADDRINUSE"))
            return null;
        var until = f.FreeAt is { } at ? $" before {Wording.Time(at)}" : " while it stands";
        return f.With(reuseAddress: true, reusePort: false) switch
        {
            Outcome.Allowed => "The old socket had set SO_REUSEADDR: a new one that sets it before bind() can have the port now.",
            Outcome.Blocked => f.Blockers.All(static b => b.Socket.State != TcpState.Listen)
                ? $"The old {(socket.State == TcpState.TimeWait ? "server" : "socket")} had not set SO_REUSEADDR, so setting it now does not help{until}."
                : null,
            _ => "Whether the old socket had set SO_REUSEADDR cannot be read from the kernel's table; only a probe would tell.",
        };
    }
}

using Bindwise.Model.Sockets;

namespace Bindwise.Model.Diagnosing.Topics;

/// <summary>
/// What the end of a program with open connections leaves on its port: this side closes first then, so TIME_WAIT stays here. Without any,
/// what it has left already.
/// </summary>
/// <param name="Clause">A clause: <c>its 3 open connections will keep the port in TIME_WAIT for about a minute more</c>.</param>
/// <param name="IsCertain">It will; false: it may.</param>
/// <param name="HasFinWait2">One of them is in FIN_WAIT2 first, which a TIME_WAIT may follow.</param>
internal sealed record Leftovers(string Clause, bool IsCertain, bool HasFinWait2)
{
    /// <summary>How long the kernel keeps them, as long as nothing else is set (TCP_TIMEWAIT_LEN, net.ipv4.tcp_fin_timeout).</summary>
    public TimeSpan Lifetime => TimeSpan.FromMinutes(HasFinWait2 ? 2 : 1);

    /// <summary>The option of <c>free</c> that waits for all of them, with what the timer wheel adds.</summary>
    public string WaitForAll => WaitFor((int)Lifetime.TotalSeconds + SlackSeconds);

    private const int SlackSeconds = 10;

    /// <summary>The option of <c>free</c> that waits for a socket that no process holds, whatever its peer does.</summary>
    public static string WaitOption(HeldSocket socket) =>
        WaitFor(socket.MillisecondsLeftAtMost(slack: 0) / 1000 ?? TimerWheel.TimeWaitMilliseconds / 1000 + SlackSeconds);

    private static string WaitFor(int seconds) => $"--wait {Wording.Number(seconds)}s";

    /// <summary>What keeps the port for a while from who asks for it; null for nothing.</summary>
    public static Leftovers? Of(DiagnosisContext context)
    {
        if (context.Main is not { Socket: { Protocol: Protocol.Tcp } held })
            return null;
        // A socket that was accepted has the listener's SO_REUSEADDR, and keeps it in TIME_WAIT; both sides have to have set it.
        var asks = context.Decisive.Request.ReuseAddress;
        if (asks && held.ReuseAddress == Fact.Yes)
            return Already(context, held);
        var isListener = held.State == TcpSocketState.Listen;
        var open = (isListener ? context.Snapshot.Sockets.Where(s => s.Local.Port == held.Local.Port)
            : context.Blockers.Select(static b => b.Socket)).Where(static s => s.OutlivesProcess).ToList();
        var isCertain = held.ReuseAddress == Fact.No || !asks;
        if (open.Count == 0)
            return Already(context, held);
        // What is unread now may be read by then.
        if (open.TrueForAll(static s => s.HasUnread))
            isCertain = false;
        else
            open.RemoveAll(static s => s.HasUnread);
        // An MPTCP connection waits for the peer's DATA_FIN first, as one that was shut down waits for its FIN.
        var waits = open.TrueForAll(static s => s.State == TcpSocketState.FinWait2 || s.IsMultipath == Fact.Yes);
        var connections = isListener || context.Blockers.Length > 1
            ? "its " + Wording.Count(open.Count, "open connection", "open connections") : "the connection";
        return new($"{connections} {Verb(isCertain)} keep the port in "
            + (waits ? "FIN_WAIT2 for about a minute more, and for a minute of TIME_WAIT if the peer closes before that"
                : "TIME_WAIT for about a minute more"), isCertain, waits);
    }

    private static Leftovers? Already(DiagnosisContext context, HeldSocket held)
    {
        var shares = context.Decisive.Request.ReuseAddress && held.ReuseAddress == Fact.Yes;
        var closed = context.Blockers.Select(static b => b.Socket)
            .Where(static s => s.IsWithoutProcess && s.State is TcpSocketState.TimeWait or TcpSocketState.FinWait2)
            .Where(s => !(shares && IsOfHeld(s))).ToList();
        var states = Wording.List([.. closed.Select(Wording.State).Distinct()]);
        var waits = closed.Exists(static s => s.MayTurnIntoTimeWait);
        // No table shows whether what is closed had set an option: what a listener took did as the listener.
        var isCertain = closed.TrueForAll(s => (held.ReuseAddress == Fact.No && IsOfHeld(s))
            || context.Asked.Any(j => j.Decision.Blockers.Any(b => b.IsCertain && b.Socket == s)));
        return closed.Count == 0 ? null
            : new($"{Wording.Count(closed.Count, "connection", "connections")} in {states} {Verb(isCertain)} keep the port for up to "
                + $"{(waits ? "two minutes" : "a minute")} more", isCertain, waits);

        bool IsOfHeld(HeldSocket socket) =>
            held.Local.Address.IsAny || socket.Local.Address.Unmapped == held.Local.Address.Unmapped;
    }

    private static string Verb(bool isCertain) => isCertain ? "will" : "may";
}

using Bindwise.Linux.Deadlines;

namespace Bindwise.Supervising.Holding;

/// <summary>
/// Kept sockets that the running program has closed: clients would connect to them, and wait for an answer that never comes, and a UDP port
/// would be kept from all others. No event tells that nobody has one open any more, so it is looked at now and then, and one that stays so
/// for a minute is closed. A program that ends its listening in order to end itself has a minute to do that, without a client that is
/// refused.
/// </summary>
/// <param name="gate">Is left while a look waits for the program.</param>
internal sealed class ClosedSockets(KeptSockets sockets, Lock gate)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(60);

    private TimeSpan _next;

    /// <summary>When the next look is due; null while there is nothing to look at.</summary>
    internal TimeSpan? Due => sockets.All.Any(IsKeptOpen) ? _next : null;

    /// <param name="only">The one start that runs; null while one begins, stops or follows another.</param>
    internal void Check(ProgramStart? only, TimeSpan now, Action<string> report)
    {
        if (only is null)
        {
            foreach (var one in sockets.All)
                one.ClosedSince = null;
            return;
        }
        if (now < _next)
            return;
        _next = now + Pause;
        foreach (var one in sockets.All.Where(one => IsKeptOpen(one) && one.IsTakenBy(only)).ToArray())
        {
            one.ClosedSince = Ask(one.CheckIn(only), otherwise: true) ? null : one.ClosedSince ?? now;
            // While the gate was left it may have been dropped.
            if (now - one.ClosedSince >= Most && sockets.All.Contains(one))
            {
                sockets.Drop(one);
                if (one.Backlog is not null)
                    report($"{one.Key.Name ?? one.Key.Endpoint.ToString()} is not kept any longer: the program closed it a minute ago, and "
                        + "clients would wait in vain");
            }
        }
    }

    /// <summary>A start has one open, or what it left behind has.</summary>
    internal bool AreOpenIn(ProgramStart start) => Ask(start, one => one.CheckIn(start), otherwise: true);

    /// <summary>A start waits for the clients of one that listens.</summary>
    internal bool AreServedIn(ProgramStart start) => Ask(start, one => one.CheckServedIn(start), otherwise: false);

    private bool Ask(ProgramStart start, Func<KeptSocket, Func<bool>> check, bool otherwise)
    {
        var checks = sockets.All.Where(one => one.IsTakenBy(start)).Select(check).ToArray();
        return Ask(() => Array.Exists(checks, static check => check()), otherwise);
    }

    private static bool IsKeptOpen(KeptSocket one) => one.Backlog is not null || one.Protocol == Protocol.Udp;

    /// <param name="otherwise">What counts where it cannot be told.</param>
    private bool Ask(Func<bool> check, bool otherwise)
    {
        gate.Exit();
        try
        {
            return BoundedWork.TryRun(check, out var answer) ? answer : otherwise;
        }
        finally
        {
            gate.Enter();
        }
    }
}

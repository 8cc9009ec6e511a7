using Bindwise.Linux.Deadlines;

namespace Bindwise.Supervising.Holding;

/// <summary>
/// Kept sockets that listen though the running program has closed them: clients would connect, and wait for an answer that never comes. No
/// event tells that nobody has one open any more, so it is looked at now and then, and one that stays so for a minute is closed. A program
/// that ends its listening in order to end itself has a minute to do that, without a client that is refused.
/// </summary>
/// <param name="gate">Is left while a look waits for the program.</param>
internal sealed class ClosedListeners(KeptSockets sockets, Lock gate)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(60);

    private TimeSpan _next;

    /// <summary>When the next look is due; null while there is nothing to look at.</summary>
    internal TimeSpan? Due => sockets.All.Any(static one => one.Backlog is not null) ? _next : null;

    /// <param name="only">The one start that runs; null while one begins, stops or follows another.</param>
    internal void Look(ProgramStart? only, TimeSpan now, Action<string> tell)
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
        foreach (var one in sockets.All.Where(one => one.Backlog is not null && one.IsTakenBy(only)).ToArray())
        {
            one.ClosedSince = IsOpen(one, only) ? null : one.ClosedSince ?? now;
            // While the gate was left it may have been dropped.
            if (now - one.ClosedSince >= Most && sockets.All.Contains(one))
            {
                sockets.Drop(one);
                tell($"{one.Key.Name ?? one.Key.Endpoint.ToString()} is not kept any longer: the program closed it a minute ago, and "
                    + "clients would wait in vain");
            }
        }
    }

    private bool IsOpen(KeptSocket socket, ProgramStart start)
    {
        if (socket.IsOpenBeside())
            return true;
        var look = socket.LookIn(start);
        using var use = socket.Use();
        gate.Exit();
        try
        {
            // What cannot be told counts as open.
            return !BoundedWork.TryRun(look, out var isOpen) || isOpen;
        }
        finally
        {
            gate.Enter();
        }
    }
}

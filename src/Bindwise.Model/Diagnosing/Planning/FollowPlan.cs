namespace Bindwise.Model.Diagnosing.Planning;

/// <summary>What to look at while an answer is followed, so that most looks cost next to nothing.</summary>
internal static class FollowPlan
{
    /// <summary>
    /// The socket without whose end the answer stays as it is: of sockets that all go by their own timer the last to go, else the one
    /// that decides. Null when no socket is in the way: then only the whole question asked again tells.
    /// </summary>
    public static HeldSocket? SocketToWatch(Diagnosis diagnosis)
    {
        if (diagnosis.Blockers.IsEmpty || diagnosis.Cause == Cause.PrivilegedPort)
            return null;
        return diagnosis.FreeAt is null
            ? diagnosis.Blockers[0].Socket
            : diagnosis.Blockers.MaxBy(static blocker => blocker.Socket.MillisecondsLeft ?? 0)!.Socket;
    }

    /// <summary>
    /// Whether an answer says something else than the one before it: another verdict or cause, or other sockets that decide.
    /// </summary>
    public static bool IsChange(Diagnosis before, Diagnosis after) =>
        (before.Verdict, before.Errno, before.Cause) != (after.Verdict, after.Errno, after.Cause)
            || !IsSame(SocketToWatch(before), SocketToWatch(after));

    private static bool IsSame(HeldSocket? one, HeldSocket? other) => one is null || other is null
        ? one is null && other is null
        : (one.Cookie, one.Inode, one.State) == (other.Cookie, other.Inode, other.State);
}

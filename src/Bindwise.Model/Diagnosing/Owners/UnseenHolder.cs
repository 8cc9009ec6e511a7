namespace Bindwise.Model.Diagnosing.Owners;

/// <summary>What is said of a holder that may not be inspected: by the user who made the socket.</summary>
internal static class UnseenHolder
{
    /// <summary>Why who asks may not inspect a process of their own (ptrace(2), PTRACE_MODE_READ).</summary>
    public const string WhyOwn = "file capabilities, setuid, or not dumpable";

    /// <summary>The process, in the middle of a sentence.</summary>
    public static string Of(HeldSocket socket, Snapshot snapshot) =>
        snapshot.Caller.UserId == 0 ? "a process that cannot be inspected from here"
        : IsProbablyOwn(socket, snapshot.Caller)
        ? $"a process that you may not inspect, probably your own ({WhyOwn})" : "a process of another user (run with sudo to see which)";

    /// <summary>Who asks made the socket, and may not inspect whoever holds it.</summary>
    public static bool IsProbablyOwn(HeldSocket socket, Caller caller) => caller.UserId != 0 && socket.UserId == caller.UserId;
}

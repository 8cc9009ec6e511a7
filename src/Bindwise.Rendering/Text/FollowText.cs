using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Text;
using Bindwise.Rendering.Escaping;
using Bindwise.Rendering.Sockets;
using static System.FormattableString;

namespace Bindwise.Rendering.Text;

/// <summary>The line that counts down while an answer is followed, and the words about its end.</summary>
internal static class FollowText
{
    private static readonly TimeSpan AlmostASecond = TimeSpan.FromTicks(TimeSpan.TicksPerSecond - 1);

    /// <summary>
    /// What is waited for, at this time: <c>free in 41 s (up to 2 s more)</c>, counted as the kernel does and rounded down as ss(8) shows
    /// it,
    /// or <c>waiting 12 s for node (pid 7) to release 0.0.0.0:80</c>.
    /// </summary>
    public static string Waiting(Diagnosis diagnosis, DateTimeOffset now, DateTimeOffset since) =>
        diagnosis.FreeAt is { } latest
            ? Countdown(latest, TimerEnd(diagnosis, latest), now)
            : Invariant($"waiting {Seconds(now - since)} for {What(diagnosis)}");

    /// <summary>How long was waited, as it stands after the last answer.</summary>
    public static string After(TimeSpan waited) => Invariant($"after {Seconds(waited)}");

    /// <summary>A text in as many columns as there are, escaped.</summary>
    public static string Fit(string text, int columns)
    {
        var escaped = Escaper.EscapeSentence(text);
        return escaped[..CellWidth.FittingChars(escaped, columns)];
    }

    // The kernel's timers may fire late, never early.
    private static string Countdown(DateTimeOffset latest, DateTimeOffset timerEnd, DateTimeOffset now)
    {
        var slack = WholeSeconds(latest - timerEnd + AlmostASecond);
        var late = WholeSeconds(latest - now + AlmostASecond);
        return now <= timerEnd
            ? Invariant($"free in {WholeSeconds(timerEnd - now)} s{(slack > 0 ? Invariant($" (up to {slack} s more)") : "")}")
            : late > 0 ? Invariant($"free within {late} s") : "free any moment now";
    }

    // The last timer's own end; the answer's time has the slack in it.
    private static DateTimeOffset TimerEnd(Diagnosis diagnosis, DateTimeOffset latest)
    {
        var left = diagnosis.Blockers.Max(static blocker => blocker.Socket.MillisecondsLeft);
        var end = left is { } milliseconds ? new Moments(diagnosis.TakenAt).After(milliseconds) : latest;
        return end < latest ? end : latest;
    }

    private static string What(Diagnosis diagnosis)
    {
        if (FollowPlan.SocketToWatch(diagnosis) is not { } socket)
            return "another answer";
        var owners = diagnosis.Blockers.First(blocker => blocker.Socket == socket).Owners;
        var local = SocketText.Local(socket);
        if (owners.IsEmpty)
            return Unowned(socket, local);
        var process = owners[0].Process;
        var others = owners.Length == 1 ? "" : Invariant($" and {owners.Length - 1} more");
        return Invariant($"{process.Name} (pid {process.Id}){others} to release {local}");
    }

    private static string Unowned(HeldSocket socket, string local) => (socket.Protocol, socket.State) switch
    {
        (Protocol.Unix, _) => $"the socket at {local} to go",
        (Protocol.Udp, _) => $"the UDP socket on {local} to close",
        (_, TcpSocketState.Listen) => $"the listening socket on {local} to close",
        (_, TcpSocketState.Bound or TcpSocketState.Close) => $"the socket bound to {local} to close",
        _ => $"the connection on {local} in {SocketText.State(socket)} to end",
    };

    private static long WholeSeconds(TimeSpan time) => Math.Max(0, (long)time.TotalSeconds);

    private static string Seconds(TimeSpan time) => time.TotalSeconds < 120
        ? Invariant($"{WholeSeconds(time)} s")
        : Invariant($"{(long)time.TotalMinutes} min");
}

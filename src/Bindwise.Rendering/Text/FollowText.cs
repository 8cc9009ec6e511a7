using Bindwise.Model.Diagnosing;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Text;
using Bindwise.Rendering.Sockets;
using static System.FormattableString;

namespace Bindwise.Rendering.Text;

/// <summary>The line that counts down while an answer is followed, and the words about its end.</summary>
internal static class FollowText
{
    private static readonly TimeSpan AlmostASecond = TimeSpan.FromTicks(TimeSpan.TicksPerSecond - 1);

    /// <summary>
    /// What is waited for, at this time: <c>free in 41 s (up to 2 s more)</c>, counted as the kernel does and rounded down as ss(8) shows
    /// it, or <c>waiting 12 s for node (pid 7) to release 0.0.0.0:80</c>.
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

    /// <summary>So long the last timer runs from the answer on, as its summary has it.</summary>
    internal static long SecondsLeft(Diagnosis diagnosis, DateTimeOffset latest) =>
        Math.Max(1, WholeSeconds(TimerEnd(diagnosis, latest) - diagnosis.TakenAt));

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
        return Invariant($"{ProcessNames.Short(process)}{others} to release {local}");
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

/// <summary>The words of <c>bindwise wait</c>, unescaped.</summary>
internal static class WaitText
{
    /// <summary>How a target is called: <c>127.0.0.1:8080/tcp</c>, or a path.</summary>
    public static string Name(WaitOutcome outcome)
    {
        var target = outcome.Target;
        if (target.Protocol == Protocol.Unix)
            return target.Path ?? target.Text;
        var port = outcome.Port is { } known ? Invariant($"{known}") : target.Service ?? "";
        var scoped = target.Scope is { } scope ? $"{target.Host}%{scope}" : target.Host;
        var end = target.Destination is { } to ? to.ToString() : target.Host is not { } host ? port
            : host.Contains(':', StringComparison.Ordinal) ? $"[{scoped}]:{port}" : $"{host}:{port}";
        return end + (target.Protocol == Protocol.Udp ? "/udp" : "/tcp");
    }

    /// <summary>What is waited for at this time, for a line that is written over: a countdown where the end is known.</summary>
    public static string Line(WaitOutcome outcome, int others, DateTimeOffset now, DateTimeOffset since)
    {
        // The time first: a narrow terminal cuts the rest.
        if (outcome.Diagnosis is { } diagnosis)
            return FollowText.Waiting(diagnosis, now, since) + (diagnosis.FreeAt is null ? "" : $": {Name(outcome)}") + More(others);
        return Invariant($"waiting {Math.Max(0, (long)(now - since).TotalSeconds)} s for {Event(outcome)}{More(others)}");
    }

    /// <summary>
    /// What is waited for, in one sentence: <c>waiting until something listens on 5432/tcp</c>, or why it is not free yet.
    /// </summary>
    public static string Sentence(WaitOutcome outcome, int others) =>
        outcome.Diagnosis is { } diagnosis ? $"waiting{(others == 0 ? "" : Invariant($" for {others + 1} targets"))}: {diagnosis.Summary}"
            : $"waiting until {(IsRefusing(outcome) ? $"the listener on {Name(outcome)} takes connections" : Fact(outcome))}"
                + More(others);

    /// <summary>That it was for nothing: <c>timed out after 10 s: 127.0.0.1:8080/tcp is taken …</c>.</summary>
    /// <param name="printed">Why it was not, where that has been told before: the same is not told again; null for nothing.</param>
    public static string TimedOut(WaitOutcome outcome, int others, string? printed = null)
    {
        var name = Name(outcome);
        var why = (outcome.Diagnosis is not { } diagnosis || printed is null || !AreAlike(diagnosis.Summary, printed) ? Summary(outcome)
            : $"{name} is still not free" + (diagnosis.FreeAt is not { } at ? ""
                : Invariant($", for another {FollowText.SecondsLeft(diagnosis, at)} s")))
            ?? (outcome.Until == "closed" ? $"something still listens on {name}"
                : outcome.Listeners.IsEmpty ? $"nothing listens on {name}"
                : $"the listener on {name} takes no connection");
        var left = others == 0 ? "" : Invariant($" with {others + 1} targets left");
        return $"timed out after {Took(outcome.Waited)}{left}: {why}";
    }

    private static bool AreAlike(string summary, string printed) => WithoutTimes(summary) == WithoutTimes(printed);
    private static string WithoutTimes(string text) => string.Join(' ', text.Split(' ').Where(static word => !int.TryParse(word, out _)));

    /// <summary>The last answer, or why nobody can be connected to; null where neither was asked for.</summary>
    public static string? Summary(WaitOutcome outcome) => outcome switch
    {
        { Diagnosis.Summary: var summary } => summary,
        // Of another host the connection alone tells: whether anybody listens there is not known.
        { IsMet: false, ConnectFault: { } failure } =>
            $"no connection to {(outcome.Listeners.IsEmpty ? "" : "the listener on ")}{Name(outcome)} ({failure})",
        _ => null,
    };

    /// <summary>That it is as was waited for: <c>127.0.0.1:8080/tcp is free (after 12.3 s)</c>.</summary>
    public static string Met(WaitOutcome outcome) => $"{Fact(outcome)} (after {Took(outcome.Waited)})";

    /// <summary>A time as it is told afterwards: <c>350 ms</c>, <c>12.3 s</c>, <c>5 min</c>.</summary>
    private static string Took(TimeSpan time) => time.TotalSeconds switch
    {
        < 1 => Invariant($"{(long)time.TotalMilliseconds} ms"),
        < 120 => Invariant($"{time.TotalSeconds:0.#} s"),
        < 7200 => Invariant($"{(long)time.TotalMinutes} min"),
        _ => Invariant($"{(long)time.TotalHours} h"),
    };

    private static string Fact(WaitOutcome outcome) => outcome.Until switch
    {
        "listening" => $"something listens on {Name(outcome)}",
        "closed" => $"nothing listens on {Name(outcome)}",
        _ when outcome.Target.Destination is not null => $"a connection to {Name(outcome)} can be opened",
        _ => $"{Name(outcome)} is free",
    };

    private static string Event(WaitOutcome outcome) => outcome.Until == "closed"
        ? $"the listening socket on {(outcome.Listeners is [var first, ..] ? SocketText.Local(first) : Name(outcome))} to close"
        : IsRefusing(outcome) ? $"the listener on {Name(outcome)} to take connections" : $"a listener on {Name(outcome)}";

    // Its queue is full, or a connection to it fails.
    private static bool IsRefusing(WaitOutcome outcome) => outcome is { Until: "listening", Listeners.IsEmpty: false };

    private static string More(int others) => others == 0 ? "" : Invariant($" (and {others} more)");
}

/// <param name="Port">The port, a service name resolved; null for UNIX.</param>
/// <param name="Until">What it was waited to be: free, listening or closed.</param>
internal sealed record WaitOutcome(Target Target, ushort? Port, string Until, bool IsMet, TimeSpan Waited)
{
    public Diagnosis? Diagnosis { get; init; }

    public ImmutableArray<HeldSocket> Listeners { get; init; } = [];

    /// <summary>Why the last attempt to connect failed, as the system says it; null where none did.</summary>
    public string? ConnectFault { get; init; }
}

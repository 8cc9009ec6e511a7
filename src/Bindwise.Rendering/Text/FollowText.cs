using Bindwise.Model.Addresses;
using Bindwise.Model.Diagnosing;
using Bindwise.Rendering.Escaping;
using Bindwise.Rendering.Sockets;
using static System.FormattableString;

namespace Bindwise.Rendering.Text;

/// <summary>The line that counts down while an answer is followed, and the words about its end.</summary>
public static class FollowText
{
    /// <summary>What is waited for, at this time: <c>free in 41 s, at 14:03:12</c>, or whom it waits for, and since when.</summary>
    /// <param name="diagnosis">The answer that stands.</param>
    /// <param name="now">The time now.</param>
    /// <param name="since">When the waiting began.</param>
    public static string Waiting(Diagnosis diagnosis, DateTimeOffset now, DateTimeOffset since)
    {
        ArgumentNullException.ThrowIfNull(diagnosis);
        if (diagnosis.FreeAt is { } at)
        {
            var left = (long)Math.Ceiling((at - now).TotalSeconds);
            return left > 0 ? Invariant($"free in {left} s at the latest, at {new Moments(diagnosis.TakenAt).Until(at)}") : "free at any moment now";
        }
        return Invariant($"waiting {Seconds(now - since)} for {What(diagnosis)}");
    }

    /// <summary>How long was waited, as it stands behind the last answer.</summary>
    public static string After(TimeSpan waited) => Invariant($"after {Seconds(waited)}");

    /// <summary>A text in as many columns as there are, escaped.</summary>
    public static string Fit(string text, int columns)
    {
        var escaped = Escaper.Escape(text);
        while (escaped.Length > 0 && CellWidth.Of(escaped) > columns)
            escaped = escaped[..^(escaped.Length > 1 && char.IsLowSurrogate(escaped[^1]) ? 2 : 1)];
        return escaped;
    }

    private static string What(Diagnosis diagnosis)
    {
        if (Following.SocketToWatch(diagnosis) is not { } socket)
            return "another answer";
        var owners = diagnosis.Blockers.First(blocker => blocker.Socket == socket).Owners;
        var local = SocketText.Local(socket);
        if (owners.IsEmpty)
            return socket.Protocol == Protocol.Unix ? $"the socket at {local} to go" : $"{SocketText.State(socket)} on {local} to end";
        var process = owners[0].Process;
        var others = owners.Length == 1 ? "" : Invariant($" and {owners.Length - 1} more");
        return Invariant($"{process.Name} (pid {process.Id}){others} to let go of {local}");
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds < 120
        ? Invariant($"{Math.Max(0, (long)time.TotalSeconds)} s")
        : Invariant($"{(long)time.TotalMinutes} min");
}

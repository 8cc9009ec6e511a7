using Bindwise.Model.Diagnosing;
using static System.FormattableString;

namespace Bindwise.Rendering.Watching;

internal static class EventText
{
    /// <summary>
    /// <c>14:02:10 bind-failed 0.0.0.0:3000/tcp node (pid 812): EADDRINUSE, nginx (pid 4) listens …</c>: escaped, without its end.
    /// </summary>
    public static string Line(PortEvent happened, TimeSpan offset)
    {
        var line = new StringBuilder(happened.Time.ToOffset(offset).ToString("HH:mm:ss", CultureInfo.InvariantCulture))
            .Append(' ').Append(PortEventWords.Of(happened.Kind));
        if (AddressOf(happened) is { Length: > 0 } address)
            line.Append(' ').Append(Escaper.EscapeSentence(address));
        if (WhoOf(happened) is { Length: > 0 } who)
            line.Append(' ').Append(Escaper.EscapeSentence(who));
        line.Append(Escaper.EscapeSentence(WhereOf(happened)));
        if (Why(happened) is { Length: > 0 } why)
            line.Append(": ").Append(Escaper.EscapeSentence(why));
        if (happened.Kind == PortEventKind.BindFailed && happened.Count > 1)
            line.Append(CultureInfo.InvariantCulture, $" ({happened.Count} times)");
        return line.ToString();
    }

    /// <summary>What happened, as <c>bind 0.0.0.0:3000</c>: not escaped.</summary>
    public static string What(PortEvent happened)
    {
        var word = happened is { Kind: PortEventKind.BindFailed, Call: { } call } ? PortEventWords.Of(call)
            : PortEventWords.Of(happened.Kind);
        return (AddressOf(happened) is { Length: > 0 } address ? $"{word} {address}" : word) + WhereOf(happened);
    }

    /// <summary>The reason, or what else there is to say, in one line: not escaped; empty for nothing.</summary>
    public static string Why(PortEvent happened) =>
        happened switch
        {
            { Kind: PortEventKind.BindFailed, Summary: { } summary } => Reason(happened, summary),
            { Kind: PortEventKind.BindFailed, Limits: [var limit, ..] } => $"{happened.Result}, {limit}",
            { Kind: PortEventKind.BindFailed } => happened.Result,
            { Summary: { } summary } => summary,
            { Kind: PortEventKind.OwnerChanged, PreviousProcessId: { } before } => Invariant($"held by pid {before} before"),
            { Kind: PortEventKind.TimeWaitHigh } => Invariant($"{happened.Count} connections in TIME_WAIT"),
            { Kind: PortEventKind.QueueOverflow } => happened.Count == 1 ? "the accept queue was full, a connection was dropped"
                : Invariant($"the accept queue was full, {happened.Count} connections were dropped"),
            { Kind: PortEventKind.RangeHigh } => Invariant($"{happened.Count} ephemeral ports lead there: connect() will soon fail"),
            { Kind: PortEventKind.Shadowed, Reason: { } winner } => $"its clients go to {winner}",
            { Kind: PortEventKind.Shadowed } => "its clients go to a more specific address",
            { Kind: PortEventKind.Lost } => Wording.Count(happened.Count, "event was", "events were") + " lost",
            { Kind: PortEventKind.ClockChanged } => happened.Reason ?? "the clock was set",
            _ => happened.Reason ?? "",
        };

    // The first line of why names the address and the errno, which stand beside this one already: 80 columns are few.
    private static string Reason(PortEvent happened, string summary)
    {
        var errno = $" ({happened.Result})";
        var at = summary.StartsWith(AddressOf(happened), StringComparison.Ordinal) ? summary.IndexOf(errno, StringComparison.Ordinal) : -1;
        var rest = at < 0 ? ": " + summary : summary[(at + errno.Length)..];
        return happened.Result + (rest.StartsWith(": ", StringComparison.Ordinal) ? ", " + rest[2..] : rest);
    }

    private static string AddressOf(PortEvent happened) => happened.Address is not { } address ? ""
        : happened.Protocol switch
        {
            Protocol.Tcp => address + "/tcp",
            Protocol.Udp => address + "/udp",
            _ => address,
        };

    private static string WhereOf(PortEvent happened) =>
        happened is { Kind: PortEventKind.BindFailed, Reason: { } where } ? " " + where : "";

    /// <summary>A process, as <c>nginx (pid 12)</c>: not escaped; empty where none is known.</summary>
    internal static string WhoOf(PortEvent happened) => happened switch
    {
        { Program: { Length: > 0 } program, ProcessId: > 0 } => Invariant($"{program} (pid {happened.ProcessId})"),
        { Program: { Length: > 0 } program } => program,
        { ProcessId: > 0 } => Invariant($"pid {happened.ProcessId}"),
        _ => "",
    };
}

using Bindwise.Rendering.Watching;
using static System.FormattableString;

namespace Bindwise.Rendering.History;

/// <summary>Events as a list for people: one a line, the oldest first, with how long a port was held where it is let go.</summary>
internal static class HistoryText
{
    private const int TimeColumns = 21;
    private const int NarrowBelow = 50;

    public static IEnumerable<TextLine> Render(IEnumerable<PortEvent> events, TimeZoneInfo zone, int? width)
    {
        var open = new Dictionary<(Protocol?, string?), OpenSockets>();
        var hang = width < NarrowBelow ? 2 : TimeColumns;
        var indent = new string(' ', hang);
        foreach (var happened in events)
        {
            var text = new Paragraph().Add(TextRole.Dim, Moment(happened.Time, zone)).Add("  ").Add(Sentence(happened, open, zone));
            var isFirst = true;
            foreach (var spans in Wrapping.Break(text.Spans, width is { } columns ? Math.Max(columns, TextOptions.MinimumWidth) : null,
                hang))
            {
                yield return new TextLine(isFirst ? spans : [new TextSpan(TextRole.Text, indent), .. spans]);
                isFirst = false;
            }
        }
    }

    /// <summary>
    /// A time as it is shown: <c>2026-11-24 03:12:07</c>, in a zone; in the hour that comes twice, as at the end of summer time, with its
    /// offset.
    /// </summary>
    internal static string Moment(DateTimeOffset time, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(time, zone)
        .ToString(zone.IsAmbiguousTime(time) ? "yyyy-MM-dd HH:mm:sszzz" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    internal static string Who(PortEvent happened) => EventText.WhoOf(happened) is { Length: > 0 } who ? who : "an unknown process";

    /// <summary>A length of time in the two units that matter.</summary>
    internal static string Length(TimeSpan time) => time switch
    {
        { TotalSeconds: < 1 } => "less than a second",
        { TotalMinutes: < 1 } => Invariant($"{(int)time.TotalSeconds} s"),
        { TotalHours: < 1 } => Invariant($"{(int)time.TotalMinutes} min {time.Seconds} s"),
        { TotalDays: < 2 } => Invariant($"{(int)time.TotalHours} h {time.Minutes} min"),
        _ => Invariant($"{(int)time.TotalDays} days"),
    };

    private static Paragraph Sentence(PortEvent happened, Dictionary<(Protocol?, string?), OpenSockets> open, TimeZoneInfo zone)
    {
        var place = (happened.Protocol, happened.Address);
        if (!open.TryGetValue(place, out var sockets))
            open.Add(place, sockets = new OpenSockets());
        var text = new Paragraph();
        // The first line of why begins with the address itself.
        if (happened.Address is { } address && !(happened.Kind == PortEventKind.BindFailed && SaysWhere(happened)))
            text.Add(TextRole.Label, address, 120).Add(happened.Protocol == Protocol.Udp ? "/udp  " : "  ");
        switch (happened.Kind)
        {
            case PortEventKind.Listen or PortEventKind.Bind:
                sockets.Add(happened);
                return text.Add(TextRole.Name, Who(happened)).Add((happened.Kind, happened.Reason == UnseenReason.HeldBefore) switch
                {
                    (PortEventKind.Listen, false) => " listens",
                    (PortEventKind.Listen, true) => " was already listening",
                    (_, false) => " bound it",
                    (_, true) => " had already bound it",
                });
            case PortEventKind.Closed when UnseenReason.IsEnded(happened.Reason):
                _ = sockets.Take(happened.ProcessId);
                return text.Add(TextRole.Name, Who(happened)).Add(" " + happened.Reason);
            case PortEventKind.Closed:
                // How long it was held is known only of what was seen to begin; a clock that was set back leaves no length.
                var held = sockets.Take(happened.ProcessId) is { Reason: null, Time: var began } && began <= happened.Time
                    ? $" after {Length(happened.Time - began)}" : "";
                return text.Add(TextRole.Name, Who(happened)).Add($" released it{held}");
            case PortEventKind.OwnerChanged:
                var isUnseen = UnseenReason.IsOwnerChange(happened.Reason);
                _ = sockets.Pass(happened);
                return text.Add(happened.PreviousProcessId is { } before ? Invariant($"went from pid {before} to ") : "went to ")
                    .Add(TextRole.Name, Who(happened)).Add(isUnseen ? happened.Reason!["changed".Length..] : "");
            case PortEventKind.BindFailed:
                return Failure(text, happened, zone);
            case PortEventKind.ClockChanged:
                // What began by the old clock and ends by the new one has no length that is known.
                open.Clear();
                return Other(text, happened);
            default:
                return Other(text, happened);
        }
    }

    private static bool SaysWhere(PortEvent happened) =>
        happened is { Address: { } address, Summary: { } summary } && summary.Contains(address, StringComparison.Ordinal);

    private static bool SaysErrno(PortEvent happened) => happened.Summary?.Contains(happened.Result, StringComparison.Ordinal) == true;

    private static Paragraph Failure(Paragraph text, PortEvent happened, TimeZoneInfo zone)
    {
        text.Add(TextRole.Blocked, "failed").Add(": ")
            .Add((happened.Call is { } call ? PortEventWords.Of(call) : "bind") + "() of ")
            .Add(TextRole.Name, Who(happened)).Add(happened.Reason is { } where ? $" {where}" : "")
            .Add(SaysErrno(happened) ? "" : ", " + happened.Result);
        if (happened.Count > 1)
            text.Add(Invariant($", {happened.Count} times"))
                .Add(happened.LastTime is { } last && last - happened.Time >= TimeSpan.FromSeconds(1) ? " until "
                    + Moment(last, zone)[11..] : "");
        // The first line of why says all; without one, the last limit says why there is none.
        return text.Add(": " + (happened.Summary ?? (happened.Limits.IsEmpty ? "the reason is not known" : happened.Limits[^1])));
    }

    private static Paragraph Other(Paragraph text, PortEvent happened) => happened.Kind switch
    {
        PortEventKind.TimeWaitHigh or PortEventKind.QueueOverflow or PortEventKind.RangeHigh or PortEventKind.Shadowed
            or PortEventKind.Lost or PortEventKind.ClockChanged => text.Add(TextRole.Warning, EventText.Why(happened)),
        PortEventKind.RecorderStarted => text.Add(TextRole.Dim, "bindwise record started")
            .Add(happened.Limits.IsEmpty ? "" : ". " + happened.Limits[0]),
        PortEventKind.RecorderStopped => text.Add(TextRole.Dim, "bindwise record stopped"),
        _ => text.Add(happened.Summary ?? PortEventWords.Of(happened.Kind)),
    };
}

/// <summary>
/// The sockets that are open at one address, as its events tell. There may be several (SO_REUSEPORT, a server that hands over to the next),
/// and which of them an event is about only its process says.
/// </summary>
internal sealed class OpenSockets
{
    private readonly List<PortEvent> _open = [];

    /// <summary>The event with which each of them began, the oldest first.</summary>
    public IReadOnlyList<PortEvent> All => _open;

    /// <summary>A socket was bound or listens; one that was bound and now listens is the same.</summary>
    public void Add(PortEvent begun)
    {
        if (begun.Kind == PortEventKind.Listen && Find(begun.ProcessId, isBound: true) is >= 0 and var bound)
            _open[bound] = _open[bound] with { Kind = PortEventKind.Listen };
        else
            _open.Add(begun);
    }

    /// <summary>A socket has another process; gives how it began with the one before, null where that was not told.</summary>
    public PortEvent? Pass(PortEvent changed)
    {
        var before = Take(changed.PreviousProcessId ?? 0);
        _open.Add(changed with { Kind = before?.Kind ?? PortEventKind.Listen });
        return before;
    }

    /// <summary>A process has closed its socket; gives how that began, null where it was not told.</summary>
    public PortEvent? Take(int processId)
    {
        if (Find(processId, isBound: false) is not (>= 0 and var found))
            return null;
        var begun = _open[found];
        _open.RemoveAt(found);
        return begun;
    }

    // That of the process, else one whose process nobody could see.
    private int Find(int processId, bool isBound)
    {
        var found = _open.FindIndex(one => one.ProcessId == processId && IsMeant(one));
        return found >= 0 ? found : _open.FindIndex(one => (one.ProcessId == 0 || processId == 0) && IsMeant(one));

        bool IsMeant(PortEvent one) => !isBound || one.Kind == PortEventKind.Bind;
    }
}

/// <summary>The <c>reason</c> of an event that no recorder saw: it follows from a census.</summary>
internal static class UnseenReason
{
    public const string HeldBefore = "was there already";
    public const string EndedBefore = "was gone when the recorder started";
    public const string OwnerChanged = "changed while no recorder ran";
    public const string EndedAtLoss = "was gone after events had been lost";
    public const string OwnerChangedAtLoss = "changed while events were lost";
    public static bool IsEnded(string? reason) => reason is EndedBefore or EndedAtLoss;
    public static bool IsOwnerChange(string? reason) => reason is OwnerChanged or OwnerChangedAtLoss;
}

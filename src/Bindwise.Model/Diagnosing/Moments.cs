using static System.FormattableString;

namespace Bindwise.Model.Diagnosing;

/// <summary>
/// Times as they are shown: in the snapshot's offset from UTC, never in that of the machine that renders, so that a saved snapshot renders
/// alike everywhere.
/// </summary>
internal readonly struct Moments(DateTimeOffset takenAt)
{
    /// <summary>ISO 8601 with milliseconds and offset: <c>2026-07-01T14:02:31.250+02:00</c>.</summary>
    public string Iso(DateTimeOffset moment)
    {
        var offset = takenAt.Offset;
        var sign = offset < TimeSpan.Zero ? '-' : '+';
        return Invariant($"{Local(moment):yyyy-MM-dd'T'HH:mm:ss.fff}{sign}{offset:hh\\:mm}");
    }

    /// <summary><c>14:02</c>, with the date when it is another day.</summary>
    public string Minute(DateTimeOffset moment) => Format(moment, "HH:mm");

    /// <summary>
    /// <c>14:02:31</c>, with the date when it is another day; rounded up, since it is said of a time until which to wait.
    /// </summary>
    public string Until(DateTimeOffset moment)
    {
        var rest = moment.UtcTicks % TimeSpan.TicksPerSecond;
        var rounded = rest == 0 || moment > DateTimeOffset.MaxValue.AddSeconds(-1) ? moment
            : moment.AddTicks(TimeSpan.TicksPerSecond - rest);
        return Format(rounded, "HH:mm:ss");
    }

    /// <summary>The time this many milliseconds after the snapshot.</summary>
    public DateTimeOffset After(int milliseconds) => takenAt.UtcTicks > DateTimeOffset.MaxValue.UtcTicks - TimeSpan.FromDays(60).Ticks
        ? takenAt
        : takenAt.AddMilliseconds(Math.Max(0, milliseconds));

    /// <summary><c>2 h ago</c>, counted from the snapshot; null for a time after it.</summary>
    public string? Ago(DateTimeOffset moment)
    {
        var age = takenAt - moment;
        return age switch
        {
            { Ticks: < 0 } => null,
            { TotalSeconds: < 60 } => Invariant($"{age.Seconds} s ago"),
            { TotalMinutes: < 60 } => Invariant($"{age.Minutes} min ago"),
            { TotalHours: < 48 } => Invariant($"{(int)age.TotalHours} h ago"),
            _ => Invariant($"{(int)age.TotalDays} days ago"),
        };
    }

    private string Format(DateTimeOffset moment, string time)
    {
        var local = Local(moment);
        return local.ToString(local.Date == Local(takenAt).Date ? time : "yyyy-MM-dd " + time, CultureInfo.InvariantCulture);
    }

    // By hand, since DateTimeOffset.ToOffset throws at the ends of time, which a damaged snapshot may name.
    private DateTime Local(DateTimeOffset moment) =>
        new(Math.Clamp(moment.UtcTicks + takenAt.Offset.Ticks, DateTime.MinValue.Ticks, DateTime.MaxValue.Ticks));
}

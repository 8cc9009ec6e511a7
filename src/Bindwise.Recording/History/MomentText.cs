namespace Bindwise.Recording.History;

/// <summary>Times as people type them: ISO 8601, a time of day, now, or how long ago.</summary>
internal static class MomentText
{
    private static readonly string[] Dates =
    [
        "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF",
        "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm:ss.FFFFFFF", "yyyy-MM-dd", "yyyyMMdd'T'HHmmss",
    ];

    private static readonly string[] Clocks = ["HH:mm", "H:mm", "HH:mm:ss", "H:mm:ss", "HH:mm:ss.FFFFFFF"];
    private static readonly (char Unit, int Seconds)[] Units = [('s', 1), ('m', 60), ('h', 3600), ('d', 86400)];

    /// <summary>What a text that is no time is answered with.</summary>
    public const string Forms = "give 2026-11-24T03:12:07, 03:12, now, or how long ago: 90s, 5m, 2h, 3d";

    /// <summary>Reads a time; null for a text that is none.</summary>
    /// <param name="zone">What a time without an offset is in.</param>
    public static DateTimeOffset? Read(string text, DateTimeOffset now, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(now, zone);
        if (text == "now")
            return local;
        if (ReadLength(text) is { } ago)
            return ago.TotalDays < (local - DateTimeOffset.MinValue).TotalDays - 1 ? local - ago : null;
        if (DateTime.TryParseExact(text, Clocks, CultureInfo.InvariantCulture, DateTimeStyles.NoCurrentDateDefault, out var clock))
        {
            var today = At(local.Date + clock.TimeOfDay, zone, now);
            return today <= now ? today : At(local.Date.AddDays(-1) + clock.TimeOfDay, zone, now);
        }
        if (DateTime.TryParseExact(text, Dates, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            return At(date, zone, now);
        return DateTimeOffset.TryParseExact(text,
            ["yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyyMMdd'T'HHmmssK",
                "yyyy-MM-dd HH:mm:sszzz", "yyyyMMdd'T'HHmmssfff'Z'"],
            CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var exact) ? TimeZoneInfo.ConvertTime(exact, zone) : null;
    }

    /// <summary>Reads the end of a span; null for a text that is none. A time of day is never before the beginning.</summary>
    /// <param name="since">Where the span begins; null for one without a beginning.</param>
    public static DateTimeOffset? ReadEnd(string text, DateTimeOffset now, TimeZoneInfo zone, DateTimeOffset? since)
    {
        var end = Read(text, now, zone);
        return end < since && DateTime.TryParseExact(text, Clocks, CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
            ? At(end.Value.DateTime.AddDays(1), zone, now) : end;
    }

    /// <summary>Reads how long something takes: 90s, 5m, 2h, 3d; null for a text that is none.</summary>
    public static TimeSpan? ReadLength(string text)
    {
        var (unit, seconds) = Array.Find(Units, one => text.Length > 1 && text[^1] == one.Unit);
        if (unit == default
            || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return null;
        var length = (double)number * seconds;
        return length < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(length) : null;
    }

    /// <summary>The end of the second that a time names, as times are shown; a time with a fraction is that moment.</summary>
    public static DateTimeOffset EndOf(DateTimeOffset time) =>
        time.Ticks % TimeSpan.TicksPerSecond == 0 ? time.AddTicks(TimeSpan.TicksPerSecond - 1) : time;

    // A time that the clock had twice is the later of those that are not to come: the smaller offset is the later one. Another, or one
    // that the clock passed over, is taken as the zone has it (TimeZoneInfo.GetUtcOffset).
    // Null for one that the calendar has not in UTC: the first hours of its first day and the last of its last.
    private static DateTimeOffset? At(DateTime time, TimeZoneInfo zone, DateTimeOffset now)
    {
        var offset = zone.GetUtcOffset(time);
        if (zone.IsAmbiguousTime(time))
            offset = zone.GetAmbiguousTimeOffsets(time).Order().FirstOrDefault(one => new DateTimeOffset(time, one) <= now, offset);
        var ticks = time.Ticks - offset.Ticks;
        return ticks >= DateTime.MinValue.Ticks && ticks <= DateTime.MaxValue.Ticks ? new DateTimeOffset(time, offset) : null;
    }
}

using System.CommandLine;

namespace Bindwise.Cli.CommandLine;

/// <summary>An option whose value is a time: <c>500ms</c>, <c>10s</c>, <c>2m</c>, <c>1h</c>; a number alone is seconds.</summary>
/// <param name="name">As <c>--grace</c>.</param>
/// <param name="description">What it does, for help and manual page.</param>
/// <param name="aliases">As <c>-t</c>.</param>
internal sealed class TimeOption(string name, string description, params string[] aliases) : ValueOption(name, "TIME", description, aliases)
{
    public static readonly TimeSpan Longest = TimeSpan.FromDays(10_000);

    // The longer unit first.
    private static readonly (string Unit, double Seconds)[] Units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("", 1)];

    /// <summary>No time at all is a time too.</summary>
    public bool TakesZero { get; init; }

    /// <summary>What was given; null where nothing was, or no time.</summary>
    /// <param name="fault">What is wrong, one line; null when nothing is.</param>
    public TimeSpan? Read(ParseResult parsed, out string? fault)
    {
        fault = null;
        if (parsed.GetValue(this) is not { } given)
            return null;
        if (Read(given) is { } time && (TakesZero || time > TimeSpan.Zero))
            return time;
        fault = $"{Name} {given} is not a time: give 500ms, 10s, 2m or 1h";
        return null;
    }

    /// <summary>Reads a time; null for a text that is none.</summary>
    internal static TimeSpan? Read(string text)
    {
        var (unit, seconds) = Array.Find(Units, one => text.EndsWith(one.Unit, StringComparison.OrdinalIgnoreCase));
        return double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
            out var number)
            && number * seconds is var all && all <= Longest.TotalSeconds
            ? TimeSpan.FromSeconds(all)
            : null;
    }
}

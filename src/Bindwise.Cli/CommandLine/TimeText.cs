using System.Globalization;

namespace Bindwise.Cli.CommandLine;

/// <summary>Times on the command line: <c>500ms</c>, <c>10s</c>, <c>2m</c>, <c>1h</c>; a number alone is seconds.</summary>
internal static class TimeText
{
    private const NumberStyles Digits = NumberStyles.AllowDecimalPoint;

    // The longer unit first.
    private static readonly (string Unit, double Seconds)[] Units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("", 1)];

    /// <summary>Reads a time.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="longest">The longest that is taken.</param>
    /// <returns>The time; null for a text that is none, and for zero.</returns>
    public static TimeSpan? Read(string text, TimeSpan longest)
    {
        var (unit, seconds) = Array.Find(Units, one => text.EndsWith(one.Unit, StringComparison.OrdinalIgnoreCase));
        return double.TryParse(text.AsSpan(0, text.Length - unit.Length), Digits, CultureInfo.InvariantCulture, out var number)
            && number * seconds is > 0 and var all && all <= longest.TotalSeconds
            ? TimeSpan.FromSeconds(all)
            : null;
    }
}

using System.CommandLine;
using System.Globalization;

namespace Bindwise.Cli.CommandLine;

/// <summary>An option whose value is a time: <c>500ms</c>, <c>5s</c>, <c>2m</c>.</summary>
/// <param name="name">As <c>--grace</c>.</param>
/// <param name="description">What it does, for help and manual page.</param>
internal sealed class TimeOption(string name, string description) : ValueOption(name, "TIME", description)
{
    /// <summary>Nobody waits longer.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    private static readonly (string Unit, double Milliseconds)[] Units = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];

    /// <summary>What was given; null where nothing was, or no time.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="fault">What is wrong, one line; null when nothing is.</param>
    public TimeSpan? Read(ParseResult parsed, out string? fault)
    {
        fault = null;
        if (parsed.GetValue(this) is not { } given)
            return null;
        foreach (var (unit, milliseconds) in Units)
        {
            if (given.EndsWith(unit, StringComparison.Ordinal)
                && double.TryParse(given.AsSpan(0, given.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                && number * milliseconds <= Longest.TotalMilliseconds)
                return TimeSpan.FromMilliseconds(number * milliseconds);
        }
        fault = $"{Name} {given} is not a time: give a number with its unit, as in 500ms, 5s or 2m, and at most 24h";
        return null;
    }
}

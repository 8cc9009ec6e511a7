using System.CommandLine;
using System.Globalization;
using Bindwise.Cli.CommandLine;

namespace Bindwise.Fuzz;

/// <summary>An option whose value is a whole number.</summary>
/// <param name="name">As <c>--count</c>.</param>
/// <param name="value">What the value is, as <c>N</c>.</param>
/// <param name="description">What it does, for the help.</param>
/// <param name="least">The smallest number that it takes.</param>
/// <param name="most">The largest.</param>
internal sealed class NumberOption(string name, string value, string description, ulong least, ulong most)
    : ValueOption(name, value, description)
{
    /// <summary><c>--seed</c>.</summary>
    public static NumberOption Seed() => new("--seed", "S", "A number: the same seed gives the same scenarios.", least: 0, ulong.MaxValue);

    /// <summary>A seed where none was given, short enough to be typed.</summary>
    public static ulong AnySeed() => (uint)Random.Shared.NextInt64(1L << 32);

    /// <summary>The number that was given; null for none.</summary>
    /// <param name="parsed">The command line.</param>
    public ulong? Read(ParseResult parsed)
    {
        if (parsed.GetValue(this) is not { } text)
            return null;
        return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new UsageException($"{Name} takes a number from {least}{(most == long.MaxValue ? "" : $" to {most}")}");
    }
}

using System.CommandLine;

namespace Bindwise.Cli.CommandLine;

/// <summary><c>--color</c>, which every verb has.</summary>
internal static class ColourOption
{
    private const string Name = "--color";

    /// <summary>The option for the parser: it stands anywhere on the line.</summary>
    public static ChoiceOption<ColourUse> Instance { get; } = new(Name, "WHEN",
        "Use colors: auto, always or never. auto is the default: only on a terminal, unless NO_COLOR is set; FORCE_COLOR turns them on "
            + "everywhere.",
        "no time to use colors", ("auto", ColourUse.Auto), ("always", ColourUse.Always), ("never", ColourUse.Never))
    {
        Recursive = true,
    };

    /// <summary>How many arguments at the start of the line are this option.</summary>
    public static int Leading(ReadOnlySpan<string> arguments)
    {
        var count = 0;
        while (true)
        {
            var rest = arguments[count..];
            if (rest is [Name, { } word, ..] && Instance.ValueOf(word) is not null)
                count += 2;
            else if (rest is [{ } joined, ..] && joined.StartsWith(Name + "=", StringComparison.Ordinal)
                && Instance.ValueOf(joined[(Name.Length + 1)..]) is not null)
                count++;
            else
                return count;
        }
    }

    public static string? Apply(ParseResult parsed)
    {
        Terminal.Colours = Instance.Read(parsed, out var fault) ?? ColourUse.Auto;
        return fault is null ? null : $"{Name} takes auto, always or never, not {parsed.GetValue(Instance)}";
    }
}

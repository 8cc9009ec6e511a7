using Bindwise.Linux.Terminals;

namespace Bindwise.Cli.Output;

internal enum ColourUse : byte
{
    Auto,
    Always,
    Never,
}

/// <summary>What standard output leads to: how wide it is and whether colours are wanted.</summary>
/// <param name="CanRedraw">A terminal on which a line can be written over.</param>
internal readonly record struct Terminal(bool IsColoured, int? Width, bool CanRedraw = false)
{
    /// <summary>What --color said: of the whole process, as the environment is.</summary>
    public static ColourUse Colours { get; set; }

    public static bool CanRedrawErrors => !Console.IsErrorRedirected && KnowsEscapes();

    /// <summary>Asks the command line, the environment and the terminal, in this order.</summary>
    public static Terminal Detect()
    {
        var isTerminal = !Console.IsOutputRedirected;
        return new Terminal(WantsColour(Colours, isTerminal), (isTerminal ? WindowWidth() : null) ?? Columns(),
            isTerminal && KnowsEscapes());
    }

    // no-color.org and force-color.org: a variable counts when it is not empty; FORCE_COLOR=0 does not force.
    private static bool WantsColour(ColourUse use, bool isTerminal) =>
        use != ColourUse.Auto ? use == ColourUse.Always
        : string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && (Environment.GetEnvironmentVariable("FORCE_COLOR") is not (null or "" or "0") || (isTerminal && KnowsEscapes()));

    private static bool KnowsEscapes() => Environment.GetEnvironmentVariable("TERM") is not ("dumb" or null or "");

    private static int? WindowWidth() =>
        OperatingSystem.IsLinux() ? TerminalWidth.OfStandardOutput() : Console.WindowWidth is > 0 and var width ? width : null;

    // Pictures are made of so many cells: a wider one would take all memory.
    private const int MostColumns = 10_000;

    private static int? Columns() =>
        int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), NumberStyles.None, CultureInfo.InvariantCulture, out var columns)
            && columns > 0
            ? Math.Min(columns, MostColumns)
            : null;
}

/// <summary>Whether what is printed may hold more than ASCII.</summary>
internal static class Charset
{
    /// <summary>
    /// By the locale, the first of LC_ALL, LC_CTYPE and LANG that is set (locale(7)); elsewhere by the console's own encoding.
    /// </summary>
    public static bool IsUnicode()
    {
        if (OperatingSystem.IsWindows())
            return Console.OutputEncoding.CodePage == 65001;
        foreach (var name in (ReadOnlySpan<string>)["LC_ALL", "LC_CTYPE", "LANG"])
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } locale)
                return locale.Contains("UTF-8", StringComparison.OrdinalIgnoreCase)
                    || locale.Contains("UTF8", StringComparison.OrdinalIgnoreCase);
        }
        return false;
    }
}

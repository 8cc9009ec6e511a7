using System.Globalization;
using Bindwise.Linux.Terminals;

namespace Bindwise.Cli.Output;

/// <summary>What standard output leads to: how wide it is and whether colours are wanted.</summary>
/// <param name="IsColoured">A terminal whose user did not refuse colours.</param>
/// <param name="Width">Columns to wrap at; null for no wrapping.</param>
/// <param name="CanRedraw">A terminal on which a line can be written over.</param>
internal readonly record struct Terminal(bool IsColoured, int? Width, bool CanRedraw = false)
{
    /// <summary>Asks the terminal, then NO_COLOR (no-color.org: any value that is not empty), TERM and COLUMNS.</summary>
    public static Terminal Detect()
    {
        var isTerminal = !Console.IsOutputRedirected;
        return new Terminal(isTerminal && WantsColour(), (isTerminal ? WindowWidth() : null) ?? Columns(), isTerminal && KnowsEscapes());
    }

    private static bool WantsColour() => string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && KnowsEscapes();

    private static bool KnowsEscapes() => Environment.GetEnvironmentVariable("TERM") is not ("dumb" or null or "");

    private static int? WindowWidth() => OperatingSystem.IsLinux() ? TerminalWidth.OfStandardOutput() : Console.WindowWidth is > 0 and var width ? width : null;

    private static int? Columns() =>
        int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), NumberStyles.None, CultureInfo.InvariantCulture, out var columns) && columns > 0
            ? columns
            : null;
}

using Bindwise.Linux.Native;

namespace Bindwise.Linux.Terminals;

/// <summary>
/// How wide the terminal is. Not asked of System.Console, which writes the terminal's initialisation sequence into the output first.
/// </summary>
public static class TerminalWidth
{
    private const int StandardOutput = 1;

    /// <summary>The columns of the terminal at standard output; null when there is none, or it does not know.</summary>
    public static int? OfStandardOutput() => WindowSizeCall.Columns(StandardOutput) is > 0 and var columns ? columns : null;
}

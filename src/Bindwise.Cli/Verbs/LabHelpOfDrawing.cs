using System.CommandLine;

namespace Bindwise.Cli.Verbs;

/// <summary>The help text of <c>lab draw</c>.</summary>
internal static partial class LabHelp
{
    private const string DrawExamples = """
        Examples:
          bindwise lab draw close-simultaneous
          bindwise lab draw reuse-time-wait --case new-only --on model
          bindwise lab draw close-fins --as states --socket conn
          bindwise lab draw bind-matrix --as grid
          bindwise lab draw close-fins --svg -o close.svg

        """;

    private const string Drawing = """
        A scenario is played, and what happened is drawn: on the kernel what was captured, not what was expected. Above each
        picture stands where and by which means. How to read the pictures: docs/drawings.md.

        """;

    private const string DrawCodes = """
        Exit codes:
            0  drawn
            2  wrong usage, a scenario that does not exist or has a mistake, or a kernel that cannot be used
          130  interrupted
        """;

    /// <summary>The help of <c>lab draw</c>.</summary>
    public static string OfDraw(Command draw) =>
        Page("bindwise lab draw: draw what happens below the calls.\n\n", DrawExamples, "Usage: bindwise lab draw [options] ID|FILE\n\n", draw, Drawing + "\n" + OnTheKernel, DrawCodes);
}

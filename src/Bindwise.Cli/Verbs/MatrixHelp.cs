using System.CommandLine;
using System.Text;

namespace Bindwise.Cli.Verbs;

/// <summary>The help of <c>matrix</c>.</summary>
internal static class MatrixHelp
{
    private const string Examples = """
        Examples:
          bindwise matrix
          bindwise matrix --on all
          bindwise matrix --state listening --listen --verify
          bindwise matrix --first "tcp reuseaddr 0.0.0.0 listen" --second "tcp 127.0.0.1" --on all
          bindwise matrix --on macos --user other --options none,reuseport --rules
          bindwise matrix --on linux,windows --svg > matrix.svg

        """;

    private const string Reading = """
        A row is the socket that is there, a column the one that asks; both are of the same ordinary user, and the addresses
        are taken as the host's own. The cells of linux are this program's rules, which --verify plays on the running kernel;
        those of the other systems are documented, not run: what no source tells is unknown, never guessed. docs/systems.md
        has the rules with their sources.

        """;

    private const string ExitCodes = """
        Exit codes:
            0  shown; with --verify the kernel agrees in every cell
            1  --verify: the kernel says something else
            2  wrong usage, or a kernel that cannot be played on
          130  interrupted
        """;

    /// <summary>The page.</summary>
    public static string Of(Command matrix)
    {
        var text = new StringBuilder("bindwise matrix: show which two sockets may share a port, on Linux and on other systems.\n\n");
        text.Append(Examples).Append('\n').Append("Usage: bindwise matrix [options]\n");
        text.Append("\nOptions:\n");
        foreach (var option in matrix.Options)
            HelpPage.AppendEntry(text, HelpPage.Spelling(option), option.Description);
        return text.Append('\n').Append(Reading).Append('\n').Append(ExitCodes).Append('\n').ToString();
    }
}

using System.CommandLine;
using Bindwise.Cli.CommandLine;

namespace Bindwise.Cli.Verbs.Matrix;

/// <summary>The help of <c>matrix</c>.</summary>
internal static class MatrixHelp
{
    private const string Reading =
        "Each row is the socket that is there first, each column the one that asks. Both belong to the same ordinary user, and the addresses count as the host's own. "
        + "The cells of linux follow the rules of this program; --verify plays them on the running kernel. Those of the other systems follow their documents and sources and are not run. "
        + "Where no source says, the cell says unknown: bindwise never guesses.";

    /// <summary>The page.</summary>
    public static HelpPage Of(Command matrix) =>
        new HelpPage("bindwise matrix: show which two sockets can share a port, on Linux and on other systems.")
            .Examples(
                "bindwise matrix",
                "bindwise matrix --on all",
                "bindwise matrix --state listening --listen --verify",
                "bindwise matrix --first \"tcp reuseaddr 0.0.0.0 listen\" --second \"tcp 127.0.0.1\" --on all",
                "bindwise matrix --on macos --user other --options none,reuseport --rules",
                "bindwise matrix --on linux,windows --svg > matrix.svg")
            .Usage("bindwise matrix [options]")
            .Parameters(matrix)
            .Text(Reading)
            .ExitCodes("Exit codes:",
                (ExitCode.Free, "shown; with --verify: the kernel agrees in every cell"),
                (ExitCode.Blocked, "with --verify: the kernel disagrees"),
                (ExitCode.Error, "wrong usage, or the kernel cannot be used"),
                (ExitCode.Interrupted, "interrupted"));
}

using System.CommandLine;
using Bindwise.Cli.CommandLine;

namespace Bindwise.Cli.Verbs.Explain;

/// <summary>The help of <c>explain</c>.</summary>
internal static class ExplainHelp
{
    /// <summary>The page.</summary>
    public static HelpPage Of(Command explain) =>
        new HelpPage("bindwise explain: what a term, a cause or a rule means.")
            .Examples(
                "bindwise explain TIME_WAIT",
                "bindwise explain time-wait",
                "bindwise explain \"ephemeral port\"",
                "bindwise explain BW004",
                "bindwise explain --scenario SO_REUSEADDR | bindwise lab run -",
                "bindwise explain")
            .Usage("bindwise explain [options] [TERM]")
            .Parameters(explain)
            .ExitCodes("Exit codes:",
                (ExitCode.Free, "explained"),
                (ExitCode.Error, "there is no such term, or the system failed"));
}

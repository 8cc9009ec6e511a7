using System.CommandLine;

namespace Bindwise.Cli.Verbs;

/// <summary>The help texts of the verbs that are about the catalogue.</summary>
internal static partial class LabHelp
{
    private const string CatalogueExamples = """
        Examples:
          bindwise lab list
          bindwise lab show reuse-time-wait
          bindwise lab prove reuse-time-wait
          bindwise lab prove --all

        """;

    private const string ListExamples = """
        Examples:
          bindwise lab list
          bindwise lab list --json
          bindwise lab list --from my-claims

        """;

    private const string ShowExamples = """
        Examples:
          bindwise lab show reuse-time-wait
          bindwise lab show server-working
          bindwise lab show my-claims/restart.bind

        """;

    private const string ProveExamples = """
        Examples:
          bindwise lab prove reuse-time-wait
          bindwise lab prove tw-length tw-fin-timeout
          bindwise lab prove --all --json
          bindwise lab prove --all --fast
          bindwise lab prove --platform macos reuse-wildcard
          bindwise lab prove --all --from my-claims

        """;

    private const string Proving = """
        Each claim has cases: circumstances in which it is tried, on a host that starts empty. It is true when it holds in
        all of them, false when in none, else true if ..., with the circumstances in which it holds. The verdict is worked
        out from what was played, and then compared with the one that is recorded for this kernel. How to write a claim:
        docs/lab.md.

        """;

    private const string ProofCodes = """
        Exit codes (the worst wins: 2, 1, 0):
            0  model and kernel agree, and every verdict is the recorded one
            1  model and kernel differ, or a verdict or a result is another than the recorded one
            2  wrong usage, a claim that does not exist or has a mistake, or a kernel that cannot be used
          130  interrupted
        """;

    private const string LookCodes = """
        Exit codes:
            0  shown
            2  wrong usage, or a claim that does not exist or has a mistake
          130  interrupted
        """;

    /// <summary>The help of <c>lab list</c>.</summary>
    public static string OfList(Command list) =>
        Page("bindwise lab list: the claims about \"Address already in use\", with the verdicts that are known.\n\n", ListExamples, "Usage: bindwise lab list [options]\n", list, "", LookCodes);

    /// <summary>The help of <c>lab show</c>.</summary>
    public static string OfShow(Command show) =>
        Page("bindwise lab show: what a claim says, how it is tested, what is known of it and why.\n\n", ShowExamples, "Usage: bindwise lab show [options] ID\n\n", show, "", LookCodes);

    /// <summary>The help of <c>lab prove</c>.</summary>
    public static string OfProve(Command prove) =>
        Page("bindwise lab prove: play a claim's experiments, and say whether it is true here.\n\n", ProveExamples, "Usage: bindwise lab prove [options] ID...\n\n", prove, Proving + "\n" + OnTheKernel, ProofCodes);
}

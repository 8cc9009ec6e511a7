using System.CommandLine;
using System.Text;

namespace Bindwise.Cli.Verbs;

/// <summary>The help texts of <c>lab</c>: runnable examples first, then the options as the parser knows them, then the exit codes.</summary>
internal static partial class LabHelp
{
    private const string RunExamples = """
        Examples:
          bindwise lab run restart.bind
          bindwise lab run --on model restart.bind
          bindwise lab run --json --on both scenarios.jsonl
          echo 'a = tcp 127.0.0.1:8080 listen -> ok' | bindwise lab run -

        """;

    private const string FuzzExamples = """
        Examples:
          bindwise lab fuzz
          bindwise lab fuzz --seconds 600 --out mismatches
          bindwise lab fuzz --seed 42 --count 10000 --on model

        """;

    private const string OnTheKernel = """
        On the kernel each scenario runs in a network namespace of its own: it meets no socket of this system, and leaves
        none. That needs root, or a user namespace, in which it then starts itself anew. There a "wait" takes its time, while
        other scenarios go on; on the model it takes none.

        """;

    private const string Fuzzing = """
        A mismatch is shrunk to the fewest steps that still show it and printed as a scenario that anyone can replay. The report
        holds the kernel's release, the seed and what was covered, and nothing that names this machine: it can be attached to a
        bug report. A rule that no scenario met is a fault of the run, once it played enough to judge.

        """;

    private const string ExitCodes = """
        Exit codes (the worst wins: 2, 1, 0):
            0  model and kernel agree, and every expectation was met
            1  a mismatch, or an expectation that was not met
            2  wrong usage, a bad scenario (the others are played), or a kernel that cannot be used
          130  interrupted
        """;

    /// <summary>The help of <c>lab</c>.</summary>
    public static string OfLab(Command lab)
    {
        var text = new StringBuilder("bindwise lab: play scenarios of socket calls on the rule model and on the running kernel, and compare.\n\n");
        text.Append(CatalogueExamples).Append(RunExamples[RunExamples.IndexOf("  bind", StringComparison.Ordinal)..]).Append('\n').Append("Usage: bindwise lab VERB ...\n\nVerbs:\n");
        foreach (var verb in lab.Subcommands)
            HelpPage.AppendEntry(text, verb.Name, $"{verb.Description} See: bindwise lab {verb.Name} --help");
        return text.Append('\n').Append(OnTheKernel).Append('\n').Append(ExitCodes).Append('\n').ToString();
    }

    /// <summary>The help of <c>lab run</c>.</summary>
    public static string OfRun(Command run) =>
        Page("bindwise lab run: play a scenario file, or a stream of scenarios.\n\n", RunExamples, "Usage: bindwise lab run [options] FILE\n\n", run, OnTheKernel);

    /// <summary>The help of <c>lab fuzz</c>.</summary>
    public static string OfFuzz(Command fuzz) =>
        Page(
            "bindwise lab fuzz: play random scenarios on the model and on this kernel, and report every difference.\n\n",
            FuzzExamples,
            "Usage: bindwise lab fuzz [options]\n",
            fuzz,
            Fuzzing + "\n" + OnTheKernel);

    private static string Page(string title, string examples, string usage, Command command, string remarks, string codes = ExitCodes)
    {
        var text = new StringBuilder(title).Append(examples).Append('\n').Append(usage);
        HelpPage.AppendParameters(text, command);
        return text.Append('\n').Append(remarks).Append(remarks.Length == 0 ? "" : "\n").Append(codes).Append('\n').ToString();
    }
}

using System.CommandLine;
using Bindwise.Cli.CommandLine;

namespace Bindwise.Cli.Verbs.Lab;

/// <summary>The help of <c>lab</c> and of its verbs.</summary>
internal static class LabHelp
{
    private const string OnTheKernel =
        "On the kernel each scenario runs in a network namespace of its own, so it meets none of this system's sockets and leaves none behind. "
        + "That needs root or a user namespace; bindwise starts itself again in one where it may. There a \"wait\" takes its time while other scenarios go on; on the model it takes none.";

    private const string Fuzzing =
        "A mismatch is shrunk to the fewest steps that still show it and printed as a scenario that anyone can replay. "
        + "The report names the kernel's release, the seed and what was covered, and nothing about this machine: you can attach it to a bug report. "
        + "A long run fails if it never met some rule.";

    private const string Proving =
        "A claim has cases: each sets up one situation on an empty host. A claim is true if it holds in all of them, false if it holds in none, and otherwise true if ..., with the condition. "
        + "The verdict follows from what was played and is then compared with the one recorded for this kernel. To write a claim of your own, start from one that bindwise lab show prints.";

    private const string Drawing =
        "The scenario is played, and the picture shows what happened: on the kernel what was captured, not what was expected. The lines above each picture say where it was played and how.";

    private static readonly (ExitCode Code, string Meaning)[] PlayCodes =
    [
        (ExitCode.Free, "model and kernel agree, and every expectation was met"),
        (ExitCode.Blocked, "they differ, or an expectation was not met"),
        (ExitCode.Error, "wrong usage, a scenario with a mistake (the others are still played), or the kernel cannot be used"),
        (ExitCode.Interrupted, "interrupted"),
    ];

    /// <summary>The help of <c>lab</c>.</summary>
    public static HelpPage Of(Command lab) =>
        new HelpPage("bindwise lab: play scenarios of socket calls on the rule model and on the running kernel, and compare.")
            .Examples(
                "bindwise lab list",
                "bindwise lab show reuse-time-wait",
                "bindwise lab prove reuse-time-wait",
                "bindwise lab draw close-active --on model",
                "echo 'a = tcp 127.0.0.1:8080 listen -> ok' | bindwise lab run -")
            .Usage("bindwise lab VERB ...")
            .Entries("Verbs:", [.. lab.Subcommands.Select(static verb => (verb.Name, verb.Description ?? ""))])
            .Text("More: bindwise help lab VERB")
            .Text(OnTheKernel)
            .ExitCodes("Exit codes (the worst counts, in the order 2, 1, 0):", PlayCodes);

    /// <summary>The help of <c>lab run</c>.</summary>
    public static HelpPage OfRun(Command run) =>
        new HelpPage("bindwise lab run: play a scenario file, or a stream of scenarios.")
            .Examples(
                "bindwise explain --scenario SO_REUSEADDR > restart.bind",
                "bindwise lab run restart.bind",
                "bindwise lab run --json --on both restart.bind",
                "bindwise lab run time-wait-meter --on model",
                "echo 'a = tcp 127.0.0.1:8080 listen -> ok' | bindwise lab run -")
            .Usage("bindwise lab run [options] FILE")
            .Parameters(run)
            .Text(OnTheKernel)
            .ExitCodes("Exit codes (the worst counts, in the order 2, 1, 0):", PlayCodes);

    /// <summary>The help of <c>lab fuzz</c>.</summary>
    public static HelpPage OfFuzz(Command fuzz) =>
        new HelpPage("bindwise lab fuzz: play random scenarios on the model and on this kernel, and report every difference.")
            .Examples(
                "bindwise lab fuzz",
                "bindwise lab fuzz --seconds 600 --out mismatches",
                "bindwise lab fuzz --seed 42 --count 10000 --on model")
            .Usage("bindwise lab fuzz [options]")
            .Parameters(fuzz)
            .Text(Fuzzing)
            .Text(OnTheKernel)
            .ExitCodes("Exit codes:",
                (ExitCode.Free, "model and kernel agree"),
                (ExitCode.Blocked, "they differ, or a long run never met some rule"),
                (ExitCode.Error, "wrong usage, or the kernel cannot be used"),
                (ExitCode.Interrupted, "interrupted"));

    /// <summary>The help of <c>lab list</c>.</summary>
    public static HelpPage OfList(Command list) =>
        new HelpPage("bindwise lab list: list what articles claim about \"Address already in use\", with the known verdicts.")
            .Examples("bindwise lab list", "bindwise lab list --json")
            .Usage("bindwise lab list [options]")
            .Parameters(list)
            .ExitCodes("Exit codes:",
                (ExitCode.Free, "listed"),
                (ExitCode.Error, "wrong usage, or a claim has a mistake"),
                (ExitCode.Interrupted, "interrupted"));

    /// <summary>The help of <c>lab show</c>.</summary>
    public static HelpPage OfShow(Command show) =>
        new HelpPage("bindwise lab show: what a claim says, how it is tested, what is known about it and why.")
            .Examples("bindwise lab show reuse-time-wait", "bindwise lab show server-working")
            .Usage("bindwise lab show [options] ID")
            .Parameters(show)
            .ExitCodes("Exit codes:",
                (ExitCode.Free, "shown"),
                (ExitCode.Error, "wrong usage, or there is no such claim, or it has a mistake"),
                (ExitCode.Interrupted, "interrupted"));

    /// <summary>The help of <c>lab prove</c>.</summary>
    public static HelpPage OfProve(Command prove) =>
        new HelpPage("bindwise lab prove: play a claim's experiments, and say whether it is true here.")
            .Examples(
                "bindwise lab prove reuse-time-wait",
                "bindwise lab prove tw-length tw-fin-timeout",
                "bindwise lab prove --all --fast",
                "bindwise lab prove --all --json",
                "bindwise lab prove --platform macos reuse-wildcard")
            .Usage("bindwise lab prove [options] ID...", "bindwise lab prove [options] --all")
            .Parameters(prove)
            .Text(Proving)
            .Text(OnTheKernel)
            .ExitCodes("Exit codes (the worst counts, in the order 2, 1, 0):",
                (ExitCode.Free, "model and kernel agree, and every verdict is the recorded one"),
                (ExitCode.Blocked, "model and kernel differ, or a verdict or a result is not the recorded one"),
                (ExitCode.Error, "wrong usage, a claim that does not exist or has a mistake, or the kernel cannot be used"),
                (ExitCode.Interrupted, "interrupted"));

    /// <summary>The help of <c>lab draw</c>.</summary>
    public static HelpPage OfDraw(Command draw) =>
        new HelpPage("bindwise lab draw: draw what happens below the socket calls: segments, states, time.")
            .Examples(
                "bindwise lab draw close-simultaneous",
                "bindwise lab draw reuse-time-wait --case new-only --on model",
                "bindwise lab draw close-fins --as states --socket conn",
                "bindwise lab draw bind-matrix --as grid",
                "bindwise lab draw close-fins --svg -o close.svg")
            .Usage("bindwise lab draw [options] ID|FILE")
            .Parameters(draw)
            .Text(Drawing)
            .Text(OnTheKernel)
            .ExitCodes("Exit codes:",
                (ExitCode.Free, "drawn"),
                (ExitCode.Error, "wrong usage, a scenario that does not exist or has a mistake, or the kernel cannot be used"),
                (ExitCode.Interrupted, "interrupted"));
}

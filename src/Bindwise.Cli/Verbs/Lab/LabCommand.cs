namespace Bindwise.Cli.Verbs.Lab;

internal sealed class LabCommand : Verb
{
    public const string Name = "lab";
    public const string Description = "Play scenarios of socket calls on the rule model and the kernel.";

    public LabCommand()
        : base(Name, Description) =>
        Offer(new LabListCommand(), new LabShowCommand(), new LabProveCommand(), new LabDrawCommand(), new LabRunCommand(),
            new LabPlayCommand());

    public override HelpPage Help =>
        new HelpPage("bindwise lab: play scenarios of socket calls on the rule model and on the running kernel, and compare.")
            .Examples(
                "bindwise lab list",
                "bindwise lab show reuse-time-wait",
                "bindwise lab prove reuse-time-wait",
                "bindwise lab draw close-active --on model",
                "echo 'a = tcp 127.0.0.1:8080 listen -> ok' | bindwise lab run -")
            .Usage("bindwise lab VERB ...")
            .Entries("Verbs:", [.. Command.Subcommands.Select(static verb => (verb.Name, verb.Description ?? ""))])
            .Text("More: bindwise help lab VERB")
            .Text(LabHelp.OnTheKernel)
            .ExitCodes("Exit codes (the worst counts, in the order 2, 1, 0):", LabHelp.PlayCodes);

    public override VerbRun Read(ParseResult parsed) => throw new UsageException("lab needs a verb: list, show, prove, draw, run or play");
}

internal static class LabHelp
{
    public const string OnTheKernel =
        "On the kernel each scenario runs in a network namespace of its own, so it meets none of this system's sockets and leaves none "
            + "behind. That needs root or a user namespace; bindwise starts itself again in one where it may. There a \"wait\" takes its "
            + "time while other scenarios go on; on the model it takes none.";

    public static readonly (ExitCode Code, string Meaning)[] PlayCodes =
    [
        (ExitCode.Success, "model and kernel agree, and every expectation was met"),
        (ExitCode.Negative, "they differ, or an expectation was not met"),
        (ExitCode.Error, "wrong usage, a scenario with a mistake (the others are still played), or the kernel cannot be used"),
        (ExitCode.Interrupted, "interrupted"),
    ];
}

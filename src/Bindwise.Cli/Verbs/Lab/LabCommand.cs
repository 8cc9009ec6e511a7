using System.CommandLine;

namespace Bindwise.Cli.Verbs.Lab;

/// <summary><c>bindwise lab</c>: the verbs that play scenarios.</summary>
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

    public override ParseResult<VerbRun> Read(ParseResult parsed) => Fault("lab needs a verb: list, show, prove, draw, run or play");
}

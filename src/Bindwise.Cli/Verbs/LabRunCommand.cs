using System.CommandLine;
using System.CommandLine.Help;
using Bindwise.Model.Targets;

namespace Bindwise.Cli.Verbs;

/// <summary><c>bindwise lab run</c>: its arguments and options, told once for parser and help alike.</summary>
internal sealed class LabRunCommand
{
    private readonly Argument<string[]> file = new("FILE")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "A .bind file with one scenario, or JSON scenarios, one a line (docs/scenario-language.md); a program of lab list, by its name; - for standard input, "
            + "whose JSON lines are answered as they come.",
    };

    private readonly Option<string> on = new("--on")
    {
        HelpName = "HOST",
        Description = "model (the rules, on virtual time), kernel (this one, in network namespaces of their own) or both, side by side. "
            + "Without it both, or the model alone where the kernel cannot be used.",
    };

    private readonly Option<bool> json = new("--json") { Arity = ArgumentArity.Zero, Description = "One line of JSON a scenario." };
    private readonly HelpOption help = new("--help", "-h", "-?") { Description = "Show this." };

    /// <summary>Sets the verb up.</summary>
    public LabRunCommand() => Command = new Command("run", "Play a scenario file, or a stream of scenarios.") { file, on, json, help };

    /// <summary>The verb for the parser.</summary>
    public Command Command { get; }

    /// <summary>Whether help was asked for.</summary>
    public bool WantsHelp(ParseResult parsed) => parsed.GetResult(help) is not null;

    /// <summary>What to do, or what is wrong with the command line.</summary>
    public ParseResult<VerbRun> Read(ParseResult parsed)
    {
        var files = parsed.GetValue(file) ?? [];
        if (UnknownOption.Among(files, Command) is { } unknown)
            return Fault(unknown);
        if (files is not [{ Length: > 0 } path])
            return Fault(files.Length > 1 ? "one FILE at a time; for several: cat FILES | bindwise lab run -" : "no FILE was given; name one, or - for standard input");
        if (PlayOnWord.Read(parsed.GetValue(on)) is not { } host)
            return Fault($"--on {parsed.GetValue(on)} is no host; give model, kernel or both");
        var isJson = parsed.GetValue(json);
        return new ParseResult<VerbRun>((output, errors) => new LabRun(path, host, isJson, output, errors).Play());
    }

    private static ParseResult<VerbRun> Fault(string message) => new(null, message);
}

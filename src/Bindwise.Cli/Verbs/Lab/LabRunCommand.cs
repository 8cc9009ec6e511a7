using System.CommandLine;
using System.CommandLine.Help;
using Bindwise.Cli.CommandLine;
using Bindwise.Model.Targets;

namespace Bindwise.Cli.Verbs.Lab;

/// <summary><c>bindwise lab run</c>: its arguments and options, told once for parser and help alike.</summary>
internal sealed class LabRunCommand
{
    private readonly Argument<string[]> file = new("FILE")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "A .bind file with one scenario, or a file with JSON scenarios, one per line; the name of a program from bindwise lab list; or - for standard input, "
            + "where each JSON line is answered as it comes.",
    };

    private readonly Option<string> on = new("--on")
    {
        HelpName = "HOST",
        Description = "Where to play: model (the rules, in virtual time), kernel (this one, in namespaces) or both, side by side. "
            + "Default: both, or model where the kernel cannot be used.",
    };

    private readonly Option<bool> json = new("--json") { Arity = ArgumentArity.Zero, Description = "Print one line of JSON per scenario." };
    private readonly HelpOption help = new("--help", "-h", "-?") { Description = "Show this help." };

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
            return Fault(files.Length > 1 ? "give one FILE at a time; for several: cat FILES | bindwise lab run -" : "no FILE given: name one, or - for standard input");
        if (PlayOnWord.Read(parsed.GetValue(on)) is not { } host)
            return Fault($"--on {parsed.GetValue(on)} is no host: give model, kernel or both");
        var isJson = parsed.GetValue(json);
        return new ParseResult<VerbRun>((output, errors) => new LabRun(path, host, isJson, output, errors).Play());
    }

    private static ParseResult<VerbRun> Fault(string message) => new(null, message);
}

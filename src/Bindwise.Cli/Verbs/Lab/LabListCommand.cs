using System.CommandLine;
using System.CommandLine.Help;
using Bindwise.Cli.CommandLine;
using Bindwise.Model.Targets;

namespace Bindwise.Cli.Verbs.Lab;

/// <summary><c>bindwise lab list</c>: its options, told once for parser and help alike.</summary>
internal sealed class LabListCommand
{
    private readonly Option<string> from = new("--from") { HelpName = "DIR", Description = "List the claims in this folder instead of the built-in ones." };
    private readonly Option<bool> json = new("--json") { Arity = ArgumentArity.Zero, Description = "Print one line of JSON per claim and program." };
    private readonly HelpOption help = new("--help", "-h", "-?") { Description = "Show this help." };

    /// <summary>Sets the verb up.</summary>
    public LabListCommand() => Command = new Command("list", "List what articles claim, with the known verdicts.") { from, json, help };

    /// <summary>The verb for the parser.</summary>
    public Command Command { get; }

    /// <summary>Whether help was asked for.</summary>
    public bool WantsHelp(ParseResult parsed) => parsed.GetResult(help) is not null;

    /// <summary>What to do, or what is wrong with the command line.</summary>
    public ParseResult<VerbRun> Read(ParseResult parsed)
    {
        if (parsed.GetValue(from) is "")
            return new ParseResult<VerbRun>(null, "--from needs the name of a folder: --from DIR");
        var (folder, isJson) = (parsed.GetValue(from), parsed.GetValue(json));
        return new ParseResult<VerbRun>((output, errors) => new LabList(folder, isJson, output, errors).Show());
    }
}

using System.CommandLine;
using System.CommandLine.Help;
using Bindwise.Cli.Catalogue;
using Bindwise.Cli.CommandLine;
using Bindwise.Cli.Output;
using Bindwise.Lab.Catalogue;
using Bindwise.Model.Targets;
using Bindwise.Rendering.Claims;
using Bindwise.Rendering.Scenarios;

namespace Bindwise.Cli.Verbs.Lab;

/// <summary><c>bindwise lab show</c>: its arguments and options, told once for parser and help alike.</summary>
internal sealed class LabShowCommand
{
    private readonly Argument<string[]> _id = new("ID") { Arity = ArgumentArity.ZeroOrMore, Description = "A claim or a program from bindwise lab list, or a claim's file." };
    private readonly Option<string> _from = new("--from") { HelpName = "DIR", Description = "Look in this folder instead of the built-in claims." };
    private readonly HelpOption _help = new("--help", "-h", "-?") { Description = "Show this help." };

    /// <summary>Sets the verb up.</summary>
    public LabShowCommand() => Command = new Command("show", "Show a claim: what it says, how it is tested, what is known.") { _id, _from, _help };

    /// <summary>The verb for the parser.</summary>
    public Command Command { get; }

    /// <summary>Whether help was asked for.</summary>
    public bool WantsHelp(ParseResult parsed) => parsed.GetResult(_help) is not null;

    /// <summary>What to do, or what is wrong with the command line.</summary>
    public ParseResult<VerbRun> Read(ParseResult parsed)
    {
        var ids = parsed.GetValue(_id) ?? [];
        if (UnknownOption.Among(ids, Command) is { } unknown)
            return new ParseResult<VerbRun>(null, unknown);
        if (ids is not [{ Length: > 0 } one])
            return new ParseResult<VerbRun>(null, ids.Length > 1 ? "give one ID at a time" : "no ID given: bindwise lab list has them all");
        if (parsed.GetValue(_from) is "")
            return new ParseResult<VerbRun>(null, "--from needs the name of a folder: --from DIR");
        var folder = parsed.GetValue(_from);
        return new ParseResult<VerbRun>((output, errors) => new LabShow(one, folder, output, errors).Show());
    }
}

/// <summary>One run of <c>lab show</c>.</summary>
internal sealed class LabShow(string id, string? folder, AnswerStream output, ErrorLines errors)
{
    /// <summary>Shows it, and gives the exit code.</summary>
    public ExitCode Show()
    {
        var terminal = Terminal.Detect();
        if (folder is null && ScenarioCatalogue.ProgramText(id) is { } program)
        {
            output.Write(TextOutput.Format(ClaimShowText.Render(new ListedProgram(id, ListedProgram.TitleOf(program)), program), terminal.IsColoured));
            return Written();
        }
        var found = new ClaimStore(folder).Find(id);
        foreach (var fault in found.Faults)
            errors.Write(fault);
        if (found.Claim is not { } claim)
            return ExitCode.Error;
        output.Write(TextOutput.Format(ClaimShowText.Render(claim, terminal.Width ?? ScenarioResultText.DefaultWidth), terminal.IsColoured));
        return Written();
    }

    private ExitCode Written()
    {
        if (output.Fault is not { } fault)
            return ExitCode.Free;
        errors.Write($"cannot write to standard output: {fault}");
        return ExitCode.Error;
    }
}

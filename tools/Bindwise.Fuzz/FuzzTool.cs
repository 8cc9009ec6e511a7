using System.CommandLine;
using Bindwise.Cli.CommandLine;
using Bindwise.Cli.Output;

namespace Bindwise.Fuzz;

/// <summary>The tool: its verbs, and from its arguments to an exit code.</summary>
internal sealed class FuzzTool : Verb
{
    /// <summary>What it is called.</summary>
    public const string Name = "Bindwise.Fuzz";

    /// <summary>How it is started from the repository's root.</summary>
    public const string Start = "dotnet run --project tools/Bindwise.Fuzz --";

    /// <summary>Sets it up.</summary>
    public FuzzTool()
        : base(Name, "Prove the rule model with random scenarios.") => Offer(new FuzzCommand(), new GenerateCommand());

    /// <inheritdoc/>
    public override HelpPage Help =>
        new HelpPage($"{Name}: prove the rule model with random scenarios.")
            .Examples($"{Start} fuzz --seconds 600", $"{Start} generate --seed 42 | bindwise lab run --json -")
            .Usage($"{Name} VERB ...")
            .Entries("Verbs:", [.. Command.Subcommands.Select(static verb => (verb.Name, verb.Description ?? ""))]);

    /// <inheritdoc/>
    public override ParseResult<VerbRun> Read(ParseResult parsed) => Fault($"{Name} needs a verb: fuzz or generate");

    /// <summary>Runs one command line.</summary>
    public ExitCode Run(string[] arguments, AnswerStream output, ErrorLines errors)
    {
        Command.Options.Add(ColourOption.Instance);
        var parsed = Command.Parse(arguments);
        if (HelpFor(parsed) is { } help && ParserFault.OfVerbs(parsed) is null)
        {
            output.Write(help.ToText(HelpPage.Columns));
            return ExitCode.Success;
        }
        var run = (ParserFault.Of(parsed) ?? ColourOption.Apply(parsed)) is { } fault ? Fault(fault) : Named(parsed).Read(parsed);
        if (!run.IsSuccess)
        {
            var verb = parsed.CommandResult.Command == Command ? "" : " " + parsed.CommandResult.Command.Name;
            errors.Write($"{run.Error} (see: {Name}{verb} --help)");
            return ExitCode.Error;
        }
        var code = run.Value!(output, errors);
        if (code == ExitCode.Interrupted)
            errors.WipeLine();
        return code;
    }
}

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
    public override VerbRun Read(ParseResult parsed) => throw new UsageException($"{Name} needs a verb: fuzz or generate");

    /// <summary>Runs one command line.</summary>
    public ExitCode Run(string[] arguments, AnswerStream output, ErrorLines errors)
    {
        Command.Options.Add(ColourOption.Instance);
        var parsed = Command.Parse(arguments);
        if (HelpFor(parsed) is { } help && ParserFault.OfVerbs(parsed) is null)
            return output.Show(help.ToText(HelpPage.Columns));
        VerbRun run;
        try
        {
            run = ReadNamed(parsed);
        }
        catch (UsageException exception)
        {
            var verb = parsed.CommandResult.Command == Command ? "" : " " + parsed.CommandResult.Command.Name;
            return errors.Fail($"{exception.Message} (see: {Name}{verb} --help)");
        }
        var code = run(output, errors);
        if (code == ExitCode.Interrupted)
            errors.WipeLine();
        return code;
    }
}

using System.CommandLine;
using System.CommandLine.Help;
using Bindwise.Cli.CommandLine;
using Bindwise.Model.Targets;

namespace Bindwise.Cli.Verbs.Lab;

/// <summary><c>bindwise lab</c>: the verbs that play scenarios.</summary>
internal sealed class LabCommand : IVerb
{
    /// <summary>The verb.</summary>
    public const string Name = "lab";

    /// <summary>What it does.</summary>
    public const string Description = "Play scenarios of socket calls on the rule model and the kernel.";

    private readonly LabRunCommand run = new();
    private readonly LabFuzzCommand fuzz = new();
    private readonly LabListCommand list = new();
    private readonly LabShowCommand show = new();
    private readonly LabProveCommand prove = new();
    private readonly LabDrawCommand draw = new();
    private readonly HelpOption help = new("--help", "-h", "-?") { Description = "Show this help." };

    /// <summary>Sets the verb up.</summary>
    public LabCommand()
    {
        Command = new Command(Name, Description) { list.Command, show.Command, prove.Command, draw.Command, run.Command, fuzz.Command, help };
        // With something to do of its own the parser lets it stand alone, and Read says what is missing.
        Command.SetAction(static _ => 0);
    }

    /// <inheritdoc/>
    public Command Command { get; }

    /// <inheritdoc/>
    public HelpPage? Help(ParseResult parsed) =>
        run.WantsHelp(parsed) ? LabHelp.OfRun(run.Command)
        : fuzz.WantsHelp(parsed) ? LabHelp.OfFuzz(fuzz.Command)
        : list.WantsHelp(parsed) ? LabHelp.OfList(list.Command)
        : show.WantsHelp(parsed) ? LabHelp.OfShow(show.Command)
        : prove.WantsHelp(parsed) ? LabHelp.OfProve(prove.Command)
        : draw.WantsHelp(parsed) ? LabHelp.OfDraw(draw.Command)
        : parsed.GetResult(help) is not null ? LabHelp.Of(Command)
        : null;

    /// <inheritdoc/>
    public ParseResult<VerbRun> Read(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        return command == run.Command ? run.Read(parsed)
            : command == fuzz.Command ? fuzz.Read(parsed)
            : command == list.Command ? list.Read(parsed)
            : command == show.Command ? show.Read(parsed)
            : command == prove.Command ? prove.Read(parsed)
            : command == draw.Command ? draw.Read(parsed)
            : new ParseResult<VerbRun>(null, "lab needs a verb: list, show, prove, draw, run or fuzz");
    }
}

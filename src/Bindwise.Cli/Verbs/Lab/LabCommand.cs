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

    private readonly LabRunCommand _run = new();
    private readonly LabFuzzCommand _fuzz = new();
    private readonly LabListCommand _list = new();
    private readonly LabShowCommand _show = new();
    private readonly LabProveCommand _prove = new();
    private readonly LabDrawCommand _draw = new();
    private readonly HelpOption _help = new("--help", "-h", "-?") { Description = "Show this help." };

    /// <summary>Sets the verb up.</summary>
    public LabCommand()
    {
        Command = new Command(Name, Description) { _list.Command, _show.Command, _prove.Command, _draw.Command, _run.Command, _fuzz.Command, _help };
        // With something to do of its own the parser lets it stand alone, and Read says what is missing.
        Command.SetAction(static _ => 0);
    }

    /// <inheritdoc/>
    public Command Command { get; }

    /// <inheritdoc/>
    public HelpPage? Help(ParseResult parsed) =>
        _run.WantsHelp(parsed) ? LabHelp.OfRun(_run.Command)
        : _fuzz.WantsHelp(parsed) ? LabHelp.OfFuzz(_fuzz.Command)
        : _list.WantsHelp(parsed) ? LabHelp.OfList(_list.Command)
        : _show.WantsHelp(parsed) ? LabHelp.OfShow(_show.Command)
        : _prove.WantsHelp(parsed) ? LabHelp.OfProve(_prove.Command)
        : _draw.WantsHelp(parsed) ? LabHelp.OfDraw(_draw.Command)
        : parsed.GetResult(_help) is not null ? LabHelp.Of(Command)
        : null;

    /// <inheritdoc/>
    public ParseResult<VerbRun> Read(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        return command == _run.Command ? _run.Read(parsed)
            : command == _fuzz.Command ? _fuzz.Read(parsed)
            : command == _list.Command ? _list.Read(parsed)
            : command == _show.Command ? _show.Read(parsed)
            : command == _prove.Command ? _prove.Read(parsed)
            : command == _draw.Command ? _draw.Read(parsed)
            : new ParseResult<VerbRun>(null, "lab needs a verb: list, show, prove, draw, run or fuzz");
    }
}

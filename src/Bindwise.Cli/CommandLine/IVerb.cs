using System.CommandLine;
using Bindwise.Cli.Output;
using Bindwise.Model.Targets;

namespace Bindwise.Cli.CommandLine;

/// <summary>What a verb does once its command line is understood.</summary>
internal delegate ExitCode VerbRun(AnswerStream output, ErrorLines errors);

/// <summary>A verb of the program, made only when it was asked for.</summary>
internal interface IVerb
{
    /// <summary>The verb for the parser.</summary>
    Command Command { get; }

    /// <summary>The help that was asked for; null when none was.</summary>
    HelpPage? Help(ParseResult parsed);

    /// <summary>What to do, or what is wrong with the command line.</summary>
    ParseResult<VerbRun> Read(ParseResult parsed);
}

/// <summary>A verb as the program knows it before it is asked for.</summary>
/// <param name="Name">The word.</param>
/// <param name="Description">One sentence.</param>
/// <param name="Create">Makes it.</param>
internal sealed record VerbEntry(string Name, string Description, Func<IVerb> Create);

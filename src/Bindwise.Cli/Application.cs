using System.CommandLine;
using System.CommandLine.Parsing;
using Bindwise.Cli.Output;
using Bindwise.Cli.Verbs;

namespace Bindwise.Cli;

/// <summary>From arguments to an exit code.</summary>
internal sealed class Application(AnswerStream output, ErrorLines errors)
{
    /// <summary>Every verb, in the order of the help.</summary>
    private static readonly VerbEntry[] Verbs =
    [
        new(WhyCommand.Name, WhyCommand.Description, static () => new WhyCommand()),
        new(LabCommand.Name, LabCommand.Description, static () => new LabCommand()),
        new(ExplainCommand.Name, ExplainCommand.Description, static () => new ExplainCommand()),
        new(MatrixCommand.Name, MatrixCommand.Description, static () => new MatrixCommand()),
    ];

    /// <summary>Runs one command line.</summary>
    public ExitCode Run(string[] arguments)
    {
        var line = VerbInsertion.Apply(arguments, [.. Verbs.Select(static entry => entry.Name)]);
        if (Array.Find(Verbs, entry => entry.Name == line[0]) is not { } entry)
            return Show(arguments is ["--version"] ? $"bindwise {ProgramVersion.Text}\n" : WhyHelp.OfProgram(Verbs));
        var verb = entry.Create();
        var root = new RootCommand("Explains why an address or port can or cannot be bound.") { verb.Command };
        // "@name" is an abstract UNIX socket, not a file with more arguments.
        var parsed = root.Parse(line, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var help = verb.Help(parsed);
        if (help is not null)
            return Show(help);
        if (parsed.Errors.Count > 0)
            return Misused(parsed, parsed.Errors[0].Message);
        var run = verb.Read(parsed);
        return run.IsSuccess ? run.Value!(output, errors) : Misused(parsed, run.Error!);
    }

    private ExitCode Show(string text)
    {
        output.Write(text);
        if (output.Fault is not { } fault)
            return ExitCode.Free;
        errors.Write($"cannot write to standard output: {fault}");
        return ExitCode.Error;
    }

    private ExitCode Misused(ParseResult parsed, string message)
    {
        errors.Write($"{message.TrimEnd('.')} (see: bindwise {PathOf(parsed.CommandResult)}--help)");
        return ExitCode.Error;
    }

    private static string PathOf(SymbolResult? result) =>
        result is CommandResult { Parent: { } parent } command ? $"{PathOf(parent)}{command.Command.Name} " : "";
}

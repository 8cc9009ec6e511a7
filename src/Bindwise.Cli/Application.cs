using System.CommandLine;
using System.Runtime.InteropServices;
using Bindwise.Cli.Output;
using Bindwise.Cli.Verbs;

namespace Bindwise.Cli;

/// <summary>From arguments to an exit code.</summary>
internal sealed class Application(AnswerStream output, ErrorLines errors)
{
    private readonly WhyCommand why = new();

    /// <summary>Runs one command line.</summary>
    public ExitCode Run(string[] arguments)
    {
        var root = new RootCommand("Explains why an address or port can or cannot be bound.") { why.Command };
        var parsed = root.Parse(
            VerbInsertion.Apply(arguments, [.. root.Subcommands.Select(verb => verb.Name)]),
            // "@name" is an abstract UNIX socket, not a file with more arguments.
            new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.CommandResult.Command == root)
            return Show(arguments is ["--version"] ? $"bindwise {ProgramVersion.Text}\n" : WhyHelp.OfProgram(root.Subcommands));
        if (why.WantsHelp(parsed))
            return Show(WhyHelp.OfWhy(why.Command));
        if (parsed.Errors.Count > 0)
            return Misused(parsed.Errors[0].Message);
        var request = why.Read(parsed);
        return request.IsSuccess ? Answer(request.Value!) : Misused(request.Error!);
    }

    private ExitCode Answer(WhyRequest request)
    {
        using var cancellation = new CancellationTokenSource();
        using var signal = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            // At once, since the main thread may wait in the kernel: every socket and file goes with the process.
            context.Cancel = true;
            Environment.Exit((int)ExitCode.Interrupted);
        });
        return new WhyRun(request, output, errors).Answer(cancellation.Token);
    }

    private ExitCode Show(string text)
    {
        output.Write(text);
        if (output.Fault is not { } fault)
            return ExitCode.Free;
        errors.Write($"cannot write to standard output: {fault}");
        return ExitCode.Error;
    }

    private ExitCode Misused(string message)
    {
        errors.Write($"{message.TrimEnd('.')} (see: bindwise why --help)");
        return ExitCode.Error;
    }
}

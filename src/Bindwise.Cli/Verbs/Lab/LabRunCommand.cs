using System.CommandLine.Completions;
using Bindwise.Cli.Input;
using Bindwise.Lab.Catalogue;
using Bindwise.Lab.Kernel;
using Bindwise.Lab.Playing;
using Bindwise.Lab.Reading;
using Bindwise.Linux.Live;
using Bindwise.Model.Scenarios;
using Bindwise.Rendering.Scenarios;

namespace Bindwise.Cli.Verbs.Lab;

/// <summary><c>bindwise lab run</c>: its arguments and options, told once for parser and help alike.</summary>
internal sealed class LabRunCommand : Verb
{
    private readonly Argument<string[]> _file = new("FILE")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "A .bind file with one scenario, or a file with JSON scenarios, one per line; the name of a program from bindwise "
            + "lab list; or - for standard input, where each JSON line is answered as it comes.",
        CompletionSources = { static _ => ScenarioCatalogue.Programs.Select(static name => new CompletionItem(name)) },
    };

    private readonly ChoiceOption<PlayOn> _on = new("--on", "HOST",
        "Where to play: model (the rules, in virtual time), kernel (this one, in namespaces) or both, side by side. "
        + "Default: both, or model where the kernel cannot be used.",
        "no host", ("model", PlayOn.Model), ("kernel", PlayOn.Kernel), ("both", PlayOn.Both));

    private readonly KernelOption _kernel =
        new($"Give the model the rules of this release of Linux, as 6.1. Default: those of the running kernel, with --on model those of "
            + $"{KernelRelease.Documented}.");

    private readonly Flag _json = new("--json", "Print one line of JSON per scenario.");

    public LabRunCommand() : base("run", "Play a scenario file, or a stream of scenarios.") => Take(_file, _on, _kernel, _json);

    public override HelpPage Help =>
        new HelpPage("bindwise lab run: play a scenario file, or a stream of scenarios.")
            .Examples(
                "bindwise explain --scenario SO_REUSEADDR > restart.bind",
                "bindwise lab run restart.bind",
                "bindwise lab run --json --on both restart.bind",
                "bindwise lab run time-wait-meter --on model",
                "bindwise lab run restart.bind --on model --kernel 5.10",
                "echo 'a = tcp 127.0.0.1:8080 listen -> ok' | bindwise lab run -")
            .Usage("bindwise lab run [options] FILE")
            .Parameters(Command)
            .Text(LabHelp.OnTheKernel)
            .ExitCodes("Exit codes (the worst counts, in the order 2, 1, 0):", LabHelp.PlayCodes);

    public override ParseResult<VerbRun> Read(ParseResult parsed)
    {
        var files = parsed.GetValue(_file) ?? [];
        if (files is not [{ Length: > 0 } path])
            return Fault(files.Length > 1 ? "give one FILE at a time; for several: cat FILES | bindwise lab run -"
                : "no FILE given: name one, or - for standard input");
        var host = _on.Read(parsed, out var noHost) ?? PlayOn.WhereItCan;
        if (noHost is not null)
            return Fault(noHost);
        var kernel = _kernel.Read(parsed, out var noKernel);
        if (noKernel is not null)
            return Fault(noKernel);
        if (kernel is not null && host == PlayOn.Kernel)
            return Fault("--kernel is for the model: leave out --on kernel");
        var isJson = parsed.GetValue(_json);
        return new ParseResult<VerbRun>((output, errors) => new LabRun(path, host, kernel, isJson, output, errors).Play());
    }
}

/// <summary>One run of <c>lab run</c>: every scenario is played and answered; a bad one does not stop the others.</summary>
internal sealed class LabRun(string path, PlayOn on, KernelRelease? kernel, bool isJson, AnswerStream output, ErrorLines errors)
{
    private readonly Lazy<Terminal> _terminal = new(Terminal.Detect);
    private readonly ArrayBufferWriter<byte> _line = new();
    private ExitCode _worst = ExitCode.Success;
    private bool _hasAnswered;

    public ExitCode Play()
    {
        using var interruption = Interruption.EndsAtOnce(errors);
        using var input = ScenarioFiles.Open(path, out var fault);
        if (input is null)
            return Fail(fault!);
        if (LabHosts.Open(on, errors, kernel) is not { } hosts)
            return ExitCode.Error;
        try
        {
            new ScenarioStream<ScenarioParse>(hosts, new StreamLimits(), static document => document.Scenario, Answer)
                .Play(Announce(ScenarioDocuments.Read(input, path == "-" ? "" : Path.GetFileNameWithoutExtension(path)), hosts),
                    CancellationToken.None);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Fail($"cannot read {Name}: {SystemFault.Describe(exception)}");
        }
        catch (LiveUnavailableException exception)
        {
            Fail(exception.Message);
        }
        return _worst;
    }

    private string Name => path == "-" ? "standard input" : path;

    private IEnumerable<ScenarioParse> Announce(IEnumerable<ScenarioParse> documents, ScenarioHosts hosts)
    {
        var notice = new WaitNotice(errors, isJson);
        foreach (var document in documents)
        {
            if (document.Scenario is { } scenario)
                notice.Announce(Place(document), hosts.WaitsOf(scenario));
            yield return document;
        }
    }

    private bool Answer(ScenarioParse document, ScenarioResult? result)
    {
        if (result is null)
            Refuse(document,
                document.Faults.IsEmpty ? [$"{Place(document)}: not a scenario"] : [.. document.Faults.Select(fault => fault.At(Name))]);
        else if (result.Error is { } error)
            Refuse(document, [$"{Place(document)}: {error}"]);
        else
            Show(result);
        return output.IsOpen;
    }

    private void Show(ScenarioResult result)
    {
        if (result.IsMismatch || result.FailedExpectations > 0)
            _worst = ExitCodes.Worst(_worst, ExitCode.Negative);
        if (isJson)
        {
            WriteLine(() => ScenarioResultJson.Write(_line, result));
            return;
        }
        var where = _terminal.Value;
        output.Write((_hasAnswered ? "\n" : "") + TextOutput.Format(ScenarioResultText.Render(result, where.Width), where.IsColoured));
        _hasAnswered = true;
    }

    private void Refuse(ScenarioParse document, IReadOnlyList<string> faults)
    {
        foreach (var fault in faults)
            Fail(fault);
        if (isJson)
            WriteLine(() => ScenarioResultJson.WriteError(_line, document.Name, string.Join("; ", faults)));
    }

    private void WriteLine(Action write)
    {
        _line.ResetWrittenCount();
        write();
        _line.Write("\n"u8);
        output.Write(_line.WrittenSpan);
    }

    private string Place(ScenarioParse document) => string.Create(CultureInfo.InvariantCulture, $"{Name}:{document.Line}");

    private ExitCode Fail(string message)
    {
        errors.Write(message);
        return _worst = ExitCodes.Worst(_worst, ExitCode.Error);
    }
}

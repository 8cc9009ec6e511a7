using System.CommandLine.Completions;
using Bindwise.Lab.Catalogue;
using Bindwise.Lab.Kernel;
using Bindwise.Lab.Playing;
using Bindwise.Lab.Reading;
using Bindwise.Linux.Live;
using Bindwise.Model.Scenarios;
using Bindwise.Rendering.Explaining;
using Bindwise.Rendering.Scenarios;

namespace Bindwise.Cli.Verbs.Lab;

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

    public override VerbRun Read(ParseResult parsed)
    {
        var files = parsed.GetValue(_file) ?? [];
        if (files is not [{ Length: > 0 } path])
            throw new UsageException(files.Length > 1 ? "give one FILE at a time; for several: cat FILES | bindwise lab run -"
                : "no FILE given: name one, or - for standard input");
        var host = _on.Read(parsed) ?? PlayOn.WhereItCan;
        var kernel = _kernel.Read(parsed);
        if (kernel is not null && host == PlayOn.Kernel)
            throw new UsageException("--kernel is for the model: leave out --on kernel");
        var isJson = parsed.GetValue(_json);
        return (output, errors) => new LabRun(path, host, kernel, isJson, output, errors).Play();
    }
}

internal sealed class LabRun(string path, PlayOn on, KernelRelease? kernel, bool isJson, AnswerStream output, ErrorLines errors)
{
    private readonly Lazy<Terminal> _terminal = new(Terminal.Detect);
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
            output.WriteLine(line => ScenarioResultJson.Write(line, result));
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
            output.WriteLine(line => ScenarioResultJson.WriteError(line, document.Name, string.Join("; ", faults)));
    }

    private string Place(ScenarioParse document) => string.Create(CultureInfo.InvariantCulture, $"{Name}:{document.Line}");

    private ExitCode Fail(string message)
    {
        errors.Write(message);
        return _worst = ExitCodes.Worst(_worst, ExitCode.Error);
    }
}

internal sealed class LabPlayCommand : Verb
{
    private const string Playing =
        "The player shows a scenario step by step: sockets, states, segments, time, and the rule that decided. It runs the rule model in "
            + "the browser, and the address holds the whole scenario after its #: nothing is uploaded. In a terminal, where there is a "
            + "browser, the address is opened too.";

    private readonly Argument<string[]> _file = new("FILE")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "A file with one scenario, the name of a program from bindwise lab list, or - for standard input.",
        CompletionSources = { static _ => ScenarioCatalogue.Programs.Select(static name => new CompletionItem(name)) },
    };

    private readonly SiteOption _site = new();

    public LabPlayCommand() : base("play", "Print the address at which a scenario plays in a browser.") => Take(_file, _site);

    public override HelpPage Help =>
        new HelpPage("bindwise lab play: print the address at which a scenario plays in a browser.")
            .Examples(
                "bindwise explain --scenario SO_REUSEADDR > restart.bind",
                "bindwise lab play restart.bind --site https://example.org/bindwise/",
                "bindwise lab play time-wait-meter --site http://localhost:8000/")
            .Usage("bindwise lab play [options] FILE")
            .Parameters(Command)
            .Text(Playing)
            .ExitCodes("Exit codes:",
                (ExitCode.Success, "printed"),
                (ExitCode.Error, "wrong usage, no site, or a scenario that does not exist, has a mistake or is too long for an address"),
                (ExitCode.Interrupted, "interrupted"));

    public override VerbRun Read(ParseResult parsed)
    {
        var files = parsed.GetValue(_file) ?? [];
        if (files is not [{ Length: > 0 } path])
            throw new UsageException(files.Length > 1 ? "give one FILE at a time" : "no FILE given: name one, or - for standard input");
        var site = _site.Read(parsed);
        return (output, errors) => new LabPlay(path, site, output, errors).Show();
    }
}

internal sealed class LabPlay(string path, string site, AnswerStream output, ErrorLines errors)
{
    private string Name => path == "-" ? "standard input" : path;

    public ExitCode Show()
    {
        using var input = ScenarioFiles.Open(path, out var fault);
        if (input is null)
            return errors.Fail(fault!);
        string text;
        try
        {
            var bytes = new byte[SiteAddress.MostScenarioBytes + 1];
            var length = input.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length > SiteAddress.MostScenarioBytes)
                return errors.Fail($"{Name} is larger than {SiteAddress.MostScenarioBytes / 1024} KiB, too long for an address: "
                    + "paste it into the player");
            text = Encoding.UTF8.GetString(bytes, 0, length);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return errors.Fail($"cannot read {Name}: {SystemFault.Describe(exception)}");
        }
        return TextOf(text) is { } scenario ? SitePage.Show(site + SiteAddress.OfScenario(scenario), output, errors) : ExitCode.Error;
    }

    /// <summary>The text for the player's editor: as it stands, JSON as a .bind text; null with a fault.</summary>
    private string? TextOf(string text)
    {
        var parses = ScenarioDocuments.Read(new MemoryStream(Encoding.UTF8.GetBytes(text))).ToList();
        foreach (var fault in parses.SelectMany(static parse => parse.Faults))
            errors.Fail(fault.At(Name));
        if (parses.Exists(static parse => !parse.IsSuccess))
            return null;
        if (parses.Count == 1)
            return ScenarioFile.IsJson(text) ? BindText.Write(parses[0].Scenario!) : text;
        errors.Fail($"{Name} holds {parses.Count} scenarios; give one at a time");
        return null;
    }
}

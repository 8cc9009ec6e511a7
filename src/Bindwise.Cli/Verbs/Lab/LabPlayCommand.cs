using System.CommandLine.Completions;
using Bindwise.Cli.Input;
using Bindwise.Lab.Catalogue;
using Bindwise.Lab.Reading;
using Bindwise.Model.Scenarios;
using Bindwise.Rendering.Explaining;

namespace Bindwise.Cli.Verbs.Lab;

/// <summary><c>bindwise lab play</c>: its arguments and options, told once for parser and help alike.</summary>
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
                (ExitCode.Error, "wrong usage, no site, or a scenario that does not exist, has a mistake or is too long for an address"));

    public override ParseResult<VerbRun> Read(ParseResult parsed)
    {
        var files = parsed.GetValue(_file) ?? [];
        if (files is not [{ Length: > 0 } path])
            return Fault(files.Length > 1 ? "give one FILE at a time" : "no FILE given: name one, or - for standard input");
        return _site.Read(parsed, out var noSite) is { } site
            ? new ParseResult<VerbRun>((output, errors) => new LabPlay(path, site, output, errors).Show())
            : Fault(noSite!);
    }
}

internal sealed class LabPlay(string path, string site, AnswerStream output, ErrorLines errors)
{
    private string Name => path == "-" ? "standard input" : path;

    /// <summary>Prints the address, and gives the exit code.</summary>
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

using System.CommandLine.Completions;
using System.ComponentModel;
using System.Diagnostics;
using Bindwise.Lab.Catalogue;
using Bindwise.Rendering.Explaining;

namespace Bindwise.Cli.Verbs;

internal sealed class ExplainCommand : Verb
{
    public const string Name = "explain";
    public const string Description = "Explain a term, a cause or a rule in plain words.";

    private readonly Argument<string[]> _term = new("TERM")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "A term (TIME_WAIT, 2MSL, backlog), a cause as why names it (time-wait) or a rule (BW004). Without it, all of them "
            + "are listed.",
        CompletionSources = { static _ => PageStore.Of(PageCatalogue.PagesOf).Words().Select(static word => new CompletionItem(word)) },
    };

    private readonly Flag _json = new("--json", "Print one line of JSON per page.");
    private readonly Flag _scenario = new("--scenario", "Print only the scenario that shows it, to pipe into bindwise lab run -.");
    private readonly Flag _open = new("--open", "Print the address of the page on the site, and open it where there is a browser.");
    private readonly SiteOption _site = new();

    public ExplainCommand() : base(Name, Description) => Take(_term, _json, _scenario, _open, _site);

    public override VerbRun Read(ParseResult parsed)
    {
        var words = parsed.GetValue(_term) ?? [];
        // Several words are one term: nobody quotes "ephemeral port".
        var word = string.Join(' ', words);
        if (parsed.GetValue(_open))
            return ReadOpen(parsed, word);
        if (parsed.GetValue(_site) is not null)
            throw new UsageException("--site works only with --open");
        var (isJson, isScenario) = (parsed.GetValue(_json), parsed.GetValue(_scenario));
        if (isJson && isScenario)
            throw new UsageException("give --json or --scenario, not both: the JSON contains the scenarios");
        if (isScenario && words.Length == 0)
            throw new UsageException("--scenario needs a TERM: bindwise explain --scenario SO_REUSEADDR");
        return (output, errors) => new ExplainRun(word, isJson, isScenario, output, errors).Explain();
    }

    private VerbRun ReadOpen(ParseResult parsed, string word)
    {
        if (parsed.GetValue(_json) || parsed.GetValue(_scenario))
            throw new UsageException("give one of --json, --scenario and --open");
        if (word.Length == 0)
            throw new UsageException("--open needs a TERM: bindwise explain --open TIME_WAIT");
        var site = _site.Read(parsed);
        return (output, errors) => new ExplainRun(word, isJson: false, isScenario: false, output, errors).Open(site);
    }

    public override HelpPage Help =>
        new HelpPage("bindwise explain: what a term, a cause or a rule means.")
            .Examples(
                "bindwise explain TIME_WAIT",
                "bindwise explain \"ephemeral port\"",
                "bindwise explain BW004",
                "bindwise explain --scenario SO_REUSEADDR | bindwise lab run -",
                "bindwise explain --open TIME_WAIT --site https://example.org/bindwise/",
                "bindwise explain")
            .Usage("bindwise explain [options] [TERM]")
            .Parameters(Command)
            .ExitCodes("Exit codes:",
                (ExitCode.Success, "explained"),
                (ExitCode.Error, "there is no such term, or the system failed"),
                (ExitCode.Interrupted, "interrupted"));
}

internal sealed class ExplainRun(string word, bool isJson, bool isScenario, AnswerStream output, ErrorLines errors)
{
    private readonly PageStore _store = PageStore.Of(PageCatalogue.PagesOf);

    public ExitCode Explain()
    {
        if (word.Length == 0)
            ShowAll();
        else if (_store.Find(word) is not { } page)
        {
            if (PlatformRuleText.Find(word) is not { } rule)
                return errors.Fail(_store.WhyNot(word));
            if (isJson || isScenario)
                return errors.Fail(PageStore.TextAlone(word, isJson ? "--json" : "--scenario"));
            Write(rule, null);
        }
        else if (isScenario && page.Scenarios is [])
            return errors.Fail($"{word} has no scenario"
                + (page.Claims is [var claim, ..] ? $"; a claim has one: bindwise lab show {claim}" : ""));
        else
            Show(page);
        return ExitCode.Success;
    }

    public ExitCode Open(string site)
    {
        if (_store.Find(word) is { } page)
            return SitePage.Show(site + SiteAddress.Of(page), output, errors);
        return errors.Fail(PlatformRuleText.Find(word) is null ? _store.WhyNot(word) : PageStore.TextAlone(word, "--open"));
    }

    private void Show(SubjectPage page)
    {
        if (isJson)
            WriteJson(page);
        else if (isScenario)
            output.Write(page.Scenarios[0] + "\n");
        else
            Write(page.Markdown, page);
    }

    private void Write(string markdown, SubjectPage? page)
    {
        var terminal = Terminal.Detect();
        var lines = new MarkdownText(page is null ? null : new PageLinks(_store, page.Kind)).Render(markdown, terminal.Width);
        output.Write([.. lines, .. page is null ? [] : Namesake(page)], terminal);
    }

    private ImmutableArray<TextLine> Namesake(SubjectPage page) => _store.Namesake(page) is not { } other ? [] :
    [
        new TextLine([]),
        new TextLine([new TextSpan(TextRole.Text, $"  The {(other.Kind == PageKind.Cause ? "cause" : "term")} of that name: "),
            new TextSpan(TextRole.Command, PageLinks.CommandFor(other))]),
    ];

    private void ShowAll()
    {
        if (isJson)
        {
            foreach (var page in _store.Pages)
                WriteJson(page);
            return;
        }
        var markdown = new StringBuilder("# What can be explained\n");
        foreach (var (kind, title) in new[] { (PageKind.Term, "Terms"), (PageKind.Cause, "Causes, as `why` names them"),
            (PageKind.Rule, "Rules") })
        {
            markdown.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n");
            foreach (var page in _store.Pages)
            {
                if (page.Kind == kind)
                    markdown.Append(CultureInfo.InvariantCulture,
                        $"- **{(kind == PageKind.Term ? page.Title : page.Id)}**: {page.Summary}\n");
            }
        }
        Write(markdown.ToString(), null);
    }

    private void WriteJson(SubjectPage page) => output.WriteLine(line => SubjectPageJson.Write(line, page));
}

/// <summary>A page of the site: its address is printed, and opened for somebody who sits before a screen.</summary>
internal static class SitePage
{
    /// <summary>Prints the address, and opens it where standard output is a terminal and there is a browser.</summary>
    public static ExitCode Show(string address, AnswerStream output, ErrorLines errors)
    {
        output.Write(address + "\n");
        if (output.Fault is null && !Console.IsOutputRedirected && Opener(address) is { } opener && Open(opener) is { } failure)
            errors.Write($"cannot open a browser: {failure}");
        return ExitCode.Success;
    }

    private static ProcessStartInfo? Opener(string address)
    {
        if (OperatingSystem.IsWindows())
            return new ProcessStartInfo(address) { UseShellExecute = true };
        var program = OperatingSystem.IsMacOS() ? "/usr/bin/open" : HasScreen() ? ExternalProgram.Find("xdg-open") : null;
        // What a browser says is not for this terminal.
        return program is null ? null : new ProcessStartInfo("/bin/sh", ["-c", "exec \"$0\" \"$1\" >/dev/null 2>&1", program, address]);
    }

    private static bool HasScreen() => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("WAYLAND_DISPLAY"))
        || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("DISPLAY"));

    // One line when it cannot be started; what becomes of it then is its own affair.
    private static string? Open(ProcessStartInfo opener)
    {
        try
        {
            using var process = Process.Start(opener);
            return null;
        }
        catch (Win32Exception exception)
        {
            return exception.Message;
        }
    }
}

using System.CommandLine;
using System.CommandLine.Completions;
using Bindwise.Lab.Catalogue;
using Bindwise.Rendering.Explaining;

namespace Bindwise.Cli.Verbs.Explain;

/// <summary><c>bindwise explain</c>: its argument and options, told once for parser and help alike.</summary>
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

    public ExplainCommand()
        : base(Name, Description) => Take(_term, _json, _scenario, _open, _site);

    public override HelpPage Help => ExplainHelp.Of(Command);

    public override ParseResult<VerbRun> Read(ParseResult parsed)
    {
        var words = parsed.GetValue(_term) ?? [];
        if (UnknownOption.Among(words, Command) is { } unknown)
            return Fault(unknown);
        // Several words are one term: nobody quotes "ephemeral port".
        var word = string.Join(' ', words);
        if (parsed.GetValue(_open))
            return ReadOpen(parsed, word);
        if (parsed.GetValue(_site) is not null)
            return Fault("--site works only with --open");
        var (isJson, isScenario) = (parsed.GetValue(_json), parsed.GetValue(_scenario));
        if (isJson && isScenario)
            return Fault("give --json or --scenario, not both: the JSON contains the scenarios");
        if (isScenario && words.Length == 0)
            return Fault("--scenario needs a TERM: bindwise explain --scenario SO_REUSEADDR");
        return new ParseResult<VerbRun>((output, errors) => new ExplainRun(word, isJson, isScenario, output, errors).Explain());
    }

    private ParseResult<VerbRun> ReadOpen(ParseResult parsed, string word)
    {
        if (parsed.GetValue(_json) || parsed.GetValue(_scenario))
            return Fault("give one of --json, --scenario and --open");
        if (word.Length == 0)
            return Fault("--open needs a TERM: bindwise explain --open TIME_WAIT");
        return _site.Read(parsed, out var noSite) is { } site
            ? new ParseResult<VerbRun>((output, errors) =>
                new ExplainRun(word, isJson: false, isScenario: false, output, errors).Open(site))
            : Fault(noSite!);
    }
}

/// <summary>The help of <c>explain</c>.</summary>
internal static class ExplainHelp
{
    public static HelpPage Of(Command explain) =>
        new HelpPage("bindwise explain: what a term, a cause or a rule means.")
            .Examples(
                "bindwise explain TIME_WAIT",
                "bindwise explain \"ephemeral port\"",
                "bindwise explain BW004",
                "bindwise explain --scenario SO_REUSEADDR | bindwise lab run -",
                "bindwise explain --open TIME_WAIT --site https://example.org/bindwise/",
                "bindwise explain")
            .Usage("bindwise explain [options] [TERM]")
            .Parameters(explain)
            .ExitCodes("Exit codes:",
                (ExitCode.Success, "explained"),
                (ExitCode.Error, "there is no such term, or the system failed"));
}

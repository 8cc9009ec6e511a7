using System.Buffers;
using Bindwise.Lab.Catalogue;
using Bindwise.Rendering.Explaining;
using Bindwise.Rendering.Text;

namespace Bindwise.Cli.Verbs.Explain;

/// <summary>One run of <c>explain</c>.</summary>
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
                return Fail(_store.WhyNot(word));
            if (isJson || isScenario)
                return Fail(PageStore.TextAlone(word, isJson ? "--json" : "--scenario"));
            Write(rule, null);
        }
        else if (isScenario && page.Scenarios is [])
            return Fail($"{page.Title} has no scenario"
                + (page.Claims is [var claim, ..] ? $"; a claim has one: bindwise lab show {claim}" : ""));
        else
            Show(page);
        return output.Fault is { } unwritten ? Fail($"cannot write to standard output: {unwritten}") : ExitCode.Success;
    }

    /// <summary>Prints the address of the page on a site, and gives the exit code.</summary>
    /// <param name="site">The site's base, with a slash at its end.</param>
    public ExitCode Open(string site)
    {
        if (_store.Find(word) is { } page)
            return SitePage.Show(site + SiteAddress.Of(page), output, errors);
        return Fail(PlatformRuleText.Find(word) is null ? _store.WhyNot(word) : PageStore.TextAlone(word, "--open"));
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
        output.Write(TextOutput.Format([.. lines, .. page is null ? [] : Namesake(page)], terminal.IsColoured));
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

    private void WriteJson(SubjectPage page)
    {
        var line = new ArrayBufferWriter<byte>();
        SubjectPageJson.Write(line, page);
        line.Write("\n"u8);
        output.Write(line.WrittenSpan);
    }

    private ExitCode Fail(string message)
    {
        errors.Write(message);
        return ExitCode.Error;
    }
}

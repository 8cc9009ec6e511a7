using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Bindwise.Cli.Output;
using Bindwise.Model.Scenarios.Words;
using Bindwise.Rendering.Escaping;
using Bindwise.Rendering.Text;

namespace Bindwise.Cli.Verbs.Explain;

/// <summary>One run of <c>explain</c>.</summary>
internal sealed class ExplainRun(string word, bool isJson, bool isScenario, AnswerStream output, ErrorLines errors)
{
    private readonly PageStore _store = EmbeddedPages.Open();

    /// <summary>Explains, and gives the exit code.</summary>
    public ExitCode Explain()
    {
        if (word.Length == 0)
            ShowAll();
        else if (_store.Find(word) is not { } page)
        {
            if (PlatformRuleText.Find(word) is not { } rule)
                return Fail(Unknown());
            if (isJson || isScenario)
                return Fail($"{Escaper.Escape(word, 60)} is a rule of other systems: there is only text about it; leave "
                    + $"{(isJson ? "--json" : "--scenario")} out");
            Write(rule, null);
        }
        else if (isScenario && page.Scenarios is [])
            return Fail($"{page.Title} has no scenario"
                + (page.Claims is [var claim, ..] ? $"; a claim has one: bindwise lab show {claim}" : ""));
        else
            Show(page);
        return output.Fault is { } unwritten ? Fail($"cannot write to standard output: {unwritten}") : ExitCode.Success;
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

    private string Unknown()
    {
        if (ushort.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0)
            return $"{port} is a port, not a term: bindwise why {port}";
        var shown = Escaper.Escape(word, 60);
        return Nearest.To(word, _store.Words()) is { } near
            ? $"there is no page about {shown}; did you mean {near}?"
            : $"there is no page about {shown}; bindwise explain lists them all";
    }

    private ExitCode Fail(string message)
    {
        errors.Write(message);
        return ExitCode.Error;
    }
}

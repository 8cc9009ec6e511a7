using System.Buffers;
using System.Globalization;
using System.Text;
using Bindwise.Cli.Input;
using Bindwise.Cli.Output;
using Bindwise.Cli.Pages;
using Bindwise.Model.Scenarios.Words;
using Bindwise.Rendering.Escaping;

namespace Bindwise.Cli.Verbs;

/// <summary>One run of <c>explain</c>.</summary>
internal sealed class ExplainRun(string word, bool isJson, bool isScenario, AnswerStream output, ErrorLines errors)
{
    private readonly PageShelf shelf = EmbeddedPages.Open();

    /// <summary>Explains, and gives the exit code.</summary>
    public ExitCode Explain()
    {
        if (word.Length == 0)
            ShowAll();
        else if (shelf.Find(word) is not { } page)
            return Fail(Unknown());
        else if (isScenario && page.Scenarios is [])
            return Fail($"{page.Title} has no scenario of its own{(page.Claims is [var claim, ..] ? $"; see: bindwise lab show {claim}" : "")}");
        else
            Show(page);
        return output.Fault is { } unwritten ? Fail($"cannot write to standard output: {unwritten}") : ExitCode.Free;
    }

    private void Show(SubjectPage page)
    {
        if (isJson)
            WriteJson(page);
        else if (isScenario)
            output.Write(page.Scenarios[0] + "\n");
        else
        {
            var terminal = Terminal.Detect();
            output.Write(TextOutput.Format(MarkdownText.Render(page.Markdown, terminal.Width), terminal.IsColoured));
        }
    }

    private void ShowAll()
    {
        if (isJson)
        {
            foreach (var page in shelf.Pages)
                WriteJson(page);
            return;
        }
        var markdown = new StringBuilder("# What can be explained\n");
        foreach (var (kind, title) in new[] { (PageKind.Term, "Terms"), (PageKind.Cause, "Causes, as `why` names them"), (PageKind.Rule, "Rules") })
        {
            markdown.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n");
            foreach (var page in shelf.Pages)
            {
                if (page.Kind == kind)
                    markdown.Append(CultureInfo.InvariantCulture, $"- **{(kind == PageKind.Term ? page.Title : page.Id)}**: {page.Summary}\n");
            }
        }
        var terminal = Terminal.Detect();
        output.Write(TextOutput.Format(MarkdownText.Render(markdown.ToString(), terminal.Width), terminal.IsColoured));
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
            return $"{port} is no term; about that port: bindwise why {port}";
        var shown = Escaper.Escape(word, 60);
        return Nearest.To(word, shelf.Words()) is { } near
            ? $"there is no page about {shown}; did you mean {near}?"
            : $"there is no page about {shown}; all that there are: bindwise explain";
    }

    private ExitCode Fail(string message)
    {
        errors.Write(message);
        return ExitCode.Error;
    }
}

using System.Runtime.Versioning;
using Bindwise.Recording.History;
using Bindwise.Rendering.History;

namespace Bindwise.Cli.Verbs;

internal sealed class HistoryCommand : Verb
{
    public const string Name = "history";
    public const string Description = "Tell who held a port when, and what failed and why.";

    private readonly Argument<string[]> _targets = new("TARGET")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "Only what concerns these, written as for bindwise why: 8080, 53/udp, 127.0.0.1:5432, /run/app.sock. All events "
            + "if none is given.",
    };

    private readonly MomentOption _since = new("--since",
        "Only from then on: 2026-11-24T03:12, 03:12 (the most recent one), or 90s, 5m, 2h, 3d ago.");
    private readonly MomentOption _until = new("--until", "Only until then.");
    private readonly Flag _failed = new("--failed", "Only calls that failed.");
    private readonly ValueOption _program = new("--program", "NAME", "Only of this program.");
    private readonly Flag _timeline = new("--timeline", "Draw who held each address over time, and where a call failed.");
    private readonly Flag _json = new("--json", "Print the record's own lines of JSON (bindwise.event/1).");
    private readonly StoreOption _directory = new();

    public HistoryCommand()
        : base(Name, Description) => Take(_targets, _since, _until, _failed, _program, _timeline, _json, _directory);

    public override VerbRun Read(ParseResult parsed)
    {
        var words = parsed.GetValue(_targets) ?? [];
        var now = DateTimeOffset.Now;
        var since = _since.Read(parsed, now);
        var until = _until.Read(parsed, now, since);
        var directory = _directory.Read(parsed);
        Flag.AllowOne(parsed, _timeline, _json);
        if (since > until)
            throw new UsageException("--since is later than --until");
        if (parsed.GetValue(_program) is "")
            throw new UsageException("--program needs the name of a program");
        var query = new HistoryQuery
        {
            Since = since,
            Until = until,
            IsFailedOnly = parsed.GetValue(_failed),
            Program = parsed.GetValue(_program),
        };
        var form = parsed.GetValue(_json) ? HistoryForm.Json : parsed.GetValue(_timeline) ? HistoryForm.Timeline : HistoryForm.List;
        return (output, errors) => new HistoryRun(directory, [.. words], query, form, output, errors).Report();
    }

    public override HelpPage Help =>
        new HelpPage("bindwise history: what bindwise record has kept: who held a port when, how it changed hands, "
            + "what failed, and why.")
            .Examples(
                "bindwise history 8080",
                "bindwise history 8080 --since 03:00 --until 03:30",
                "bindwise history --failed --since 1d",
                "bindwise history 5432 --timeline",
                "bindwise history --program nginx --json | jq .summary",
                "bindwise why 8080 --at 03:12")
            .Usage("bindwise history [options] [TARGET...]")
            .Parameters(Command)
            .Text("Times are local. To read another user's record, such as the service's, use sudo.")
            .ExitCodes("Exit codes:",
                (ExitCode.Success, "at least one event was printed"),
                (ExitCode.Negative, "no event matched, or there is no record"),
                (ExitCode.Error, "wrong usage, or the record cannot be read"),
                (ExitCode.Interrupted, "interrupted"));
}

internal enum HistoryForm : byte
{
    List,
    Timeline,
    Json,
}

internal sealed class HistoryRun(
    string directory, ImmutableArray<string> words, HistoryQuery query, HistoryForm form, AnswerStream output, ErrorLines errors)
{
    public ExitCode Report()
    {
        if (!OperatingSystem.IsLinux())
            return errors.Fail("history needs Linux");
        using var interruption = Interruption.EndsFirstProcess(errors);
        if (RecordTargets.Read(words, out var fault) is not { } targets)
            return errors.Fail(fault!);
        using var archive = RecordArchive.Open(directory, out var isMissing, out fault);
        if (archive is null)
        {
            if (!isMissing)
                return errors.Fail($"the record in {directory} cannot be read: {fault}");
            RecordTargets.ReportMissing(directory, targets, errors);
            return ExitCode.Negative;
        }
        var asked = query with { Targets = [.. targets.Select(static one => one.Match)] };
        var isFound = false;
        if (form == HistoryForm.Json)
            WriteLines(archive, MarkFound(archive.Find(asked)));
        else
            WriteText(MarkFound(UnseenChanges.FindAll(archive, asked)).Select(static item => item.Event), archive);
        if (!output.IsOpen)
            return ExitCode.Success;
        foreach (var note in archive.Notes())
            errors.Write(note);
        if (isFound)
            return ExitCode.Success;
        errors.Write($"the record in {directory} has no matching event" + (words.IsEmpty ? "" : " for " + string.Join(' ', words)));
        return ExitCode.Negative;

        // A record may have millions of events: they are told while they are read.
        IEnumerable<HistoryItem> MarkFound(IEnumerable<HistoryItem> items) => items.Select(item =>
        {
            isFound |= !item.IsOfHost || (words.IsEmpty && query.Program is null);
            return item;
        });
    }

    [SupportedOSPlatform("linux")]
    private void WriteLines(RecordArchive archive, IEnumerable<HistoryItem> items)
    {
        using var lines = new AnswerBlocks(output);
        foreach (var item in items.TakeWhile(_ => output.IsOpen))
        {
            var line = archive.LineOf(item);
            if (line.IsEmpty)
                continue;
            lines.Write(line);
            lines.Write("\n"u8);
        }
    }

    [SupportedOSPlatform("linux")]
    private void WriteText(IEnumerable<PortEvent> events, RecordArchive archive)
    {
        var terminal = Terminal.Detect();
        var lines = form == HistoryForm.Timeline
            ? TimelineText.Render([.. events], TimeZoneInfo.Local, terminal.Width, Charset.IsUnicode(),
                Earlier(query.Until, archive.LastCensus()))
            : HistoryText.Render(events, TimeZoneInfo.Local, terminal.Width);
        TextOutput.Write(output, lines, terminal.IsColoured);
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) =>
        one is null || other is null || other < one ? other : one;
}

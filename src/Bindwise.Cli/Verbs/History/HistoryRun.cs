using System.Runtime.Versioning;
using Bindwise.Cli.Verbs.Recording;
using Bindwise.Recording.History;
using Bindwise.Rendering.History;

namespace Bindwise.Cli.Verbs.History;

internal sealed class HistoryRun(
    string directory, ImmutableArray<string> words, HistoryQuery query, HistoryForm form, AnswerStream output, ErrorLines errors)
{
    /// <summary>Tells, and gives the exit code.</summary>
    public ExitCode Tell()
    {
        if (!OperatingSystem.IsLinux())
            return errors.Fail("history needs Linux");
        using var interruption = Interruption.EndsAtOnce(errors);
        return TellRecord();
    }

    [SupportedOSPlatform("linux")]
    private ExitCode TellRecord()
    {
        if (RecordTargets.Read(words, out var fault) is not { } targets)
            return errors.Fail(fault!);
        using var archive = RecordArchive.Open(directory, out var isMissing, out fault);
        if (archive is null)
            return isMissing ? WithoutRecord(targets) : errors.Fail($"the record in {directory} cannot be read: {fault}");
        var asked = query with { Targets = [.. targets.Select(static one => one.Match)] };
        var isFound = false;
        if (form == HistoryForm.Json)
            WriteLines(archive, Told(archive.Find(asked)));
        else
            WriteText(Told(UnseenChanges.FindAll(archive, asked)).Select(static item => item.Event));
        if (!output.IsOpen)
            return ExitCode.Success;
        foreach (var note in archive.Notes())
            errors.Write(note);
        if (isFound)
            return ExitCode.Success;
        errors.Write($"the record in {directory} has no matching event" + (words.IsEmpty ? "" : " for " + string.Join(' ', words)));
        return ExitCode.Negative;

        // A record may have millions of events: they are told while they are read.
        IEnumerable<HistoryItem> Told(IEnumerable<HistoryItem> items) => items.Select(item =>
        {
            isFound |= !item.IsOfHost || (words.IsEmpty && query.Program is null);
            return item;
        });
    }

    [SupportedOSPlatform("linux")]
    private ExitCode WithoutRecord(ImmutableArray<RecordTarget> targets)
    {
        RecordTargets.TellMissing(directory, targets, errors);
        return ExitCode.Negative;
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

    private void WriteText(IEnumerable<PortEvent> events)
    {
        var terminal = Terminal.Detect();
        var lines = form == HistoryForm.Timeline
            ? TimelineText.Render([.. events], TimeZoneInfo.Local, terminal.Width, Charset.IsUnicode())
            : HistoryText.Render(events, TimeZoneInfo.Local, terminal.Width);
        TextOutput.Write(output, lines, terminal.IsColoured);
    }
}

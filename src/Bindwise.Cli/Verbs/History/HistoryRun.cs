using System.Runtime.Versioning;
using Bindwise.Cli.Verbs.Recording;
using Bindwise.Recording.History;
using Bindwise.Rendering.History;

namespace Bindwise.Cli.Verbs.History;

internal sealed class HistoryRun(
    string directory, ImmutableArray<string> words, HistoryQuery query, HistoryForm form, AnswerStream output, ErrorLines errors)
{
    private const int FlushBytes = 64 << 10;

    /// <summary>Tells, and gives the exit code.</summary>
    public ExitCode Tell()
    {
        if (!OperatingSystem.IsLinux())
            return Fail("history needs Linux");
        using var interruption = Interruption.EndsAtOnce(errors);
        return TellRecord();
    }

    [SupportedOSPlatform("linux")]
    private ExitCode TellRecord()
    {
        if (RecordTargets.Read(words, out var fault) is not { } targets)
            return Fail(fault!);
        using var archive = RecordArchive.Open(directory, out var isMissing, out fault);
        if (archive is null)
            return isMissing ? WithoutRecord(targets) : Fail($"the record in {directory} cannot be read: {fault}");
        var asked = query with { Targets = [.. targets.Select(static one => one.Match)] };
        var items = form == HistoryForm.Json ? archive.Find(asked) : UnseenChanges.FindAll(archive, asked);
        if (form == HistoryForm.Json)
            WriteLines(archive, items);
        else if (items.Count > 0)
            WriteText([.. items.Select(static item => item.Event)]);
        if (output.Fault is { } lost)
            return Fail($"cannot write to standard output: {lost}");
        if (!output.IsOpen)
            return ExitCode.Success;
        foreach (var note in archive.Notes())
            errors.Write(note);
        if (items.Exists(item => !item.IsOfHost || (words.IsEmpty && query.Program is null)))
            return ExitCode.Success;
        errors.Write($"the record in {directory} has no matching event" + (words.IsEmpty ? "" : " for " + string.Join(' ', words)));
        return ExitCode.Negative;
    }

    [SupportedOSPlatform("linux")]
    private ExitCode WithoutRecord(ImmutableArray<RecordTarget> targets)
    {
        RecordTargets.TellMissing(directory, targets, errors);
        return ExitCode.Negative;
    }

    [SupportedOSPlatform("linux")]
    private void WriteLines(RecordArchive archive, List<HistoryItem> items)
    {
        var lines = new ArrayBufferWriter<byte>();
        foreach (var item in items)
        {
            var line = archive.LineOf(item);
            if (line.IsEmpty)
                continue;
            lines.Write(line);
            lines.Write("\n"u8);
            if (lines.WrittenCount < FlushBytes)
                continue;
            output.Write(lines.WrittenSpan);
            lines.ResetWrittenCount();
            if (!output.IsOpen)
                return;
        }
        output.Write(lines.WrittenSpan);
    }

    private void WriteText(List<PortEvent> events)
    {
        var terminal = Terminal.Detect();
        var lines = form == HistoryForm.Timeline
            ? TimelineText.Render(events, TimeZoneInfo.Local, terminal.Width, Charset.IsUnicode())
            : HistoryText.Render(events, TimeZoneInfo.Local, terminal.Width);
        output.Write(TextOutput.Format(lines, terminal.IsColoured));
    }

    private ExitCode Fail(string message)
    {
        errors.Write(message);
        return ExitCode.Error;
    }
}

using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.Versioning;
using Bindwise.Cli.Output;
using Bindwise.Cli.Verbs.Why;
using Bindwise.Linux.Names;
using Bindwise.Recording.History;
using Bindwise.Recording.Journal;
using Bindwise.Rendering.History;

namespace Bindwise.Cli.Verbs.History;

/// <summary>One run of <c>history</c>.</summary>
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
        var items = archive.Find(query with { Targets = [.. targets.Select(static one => one.Match)] });
        if (form == HistoryForm.Json)
            WriteLines(archive, items);
        else if (items.Count > 0)
            WriteText(items);
        if (output.Fault is { } lost)
            return Fail($"cannot write to standard output: {lost}");
        if (!output.IsOpen)
            return ExitCode.Success;
        foreach (var note in archive.Notes())
            errors.Write(note);
        if (items.Count > 0)
            return ExitCode.Success;
        errors.Write($"the record in {directory} has no such event" + (words.IsEmpty ? "" : " of " + string.Join(' ', words)));
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

    private void WriteText(List<HistoryItem> items)
    {
        var terminal = Terminal.Detect();
        var events = items.ConvertAll(static item => item.Event);
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

/// <summary>A target with its names looked up.</summary>
/// <param name="Target">The target.</param>
/// <param name="Match">How records are searched for it.</param>
internal sealed record RecordTarget(Target Target, TargetMatch Match);

/// <summary>The targets of what asks a record.</summary>
[SupportedOSPlatform("linux")]
internal static class RecordTargets
{
    private static readonly TimeSpan MostOfLookup = TimeSpan.FromSeconds(2);

    /// <summary>Reads them; null, with one line, for a fault.</summary>
    public static ImmutableArray<RecordTarget>? Read(IReadOnlyList<string> words, out string? fault)
    {
        fault = null;
        var targets = ImmutableArray.CreateBuilder<RecordTarget>();
        foreach (var typed in TypedTargets.Read(words, isFollowing: false))
        {
            fault = typed.Error;
            var match = typed.Target is { } target
                ? TargetMatch.Of(target, static name => HostNames.Find(name, MostOfLookup), ServiceNames.FindPort, out fault) : null;
            if (match is null)
                return null;
            targets.Add(new RecordTarget(typed.Target!, match));
        }
        return targets.ToImmutable();
    }

    /// <summary>Says how a record is begun, and what the journal has of the ports.</summary>
    public static void TellMissing(string directory, ImmutableArray<RecordTarget> targets, ErrorLines errors)
    {
        errors.Write($"there is no record in {directory}: bindwise record keeps one "
            + "(as a service: sudo systemctl enable --now bindwise-record)");
        foreach (var target in targets)
        {
            var found = JournalSearch.Find(target.Match.Path ?? $"{target.Match.Port}");
            if (found.Count > 0)
                errors.Write($"programs wrote to the journal about {target.Target.Text}:");
            foreach (var line in found)
                errors.Write($"  {line}");
        }
    }
}

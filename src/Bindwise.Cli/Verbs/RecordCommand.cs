using System.Runtime.Versioning;
using Bindwise.Linux.Events;
using Bindwise.Linux.Native;
using Bindwise.Recording.History;
using Bindwise.Recording.Journal;
using Bindwise.Recording.Recorder;
using Bindwise.Recording.Segments;

namespace Bindwise.Cli.Verbs;

internal sealed class RecordCommand : Verb
{
    public const string Name = "record";
    public const string Description = "Keep what happens to ports, and why binds fail, to ask later.";

    private const long DefaultBytes = 1L << 30;

    private readonly StoreOption _directory = new();
    private readonly ValueOption _size = new("--max-size", "SIZE",
        "Keep at most this much (500K, 20M, 2G; 1G by default) and drop the oldest. 0 means no limit.");
    private readonly ValueOption _age = new("--max-age", "TIME", "Drop what is older than this (12h, 90d); no limit by default.");

    public RecordCommand()
        : base(Name, Description) => Take(_directory, _size, _age);

    public override HelpPage Help =>
        new HelpPage("bindwise record: record what happens to the ports of this host, so that you can look it up later: which program took "
            + "or released a port, and each bind() that failed, with its reason at that moment.")
            .Examples(
                "sudo bindwise record",
                "bindwise record --dir ~/ports --max-size 200M --max-age 90d",
                "sudo systemctl enable --now bindwise-record",
                "bindwise history 8080 --since 1d",
                "bindwise why 8080 --at 03:12")
            .Usage("bindwise record [options]")
            .Parameters(Command)
            .Text("It runs until Ctrl+C or SIGTERM, and binds no port. The record is lines of JSON, which zcat -f and jq read; only its "
                + "owner may read it. As root it sees every process; as another user only your own.")
            .ExitCodes("Exit codes:",
                (ExitCode.Success, "ended by SIGTERM or SIGHUP"),
                (ExitCode.Error, "wrong usage; or the directory cannot be written, or another recorder has it"),
                (ExitCode.Interrupted, "ended by Ctrl+C"));

    // That of the signals, those that look at processes, and those of the runtime's pool, which compress.
    public override int NeededThreads => 8;

    public override VerbRun Read(ParseResult parsed)
    {
        var size = parsed.GetValue(_size);
        var bytes = size is null ? DefaultBytes : RecordSize.Read(size)
            ?? throw new UsageException($"--max-size {size} is not a size: give 500K, 20M or 2G");
        if (bytes is > 0 and < RecordLimits.SmallestSegment)
            throw new UsageException($"--max-size {size} is less than one file of a record takes: give 500K, 20M or 2G");
        var time = parsed.GetValue(_age);
        var age = time is null ? (TimeSpan?)null : RecordSize.ReadAge(time)
            ?? throw new UsageException($"--max-age {time} is not a time: give 30m, 12h or 90d");
        var directory = _directory.Read(parsed);
        var limits = new RecordLimits(bytes == 0 ? null : bytes, age);
        return (_, errors) => RecordRun.Record(directory, limits, errors);
    }
}

internal sealed class StoreOption() : ValueOption("--dir", "DIR",
    "The record's directory; else $STATE_DIRECTORY, $XDG_STATE_HOME/bindwise, and then /var/lib/bindwise for root, ~/.local/state/bindwise "
        + "for others.")
{
    public string Read(ParseResult parsed) => parsed.GetValue(this) switch
    {
        "" => throw new UsageException("--dir needs the name of a directory"),
        { } given => given,
        null => StoreDirectory.Default(Environment.GetEnvironmentVariable, OperatingSystem.IsLinux() && EffectiveIds.User() == 0),
    };
}

internal static class RecordSize
{
    private static readonly (char Unit, long Factor)[] Sizes = [('K', 1L << 10), ('M', 1L << 20), ('G', 1L << 30), ('T', 1L << 40)];

    public static long? Read(string text)
    {
        var (unit, factor) = Array.Find(Sizes, one => text.Length > 0 && char.ToUpperInvariant(text[^1]) == one.Unit);
        var digits = unit == default ? text : text[..^1];
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number <= long.MaxValue / Math.Max(1, factor) ? number * Math.Max(1, factor) : null;
    }

    /// <summary>A time of at least a second; null for a text that is none.</summary>
    public static TimeSpan? ReadAge(string text) =>
        MomentText.ReadLength(text) is { } age && age > TimeSpan.Zero && age <= TimeOption.Longest ? age : null;
}

internal static class RecordRun
{
    public static ExitCode Record(string directory, RecordLimits limits, ErrorLines errors)
    {
        if (!OperatingSystem.IsLinux())
            return errors.Fail("record needs Linux");
        using var ending = new CancellationTokenSource();
        var code = ExitCode.Success;
        using var signals = Interruption.Ends(End);
        using var recorder = HostRecorder.Open(directory, limits, new SleeplessClock(), errors.Write, JournalSocket.OfUnit(),
            out var fault);
        if (recorder is null)
            return errors.Fail($"cannot record in {directory}: {fault}");
        try
        {
            using var source = PortEventSource.Open(new PortEventSourceOptions { IsBindwise = true });
            recorder.Start(source.Limits);
            errors.Write($"recording in {directory}; Ctrl+C stops it");
            foreach (var limit in source.Limits)
                errors.Write(limit);
            source.Run(recorder, ending.Token);
            recorder.Stop();
        }
        catch (TableUnreadException exception)
        {
            return errors.Fail(exception.Message);
        }
        return code;

        void End(ExitCode with)
        {
            code = with;
            ending.Cancel();
        }
    }
}

[SupportedOSPlatform("linux")]
internal static class RecordTargets
{
    public static ImmutableArray<RecordTarget>? Read(IReadOnlyList<string> words, out string? fault) =>
        RecordTarget.Of(TypedTargets.Read(words, isFollowing: false), out fault);

    /// <summary>Says how a record is begun, and what the journal has of the ports.</summary>
    public static void ReportMissing(string directory, ImmutableArray<RecordTarget> targets, ErrorLines errors)
    {
        errors.Write(RecordTarget.WhyMissing(directory));
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

internal sealed class MomentOption(string name, string description) : ValueOption(name, "TIME", description)
{
    /// <param name="since">Where the span begins that it ends; null for a moment of its own.</param>
    public DateTimeOffset? Read(ParseResult parsed, DateTimeOffset now, DateTimeOffset? since = null) =>
        parsed.GetValue(this) is not { } given ? null
            : MomentText.ReadEnd(given, now, TimeZoneInfo.Local, since)
                ?? throw new UsageException($"{Name} {given} is not a time: {MomentText.Forms}");
}

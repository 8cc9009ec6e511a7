using Bindwise.Linux.Native;
using Bindwise.Recording;
using Bindwise.Recording.History;
using Bindwise.Recording.Recorder;

namespace Bindwise.Cli.Verbs.Recording;

/// <summary><c>bindwise record</c>: its options, told once for parser and help alike.</summary>
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

    /// <inheritdoc/>
    public override HelpPage Help => RecordHelp.Of(Command);

    // That of the signals, those that look at processes, and those of the runtime's pool, which compress.
    public override int NeededThreads => 8;

    /// <inheritdoc/>
    public override ParseResult<VerbRun> Read(ParseResult parsed)
    {
        long? bytes = DefaultBytes;
        if (parsed.GetValue(_size) is { } size && (bytes = RecordSize.Read(size)) is null)
            return Fault($"--max-size {size} is not a size: give 500K, 20M or 2G");
        if (bytes is > 0 and < RecordLimits.SmallestSegment)
            return Fault($"--max-size {parsed.GetValue(_size)} is less than one file of a record takes: give 500K, 20M or 2G");
        TimeSpan? age = null;
        if (parsed.GetValue(_age) is { } time && (age = RecordSize.ReadAge(time)) is null)
            return Fault($"--max-age {time} is not a time: give 30m, 12h or 90d");
        var directory = _directory.Read(parsed, out var fault);
        if (fault is not null)
            return Fault(fault);
        var limits = new RecordLimits(bytes == 0 ? null : bytes, age);
        return new ParseResult<VerbRun>((_, errors) => RecordRun.Record(directory, limits, errors));
    }
}

/// <summary><c>--dir</c>: where the record is.</summary>
internal sealed class StoreOption() : ValueOption("--dir", "DIR",
    "The record's directory; else $STATE_DIRECTORY, $XDG_STATE_HOME/bindwise, and then /var/lib/bindwise for root, ~/.local/state/bindwise "
        + "for others.")
{
    public string Read(ParseResult parsed, out string? fault)
    {
        var given = parsed.GetValue(this);
        fault = given is "" ? "--dir needs the name of a directory" : null;
        return given ?? StoreDirectory.Default(Environment.GetEnvironmentVariable, OperatingSystem.IsLinux() && EffectiveIds.User() == 0);
    }
}

/// <summary>Sizes and ages as they are typed.</summary>
internal static class RecordSize
{
    private static readonly (char Unit, long Factor)[] Sizes = [('K', 1L << 10), ('M', 1L << 20), ('G', 1L << 30), ('T', 1L << 40)];

    /// <summary>Bytes; null for a text that is no size.</summary>
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

internal static class RecordHelp
{
    public static HelpPage Of(Command record) =>
        new HelpPage("bindwise record: record what happens to the ports of this host, so that you can look it up later: which program took "
            + "or released a port, and each bind() that failed, with its reason at that moment.")
            .Examples(
                "sudo bindwise record",
                "bindwise record --dir ~/ports --max-size 200M --max-age 90d",
                "sudo systemctl enable --now bindwise-record",
                "bindwise history 8080 --since 1d",
                "bindwise why 8080 --at 03:12")
            .Usage("bindwise record [options]")
            .Parameters(record)
            .Text("It runs until Ctrl+C or SIGTERM, and binds no port. The record is lines of JSON, which zcat -f and jq read; "
                + "only its owner "
                + "may read it. As root it sees every process; as another user only your own.")
            .ExitCodes("Exit codes:",
                (ExitCode.Success, "ended by SIGTERM or SIGHUP"),
                (ExitCode.Error, "wrong usage; or the directory cannot be written, or another recorder has it"),
                (ExitCode.Interrupted, "ended by Ctrl+C"));
}

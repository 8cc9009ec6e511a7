using Bindwise.Model.Events;
using Bindwise.Recording.Segments;
using Bindwise.Rendering.History;
using Bindwise.Rendering.Json;

namespace Bindwise.Recording.Recorder;

internal enum RecorderPhase : byte
{
    Idle,

    Recording,

    /// <summary>The file system takes none: they are counted, and each census tries again.</summary>
    Full,

    /// <summary>The last line is written.</summary>
    Stopped,
}

/// <summary>How much is kept, and how long.</summary>
/// <param name="MaximumBytes">Of all files; null for no limit.</param>
/// <param name="MaximumAge">Of the oldest line; null for no limit.</param>
internal sealed record RecordLimits(long? MaximumBytes, TimeSpan? MaximumAge)
{
    /// <summary>The open segment always stays: less than one cannot be kept.</summary>
    public const long SmallestSegment = 64 << 10;

    private const long LargestSegment = 32 << 20;

    /// <summary>A segment that is longer is closed: so that what is dropped at a time is an eighth of what is kept at most.</summary>
    public long SegmentBytes { get; init; } =
        MaximumBytes is { } bytes ? Math.Clamp(bytes / 8, SmallestSegment, LargestSegment) : LargestSegment;

    /// <summary>So is one that is older.</summary>
    public TimeSpan SegmentAge { get; init; } = MaximumAge is { } age
        ? TimeSpan.FromTicks(Math.Clamp(age.Ticks / 8, TimeSpan.FromMinutes(1).Ticks, TimeSpan.FromDays(1).Ticks)) : TimeSpan.FromDays(1);
}

/// <summary>A moment on both clocks.</summary>
/// <param name="Wall">The system's clock, which may be set.</param>
/// <param name="Monotonic">The time since boot, sleep included, which goes on evenly.</param>
internal readonly record struct RecorderMoment(DateTimeOffset Wall, TimeSpan Monotonic)
{
    /// <summary>It changes only when the system's clock is set.</summary>
    public TimeSpan Offset => TimeSpan.FromTicks(Wall.UtcTicks - Monotonic.Ticks);
}

/// <summary>All that a recorder remembers: of a size that does not grow with time.</summary>
internal sealed record RecorderState(RecordLimits Limits)
{
    public RecorderPhase Phase { get; init; }

    /// <summary>It has begun, and not ended.</summary>
    public bool IsRunning => Phase is RecorderPhase.Recording or RecorderPhase.Full;

    /// <summary>The line that is under way tells of what was lost; if it is taken, there is room again.</summary>
    public bool IsTrying { get; init; }

    /// <summary>How much the open segment holds, in bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>When it was opened, on the monotonic clock.</summary>
    public TimeSpan Opened { get; init; }

    /// <summary>The last census that was written to it; null where the next is to be whole.</summary>
    public CensusFacts? Census { get; init; }

    /// <summary>When that was due, on the monotonic clock; null where one is due now.</summary>
    public TimeSpan? CensusAt { get; init; }

    /// <summary>When the files were counted last.</summary>
    public TimeSpan ListedAt { get; init; }

    /// <summary>The difference of the clocks at the last census.</summary>
    public TimeSpan ClockOffset { get; init; }

    /// <summary>When the clock was set forward last, on the monotonic clock; or the start.</summary>
    public TimeSpan ClockSetAt { get; init; }

    /// <summary>The difference of the clocks before that; null before the files were counted for the first time.</summary>
    public TimeSpan? SteadyOffset { get; init; }

    /// <summary>Events that could not be written.</summary>
    public long Lost { get; init; }

    /// <summary>The open segment was removed, and no other says yet that something is missing.</summary>
    public RecorderInput.Removed? Replaced { get; init; }

    /// <summary>Something is missing, and the record does not say so yet.</summary>
    public bool HasUntold => Lost > 0 || Replaced is not null;
}

/// <summary>What a recorder is told.</summary>
internal abstract record RecorderInput
{
    /// <summary>It begins.</summary>
    /// <param name="Limits">What is not seen.</param>
    internal sealed record Started(params ImmutableArray<string> Limits) : RecorderInput;

    internal sealed record Happened(PortEvent Event) : RecorderInput;

    internal sealed record Looked(HostCensus Census) : RecorderInput;

    /// <summary>The files of the store, the open segment among them.</summary>
    internal sealed record Listed(ImmutableArray<StoredFile> Files) : RecorderInput;

    /// <summary>The open segment's file is no longer in the directory.</summary>
    internal sealed record Removed(string Name, string Where) : RecorderInput;

    internal sealed record Written(long Bytes) : RecorderInput;

    /// <summary>A line was not written, and nothing of it is left.</summary>
    /// <param name="Events">How many events it stood for; 0 of a census.</param>
    /// <param name="Where">The directory.</param>
    /// <param name="Why">One clause.</param>
    internal sealed record Refused(long Events, string Where, string Why) : RecorderInput;

    /// <summary>A line was not written, since no reader would take one of its length.</summary>
    /// <param name="Events">How many events it stood for.</param>
    internal sealed record TooLong(long Events) : RecorderInput;

    internal sealed record Stopping : RecorderInput;
}

/// <summary>What a recorder wants done.</summary>
internal abstract record RecorderEffect
{
    internal sealed record Open(DateTimeOffset Time) : RecorderEffect;

    internal sealed record Append(PortEvent Event) : RecorderEffect;

    /// <summary>Facts: null for the same as before.</summary>
    internal sealed record AppendCensus(DateTimeOffset Time, CensusFacts? Facts) : RecorderEffect;

    /// <summary>Have what was written on the device (fdatasync(2)).</summary>
    internal sealed record Sync : RecorderEffect;

    /// <summary>End the segment, and compress it.</summary>
    internal sealed record Close : RecorderEffect;

    internal sealed record Drop(string Name) : RecorderEffect;

    internal sealed record List : RecorderEffect;

    /// <summary>One line for standard error.</summary>
    internal sealed record Tell(string Line) : RecorderEffect;

    /// <summary>Tell the journal, if this is a unit.</summary>
    internal sealed record Journal(PortEvent Event) : RecorderEffect;
}

/// <summary>How far a clock was set.</summary>
internal static class ClockText
{
    public static string Of(TimeSpan jump) => string.Create(CultureInfo.InvariantCulture,
        $"the clock was set {(jump > TimeSpan.Zero ? "forward" : "back")} by {Length(jump.Duration())}");

    // Of a clock that is set by seconds, tenths matter.
    private static string Length(TimeSpan time) => time.TotalMinutes < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s") : HistoryText.Length(time);
}

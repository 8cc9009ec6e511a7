using Bindwise.Model.Events;
using Bindwise.Rendering.History;

namespace Bindwise.Recording.Recorder;

/// <summary>
/// What a recorder writes, and when: a pure machine. Its effects are carried out elsewhere, in their order; how each line went comes back
/// as <see cref="RecorderInput.Written"/> or <see cref="RecorderInput.Refused"/> before anything else.
/// </summary>
internal static class RecorderMachine
{
    /// <summary>A census each 10 s; looks come about once a second, and not on the dot.</summary>
    private static readonly TimeSpan CensusEach = TimeSpan.FromSeconds(9.5);

    /// <summary>Less is the drift of a clock that is kept right slowly (adjtimex(2)).</summary>
    private static readonly TimeSpan LeastJump = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan ListEach = TimeSpan.FromSeconds(60);

    public static (RecorderState State, ImmutableArray<RecorderEffect> Effects) Step(RecorderState state, RecorderInput input,
        RecorderMoment now) => input switch
        {
            RecorderInput.Started { Limits: var limits } when state.Phase == RecorderPhase.Idle => Start(state, limits, now),
            RecorderInput.Happened { Event: var happened } when state.IsRunning => Happen(state, happened),
            RecorderInput.CensusRead { Census: var census } when state.IsRunning => TakeCensus(state, census, now),
            RecorderInput.Listed { Files: var files } when state.IsRunning => TakeList(state, files, now),
            RecorderInput.Removed removed when state.IsRunning => Replace(state, removed, now),
            RecorderInput.Written { Bytes: var bytes } => Wrote(state, bytes, now),
            RecorderInput.Refused refused when state.IsRunning => Refuse(state, refused),
            RecorderInput.TooLong { Events: var events } when state.IsRunning => (Lose(state, events), []),
            RecorderInput.Stopping when state.IsRunning => Stop(state, now),
            _ => (state, []),
        };

    private static (RecorderState, ImmutableArray<RecorderEffect>) Start(RecorderState state, ImmutableArray<string> limits,
        RecorderMoment now) => (state with
        {
            Phase = RecorderPhase.Recording,
            Opened = now.Monotonic,
            ListedAt = now.Monotonic,
            ClockOffset = now.Offset,
            ClockSetAt = now.Monotonic,
        },
    [
        new RecorderEffect.Open(now.Wall),
        new RecorderEffect.Append(new PortEvent { Time = now.Wall, Kind = PortEventKind.RecorderStarted, Limits = limits }),
        new RecorderEffect.List(),
    ]);

    private static (RecorderState, ImmutableArray<RecorderEffect>) Happen(RecorderState state, PortEvent happened)
    {
        var effects = ImmutableArray.CreateBuilder<RecorderEffect>(2);
        Add(ref state, effects, happened);
        if (happened.Kind == PortEventKind.BindFailed)
            effects.Add(new RecorderEffect.Journal(happened));
        return (state, effects.ToImmutable());
    }

    private static (RecorderState, ImmutableArray<RecorderEffect>) TakeCensus(RecorderState state, HostCensus census, RecorderMoment now)
    {
        if (state.CensusAt is { } last && now.Monotonic - last < CensusEach)
            return (state, []);
        var effects = ImmutableArray.CreateBuilder<RecorderEffect>();
        state = state with { CensusAt = now.Monotonic };
        var jump = now.Offset - state.ClockOffset;
        if (jump >= LeastJump)
            state = state with { SteadyOffset = SteadyOffset(state, now), ClockSetAt = now.Monotonic };
        state = state with { ClockOffset = now.Offset };
        if (jump.Duration() >= LeastJump)
            Add(ref state, effects, new PortEvent { Time = now.Wall, Kind = PortEventKind.ClockChanged, Summary = ClockText.Of(jump) });
        if (state.Phase == RecorderPhase.Full)
        {
            // The directory may be gone, or have to give something up: what comes of that decides where the next line goes.
            List(ref state, effects, now);
            return (state with { Census = null }, effects.ToImmutable());
        }
        if (state.HasUnreported)
            Try(ref state, effects, now);
        if (now.Monotonic - state.Opened >= state.Limits.SegmentAge)
            OpenNext(ref state, effects, now);
        var facts = CensusFacts.Of(census);
        var isSame = state.Census is { } before && before.IsSame(facts);
        effects.Add(new RecorderEffect.AppendCensus(census.TakenAt, isSame ? null : facts));
        effects.Add(new RecorderEffect.Sync());
        if (now.Monotonic - state.ListedAt >= ListEach)
            List(ref state, effects, now);
        return (state with { Census = facts }, effects.ToImmutable());
    }

    private static void OpenNext(ref RecorderState state, ImmutableArray<RecorderEffect>.Builder effects, RecorderMoment now)
    {
        effects.Add(new RecorderEffect.Close());
        effects.Add(new RecorderEffect.Open(now.Wall));
        state = state with { Bytes = 0, Opened = now.Monotonic, Census = null, Appended = 0 };
    }

    private static void List(ref RecorderState state, ImmutableArray<RecorderEffect>.Builder effects, RecorderMoment now)
    {
        effects.Add(new RecorderEffect.List());
        state = state with { ListedAt = now.Monotonic };
    }

    // There may be room again: this line tells, and what is missing is known with it.
    private static void Try(ref RecorderState state, ImmutableArray<RecorderEffect>.Builder effects, RecorderMoment now)
    {
        effects.Add(LostOf(state, now));
        state = state with { IsTrying = true };
    }

    private static RecorderEffect.Append LostOf(RecorderState state, RecorderMoment now) =>
        new(new PortEvent { Time = now.Wall, Kind = PortEventKind.Lost, Count = Math.Max(1, state.Lost) });

    private static void Add(ref RecorderState state, ImmutableArray<RecorderEffect>.Builder effects, PortEvent happened)
    {
        var count = Math.Max(1, happened.Count);
        if (state.Phase == RecorderPhase.Recording)
            effects.Add(new RecorderEffect.Append(happened));
        state = state.Phase == RecorderPhase.Recording ? state with { Appended = state.Appended + count }
            : state with { Lost = state.Lost + count };
    }

    // What was appended is not in the segment.
    private static RecorderState Lose(RecorderState state, long events) =>
        state with { Lost = state.Lost + events, Appended = Math.Max(0, state.Appended - events) };

    private static (RecorderState, ImmutableArray<RecorderEffect>) Wrote(RecorderState state, long bytes, RecorderMoment now)
    {
        state = state with { Bytes = state.Bytes + bytes };
        if (!state.IsTrying)
        {
            if (state.Phase != RecorderPhase.Recording || state.Bytes < state.Limits.SegmentBytes)
                return (state, []);
            // Not only at the next census: in ten seconds of failing calls a segment would outgrow what is kept in all.
            var effects = ImmutableArray.CreateBuilder<RecorderEffect>(3);
            OpenNext(ref state, effects, now);
            List(ref state, effects, now);
            return (state, effects.ToImmutable());
        }
        // Only now is a new file known to be there, and to say that something is missing before it.
        ImmutableArray<RecorderEffect> reports = state.Replaced is not { } replaced ? []
            : [new RecorderEffect.Report($"{replaced.Name} is no longer in {replaced.Where}: recording goes on in a new file")];
        return (state with { Phase = RecorderPhase.Recording, IsTrying = false, Lost = 0, Replaced = null }, reports);
    }

    private static (RecorderState, ImmutableArray<RecorderEffect>) Refuse(RecorderState state, RecorderInput.Refused refused)
    {
        // What says that something is lost is no event of its own; a census that is lost is made up for by the next, which is whole.
        state = state.IsTrying ? state with { IsTrying = false } : Lose(state, refused.Events) with { Census = null };
        return state.Phase == RecorderPhase.Full ? (state, [])
            : (state with { Phase = RecorderPhase.Full },
                [new RecorderEffect.Report($"cannot write to {refused.Where}: {refused.Why}; recording goes on, "
                    + "and what is lost meanwhile is counted")]);
    }

    private static (RecorderState, ImmutableArray<RecorderEffect>) Replace(RecorderState state, RecorderInput.Removed removed,
        RecorderMoment now)
    {
        var effects = ImmutableArray.CreateBuilder<RecorderEffect>(3);
        // All that stood in it is gone with it.
        state = state with { CensusAt = null, Replaced = removed, Lost = state.Lost + state.Appended };
        OpenNext(ref state, effects, now);
        Try(ref state, effects, now);
        return (state, effects.ToImmutable());
    }

    private static (RecorderState, ImmutableArray<RecorderEffect>) Stop(RecorderState state, RecorderMoment now)
    {
        var effects = ImmutableArray.CreateBuilder<RecorderEffect>();
        if (state.HasUnreported)
            effects.Add(LostOf(state, now));
        effects.Add(new RecorderEffect.Append(new PortEvent { Time = now.Wall, Kind = PortEventKind.RecorderStopped }));
        effects.Add(new RecorderEffect.Close());
        return (state with { Phase = RecorderPhase.Stopped }, effects.ToImmutable());
    }

    private static (RecorderState, ImmutableArray<RecorderEffect>) TakeList(RecorderState state, ImmutableArray<StoredFile> files,
        RecorderMoment now)
    {
        var effects = ImmutableArray.CreateBuilder<RecorderEffect>();
        Drop(ref state, effects, files, now);
        if (state.Phase == RecorderPhase.Full)
            Try(ref state, effects, now);
        return (state, effects.ToImmutable());
    }

    /// <summary>The oldest closed segments go, until the rest is small and young enough. The open one, the last, always stays.</summary>
    private static void Drop(ref RecorderState state, ImmutableArray<RecorderEffect>.Builder effects, ImmutableArray<StoredFile> files,
        RecorderMoment now)
    {
        var segments = files.Where(static file => file.Begins is not null).GroupBy(static file => file.Begins!.Value)
            .OrderBy(static group => group.Key).ToList();
        // The clock may be wrong at the start, too: what was recorded last is not much older than the last segment's name.
        state = state with
        {
            SteadyOffset = state.SteadyOffset ?? (segments.Count < 2 ? state.ClockOffset : TimeSpan.FromTicks(Math.Min(
                state.ClockOffset.Ticks, segments[^2].Key.UtcTicks + state.Limits.SegmentAge.Ticks - now.Monotonic.Ticks))),
        };
        var wall = (SteadyOffset(state, now) + now.Monotonic).Ticks;
        var bytes = files.Sum(static file => file.Bytes);
        for (var index = 0; index + 1 < segments.Count; index++)
        {
            // Its last line is older than the next one's first.
            var isOld = state.Limits.MaximumAge is { } age && wall - segments[index + 1].Key.UtcTicks > age.Ticks;
            var isTooMuch = state.Limits.MaximumBytes is { } most && bytes > most;
            if (!isOld && !isTooMuch)
                break;
            bytes -= segments[index].Sum(static file => file.Bytes);
            effects.AddRange(segments[index].Select(static file => new RecorderEffect.Drop(file.Name)));
        }
    }

    /// <summary>
    /// What ages are counted by: the clock, but after it was set forward, or at a start, the earlier one of before, until it has run on for
    /// the time of a segment. What a wrong clock makes look old is not to be had back.
    /// </summary>
    private static TimeSpan SteadyOffset(RecorderState state, RecorderMoment now) =>
        now.Monotonic - state.ClockSetAt < state.Limits.SegmentAge && state.SteadyOffset < state.ClockOffset
            ? state.SteadyOffset.Value : state.ClockOffset;
}

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

    /// <summary>How many events stand in the open segment.</summary>
    public long Appended { get; init; }

    /// <summary>The open segment was removed or moved, and no other says yet that something is missing.</summary>
    public RecorderInput.Removed? Replaced { get; init; }

    /// <summary>Something is missing, and the record does not say so yet.</summary>
    public bool HasUnreported => Lost > 0 || Replaced is not null;
}

/// <summary>What a recorder is told.</summary>
internal abstract record RecorderInput
{
    internal sealed record Started(params ImmutableArray<string> Limits) : RecorderInput;

    internal sealed record Happened(PortEvent Event) : RecorderInput;

    internal sealed record CensusRead(HostCensus Census) : RecorderInput;

    /// <summary>The files of the store, the open segment among them.</summary>
    internal sealed record Listed(ImmutableArray<StoredFile> Files) : RecorderInput;

    /// <summary>The open segment's file is no longer in the directory.</summary>
    internal sealed record Removed(string Name, string Where) : RecorderInput;

    internal sealed record Written(long Bytes) : RecorderInput;

    /// <summary>A line was not written, and nothing of it is left.</summary>
    /// <param name="Events">How many events it stood for; 0 of a census.</param>
    internal sealed record Refused(long Events, string Where, string Why) : RecorderInput;

    /// <summary>A line was not written, since no reader would take one of its length.</summary>
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
    internal sealed record Report(string Line) : RecorderEffect;

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

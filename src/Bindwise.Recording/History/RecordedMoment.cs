using Bindwise.Recording.Census;

namespace Bindwise.Recording.History;

/// <summary>What a record has of a target at a moment.</summary>
internal abstract record RecordedMoment
{
    /// <summary>A call that failed then, with the diagnosis that was made; null where none was.</summary>
    internal sealed record Failure(PortEvent Event, byte[]? Document) : RecordedMoment;

    /// <summary>The sockets of then, as the events since the census have left them.</summary>
    internal sealed record Sight(DateTimeOffset Taken, ImmutableArray<CensusRow> Sockets, int Events, int Omitted) : RecordedMoment;
}

/// <summary>Finds what a record has of a moment: a failure within a second of it, else the last census that is near enough.</summary>
[SupportedOSPlatform("linux")]
internal static class MomentFinder
{
    private const string V6Only = "IPV6_V6ONLY";
    private const string Listening = "LISTEN";

    private static readonly TimeSpan FailureWithin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CensusWithin = TimeSpan.FromSeconds(30);

    /// <summary>What there is; null for nothing near enough.</summary>
    public static RecordedMoment? Find(RecordArchive archive, TargetMatch target, DateTimeOffset at,
        CancellationToken cancellation = default) =>
        // Where the names say that it is; after a clock that was set it may be anywhere.
        Find(archive, target, at, isNear: true, cancellation) ?? Find(archive, target, at, isNear: false, cancellation);

    /// <summary>The sockets of a moment; null where no census is near enough.</summary>
    public static RecordedMoment.Sight? SocketsAt(RecordArchive archive, DateTimeOffset at, CancellationToken cancellation = default) =>
        Find(archive, new TargetMatch(Protocol.Unix, null, [], ""), at, cancellation) as RecordedMoment.Sight;

    private static RecordedMoment? Find(RecordArchive archive, TargetMatch target, DateTimeOffset at, bool isNear,
        CancellationToken cancellation)
    {
        var (first, last) = (Moved(at, -FailureWithin), Moved(at, FailureWithin));
        var failures = new List<HistoryItem>();
        (int Segment, long Ticks)? census = null;
        var query = new HistoryQuery { Targets = [target], Since = first, Until = last, IsFailedOnly = true };
        for (var number = 0; number < archive.Segments.Count; number++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (isNear && (archive.Segments[number].Begins > last
                || (number + 1 < archive.Segments.Count && archive.Segments[number + 1].Begins < Moved(first, -CensusWithin))))
                continue;
            using var segment = archive.OpenSegment(number);
            if (segment is null)
                continue;
            for (var place = 0; place < segment.Digest.Entries.Length; place++)
            {
                ref readonly var entry = ref segment.Digest.Entries[place];
                // The reason of a failure is that it was elsewhere: its answer is another host's.
                if (segment.Digest.Text(entry.Reason) is null && query.Covers(segment.Digest, entry, number) && IsOfTarget(entry)
                    && (entry.Call == (byte)PortEventCall.Connect) == target.IsDestination
                    && target.Names(segment.Digest.Text(entry.Address)))
                    failures.Add(new HistoryItem(segment.Digest, number, place));
            }
            if (LastCensus(segment.Digest, at) is { } seen && (census is null || seen.Ticks >= census.Value.Ticks))
                census = (number, seen.Ticks);
        }
        // A port alone asks about the wildcards.
        if (failures.MinBy(one => (target.Addresses.IsEmpty && !TargetMatch.IsWildcard(one.Event.Address), Distance(one.Event, at)))
            is { } nearest)
        {
            // Of many that fail alike not all get a diagnosis: that of one is the others' too.
            var (address, result) = (nearest.Event.Address, nearest.Event.Result);
            var explained = failures.Where(one => one.HasDiagnosis && one.Event.Address == address && one.Event.Result == result)
                .MinBy(one => Distance(one.Event, at)) ?? nearest;
            return new RecordedMoment.Failure(explained.Event, DiagnosisOf(archive, explained));
        }
        return census is { } known ? Sight(archive, known.Segment, at) : null;
    }

    // Without a diagnosis it is one of the target only where its protocol is known, and where it is not the call itself that was wrong.
    private static bool IsOfTarget(in DigestEntry entry) => entry.Flags.HasFlag(DigestFlags.HasDiagnosis)
        || (entry.Protocol != DigestEntry.None && (entry.Summary < 0 || entry.Cause >= 0));

    // The part of a segment that has it, and about when it was taken.
    private static (int Block, long Ticks)? LastCensus(SegmentDigest digest, DateTimeOffset at)
    {
        var from = Moved(at, -CensusWithin).UtcTicks;
        (int Block, long Ticks)? last = null;
        for (var block = 0; block < digest.Blocks.Length; block++)
        {
            ref readonly var seen = ref digest.Blocks[block];
            if (seen.FirstCensusTicks != 0 && seen.FirstCensusTicks <= at.UtcTicks && seen.LastCensusTicks >= from
                && (last is null || Math.Min(seen.LastCensusTicks, at.UtcTicks) >= last.Value.Ticks))
                last = (block, Math.Min(seen.LastCensusTicks, at.UtcTicks));
        }
        return last;
    }

    private static byte[]? DiagnosisOf(RecordArchive archive, HistoryItem item)
    {
        var line = archive.LineOf(item);
        return EventReader.Read(line, out _, out var document) == LineKind.Event && !document.Equals(default)
            ? line[document].ToArray() : null;
    }

    private static RecordedMoment.Sight? Sight(RecordArchive archive, int number, DateTimeOffset at)
    {
        using var segment = archive.OpenSegment(number);
        // Its recorder may have closed it since, and its parts are others then.
        if (segment is null || LastCensus(segment.Digest, at) is not (var block, _))
            return null;
        var blocks = segment.Digest.Blocks;
        var start = block;
        // Back to a census that is whole and old enough: the first of a segment always is.
        while (start > 0 && (blocks[start].HasWholeCensus == 0 || blocks[start].FirstCensusTicks > at.UtcTicks))
            start--;
        var sight = Run(start);
        // What was whole in that part may stand after the moment, or after a census that says "the same".
        while (sight is null && start > 0)
            sight = Run(--start);
        return sight is not null && at - sight.Taken <= CensusWithin ? sight : null;

        // An event is told a moment after it happened: its line may stand in the next part.
        RecordedMoment.Sight? Run(int first) => CensusReplay.Run(segment.Reader, first, block + 1, (_, time) => time <= at,
            isByTime: true);
    }

    /// <summary>The sockets after some events.</summary>
    internal static ImmutableArray<CensusRow> Apply(ImmutableArray<CensusRow> sockets, IEnumerable<PortEvent> events)
    {
        var rows = sockets.ToList();
        foreach (var happened in events)
        {
            if (happened is not { Protocol: { } protocol, Address: { } address })
                continue;
            switch (happened.Kind)
            {
                case PortEventKind.Bind or PortEventKind.Listen:
                    // One that was bound and now listens is the same socket.
                    var isListening = happened.Kind == PortEventKind.Listen;
                    if (isListening && Find(happened.ProcessId, static row => row.State != Listening) is >= 0 and var bound)
                        rows.RemoveAt(bound);
                    var state = isListening ? Listening : protocol == Protocol.Tcp ? "BOUND" : "UNCONN";
                    rows.Add(new CensusRow(protocol, address, state, happened.NetworkNamespace ?? 0, happened.ProcessId, happened.Program,
                        happened.UserId, address.StartsWith("[::]:", StringComparison.Ordinal) && happened.Options is { } options
                            ? !options.Contains(V6Only) : null));
                    break;
                case PortEventKind.Closed when FindAny(happened.ProcessId) is >= 0 and var closed:
                    rows.RemoveAt(closed);
                    break;
                case PortEventKind.OwnerChanged when FindAny(happened.PreviousProcessId ?? 0) is >= 0 and var passed:
                    rows[passed] = rows[passed] with { ProcessId = happened.ProcessId, Program = happened.Program };
                    break;
            }

            // Several sockets may have one address: an event is about that of its process, else about one whose process nobody could see.
            int Find(int processId, Predicate<CensusRow> isMeant)
            {
                var own = rows.FindIndex(row => IsThere(row) && row.ProcessId == processId && isMeant(row));
                return own >= 0 ? own : rows.FindIndex(row => IsThere(row) && row.ProcessId == 0 && isMeant(row));
            }

            int FindAny(int processId) => Find(processId, static _ => true) is >= 0 and var known ? known : rows.FindIndex(IsThere);

            bool IsThere(CensusRow row) => row.Protocol == protocol && row.Address == address;
        }
        return [.. rows];
    }

    private static TimeSpan Distance(PortEvent happened, DateTimeOffset at)
    {
        var last = happened.LastTime ?? happened.Time;
        return at < happened.Time ? happened.Time - at : at > last ? at - last : TimeSpan.Zero;
    }

    private static DateTimeOffset Moved(DateTimeOffset time, TimeSpan by) =>
        new(Math.Clamp(time.UtcTicks + by.Ticks, 0, DateTime.MaxValue.Ticks), TimeSpan.Zero);
}

/// <summary>A line of a record.</summary>
internal readonly record struct RecordPlace(int Segment, LinePlace Line)
{
    /// <summary>Which line was written first.</summary>
    public static Comparer<RecordPlace> Order { get; } = Comparer<RecordPlace>.Create(static (one, other) =>
        (one.Segment, one.Line.Block, one.Line.Offset).CompareTo((other.Segment, other.Line.Block, other.Line.Offset)));

    public static RecordPlace Of(int segment, in DigestEntry entry) => new(segment, new LinePlace(entry.Block, entry.Offset));
}

/// <summary>Where a record goes on after a time of which it has no events.</summary>
/// <param name="Place">The line that says so.</param>
/// <param name="Entry">Which event of its segment that is; null for the beginning of all.</param>
/// <param name="IsLoss">Events were lost; false: no recorder ran.</param>
internal readonly record struct RecordGap(RecordPlace Place, int? Entry, bool IsLoss);

/// <summary>The sockets that a record knows at one of its lines: the last census that is whole, and the events since.</summary>
[SupportedOSPlatform("linux")]
internal static class CensusReplay
{
    /// <summary>What some parts of a segment say; null without a census that is whole.</summary>
    /// <param name="isAsked">Which lines count, by where they stand and when they were written.</param>
    /// <param name="isByTime">By their times, of which a clock that went back gives some twice; false: by their order alone.</param>
    public static RecordedMoment.Sight? Run(SegmentReader reader, int start, int end, Func<LinePlace, DateTimeOffset, bool> isAsked,
        bool isByTime)
    {
        var census = new GatheredCensus();
        RecordedMoment.Sight? last = null;
        var since = new List<PortEvent>();
        for (var number = start; number < reader.Blocks.Count && number <= end; number++)
        {
            // What was passed over may have been a census.
            if (number > start && reader.Blocks[number - 1] is var before && before.Offset + before.Length != reader.Blocks[number].Offset)
                census.Take(null);
            reader.WalkBlock(number, (line, place) =>
            {
                switch (EventReader.Read(line, out var happened, out var _))
                {
                    case LineKind.Unreadable:
                        census.Take(null);
                        break;
                    case LineKind.Event when isAsked(place, happened!.Time):
                        since.Add(happened);
                        break;
                    // The census that another is the same as stands before it, with a later time where the clock went back between them.
                    case LineKind.Census when census.Take(RecordedCensusReader.Read(line)) && isAsked(place, census.Taken)
                        && (!isByTime || last is null || census.Taken >= last.Taken):
                        last = new(census.Taken, census.Facts!.Sockets, 0, census.Facts.Omitted);
                        since.Clear();
                        break;
                }
            });
        }
        if (last is null)
            return null;
        // An event is told a moment after it happened, and a census of that look or of a later one has it already.
        var later = since.FindAll(happened => happened.Time > last.Taken || (!isByTime && RecordOrder.WentBack(last.Taken, happened.Time)));
        return last with { Sockets = MomentFinder.Apply(last.Sockets, later), Events = later.Count };
    }

    /// <summary>What is known before a line, however old it is; null where nothing is.</summary>
    public static RecordedMoment.Sight? Before(RecordArchive archive, RecordPlace place)
    {
        for (var number = place.Segment; number >= 0; number--)
        {
            using var segment = archive.OpenSegment(number);
            if (segment is null)
                continue;
            var last = segment.Reader.Blocks.Count - 1;
            var end = number == place.Segment ? Math.Min(place.Line.Block, last) : last;
            for (var start = end; start >= 0; start--)
            {
                if (segment.Digest.Blocks[start].HasWholeCensus != 0 && Run(segment.Reader, start, end,
                    (line, _) => number != place.Segment || IsBefore(line, place.Line), isByTime: false) is { } sight)
                    return sight;
            }
        }
        return null;
    }

    /// <summary>
    /// The first census after a gap, and where it stands, before the recorder was started again; null where there is none. One that is the
    /// same as before tells of a loss that no port changed meanwhile.
    /// </summary>
    public static (RecordedMoment.Sight Sight, RecordPlace Place)? After(RecordArchive archive, RecordGap gap)
    {
        var place = gap.Place;
        var census = new GatheredCensus();
        (RecordedMoment.Sight, RecordPlace)? first = null;
        var isOver = false;
        for (var number = place.Segment; number < archive.Segments.Count && !isOver; number++)
        {
            using var segment = archive.OpenSegment(number);
            if (segment is null)
                return null;
            // A recorder may have compressed the segment since the gap was found: its lines then stand elsewhere.
            if (number == place.Segment && gap.Entry is { } entry && entry < segment.Digest.Entries.Length)
                place = place with { Line = new(segment.Digest.Entries[entry].Block, segment.Digest.Entries[entry].Offset) };
            for (var block = number == place.Segment ? place.Line.Block : 0; block < segment.Reader.Blocks.Count && !isOver; block++)
            {
                segment.Reader.WalkBlock(block, (line, at) =>
                {
                    if (isOver || (number == place.Segment && !IsBefore(place.Line, at)))
                        return;
                    switch (EventReader.Read(line, out var happened, out var _))
                    {
                        case LineKind.Unreadable:
                            census.Take(null);
                            break;
                        case LineKind.Event when happened!.Kind == PortEventKind.RecorderStarted:
                            isOver = true;
                            break;
                        case LineKind.Census:
                            var read = RecordedCensusReader.Read(line);
                            if (census.Take(read) && census.Facts is { } facts)
                                first = (new(census.Taken, facts.Sockets, 0, facts.Omitted), new(number, at));
                            isOver = first is not null || (gap.IsLoss && read is { Facts: null });
                            break;
                    }
                });
            }
        }
        return first;
    }

    private static bool IsBefore(LinePlace one, LinePlace other) => (one.Block, one.Offset).CompareTo((other.Block, other.Offset)) < 0;
}

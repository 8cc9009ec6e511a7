using System.Runtime.Versioning;
using Bindwise.Recording.Census;
using Bindwise.Recording.Events;
using Bindwise.Recording.Segments;

namespace Bindwise.Recording.History;

/// <summary>A line of a record.</summary>
/// <param name="Segment">The segment's number.</param>
/// <param name="Line">Where in it.</param>
internal readonly record struct RecordPlace(int Segment, LinePlace Line)
{
    /// <summary>Which line was written first.</summary>
    public static Comparer<RecordPlace> Order { get; } = Comparer<RecordPlace>.Create(static (one, other) =>
        (one.Segment, one.Line.Block, one.Line.Offset).CompareTo((other.Segment, other.Line.Block, other.Line.Offset)));
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
    /// <param name="reader">The segment.</param>
    /// <param name="start">The first part.</param>
    /// <param name="end">The last.</param>
    /// <param name="isAsked">Which lines count, by where they stand and when they were written.</param>
    /// <param name="isByTime">By their times, of which a clock that went back gives some twice; false: by their order alone.</param>
    public static RecordedMoment.Sight? Run(SegmentReader reader, int start, int end, Func<LinePlace, DateTimeOffset, bool> isAsked,
        bool isByTime)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(isAsked);
        var census = new GatheredCensus();
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
                    case LineKind.Census when RecordedCensusReader.Read(line) is var read
                        && (read is null || (isAsked(place, read.Time) && (!isByTime || read.Time >= census.Taken)))
                        && census.Take(read):
                        since.Clear();
                        break;
                }
            });
        }
        if (census.Facts is not { } facts)
            return null;
        // An event is told a moment after it happened, and a census of that look or of a later one has it already.
        var later = since.FindAll(happened => happened.Time > census.Taken
            || (!isByTime && RecordOrder.WentBack(census.Taken, happened.Time)));
        return new RecordedMoment.Sight(census.Taken, MomentFinder.Apply(facts.Sockets, later), later.Count, facts.Omitted);
    }

    /// <summary>What is known before a line, however old it is; null where nothing is.</summary>
    public static RecordedMoment.Sight? Before(RecordArchive archive, RecordPlace place)
    {
        ArgumentNullException.ThrowIfNull(archive);
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
        ArgumentNullException.ThrowIfNull(archive);
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

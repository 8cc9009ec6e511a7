using System.Runtime.Versioning;
using Bindwise.Recording.Census;
using Bindwise.Recording.Events;
using Bindwise.Recording.Segments;

namespace Bindwise.Recording.History;

/// <summary>A line of a record.</summary>
/// <param name="Segment">The segment's number.</param>
/// <param name="Line">Where in it.</param>
internal readonly record struct RecordPlace(int Segment, LinePlace Line);

/// <summary>The sockets that a record knows at one of its lines: the last census that is whole, and the events since.</summary>
[SupportedOSPlatform("linux")]
internal static class CensusReplay
{
    /// <summary>What some parts of a segment say; null without a census that is whole.</summary>
    /// <param name="reader">The segment.</param>
    /// <param name="start">The first part.</param>
    /// <param name="end">The last.</param>
    /// <param name="isAsked">Which lines count, by where they stand and when they were written.</param>
    public static RecordedMoment.Sight? Run(SegmentReader reader, int start, int end, Func<LinePlace, DateTimeOffset, bool> isAsked)
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
                        && (read is null || (isAsked(place, read.Time) && read.Time >= census.Taken)) && census.Take(read):
                        since.Clear();
                        break;
                }
            });
        }
        if (census.Facts is not { } facts)
            return null;
        var later = since.FindAll(happened => happened.Time >= census.Taken);
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
                    (line, _) => number != place.Segment || IsBefore(line, place.Line)) is { } sight)
                    return sight;
            }
        }
        return null;
    }

    /// <summary>The first census after a line, before the recorder was started again; null where there is none.</summary>
    public static RecordedMoment.Sight? After(RecordArchive archive, RecordPlace place)
    {
        ArgumentNullException.ThrowIfNull(archive);
        var census = new GatheredCensus();
        RecordedMoment.Sight? first = null;
        var isOver = false;
        for (var number = place.Segment; number < archive.Segments.Count && !isOver; number++)
        {
            using var segment = archive.OpenSegment(number);
            if (segment is null)
                return null;
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
                        case LineKind.Census when census.Take(RecordedCensusReader.Read(line)) && census.Facts is { } facts:
                            first = new RecordedMoment.Sight(census.Taken, facts.Sockets, 0, facts.Omitted);
                            isOver = true;
                            break;
                    }
                });
            }
        }
        return first;
    }

    private static bool IsBefore(LinePlace one, LinePlace other) => (one.Block, one.Offset).CompareTo((other.Block, other.Offset)) < 0;
}

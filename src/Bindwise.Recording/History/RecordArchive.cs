using System.Runtime.Versioning;
using Bindwise.Recording.Events;
using Bindwise.Recording.Segments;

namespace Bindwise.Recording.History;

/// <summary>An event of the record, and which line it is: the same when its recorder closes the segment meanwhile.</summary>
internal sealed class HistoryItem
{
    private readonly PortEvent? _inferred;
    private readonly SegmentDigest? _digest;

    /// <param name="digest">What the segment says.</param>
    /// <param name="segment">The segment's number.</param>
    /// <param name="entry">The number of the event in it.</param>
    public HistoryItem(SegmentDigest digest, int segment, int entry)
    {
        ArgumentNullException.ThrowIfNull(digest);
        ref readonly var line = ref digest.Entries[entry];
        (_digest, Entry, Length, Place) = (digest, entry, line.Length, new RecordPlace(segment, new LinePlace(line.Block, line.Offset)));
    }

    private HistoryItem(PortEvent inferred, RecordPlace place) => (_inferred, Entry, Place) = (inferred, -1, place);

    /// <summary>The event, without its diagnosis, made anew at each call: a record may have millions, and digests are small.</summary>
    public PortEvent Event => _inferred ?? _digest!.EventOf(_digest.Entries[Entry]);

    public DateTimeOffset Time => _inferred?.Time ?? new DateTimeOffset(_digest!.Entries[Entry].TimeTicks, TimeSpan.Zero);

    /// <summary>The number of the event in its segment.</summary>
    public int Entry { get; }

    /// <summary>How long the line is, in bytes.</summary>
    public int Length { get; }

    /// <summary>Where that line stands; of an event that no line tells, the line from which it follows.</summary>
    public RecordPlace Place { get; }

    /// <summary>No line tells the event: it follows from two censuses.</summary>
    public bool IsInferred => _inferred is not null;

    /// <summary>It concerns the whole host, and so whatever is asked for.</summary>
    public bool IsOfHost => HistoryQuery.IsOfHost(_inferred?.Kind ?? (PortEventKind)_digest!.Entries[Entry].Kind);

    /// <summary>An event that no line tells.</summary>
    public static HistoryItem Inferred(PortEvent happened, RecordPlace place) => new(happened, place);
}

/// <summary>A segment that is open to be read.</summary>
/// <param name="Reader">Its lines.</param>
/// <param name="Digest">What they say.</param>
[SupportedOSPlatform("linux")]
internal sealed record ArchiveSegment(SegmentReader Reader, SegmentDigest Digest) : IDisposable
{
    /// <summary>An event's line; empty where it is no longer there.</summary>
    public ReadOnlySpan<byte> LineOf(in DigestEntry entry) => Reader.Line(new LinePlace(entry.Block, entry.Offset), entry.Length);

    /// <inheritdoc/>
    public void Dispose() => Reader.Dispose();
}

/// <summary>A store, to be asked. What could not be read is counted on the way.</summary>
[SupportedOSPlatform("linux")]
internal sealed class RecordArchive : IDisposable
{
    /// <summary>A search looks so often whether it is given up, in events.</summary>
    private const int EventsAtOnce = 4096;

    private readonly StoreFolder _folder;
    private readonly Dictionary<int, SegmentDigest> _digests = [];
    private readonly SortedDictionary<int, string> _faults = [];
    private readonly Dictionary<int, SkippedLines> _skipped = [];
    private int _keptEntries;
    private (int Number, ArchiveSegment Segment)? _last;

    private RecordArchive(StoreFolder folder)
    {
        _folder = folder;
        Segments = folder.Segments();
    }

    /// <summary>The segments, the oldest first.</summary>
    public IReadOnlyList<SegmentFile> Segments { get; }

    /// <summary>Digests are kept, to be read once, up to so many entries, of some 300 bytes: a record of 1 GB has millions.</summary>
    public int MostKeptEntries { get; set; } = 100_000;

    /// <summary>What was passed over so far.</summary>
    public SkippedLines Skipped => _skipped.Values.Aggregate(default(SkippedLines), static (all, one) => all + one);

    /// <summary>The last search had more to tell than was asked for, and left the oldest out.</summary>
    public bool LeftOutOlder { get; private set; }

    /// <summary>Opens the store of a directory.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="isMissing">There is no record.</param>
    /// <param name="fault">What is wrong, one clause; null where nothing is.</param>
    public static RecordArchive? Open(string directory, out bool isMissing, out string? fault)
    {
        if (StoreFolder.OpenToRead(directory, out isMissing, out fault) is not { } folder)
            return null;
        var archive = new RecordArchive(folder);
        if (archive.Segments.Count > 0)
            return archive;
        archive.Dispose();
        isMissing = true;
        return null;
    }

    /// <summary>What could not be read, each one line.</summary>
    public IEnumerable<string> Notes()
    {
        foreach (var fault in _faults.Values)
            yield return fault;
        var skipped = Skipped;
        if (skipped.Lines > 0)
            yield return $"{_folder.Path}: skipped {Counted(skipped.Lines, "line")} {SkippedLines.Reason}";
        if (skipped.Bytes > 0)
            yield return $"{_folder.Path}: skipped {Counted(skipped.Bytes, "byte")} {SkippedLines.Reason}";
        if (skipped.UnknownEvents > 0)
            yield return $"{_folder.Path}: skipped {Counted(skipped.UnknownEvents, "event")} of a newer bindwise";
    }

    private static string Counted(long count, string what) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");

    /// <summary>The events that a query asks for, the oldest first. Each is read when it is asked for.</summary>
    public IEnumerable<HistoryItem> Find(HistoryQuery query, CancellationToken cancellation = default) =>
        RecordOrder.Of(ReadFrom(FirstOf(query, null, cancellation), query, cancellation));

    /// <summary>Which event is the oldest that a query has room for.</summary>
    /// <param name="query">What is asked.</param>
    /// <param name="gaps">Takes where what is searched goes on after a gap, whatever is asked; null for nobody who wants to know.</param>
    /// <param name="cancellation">Gives the search up.</param>
    public (int Segment, int Entry) FirstOf(HistoryQuery query, List<RecordGap>? gaps, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(query);
        var (first, events, bytes) = ((Segment: Segments.Count, Entry: 0), 0, 0L);
        LeftOutOlder = false;
        for (var number = Segments.Count - 1; number >= 0 && !LeftOutOlder; number--)
        {
            cancellation.ThrowIfCancellationRequested();
            if (DigestOf(number) is not { } digest)
                continue;
            for (var place = digest.Entries.Length - 1; place >= 0 && !LeftOutOlder; place--)
            {
                if (place % EventsAtOnce == 0)
                    cancellation.ThrowIfCancellationRequested();
                ref readonly var entry = ref digest.Entries[place];
                // One with more words is of failed calls, which change no port.
                var isLoss = entry is { Kind: (byte)PortEventKind.Lost, Summary: < 0 };
                if (isLoss || entry.Kind == (byte)PortEventKind.RecorderStarted)
                    gaps?.Add(new RecordGap(new RecordPlace(number, new LinePlace(entry.Block, entry.Offset)), place, isLoss));
                if (!query.Covers(digest, entry))
                    continue;
                LeftOutOlder = !query.HasRoom(events++, bytes += entry.Length);
                if (!LeftOutOlder)
                    first = (number, place);
            }
        }
        gaps?.Reverse();
        return first;
    }

    /// <summary>The same from one of them on, in the order of their lines.</summary>
    public IEnumerable<HistoryItem> ReadFrom((int Segment, int Entry) first, HistoryQuery query, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(query);
        for (var number = first.Segment; number < Segments.Count; number++)
        {
            if (DigestOf(number) is not { } digest)
                continue;
            for (var place = number == first.Segment ? first.Entry : 0; place < digest.Entries.Length; place++)
            {
                if (place % EventsAtOnce == 0)
                    cancellation.ThrowIfCancellationRequested();
                if (query.Covers(digest, digest.Entries[place]))
                    yield return new HistoryItem(digest, number, place);
            }
        }
    }

    /// <summary>The newest of some items, as many as a query asks for.</summary>
    public List<HistoryItem> Newest(HistoryQuery query, List<HistoryItem> items)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(items);
        var (first, bytes) = (items.Count, 0L);
        while (first > 0 && query.HasRoom(items.Count - first, bytes += items[first - 1].Length))
            first--;
        LeftOutOlder |= first > 0;
        return first == 0 ? items : items[first..];
    }

    /// <summary>Opens a segment; null, with a note, where it cannot be read.</summary>
    public ArchiveSegment? OpenSegment(int number)
    {
        var file = Segments[number];
        var reader = SegmentReader.Open(_folder, file, out var fault);
        if (reader is null && !file.IsCompressed)
        {
            // Its recorder may have closed it since.
            file = file with { Name = SegmentName.Stem(file.Begins) + SegmentName.Compressed, IsCompressed = true };
            reader = SegmentReader.Open(_folder, file, out _);
        }
        if (reader is not null)
        {
            var digest = DigestFile.Of(_folder, file, reader);
            _skipped[number] = digest.Skipped;
            return new ArchiveSegment(reader, digest);
        }
        _faults[number] = $"{Segments[number].Name} in {_folder.Path} cannot be read: {fault}";
        return null;
    }

    private SegmentDigest? DigestOf(int number)
    {
        if (_digests.TryGetValue(number, out var known))
            return known;
        using var segment = OpenSegment(number);
        if (segment is not null && _keptEntries + segment.Digest.Entries.Length <= MostKeptEntries)
        {
            _keptEntries += segment.Digest.Entries.Length;
            _digests.Add(number, segment.Digest);
        }
        return segment?.Digest;
    }

    /// <summary>An event's line as it was recorded; empty where it is no longer there, or another.</summary>
    public ReadOnlySpan<byte> LineOf(HistoryItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        var number = item.Place.Segment;
        if (_last?.Number != number)
        {
            _last?.Segment.Dispose();
            _last = OpenSegment(number) is { } opened ? (number, opened) : null;
        }
        if (_last is not { } known || item.Entry >= known.Segment.Digest.Entries.Length)
            return [];
        ref readonly var entry = ref known.Segment.Digest.Entries[item.Entry];
        var line = entry.Length == item.Length ? known.Segment.LineOf(entry) : [];
        return EventReader.Read(line, out _, out _) == LineKind.Event ? line : [];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _last?.Segment.Dispose();
        _folder.Dispose();
    }
}

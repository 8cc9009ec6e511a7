namespace Bindwise.Recording.History;

/// <summary>An event of the record, and which line it is: the same when its recorder closes the segment meanwhile.</summary>
internal sealed class HistoryItem
{
    private readonly PortEvent? _inferred;
    private readonly SegmentDigest? _digest;

    public HistoryItem(SegmentDigest digest, int segment, int entry)
    {
        ref readonly var line = ref digest.Entries[entry];
        (_digest, Entry, Length, Place) = (digest, entry, line.Length, RecordPlace.Of(segment, line));
    }

    /// <summary>An event that no line tells.</summary>
    public HistoryItem(PortEvent inferred, RecordPlace place) => (_inferred, Entry, Place) = (inferred, -1, place);

    /// <summary>The event, without its diagnosis, made anew at each call: a record may have millions, and digests are small.</summary>
    public PortEvent Event => _inferred ?? _digest!.EventOf(_digest.Entries[Entry]);

    public DateTimeOffset Time => _inferred?.Time ?? new DateTimeOffset(_digest!.Entries[Entry].TimeTicks, TimeSpan.Zero);

    public bool HasDiagnosis => _digest?.Entries[Entry].Flags.HasFlag(DigestFlags.HasDiagnosis) == true;

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
}

/// <summary>A segment that is open to be read.</summary>
[SupportedOSPlatform("linux")]
internal sealed record ArchiveSegment(SegmentReader Reader, SegmentDigest Digest) : IDisposable
{
    /// <summary>An event's line; empty where it is no longer there.</summary>
    public ReadOnlySpan<byte> LineOf(in DigestEntry entry) => Reader.Line(new LinePlace(entry.Block, entry.Offset), entry.Length);

    public void Dispose() => Reader.Dispose();
}

/// <summary>A store, to be asked. What could not be read is counted on the way.</summary>
[SupportedOSPlatform("linux")]
internal sealed class RecordArchive(StoreFolder folder) : IDisposable
{
    /// <summary>A search looks so often whether it is given up, in events.</summary>
    private const int EventsAtOnce = 4096;

    private readonly Dictionary<int, SegmentDigest> _digests = [];
    private readonly SortedDictionary<int, string> _faults = [];
    private readonly Dictionary<int, SkippedLines> _skipped = [];
    private int _keptEntries;
    private (int Number, ArchiveSegment Segment)? _last;

    /// <summary>The segments, the oldest first.</summary>
    public IReadOnlyList<SegmentFile> Segments { get; } = folder.Segments();

    /// <summary>Digests are kept, to be read once, up to so many entries, of some 300 bytes: a record of 1 GB has millions.</summary>
    public int MostKeptEntries { get; set; } = 100_000;

    /// <summary>What was passed over so far.</summary>
    public SkippedLines Skipped => _skipped.Values.Aggregate(default(SkippedLines), static (all, one) => all + one);

    /// <summary>The last search had more to tell than was asked for, and left the oldest out.</summary>
    public bool LeftOutOlder { get; private set; }

    /// <summary>When the sockets were looked at last: until then what is held is known to be; null where they never were.</summary>
    public DateTimeOffset? LastCensus()
    {
        for (var number = Segments.Count - 1; number >= 0; number--)
        {
            using var segment = OpenSegment(number);
            var ticks = segment?.Digest.Blocks.Select(static block => block.LastCensusTicks).DefaultIfEmpty(0).Max() ?? 0;
            if (ticks > 0)
                return new DateTimeOffset(ticks, TimeSpan.Zero);
        }
        return null;
    }

    /// <summary>Opens the store of a directory.</summary>
    public static RecordArchive? Open(string directory, out bool isMissing, out string? fault)
    {
        if (StoreFolder.OpenToRead(directory, out isMissing, out fault) is not { } opened)
            return null;
        var archive = new RecordArchive(opened);
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
            yield return $"{folder.Path}: skipped {Counted(skipped.Lines, "line")} {SkippedLines.Reason}";
        if (skipped.Bytes > 0)
            yield return $"{folder.Path}: skipped {Counted(skipped.Bytes, "byte")} {SkippedLines.Reason}";
        if (skipped.UnknownEvents > 0)
            yield return $"{folder.Path}: skipped {Counted(skipped.UnknownEvents, "event")} of a newer bindwise";
    }

    private static string Counted(long count, string what) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");

    /// <summary>The events that a query asks for, the oldest first. Each is read when it is asked for.</summary>
    public IEnumerable<HistoryItem> Find(HistoryQuery query, CancellationToken cancellation = default)
    {
        query = WithHolders(query, cancellation);
        return RecordOrder.Of(ReadFrom(FirstOf(query, null, cancellation), query, cancellation));
    }

    /// <summary>A query for a program, with who held what of it: the whole record says that, beside what the query knows already.</summary>
    public HistoryQuery WithHolders(HistoryQuery query, CancellationToken cancellation)
    {
        if (query.Program is null || query.IsFailedOnly)
            return query;
        query = query with { Holders = query.Holders ?? new ProgramHolders() };
        for (var number = 0; number < Segments.Count; number++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (DigestOf(number) is not { } digest)
                continue;
            foreach (ref readonly var entry in digest.Entries.AsSpan())
            {
                if ((PortEventKind)entry.Kind is PortEventKind.Listen or PortEventKind.Bind or PortEventKind.OwnerChanged)
                    query.Holders.Add(digest.EventOf(entry), RecordPlace.Of(number, entry), query.IsOfProgram(digest, entry, number));
            }
        }
        return query;
    }

    /// <summary>Which event is the oldest that a query has room for.</summary>
    /// <param name="gaps">Takes where what is searched goes on after a gap, whatever is asked; null for nobody who wants to know.</param>
    public (int Segment, int Entry) FirstOf(HistoryQuery query, List<RecordGap>? gaps, CancellationToken cancellation)
    {
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
                    gaps?.Add(new RecordGap(RecordPlace.Of(number, entry), place, isLoss));
                if (!query.Covers(digest, entry, number))
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
        for (var number = first.Segment; number < Segments.Count; number++)
        {
            if (DigestOf(number) is not { } digest)
                continue;
            for (var place = number == first.Segment ? first.Entry : 0; place < digest.Entries.Length; place++)
            {
                if (place % EventsAtOnce == 0)
                    cancellation.ThrowIfCancellationRequested();
                if (query.Covers(digest, digest.Entries[place], number))
                    yield return new HistoryItem(digest, number, place);
            }
        }
    }

    /// <summary>The newest of some items, as many as a query asks for.</summary>
    public List<HistoryItem> Newest(HistoryQuery query, List<HistoryItem> items)
    {
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
        var reader = SegmentReader.Open(folder, file, out var fault);
        if (reader is null && !file.IsCompressed)
        {
            // Its recorder may have closed it since.
            file = file with { Name = SegmentName.Stem(file.Begins) + SegmentName.Compressed, IsCompressed = true };
            reader = SegmentReader.Open(folder, file, out _);
        }
        if (reader is not null)
        {
            var digest = DigestFile.Of(folder, file, reader);
            _skipped[number] = digest.Skipped;
            // One that is open may still be empty; no recorder closes one that is.
            if (file.IsCompressed && reader.Status.LengthBytes == 0)
                _faults[number] = $"{file.Name} in {folder.Path} is empty: what it held is lost";
            return new ArchiveSegment(reader, digest);
        }
        _faults[number] = $"{Segments[number].Name} in {folder.Path} cannot be read: {fault}";
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

    public void Dispose()
    {
        _last?.Segment.Dispose();
        folder.Dispose();
    }
}

/// <summary>
/// In which order a record tells its events: by time, as long as the clock went on; where it went back, what was recorded before comes
/// before, whatever its time says.
/// </summary>
internal static class RecordOrder
{
    /// <summary>An event is told so long after it happened at most: an earlier time is of a clock that went back.</summary>
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);

    /// <summary>Whether the clock was set back between what was recorded at one time and, later, at another.</summary>
    public static bool WentBack(DateTimeOffset before, DateTimeOffset after) => before - after > LongestDelay;

    /// <summary>The items, which come in the order of their lines, in that order. Those of seconds are held back, not all.</summary>
    public static IEnumerable<HistoryItem> Of(IEnumerable<HistoryItem> items)
    {
        var held = new PriorityQueue<HistoryItem, (DateTimeOffset Time, long Number)>();
        var (latest, number) = (DateTimeOffset.MinValue, 0L);
        foreach (var item in items)
        {
            var isBack = WentBack(latest, item.Time);
            latest = isBack || item.Time > latest ? item.Time : latest;
            // Before these nothing can come any more.
            while (held.TryPeek(out var first, out _) && (isBack || latest - first.Time >= LongestDelay))
                yield return held.Dequeue();
            held.Enqueue(item, (item.Time, number++));
        }
        while (held.TryDequeue(out var last, out _))
            yield return last;
    }
}

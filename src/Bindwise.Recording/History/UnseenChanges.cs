using Bindwise.Rendering.History;

namespace Bindwise.Recording.History;

/// <summary>
/// What happened while no recorder ran, or events were lost: a record has no event of that, only the first census that comes next. Who was
/// there already when what is told begins, and who is gone or new after each gap, are told as events of that census.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class UnseenChanges
{
    // Before the first line.
    private static readonly RecordPlace Beginning = new(0, new(0, -1));

    /// <summary>The events that a query asks for, and these among them, the oldest first; unbounded, they are read one by one.</summary>
    public static IEnumerable<HistoryItem> FindAll(RecordArchive archive, HistoryQuery query, CancellationToken cancellation = default)
    {
        query = archive.WithHolders(query, cancellation);
        var gaps = new List<RecordGap>();
        var items = archive.ReadFrom(archive.FirstOf(query, gaps, cancellation), query, cancellation);
        if (query.IsFailedOnly || archive.Segments.Count == 0)
            return RecordOrder.Of(items);
        var (held, changes) = (new List<Change>(), new List<Change>());
        // Who was there when what is told begins is older than what is left out.
        var isKnown = archive.LeftOutOlder;
        // The oldest lines may have been dropped, and their recorder's start with them.
        if (!isKnown)
            gaps.Insert(0, new RecordGap(Beginning, Entry: null, IsLoss: false));
        if (!isKnown && query.Since is { } since && MomentFinder.SocketsAt(archive, since, cancellation) is { } then
            && !(then.Taken > query.Until))
        {
            // The census is older than the moment that was asked about, and what it shows may be younger.
            held.AddRange(HeldAt(then, since, Beginning));
            isKnown = true;
        }
        RecordPlace? reported = null;
        foreach (var gap in gaps)
        {
            cancellation.ThrowIfCancellationRequested();
            // Of two gaps without a census between them the first is told.
            if (CensusReplay.After(archive, gap) is not (var first, var place) || place == reported || first.Taken < query.Since
                || first.Taken > query.Until)
                continue;
            reported = place;
            if (isKnown && CensusReplay.Before(archive, place) is { } last)
                changes.AddRange(Between(last, first, place, gap.IsLoss));
            else
                held.AddRange(HeldAt(first, first.Taken, gap.Place));
            isKnown = true;
        }
        // Who took over from the program is known only now, and with that whose its end is.
        var isPassedOn = false;
        foreach (var change in query.Holders is null ? [] : changes)
        {
            if (change.Event.Kind != PortEventKind.OwnerChanged || !IsOfProgram(query, change, change.Place))
                continue;
            query.Holders!.Add(change.Event, change.Place, isOfProgram: true);
            isPassedOn = true;
        }
        if (isPassedOn)
        {
            query = archive.WithHolders(query, cancellation);
            items = archive.ReadFrom(archive.FirstOf(query, null, cancellation), query, cancellation);
        }
        changes.RemoveAll(change => !IsAsked(query, change, change.Place));
        // Of who was there at the beginning all is known that stands before what is told.
        var beginning = items.FirstOrDefault()?.Place ?? new RecordPlace(archive.Segments.Count, default);
        // All that is told is read once more, and kept nowhere.
        held.RemoveAll(change => !IsAsked(query, change, change.Place == Beginning ? beginning : change.Place));
        var heldAt = held.Concat(changes.Where(static change => change.Event.Reason == UnseenReason.HeldBefore))
            .ToLookup(static change => (change.Event.Protocol, change.Event.Address));
        var shown = new Places();
        var begun = new HashSet<Change>(ReferenceEqualityComparer.Instance);
        foreach (var item in heldAt.Count == 0 ? [] : items)
        {
            cancellation.ThrowIfCancellationRequested();
            shown.Add(item.Event);
            AddBegun(item.Event, item.Place);
        }
        foreach (var change in held.Count == 0 ? [] : changes)
        {
            shown.Add(change.Event);
            AddBegun(change.Event, change.Place);
        }
        held.RemoveAll(change => begun.Contains(change) || (query.Targets.IsEmpty && !shown.Has(change.Event)));
        changes.RemoveAll(begun.Contains);
        var all = RecordOrder.Of(Among(items, [.. held.Concat(changes).OrderBy(static change => change.Place, RecordPlace.Order)
            .Select(static change => new HistoryItem(change.Event, change.Place))]));
        return query.IsBounded ? archive.Newest(query, [.. all]) : all;

        // Whose start is told needs no line of the census that shows it. An event is written a look later, so after that census: what was
        // written before it is an earlier start.
        void AddBegun(PortEvent one, RecordPlace place)
        {
            if (one.Kind is PortEventKind.Listen or PortEventKind.Bind or PortEventKind.OwnerChanged)
                begun.UnionWith(heldAt[(one.Protocol, one.Address)].Where(change => one.Time <= change.Event.Time
                    && (one.ProcessId == change.Event.ProcessId || one.ProcessId == 0 || change.Event.ProcessId == 0)
                    && RecordPlace.Order.Compare(change.Place, place) < 0));
        }
    }

    // What follows from a line comes before its event.
    private static IEnumerable<HistoryItem> Among(IEnumerable<HistoryItem> items, List<HistoryItem> inferred)
    {
        var next = 0;
        foreach (var item in items)
        {
            for (; next < inferred.Count && RecordPlace.Order.Compare(inferred[next].Place, item.Place) <= 0; next++)
                yield return inferred[next];
            yield return item;
        }
        for (; next < inferred.Count; next++)
            yield return inferred[next];
    }

    private static IEnumerable<Change> HeldAt(RecordedMoment.Sight sight, DateTimeOffset time, RecordPlace place) =>
        sight.Sockets.Select(row => Held(row, time, place));

    /// <summary>From what was known last to the first census after a gap.</summary>
    private static IEnumerable<Change> Between(RecordedMoment.Sight last, RecordedMoment.Sight first, RecordPlace line, bool isLoss)
    {
        var before = last.Sockets.ToLookup(static row => (row.Protocol, row.Address));
        var after = first.Sockets.ToLookup(static row => (row.Protocol, row.Address));
        foreach (var place in before.Select(static group => group.Key).Union(after.Select(static group => group.Key)))
        {
            var (old, now) = (before[place].ToList(), after[place].ToList());
            foreach (var row in before[place])
            {
                // Who holds a socket may have been hidden from one of the two.
                var same = now.FindIndex(one => one.ProcessId == row.ProcessId) is >= 0 and var exact ? exact
                    : now.FindIndex(one => one.ProcessId == 0 || row.ProcessId == 0);
                if (same < 0)
                    continue;
                if (IsListening(now[same]) && !IsListening(row))
                    yield return Held(now[same], first.Taken, line);
                old.Remove(row);
                now.RemoveAt(same);
            }
            foreach (var (row, next) in old.Zip(now))
            {
                var reason = isLoss ? UnseenReason.OwnerChangedAtLoss : UnseenReason.OwnerChanged;
                yield return new Change(EventOf(next, PortEventKind.OwnerChanged, first.Taken, reason) with
                {
                    PreviousProcessId = row.ProcessId,
                }, line, row.Program);
            }
            foreach (var row in now.Skip(old.Count))
                yield return Held(row, first.Taken, line);
            // What a look leaves out may be there still.
            foreach (var row in first.Omitted > 0 ? [] : old.Skip(now.Count))
                yield return new Change(EventOf(row, PortEventKind.Closed, first.Taken, isLoss ? UnseenReason.EndedAtLoss
                    : UnseenReason.EndedBefore), line);
        }
    }

    private static bool IsAsked(HistoryQuery query, Change change, RecordPlace place) =>
        (query.Targets.IsEmpty || query.Targets.Any(target => target.Covers(change.Event.Protocol, change.Event.Address)))
        && IsOfProgram(query, change, place);

    private static bool IsOfProgram(HistoryQuery query, Change change, RecordPlace place) => query.Program is not { } program
        || change.Event.Program == program || change.PreviousProgram == program || query.Holders!.Has(change.Event, place);

    private static Change Held(CensusRow row, DateTimeOffset time, RecordPlace place) =>
        new(EventOf(row, IsListening(row) ? PortEventKind.Listen : PortEventKind.Bind, time, UnseenReason.HeldBefore), place);

    private static bool IsListening(CensusRow row) => row.State == "LISTEN";

    private static PortEvent EventOf(CensusRow row, PortEventKind kind, DateTimeOffset time, string reason) => new()
    {
        Time = time,
        Kind = kind,
        Protocol = row.Protocol,
        Address = row.Address,
        ProcessId = row.ProcessId,
        Program = row.Program,
        UserId = row.UserId,
        NetworkNamespace = row.NetworkNamespace,
        Reason = reason,
    };

    private sealed record Change(PortEvent Event, RecordPlace Place, string? PreviousProgram = null);

    /// <summary>What is told of: all that a host holds is no history.</summary>
    private sealed class Places
    {
        private readonly HashSet<(Protocol?, string?)> _addresses = [];
        private readonly HashSet<(Protocol?, ushort)> _ports = [];

        public void Add(PortEvent reported)
        {
            // What failed elsewhere met none of those that are held here.
            if (reported is { Kind: PortEventKind.BindFailed, Reason: not null })
                return;
            _addresses.Add((reported.Protocol, reported.Address));
            // Who holds the port of a call that failed may do so at another address.
            if (reported.Kind == PortEventKind.BindFailed && PortOf(reported) is { Port: not 0 } port)
                _ports.Add(port);
        }

        public bool Has(PortEvent held) => _addresses.Contains((held.Protocol, held.Address)) || _ports.Contains(PortOf(held));

        private static (Protocol? Protocol, ushort Port) PortOf(PortEvent happened) =>
            (happened.Protocol, DigestBuilder.PortOf(happened.Protocol, happened.Address));
    }
}

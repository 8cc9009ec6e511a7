namespace Bindwise.Lab.Drawing;

/// <summary>A TCP socket went from one state to another, or what is left of one.</summary>
internal sealed record SocketStateChange(TimeSpan At, IpEndpoint Local, IpEndpoint? Remote, string? Socket, TcpSocketState? From,
    TcpSocketState? To);

/// <summary>
/// The TCP sockets of a record as they come and go: by the events, and where those tell nothing by the table after each step.
/// </summary>
internal sealed class SocketStateHistory
{
    private readonly Dictionary<(IpEndpoint Local, IpEndpoint? Remote), (TcpSocketState State, string? Socket)> _living = [];

    public IEnumerable<(IpEndpoint Local, TcpSocketState State, string? Socket)> Living =>
        _living.Select(static pair => (pair.Key.Local, pair.Value.State, pair.Value.Socket));

    /// <summary>Takes an event in; null where it tells nothing new.</summary>
    public SocketStateChange? Take(StateEvent change)
    {
        var key = (change.Local, change.Remote);
        // What is left of an old connection may end when a new one has its four-tuple already.
        if (change is { To: null, Socket: { } ended } && _living.TryGetValue(key, out var successor) && successor.Socket is { } next
            && next != ended)
            return new SocketStateChange(change.At, change.Local, change.Remote, ended, change.From, null);
        var (from, socket) = Before(key, change.Socket);
        from = change.From ?? from;
        if (change.To is { } to)
            _living[key] = (to, socket);
        else if (!_living.Remove(key))
            return null;
        return new SocketStateChange(change.At, change.Local, change.Remote, socket, from, change.To);
    }

    /// <summary>Compares with the table, and tells what no event told.</summary>
    public List<SocketStateChange> Compare(IReadOnlyList<SocketRow> rows, TimeSpan at)
    {
        var changes = new List<SocketStateChange>();
        var seen = new HashSet<(IpEndpoint, IpEndpoint?)>();
        foreach (var row in rows.Where(static row => row.Protocol == Protocol.Tcp))
        {
            var key = (row.Local, row.Remote);
            seen.Add(key);
            var (from, socket) = Before(key, row.Socket);
            _living[key] = (row.State, socket);
            if (from is null || Name(from.Value) != Name(row.State))
                changes.Add(new SocketStateChange(at, row.Local, row.Remote, socket, from, row.State));
        }
        foreach (var (key, was) in _living.Where(pair => !seen.Contains(pair.Key)).ToList())
        {
            _living.Remove(key);
            changes.Add(new SocketStateChange(at, key.Local, key.Remote, was.Socket, was.State, null));
        }
        return changes;
    }

    /// <summary>The state's name; the kernel's request and its full socket are one state of RFC 9293.</summary>
    public static string Name(TcpSocketState state) =>
        TcpStateNames.Of(state == TcpSocketState.NewSynReceived ? TcpSocketState.SynReceived : state, Protocol.Tcp);

    /// <summary>Bound or not even that: RFC 9293 has no state for it.</summary>
    public static bool IsClosed(TcpSocketState? state) => state is null or TcpSocketState.Close or TcpSocketState.Bound;

    // The state before, and the name. A socket that connects is no longer the one that was only bound.
    private (TcpSocketState? From, string? Socket) Before((IpEndpoint Local, IpEndpoint? Remote) key, string? named)
    {
        TcpSocketState? from = null;
        if (_living.TryGetValue(key, out var was))
            (from, named) = (was.State, named ?? was.Socket);
        if (key.Remote is not null && named is not null)
        {
            foreach (var (other, unconnected) in _living.Where(
                pair => pair.Key.Remote is null && pair.Value.Socket == named && IsClosed(pair.Value.State)).ToList())
            {
                _living.Remove(other);
                from ??= unconnected.State;
            }
        }
        return (from, named);
    }
}

/// <summary>What happened during a step, as a reader of RFC 9293 would tell it.</summary>
internal static class StepEvents
{
    /// <summary>
    /// The events. A handshake's request and the socket that it becomes are two things in a kernel and one in the RFC: that the request is
    /// gone when its socket is there says nothing.
    /// </summary>
    public static List<HostEvent> Of(RecordedStep step)
    {
        var events = new List<HostEvent>(step.Events.Length);
        for (var index = 0; index < step.Events.Length; index++)
        {
            var hostEvent = step.Events[index];
            if (hostEvent is StateEvent change)
            {
                if (IsEndOfRequest(change) && HasOther(step, index, change, static other => other.To is not null))
                    continue;
                if (change is { From: null, To: TcpSocketState.Established } && HasOther(step, index, change, IsEndOfRequest))
                    hostEvent = change with { From = TcpSocketState.SynReceived };
            }
            events.Add(hostEvent);
        }
        return events;
    }

    /// <summary>Something that a picture shows: a segment, or a state of the RFC.</summary>
    public static bool IsSeen(HostEvent hostEvent) => hostEvent is SegmentEvent
        || (hostEvent is StateEvent change && !(SocketStateHistory.IsClosed(change.To) && SocketStateHistory.IsClosed(change.From)));

    private static bool IsEndOfRequest(StateEvent change) =>
        change is { From: TcpSocketState.SynReceived or TcpSocketState.NewSynReceived, To: null };

    private static bool HasOther(RecordedStep step, int index, StateEvent change, Func<StateEvent, bool> isWanted) =>
        step.Events.Where((_, other) => other != index).OfType<StateEvent>()
            .Any(other => other.Local == change.Local && other.Remote == change.Remote && isWanted(other));
}

internal static class StateTones
{
    public static Tone Of(TcpSocketState state) => state switch
    {
        TcpSocketState.Listen => Tone.Listening,
        TcpSocketState.SynSent or TcpSocketState.SynReceived or TcpSocketState.NewSynReceived => Tone.Opening,
        TcpSocketState.Established => Tone.Open,
        TcpSocketState.TimeWait => Tone.Waiting,
        TcpSocketState.Close or TcpSocketState.Bound => Tone.Dim,
        _ => Tone.Closing,
    };
}

/// <summary>
/// A kernel tells what a call gave and never why: where the model gave the same, its rule and its blockers stand beside it.
/// </summary>
internal static class RuledRecord
{
    public static Record Of(Record kernel, Record? model)
    {
        if (model is null)
            return kernel;
        var ruled = model.Steps.Select(static step => (step.Index, step.Result)).Where(static step => step.Result.Rule is not null)
            .ToLookup(static step => (step.Index, step.Result.Result), static step => step.Result);
        ImmutableArray<RecordedStep> steps =
        [
            .. kernel.Steps.Select(step => step.Result.Rule is null
                && ruled[(step.Index, step.Result.Result)].FirstOrDefault() is { } decided
                    ? step with { Result = step.Result with { Rule = decided.Rule, Blockers = decided.Blockers } } : step),
        ];
        return steps.SequenceEqual(kernel.Steps) ? kernel : kernel with
        {
            Steps = steps,
            Means = kernel.Means + (kernel.Means.Length > 0 ? "; " : "") + "rules by the model, which gave the same"
        };
    }
}

/// <summary>What stands above every picture of a record: its name, and where what it shows was seen.</summary>
internal static class Caption
{
    public static string TitleOf(Record record) => record.Scenario.Name.Length > 0 ? Cells.Clean(record.Scenario.Name) : "scenario";

    public static string SourceOf(Record record)
    {
        var means = record.Means.Length > 0 ? record.Means : record.Host.IsKernel ? "" : "the rule model";
        return Cells.Clean(record.Host.IsKernel ? $"captured on {record.Host.System}{(means.Length > 0 ? ": " : "")}{means}"
            : $"drawn from {means} ({record.Host.System})");
    }

    public static void Add(PictureBuilder picture, Record record)
    {
        picture.Paragraph(TitleOf(record), Tone.Strong);
        picture.Paragraph(SourceOf(record), Tone.Dim);
        picture.Space();
    }
}

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
        foreach (var row in rows)
        {
            if (row.Protocol != Protocol.Tcp)
                continue;
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

    private static bool HasOther(RecordedStep step, int index, StateEvent change, Predicate<StateEvent> isWanted)
    {
        for (var other = 0; other < step.Events.Length; other++)
        {
            if (other != index && step.Events[other] is StateEvent second && second.Local == change.Local && second.Remote == change.Remote
                && isWanted(second))
                return true;
        }
        return false;
    }
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

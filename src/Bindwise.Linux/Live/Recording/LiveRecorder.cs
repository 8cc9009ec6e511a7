using Bindwise.Linux.SockDiag;
using Bindwise.Model.Scenarios.Recording;

namespace Bindwise.Linux.Live.Recording;

/// <summary>Notes down what happens in a namespace below the system calls.</summary>
internal sealed class LiveRecorder : IDisposable
{
    private readonly LiveSegments _segments;
    private readonly Action _drain;
    private readonly StateTracepoint? _states;
    private readonly LiveTable _table;
    private readonly LiveNames _names;
    private readonly LiveStates _known;
    private readonly SegmentNumbers _numbers = new();
    private List<HostEvent> _events = [];
    private long _origin;

    private LiveRecorder(LiveNames names, LiveSegments segments, Action drain, StateTracepoint? states, LiveTable table)
    {
        _drain = drain;
        _names = names;
        _segments = segments;
        _states = states;
        _table = table;
        _known = new LiveStates(names);
    }

    /// <summary>How events are seen, one line.</summary>
    internal string Means => _states is not null
        ? "states by the tracepoint sock:inet_sock_set_state and sock_diag, segments by a packet socket"
        : "states by sock_diag after each step and during waits, so it misses one that came and went in between; segments by a packet "
            + "socket";

    /// <summary>Since the scenario's first step.</summary>
    internal TimeSpan Elapsed => _origin == 0 ? TimeSpan.Zero : Since(ClockCall.MonotonicNanoseconds());

    /// <summary>The sockets as they were at the last look.</summary>
    internal IReadOnlyList<SocketRow> Rows { get; private set; } = [];

    /// <summary>Opens one in the calling thread's network namespace.</summary>
    /// <param name="segments">Who sees the segments; belongs to the caller.</param>
    /// <param name="drain">Takes in the segments that have come.</param>
    /// <param name="table">Who reads the sockets; belongs to the caller.</param>
    internal static LiveRecorder Open(LiveNames names, LiveNamespace place, LiveSegments segments, Action drain, LiveTable table) =>
        new(names, segments, drain, StateTracepoint.TryOpen(place.Descriptor), table);

    internal void Begin()
    {
        if (_origin == 0)
            _origin = ClockCall.MonotonicNanoseconds();
    }

    internal void Observe()
    {
        Begin();
        var changes = new List<StateTracepointRecord>();
        // The table last: what it shows has been told of by then.
        _states?.Drain(changes);
        var sockets = _table.Read();
        _states?.Drain(changes);
        _drain();
        var segments = _segments.Take();
        List<HostEvent> events = [.. segments.Select(seen => EventOf(seen.Segment, seen.Fate))];
        _known.Observe(changes, sockets, segments, _origin, Elapsed, events);
        _events.AddRange(events.OrderBy(static happened => happened.At));
        Rows = SocketRowOrder.Sort([.. sockets.Select(socket => RowOf(socket, sockets))]);
    }

    internal IReadOnlyList<HostEvent> Take()
    {
        Observe();
        var events = _events;
        _events = [];
        return events;
    }

    public void Dispose() => _states?.Dispose();

    private SegmentEvent EventOf(CapturedSegment segment, SegmentFate fate)
    {
        var (sequence, acknowledgement) = _numbers.Take(
            segment.From, segment.To, segment.Flags, segment.Sequence, segment.Acknowledgement, segment.Bytes);
        return new SegmentEvent(
            Since(segment.Nanoseconds), segment.From, segment.To, segment.Flags, sequence, acknowledgement, segment.Bytes, fate);
    }

    private SocketRow RowOf(HeldSocket socket, List<HeldSocket> all)
    {
        var (local, remote) = socket.Protocol == Protocol.Tcp ? LiveTable.EndsOf(socket)
            : socket.Remote.Port != 0 ? (socket.Local.Unmapped, socket.Remote.Unmapped)
            : (socket.Local, null);
        return new SocketRow(socket.Protocol, local, remote, LiveStates.StateOf(socket))
        {
            Socket = _names.NameOf(socket.Cookie),
            Process = socket.Inode != 0 ? _names.ProcessOf(socket.Cookie) : ProcessOfListener(socket, all),
            SecondsLeft = socket.MillisecondsLeft / 1000.0,
        };
    }

    // Nobody has a connection that was not accepted but its listener.
    private string? ProcessOfListener(HeldSocket socket, List<HeldSocket> all) =>
        LiveTable.IsEntry(socket) || _names.NameOf(socket.Cookie) is not null ? null
        : all.Find(other => other.State == TcpSocketState.Listen && other.Local.Port == socket.Local.Port) is { } listener
            ? _names.ProcessOf(listener.Cookie)
        : null;

    private TimeSpan Since(long nanoseconds) => TimeSpan.FromTicks((nanoseconds - _origin) / 100);
}

/// <summary>The sockets of the network namespace that it was opened in, by sock_diag.</summary>
internal sealed class LiveTable(SockDiagClient client) : IDisposable
{
    /// <summary>Opens one in the calling thread's network namespace.</summary>
    /// <exception cref="LiveUnavailableException">This kernel has no sock_diag.</exception>
    internal static LiveTable Open()
    {
        var errno = SockDiagClient.TryOpen(out var client);
        return client is not null ? new LiveTable(client)
            : throw new LiveUnavailableException(errno, $"this kernel does not list its sockets: sock_diag gives {errno}");
    }

    internal List<HeldSocket> Read()
    {
        var sockets = new List<HeldSocket>();
        var outcome = client.ReadEverything(sockets);
        return outcome.Errno == Errno.None ? sockets
            : throw new LiveUnavailableException($"this kernel does not list its sockets: sock_diag gives {outcome.Errno}");
    }

    /// <summary>The small entry that TIME_WAIT and an abandoned FIN_WAIT2 are, no socket any more.</summary>
    internal static bool IsEntry(HeldSocket socket) => socket is { Protocol: Protocol.Tcp, UserId: null };

    internal static (IpEndpoint Local, IpEndpoint? Remote) EndsOf(HeldSocket socket)
    {
        var isConnected =
            socket.State is not (TcpSocketState.Bound or TcpSocketState.Listen or TcpSocketState.Close) && socket.Remote.Port != 0;
        return isConnected ? (socket.Local.Unmapped, socket.Remote.Unmapped) : (socket.Local, null);
    }

    public void Dispose() => client.Dispose();
}

/// <summary>Which name of the scenario a socket has, by its cookie: it stays the same to the end of what is left of the socket.</summary>
internal sealed class LiveNames
{
    private readonly Dictionary<ulong, (string Name, string? Process)> _byCookie = [];
    private readonly Dictionary<string, ulong> _byName = new(StringComparer.Ordinal);

    internal void Remember(string name, SafeFileDescriptor socket, string? process = null)
    {
        if (SocketOptionCall.Get<ulong>(socket, SocketOptionCall.LevelSocket, SocketOptionCall.Cookie, out var cookie) == Errno.None)
            Remember(name, cookie, process);
    }

    /// <summary>Remembers a socket by its cookie (SO_COOKIE).</summary>
    /// <param name="process">The process that holds it, by its name in the scenario; null for the player itself.</param>
    internal void Remember(string name, ulong cookie, string? process)
    {
        _byCookie[cookie] = (name, process);
        _byName[name] = cookie;
    }

    internal string? NameOf(ulong cookie) => _byCookie.TryGetValue(cookie, out var found) ? found.Name : null;

    internal string? ProcessOf(ulong cookie) => _byCookie.TryGetValue(cookie, out var found) ? found.Process : null;

    /// <summary>The cookie of the socket that had a name last; null where it was never made.</summary>
    internal ulong? CookieOf(string name) => _byName.TryGetValue(name, out var cookie) ? cookie : null;
}

using Bindwise.Linux.Sysctls;
using Bindwise.Model.Scenarios;

namespace Bindwise.Linux.Live.Recording;

/// <summary>
/// What a live host keeps beside its sockets, where a scenario asks of more than its system calls: names, table, segments, records.
/// </summary>
internal sealed class LiveWatch : IDisposable
{
    private readonly LiveTable _table;
    private readonly LiveSegments? _segments;
    private readonly BacklogBarrier _barrier;
    private readonly bool _meddles;

    // The direction in which each socket sends, by its cookie: of those that are connected, and of all that ever were.
    private readonly Dictionary<ulong, LiveSegments.Way> _connected = [];
    private readonly Dictionary<ulong, LiveSegments.Way> _ways = [];

    private LiveWatch(LiveTable table, LiveSegments? segments, BacklogBarrier barrier, bool meddles) =>
        (_table, _segments, _barrier, _meddles) = (table, segments, barrier, meddles);

    internal LiveNames Names { get; } = new();

    /// <summary>Notes down what happens; null where nobody asked.</summary>
    internal LiveRecorder? Recorder { get; private set; }

    /// <summary>Opens one in the calling thread's network namespace.</summary>
    /// <param name="barrier">Waits until what was sent has been received.</param>
    /// <param name="records">Events and tables are asked for.</param>
    /// <exception cref="LiveUnavailableException">This user, or this system, cannot.</exception>
    internal static LiveWatch Open(LiveNamespace place, BacklogBarrier barrier, SegmentNeeds needs, bool records)
    {
        var meddles = needs.Holds || needs.Repeats;
        var table = LiveTable.Open();
        LiveSegments? segments = null;
        try
        {
            segments = records || meddles ? new LiveSegments(SegmentCapture.Open(keepsPackets: meddles)) : null;
            var watch = new LiveWatch(table, segments, barrier, meddles);
            if (records)
                watch.Recorder = LiveRecorder.Open(watch.Names, place, segments!, watch.Drain, table);
            return watch;
        }
        catch (LiveUnavailableException)
        {
            segments?.Dispose();
            table.Dispose();
            throw;
        }
    }

    /// <param name="open">The socket, where it is open; else null.</param>
    internal StepResult StateOf(string name, SafeFileDescriptor? open)
    {
        if (Names.CookieOf(name) is not { } cookie)
            return LiveResult.NoSocket;
        HeldSocket? found = null;
        foreach (var socket in _table.Read())
        {
            // A socket comes before the entry that its connection left, and that before the port that it still holds.
            if (socket.Cookie == cookie && (found is null || Rank(socket) < Rank(found)))
                found = socket;
        }
        if (found is not null)
            return new StepResult(TcpStateNames.Of(found.State, found.Protocol));
        // Before Linux 6.8 the table does not show what is only bound.
        return open is not null && !ShowsBound && InternetAddress.Local(open, out var local, out _) == Errno.None && local.Port != 0
            ? new StepResult(TcpStateNames.Of(TcpSocketState.Bound, Protocol.Tcp))
            : new StepResult(StepResult.Closed);
    }

    /// <summary>Plays a step on segments; the calling thread is in the namespace.</summary>
    /// <param name="open">The socket that it names, where it is open; else null.</param>
    internal StepResult PlaySegments(SocketStep step, SafeFileDescriptor? open)
    {
        if (_segments is not { } segments || Names.CookieOf(step.Socket) is not { } cookie || (step is HoldStep && open is null))
            return LiveResult.NoSocket;
        NoteEnds();
        Drain();
        return LiveResult.Of(step switch
        {
            HoldStep => _connected.TryGetValue(cookie, out var way) ? segments.Begin(step.Socket, open!, new(way.To, way.From))
                : Errno.ENOTCONN,
            ReleaseStep => segments.Release(step.Socket, Settle),
            LoseStep => segments.Lose(step.Socket, ClockCall.MonotonicNanoseconds()),
            RepeatStep repeat => _ways.TryGetValue(cookie, out var way) ? segments.Repeat(way, repeat.Kind, Settle) : Errno.EINVAL,
            _ => throw UnplayableException.Of(step, "the kernel"),
        });
    }

    internal Errno Stream(StreamStep step, SafeFileDescriptor from, SafeFileDescriptor to, CancellationToken cancellation)
    {
        NoteEnds();
        if (Names.CookieOf(step.Socket) is not { } one || Names.CookieOf(step.To) is not { } other
            || !_connected.TryGetValue(one, out var way) || !_connected.TryGetValue(other, out var back)
            || way != new LiveSegments.Way(back.To, back.From))
        {
            return Errno.ENOTCONN;
        }
        Drain();
        Errno Pump() => LoopbackTransfer.Run(from, to, step.Bytes, cancellation);
        var errno = _segments is null ? Pump() : _segments.Stream(way, step.Bytes, Pump);
        _barrier.Pass();
        return errno;
    }

    /// <summary>A step was played: ends are noted while they can be seen.</summary>
    internal void AfterStep()
    {
        if (_meddles)
        {
            Drain();
            NoteEnds();
        }
        if (Recorder is null)
            _ = _segments?.Take();
    }

    public void Dispose()
    {
        Recorder?.Dispose();
        _segments?.Dispose();
        _table.Dispose();
    }

    private void Settle()
    {
        _barrier.Pass();
        Drain();
    }

    // An entry is no socket: no filter stands before it.
    private void Drain() => _segments?.Drain(way => !_table.Read().Exists(socket => LiveTable.IsEntry(socket)
        && socket.Local.Unmapped == way.To && socket.Remote.Unmapped == way.From));

    private void NoteEnds()
    {
        _connected.Clear();
        foreach (var socket in _table.Read())
        {
            if (socket.Protocol != Protocol.Tcp || LiveTable.EndsOf(socket) is not { Remote: { } remote } ends)
                continue;
            _ways[socket.Cookie] = new LiveSegments.Way(ends.Local, remote);
            if (!LiveTable.IsEntry(socket) && socket.State != TcpSocketState.SynSent)
                _connected[socket.Cookie] = _ways[socket.Cookie];
        }
    }

    private static bool ShowsBound => RunningKernel.Read().Has(KernelChanges.BoundSocketsListed);

    private static int Rank(HeldSocket socket) =>
        socket.State is TcpSocketState.Bound or TcpSocketState.Close ? 2 : LiveTable.IsEntry(socket) ? 1 : 0;
}

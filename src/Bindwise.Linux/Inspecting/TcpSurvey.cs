using Bindwise.Linux.Netlink;
using Bindwise.Linux.SockDiag;
using Bindwise.Linux.Threads;
using Bindwise.Model.Listing;

namespace Bindwise.Linux.Inspecting;

/// <summary>
/// What a listing tells of TCP besides the listeners: sockets that are bound only, and the connections of each listening address, in one
/// walk of the kernel's over all of its sockets. On a busy host it has a thread of its own, while listeners and their owners are read.
/// </summary>
internal sealed class TcpSurvey
{
    private static readonly uint Connected = DiagRequests.AllStates
        & ~(DiagRequests.Mask(TcpSocketState.Listen) | DiagRequests.Mask(TcpSocketState.Bound) | DiagRequests.Mask(
            TcpSocketState.Close) | DiagRequests.Mask(TcpSocketState.TimeWait));

    private readonly SocketPortFilter _bound;
    private readonly bool _allConnections;
    private Thread? _thread;
    private List<HeldSocket> _listeners = [];
    private ConnectionCounter? _counter;
    private DumpOutcome _outcome;

    /// <param name="ports">The local ports; empty for all.</param>
    /// <param name="allConnections">Counts TIME_WAIT, and the connections of ports without a listener, as well.</param>
    internal TcpSurvey(ImmutableArray<PortRange> ports, bool allConnections)
    {
        _bound = new SocketPortFilter(ports, DiagRequests.Mask(TcpSocketState.Bound), SocketDump.MaximumSockets);
        _allConnections = allConnections;
    }

    /// <summary>Another thread reads it.</summary>
    internal bool IsUnderWay => _thread is not null;

    private ManualResetEventSlim AreListenersKnown { get; } = new(initialState: false, spinCount: 0);

    // The kernel tells of connections last.
    private ConnectionCounter Counter
    {
        get
        {
            if (_counter is null && AreListenersKnown.Wait(BoundedRun.EndLimit))
                _counter = new ConnectionCounter(Protocol.Tcp, _listeners, _allConnections);
            return _counter ??= new ConnectionCounter(Protocol.Tcp, [], _allConnections);
        }
    }

    /// <summary>Begins the walk on another thread, in the calling thread's network namespace, unless there is none to be had.</summary>
    internal void Begin()
    {
        if (SockDiagClient.TryOpen(out var own) != Errno.None || own is null)
            return;
        _thread = SharedWork.TryStart(() =>
        {
            using (own)
                Read(own);
        });
        if (_thread is null)
            own.Dispose();
    }

    /// <summary>Takes the listeners of those ports, and walks where that has not begun.</summary>
    internal void Go(SockDiagClient client, List<HeldSocket> listeners)
    {
        _listeners = listeners;
        AreListenersKnown.Set();
        if (_thread is null)
            Read(client);
    }

    /// <summary>Waits for the walk's end.</summary>
    /// <param name="bound">The sockets that are bound only.</param>
    /// <param name="omitted">How many more of them there are.</param>
    internal DumpOutcome End(out List<HeldSocket> bound, out int omitted, out IEnumerable<ConnectionTally> tallies)
    {
        _thread?.Join();
        (bound, omitted, tallies) = (_bound.Sockets, _bound.Omitted, Counter.Finish());
        return _outcome;
    }

    private void Read(SockDiagClient client)
    {
        var dump = new Dump(this);
        _outcome = client.ReadTcpListing(_allConnections ? Connected | DiagRequests.Mask(TcpSocketState.TimeWait) : Connected, _bound,
            ref dump);
    }

    private readonly struct Dump(TcpSurvey survey) : IMessageVisitor
    {
        public void Visit(in NetlinkMessage message)
        {
            if (!DiagEntry.TryReadFixedPart(message.Payload, out var reply))
                return;
            if (new DiagEntry { Reply = reply }.State(Protocol.Tcp) == TcpSocketState.Bound)
                survey._bound.Add(Protocol.Tcp, message.Payload);
            else
                survey.Counter.Add(message.Payload);
        }

        public void Restart()
        {
            survey._bound.Restart();
            survey._counter?.Clear();
        }
    }
}

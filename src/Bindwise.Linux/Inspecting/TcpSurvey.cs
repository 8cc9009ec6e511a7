using Bindwise.Linux.Netlink;
using Bindwise.Linux.SockDiag;
using Bindwise.Model.Listing;

namespace Bindwise.Linux.Inspecting;

/// <summary>
/// What a listing tells of TCP: the listeners, and, in one walk of the kernel's over all of its sockets, those that are bound only,
/// and the connections of each listening address. On a busy host that walk has a thread of its own, while the listeners and their owners
/// are sought.
/// </summary>
internal sealed class TcpSurvey : IDisposable
{
    private static readonly uint Connected = DiagRequests.AllStates
        & ~(DiagRequests.Mask(TcpSocketState.Listen) | DiagRequests.Mask(TcpSocketState.Bound) | DiagRequests.Mask(
            TcpSocketState.Close) | DiagRequests.Mask(TcpSocketState.TimeWait));

    private readonly SocketPortFilter _listening;
    private readonly SocketPortFilter _bound;
    private readonly bool _allConnections;
    private readonly Lazy<ConnectionCounter> _counter;
    private Thread? _thread;
    private DumpOutcome _ofRest;

    /// <param name="ports">The local ports; empty for all.</param>
    /// <param name="allConnections">Counts TIME_WAIT, and the connections of ports without a listener, as well.</param>
    internal TcpSurvey(ImmutableArray<PortRange> ports, bool allConnections)
    {
        _listening = new SocketPortFilter(ports, DiagRequests.Mask(TcpSocketState.Listen), SocketDump.MaximumSockets);
        _bound = new SocketPortFilter(ports, DiagRequests.Mask(TcpSocketState.Bound), SocketDump.MaximumSockets);
        _allConnections = allConnections;
        // Asked for with the first connection: mostly the listeners are known long before.
        _counter = new Lazy<ConnectionCounter>(() =>
        {
            AreListenersRead.Wait();
            return new ConnectionCounter(Protocol.Tcp, _listening.Sockets, _allConnections);
        });
    }

    private ManualResetEventSlim AreListenersRead { get; } = new(initialState: false, spinCount: 0);

    /// <summary>
    /// Begins the walk over all sockets on another thread, in the calling thread's network namespace, unless there is none to be had.
    /// <see cref="ReadListeners"/> is to follow, for which that thread waits.
    /// </summary>
    internal void Begin()
    {
        if (SockDiagClient.TryOpen() is not { } own)
            return;
        _thread = BackgroundThread.Begin("shared work", () =>
        {
            using (own)
                ReadRest(own);
        });
        if (_thread is null)
            own.Dispose();
    }

    /// <summary>The listeners; where nothing has begun, everything is read here.</summary>
    internal DumpOutcome ReadListeners(SockDiagClient client, out List<HeldSocket> listeners)
    {
        DumpOutcome outcome;
        try
        {
            outcome = client.ReadListing(Protocol.Tcp, _listening);
        }
        finally
        {
            AreListenersRead.Set();
        }
        if (_thread is null)
            ReadRest(client);
        listeners = _listening.Sockets;
        return outcome;
    }

    internal DumpOutcome End(out List<HeldSocket> bound, out int omitted, out IEnumerable<ConnectionTally> tallies)
    {
        _thread?.Join();
        (bound, omitted) = (_bound.Sockets, _listening.Omitted + _bound.Omitted);
        tallies = _counter.IsValueCreated ? _counter.Value.Finish() : [];
        return _ofRest;
    }

    /// <summary>A thread that waits for listeners which nobody has read goes on without them.</summary>
    public void Dispose() => AreListenersRead.Set();

    private void ReadRest(SockDiagClient client) => _ofRest = client.ReadTcpListing(
        _allConnections ? Connected | DiagRequests.Mask(TcpSocketState.TimeWait) : Connected, _bound, _counter);
}

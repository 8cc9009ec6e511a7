using Bindwise.Linux.Netlink;
using Bindwise.Linux.SockDiag;
using Bindwise.Linux.Threads;
using Bindwise.Model.Listing;

namespace Bindwise.Linux.Inspecting;

/// <summary>
/// What a listing tells of TCP: the listeners, and then, in one walk of the kernel's over all of its sockets, those that are bound only,
/// and the connections of each listening address. On a busy host it has a thread of its own, while the listeners' owners are sought.
/// </summary>
internal sealed class TcpSurvey
{
    private static readonly uint Connected = DiagRequests.AllStates
        & ~(DiagRequests.Mask(TcpSocketState.Listen) | DiagRequests.Mask(TcpSocketState.Bound) | DiagRequests.Mask(
            TcpSocketState.Close) | DiagRequests.Mask(TcpSocketState.TimeWait));

    private readonly SocketPortFilter _listening;
    private readonly SocketPortFilter _bound;
    private readonly bool _allConnections;
    private Thread? _thread;
    private ConnectionCounter? _counter;
    private DumpOutcome _ofListeners;
    private DumpOutcome _ofRest;

    /// <param name="ports">The local ports; empty for all.</param>
    /// <param name="allConnections">Counts TIME_WAIT, and the connections of ports without a listener, as well.</param>
    internal TcpSurvey(ImmutableArray<PortRange> ports, bool allConnections)
    {
        _listening = new SocketPortFilter(ports, DiagRequests.Mask(TcpSocketState.Listen), SocketDump.MaximumSockets);
        _bound = new SocketPortFilter(ports, DiagRequests.Mask(TcpSocketState.Bound), SocketDump.MaximumSockets);
        _allConnections = allConnections;
    }

    private ManualResetEventSlim AreListenersRead { get; } = new(initialState: false, spinCount: 0);

    /// <summary>Begins on another thread, in the calling thread's network namespace, unless there is none to be had.</summary>
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

    /// <summary>The listeners, as soon as they are known; where nothing has begun, everything is read here.</summary>
    internal DumpOutcome ReadListeners(SockDiagClient client, out List<HeldSocket> listeners)
    {
        if (_thread is null)
            Read(client);
        AreListenersRead.Wait();
        listeners = _listening.Sockets;
        return _ofListeners;
    }

    /// <summary>Waits for the end.</summary>
    /// <param name="bound">The sockets that are bound only.</param>
    /// <param name="omitted">How many more sockets there are.</param>
    internal DumpOutcome End(out List<HeldSocket> bound, out int omitted, out IEnumerable<ConnectionTally> tallies)
    {
        _thread?.Join();
        (bound, omitted, tallies) = (_bound.Sockets, _listening.Omitted + _bound.Omitted, _counter?.Finish() ?? []);
        return _ofRest;
    }

    private void Read(SockDiagClient client)
    {
        try
        {
            _ofListeners = client.ReadListing(Protocol.Tcp, _listening);
        }
        finally
        {
            AreListenersRead.Set();
        }
        _counter = new ConnectionCounter(Protocol.Tcp, _listening.Sockets, _allConnections);
        var states = _allConnections ? Connected | DiagRequests.Mask(TcpSocketState.TimeWait) : Connected;
        _ofRest = client.ReadTcpListing(states, _bound, _counter);
    }
}

using Bindwise.Linux.Netlink;
using Bindwise.Linux.SockDiag;
using Bindwise.Linux.Threads;
using Bindwise.Model.Listing;

namespace Bindwise.Linux.Inspecting;

/// <summary>
/// What a listing tells of TCP besides the listeners: sockets that are bound only, and the connections of each listening address, in one
/// walk of the kernel's over all of its sockets. With many listeners it has a thread of its own: their owners are sought meanwhile.
/// </summary>
internal sealed class TcpSurvey
{
    /// <summary>With fewer listeners the search for their owners takes too little to begin a thread.</summary>
    private const int WorthwhileListeners = 64;

    private static readonly uint Connected = DiagRequests.AllStates
        & ~(DiagRequests.Mask(TcpSocketState.Listen) | DiagRequests.Mask(TcpSocketState.Bound) | DiagRequests.Mask(
            TcpSocketState.Close) | DiagRequests.Mask(TcpSocketState.TimeWait));

    private readonly SocketPortFilter _bound;
    private readonly ConnectionCounter _counter;
    private readonly uint _states;
    private Thread? _thread;
    private DumpOutcome _outcome;

    private TcpSurvey(SocketPortFilter bound, ConnectionCounter counter, uint states)
    {
        _bound = bound;
        _counter = counter;
        _states = states;
    }

    /// <summary>Another thread reads it.</summary>
    internal bool IsUnderWay => _thread is not null;

    /// <param name="client">For the calling thread alone: another thread gets one of its own.</param>
    /// <param name="ports">The local ports; empty for all.</param>
    /// <param name="listeners">The listeners of those ports.</param>
    /// <param name="allConnections">Counts TIME_WAIT, and the connections of ports without a listener, as well.</param>
    internal static TcpSurvey Begin(SockDiagClient client, ImmutableArray<PortRange> ports, List<HeldSocket> listeners, bool allConnections)
    {
        var survey = new TcpSurvey(
            new SocketPortFilter(ports, DiagRequests.Mask(TcpSocketState.Bound), SocketDump.MaximumSockets - listeners.Count),
            new ConnectionCounter(Protocol.Tcp, listeners, allConnections),
            allConnections ? Connected | DiagRequests.Mask(TcpSocketState.TimeWait) : Connected);
        if (listeners.Count >= WorthwhileListeners && Environment.ProcessorCount > 1)
            survey._thread = survey.TryReadOnAThread();
        if (survey._thread is null)
            survey.Read(client);
        return survey;
    }

    /// <summary>Waits for the walk's end.</summary>
    /// <param name="bound">The sockets that are bound only.</param>
    /// <param name="omitted">How many more of them there are.</param>
    internal DumpOutcome End(out List<HeldSocket> bound, out int omitted, out IEnumerable<ConnectionTally> tallies)
    {
        _thread?.Join();
        (bound, omitted, tallies) = (_bound.Sockets, _bound.Omitted, _counter.Finish());
        return _outcome;
    }

    // Its socket is of the calling thread's network namespace.
    private Thread? TryReadOnAThread()
    {
        if (SockDiagClient.TryOpen(out var own) != Errno.None || own is null)
            return null;
        var thread = SharedWork.TryStart(() =>
        {
            using (own)
                Read(own);
        });
        if (thread is null)
            own.Dispose();
        return thread;
    }

    private void Read(SockDiagClient client) => _outcome = client.ReadTcpListing(_states, _bound, _counter);
}

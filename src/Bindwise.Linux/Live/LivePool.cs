using Bindwise.Model.Scenarios;

namespace Bindwise.Linux.Live;

/// <summary>
/// Hands out hosts that play scenarios on the running kernel, each in a network namespace where nothing stands that could change its
/// answers. It belongs to the thread that opened it, and so do its hosts: that thread wanders through the namespaces, so it should be one
/// that does nothing else meanwhile; afterwards it is back where it was. Several pools may be open, on a thread each.
/// </summary>
/// <remarks>
/// A namespace costs half a millisecond and some 220 KB of the kernel's memory, so scenarios share one as long as their ports differ: what
/// stays of the earlier ones (TIME_WAIT) stands on ports that later ones do not use. A scenario that writes a sysctl, binds port 0, changes
/// the range of automatic ports, names a port of that range, or must be alone gets a fresh one for itself.
/// </remarks>
internal sealed class LivePool : IDisposable
{
    /// <summary>How many namespaces may be in use at once; making one takes longer the more there are.</summary>
    public const int MaximumNamespaces = 1024;

    /// <summary>
    /// A shared namespace is given up after so many scenarios, long before what they leave comes near tcp_max_tw_buckets.
    /// </summary>
    private const int MaximumScenarios = 2048;

    private const int ProcessLeastDescriptor = 64;

    private readonly int _thread = Environment.CurrentManagedThreadId;
    private readonly SafeFileDescriptor _home;
    private readonly CancellationToken _cancellation;
    private LiveNamespace? _shared;
    private LiveNamespace? _sharedWithPair;
    private LiveNamespace? _current;
    private int _inUse;

    private LivePool(SafeFileDescriptor home, CancellationToken cancellation)
    {
        _home = home;
        _cancellation = cancellation;
        User = EffectiveIds.User();
        Barrier = BacklogBarrier.Create();
    }

    /// <summary>How many namespaces this pool has made.</summary>
    public int Created { get; private set; }

    internal BacklogBarrier Barrier { get; }
    internal uint User { get; }

    internal CancellationToken Cancellation => _cancellation;

    /// <param name="cancellation">Ends a wait step early.</param>
    /// <exception cref="LiveUnavailableException">This user, or this system, can make no network namespace; its message says what is
    /// missing.</exception>
    public static LivePool Open(CancellationToken cancellation = default)
    {
        var home = LiveNamespace.OpenCurrent();
        try
        {
            return new LivePool(home, cancellation);
        }
        catch (LiveUnavailableException)
        {
            _ = NetworkNamespaceCall.Enter(home);
            home.Dispose();
            throw;
        }
    }

    /// <summary>Whether a further scenario can begin before one under way has ended.</summary>
    public bool HasRoom => _inUse < MaximumNamespaces;

    /// <summary>
    /// A host for one scenario, in a namespace that fits it. Disposing it closes its sockets and gives the namespace back.
    /// </summary>
    /// <param name="records">It tells what happens below its system calls, in a namespace of its own.</param>
    /// <exception cref="LiveUnavailableException">No further namespace can be made, or there is no room for one.</exception>
    public LiveHost Lease(ScenarioNeeds needs, bool records = false)
    {
        var place = records || NeedsFresh(needs) ? Create(needs.NamesPair, isShared: false) : Share(needs);
        place.Enter(needs.Ports.AsSpan());
        try
        {
            if (!needs.TouchesRange)
                ReservePorts(place, needs.Ports);
            if (records || needs.Segments != default)
                Enter(place);
            return new LiveHost(this, place, needs, records);
        }
        catch (LiveUnavailableException)
        {
            Return(place);
            throw;
        }
    }

    /// <summary>A host in the namespace that the calling thread was in when it opened the pool.</summary>
    internal LiveHost LeaseHome()
    {
        CheckThread();
        var place = LiveNamespace.Of(_home);
        _inUse++;
        place.Enter([]);
        Enter(place);
        return new LiveHost(this, place, ScenarioNeeds.Of(new Scenario("", [])),
            records: false)
        { LeastDescriptor = ProcessLeastDescriptor };
    }

    public void Dispose()
    {
        CheckThread();
        Retire(ref _shared);
        Retire(ref _sharedWithPair);
        Barrier.Dispose();
        _ = NetworkNamespaceCall.Enter(_home);
        _home.Dispose();
    }

    internal void Enter(LiveNamespace place)
    {
        CheckThread();
        if (_current == place)
            return;
        var errno = NetworkNamespaceCall.Enter(place.Descriptor);
        if (errno != Errno.None)
            throw new LiveUnavailableException(errno, $"cannot enter a network namespace: {errno}");
        _current = place;
    }

    internal void Return(LiveNamespace place)
    {
        place.Leave();
        if (place.IsRetired && place.Leases == 0)
            _inUse--;
    }

    private static bool NeedsFresh(ScenarioNeeds needs) =>
        needs.IsAlone || needs.Sysctls.Length > 0 || needs.UsesPortZero || needs.TouchesRange || NamespacePortRange.Includes(needs.Ports);

    private LiveNamespace Share(ScenarioNeeds needs)
    {
        ref var shared = ref needs.NamesPair ? ref _sharedWithPair : ref _shared;
        if (shared is not null && (shared.Scenarios >= MaximumScenarios || shared.HasUsed(needs.Ports.AsSpan())))
            Retire(ref shared);
        return shared ??= Create(needs.NamesPair, isShared: true);
    }

    private LiveNamespace Create(bool hasPair, bool isShared)
    {
        CheckThread();
        if (!HasRoom)
            throw new LiveUnavailableException($"{MaximumNamespaces} network namespaces are already in use, which is the limit");
        _current = null;
        var place = LiveNamespace.Create(hasPair);
        _current = place;
        place.IsRetired = !isShared;
        _inUse++;
        Created++;
        return place;
    }

    private void Retire(ref LiveNamespace? shared)
    {
        if (shared is null)
            return;
        shared.IsRetired = true;
        if (shared.Leases == 0)
        {
            shared.Dispose();
            _inUse--;
        }
        shared = null;
    }

    private void ReservePorts(LiveNamespace place, ImmutableArray<ushort> ports)
    {
        if (NamespacePortRange.Reservation(ports) is not { } list)
            return;
        Enter(place);
        LiveSysctl.Reserve(list);
    }

    private void CheckThread()
    {
        if (Environment.CurrentManagedThreadId != _thread)
            throw new InvalidOperationException("A live pool and its hosts belong to the thread that opened it.");
    }
}

/// <summary>
/// Waits until what was sent over a loopback interface has been received. Loopback hands packets to a queue of the processor, in order,
/// which a call usually works off before it returns; on a busy machine the rest is left to a thread of the kernel (ksoftirqd). So a
/// datagram of our own goes through the same queue: when it is there, all that stood before it has been received.
/// </summary>
internal sealed class BacklogBarrier(SafeFileDescriptor socket) : IDisposable
{
    /// <summary>A segment and what it calls forth: FIN and ACK, SYN-ACK and ACK, datagram and ICMP error.</summary>
    private const int Rounds = 2;

    /// <summary>After that long a further datagram is sent: where the queue is full the kernel has dropped the one before.</summary>
    private const long ResendMicroseconds = 200_000;

    /// <summary>
    /// After so many nothing is waited for any more, and the step's result stands as it is: half a minute, which is what a loaded machine
    /// may keep the kernel's thread waiting for a processor.
    /// </summary>
    private const int MostDatagrams = 150;

    private byte _mark;

    /// <summary>Makes one in a namespace of its own, where its port is in nobody's way; the calling thread is in it afterwards.</summary>
    /// <exception cref="LiveUnavailableException">This user, or this system, cannot.</exception>
    internal static BacklogBarrier Create()
    {
        using var own = LiveNamespace.Create(hasPair: false);
        var errno = SocketCall.Open(SocketCall.FamilyIPv4, SocketCall.TypeDatagram, 0, out var socket);
        if (errno == Errno.None)
            errno = ConnectToItself(socket);
        if (errno == Errno.None)
            return new BacklogBarrier(socket);
        socket.Dispose();
        throw new LiveUnavailableException(errno, $"cannot set up a datagram socket in a new network namespace: {errno}");
    }

    internal void Pass()
    {
        var round = 0;
        while (round < Rounds && TryPassOnce())
            round++;
    }

    private bool TryPassOnce()
    {
        Span<byte> received = stackalloc byte[1];
        var first = unchecked((byte)(_mark + 1));
        for (var sent = 0; sent < MostDatagrams; sent++)
        {
            _mark = unchecked((byte)(first + sent));
            if (SendCall.Send(socket, [_mark], default) != Errno.None)
                return false;
            while (ReceiveCall.Receive(socket, received, waits: true, out _) == Errno.None)
            {
                // One that came too late for its own round may stand before ours.
                if (unchecked((byte)(received[0] - first)) <= sent)
                    return true;
            }
        }
        return false;
    }

    public void Dispose() => socket.Dispose();

    private static Errno ConnectToItself(SafeFileDescriptor socket)
    {
        Span<byte> room = stackalloc byte[SocketAddress.MaximumInternetBytes];
        var timeout = new TimeValue { Microseconds = ResendMicroseconds };
        var errno = SocketOptionCall.SetTimeout(socket, SocketOptionCall.ReceiveTimeout, timeout);
        if (errno == Errno.None)
            errno = BindCall.Bind(socket, InternetAddress.Write(room, new IpEndpoint(IpAddress.LoopbackIPv4, 0), 0));
        if (errno == Errno.None)
            errno = InternetAddress.Local(socket, out var name, out _) is var failure && failure != Errno.None
                ? failure
                : ConnectCall.Connect(socket, InternetAddress.Write(room, name, 0));
        return errno;
    }
}

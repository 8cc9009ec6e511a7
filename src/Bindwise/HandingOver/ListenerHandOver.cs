namespace Bindwise;

/// <summary>
/// Listeners that pass from an old instance of a program to a new one while both run: no connection is refused, and none is reset. The new
/// instance gets the listening sockets themselves (SCM_RIGHTS, unix(7)), so connections that wait stay in the queue. Linux only;
/// thread-safe.
/// </summary>
/// <remarks>
/// Every instance does the same: <see cref="StartAsync"/>, accept, <see cref="ReadyAsync"/>, and when <see cref="HandedOver"/> is
/// cancelled, finish what it has and end. An instance that ends before it is ready changes nothing: the old one serves on. Of several new
/// ones the first gets the sockets, and the next gets them from that one. Accept with <see cref="BoundListener.AcceptAllAsync"/>, or with
/// <see cref="BoundListener.AcceptAsync(CancellationToken)"/> until it throws an <see cref="ObjectDisposedException"/>; connections that
/// were accepted are yours.
/// </remarks>
[SupportedOSPlatform("linux")]
public sealed class ListenerHandOver : IAsyncDisposable
{
    private readonly HandOverOptions _options;
    private readonly HandOverControl? _control;
    private readonly ReceivedListeners _received;
    private readonly ImmutableArray<ActivatedSocket> _offered;
    private readonly CancellationTokenSource _handedOver = new();
    private readonly CancellationTokenSource _drainExpired = new();
    private readonly Lock _gate = new();
    private readonly List<BoundListener> _added = [];
    private readonly HandOverServing? _serving;
    private HandOverAsking? _asking;
    private Task _notifying = Task.CompletedTask;
    private volatile int _successor;
    private volatile bool _isHandedOver;
    private bool _isReady;
    private bool _isOwner;
    private bool _isStored;
    private bool _isDisposed;

    private ListenerHandOver(HandOverOptions options, HandOverAsking? asking, HandOverControl? control,
        ImmutableArray<ActivatedSocket> offered, ReceivedListeners received)
    {
        _options = options;
        _asking = asking;
        _control = control;
        _offered = offered;
        _received = received;
        // Once the old instance has let go, nothing may be missing here.
        _serving = control is null ? null : new HandOverServing(control, options, new Source(this));
        _isOwner = asking is null;
        Predecessor = asking?.Process;
        HandedOver = _handedOver.Token;
        DrainExpired = _drainExpired.Token;
    }

    /// <summary>The listeners, one for each request, in their order. They are this object's, and closed with it.</summary>
    public ImmutableArray<BoundListener> Listeners => _received.Listeners;

    /// <summary>How many sockets came from the old instance, or from the service manager; 0 if all were bound here.</summary>
    public int ReceivedSockets => _received.Taken.Length;

    /// <summary>
    /// Options of received sockets that differ from the request, one sentence each: bound sockets keep theirs until no instance has them.
    /// Empty if there are none.
    /// </summary>
    public ImmutableArray<string> Differences => _received.Differences;

    /// <summary>The process id of the old instance, as it sees itself; null if none was there.</summary>
    public int? Predecessor { get; }

    /// <summary>
    /// The process id of the new instance that has taken the listeners: set just before <see cref="HandedOver"/> is cancelled; null before
    /// that, and where that process is in a PID namespace that this one does not see.
    /// </summary>
    public int? Successor => _successor is > 0 and var process ? process : null;

    /// <summary>
    /// Cancelled when a new instance has taken the listeners, and this one accepts no more: finish the connections, and end.
    /// </summary>
    public CancellationToken HandedOver { get; }

    /// <summary>Cancelled <see cref="HandOverOptions.DrainTimeout"/> after <see cref="HandedOver"/>: end what is still open.</summary>
    public CancellationToken DrainExpired { get; }

    /// <summary>
    /// Cancelled when the program stops: sockets that are closed before that are no longer wanted, and the service manager is told so. None
    /// where the program does not say: the manager then keeps what it was given.
    /// </summary>
    internal CancellationToken Stopping { get; set; }

    /// <summary><see cref="Listeners"/>, and those of <see cref="Add"/>.</summary>
    internal ImmutableArray<BoundListener> AllListeners
    {
        get
        {
            lock (_gate)
                return [.. Listeners, .. _added];
        }
    }

    /// <summary>
    /// Gets the listening sockets of the old instance that fit the requests, and binds the others. A socket fits if its address, transport,
    /// port and IPV6_V6ONLY are what a request asks for. Without an old instance it binds all. From here on both instances can accept.
    /// </summary>
    /// <param name="requests">What to listen on, at least one.</param>
    /// <param name="options">Where the instances meet.</param>
    /// <param name="cancellationToken">Ends every wait; the old instance serves on.</param>
    /// <exception cref="ArgumentException">The requests or the options contradict themselves.</exception>
    /// <exception cref="PlatformNotSupportedException">The system is not Linux.</exception>
    /// <exception cref="HandOverException">There is an old instance, and it gave nothing: it is another user's, or did not answer in
    /// time. Or this process has no free descriptors, or gets no further thread.</exception>
    /// <exception cref="SocketActivationException">What the service manager passed cannot be taken.</exception>
    /// <exception cref="BindException">The system refused to bind one of the others, or <see cref="HandOverOptions.Path"/>; nothing is left
    /// open, and the old instance serves on.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is left open.</exception>
    public static ValueTask<ListenerHandOver> StartAsync(IReadOnlyList<ListenRequest> requests, HandOverOptions options,
        CancellationToken cancellationToken = default) => StartWithFallbackAsync(requests, null, options, cancellationToken);

    /// <summary>The same, with other requests for when those cannot be bound: what was received is kept for them.</summary>
    internal static ValueTask<ListenerHandOver> StartWithFallbackAsync(IReadOnlyList<ListenRequest> requests, BindFallback? fallback,
        HandOverOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(requests);
        ImmutableArray<ListenRequest> asked = [.. requests];
        RequestCheck.CheckAll(asked.AsSpan());
        HandOverCheck.Check(options);
        HandOverCheck.Check(asked);
        return OperatingSystem.IsLinux()
            ? BeginAsync(asked, fallback, options, cancellationToken)
            : throw new PlatformNotSupportedException(
                "Listening sockets are handed over on Linux only: bind them with Listener.BindAllAsync.");
    }

    /// <summary>
    /// Says that this instance accepts. The old one then stops accepting, without closing what clients connect to, and this one hands over
    /// to the next. Call it once, when everything that the program needs to serve is there.
    /// </summary>
    /// <param name="cancellationToken">Cancels it before the old instance is told. After that nothing can be taken back, and the answer is
    /// awaited.</param>
    /// <exception cref="HandOverException">The old instance waits no more, or does not answer: it serves on. Or this process gets no
    /// further thread. Dispose of this object, and end.</exception>
    /// <exception cref="InvalidOperationException">It was called before.</exception>
    /// <exception cref="ObjectDisposedException">This object is disposed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async ValueTask ReadyAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_isReady)
                throw new InvalidOperationException("ReadyAsync was called before: call it once.");
            _isReady = true;
            if (_asking is { } asking)
                _notifying = OwnThread.RunAsync(
                    () => asking.NotifyReady(_received.Taken.Select(one => _offered.IndexOf(one)), _options.WaitTimeout), NoThread);
        }
        await _notifying.ConfigureAwait(false);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _isOwner = true;
            _asking?.Dispose();
            _asking = null;
            if (_options.UseDescriptorStore)
            {
                ServiceNotice.Remove(_offered.Except(_received.Taken).Select(static one => new BoundSocket(one.Socket, one.LocalEndPoint,
                    TakeOverMatch.TransportOf(one.Socket) ?? Transports.Tcp, SocketSettings.Default)));
                _isStored = ServiceNotifier.IsEnabled;
                foreach (var one in AllListeners)
                    Store(one);
            }
            _serving?.Begin();
        }
    }

    /// <summary>
    /// Binds one more listener that goes to the next instance with the others, such as an endpoint that a reload of the configuration adds.
    /// It is this object's, and closed with it.
    /// </summary>
    /// <param name="request">What to listen on.</param>
    /// <exception cref="ArgumentException">The request contradicts itself.</exception>
    /// <exception cref="BindException">The system refused.</exception>
    /// <exception cref="ObjectDisposedException">This object is disposed, or has handed over.</exception>
    public BoundListener Add(ListenRequest request)
    {
        RequestCheck.Check(request);
        HandOverCheck.Check([request]);
        var listener = Listener.Bind(request with { IsShared = true });
        lock (_gate)
        {
            if (!_isDisposed && !_isHandedOver)
            {
                _added.Add(listener);
                if (_isStored)
                    Store(listener);
                return listener;
            }
        }
        listener.Dispose();
        throw new ObjectDisposedException(nameof(ListenerHandOver), "The listeners were handed over or closed: nothing can be added.");
    }

    private void Store(BoundListener listener)
    {
        ServiceNotice.Store(listener.Sockets);
        foreach (var one in listener.Sockets)
        {
            if (one.Socket is SharedSocket shared)
                shared.Closed = () => Unstore(one);
        }
    }

    // One that is closed while the program serves on, as an endpoint that a reload of the configuration takes away: the manager's copy
    // would go on listening, with nobody to accept.
    private void Unstore(BoundSocket socket)
    {
        if (!Stopping.CanBeCanceled || Stopping.IsCancellationRequested)
            return;
        lock (_gate)
        {
            if (!_isDisposed && !_isHandedOver)
                ServiceNotice.Remove([socket]);
        }
    }

    /// <summary>
    /// Closes the listeners, as far as they were not handed over, and ends a hand-over under way. What another instance has of them stays
    /// open there, and the service manager keeps what it was given.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            _asking?.Stop();
        }
        // Whoever called ReadyAsync() gets its exception.
        await _notifying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_serving is not null)
            await OwnThread.RunOrBlockAsync(_serving.Dispose).ConfigureAwait(false);
        // What the manager keeps, clients reach by its file: the next start gets both.
        foreach (var one in _isStored ? AllListeners : [])
            one.CloseHandedOver();
        Close(AllListeners, _isOwner);
        Close(_control, _asking, _isOwner);
        _drainExpired.Dispose();
        _handedOver.Dispose();
    }

    private static async ValueTask<ListenerHandOver> BeginAsync(ImmutableArray<ListenRequest> requests, BindFallback? fallback,
        HandOverOptions options, CancellationToken cancellationToken)
    {
        HandOverAsking? asking = null;
        HandOverControl? control = null;
        ImmutableArray<BoundListener> listeners = [];
        if (options.Path is not null)
            (asking, control) = await OwnThread.RunAsync(() => Join(options, cancellationToken), NoThread, cancellationToken)
                .ConfigureAwait(false);
        try
        {
            var offered = asking is not null ? asking.Sockets
                : options.UseDescriptorStore ? SocketActivation.TakeStored(ServiceNotice.IsName) : [];
            var received = await ReceivedListeners.BindAsync(requests, fallback, offered, cancellationToken).ConfigureAwait(false);
            listeners = received.Listeners;
            // A cancellation also ends the connection to the old instance, which nothing would notice before ReadyAsync.
            cancellationToken.ThrowIfCancellationRequested();
            return new ListenerHandOver(options, asking, control, offered, received);
        }
        catch
        {
            Close(listeners, isOwner: false);
            Close(control, asking, isOwner: asking is null);
            throw;
        }
    }

    private static HandOverException NoThread(string reason) => new($"The listening sockets cannot be handed over: {reason}.");

    // The path is bound before anything else: of two first instances one binds it, and the other waits there for its sockets.
    private static (HandOverAsking? Asking, HandOverControl Control) Join(HandOverOptions options, CancellationToken cancellation)
    {
        var patience = new HandOverPatience(options);
        for (var attempt = 1; ; attempt++)
        {
            if (HandOverAsking.Ask(options, patience, cancellation) is { } asking)
                return (asking, asking.Control);
            try
            {
                return (null, HandOverControl.Bind(options.Path!));
            }
            catch (BindException exception) when (exception.SocketErrorCode == System.Net.Sockets.SocketError.AddressAlreadyInUse
                && attempt < 8)
            {
                // Another instance was faster: it is asked in the next round.
                cancellation.ThrowIfCancellationRequested();
            }
        }
    }

    private static void Close(ImmutableArray<BoundListener> listeners, bool isOwner)
    {
        // As long as the old instance serves, the files of the UNIX sockets are its own.
        foreach (var one in listeners)
        {
            if (!isOwner && one.Request is null)
                one.CloseHandedOver();
            one.Dispose();
        }
    }

    private static void Close(HandOverControl? control, HandOverAsking? asking, bool isOwner)
    {
        if (isOwner)
            control?.Dispose();
        else
            control?.HandOver();
        asking?.Dispose();
    }

    /// <summary>What the old instance's thread asks of this object.</summary>
    private sealed class Source(ListenerHandOver owner) : IHandOverSource
    {
        public ImmutableArray<BoundSocket> Offered =>
            [.. owner.AllListeners.SelectMany(static one => one.Sockets).Where(static one => !one.Socket.SafeHandle.IsClosed)];

        public void LetGo(ImmutableArray<BoundSocket> taken, int process)
        {
            // Before the new one is told, which may have something to say to the manager itself.
            if (process > 0)
                ServiceNotice.NotifyMainProcess(process);
            lock (owner._gate)
            {
                owner._successor = process;
                owner._isHandedOver = true;
            }
            foreach (var one in owner.AllListeners)
            {
                // One that the new instance does not want closes as ever, with its file.
                if (one.Sockets.Any(taken.Contains))
                    one.CloseHandedOver();
                else
                    one.Dispose();
            }
        }

        // Whoever waits for it may dispose of the owner, which waits for the thread that this is called on.
        public void Complete() => _ = owner.EndAsync();
    }

    private async Task EndAsync()
    {
        try
        {
            _drainExpired.CancelAfter(_options.DrainTimeout);
            await _handedOver.CancelAsync().ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // The program disposed of this object meanwhile, and waits for nothing.
            return;
        }
    }
}

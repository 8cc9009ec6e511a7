using Bindwise.Linux.Live.Processes;
using Bindwise.Linux.Live.Recording;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Recording;

namespace Bindwise.Linux.Live;

/// <summary>
/// Plays one scenario on the running kernel, each step as the blocking system call that it names, with SO_SNDTIMEO and SO_RCVTIMEO as
/// bounds; only accept and receive look first whether there is anything to wait for (<see cref="LiveSocket.WaitForArrival"/>). Made by <see
/// cref="LivePool.Lease"/>; belongs to its thread. Several may be under way at once, a step here, a step there.
/// </summary>
internal sealed class LiveHost : IRecordingHost
{
    private const int Backlog = 128;

    /// <summary>No interface of a new namespace has so high a number: a scope that is none gets ENODEV from the kernel itself.</summary>
    private const uint NoInterface = 9999;

    private static readonly byte[] Payload = new byte[ScenarioLimits.BytesInAll];

    private readonly Dictionary<string, LiveSocket> _sockets = [];
    private readonly LivePool _pool;
    private readonly LiveNamespace _place;
    private readonly ScenarioNeeds _needs;
    private readonly LiveWatch? _watch;
    private LiveProcesses? _processes;
    private bool _isDisposed;

    /// <param name="pool">The pool, with the calling thread in the namespace where something is to be watched.</param>
    /// <param name="records">Events and tables are asked for.</param>
    internal LiveHost(LivePool pool, LiveNamespace place, ScenarioNeeds needs, bool records)
    {
        _pool = pool;
        _place = place;
        _needs = needs;
        if (records || needs.Segments != default)
            _watch = LiveWatch.Open(place, pool.Barrier, needs.Segments, records);
    }

    /// <summary>
    /// The lowest number that a socket's descriptor may have, higher than any of the runtime's own: those come and go, and would decide by
    /// chance in which order a process closes its sockets at its end. Null where it does not matter.
    /// </summary>
    internal int? LeastDescriptor { get; init; }

    /// <summary>How events are seen, one line; empty where they are not.</summary>
    public string Means => _watch?.Recorder?.Means ?? "";

    public TimeSpan Elapsed => _watch?.Recorder?.Elapsed ?? TimeSpan.Zero;

    public IReadOnlyList<HostEvent> TakeEvents() => _watch?.Recorder?.Take() ?? [];

    /// <remarks>As they were when events were taken last.</remarks>
    public IReadOnlyList<SocketRow> Sockets() => _watch?.Recorder?.Rows ?? [];

    /// <exception cref="LiveUnavailableException">This system cannot play the step: the scenario has no answer.</exception>
    /// <exception cref="UnplayableException">It plays no such step.</exception>
    /// <exception cref="OperationCanceledException">A wait was ended early.</exception>
    public StepResult Play(Step step)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _watch?.Recorder?.Begin();
        if (step is StateStep or NameStep or HoldStep or ReleaseStep or LoseStep or RepeatStep or StreamStep)
            return Ask((SocketStep)step);
        if (step is OpenStep { Process: not null } or SignalStep or ExitStep)
            _processes ??= new LiveProcesses(() => _pool.Enter(_place), _pool.Barrier, this);
        var result = _processes?.Play(step) ?? PlayHere(step);
        if (LiveResult.ShortageBehind(result) is { } shortage)
            throw new LiveUnavailableException(shortage);
        if (_watch is not null && result.Result == StepResult.Ok && (step as OpenStep)?.Socket is { } made)
            Remember(made);
        else if (_watch is not null && result.Result == StepResult.Ok && step is AcceptStep accept)
            Remember(accept.As);
        _watch?.AfterStep();
        return result;
    }

    internal StepResult PlayHere(Step step) => step switch
    {
        OpenStep open => Open(open),
        SetStep set => On(set, static (_, socket, set) => LiveOptions.Set(socket.Descriptor, set.Option, set.Value)),
        BindStep bind => On(bind, static (_, socket, bind) => Bind(socket, bind)),
        ListenStep listen => On(listen, static (_, socket, _) => Listen(socket)),
        ConnectStep { To: { } target } connect => ConnectTo(connect, target),
        ConnectStep connect =>
            On(connect, static (host, socket, connect) => host.Connect(socket, new IpEndpoint(connect.Address, connect.Port), 0)),
        DisconnectStep disconnect =>
            On(disconnect, static (host, socket, _) => host.Settled(socket, ConnectCall.Disconnect(socket.Descriptor))),
        AcceptStep accept => Accept(accept),
        SendStep send => On(send, static (host, socket, send) => host.Send(socket, send)),
        ReceiveStep receive => On(receive, static (_, socket, receive) => Receive(socket, receive.Bytes)),
        ShutdownStep shutdown => On(shutdown, static (host, socket, shutdown) =>
            host.Settled(socket, ShutdownCall.Shutdown(socket.Descriptor, (int)shutdown.How))),
        CloseStep close => Close(close.Socket, isAbort: false),
        AbortStep abort => Close(abort.Socket, isAbort: true),
        SysctlStep sysctl => WriteSysctl(sysctl),
        WaitStep wait => Wait(wait.Seconds),
        _ => throw UnplayableException.Of(step, "the kernel"),
    };

    internal bool Has(string socket) => _sockets.ContainsKey(socket);

    /// <summary>The family of the player's socket of this name; null for none.</summary>
    internal IpFamily? FamilyOf(string socket) => _sockets.TryGetValue(socket, out var found) ? found.Family : null;

    /// <summary>The number of the player's socket of this name; null for none.</summary>
    internal int? DescriptorOf(string socket) => _sockets.TryGetValue(socket, out var found) ? found.Descriptor.Number : null;

    /// <summary>Where the player's socket of this name is bound, for one that connects to it; null for none.</summary>
    internal IpEndpoint? EndpointOf(string socket, IpFamily connecting) =>
        _sockets.TryGetValue(socket, out var found) ? EndpointOf(found.Descriptor, found.Family, connecting) : null;

    internal static IpEndpoint EndpointOf(SafeFileDescriptor socket, IpFamily family, IpFamily connecting)
    {
        var errno = InternetAddress.Local(socket, out var name, out _);
        var v6Only = 0;
        if (errno == Errno.None && family == IpFamily.IPv6)
            errno = SocketOptionCall.Get(socket, SocketOptionCall.LevelIPv6, SocketOptionCall.V6Only, out v6Only);
        return errno == Errno.None ? ConnectTarget.Of(name, v6Only != 0, connecting)
            : throw new LiveUnavailableException(errno, $"cannot read where a socket is bound: {errno}");
    }

    /// <summary>Closes what the scenario left open, by reset, and gives the namespace back.</summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _processes?.Dispose();
        _watch?.Dispose();
        foreach (var socket in _sockets.Values)
        {
            if (socket.HasPeers)
                _ = socket.ResetOnClose();
            socket.Dispose();
        }
        _sockets.Clear();
        _pool.Return(_place);
    }

    // Asked of the player, which may look into its processes' sockets.
    private StepResult Ask(SocketStep step)
    {
        using var borrowed = _sockets.ContainsKey(step.Socket) ? null : _processes?.Borrow(step.Socket);
        var open = borrowed ?? _sockets.GetValueOrDefault(step.Socket)?.Descriptor;
        if (step is HoldStep or ReleaseStep or LoseStep or RepeatStep)
        {
            _pool.Enter(_place);
            return _watch!.PlaySegments(step, open);
        }
        if (step is StateStep)
            return _watch!.StateOf(step.Socket, open);
        if (open is null)
            return LiveResult.NoSocket;
        if (step is StreamStep stream)
            return Stream(stream, open);
        var errno = InternetAddress.Local(open, out var local, out _);
        return errno == Errno.None ? new StepResult(_needs.TextOf(local)) : LiveResult.Of(errno);
    }

    private StepResult Stream(StreamStep step, SafeFileDescriptor from)
    {
        using var borrowed = _sockets.ContainsKey(step.To) ? null : _processes?.Borrow(step.To);
        var to = borrowed ?? _sockets.GetValueOrDefault(step.To)?.Descriptor;
        return to is null ? LiveResult.NoSocket : LiveResult.Of(_watch!.Stream(step, from, to, _pool.Cancellation));
    }

    private void Remember(string name)
    {
        if (_sockets.TryGetValue(name, out var own))
        {
            _watch!.Names.Remember(name, own.Descriptor);
            return;
        }
        using var borrowed = _processes?.Borrow(name);
        if (borrowed is not null)
            _watch!.Names.Remember(name, borrowed, _processes?.ProcessOf(name));
    }

    private SafeFileDescriptor Placed(SafeFileDescriptor socket) =>
        LeastDescriptor is { } least ? DuplicateDescriptor.Move(socket, least) : socket;

    private StepResult On<TStep>(TStep step, Func<LiveHost, LiveSocket, TStep, Errno> call)
        where TStep : SocketStep
    {
        if (!_sockets.TryGetValue(step.Socket, out var socket))
            return LiveResult.NoSocket;
        using var acting = UserCredentialScope.Begin(socket.User, _pool.User);
        return LiveResult.Of(call(this, socket, step));
    }

    private StepResult Open(OpenStep step)
    {
        _ = Close(step.Socket, isAbort: false);
        if (_sockets.Count >= ScenarioLimits.OpenSockets)
            return LiveResult.Of(Errno.EMFILE);
        _pool.Enter(_place);
        using var acting = UserCredentialScope.Begin(step.User, _pool.User);
        var type = step.Protocol == Protocol.Tcp ? SocketCall.TypeStream : SocketCall.TypeDatagram;
        var errno = SocketCall.Open((int)step.Family, type, 0, out var descriptor);
        if (errno == Errno.None && step.Device is { } device)
            errno = LiveOptions.SetDevice(descriptor, device);
        if (errno == Errno.None)
            _sockets[step.Socket] = new LiveSocket(Placed(descriptor), step.Protocol, step.Family, step.User);
        else
            descriptor.Dispose();
        return LiveResult.Of(errno);
    }

    private static Errno Bind(LiveSocket socket, BindStep step)
    {
        var scope = step.Scope is not { } name ? 0
            : InterfaceIndexCall.Find(socket.Descriptor, name, out var index) == Errno.None ? index : NoInterface;
        Span<byte> room = stackalloc byte[SocketAddress.MaximumInternetBytes];
        return BindCall.Bind(socket.Descriptor, InternetAddress.Write(room, new IpEndpoint(step.Address, step.Port), scope));
    }

    private static Errno Listen(LiveSocket socket)
    {
        socket.HasPeers = socket.Protocol == Protocol.Tcp;
        return ListenCall.Listen(socket.Descriptor, Backlog);
    }

    private StepResult ConnectTo(ConnectStep step, string target)
    {
        if (!_sockets.TryGetValue(step.Socket, out var socket) || !_sockets.TryGetValue(target, out var other))
            return LiveResult.NoSocket;
        var errno = InternetAddress.Local(other.Descriptor, out var name, out var scope);
        if (errno != Errno.None)
            return LiveResult.Of(errno);
        var v6Only = 0;
        if (other.Family == IpFamily.IPv6)
            errno = SocketOptionCall.Get(other.Descriptor, SocketOptionCall.LevelIPv6, SocketOptionCall.V6Only, out v6Only);
        if (errno != Errno.None)
            return LiveResult.Of(errno);
        using var acting = UserCredentialScope.Begin(socket.User, _pool.User);
        return LiveResult.Of(Connect(socket, ConnectTarget.Of(name, v6Only != 0, socket.Family), scope));
    }

    private Errno Connect(LiveSocket socket, IpEndpoint remote, uint scope)
    {
        socket.BoundSend();
        socket.HasPeers = socket.Protocol == Protocol.Tcp;
        Span<byte> room = stackalloc byte[SocketAddress.MaximumInternetBytes];
        return Settled(socket, ConnectCall.Connect(socket.Descriptor, InternetAddress.Write(room, remote, scope)));
    }

    private StepResult Accept(AcceptStep step)
    {
        if (!_sockets.ContainsKey(step.Socket))
            return LiveResult.NoSocket;
        _ = Close(step.As, isAbort: false);
        return On(step, static (host, listener, accept) =>
        {
            var errno = AcceptCall.Accept(listener.Descriptor, waits: false, out var connection);
            if (errno == Errno.EAGAIN && listener.WaitForArrival())
                errno = AcceptCall.Accept(listener.Descriptor, waits: true, out connection);
            if (errno == Errno.None)
                host._sockets[accept.As] =
                    new LiveSocket(host.Placed(connection), listener.Protocol, listener.Family, listener.User) { HasPeers = true };
            return errno;
        });
    }

    private Errno Send(LiveSocket socket, SendStep step)
    {
        socket.BoundSend();
        Span<byte> room = stackalloc byte[SocketAddress.MaximumInternetBytes];
        var to = step.To is { } endpoint ? InternetAddress.Write(room, endpoint, 0) : default;
        var errno = SendCall.Send(socket.Descriptor, Payload.AsSpan(0, Math.Clamp(step.Bytes, 0, Payload.Length)), to);
        _pool.Barrier.Pass();
        return errno;
    }

    private static Errno Receive(LiveSocket socket, int bytes)
    {
        // One call takes all that is there; a second would take the error that stands after it, unseen.
        Span<byte> buffer = stackalloc byte[Math.Clamp(bytes, 1, ScenarioLimits.BytesInAll)];
        var errno = ReceiveCall.Receive(socket.Descriptor, buffer, waits: false, out _);
        return errno == Errno.EAGAIN && socket.WaitForArrival() ? ReceiveCall.Receive(socket.Descriptor, buffer, waits: true, out _)
            : errno;
    }

    private StepResult Close(string name, bool isAbort)
    {
        if (!_sockets.Remove(name, out var socket))
            return LiveResult.NoSocket;
        if (isAbort)
            _ = socket.ResetOnClose();
        socket.Dispose();
        _ = Settled(socket, Errno.None);
        return LiveResult.Ok;
    }

    private StepResult WriteSysctl(SysctlStep step)
    {
        _pool.Enter(_place);
        return LiveResult.Of(LiveSysctl.Write(step.Name, step.Value));
    }

    private StepResult Wait(decimal seconds)
    {
        SleepCall.Wait(TimeSpan.FromMilliseconds((long)(Math.Clamp(seconds, 0, ScenarioLimits.WaitSeconds) * 1000)), _pool.Cancellation);
        return LiveResult.Ok;
    }

    /// <summary>What was called forth by a call on a socket with peers has reached them, and their answer has come back.</summary>
    private Errno Settled(LiveSocket socket, Errno errno)
    {
        if (socket.HasPeers)
            _pool.Barrier.Pass();
        return errno;
    }
}

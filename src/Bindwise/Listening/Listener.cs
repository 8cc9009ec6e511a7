using System.Runtime.InteropServices;
using Bindwise.Model.Targets;

namespace Bindwise;

/// <summary>Creates listeners: with exactly the options you ask for, one port for all addresses, and a diagnosis if it fails.</summary>
public static class Listener
{
    /// <summary>Binds and listens. Blocks while the request's retry policy waits.</summary>
    /// <param name="request">What to listen on.</param>
    /// <exception cref="ArgumentException">The request contradicts itself.</exception>
    /// <exception cref="PlatformNotSupportedException">The system lacks an option you asked for.</exception>
    /// <exception cref="InvalidOperationException">The system has an option other than you asked for.</exception>
    /// <exception cref="BindException">The system refused; the exception says why.</exception>
    public static BoundListener Bind(ListenRequest request)
    {
        RequestCheck.Check(request);
        return BindOne(request, listens: true, null);
    }

    /// <summary>Binds and listens; waits without blocking a thread while the request's retry policy waits.</summary>
    /// <param name="request">What to listen on.</param>
    /// <param name="cancellationToken">Ends the wait between two attempts and the search for the reason.</param>
    /// <exception cref="ArgumentException">The request contradicts itself.</exception>
    /// <exception cref="PlatformNotSupportedException">The system lacks an option you asked for.</exception>
    /// <exception cref="InvalidOperationException">The system has an option other than you asked for.</exception>
    /// <exception cref="BindException">The system refused; the exception says why.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is left open.</exception>
    public static ValueTask<BoundListener> BindAsync(ListenRequest request, CancellationToken cancellationToken = default)
    {
        RequestCheck.Check(request);
        return BindOneAsync(request, listens: true, null, cancellationToken);
    }

    /// <summary>
    /// Binds several, all or none: none of them listens before all are bound, or while one is waited for, so no client connects to one that
    /// is then given up. A range leaves alone the only port of another request.
    /// </summary>
    /// <param name="requests">What to listen on, at least one.</param>
    /// <exception cref="ArgumentException">The list is empty, a request contradicts itself, or two ask for the same address and
    /// port.</exception>
    /// <exception cref="BindException">The system refused one of them; those before it were closed.</exception>
    public static ImmutableArray<BoundListener> BindAll(params ReadOnlySpan<ListenRequest> requests)
    {
        RequestCheck.CheckAll(requests);
        var bound = new BoundListener[requests.Length];
        var order = ExactFirst(requests);
        BindRetry?[]? retries = null;
        try
        {
            while (true)
            {
                foreach (var index in order)
                    bound[index] = BindOne(requests[index], listens: false, retries?[index]);
                if (ListenEach(bound, order, out var lost) is not { } failure)
                    return ImmutableCollectionsMarshal.AsImmutableArray(bound);
                ((retries ??= new BindRetry?[bound.Length])[lost] ??= new BindRetry(failure.Request)).Wait(failure);
            }
        }
        catch
        {
            Close(bound);
            throw;
        }
    }

    /// <summary>
    /// Binds several, all or none: none of them listens before all are bound, or while one is waited for, so no client connects to one that
    /// is then given up. A range leaves alone the only port of another request.
    /// </summary>
    /// <param name="requests">What to listen on, at least one.</param>
    /// <param name="cancellationToken">Ends the wait between two attempts and the search for the reason.</param>
    /// <exception cref="ArgumentException">The list is empty, a request contradicts itself, or two ask for the same address and
    /// port.</exception>
    /// <exception cref="BindException">The system refused one of them; those before it were closed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is left open.</exception>
    public static ValueTask<ImmutableArray<BoundListener>> BindAllAsync(IReadOnlyList<ListenRequest> requests,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        ImmutableArray<ListenRequest> asked = [.. requests];
        RequestCheck.CheckAll(asked.AsSpan());
        // The runtime has the state machine of an array compiled, that of an ImmutableArray not: it
        // would take milliseconds of each program's start.
        var bound = BindEachAsync(asked, cancellationToken);
        return bound.IsCompletedSuccessfully
            ? new ValueTask<ImmutableArray<BoundListener>>(ImmutableCollectionsMarshal.AsImmutableArray(bound.Result)) : AwaitAsync(bound);

        static async ValueTask<ImmutableArray<BoundListener>> AwaitAsync(ValueTask<BoundListener[]> bound) =>
            ImmutableCollectionsMarshal.AsImmutableArray(await bound.ConfigureAwait(false));
    }

    private static async ValueTask<BoundListener[]> BindEachAsync(ImmutableArray<ListenRequest> requests,
        CancellationToken cancellationToken)
    {
        var bound = new BoundListener[requests.Length];
        var order = ExactFirst(requests.AsSpan());
        BindRetry?[]? retries = null;
        try
        {
            while (true)
            {
                foreach (var index in order)
                    bound[index] =
                        await BindOneAsync(requests[index], listens: false, retries?[index], cancellationToken).ConfigureAwait(false);
                if (ListenEach(bound, order, out var lost) is not { } failure)
                    return bound;
                var retry = (retries ??= new BindRetry?[bound.Length])[lost] ??= new BindRetry(failure.Request);
                await Task.Run(() => retry.WaitAsync(failure, cancellationToken), cancellationToken).ConfigureAwait(false);
            }
        }
        catch
        {
            Close(bound);
            throw;
        }
    }

    // A range leaves another request's only port to it, whichever was named first.
    private static int[] ExactFirst(ReadOnlySpan<ListenRequest> requests)
    {
        var order = new int[requests.Length];
        var count = 0;
        foreach (var isExact in (ReadOnlySpan<bool>)[true, false])
        {
            for (var index = 0; index < order.Length; index++)
            {
                if (requests[index].Port.Single is not null == isExact)
                    order[count++] = index;
            }
        }
        return order;
    }

    private static BoundListener BindOne(ListenRequest request, bool listens, BindRetry? former)
    {
        using var activity = BindActivity.Start(request);
        try
        {
            var listener = Try(request, listens, former, out var bound) is { } failure
                ? (former ?? new BindRetry(request)).Go(failure, listens) : bound!;
            if (activity is not null)
                BindActivity.Bound(activity, listener);
            return listener;
        }
        catch (Exception exception) when (activity is not null)
        {
            BindActivity.Failed(activity, exception);
            throw;
        }
    }

    private static ValueTask<BoundListener> BindOneAsync(ListenRequest request, bool listens, BindRetry? former,
        CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<BoundListener>(cancellationToken);
        if (SocketActivities.HasSourceListeners)
            return BindTracedAsync(request, listens, former, cancellationToken);
        return Try(request, listens, former, out var listener) is { } failure
            ? new ValueTask<BoundListener>((former ?? new BindRetry(request)).GoAsync(failure, listens, cancellationToken))
            : ValueTask.FromResult(listener!);
    }

    private static async ValueTask<BoundListener> BindTracedAsync(ListenRequest request, bool listens, BindRetry? former,
        CancellationToken cancellationToken)
    {
        using var activity = BindActivity.Start(request);
        try
        {
            var listener = Try(request, listens, former, out var bound) is { } failure
                ? await (former ?? new BindRetry(request)).GoAsync(failure, listens, cancellationToken).ConfigureAwait(false) : bound!;
            if (activity is not null)
                BindActivity.Bound(activity, listener);
            return listener;
        }
        catch (Exception exception) when (activity is not null)
        {
            BindActivity.Failed(activity, exception);
            throw;
        }
    }

    // What counts the attempts is made with the first failure.
    private static BindFailure? Try(ListenRequest request, bool listens, BindRetry? former, out BoundListener? listener) =>
        former is null ? BindRound.Try(request, listens, out listener) : former.Attempt(listens, out listener);

    /// <summary>
    /// Listens on each. One fails when another socket with SO_REUSEADDR was bound there too and listens already, be it of another process
    /// or of the same call: that port is taken, and the request's next candidate may not be. When none is free, all are closed: they would
    /// accept clients while it is waited for.
    /// </summary>
    /// <exception cref="BindException">What another of them has stays taken, however long anybody waits.</exception>
    private static BindFailure? ListenEach(BoundListener[] bound, int[] order, out int lost)
    {
        lost = -1;
        for (var place = 0; place < order.Length; place++)
        {
            lost = order[place];
            if (BindRound.ListenAll(bound[lost]) is null)
                continue;
            bound[lost].Dispose();
            if (BindRound.Try(bound[lost].Request!, listens: true, out var other) is { } failure)
            {
                BoundListener[] before = [.. order[..place].Select(index => bound[index])];
                if (failure.Faults.Length == failure.Candidates && failure.Faults.All(fault => IsOfOne(before, failure.Request, fault)))
                    throw BindRetry.Refusal(failure);
                Close(bound);
                return failure;
            }
            bound[lost] = other!;
        }
        return null;
    }

    private static bool IsOfOne(BoundListener[] bound, ListenRequest request, BindFault fault) => fault.EndPoint is IPEndPoint at
        && bound.Any(one => one.Port == at.Port && one.Request!.Addresses.Any(address =>
            RequestOverlap.Covers(one.Request.Settings, address, request.Settings, at.Address)));

    // Empty where none was bound yet.
    private static void Close(BoundListener?[] bound)
    {
        foreach (var one in bound)
            one?.Dispose();
    }
}

/// <summary>What Bindwise adds to <see cref="TcpListener"/>.</summary>
public static class TcpListenerExtensions
{
    /// <summary>
    /// <see cref="TcpListener.Start(int)"/>, with a failure that says why: a <see cref="BindException"/> with the diagnosis and the
    /// holder's name. The options are .NET's own, which sets SO_REUSEADDR (and SO_REUSEPORT, when ReuseAddress was set on its socket); for
    /// other options use <see cref="Listener.Bind"/>.
    /// </summary>
    /// <param name="listener">The listener.</param>
    /// <param name="backlog">How many connections may wait for accept() (listen(2)), 1 or more; the system limits it to
    /// net.core.somaxconn.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="backlog"/> is below 1.</exception>
    /// <exception cref="BindException">The system refused; the exception says why.</exception>
    public static void StartOrExplain(this TcpListener listener, int backlog = 512)
    {
        ArgumentNullException.ThrowIfNull(listener);
        ArgumentOutOfRangeException.ThrowIfLessThan(backlog, 1);
        // A failed start makes a new socket: these are read before it.
        var endpoint = (IPEndPoint)listener.LocalEndpoint;
        var options = OptionsOf(listener.Server);
        try
        {
            listener.Start(backlog);
        }
        catch (SocketException exception)
        {
            var fault = new BindFault(exception.SocketErrorCode, SocketErrors.NameOf(exception.SocketErrorCode), "bind() or listen()",
                endpoint, Transports.Tcp);
            var (diagnosis, obstacle) = FailureDiagnosis.Ask(new FailureQuestion(endpoint, Transports.Tcp, options, IsPortable: false));
            throw new BindException(fault.Error, FailureReport.Sentence(fault, diagnosis, obstacle), null,
                diagnosis)
            { ErrorName = fault.ErrorName };
        }
    }

    private static ProgramOptions OptionsOf(Socket socket) => new()
    {
        ReuseAddress = !OperatingSystem.IsWindows() || IsSet(socket),
        ReusePort = !OperatingSystem.IsWindows() && IsSet(socket),
        V6Only = socket.AddressFamily == AddressFamily.InterNetworkV6 ? !socket.DualMode : null,
        Api = SocketApi.DotNet,
    };

    // On Unix .NET sets SO_REUSEADDR and SO_REUSEPORT together, before its bind() sets the former alone.
    private static bool IsSet(Socket socket) =>
        socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress) is int and not 0;
}

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Bindwise.Extensions.Hosting;

/// <summary>Binds the listeners of a host before its services start, and closes them when these have stopped.</summary>
internal sealed class HostListeners : IBoundListeners, IHostedLifecycleService, IDisposable
{
    private readonly ImmutableArray<AddedListener> _added;
    private readonly IServiceProvider _services;
    private readonly ListeningSockets _sockets;
    private readonly BindMeter _meter;
    private readonly WaitLog _waiting;
    private readonly IOptions<BindwiseHostOptions> _options;
    private readonly ILogger _logger;
    private readonly PassedSockets _passed = new();
    private readonly bool _passesOthers;
    private readonly Lock _lock = new();
    private volatile bool _isDisposed;
    private volatile IReadOnlyDictionary<string, BoundListener>? _bound;

    // That of the start of the host; null before it.
    private Task? _binding;

    public HostListeners(IEnumerable<AddedListener> added, IServiceProvider services, ListeningSockets sockets, BindMeter meter,
        WaitLog waiting, IEnumerable<PassedSocketsOwner> owners, IOptions<BindwiseHostOptions> options, ILoggerFactory loggers)
    {
        _added = [.. added];
        _services = services;
        _sockets = sockets;
        _meter = meter;
        _waiting = waiting;
        _options = options;
        _passesOthers = owners.Any();
        _logger = loggers.CreateLogger(BindLogEvents.Category);
    }

    public ImmutableArray<string> Names => [.. _added.Select(static one => one.Name)];

    public BoundListener this[string name]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(name);
            if (!_added.Any(one => one.Name == name))
                throw new KeyNotFoundException($"No listener is named '{name}'; there are: {string.Join(", ", Names)}.");
            return _bound?[name] ?? throw new InvalidOperationException(
                $"The listener '{name}' is only there while the host runs: it is bound when the host starts and closed when the host has "
                    + "stopped.");
        }
    }

    /// <summary>For a service that is made before the host starts: binds all of them, unless they are.</summary>
    public BoundListener BoundNow(string name)
    {
        Task? binding;
        lock (_lock)
        {
            binding = _binding;
            if (binding is null && _bound is null && !_isDisposed)
                Complete(BindAsync(isBlocking: true, CancellationToken.None));
        }
        // Of services that start at the same time one may ask while the host's own start waits for a port.
        if (binding is not null)
            Complete(binding);
        return this[name];
    }

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _added.IsEmpty || _bound is not null ? Task.CompletedTask
                : _binding = BindAsync(isBlocking: false, cancellationToken);
        }
    }

    private static void Complete(Task binding) => binding.GetAwaiter().GetResult();

    private async Task BindAsync(bool isBlocking, CancellationToken cancellationToken)
    {
        var commandLines = Checked().CommandLines;
        ListenRequest[] requests = [.. _added.Select(RequestOf)];
        ImmutableArray<BoundListener> bound;
        SocketActivationOptions? plan = null;
        try
        {
            plan = PassedPlan(requests);
            if (plan is not null)
            {
                var taken = isBlocking ? SocketActivation.Listen(plan)
                    : await SocketActivation.ListenAsync(plan, cancellationToken).ConfigureAwait(false);
                bound = [.. taken.Listeners.Select(static one => one.Listener)];
                foreach (var (one, listener) in _added.Zip(taken.Listeners).Where(static pair => pair.Second.PassedSockets > 0))
                    StartLog.TookOver(_logger, $"The listener '{one.Name}'", listener.Listener.Sockets[0].LocalEndPoint.ToString()!);
            }
            else
            {
                bound = isBlocking ? Listener.BindAll(requests)
                    : await Listener.BindAllAsync(requests, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (BindException exception)
        {
            _meter.Failed(exception);
            var failed = _added.Zip(requests).FirstOrDefault(one => exception.Request is { } request && one.Second.Equals(request)).First;
            throw StartFailure.OfListener(exception, failed?.Name, _logger, commandLines,
                plan is null ? _passed.AdviceOn(exception, _options.Value.SocketActivation) : null);
        }
        catch (SocketActivationException exception)
        {
            throw StartFailure.OfPassed(exception);
        }
        catch (ArgumentException exception)
        {
            throw StartFailure.OfRequests([.. Names.Select(static name => $"listener '{name}'")], exception);
        }
        _bound = _added.Zip(bound).ToDictionary(static one => one.First.Name, static one => one.Second, StringComparer.Ordinal);
        foreach (var (name, listener) in _bound)
        {
            _meter.Bound(listener);
            _sockets.Watch(name, listener);
        }
    }

    /// <exception cref="StartRefusedException">The options cannot be understood, or two listeners have one name.</exception>
    private BindwiseHostOptions Checked()
    {
        if (_added.GroupBy(static one => one.Name, StringComparer.Ordinal).FirstOrDefault(static group => group.Count() > 1) is { } twins)
            throw StartFailure.Of($"Two listeners are named '{twins.Key}': give each AddListener its own name.");
        try
        {
            // Here, and not by ValidateOnStart: Kestrel's options are of the same section, and tell a fault of it once.
            return _options.Value;
        }
        catch (OptionsValidationException exception)
        {
            throw StartFailure.Of(string.Join(' ', exception.Failures), exception);
        }
    }

    /// <exception cref="StartRefusedException">The function that makes it gave none.</exception>
    private ListenRequest RequestOf(AddedListener added)
    {
        var request = added.Request(_services)
            ?? throw StartFailure.Of($"The listener '{added.Name}' has no request: the function that AddListener was given returned null.");
        // Null is refused with the rest of the request.
        return request.Retry is { } retry ? request with { Retry = _waiting.Over(retry) } : request;
    }

    // What was passed to this process and is for the listeners; null for nothing.
    private SocketActivationOptions? PassedPlan(ListenRequest[] requests)
    {
        if (_passesOthers || _options.Value.SocketActivation == SocketActivationMode.Off || !OperatingSystem.IsLinux()
            || string.IsNullOrEmpty(Environment.GetEnvironmentVariable("LISTEN_FDS")))
            return null;
        if (_options.Value.ListenPidMismatch is null && _passed.AreAnothers)
        {
            StartLog.NotTaken(_logger, _passed.HowToTake);
            return null;
        }
        var names = Environment.GetEnvironmentVariable("LISTEN_FDNAMES")?.Split(':') ?? [];
        return new SocketActivationOptions
        {
            Listeners = [.. _added.Zip(requests,
                (one, request) => new NamedListenRequest { Request = request, Name = names.Contains(one.Name) ? one.Name : null })],
            ListenPidMismatch = _options.Value.ListenPidMismatch ?? ListenPidMismatch.Refuse,
        };
    }

    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _isDisposed = true;
        foreach (var listener in Interlocked.Exchange(ref _bound, null)?.Values ?? [])
        {
            _sockets.Forget(listener);
            listener.Dispose();
        }
    }
}

/// <param name="Name">Its name.</param>
/// <param name="Request">Makes the request, once the services are there.</param>
internal sealed record AddedListener(string Name, Func<IServiceProvider, ListenRequest> Request);

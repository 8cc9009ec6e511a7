using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Bindwise.AspNetCore;

/// <summary>Binds the listeners of a host before its services start, and closes them when these have stopped.</summary>
internal sealed class HostListeners : IBoundListeners, IHostedLifecycleService, IDisposable
{
    private readonly ImmutableArray<AddedListener> _added;
    private readonly IServiceProvider _services;
    private readonly ListeningSockets _sockets;
    private readonly BindMeter _meter;
    private readonly WaitLog _waiting;
    private readonly IOptions<BindwiseOptions> _options;
    private readonly ILogger _logger;
    private volatile IReadOnlyDictionary<string, BoundListener>? _bound;

    /// <summary>Takes what was added.</summary>
    /// <exception cref="InvalidOperationException">Two have one name.</exception>
    public HostListeners(IEnumerable<AddedListener> added, IServiceProvider services, ListeningSockets sockets, BindMeter meter, WaitLog waiting, IOptions<BindwiseOptions> options, ILoggerFactory loggers)
    {
        _added = [.. added];
        _services = services;
        _sockets = sockets;
        _meter = meter;
        _waiting = waiting;
        _options = options;
        _logger = loggers.CreateLogger(StartLog.Category);
        if (_added.GroupBy(static one => one.Name, StringComparer.Ordinal).FirstOrDefault(static group => group.Count() > 1) is { } twins)
            throw new InvalidOperationException($"Two listeners are named '{twins.Key}': give each AddListener its own name.");
    }

    /// <inheritdoc/>
    public ImmutableArray<string> Names => [.. _added.Select(static one => one.Name)];

    /// <inheritdoc/>
    public BoundListener this[string name]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(name);
            if (!_added.Any(one => one.Name == name))
                throw new KeyNotFoundException($"No listener is named '{name}'; there are: {string.Join(", ", Names)}.");
            return _bound?[name] ?? throw new InvalidOperationException($"The listener '{name}' is only there while the host runs: it is bound when the host starts and closed when the host has stopped.");
        }
    }

    /// <inheritdoc/>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (_added.IsEmpty)
            return;
        ListenRequest[] requests = [.. _added.Select(one => one.Request(_services)).Select(one => one with { Retry = _waiting.Over(one.Retry) })];
        ImmutableArray<BoundListener> bound;
        try
        {
            bound = await Listener.BindAllAsync(requests, cancellationToken).ConfigureAwait(false);
        }
        catch (BindException exception)
        {
            _meter.Failed(exception);
            var failure = StartupBindException.OfListener(exception, _added.Zip(requests).FirstOrDefault(one => exception.Request is { } failed && one.Second.Equals(failed)).First?.Name);
            failure.Log(_logger, _options.Value.CommandLines);
            throw failure;
        }
        catch (ArgumentException exception)
        {
            throw StartRefusedException.Of([.. Names.Select(static name => $"listener '{name}'")], exception);
        }
        _bound = _added.Zip(bound).ToDictionary(static one => one.First.Name, static one => one.Second, StringComparer.Ordinal);
        foreach (var (name, listener) in _bound)
        {
            _meter.Bound(listener);
            _sockets.Watch(name, listener);
        }
    }

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var listener in Interlocked.Exchange(ref _bound, null)?.Values ?? [])
        {
            _sockets.Forget(listener);
            listener.Dispose();
        }
    }
}

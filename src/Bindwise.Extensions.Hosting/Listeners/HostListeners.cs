using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Bindwise.Extensions.Hosting;

/// <summary>Binds the listeners of a host before its services start, and closes them when these have stopped.</summary>
internal sealed class HostListeners(IEnumerable<AddedListener> added, IServiceProvider services, ListeningSockets sockets, BindMeter meter,
    WaitLog waiting, IEnumerable<PassedSocketsOwner> owners, IOptions<BindwiseHostOptions> options, ILoggerFactory loggers)
    : IBoundListeners, IHostedLifecycleService, IDisposable
{
    private readonly ImmutableArray<AddedListener> _added = [.. added];
    private readonly ILogger _logger = loggers.CreateLogger(BindLogEvents.Category);
    private readonly PassedSockets _passed = new();
    private readonly bool _passesOthers = owners.Any();
    private readonly Lock _lock = new();
    private volatile bool _isDisposed;
    private volatile IReadOnlyDictionary<string, BoundListener>? _bound;

    // That of the start of the host; null before it.
    private Task? _binding;

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
        Task? own = null;
        lock (_lock)
        {
            binding = _binding;
            // Begun within the lock, and done outside of it: whoever starts the host meanwhile can give up waiting.
            if (binding is null && _bound is null && !_isDisposed)
                binding = _binding = own = new Task(() => Complete(BindAsync(isBlocking: true, CancellationToken.None)));
        }
        own?.RunSynchronously(TaskScheduler.Default);
        // Of services that start at the same time one may ask while the host's own start waits for a port.
        try
        {
            if (binding is not null)
                Complete(binding);
        }
        catch when (own is not null)
        {
            // The host's own start tries it again.
            lock (_lock)
                _binding = null;
            throw;
        }
        return this[name];
    }

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _added.IsEmpty || _bound is not null ? Task.CompletedTask
                : _binding is { IsCompleted: false } binding ? binding.WaitAsync(cancellationToken)
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
            meter.Failed(exception);
            var failed = _added.Zip(requests).FirstOrDefault(one => exception.Request is { } request && one.Second.Equals(request)).First;
            throw StartFailure.OfListener(exception, failed?.Name, _logger, commandLines,
                plan is null ? _passed.AdviceOn(exception, options.Value.SocketActivation) : null);
        }
        catch (OperationCanceledException exception) when (cancellationToken.IsCancellationRequested)
        {
            throw StartFailure.OfStop(waiting, exception);
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
            meter.Bound(listener);
            sockets.Watch(name, listener);
        }
    }

    private BindwiseHostOptions Checked()
    {
        if (_added.GroupBy(static one => one.Name, StringComparer.Ordinal).FirstOrDefault(static group => group.Count() > 1) is { } twins)
            throw StartFailure.Of($"Two listeners are named '{twins.Key}': give each AddListener its own name.");
        try
        {
            // Here, and not by ValidateOnStart: Kestrel's options are of the same section, and tell a fault of it once.
            return options.Value;
        }
        catch (OptionsValidationException exception)
        {
            throw StartFailure.Of(string.Join(' ', exception.Failures), exception);
        }
    }

    private ListenRequest RequestOf(AddedListener one)
    {
        var request = one.Request(services)
            ?? throw StartFailure.Of($"The listener '{one.Name}' has no request: the function that AddListener was given returned null.");
        // Null is refused with the rest of the request.
        return request.Retry is { } retry ? request with { Retry = waiting.Over(retry) } : request;
    }

    // What was passed to this process and is for the listeners; null for nothing.
    private SocketActivationOptions? PassedPlan(ListenRequest[] requests)
    {
        if (_passesOthers || options.Value.SocketActivation == SocketActivationMode.Off || !OperatingSystem.IsLinux()
            || string.IsNullOrEmpty(Environment.GetEnvironmentVariable("LISTEN_FDS")))
            return null;
        if (options.Value.ListenPidMismatch is null && _passed.AreAnothers)
        {
            try
            {
                _ = SocketActivation.Take(ListenPidMismatch.Refuse);
            }
            catch (SocketActivationException exception)
            {
                StartLog.NotTaken(_logger, exception.Message);
            }
            return null;
        }
        var names = Environment.GetEnvironmentVariable("LISTEN_FDNAMES")?.Split(':') ?? [];
        return new SocketActivationOptions
        {
            Listeners = [.. _added.Zip(requests,
                (one, request) => new NamedListenRequest { Request = request, Name = names.Contains(one.Name) ? one.Name : null })],
            ListenPidMismatch = options.Value.ListenPidMismatch ?? ListenPidMismatch.Refuse,
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
            sockets.Forget(listener);
            listener.Dispose();
        }
    }
}

internal sealed record AddedListener(string Name, Func<IServiceProvider, ListenRequest> Request);

/// <summary>What the listeners of every host stand on. Logging and metrics are the host's own.</summary>
internal static class HostingServices
{
    public static IServiceCollection AddBindwiseHosting(this IServiceCollection services)
    {
        services.TryAddSingleton(static _ => new ListeningSockets());
        services.TryAddSingleton(static _ => new UsageReading());
        services.TryAddSingleton(
            static provider => new BindMeter(provider.GetRequiredService<IMeterFactory>(), provider.GetRequiredService<UsageReading>()));
        services.TryAddSingleton(static provider => new WaitLog(provider.GetRequiredService<ILoggerFactory>()));
        services.AddOptions<BindwiseHostOptions>();
        services.TryAddSingleton(static provider => new HostOptionsFromConfiguration(
            provider.GetService<IConfiguration>(), provider.GetService<SectionOwner>() is not null));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<BindwiseHostOptions>, HostOptionsFromConfiguration>(
            static provider => provider.GetRequiredService<HostOptionsFromConfiguration>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<BindwiseHostOptions>, HostOptionsFromConfiguration>(
            static provider => provider.GetRequiredService<HostOptionsFromConfiguration>()));
        return services;
    }
}

/// <summary>The sockets that were passed to this process (LISTEN_FDS), as the variables tell before anybody takes them.</summary>
internal sealed class PassedSockets
{
    private const int FirstDescriptor = 3;

    private readonly string? _process = Environment.GetEnvironmentVariable("LISTEN_PID");
    private readonly int _count =
        int.TryParse(Environment.GetEnvironmentVariable("LISTEN_FDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? count : 0;

    /// <summary>There are some, and LISTEN_PID does not say that they are for this process.</summary>
    public bool AreAnothers => _count > 0
        && !(int.TryParse(_process, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id == Environment.ProcessId);

    /// <summary>How this process gets sockets that were passed to another.</summary>
    private string HowToTake =>
        (string.IsNullOrEmpty(_process) ? "LISTEN_PID is not set: let the program that starts this one set it"
            : "LISTEN_PID names another process: start this program with exec if a script starts it")
        + $", or set {BindwiseHostOptions.SectionName}:{nameof(BindwiseHostOptions.ListenPidMismatch)} to "
        + $"{nameof(ListenPidMismatch.Take)}.";

    /// <summary>The general advice would be to close what somebody else keeps open; null where no passed socket is in the way.</summary>
    public string? AdviceOn(BindException? failure, SocketActivationMode mode, string? ofTaken = null)
    {
        if (failure?.Diagnosis?.Blockers.Any(one => one.Owners.Any(IsPassed)) != true)
            return null;
        var step = mode == SocketActivationMode.Off
            ? $"Set {BindwiseHostOptions.SectionName}:{nameof(BindwiseHostOptions.SocketActivation)} to "
                + $"{nameof(SocketActivationMode.Matching)}."
            : ofTaken ?? (AreAnothers ? HowToTake : null);
        return step is null ? null : $"The socket there was passed to this process (LISTEN_FDS). {step}";
    }

    private bool IsPassed(Owner owner) => owner.Process.Id == Environment.ProcessId
        && owner.Descriptors.Any(one => one >= FirstDescriptor && one - FirstDescriptor < _count);
}

using System.Runtime.Versioning;
using Bindwise.Rendering.Escaping;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;

namespace Bindwise.AspNetCore;

/// <summary>
/// Kestrel's listening sockets on their way from instance to instance: taken when they are bound, told ready when the application has
/// started, and given to the next instance, after which the application stops. Without options for it, it binds and does nothing else.
/// </summary>
internal sealed class KestrelHandOver(ListeningSockets sockets, IOptions<BindwiseOptions> options, IOptions<HostOptions> host,
    IHostApplicationLifetime lifetime, ILoggerFactory loggers) : IAsyncDisposable
{
    private readonly ILogger _logger = loggers.CreateLogger(BindLogEvents.Category);
    private readonly List<Action> _whenReady = [];
    private ListenerHandOver? _handOver;
    private bool _isReady;
    private volatile bool _isDraining;

    /// <summary>A new instance has the sockets: what is still open here comes to its end.</summary>
    public bool IsDraining => _isDraining;

    private BindwiseHandOverOptions Options => options.Value.HandOver;

    /// <summary>Binds all, or takes them from the old instance; where that fails and the fallback applies, that.</summary>
    public async ValueTask<ImmutableArray<BoundListener>> BindAllAsync(IReadOnlyList<ListenRequest> requests, BindFallback fallback,
        CancellationToken cancellation)
    {
        // One configuration may serve a server on Linux and a developer's machine.
        if (Options.IsWanted && !Options.IsSupported)
            HandOverLog.Unsupported(_logger);
        if (Options.IsOn)
            return await TakeAllAsync(requests, fallback, cancellation).ConfigureAwait(false);
        try
        {
            return await Listener.BindAllAsync(requests, cancellation).ConfigureAwait(false);
        }
        catch (BindException exception) when (fallback.Applies(exception))
        {
            return await Listener.BindAllAsync(fallback.Requests, cancellation).ConfigureAwait(false);
        }
    }

    [SupportedOSPlatform("linux")]
    private async ValueTask<ImmutableArray<BoundListener>> TakeAllAsync(IReadOnlyList<ListenRequest> requests, BindFallback fallback,
        CancellationToken cancellation)
    {
        try
        {
            _handOver = await ListenerHandOver.StartWithFallbackAsync(requests, fallback, Made(), cancellation).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is HandOverException or SocketActivationException)
        {
            throw StartFailure.Of(exception.Message, exception);
        }
        _handOver.Stopping = lifetime.ApplicationStopping;
        if (_handOver.ReceivedSockets > 0)
            HandOverLog.Received(_logger, _handOver.ReceivedSockets,
                _handOver.Predecessor is { } process ? $"process {process}" : "the service manager");
        foreach (var difference in _handOver.Differences)
            HandOverLog.Differs(_logger, difference);
        // Everything that the application starts is up by then. A start that fails before leaves the old instance serving.
        _ = lifetime.ApplicationStarted.UnsafeRegister(static self => { _ = ((KestrelHandOver)self!).NotifyReadyAsync(); }, this);
        return _handOver.Listeners;
    }

    public BoundListener Bind(ListenRequest request) =>
        _handOver is { } handOver && OperatingSystem.IsLinux() ? handOver.Add(request) : Listener.Bind(request);

    /// <summary>Does something once this instance is the one that serves; at once where nothing is handed over.</summary>
    public void WhenReady(Action action)
    {
        lock (_whenReady)
        {
            if (_handOver is not null && !_isReady)
                _whenReady.Add(action);
            else
                action();
        }
    }

    /// <summary>Closes what was not handed over.</summary>
    public void Close() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    public ValueTask DisposeAsync() =>
        OperatingSystem.IsLinux() && _handOver is { } handOver ? handOver.DisposeAsync() : ValueTask.CompletedTask;

    private async Task NotifyReadyAsync()
    {
        if (_handOver is not { } handOver || !OperatingSystem.IsLinux())
            return;
        try
        {
            await handOver.ReadyAsync(lifetime.ApplicationStopping).ConfigureAwait(false);
        }
        catch (HandOverException exception)
        {
            HandOverLog.NotReady(_logger, exception.Message);
            Environment.ExitCode = 1;
            lifetime.StopApplication();
            return;
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            // The application stops already.
            return;
        }
        Complete();
        _ = handOver.HandedOver.UnsafeRegister(static self => ((KestrelHandOver)self!).Drain(), this);
    }

    private void Complete()
    {
        try
        {
            lock (_whenReady)
            {
                _isReady = true;
                _whenReady.ForEach(static one => one());
            }
        }
        catch (StartRefusedException exception)
        {
            HandOverLog.NotReady(_logger, exception.Message);
        }
    }

    private void Drain()
    {
        _isDraining = true;
        if (!OperatingSystem.IsLinux() || _handOver is not { } handOver)
            return;
        HandOverLog.HandedOver(_logger, handOver.Successor is { } process ? $"process {process}" : "another instance");
        // That they are closed is no fault that a health check should report.
        foreach (var one in handOver.AllListeners)
            sockets.Forget(one);
        _ = EndAsync();
    }

    private async Task EndAsync()
    {
        // A timer counts whole milliseconds.
        if (Options.ConnectionGracePeriod >= TimeSpan.FromMilliseconds(1))
        {
            using var grace = new PeriodicTimer(Options.ConnectionGracePeriod);
            try
            {
                _ = await grace.WaitForNextTickAsync(lifetime.ApplicationStopping).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // Somebody else stops the application.
                return;
            }
        }
        // The host reads it when it stops.
        if (Options.DrainTimeout is { } limit)
            host.Value.ShutdownTimeout = limit;
        lifetime.StopApplication();
    }

    private HandOverOptions Made() => new()
    {
        Path = Options.Path,
        WaitTimeout = Options.WaitTimeout,
        FailOnVersionMismatch = Options.FailOnVersionMismatch,
        ReadyTimeout = Options.ReadyTimeout,
        UseDescriptorStore = Options.UseDescriptorStore,
        OnAttemptFailed = exception => HandOverLog.Failed(_logger, Escaper.Escape(exception.Message, 500)),
    };
}

internal static partial class HandOverLog
{
    [LoggerMessage(BindLogEvents.SocketsReceived, LogLevel.Information, "{Count} listening sockets taken over from {From}",
        EventName = nameof(BindLogEvents.SocketsReceived))]
    public static partial void Received(ILogger logger, int count, string from);

    [LoggerMessage(BindLogEvents.HandedOver, LogLevel.Information,
        "The listening sockets were handed over to {Successor}: this instance finishes its connections and stops",
        EventName = nameof(BindLogEvents.HandedOver))]
    public static partial void HandedOver(ILogger logger, string successor);

    [LoggerMessage(BindLogEvents.HandOverFailed, LogLevel.Warning, "A hand-over failed: {Reason}",
        EventName = nameof(BindLogEvents.HandOverFailed))]
    public static partial void Failed(ILogger logger, string reason);

    [LoggerMessage(BindLogEvents.HandOverNotReady, LogLevel.Error, "{Reason}", EventName = nameof(BindLogEvents.HandOverNotReady))]
    public static partial void NotReady(ILogger logger, string reason);

    [LoggerMessage(BindLogEvents.HandOverUnsupported, LogLevel.Warning,
        "Listening sockets are handed over on Linux only: this start binds them, and a deployment interrupts the service. Remove "
            + "Bindwise:HandOver from this system's configuration to be rid of this warning",
            EventName = nameof(BindLogEvents.HandOverUnsupported))]
    public static partial void Unsupported(ILogger logger);

    [LoggerMessage(BindLogEvents.SocketsDiffer, LogLevel.Warning, "{Difference}", EventName = nameof(BindLogEvents.SocketsDiffer))]
    public static partial void Differs(ILogger logger, string difference);
}

/// <summary>
/// Sends clients on to the new instance, after the hand-over: an HTTP/1.1 connection ends with its next answer (RFC 9112, 9.6), an HTTP/2
/// connection with a GOAWAY (RFC 9113, 6.8). Kestrel does both itself, but only as it stops, when it also closes connections that have not
/// sent anything yet.
/// </summary>
internal sealed class DrainingResponses(Func<KestrelHandOver> handOver, IOptions<BindwiseOptions> options) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => options.Value.HandOver.IsOn
        ? application =>
        {
            var served = handOver();
            application.Use(next => Middleware(served, next));
            next(application);
        }
    : next;

    private static RequestDelegate Middleware(KestrelHandOver handOver, RequestDelegate next) => context =>
    {
        if (handOver.IsDraining)
            SendOn(context);
        return next(context);
    };

    private static void SendOn(HttpContext context)
    {
        if (HttpProtocol.IsHttp11(context.Request.Protocol))
            context.Response.Headers.Connection = "close";
        else if (HttpProtocol.IsHttp2(context.Request.Protocol))
            context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
    }
}

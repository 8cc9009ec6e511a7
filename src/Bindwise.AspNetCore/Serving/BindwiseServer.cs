using System.Collections.Immutable;
using Bindwise.AspNetCore.Diagnostics;
using Bindwise.AspNetCore.Listeners;
using Bindwise.Rendering.Escaping;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Bindwise.AspNetCore;

/// <summary>
/// Kestrel, with its endpoints bound before it starts. Between start and stop nothing goes through here: Kestrel accepts from its own sockets.
/// </summary>
internal sealed class BindwiseServer : IServer
{
    private readonly IServer _kestrel;
    private readonly EndpointPlan _plan;
    private readonly EndpointBinder _binder;
    private readonly ListeningSockets _sockets;
    private readonly InheritedSocketPool _inherited;
    private readonly IOptions<BindwiseOptions> _options;
    private readonly ILogger _logger;
    private readonly BoundAddresses _addresses;
    private bool _hasStarted;
    private PortFile? _portFile;

    /// <summary>Wraps Kestrel.</summary>
    public BindwiseServer(
        IServer kestrel, EndpointPlan plan, EndpointBinder binder, ListeningSockets sockets, InheritedSocketPool inherited, BoundAddresses addresses, IOptions<BindwiseOptions> options, ILoggerFactory loggers)
    {
        _kestrel = kestrel;
        _plan = plan;
        _binder = binder;
        _sockets = sockets;
        _inherited = inherited;
        _addresses = addresses;
        _options = options;
        _logger = loggers.CreateLogger(StartLog.Category);
        Features = new FeatureCollection(kestrel.Features);
        Features.Set<IServerAddressesFeature>(_addresses);
    }

    /// <inheritdoc/>
    public IFeatureCollection Features { get; }

    /// <inheritdoc/>
    public async Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull
    {
        // A failed start disposes of Kestrel, whose second start would then end the process.
        if (Interlocked.Exchange(ref _hasStarted, true))
            throw new InvalidOperationException("The server can start only once: build a new application.");
        var inner = _kestrel.Features.GetRequiredFeature<IServerAddressesFeature>();
        try
        {
            var asked = _plan.Make(_addresses);
            var served = await _binder.BindAsync(asked.Endpoints, cancellationToken).ConfigureAwait(false);
            inner.PreferHostingUrls = _addresses.PreferHostingUrls;
            foreach (var url in asked.Urls.Select(url => Rewritten(url, served)))
                inner.Addresses.Add(url);
            await _kestrel.StartAsync(application, cancellationToken).ConfigureAwait(false);
            _sockets.CloseReserved();
            FollowKestrel(inner, served);
            Tell(served);
            if (_options.Value.PortFile is { } file)
                _portFile = PortFile.Write(file, _addresses.Addresses);
        }
        catch (Exception exception)
        {
            _kestrel.Dispose();
            _sockets.CloseAll();
            if (exception is InheritanceException)
                throw new StartRefusedException(exception.Message, exception);
            var failure = exception as StartupBindException ?? StartupBindException.Within(exception);
            failure?.Log(_logger);
            if (_inherited.Overlooked(failure?.Diagnosis) is { } address)
                StartLog.Overlooked(_logger, Escaper.Escape(address));
            if (failure is not null && failure != exception)
                throw failure;
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_portFile?.Remove() is { } reason)
            StartLog.PortFileStays(_logger, reason);
        _portFile = null;
        try
        {
            await _kestrel.StopAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _sockets.CloseAll();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _portFile?.Remove();
        _kestrel.Dispose();
        _sockets.CloseAll();
    }

    private void Tell(ImmutableArray<ServedEndpoint> served)
    {
        foreach (var one in served)
        {
            if (one.FellBack)
                StartLog.FellBack(_logger, one.Asked.Port, HolderName.Of(one.Why), one.Port);
            if (one.PassedAs is { } name)
                StartLog.TookOver(_logger, one.Asked.Name, Escaper.Escape(name));
        }
        foreach (var unused in _inherited.Waiting)
            StartLog.Unused(_logger, Escaper.Escape(unused.Name), Escaper.Escape(unused.LocalEndPoint.ToString()));
    }

    private static string Rewritten(string url, ImmutableArray<ServedEndpoint> served)
    {
        var one = served.FirstOrDefault(one => one.Asked.IsUrl && one.Asked.Name == url);
        return one is { Asked.Kind: EndpointKind.Localhost } && one.Port != one.Asked.Port ? one.Asked.NameOn(one.Port) : url;
    }

    private void FollowKestrel(IServerAddressesFeature inner, ImmutableArray<ServedEndpoint> served)
    {
        foreach (var one in served)
        {
            if (one.Asked is { Kind: EndpointKind.Localhost, IsUrl: false })
                _addresses.TellLocalhostPort(one.Asked.Port, one.Port);
        }
        _addresses.Follow(inner);
    }
}

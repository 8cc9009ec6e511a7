using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using Bindwise.Rendering.Escaping;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;
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

/// <summary>Sees to it that a later <c>UseKestrel</c> has not taken the place of the server that <c>UseBindwise</c> set up.</summary>
internal sealed class ServerInPlace(IServer server) : IHostedLifecycleService
{
    /// <summary>Whether a server is one of Kestrel's: its own type is not public.</summary>
    public static bool IsKestrel(Type server) => server.Assembly == typeof(KestrelServer).Assembly;

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => IsKestrel(server.GetType())
        ? throw new InvalidOperationException("UseKestrel was called after UseBindwise and replaced it: call UseBindwise last.")
        : Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>
/// The addresses of the server: before the start what hosting asks for, behind it what is really listened on. Kestrel shows the port that code
/// asked for localhost, whichever it got; here the true one stands in its place. One collection for both, as hosting takes it before the start
/// and reads it behind.
/// </summary>
internal sealed class BoundAddresses : IServerAddressesFeature, ICollection<string>
{
    private readonly List<string> _asked = [];
    private readonly ConcurrentDictionary<int, int> _localhostPorts = new();
    private IServerAddressesFeature? _kestrel;

    /// <inheritdoc/>
    public ICollection<string> Addresses => this;

    /// <inheritdoc/>
    public bool PreferHostingUrls { get; set; }

    /// <inheritdoc/>
    public int Count => Current.Count();

    /// <inheritdoc/>
    public bool IsReadOnly => _kestrel is not null;

    // A reload of the configuration changes Kestrel's list.
    private IEnumerable<string> Current => _kestrel is null ? _asked : _kestrel.Addresses.Select(Named);

    private List<string> Changeable => _kestrel is null ? _asked : throw new InvalidOperationException("The server has started: its addresses cannot be changed.");

    /// <summary>From now on it shows Kestrel's.</summary>
    public void Follow(IServerAddressesFeature kestrel) => _kestrel = kestrel;

    /// <summary>Which port the endpoint got that asks for a port of localhost in code or in the configuration.</summary>
    public void TellLocalhostPort(int asked, int port) => _localhostPorts[asked] = port;

    /// <inheritdoc/>
    public void Add(string item) => Changeable.Add(item);

    /// <inheritdoc/>
    public void Clear() => Changeable.Clear();

    /// <inheritdoc/>
    public bool Remove(string item) => Changeable.Remove(item);

    /// <inheritdoc/>
    public bool Contains(string item) => Current.Contains(item);

    /// <inheritdoc/>
    public void CopyTo(string[] array, int arrayIndex) => Current.ToList().CopyTo(array, arrayIndex);

    /// <inheritdoc/>
    public IEnumerator<string> GetEnumerator() => Current.ToList().GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private string Named(string address) =>
        AskedEndpoint.OfUrl(address) is { Kind: EndpointKind.Localhost } localhost && _localhostPorts.TryGetValue(localhost.Port, out var port) && port != localhost.Port
            ? localhost.NameOn(port)
            : address;
}

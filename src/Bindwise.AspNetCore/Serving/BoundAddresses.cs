using System.Collections;
using Microsoft.AspNetCore.Http.Features;

namespace Bindwise.AspNetCore;

/// <summary>
/// The addresses of the server: before the start what hosting asks for, after it what is really listened on. Kestrel shows the port that
/// code asked for localhost, whichever it got; here the true one stands in its place. One collection for both, as hosting takes it before
/// the start and reads it after. Thread-safe until the endpoints are bound: <c>WebApplicationFactory.UseKestrel(port)</c> changes it from
/// the test's thread while the application starts.
/// </summary>
internal sealed class BoundAddresses : IServerAddressesFeature, ICollection<string>
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, int> _localhostPorts = [];
    private readonly List<string> _asked = [];
    private IServerAddressesFeature? _kestrel;
    private bool _prefersHostingUrls;
    private bool _isChanged;
    private bool _hasStarted;

    public ICollection<string> Addresses => this;

    public bool PreferHostingUrls
    {
        get => _kestrel?.PreferHostingUrls ?? _prefersHostingUrls;
        set
        {
            lock (_lock)
            {
                _prefersHostingUrls = value;
                if (_kestrel is not null)
                    _kestrel.PreferHostingUrls = value;
            }
        }
    }

    public int Count => Current.Count;
    public bool IsReadOnly => _hasStarted;

    private List<string> Current
    {
        get
        {
            lock (_lock)
            {
                // A reload of the configuration changes Kestrel's list.
                return _kestrel is null ? [.. _asked] : [.. _kestrel.Addresses.Select(Named)];
            }
        }
    }

    /// <summary>Whether something was changed since <see cref="Read"/>.</summary>
    public bool IsChanged
    {
        get
        {
            lock (_lock)
                return _isChanged;
        }
    }

    /// <summary>From now on each change here is one of Kestrel's own list too: what stands here is what it reads when it starts.</summary>
    public void Follow(IServerAddressesFeature kestrel)
    {
        lock (_lock)
        {
            _kestrel = kestrel;
            _prefersHostingUrls = kestrel.PreferHostingUrls;
            _asked.AddRange(kestrel.Addresses);
        }
    }

    /// <summary>What is asked for now; what is changed from here on is told by <see cref="IsChanged"/>.</summary>
    public IReadOnlyList<string> Read()
    {
        lock (_lock)
        {
            _isChanged = false;
            return [.. _asked];
        }
    }

    /// <summary>Puts others in their place.</summary>
    /// <returns>False where they were changed since <see cref="Read"/>: then they stay.</returns>
    public bool TryReplace(IReadOnlyList<string> urls)
    {
        lock (_lock)
        {
            if (_isChanged)
                return false;
            Clear();
            foreach (var url in urls)
                Add(url);
            return true;
        }
    }

    /// <summary>
    /// The endpoints are bound and Kestrel is about to read its own list: from now on that is what is changed. What was changed since <see
    /// cref="Read"/> takes the place of what was bound; Kestrel then has each address bound when it asks for it.
    /// </summary>
    public void PassOn(IServerAddressesFeature kestrel, IEnumerable<string> urls)
    {
        lock (_lock)
        {
            _kestrel = kestrel;
            // Whoever had Kestrel's own list in hand has changed that.
            if (kestrel.Addresses.Count > 0)
                return;
            kestrel.PreferHostingUrls = _prefersHostingUrls;
            foreach (var url in _isChanged ? _asked : urls)
                kestrel.Addresses.Add(url);
        }
    }

    /// <summary>Kestrel listens: from now on it shows what on.</summary>
    public void Complete()
    {
        lock (_lock)
            _hasStarted = true;
    }

    /// <summary>Which port the endpoint got that asks for a port of localhost in code or in the configuration.</summary>
    public void SetLocalhostPort(int asked, int port)
    {
        lock (_lock)
            _localhostPorts[asked] = port;
    }

    public void Add(string item) => Change(list => list.Add(item));

    public void Clear() => Change(static list => list.Clear());

    public bool Remove(string item)
    {
        var isRemoved = false;
        Change(list => isRemoved = list.Remove(item));
        return isRemoved;
    }

    public bool Contains(string item) => Current.Contains(item);

    public void CopyTo(string[] array, int arrayIndex) => Current.CopyTo(array, arrayIndex);

    public IEnumerator<string> GetEnumerator() => Current.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void Change(Action<ICollection<string>> change)
    {
        lock (_lock)
        {
            if (_hasStarted)
                throw new InvalidOperationException("The server has started: its addresses cannot be changed.");
            // First: from its start on it refuses.
            if (_kestrel is not null)
                change(_kestrel.Addresses);
            change(_asked);
            _isChanged = true;
        }
    }

    private string Named(string address) =>
        AskedEndpoint.OfUrl(address) is { Kind: EndpointKind.Localhost } localhost
            && _localhostPorts.TryGetValue(localhost.Port, out var port) && port != localhost.Port
            ? localhost.NameOn(port)
            : address;
}

/// <summary>Kestrel, with its endpoints bound before it starts. Between start and stop it accepts from its own sockets.</summary>
internal sealed class BindwiseServer(IServer kestrel, ServerStart start, BoundAddresses addresses) : IServer
{
    private bool _hasStarted;

    public IFeatureCollection Features { get; } =
        new FeatureCollection(kestrel.Features) { [typeof(IServerAddressesFeature)] = addresses };

    public async Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull
    {
        // A failed start disposes of Kestrel, whose second start would then end the process.
        if (Interlocked.Exchange(ref _hasStarted, true))
            throw new InvalidOperationException("The server can start only once: build a new application.");
        var inner = kestrel.Features.GetRequiredFeature<IServerAddressesFeature>();
        try
        {
            await start.BindAsync(inner, cancellationToken).ConfigureAwait(false);
            await kestrel.StartAsync(application, cancellationToken).ConfigureAwait(false);
            start.Complete();
        }
        catch (Exception exception)
        {
            kestrel.Dispose();
            if (start.Fail(exception) is { } failure && failure != exception)
                throw failure;
            throw;
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        start.RemovePortFile();
        try
        {
            await kestrel.StopAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            start.CloseSockets();
        }
    }

    public void Dispose()
    {
        start.RemovePortFile();
        kestrel.Dispose();
        start.CloseSockets();
    }
}

using System.Runtime.Versioning;

namespace Bindwise.Testing;

/// <summary>
/// Leased ports for the tests of a class or a collection: a fixture for xunit, and as good without. The ports are leased when they are
/// first asked for. A class of your own that inherits it can start servers on them. Thread-safe. The leases
/// need Linux.
/// </summary>
/// <example>
/// <code>
/// public sealed class ShopTests(PortFixture ports) : IClassFixture&lt;PortFixture&gt;
/// </code>
/// A fixture with servers overrides <see cref="StartAsync"/> and <see cref="StopAsync"/>; one line makes it xunit's, in version 3 and 2:
/// <code>
/// public sealed class Shop : PortFixture, IAsyncLifetime { /* overrides */ }
/// public sealed class Shop : PortFixture, IAsyncLifetime { Task IAsyncLifetime.InitializeAsync() => InitializeAsync().AsTask(); Task
/// IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask(); }
/// </code>
/// </example>
public class PortFixture : IAsyncDisposable, IDisposable
{
    private readonly Lock _gate = new();
    private readonly int _count;
    private readonly PortLeaseOptions? _options;
    private ImmutableArray<PortLease> _leases;
    private bool _isStarted;
    private bool _isDisposed;

    /// <summary>One TCP port.</summary>
    public PortFixture()
        : this(1)
    {
    }

    /// <summary>Several ports, or others.</summary>
    /// <param name="count">How many, 1 to <see cref="PortPickRequest.MostPorts"/>.</param>
    /// <param name="options">Which; null for <see cref="PortLeaseOptions.Default"/>.</param>
    protected PortFixture(int count, PortLeaseOptions? options = null) => (_count, _options) = (count, options);

    /// <summary>The leases, until the fixture is disposed of.</summary>
    /// <exception cref="PortPickException">There are not enough ports.</exception>
    /// <exception cref="ObjectDisposedException">The fixture is disposed of.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    [SupportedOSPlatform("linux")]
    public ImmutableArray<PortLease> Leases
    {
        get
        {
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                return _leases.IsDefault ? _leases = PortLease.Take(_count, _options) : _leases;
            }
        }
    }

    /// <summary>The first lease.</summary>
    [SupportedOSPlatform("linux")]
    public PortLease Lease => Leases[0];

    /// <summary>The first lease's port.</summary>
    [SupportedOSPlatform("linux")]
    public int Port => Lease.Port;

    /// <summary>
    /// Leases the ports and calls <see cref="StartAsync"/>; if that fails, everything is undone. xunit calls it for an IAsyncLifetime.
    /// </summary>
    [SupportedOSPlatform("linux")]
    public async ValueTask InitializeAsync()
    {
        _ = Leases;
        _isStarted = true;
        try
        {
            await StartAsync().ConfigureAwait(false);
        }
        catch
        {
            await DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Starts what the tests need on the leased ports; return when it accepts connections. Nothing by default.</summary>
    protected virtual ValueTask StartAsync() => ValueTask.CompletedTask;

    /// <summary>Stops it, before the leases end; also called when <see cref="StartAsync"/> failed half-way. Nothing by default.</summary>
    protected virtual ValueTask StopAsync() => ValueTask.CompletedTask;

    /// <summary>Stops what was started, and ends the leases.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_isStarted)
            {
                _isStarted = false;
                await StopAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            Dispose();
            GC.SuppressFinalize(this);
        }
    }

    /// <summary>Ends the leases, without <see cref="StopAsync"/>.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the leases.</summary>
    /// <param name="disposing">False from a finalizer, of which there is none here.</param>
    protected virtual void Dispose(bool disposing)
    {
        lock (_gate)
        {
            if (_isDisposed || !disposing)
                return;
            _isDisposed = true;
            if (_leases.IsDefault)
                return;
        }
        foreach (var lease in _leases)
            lease.Dispose();
    }
}

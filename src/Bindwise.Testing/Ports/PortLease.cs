using System.Collections.Concurrent;

namespace Bindwise.Testing;

/// <summary>
/// A port that is yours until you dispose of the lease, even without a reference to it: no other lease and no <c>bindwise pick</c> of this
/// network namespace gets it, whichever process or user asks, and the kernel gives it to no port 0 and no outgoing connection. The kernel
/// keeps it (an abstract UNIX name and a bound socket), so it ends with the process that has it, however that ends. Thread-safe. Linux
/// only.
/// </summary>
/// <example>
/// <code>
/// using var lease = PortLease.Take();
/// StartServer($"http://localhost:{lease.Port}");
/// </code>
/// </example>
public sealed class PortLease : IDisposable, IAsyncDisposable
{
    // Whoever has asked for the port alone has no reference to the lease: it must not be collected.
    private static readonly ConcurrentDictionary<PortLease, byte> Leases = [];

    private readonly PortLeaseOptions _options;
    private readonly PickedPorts _picked;
    private int _isDisposed;

    [SupportedOSPlatform("linux")]
    private PortLease(PickedPorts picked, PortLeaseOptions options)
    {
        (_picked, _options) = (picked, options);
        Port = picked.Ports[0].Number;
        IsHeld = options.HoldsPort && options.Transports.HasFlag(Transports.Tcp);
        if (!IsHeld)
            picked.EndHolding(Transports.Tcp);
        _ = Leases.TryAdd(this, 0);
    }

    /// <summary>The port, 1 to 65535: bind it by its number, with SO_REUSEADDR, as often as you like.</summary>
    public int Port { get; }

    /// <summary>A bound TCP socket holds the port for you.</summary>
    public bool IsHeld { get; private set; }

    /// <summary>Leases one port.</summary>
    /// <param name="options">Which; null for <see cref="PortLeaseOptions.Default"/>.</param>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    /// <exception cref="PortPickException">No port can be had; the message counts what stood in the way.</exception>
    /// <exception cref="IOException">The system refused: no descriptors are left, or the address is not one of this host's.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    [SupportedOSPlatform("linux")]
    public static PortLease Take(PortLeaseOptions? options = null) => Take(1, options)[0];

    /// <summary>Leases several ports: all of them, or none.</summary>
    /// <param name="count">How many, 1 to <see cref="PortPickRequest.MostPorts"/>.</param>
    /// <param name="options">Which; null for <see cref="PortLeaseOptions.Default"/>.</param>
    /// <returns>The leases, each with another port, to be disposed of one by one.</returns>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    /// <exception cref="PortPickException">There are not enough ports; the message counts what stood in the way.</exception>
    /// <exception cref="IOException">The system refused: no descriptors are left, or the address is not one of this host's.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    [SupportedOSPlatform("linux")]
    public static ImmutableArray<PortLease> Take(int count, PortLeaseOptions? options = null)
    {
        options ??= PortLeaseOptions.Default;
        if (options.Transports is not (Transports.Tcp or Transports.Udp or Transports.TcpAndUdp))
            throw new ArgumentException("A port is leased for TCP, UDP or both.", nameof(options));
        if (count is < 1 or > PortPickRequest.MostPorts)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"Lease 1 to {PortPickRequest.MostPorts} ports at once.");
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException(
                "A port is leased by the Linux kernel, which this system does not have: let the server bind port 0 here, and ask it for "
                    + "its port.");
        var request = new PortPickRequest
        {
            Count = count,
            Range = options.Range,
            Address = options.Address,
            Udp = options.Transports.HasFlag(Transports.Udp)
        };
        return [.. PortPicker.PickHeld(request).Select(picked => new PortLease(picked, options))];
    }

    /// <summary>
    /// Listens on the port, so that the server under test gets the very socket: on the address of the options, else on 127.0.0.1 and, if
    /// the host has it, [::1]. The listener is yours to dispose of; the lease stays.
    /// </summary>
    /// <exception cref="BindException">The system refused; a program that was given the number listens there already.</exception>
    /// <exception cref="ObjectDisposedException">The lease has ended.</exception>
    public BoundListener Listen()
    {
        ThrowIfEnded();
        var port = PortPolicy.Exactly(Port);
        return Listener.Bind((_options.Address is { } address ? ListenRequest.On(address, port)
            : ListenRequest.OnLocalhost(port)) with
        { Transports = _options.Transports });
    }

    /// <summary>
    /// Closes the socket that holds the port, for a server without SO_REUSEADDR; other leases stay away from the port all the same.
    /// </summary>
    public void StopHolding()
    {
        IsHeld = false;
        if (OperatingSystem.IsLinux())
            _picked.EndHolding(Transports.Tcp);
    }

    /// <summary>Ends the lease. A server that has bound the port keeps it.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        IsHeld = false;
        _ = Leases.TryRemove(this, out _);
        if (OperatingSystem.IsLinux())
            _picked.Dispose();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Others may have the port of a lease that has ended.</summary>
    internal void ThrowIfEnded() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);

    /// <summary>The port.</summary>
    public override string ToString() => Port.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Which ports to lease, and how they are held. Immutable; checked when they are leased.</summary>
public sealed record PortLeaseOptions
{
    /// <summary>Any TCP port outside the ephemeral range, on every address, held by a socket.</summary>
    public static PortLeaseOptions Default { get; } = new();

    /// <summary>
    /// Only these ports; null: any from 1024 on outside the ephemeral range (net.ipv4.ip_local_port_range), those from 10000 on first, in a
    /// random order.
    /// </summary>
    public PortRange? Range { get; init; }

    /// <summary>
    /// The address that the server will bind; null: every address of both families, so that no address of the port is taken.
    /// </summary>
    public IPAddress? Address { get; init; }

    /// <summary>TCP, UDP or both: the port is free for all of them.</summary>
    public Transports Transports { get; init; } = Transports.Tcp;

    /// <summary>
    /// A bound TCP socket holds the port until the lease ends: only a server that sets SO_REUSEADDR can bind beside it, as .NET's own
    /// sockets, Kestrel, Go, Node.js and nearly all servers do on Linux (socket(7)). False, for a server that does not: the port is free,
    /// and only other leases stay away from it. No socket can hold a UDP port for somebody else.
    /// </summary>
    public bool HoldsPort { get; init; } = true;
}

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

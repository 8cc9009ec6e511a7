using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Bindwise.Testing.AspNetCore;

/// <summary>
/// A <see cref="WebApplicationFactory{TEntryPoint}"/> whose application runs in Kestrel, on a port of 127.0.0.1 that nobody else has: for
/// browsers, websockets, gRPC and other clients that TestServer cannot serve. What you get of it (an address, a client, its services) is
/// there once it accepts connections. A fixture for xunit as it is: <c>IClassFixture&lt;RealPortFactory&lt;Program&gt;&gt;</c>.
/// </summary>
/// <remarks>
/// Configure the application in a class of your own that overrides <see cref="WebApplicationFactory{TEntryPoint}.ConfigureWebHost"/>. It
/// works with <c>UseBindwise()</c> in the application, and without.
/// </remarks>
/// <typeparam name="TProgram">A type of the application's assembly, as a rule its Program.</typeparam>
public class RealPortFactory<TProgram> : WebApplicationFactory<TProgram>
    where TProgram : class
{
    /// <summary>Kestrel has listened before the start ends; more time is for a machine that does something else.</summary>
    private static readonly TimeSpan AcceptTime = TimeSpan.FromMinutes(2);

    /// <summary>What options have that name no address: TestServer's.</summary>
    private static readonly Uri TestServerAddress = new WebApplicationFactoryClientOptions().BaseAddress;

    private readonly Lock _gate = new();
    private ImmutableArray<Uri> _addresses;

    /// <summary>The system chooses the port when the application starts.</summary>
    public RealPortFactory() => UseKestrel();

    /// <summary>
    /// A port of your own, for an application that has to know it before it starts, as for a redirect URI; null: the system chooses. The
    /// lease stays yours: with it the port is the same, and nobody else's, over several factories. One that has ended starts nothing.
    /// </summary>
    public PortLease? Lease { get; init; }

    /// <summary>
    /// Where the application accepts connections, with its port; the first address if there are several. Starts it if it has not started.
    /// </summary>
    /// <exception cref="IOException">It cannot be started, or not on the leased port; the message names who has that.</exception>
    public Uri Address => Start()[0];

    /// <summary>All addresses on which the application accepts connections. Starts it if it has not started.</summary>
    /// <exception cref="IOException">It cannot be started, or not on the leased port; the message names who has that.</exception>
    public ImmutableArray<Uri> Addresses => Start();

    /// <summary>The port of <see cref="Address"/>.</summary>
    public int Port => Address.Port;

    /// <summary>The application's services. Starts it if it has not started.</summary>
    public override IServiceProvider Services
    {
        get
        {
            // The base class's start reads them too.
            if (!_gate.IsHeldByCurrentThread)
                _ = Start();
            return base.Services;
        }
    }

    /// <summary>Sets up a client with <see cref="Address"/> as its base address.</summary>
    /// <param name="client">The client.</param>
    protected override void ConfigureClient(HttpClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        var address = Address;
        base.ConfigureClient(client);
        client.BaseAddress = address;
    }

    /// <summary>Creates the host, with the port that this factory is for.</summary>
    /// <param name="builder">The application's builder.</param>
    protected override IHost CreateHost(IHostBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return base.CreateHost(builder.ConfigureServices(AddPort));
    }

    /// <summary>
    /// Creates the builder of an application that has one of before the Generic Host, with the port that this factory is for.
    /// </summary>
    protected override IWebHostBuilder? CreateWebHostBuilder() => base.CreateWebHostBuilder()?.ConfigureServices(AddPort);

    /// <summary>
    /// As the base class's, but with <see cref="Address"/> as the base address, unless the options have one of their own.
    /// </summary>
    /// <param name="options">Redirects, cookies, and another base address than <c>http://localhost</c>.</param>
    /// <exception cref="IOException">The application cannot be started.</exception>
    public new HttpClient CreateClient(WebApplicationFactoryClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var address = Address;
        return base.CreateClient(new WebApplicationFactoryClientOptions
        {
            BaseAddress = options.BaseAddress == TestServerAddress ? address : options.BaseAddress,
            AllowAutoRedirect = options.AllowAutoRedirect,
            MaxAutomaticRedirections = options.MaxAutomaticRedirections,
            HandleCookies = options.HandleCookies,
        });
    }

    private void AddPort(IServiceCollection services) =>
        services.AddSingleton<IStartupFilter>(provider => new ServerPort(provider.GetRequiredService<IServer>(), Lease?.Port ?? 0));

    private ImmutableArray<Uri> Start()
    {
        lock (_gate)
        {
            if (!_addresses.IsDefault)
                return _addresses;
            Lease?.ThrowIfEnded();
            Launch();
            var features = base.Services.GetRequiredService<IServer>().Features;
            var addresses = features.Get<IServerAddressesFeature>()?.Addresses.Select(static one => AddressOf(one)).OfType<Uri>()
                .ToImmutableArray() ?? [];
            if (addresses.IsEmpty)
                throw new InvalidOperationException("The application listens on no TCP port: RealPortFactory needs one.");
            if (Lease is { } lease && addresses.All(one => one.Port != lease.Port))
                throw new IOException(
                    $"The application listens on {addresses[0]} instead of the leased port {lease.Port}. {Reason(lease.Port)}");
            foreach (var one in addresses)
                AwaitAccept(one);
            return _addresses = addresses;
        }
    }

    private void Launch()
    {
        try
        {
            StartServer();
        }
        catch (IOException exception) when (Lease is not null && exception.GetBaseException() is SocketException and not BindException)
        {
            throw new IOException($"{exception.Message} {Reason(Lease.Port)}", exception);
        }
        // The application has caught its failed start, and has ended.
        catch (ObjectDisposedException exception) when (Lease is not null)
        {
            throw new IOException($"The application ended before it listened on the leased port {Lease.Port}. {Reason(Lease.Port)}",
                exception);
        }
    }

    private static string Reason(int port) => PortDiagnostics.Diagnose(PortQuery.Of(port)).Summary;

    // A wildcard is no address to connect to; a UNIX socket has no port.
    private static Uri? AddressOf(string address)
    {
        var plain = address.Replace("://+", "://127.0.0.1", StringComparison.Ordinal)
            .Replace("://*", "://127.0.0.1", StringComparison.Ordinal)
            .Replace("://0.0.0.0", "://127.0.0.1", StringComparison.Ordinal).Replace("://[::]", "://127.0.0.1", StringComparison.Ordinal);
        return Uri.TryCreate(plain, UriKind.Absolute, out var uri) && !uri.Host.StartsWith("unix", StringComparison.OrdinalIgnoreCase)
            && uri.Port > 0 ? uri : null;
    }

    private static void AwaitAccept(Uri address)
    {
        using var limit = new CancellationTokenSource(AcceptTime);
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        client.ConnectAsync(new DnsEndPoint(address.Host.Trim('[', ']'), address.Port), limit.Token).AsTask().GetAwaiter().GetResult();
    }
}

/// <summary>
/// Sets the server's address while the application starts, before its server does and whatever it asks for itself: hosting calls startup
/// filters when the server has its addresses, those that were added last first. <c>UseKestrel(port)</c> does so when the host is built,
/// while the application's own Run() may be starting the server already: then it comes too late, and the server has the application's port.
/// </summary>
internal sealed class ServerPort(IServer server, int port) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next)
    {
        if (server.Features.Get<IServerAddressesFeature>() is { } feature)
        {
            feature.Addresses.Clear();
            feature.Addresses.Add(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
            feature.PreferHostingUrls = true;
        }
        return next;
    }
}

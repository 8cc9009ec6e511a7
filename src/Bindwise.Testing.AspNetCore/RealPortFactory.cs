using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Bindwise.Testing.AspNetCore;

/// <summary>
/// A <see cref="WebApplicationFactory{TEntryPoint}"/> whose application runs in Kestrel, on a port of 127.0.0.1 that nobody else has: for browsers,
/// websockets, gRPC and other clients that TestServer cannot serve. What you get of it (an address, a client, its services) is there once it accepts
/// connections. A fixture for xunit as it is: <c>IClassFixture&lt;RealPortFactory&lt;Program&gt;&gt;</c>.
/// </summary>
/// <remarks>
/// Configure the application in a class of your own that overrides <see cref="WebApplicationFactory{TEntryPoint}.ConfigureWebHost"/>. It works with
/// <c>UseBindwise()</c> in the application, and without.
/// </remarks>
/// <typeparam name="TProgram">A type of the application's assembly, as a rule its Program.</typeparam>
public class RealPortFactory<TProgram> : WebApplicationFactory<TProgram>
    where TProgram : class
{
    /// <summary>Kestrel has listened before the start ends; more time is for a machine that does something else.</summary>
    private static readonly TimeSpan AcceptTime = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private ImmutableArray<Uri> _addresses;

    /// <summary>The system chooses the port when the application starts.</summary>
    public RealPortFactory() => UseKestrel(0);

    /// <summary>
    /// A port of your own, for an application that has to know it before it starts, as for a redirect URI; null: the system chooses. The lease stays yours: with it
    /// the port is the same, and nobody else's, over several factories.
    /// </summary>
    public PortLease? Lease
    {
        get;
        init
        {
            field = value;
            UseKestrel(value?.Port ?? 0);
        }
    }

    /// <summary>Where the application accepts connections, with its port; the first address if there are several. Starts it if it has not started.</summary>
    /// <exception cref="IOException">It cannot be started; with <c>UseBindwise()</c> in the application, the message names who has the port.</exception>
    public Uri Address => Start()[0];

    /// <summary>All addresses on which the application accepts connections. Starts it if it has not started.</summary>
    /// <exception cref="IOException">It cannot be started; with <c>UseBindwise()</c> in the application, the message names who has the port.</exception>
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

    private ImmutableArray<Uri> Start()
    {
        lock (_gate)
        {
            if (!_addresses.IsDefault)
                return _addresses;
            StartServer();
            var features = base.Services.GetRequiredService<IServer>().Features;
            var addresses = features.Get<IServerAddressesFeature>()?.Addresses.Select(static one => AddressOf(one)).OfType<Uri>().ToImmutableArray() ?? [];
            if (addresses.IsEmpty)
                throw new InvalidOperationException("The application listens on no TCP port: RealPortFactory needs one.");
            foreach (var one in addresses)
                AwaitAccept(one);
            return _addresses = addresses;
        }
    }

    // A wildcard is no address to connect to; a UNIX socket has no port.
    private static Uri? AddressOf(string address)
    {
        var plain = address.Replace("://+", "://127.0.0.1", StringComparison.Ordinal).Replace("://*", "://127.0.0.1", StringComparison.Ordinal)
            .Replace("://0.0.0.0", "://127.0.0.1", StringComparison.Ordinal).Replace("://[::]", "://127.0.0.1", StringComparison.Ordinal);
        return Uri.TryCreate(plain, UriKind.Absolute, out var uri) && !uri.Host.StartsWith("unix", StringComparison.OrdinalIgnoreCase) && uri.Port > 0 ? uri : null;
    }

    private static void AwaitAccept(Uri address)
    {
        using var limit = new CancellationTokenSource(AcceptTime);
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        client.ConnectAsync(new DnsEndPoint(address.Host.Trim('[', ']'), address.Port), limit.Token).AsTask().GetAwaiter().GetResult();
    }
}

using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Bindwise.Outgoing.Tests;

/// <summary>A few source ports, one source address, and two destinations; servers that hold their requests until they are told.</summary>
internal sealed class World : IAsyncDisposable
{
    public const int RangeSize = 16;
    public static readonly IPAddress Source = IPAddress.Parse("127.0.0.2");
    public static readonly IReadOnlyList<IPEndPoint> Destinations = [new(IPAddress.Loopback, 9001), new(IPAddress.Loopback, 9002)];

    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<WebApplication> _applications = [];

    /// <summary>Where each request that a server holds came from.</summary>
    public ConcurrentQueue<IPEndPoint> Held { get; } = [];

    /// <summary>Makes the range of source ports small.</summary>
    public static void NarrowRange()
    {
        File.WriteAllText("/proc/sys/net/ipv4/ip_local_port_range", string.Create(CultureInfo.InvariantCulture, $"40000 {40000 + RangeSize - 1}"));
        File.WriteAllText("/proc/sys/net/ipv4/tcp_tw_reuse", "0");
    }

    /// <summary>A connector from the one source.</summary>
    public static OutgoingConnector Connector() => new(new OutgoingOptions { Sources = [Source] });

    /// <summary>What programs do without it: bind() takes a port before anybody knows where the connection goes.</summary>
    public static async ValueTask<Stream> BindThenConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(Source, 0));
            await socket.ConnectAsync(IPAddress.Parse(context.DnsEndPoint.Host), context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>An application that logs nothing, to be started by <see cref="StartAsync"/>.</summary>
    public static WebApplicationBuilder Builder()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        return builder;
    }

    /// <summary>Starts a server there; it ends with this.</summary>
    public async Task StartAsync(WebApplicationBuilder builder, IPEndPoint endpoint, HttpProtocols protocols, Action<WebApplication> configure)
    {
        builder.WebHost.ConfigureKestrel(options => options.Listen(endpoint, listen => listen.Protocols = protocols));
        builder.Services.AddSingleton(this);
        var application = builder.Build();
        configure(application);
        await application.StartAsync();
        _applications.Add(application);
    }

    /// <summary>Holds a request.</summary>
    public Task HoldAsync(ConnectionInfo connection)
    {
        Held.Enqueue(new IPEndPoint(connection.RemoteIpAddress!, connection.RemotePort));
        return _released.Task;
    }

    /// <summary>Waits until each of the requests is held, or has failed.</summary>
    public Task SettledAsync(IReadOnlyCollection<Task> requests) => Eventually.SucceedsAsync(() =>
    {
        Assert.Equal(requests.Count, Held.Count + requests.Count(static one => one.IsFaulted));
        return Task.CompletedTask;
    });

    /// <summary>Fails unless each destination has a connection from each port of the source.</summary>
    public void AssertWholeRangeForEach()
    {
        Assert.All(Held, static one => Assert.Equal(Source, one.Address));
        var uses = Held.GroupBy(static one => one.Port).ToList();
        Assert.Equal(Enumerable.Range(40000, RangeSize), uses.Select(static port => port.Key).Order());
        Assert.All(uses, static port => Assert.Equal(Destinations.Count, port.Count()));
    }

    /// <summary>Answers all that is held.</summary>
    public void Release() => _released.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        Release();
        foreach (var application in _applications)
            await application.DisposeAsync();
    }
}

using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Bindwise.AspNetCore.Tests;

/// <summary>A web application with the package, within the test's own process and namespace.</summary>
internal sealed class Web : IAsyncDisposable
{
    private Web(WebApplication app, LogLines log)
    {
        App = app;
        Log = log;
    }

    public WebApplication App { get; }

    public LogLines Log { get; }

    public IReadOnlyList<string> Urls => [.. App.Urls];

    /// <summary>Makes one whose answer is "hello"; the caller starts it.</summary>
    public static Web Make(string? urls = null, Action<BindwiseOptions>? options = null, Action<KestrelServerOptions>? kestrel = null, Action<WebApplicationBuilder>? builder = null, params (string Key, string? Value)[] settings)
    {
        var making = WebApplication.CreateBuilder();
        var log = new LogLines();
        making.Logging.ClearProviders().AddProvider(log);
        making.Configuration.AddInMemoryCollection(settings.Select(static one => KeyValuePair.Create(one.Key, one.Value)));
        if (urls is not null)
            making.WebHost.UseUrls(urls.Split(';'));
        if (kestrel is not null)
            making.WebHost.ConfigureKestrel(kestrel);
        making.WebHost.UseBindwise(options);
        builder?.Invoke(making);
        var app = making.Build();
        app.MapGet("/", static () => "hello");
        return new Web(app, log);
    }

    /// <summary>The same, started.</summary>
    public static async Task<Web> StartAsync(string? urls = null, Action<BindwiseOptions>? options = null, Action<KestrelServerOptions>? kestrel = null, Action<WebApplicationBuilder>? builder = null, params (string Key, string? Value)[] settings)
    {
        var web = Make(urls, options, kestrel, builder, settings);
        await web.App.StartAsync();
        return web;
    }

    /// <summary>What a new connection to an address gets.</summary>
    public static async Task<string> GetAsync(string address)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromMinutes(4) };
        return await client.GetStringAsync(new Uri(address));
    }

    /// <summary>A listener of this process, that stands in the way.</summary>
    public static Socket Occupy(IPAddress address, int port)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, port));
        socket.Listen();
        return socket;
    }

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync();
        await App.DisposeAsync();
    }
}

using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Bindwise.HandingOver.Benchmarks;

/// <summary>The servers that are replaced. Each says "ready" when it serves, and ends by itself after a hand-over, or by SIGTERM.</summary>
internal static class Servers
{
    /// <summary>Where all of them listen.</summary>
    public static readonly IPEndPoint Address = new(IPAddress.Loopback, 8080);

    /// <summary>Kestrel, with the package; its options come as arguments.</summary>
    public static async Task KestrelAsync(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://{Address}");
        builder.WebHost.UseBindwise();
        await using var app = builder.Build();
        app.MapGet("/", static () => "hello");
        app.Lifetime.ApplicationStarted.Register(static () => Console.WriteLine("ready"));
        await app.RunAsync();
    }

    /// <summary>A plain server over <see cref="ListenerHandOver"/>, one answer a connection.</summary>
    public static async Task ListenerAsync(string path)
    {
        await using var handOver = await ListenerHandOver.StartAsync([ListenRequest.On(Address)], new HandOverOptions { Path = path });
        var serving = ServeAsync(handOver.Listeners[0]);
        await handOver.ReadyAsync();
        Console.WriteLine("ready");
        await serving;
    }

    private static async Task ServeAsync(BoundListener listener)
    {
        var open = new List<Task>();
        try
        {
            while (true)
            {
                var connection = await listener.AcceptAsync();
                open.RemoveAll(static one => one.IsCompleted);
                open.Add(AnswerAsync(connection));
            }
        }
        catch (ObjectDisposedException)
        {
            await Task.WhenAll(open);
        }
    }

    private static async Task AnswerAsync(Socket connection)
    {
        using (connection)
        {
            var buffer = new byte[1024];
            for (var length = 0; !buffer.AsSpan(0, length).EndsWith("\r\n\r\n"u8);)
            {
                var got = await connection.ReceiveAsync(buffer.AsMemory(length));
                if (got == 0)
                    return;
                length += got;
            }
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"u8.ToArray());
            connection.Shutdown(SocketShutdown.Send);
            while (await connection.ReceiveAsync(buffer) > 0)
                continue;
        }
    }
}

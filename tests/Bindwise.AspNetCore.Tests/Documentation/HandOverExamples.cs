using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Bindwise.AspNetCore.Tests.Documentation;

/// <summary>The blocks of docs/hand-over.md, which stand there as they stand here.</summary>
internal static class HandOverExamples
{
    public static WebApplication WithPath(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.UseBindwise(options => options.HandOver.Path = "/run/shop/hand-over.sock");
        return builder.Build();
    }

    public static WebApplication WithStore(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.UseBindwise(options => options.HandOver.UseDescriptorStore = true);
        return builder.Build();
    }

    [SupportedOSPlatform("linux")]
    public static async Task ServeAsync(string path)
    {
        var options = new HandOverOptions { Path = path };
        await using var handOver = await ListenerHandOver.StartAsync([ListenRequest.On(IPAddress.Loopback, 8080)], options);
        var serving = ServeAsync(handOver.Listeners[0]);
        await handOver.ReadyAsync();
        await Task.Delay(Timeout.Infinite, handOver.HandedOver).ContinueWith(static _ => { }, TaskScheduler.Default);
        await serving.WaitAsync(handOver.DrainExpired);
    }

    private static async Task ServeAsync(BoundListener listener)
    {
        var open = new List<Task>();
        while (true)
        {
            Socket connection;
            try
            {
                connection = await listener.AcceptAsync();
            }
            catch (ObjectDisposedException)
            {
                break;
            }
            open.RemoveAll(static one => one.IsCompleted);
            open.Add(AnswerAsync(connection));
        }
        await Task.WhenAll(open);
    }

    private static async Task AnswerAsync(Socket connection)
    {
        using (connection)
            await connection.SendAsync("hello\n"u8.ToArray());
    }
}

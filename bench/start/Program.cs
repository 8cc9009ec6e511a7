using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime;
using Bindwise;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

// What a fresh process needs once: milliseconds, and the methods that the runtime compiled meanwhile. bench/start/run starts many.
var began = Stopwatch.GetTimestamp();
var methods = JitInfo.GetCompiledMethodCount();
switch (args)
{
    case ["plain" or "bindwise"]:
        await StartAsync(with: args[0] == "bindwise");
        break;
    case ["failure"]:
        using (var holder = new TcpListener(IPAddress.Loopback, 8080))
        {
            holder.Start();
            began = Stopwatch.GetTimestamp();
            methods = JitInfo.GetCompiledMethodCount();
            Fail();
        }
        break;
    default:
        await Console.Error.WriteLineAsync("Usage: plain|bindwise|failure (bench/start/run does that in a namespace).");
        return 2;
}
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(began).TotalMilliseconds:0.00} {JitInfo.GetCompiledMethodCount() - methods}"));
return 0;

static async Task StartAsync(bool with)
{
    var builder = WebApplication.CreateBuilder();
    builder.Logging.ClearProviders();
    builder.WebHost.UseUrls("http://127.0.0.1:8080");
    if (with)
        builder.UseBindwise();
    var app = builder.Build();
    app.MapGet("/", static () => "hello");
    await app.StartAsync();
}

static void Fail()
{
    try
    {
        Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080)).Dispose();
    }
    catch (BindException exception) when (exception.Diagnosis is not null)
    {
        return;
    }
    throw new InvalidOperationException("The port was free, or nobody looked why it is not.");
}

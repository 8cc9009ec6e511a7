// Ports for tests whose servers must know their numbers before they start. Start it in several terminals at once: no port comes twice, because the
// kernel keeps each lease, for every process and user, until its process disposes of it or ends, however it ends.
using System.Globalization;
using System.Runtime.Versioning;
using Bindwise.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

[assembly: SupportedOSPlatform("linux")]

// How many hosts, and whether they stay until Ctrl+C.
var hosts = 3;
if (args.Length > 2 || (args.Length > 0 && !int.TryParse(args[0], NumberStyles.None, CultureInfo.InvariantCulture, out hosts)) || (args.Length > 1 && args[1] != "stay"))
{
    await Console.Error.WriteLineAsync("usage: LeasedPorts [HOSTS [stay]]");
    return 2;
}
using var client = new HttpClient();
var started = new List<(PortLease Lease, WebApplication App)>();
for (var number = 0; number < hosts; number++)
{
    var lease = PortLease.Take();
    // Each host would watch its settings file, and a user gets 128 such watches (fs.inotify.max_user_instances).
    var builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false"]);
    builder.Logging.ClearProviders();
    // Kestrel binds beside the lease's socket.
    builder.WebHost.UseUrls($"http://localhost:{lease.Port}");
    var app = builder.Build();
    var greeting = $"host {number}";
    app.MapGet("/", () => greeting);
    await app.StartAsync();
    started.Add((lease, app));
    Console.WriteLine($"http://localhost:{lease.Port} answers {await client.GetStringAsync(new Uri($"http://localhost:{lease.Port}"))}");
}
Console.WriteLine("all started");
if (args.Length > 1)
    await started[^1].App.WaitForShutdownAsync();
foreach (var (lease, app) in started)
{
    await app.DisposeAsync();
    lease.Dispose();
}
return 0;

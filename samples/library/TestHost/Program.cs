// How a test starts a server on a port that nobody else has: it lets the server take the port, and asks the server which it is. The usual way,
// to look for a free port first and to pass its number on, is a race: between the look and the bind() anybody may take it.
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

// How many hosts; each has a port of its own.
var hosts = 3;
if (args.Length > 0 && !int.TryParse(args[0], NumberStyles.None, CultureInfo.InvariantCulture, out hosts))
{
    await Console.Error.WriteLineAsync("usage: TestHost [HOSTS]");
    return 2;
}
var apps = Enumerable.Range(0, hosts).Select(MakeApp).ToList();
await Task.WhenAll(apps.Select(static app => app.StartAsync()));

using var client = new HttpClient();
foreach (var app in apps)
{
    var address = app.Urls.Single();
    Console.WriteLine($"{address} answers {await client.GetStringAsync(new Uri(address))}");
}
await Task.WhenAll(apps.Select(static app => app.DisposeAsync().AsTask()));
return 0;

static WebApplication MakeApp(int number)
{
    var builder = WebApplication.CreateBuilder();
    builder.Logging.ClearProviders();
    // One port, for 127.0.0.1 and [::1] alike. Kestrel alone refuses localhost:0.
    builder.WebHost.UseUrls("http://localhost:0").UseBindwise();
    var app = builder.Build();
    app.MapGet("/", () => $"host {number}");
    return app;
}

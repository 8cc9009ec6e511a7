using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Bindwise.Listeners.Manners;

/// <summary>Kestrel as the templates have it, with UseSystemd() for sockets that are passed; or with UseBindwise() in its place.</summary>
/// <param name="withBindwise">With the package.</param>
/// <param name="port">Its own port in the place of the one wanted, as an edited launchSettings.json or UseUrls names it; null for the one wanted.</param>
internal sealed class KestrelManner(bool withBindwise, int? port = null) : IManner
{
    public async Task<Listening> ListenAsync(Wanted wanted)
    {
        if (wanted.WithUdp)
            throw new NotSupportedException("cannot be asked: Kestrel gives a program no UDP port");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore();
        if (withBindwise)
            builder.WebHost.UseBindwise(Configure);
        else
            builder.WebHost.ConfigureKestrel(static options => options.UseSystemd());
        var host = wanted.UnixPath is { } path ? $"unix:{path}" : wanted.IsLocalhost ? $"localhost:{wanted.Port}" : $"{wanted.Addresses[0]}:{port ?? wanted.Port}";
        if (Environment.GetEnvironmentVariable("LISTEN_FDS") is null || Environment.GetEnvironmentVariable("OWN_ADDRESS") is not null)
            builder.WebHost.UseUrls($"http://{host}");
        var app = builder.Build();
        app.Run(static async context =>
        {
            context.Response.Headers.Connection = "close";
            await context.Response.WriteAsync($"{Environment.ProcessId}\n");
        });
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        return new Listening([.. addresses], [(IDisposable)app]);
    }

    private static void Configure(AspNetCore.BindwiseOptions options)
    {
        if (Environment.GetEnvironmentVariable("LISTEN_FDS") is null)
            return;
        options.SocketActivation = Extensions.Hosting.SocketActivationMode.Matching;
        options.ListenPidMismatch = BindwiseManner.Behind;
        options.SocketNames[8081] = "web";
    }
}

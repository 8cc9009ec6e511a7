using System.Net;
using System.Reflection;
using Bindwise.AspNetCore;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Bindwise.Start.Benchmarks;

/// <summary>
/// What each part of a start with the package costs beyond a plain one: two plain applications have started before, so that what the framework
/// needs once is there. The parts stand in the order of a start; what a part needs first, it pays for.
/// </summary>
internal static class Parts
{
    // By text: a type's name in this code would load its assembly before its time.
    private static readonly string[] Assemblies =
        ["Bindwise", "Bindwise.Linux.Native", "Bindwise.Extensions.Hosting", "Bindwise.AspNetCore"];

    /// <summary>Prints them.</summary>
    public static async Task ReportAsync()
    {
        await (await Servers.StartAsync("http://127.0.0.1:8080", with: false)).DisposeAsync();
        var (builder, other) = (Servers.Builder("http://127.0.0.1:8081"), Servers.Builder("http://127.0.0.1:8082"));
        var began = Moment.Now;
        var plain = Servers.Application(other);
        began.Report("a plain Build(), warm");
        await using (plain)
        {
            began = Moment.Now;
            await plain.StartAsync();
            began.Report("a plain StartAsync(), warm");
            began = Moment.Now;
            foreach (var name in Assemblies)
                _ = Assembly.Load(name);
            began.Report("assemblies");
            await TellPackageAsync(builder);
        }
    }

    private static async Task TellPackageAsync(Microsoft.AspNetCore.Builder.WebApplicationBuilder builder)
    {
        var began = Moment.Now;
        builder.UseBindwise();
        began.Report("UseBindwise()");
        began = Moment.Now;
        var app = Servers.Application(builder);
        began.Report("Build(), with the services");
        await using (app)
        {
            began = Moment.Now;
            _ = app.Services.GetRequiredService<IOptions<BindwiseOptions>>().Value;
            began.Report("options");
            began = Moment.Now;
            _ = SocketActivation.Take();
            began.Report("look for passed sockets");
            began = Moment.Now;
            Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8083)).Dispose();
            began.Report("sockets");
            began = Moment.Now;
            await app.StartAsync();
            began.Report("StartAsync()");
        }
    }
}

using System.Net;
using Bindwise.Extensions.Hosting;
using IsolatedProcess;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Bindwise.AspNetCore.Tests.Serving;

/// <summary>
/// A start that works loads only what it needs: the rules, the search of the running system and the texts are those of a failure, and would be
/// the most of what a start costs.
/// </summary>
[Trait("Lane", "second")]
public sealed class LoadedAssemblyTests
{
    private static readonly string[] OfAListener = ["Bindwise", "Bindwise.Linux.Native"];
    private static readonly string[] OfAHost = ["Bindwise", "Bindwise.Extensions.Hosting", "Bindwise.Linux.Native"];
    private static readonly string[] OfAServer =
        ["Bindwise", "Bindwise.AspNetCore", "Bindwise.Extensions.Hosting", "Bindwise.Linux.Native"];

    // Only for use in a body that runs apart.
    private static List<string> Loaded =>
    [
        .. AppDomain.CurrentDomain.GetAssemblies().Select(static one => one.GetName().Name!)
            .Where(static name => name.StartsWith("Bindwise", StringComparison.Ordinal) && !name.EndsWith(".Tests", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal),
    ];

    [IsolatedTheory]
    [InlineData("http://127.0.0.1:8080")]
    [InlineData("http://localhost:8080;http://127.0.0.1:8081")]
    [InlineData("http://*:8080;http://127.0.0.1:0")]
    [InlineData("http://localhost:0")]
    [InlineData("")]
    public Task Server_ThatListens_HasNothingOfADiagnosis(string urls) => Body.RunAsync(
        static async urls =>
        {
            await ServeAsync(urls);
        },
        urls);

    [IsolatedFact]
    public Task Server_WithOptions_HasNothingOfADiagnosis() => Body.RunAsync(static async () =>
    {
        var port = Path.Combine(Path.GetTempPath(), "port");
        await ServeAsync(
            "",
            ("Kestrel:Endpoints:One:Url", "http://127.0.0.1:8080"), ("Kestrel:Endpoints:Two:Url", "http://localhost:0"),
            ("Bindwise:Settings:Backlog", "100"), ("Bindwise:SettingsByEndpoint:8080:ReusePort", "true"),
            ("Bindwise:Retry:Timeout", "00:00:30"), ("Bindwise:PortFile", port), ("Bindwise:Localhost", "IPv4Only"));
    });

    [IsolatedFact]
    public Task Worker_ThatListens_HasNothingOfADiagnosis() => Body.RunAsync(static async () =>
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddListener("one", ListenRequest.OnLocalhost(7000));
        builder.Services.AddListener("two", static _ => ListenRequest.OnAny(PortPolicy.Range(7001, 7009)));
        using (var host = builder.Build())
        {
            await host.StartAsync();
            Assert.Equal(7000, host.Services.GetRequiredService<IBoundListeners>()["one"].Port);
            Assert.Equal(OfAHost, Loaded);
            await host.StopAsync();
        }
        Assert.Equal(OfAHost, Loaded);
    });

    [IsolatedFact]
    public Task Listener_ThatIsBound_HasNothingOfADiagnosis() => Body.RunAsync(static async () =>
    {
        ListenRequest[] requests =
        [
            ListenRequest.On(IPAddress.Loopback, 7000) with { Retry = BindRetryOptions.For(TimeSpan.FromSeconds(10)) },
            ListenRequest.OnLocalhost(0) with { Transports = Transports.TcpAndUdp },
            ListenRequest.OnAny(PortPolicy.FirstFree(7000, 7001)) with
            {
                Settings = new SocketSettings { ReuseAddress = false, V6Only = true },
            },
        ];
        using (var listener = Listener.Bind(requests[0]))
            Assert.Equal(7000, listener.Port);
        foreach (var listener in Listener.BindAll(requests))
            listener.Dispose();
        foreach (var listener in await Listener.BindAllAsync(requests))
            await listener.DisposeAsync();
        Assert.Empty(SocketActivation.Take());
        Assert.Equal(OfAListener, Loaded);
    });

    // The names above are of assemblies that there are, and a failure finds them.
    [IsolatedFact]
    public Task Failure_HasAllOfThem() => Body.RunAsync(static () =>
    {
        using var taken = Web.Occupy(IPAddress.Loopback, 7000);
        var failure = Assert.Throws<BindException>(static () => Listener.Bind(ListenRequest.On(IPAddress.Loopback, 7000)));
        Assert.NotNull(failure.Diagnosis);
        Assert.Empty(new[] { "Bindwise.Linux", "Bindwise.Model", "Bindwise.Rendering" }.Except(Loaded));
        return Task.CompletedTask;
    });

    private static async Task ServeAsync(string urls, params (string Key, string? Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(settings.Select(static one => KeyValuePair.Create(one.Key, one.Value)));
        if (urls.Length > 0)
            builder.WebHost.UseUrls(urls.Split(';'));
        builder.UseBindwise();
        await using (var app = builder.Build())
        {
            app.MapGet("/", static () => "hello");
            await app.StartAsync();
            Assert.Equal("hello", await Web.GetAsync(app.Urls.First().Replace("[::]", "127.0.0.1", StringComparison.Ordinal)));
            Assert.Equal(OfAServer, Loaded);
            await app.StopAsync();
        }
        Assert.Equal(OfAServer, Loaded);
    }
}

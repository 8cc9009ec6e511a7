using System.Net;
using System.Net.Sockets;
using IsolatedProcess;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace Bindwise.AspNetCore.Tests.Serving;

/// <summary>Another port when the one asked for is taken: for every kind of endpoint, and told everywhere.</summary>
[Trait("Lane", "second")]
public sealed class FallbackTests
{
    [IsolatedFact]
    public Task Url_OfLocalhost_TakesOnePortForBothFamilies_AndTellsIt() => Body.RunAsync(static async () =>
    {
        using var first = Web.Occupy(IPAddress.Loopback, 5000);
        using var second = Web.Occupy(IPAddress.IPv6Loopback, 5001);
        await using var web = await Web.StartAsync("http://localhost:5000", static options => options.Fallback = PortPolicy.Range(5000, 5009));
        Assert.Equal(["http://localhost:5002"], web.Urls);
        Assert.Equal("hello", await Web.GetAsync("http://127.0.0.1:5002"));
        Assert.Equal("hello", await Web.GetAsync("http://[::1]:5002"));
        Assert.Contains($"Warning Bindwise: 5000 is taken by dotnet (pid {Environment.ProcessId}): listening on 5002", web.Log.All);
        Assert.Contains(web.Log.All, static line => line.EndsWith("Now listening on: http://localhost:5002", StringComparison.Ordinal));
    });

    [IsolatedFact]
    public Task Code_OfEveryKind_FallsBack_AndTellsThePort() => Body.RunAsync(static async () =>
    {
        using var any = Web.Occupy(IPAddress.Any, 5000);
        using var local = Web.Occupy(IPAddress.IPv6Loopback, 5100);
        using var address = Web.Occupy(IPAddress.Loopback, 5200);
        await using var web = await Web.StartAsync(
            options: static options =>
            {
                options.FallbackByPort[5000] = PortPolicy.FirstFree(5010);
                options.FallbackByPort[5100] = PortPolicy.FirstFree(5110);
                options.FallbackByPort[5200] = PortPolicy.SystemChoice;
            },
            kestrel: static kestrel =>
            {
                kestrel.ListenAnyIP(5000);
                kestrel.ListenLocalhost(5100);
                kestrel.Listen(IPAddress.Loopback, 5200);
            });
        Assert.Equal(["http://[::]:5010", "http://localhost:5110"], web.Urls.Take(2));
        foreach (var url in new[] { "http://127.0.0.1:5010", "http://127.0.0.1:5110", "http://[::1]:5110", web.Urls[2] })
            Assert.Equal("hello", await Web.GetAsync(url));
        Assert.Equal(
            [$"Warning Bindwise: 5000 is taken by dotnet (pid {Environment.ProcessId}): listening on 5010", $"Warning Bindwise: 5100 is taken by dotnet (pid {Environment.ProcessId}): listening on 5110"],
            web.Log.All.Where(static line => line.StartsWith("Warning Bindwise", StringComparison.Ordinal)).Take(2));
        Assert.Contains($"Warning Bindwise: 5200 is taken by dotnet (pid {Environment.ProcessId}): listening on {new Uri(web.Urls[2]).Port}", web.Log.All);
    });

    [IsolatedFact]
    public Task Configuration_FallsBackAsWell_ByTheSectionBindwise() => Body.RunAsync(static async () =>
    {
        using var taken = Web.Occupy(IPAddress.Loopback, 6000);
        await using var web = await Web.StartAsync(settings: [("Kestrel:Endpoints:Web:Url", "http://localhost:6000"), ("Bindwise:Fallback", "6001-6009")]);
        Assert.Equal(["http://localhost:6001"], web.Urls);
        Assert.Equal("hello", await Web.GetAsync("http://[::1]:6001"));
    });

    [IsolatedFact]
    public Task Fallback_LeavesAPortThatAnotherEndpointAsksForToIt() => Body.RunAsync(static async () =>
    {
        using var taken = Web.Occupy(IPAddress.Loopback, 5000);
        // In whatever order they are asked for.
        foreach (var urls in new[] { "http://localhost:5000;http://localhost:5001", "http://localhost:5001;http://localhost:5000" })
        {
            await using var web = await Web.StartAsync(urls, static options =>
            {
                options.Fallback = PortPolicy.Range(5001, 5009);
                options.FallbackByPort[5001] = null;
            });
            Assert.Equal(["http://localhost:5001", "http://localhost:5002"], web.Urls.Order(StringComparer.Ordinal));
        }
    });

    [IsolatedFact]
    public Task Fallback_OfOnePort_LeavesTheOthersAlone() => Body.RunAsync(static async () =>
    {
        using var taken = Web.Occupy(IPAddress.Loopback, 5001);
        await using var web = Web.Make("http://127.0.0.1:5000;http://127.0.0.1:5001", static options => options.FallbackByPort[5000] = PortPolicy.FirstFree(5010));
        var failure = await Assert.ThrowsAsync<StartupBindException>(() => web.App.StartAsync());
        Assert.StartsWith("Failed to bind to address http://127.0.0.1:5001: address already in use.", failure.Message, StringComparison.Ordinal);
        using var free = Web.Occupy(IPAddress.Loopback, 5000);
    });

    [IsolatedFact]
    public Task Fallback_WithNothingFree_IsTheFailureWithItsDiagnosis() => Body.RunAsync(static async () =>
    {
        using var first = Web.Occupy(IPAddress.Loopback, 5000);
        using var second = Web.Occupy(IPAddress.Loopback, 5001);
        await using var web = Web.Make("http://127.0.0.1:5000", static options => options.Fallback = PortPolicy.FirstFree(5001));
        var failure = await Assert.ThrowsAsync<StartupBindException>(() => web.App.StartAsync());
        Assert.Contains("5000", failure.Bind.Message, StringComparison.Ordinal);
        Assert.NotNull(failure.Diagnosis);
    });

    [IsolatedFact]
    public Task LocalhostZero_IsOnePortForBothFamilies() => Body.RunAsync(static async () =>
    {
        await using var web = await Web.StartAsync("http://localhost:0");
        var url = new Uri(Assert.Single(web.Urls));
        Assert.Equal("localhost", url.Host);
        Assert.InRange(url.Port, 1024, 65535);
        Assert.Equal("hello", await Web.GetAsync($"http://127.0.0.1:{url.Port}"));
        Assert.Equal("hello", await Web.GetAsync($"http://[::1]:{url.Port}"));
    });

    [IsolatedFact]
    public Task LocalhostZero_OfTheConfiguration_IsOnePortForBothFamilies() => Body.RunAsync(static async () =>
    {
        await using var web = await Web.StartAsync(settings: [("Kestrel:Endpoints:A:Url", "http://localhost:0"), ("Kestrel:Endpoints:B:Url", "http://localhost:0")]);
        Assert.Equal(2, web.Urls.Distinct().Count());
        foreach (var url in web.Urls.Select(static url => new Uri(url)))
        {
            Assert.Equal("hello", await Web.GetAsync($"http://127.0.0.1:{url.Port}"));
            Assert.Equal("hello", await Web.GetAsync($"http://[::1]:{url.Port}"));
        }
    });

    [IsolatedFact]
    public Task LocalhostZero_OfTheConfiguration_ThatAReloadChanges_IsWhatTheReloadSays() => Body.RunAsync(static async () =>
    {
        const string A = "\"A\":{\"Url\":\"http://localhost:5000\"}";
        const string B = "\"B\":{\"Url\":\"http://localhost:0\"}";
        using var folder = new TemporaryFolder();
        var settings = folder.PathOf("kestrel.json");
        await WriteAsync($"{A},{B}");
        var file = new Microsoft.Extensions.Configuration.Json.JsonConfigurationSource { Path = settings };
        file.ResolveFileProvider();
        await using var web = await Web.StartAsync(builder: builder => builder.Configuration.Sources.Insert(0, file));
        var before = web.Urls;
        await ReloadAsync($"{A},{B}", [.. before]);
        Assert.Equal("hello", await Web.GetAsync(before[1]));
        await ReloadAsync(A, "http://localhost:5000");
        await ReloadAsync($"{A},{B.Replace(":0", ":5001", StringComparison.Ordinal)}", "http://localhost:5000", "http://localhost:5001");
        Assert.Equal("hello", await Web.GetAsync("http://[::1]:5001"));

        Task WriteAsync(string endpoints) => File.WriteAllTextAsync(settings, """{"Kestrel":{"Endpoints":{""" + endpoints + "}}}");

        async Task ReloadAsync(string endpoints, params string[] urls)
        {
            await WriteAsync(endpoints);
            ((Microsoft.Extensions.Configuration.IConfigurationRoot)web.App.Configuration).Reload();
            await Eventually.SucceedsAsync(() =>
            {
                Assert.Equal(urls.Order(), web.Urls.Order());
                return Task.CompletedTask;
            });
        }
    });

    [IsolatedFact]
    public Task Localhost_OfIPv4Alone_LeavesIPv6ToOthers() => Body.RunAsync(static async () =>
    {
        using var other = Web.Occupy(IPAddress.IPv6Loopback, 5000);
        await using var web = await Web.StartAsync("http://localhost:5000", static options => options.Localhost = LocalhostFamilies.IPv4Only);
        Assert.Equal(["http://localhost:5000"], web.Urls);
        Assert.Equal("hello", await Web.GetAsync("http://127.0.0.1:5000"));
    });

    [IsolatedFact]
    public Task Localhost_WithoutIPv6_IsIPv4Alone() => Body.RunAsync(static async () =>
    {
        await File.WriteAllTextAsync("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1");
        await using var web = await Web.StartAsync("http://localhost:0;http://localhost:5001");
        Assert.Equal(2, web.Urls.Count);
        Assert.Equal("hello", await Web.GetAsync("http://127.0.0.1:5001"));
        Assert.Equal("hello", await Web.GetAsync($"http://127.0.0.1:{new Uri(web.Urls[0]).Port}"));
    });

    [IsolatedFact]
    public Task Reload_ThatAddsALocalhostEndpoint_FallsBackForBothFamilies() => Body.RunAsync(static async () =>
    {
        using var folder = new TemporaryFolder();
        var settings = folder.PathOf("kestrel.json");
        await File.WriteAllTextAsync(settings, """{"Kestrel":{"Endpoints":{"A":{"Url":"http://localhost:5000"}}}}""");
        using var taken = Web.Occupy(IPAddress.Loopback, 5100);
        await using var web = await Web.StartAsync(
            options: static options => options.FallbackByPort[5100] = PortPolicy.FirstFree(5110),
            builder: builder => Microsoft.Extensions.Configuration.JsonConfigurationExtensions.AddJsonFile(builder.Configuration, settings, optional: false, reloadOnChange: false));
        Assert.Equal("hello", await Web.GetAsync("http://127.0.0.1:5000"));
        await File.WriteAllTextAsync(settings, """{"Kestrel":{"Endpoints":{"A":{"Url":"http://localhost:5000"},"B":{"Url":"http://localhost:5100"}}}}""");
        ((Microsoft.Extensions.Configuration.IConfigurationRoot)web.App.Configuration).Reload();
        await Eventually.SucceedsAsync(() =>
        {
            Assert.Equal(["http://localhost:5000", "http://localhost:5110"], web.Urls.Order());
            return Task.CompletedTask;
        });
        Assert.Contains($"Warning Bindwise: 5100 is taken by dotnet (pid {Environment.ProcessId}): listening on 5110", web.Log.All);
        Assert.Equal("hello", await Web.GetAsync("http://[::1]:5110"));
        Assert.Equal("hello", await Web.GetAsync("http://127.0.0.1:5110"));
        Assert.Equal("hello", await Web.GetAsync("http://127.0.0.1:5000"));
    });

    [IsolatedFact]
    public Task Reload_ThatAddsAnEndpointWhosePortIsDenied_FallsBack() => Body.RunAsync(static async () =>
    {
        using var folder = new TemporaryFolder();
        var settings = folder.PathOf("kestrel.json");
        await File.WriteAllTextAsync(settings, """{"Kestrel":{"Endpoints":{"A":{"Url":"http://127.0.0.1:5000"}}}}""");
        await using var web = await Web.StartAsync(
            options: static options => options.FallbackByPort[443] = PortPolicy.Exactly(8443),
            builder: builder =>
            {
                Microsoft.Extensions.Configuration.JsonConfigurationExtensions.AddJsonFile(builder.Configuration, settings, optional: false, reloadOnChange: false);
                builder.Services.PostConfigure<SocketTransportOptions>(static sockets => sockets.CreateBoundListenSocket = static endpoint =>
                    endpoint is IPEndPoint { Port: 443 } ? throw new SocketException((int)SocketError.AccessDenied) : SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint));
            });
        await File.WriteAllTextAsync(settings, """{"Kestrel":{"Endpoints":{"A":{"Url":"http://127.0.0.1:5000"},"B":{"Url":"http://127.0.0.1:443"}}}}""");
        ((Microsoft.Extensions.Configuration.IConfigurationRoot)web.App.Configuration).Reload();
        await Eventually.SucceedsAsync(static async () => Assert.Equal("hello", await Web.GetAsync("http://127.0.0.1:8443")));
    });
}

extern alias AppHostWeb;
extern alias PlainWeb;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using IsolatedProcess;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using CatchingProgram = AppHostWeb::Program;
using PlainProgram = PlainWeb::Program;

namespace Bindwise.Testing.AspNetCore.Tests;

/// <summary>An application on a real port, as tests get it. The application is the sample KestrelFallback, which uses the package.</summary>
[SupportedOSPlatform("linux")]
public sealed class RealPortFactoryTests
{
    [IsolatedFact]
    public Task Factory_ServesOnAPortOfItsOwn_FromTheFirstLookOn() => Body.RunAsync(static async () =>
    {
        await using var factory = new RealPortFactory<Program>();
        using (var plain = new TcpClient())
            await plain.ConnectAsync(factory.Address.Host, factory.Port);
        Assert.Equal(factory.Address, Assert.Single(factory.Addresses));
        using var client = factory.CreateClient();
        Assert.Equal(factory.Address, client.BaseAddress);
        Assert.Equal("hello\n", await client.GetStringAsync(new Uri("/", UriKind.Relative)));
        using var other = new HttpClient();
        Assert.Equal("hello\n", await other.GetStringAsync(factory.Address));
        Assert.NotNull(factory.Services.GetService<IHttpContextFactory>());
    });

    [IsolatedFact]
    public Task Factory_AskedForAClientOrServicesFirst_IsReadyToo() => Body.RunAsync(static async () =>
    {
        await using var clientFirst = new RealPortFactory<Program>();
        using (var client = clientFirst.CreateClient())
            Assert.Equal("hello\n", await client.GetStringAsync(new Uri("/", UriKind.Relative)));
        await using var servicesFirst = new RealPortFactory<Program>();
        Assert.NotNull(servicesFirst.Services.GetService<IHttpContextFactory>());
        Assert.NotEqual(clientFirst.Port, servicesFirst.Port);
        using var options = clientFirst.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });
        Assert.Equal("hello\n", await options.GetStringAsync(new Uri("/", UriKind.Relative)));
    });

    [IsolatedFact]
    public Task Factory_OnALeaseThatHasEnded_StartsNothing() => Body.RunAsync(static async () =>
    {
        var lease = PortLease.Take();
        lease.Dispose();
        await using var factory = new RealPortFactory<Program> { Lease = lease };
        Assert.Throws<ObjectDisposedException>(() => factory.Address);
    });

    [IsolatedFact]
    public Task Factory_OnALease_HasItsPort_AgainAndAgain() => Body.RunAsync(static async () =>
    {
        using var lease = PortLease.Take();
        for (var time = 0; time < 3; time++)
        {
            await using var factory = new RealPortFactory<Program> { Lease = lease };
            Assert.Equal(lease.Port, factory.Port);
            using var client = factory.CreateClient();
            Assert.Equal("hello\n", await client.GetStringAsync(new Uri("/", UriKind.Relative)));
        }
    });

    [IsolatedFact]
    public Task Factories_ManyAtOnce_NeverCollide() => Body.RunAsync(static async () =>
    {
        var factories = Enumerable.Range(0, 12).Select(static _ => new RealPortFactory<Program>()).ToList();
        await Task.WhenAll(factories.Select(static factory => Task.Run(() => factory.Port)));
        Assert.Equal(12, factories.Select(static factory => factory.Port).Distinct().Count());
        foreach (var factory in factories)
            await factory.DisposeAsync();
    });

    // It asks for port 5000 itself, and has no package that could fall back.
    [IsolatedFact]
    public Task Factories_OfAnApplicationThatInsistsOnAPort_HavePortsOfTheirOwn() => Body.RunAsync(static async () =>
    {
        using var taken = new TcpListener(IPAddress.Loopback, 5000);
        taken.Start();
        await using var first = new RealPortFactory<PlainProgram>();
        await using var second = new RealPortFactory<PlainProgram>();
        using var client = second.CreateClient();
        Assert.Equal("plain\n", await client.GetStringAsync(new Uri("/", UriKind.Relative)));
        Assert.Equal(3, new[] { first.Port, second.Port, 5000 }.Distinct().Count());
        using var lease = PortLease.Take();
        using var own = lease.Listen();
        await using var third = new RealPortFactory<PlainProgram> { Lease = lease };
        var failure = Assert.Throws<IOException>(() => third.Port);
        Assert.Contains($"pid {Environment.ProcessId}", failure.Message, StringComparison.Ordinal);
    });

    [IsolatedFact]
    public Task Factory_WhosePortIsTaken_FailsAndSaysWhoHasIt() => Body.RunAsync(static async () =>
    {
        using var lease = PortLease.Take();
        using var taken = lease.Listen();
        await using var factory = new RealPortFactory<Program> { Lease = lease };
        var failure = Assert.ThrowsAny<IOException>(() => factory.Port);
        Assert.Contains($"pid {Environment.ProcessId}", failure.Message, StringComparison.Ordinal);
    });

    // It ends by itself, and disposes of its host before anybody sees the failure.
    [IsolatedFact]
    public Task Factory_OfAnApplicationThatCatchesItsFailedStart_SaysWhoHasThePort() => Body.RunAsync(static async () =>
    {
        using var lease = PortLease.Take();
        using var taken = lease.Listen();
        await using var factory = new RealPortFactory<CatchingProgram> { Lease = lease };
        var failure = Assert.ThrowsAny<IOException>(() => factory.Port);
        Assert.Contains($"pid {Environment.ProcessId}", failure.Message, StringComparison.Ordinal);
    });

    [IsolatedFact]
    public Task Factory_OfOnesOwn_ConfiguresTheApplication() => Body.RunAsync(static async () =>
    {
        await using var factory = new OwnFactory();
        using var client = factory.CreateClient();
        using var answer = await client.GetAsync(new Uri("/added", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("added", await answer.Content.ReadAsStringAsync());
        Assert.Equal("own", client.DefaultRequestHeaders.UserAgent.ToString());
    });

    [IsolatedFact]
    public Task FactoryDerivedFromIt_HasARealPortToo() => Body.RunAsync(static async () =>
    {
        await using var factory = new RealPortFactory<Program>();
        await using var derived = factory.WithWebHostBuilder(static builder => builder.ConfigureServices(static services => services.AddSingleton<IStartupFilter, AddedPage>()));
        derived.UseKestrel();
        derived.StartServer();
        using var client = derived.CreateClient();
        Assert.Equal("added", await client.GetStringAsync(new Uri("/added", UriKind.Relative)));
        Assert.NotEqual(5000, client.BaseAddress!.Port);
    });

    private sealed class OwnFactory : RealPortFactory<Program>
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder) =>
            builder.ConfigureServices(static services => services.AddSingleton<IStartupFilter, AddedPage>());

        protected override void ConfigureClient(HttpClient client)
        {
            base.ConfigureClient(client);
            client.DefaultRequestHeaders.UserAgent.ParseAdd("own");
        }
    }

    private sealed class AddedPage : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Map("/added", static added => added.Run(static context => context.Response.WriteAsync("added")));
            next(app);
        };
    }
}

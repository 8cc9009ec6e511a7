using System.Runtime.Versioning;
using IsolatedProcess;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Bindwise.Testing.AspNetCore.Tests;

/// <summary>The examples of docs/testing.md that need ASP.NET Core, run.</summary>
[SupportedOSPlatform("linux")]
[Trait("Lane", "second")]
public sealed class ExampleTests
{
    [IsolatedFact]
    public Task Factory_OfThePage_Works() => Body.RunAsync(static async () =>
    {
        await using var factory = new RealPortFactory<Program>();
        using var client = factory.CreateClient();
        var page = await client.GetStringAsync(new Uri("/", UriKind.Relative));
        var forBrowsers = factory.Address;
        Assert.Equal("hello\n", page);
        Assert.Equal(client.BaseAddress, forBrowsers);
        await using var shop = new ShopFactory();
        Assert.Equal("Testing", shop.Services.GetRequiredService<IWebHostEnvironment>().EnvironmentName);
    });

    [IsolatedFact]
    public Task Lease_OfThePage_Works() => Body.RunAsync(static async () =>
    {
        using var lease = PortLease.Take();
        await using var factory = new RealPortFactory<Program> { Lease = lease };
        Assert.Equal(lease.Port, factory.Port);
    });

    private sealed class ShopFactory : RealPortFactory<Program>
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder) => builder.UseEnvironment("Testing");
    }
}

using IsolatedProcess;

namespace Bindwise.AspNetCore.Tests.Serving;

/// <summary>The file that tells other programs the port.</summary>
[Trait("Lane", "second")]
public sealed class PortFileTests
{
    [IsolatedFact]
    public Task File_IsThereWhileTheServerListens() => Body.RunAsync(static async () =>
    {
        using var folder = new TemporaryFolder();
        var file = folder.PathOf("app.port");
        await using (var web = await Web.StartAsync("http://localhost:0;http://127.0.0.1:5001", options => options.PortFile = file))
        {
            var port = new Uri(web.Urls[0]).Port;
            Assert.Equal($"{port} http://localhost:{port}\n5001 http://127.0.0.1:5001\n", await File.ReadAllTextAsync(file));
            Assert.Equal([file], folder.Files);
        }
        Assert.Empty(folder.Files);
    });

    [IsolatedFact]
    public Task File_OfASuccessor_IsLeftAlone() => Body.RunAsync(static async () =>
    {
        using var folder = new TemporaryFolder();
        var file = folder.PathOf("app.port");
        await using (var first = await Web.StartAsync("http://localhost:5000", options => options.PortFile = file))
        {
            await using var second = await Web.StartAsync("http://localhost:5001", options => options.PortFile = file);
            await first.App.StopAsync();
            Assert.Equal("5001 http://localhost:5001\n", await File.ReadAllTextAsync(file));
        }
        Assert.False(File.Exists(file));
    });

    [IsolatedFact]
    public Task File_ThatCannotBeWritten_EndsTheStart() => Body.RunAsync(static async () =>
    {
        await using var web = Web.Make("http://localhost:5000", static options => options.PortFile = "/nowhere/app.port");
        var failure = await Assert.ThrowsAnyAsync<IOException>(() => web.App.StartAsync());
        Assert.StartsWith("The port file /nowhere/app.port cannot be written: ", failure.Message, StringComparison.Ordinal);
        Assert.Equal("Bindwise.Extensions.Hosting.StartRefusedException: " + failure.Message, failure.ToString());
        using var free = Web.Occupy(System.Net.IPAddress.Loopback, 5000);
    });
}

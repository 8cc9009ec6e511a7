using System.Net;
using IsolatedProcess;
using Microsoft.Extensions.Logging;

namespace Bindwise.AspNetCore.Tests.Serving;

/// <summary>What a log gets of other processes, and by which fields.</summary>
public sealed class LogTests
{
    [IsolatedTheory("python3")]
    [InlineData("Off")]
    [InlineData("Short")]
    [InlineData("Full")]
    [Trait("Lane", "second")]
    public Task CommandLines_AreLoggedAsTheOptionSays(string detail) => Body.RunAsync(static async detail =>
    {
        var script = "import socket, time; s = socket.socket(); s.bind(('127.0.0.1', 5000)); s.listen(); print('here', flush=True); time.sleep(1000) # " + new string('x', 100) + " end-of-line";
        await using var holder = Started.Run("python3", ["-c", script]);
        await holder.SaysAsync("here");
        await using var web = Web.Make("http://localhost:5000", builder: static builder => builder.Logging.AddFilter("Bindwise", LogLevel.Information), settings: ("Bindwise:CommandLines", detail));
        await Assert.ThrowsAsync<StartupBindException>(() => web.App.StartAsync());
        var all = string.Join('\n', web.Log.All);
        Assert.Equal(detail != "Off", all.Contains("import socket", StringComparison.Ordinal));
        Assert.Equal(detail == "Full", all.Contains("end-of-line", StringComparison.Ordinal));
        Assert.Equal(detail != "Off", web.Log.Fields.Any(static one => one.ContainsKey("HolderCommandLine")));
        if (detail == "Full")
            Assert.Contains(" end-of-line'. Next: ", all, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\[BW\d+\]|bindwise explain|verbose|docs/", all);
    }, detail);

    [IsolatedFact]
    public Task Fallback_HasFields() => Body.RunAsync(static async () =>
    {
        using var taken = Web.Occupy(IPAddress.Loopback, 5000);
        await using var web = await Web.StartAsync("http://127.0.0.1:5000", static options => options.Fallback = PortPolicy.Exactly(5001));
        var fields = web.Log.Fields.Single(static one => one.ContainsKey("Chosen"));
        Assert.Equal(
            ["Cause=listener", "Chosen=5001", "Error=EADDRINUSE", $"Holder=dotnet (pid {Environment.ProcessId})", "HolderName=dotnet", $"HolderProcessId={Environment.ProcessId}", "Port=5000", "{OriginalFormat}={Port} is taken by {Holder}: listening on {Chosen}"],
            fields.Select(static one => $"{one.Key}={one.Value}").Order(StringComparer.Ordinal));
    });
}

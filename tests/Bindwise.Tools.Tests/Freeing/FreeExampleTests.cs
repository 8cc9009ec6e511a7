using System.Diagnostics;
using System.Runtime.Versioning;
using IsolatedProcess;

namespace Bindwise.Tools.Tests.Freeing;

/// <summary>The example of docs/free.md, run.</summary>
[SupportedOSPlatform("linux")]
public sealed class FreeExampleTests
{
    [IsolatedFact("python3")]
    public Task Release_OfThePage_EndsTheHolder() => Body.RunAsync(static async () =>
    {
        using var holder = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", "import socket\ns = socket.create_server(('127.0.0.1', 8080))\nprint('ready', flush=True)\ns.accept()"])
        {
            RedirectStandardOutput = true,
        })!;
        Assert.Equal("ready", await holder.StandardOutput.ReadLineAsync());

        using var release = PortRelease.Prepare(new FreeRequest { Query = PortQuery.Of(8080) });
        foreach (var action in release.Plan.Actions)
            Console.WriteLine(action.Text);
        var result = release.Execute();

        Assert.Equal(FreeOutcome.Freed, result.Outcome);
        await holder.WaitForExitAsync();
        Assert.Equal(holder.Id, Assert.Single(release.Plan.Actions).Process?.Id);
    });
}

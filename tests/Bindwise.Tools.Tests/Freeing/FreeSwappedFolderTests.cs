using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Bindwise.Tests.Listening;
using IsolatedProcess;

namespace Bindwise.Tools.Tests.Freeing;

/// <summary>What is shown is what is removed: a folder that is swapped for a link after the plan leads nowhere.</summary>
[SupportedOSPlatform("linux")]
public sealed class FreeSwappedFolderTests
{
    [IsolatedFact("python3")]
    public Task Execute_FolderSwappedSinceThePlan_RemovesNothing() => Body.RunAsync(static () =>
    {
        var (own, other) = Folders();
        KernelOption.Run("python3", $"-c \"import socket;socket.socket(socket.AF_UNIX).bind('{own}/app.sock')\"");
        using var release = PortRelease.Prepare(new FreeRequest { Query = PortQuery.Of(new UnixDomainSocketEndPoint(own + "/app.sock")) });
        Assert.Equal(FreeActionKind.UnlinkFile, Assert.Single(release.Plan.Actions).Kind);
        Swap(own, other);
        var result = release.Execute();
        Assert.Equal((FreeOutcome.Refused, "holder-changed"), (result.Outcome, result.Reason));
        Assert.True(File.Exists(other + "/app.sock"));
        Assert.True(File.Exists(own + ".away/app.sock"));
        return Task.CompletedTask;
    });

    [IsolatedFact("python3")]
    public Task Execute_FolderSwappedWhileTheServerEnds_RemovesTheServersFile() => Body.RunAsync(static async () =>
    {
        var (own, other) = Folders();
        const string Server = "import socket,sys,time\ns=socket.socket(socket.AF_UNIX)\ns.bind(sys.argv[1])\ns.listen()\nprint('up',flush=True)\ntime.sleep(600)";
        using var server = Process.Start(new ProcessStartInfo("python3", ["-c", Server, own + "/app.sock"]) { RedirectStandardOutput = true })!;
        Assert.Equal("up", await server.StandardOutput.ReadLineAsync());
        using var release = PortRelease.Prepare(new FreeRequest { Query = PortQuery.Of(new UnixDomainSocketEndPoint(own + "/app.sock")), GracePeriod = TimeSpan.FromMinutes(3) });
        Assert.Contains(release.Plan.Actions, static action => action.Kind == FreeActionKind.UnlinkFile);
        _ = release.Execute(step =>
        {
            if (step.Action.Kind == FreeActionKind.Signal)
                Swap(own, other);
        });
        await server.WaitForExitAsync();
        Assert.True(File.Exists(other + "/app.sock"));
        Assert.False(File.Exists(own + ".away/app.sock"));
    });

    // One to be freed, and another with a left-over file of the same name.
    private static (string Own, string Other) Folders()
    {
        var folder = Directory.CreateTempSubdirectory("bindwise-").FullName;
        foreach (var name in (string[])["own", "other"])
            Directory.CreateDirectory(Path.Combine(folder, name));
        KernelOption.Run("python3", $"-c \"import socket;socket.socket(socket.AF_UNIX).bind('{folder}/other/app.sock')\"");
        return (folder + "/own", folder + "/other");
    }

    private static void Swap(string own, string other)
    {
        Directory.Move(own, own + ".away");
        Directory.CreateSymbolicLink(own, other);
    }
}

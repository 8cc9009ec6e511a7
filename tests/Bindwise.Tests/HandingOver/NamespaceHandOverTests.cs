using System.Net;
using System.Runtime.Versioning;
using IsolatedProcess;

namespace Bindwise.Tests.HandingOver;

/// <summary>
/// Old and new instances of which one or both are in a PID namespace of their own, as in containers that share a network and a folder: then the kernel
/// tells no process id of whoever is not within the reader's.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class NamespaceHandOverTests
{
    private static readonly IPEndPoint Server = new(IPAddress.Loopback, 8080);
    private static readonly string[] Apart = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"];

    [IsolatedTheory]
    [InlineData("old")]
    [InlineData("new")]
    [InlineData("old new")]
    [Trait("Lane", "second")]
    public Task HandOver_BetweenNamespaces_RefusesAndResetsNobody(string apart) => Body.RunAsync(static async apart =>
    {
        var (ofOld, ofNew) = (apart.Contains("old", StringComparison.Ordinal) ? Apart : null, apart.Contains("new", StringComparison.Ordinal) ? Apart : null);
        using var folder = new SocketFolder();
        var unix = folder.Path + "/s";
        await using var old = await Instance.ReadyAsync("old", endpoints: $"127.0.0.1:8080 {unix}", wrapper: ofOld);
        using var clients = new Clients(Server);
        await clients.AnsweredAsync(50);
        await using var next = await Instance.ReadyAsync("next", endpoints: $"127.0.0.1:8080 {unix}", wrapper: ofNew);
        // As the old one sees itself, which is the first process of its namespace.
        Assert.Contains(ofOld is null ? $"received 2 from {old.Id}," : "received 2 from 1,", next.Text, StringComparison.Ordinal);
        Assert.Equal(0, await old.EndAsync());
        // The new one's number is known where it is within the old one's namespace, as another number than it has itself.
        if (ofOld is null)
            Assert.Matches(@"handed over to [1-9][0-9]*\ndrained", old.Text);
        else
            Assert.Contains("handed over to \ndrained", old.Text, StringComparison.Ordinal);
        await clients.AnsweredAsync(50);
        // And on, to one of yet another.
        await using var last = await Instance.ReadyAsync("last", endpoints: $"127.0.0.1:8080 {unix}", wrapper: Apart);
        Assert.Equal(0, await next.EndAsync());
        await clients.AnsweredAsync(50);
        await clients.EndAsync();
        Assert.Empty(clients.Faults);
        Assert.Contains("next", clients.Names);
        Assert.Contains("last", clients.Names);
        last.Stop();
        Assert.Equal(0, await last.EndAsync());
        Assert.False(File.Exists(unix), "the last one removes the file");
        Assert.False(File.Exists(Instance.DefaultPath));
    }, apart);

    [IsolatedFact]
    public Task Failures_BetweenNamespaces_AreToldWithoutANumber() => Body.RunAsync(static async () =>
    {
        await using var old = await Instance.ReadyAsync("old", wrapper: Apart);
        await using var never = Instance.Start("never", "never", wrapper: Apart);
        await never.SaysAsync("received 1");
        never.Kill();
        await old.SaysAsync("attempt failed: A process of another PID namespace was sent the listening sockets and ended before it was ready: this instance serves on.");
        Assert.Equal("old", await Clients.AskAsync(Server));
        // Killed, it leaves its file; whoever comes next finds nobody there.
        old.Kill();
        await old.EndAsync();
        Assert.True(File.Exists(Instance.DefaultPath));
        await using var next = await Instance.ReadyAsync("next", wrapper: Apart);
        Assert.Contains("received 0 from ,", next.Text, StringComparison.Ordinal);
        Assert.Equal("next", await Clients.AskAsync(Server));
    });

    // Removed with what is in it.
    private sealed class SocketFolder : IDisposable
    {
        internal string Path { get; } = Directory.CreateTempSubdirectory("bindwise-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}

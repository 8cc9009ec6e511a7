using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using IsolatedProcess;

namespace Bindwise.Tests.HandingOver;

/// <summary>Old and new instances of a server, each a process, and clients that never stop.</summary>
[Trait("Lane", "second")]
[SupportedOSPlatform("linux")]
public sealed class ListenerHandOverTests
{
    private static readonly IPEndPoint Server = new(IPAddress.Loopback, 8080);

    [IsolatedFact]
    public Task HandOvers_UnderLoad_RefuseAndResetNobody() => Body.RunAsync(static async () =>
    {
        var current = await Instance.ReadyAsync("0");
        using var clients = new Clients(Server);
        for (var number = 1; number <= 12; number++)
        {
            await clients.AnsweredAsync(50);
            var next = await Instance.ReadyAsync($"{number}");
            Assert.Contains($"received 1 from {current.Id}", next.Text, StringComparison.Ordinal);
            Assert.Equal(0, await current.EndAsync());
            Assert.Contains($"handed over to {next.Id}\ndrained", current.Text, StringComparison.Ordinal);
            await current.DisposeAsync();
            current = next;
        }
        await clients.AnsweredAsync(50);
        await clients.EndAsync();
        Assert.Empty(clients.Faults);
        Assert.Contains("12", clients.Names);
        current.Stop();
        Assert.Equal(0, await current.EndAsync());
        Assert.False(File.Exists(Instance.DefaultPath));
    });

    [IsolatedFact]
    public Task NewOneThatFails_LeavesTheOldOneServing() => Body.RunAsync(static async () =>
    {
        await using var old = await Instance.ReadyAsync("old");
        using var clients = new Clients(Server);
        for (var round = 0; round < 4; round++)
        {
            // Both accept when it closes what it has: that must end nobody's listening.
            await using var failing = Instance.Start("failing", "fail");
            Assert.Equal(0, await failing.EndAsync());
            Assert.Contains("fails", failing.Text, StringComparison.Ordinal);
            await clients.AnsweredAsync(20);
        }
        await using var killed = Instance.Start("killed", "never");
        await killed.SaysAsync("received 1");
        killed.Stop();
        await old.SaysAsync("ended before it was ready");
        Assert.Contains("serves on", old.Text, StringComparison.Ordinal);
        await clients.AnsweredAsync(20);
        await using var next = await Instance.ReadyAsync("next");
        Assert.Equal(0, await old.EndAsync());
        await clients.AnsweredAsync(20);
        await clients.EndAsync();
        // What a killed process had accepted is lost with it, and only that.
        Assert.Empty(clients.Faults);
        Assert.Contains("next", clients.Names);
    });

    // Its copy of the socket that it got and did not ask for would be in its way too.
    [IsolatedFact]
    public Task NewOneOnEveryAddress_IsToldOfTheOldOne_AndNotOfItself() => Body.RunAsync(static async () =>
    {
        await using var old = await Instance.ReadyAsync("old");
        await using var wide = Instance.Start("wide", endpoints: "0.0.0.0:8080");
        await wide.EndAsync();
        Assert.Contains("0.0.0.0:8080/tcp is taken (EADDRINUSE)", wide.Text, StringComparison.Ordinal);
        Assert.Contains($"pid {old.Id})", wide.Text, StringComparison.Ordinal);
        Assert.DoesNotContain($"pid {wide.Id})", wide.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("this process itself", wide.Text, StringComparison.Ordinal);
        Assert.Equal("old", await Clients.AskAsync(Server));
    });

    [IsolatedFact]
    public Task NewOneThatIsNeverReady_IsGivenUp_AndSaysSo() => Body.RunAsync(static async () =>
    {
        await using var old = await Instance.ReadyAsync("old", "impatient");
        await using var late = Instance.Start("late", "late");
        await old.SaysAsync("was not ready within 30 s");
        late.Stop();
        Assert.Equal(0, await late.EndAsync());
        Assert.Contains("HandOverException: The old instance", late.Text, StringComparison.Ordinal);
        Assert.Contains("has waited too long", late.Text, StringComparison.Ordinal);
        Assert.Equal("old", await Clients.AskAsync(Server));
        await using var next = await Instance.ReadyAsync("next");
        Assert.Equal(0, await old.EndAsync());
    });

    [IsolatedFact]
    public Task TwoNewOnesAtOnce_GetItOneAfterTheOther() => Body.RunAsync(static async () =>
    {
        await using var old = await Instance.ReadyAsync("old");
        using var clients = new Clients(Server);
        await clients.AnsweredAsync(20);
        await using var one = Instance.Start("one");
        await using var two = Instance.Start("two");
        await one.SaysAsync("ready");
        await two.SaysAsync("ready");
        Assert.Equal(0, await old.EndAsync());
        var (first, last) = old.Text.Contains($"handed over to {one.Id}", StringComparison.Ordinal) ? (one, two) : (two, one);
        Assert.Equal(0, await first.EndAsync());
        Assert.Contains($"handed over to {last.Id}", first.Text, StringComparison.Ordinal);
        await clients.AnsweredAsync(20);
        await clients.EndAsync();
        Assert.Empty(clients.Faults);
    });

    [IsolatedFact]
    public Task TwoFirstOnesAtOnce_DoNotMeetATakenPort() => Body.RunAsync(static async () =>
    {
        await using var one = Instance.Start("one");
        await using var two = Instance.Start("two");
        await one.SaysAsync("ready");
        await two.SaysAsync("ready");
        Assert.Contains("received 0 from ,", one.Text + two.Text, StringComparison.Ordinal);
        Assert.Contains("received 1 from ", one.Text + two.Text, StringComparison.Ordinal);
    });

    [IsolatedFact]
    public Task OtherEndpoints_AreBound_AndThoseNoLongerWantedAreClosed() => Body.RunAsync(static async () =>
    {
        var gone = Instance.DefaultPath + ".gone";
        var kept = Instance.DefaultPath + ".kept";
        await using var old = await Instance.ReadyAsync("old", endpoints: $"127.0.0.1:8080 127.0.0.1:8081 {gone} {kept}");
        var inode = Inode(kept);
        await using var next = await Instance.ReadyAsync("next", endpoints: $"{kept} 127.0.0.1:8082 127.0.0.1:8080");
        Assert.Contains("received 2 from", next.Text, StringComparison.Ordinal);
        Assert.Equal(0, await old.EndAsync());
        Assert.Equal("next", await Clients.AskAsync(Server));
        Assert.Equal("next", await Clients.AskAsync(new IPEndPoint(IPAddress.Loopback, 8082)));
        Assert.Equal("next", await Clients.AskAsync(new UnixDomainSocketEndPoint(kept)));
        Assert.Equal(inode, Inode(kept));
        Assert.False(File.Exists(gone));
        await Assert.ThrowsAsync<SocketException>(static () => Clients.AskAsync(new IPEndPoint(IPAddress.Loopback, 8081)));
        next.Stop();
        Assert.Equal(0, await next.EndAsync());
        Assert.False(File.Exists(kept));
    });

    [IsolatedFact]
    public Task UnixSockets_AreHandedOver_UnderLoad() => Body.RunAsync(static async () =>
    {
        var at = Instance.DefaultPath + ".serve";
        var current = await Instance.ReadyAsync("0", endpoints: at);
        using var clients = new Clients(new UnixDomainSocketEndPoint(at));
        for (var number = 1; number <= 3; number++)
        {
            await clients.AnsweredAsync(50);
            var next = await Instance.ReadyAsync($"{number}", endpoints: at);
            Assert.Equal(0, await current.EndAsync());
            await current.DisposeAsync();
            current = next;
        }
        await clients.AnsweredAsync(50);
        await clients.EndAsync();
        Assert.Empty(clients.Faults);
        await current.DisposeAsync();
    });

    // Two sockets, one port of the system's choice: the new instance has the same, and accepts from both.
    [IsolatedFact]
    public Task PortOfTheSystemsChoice_StaysTheSame() => Body.RunAsync(static async () =>
    {
        await using var old = await Instance.ReadyAsync("old", endpoints: "localhost:0");
        var port = int.Parse(old.Text.Split("listens on ")[1].Split('\n')[0], System.Globalization.CultureInfo.InvariantCulture);
        using var clients = new Clients(new IPEndPoint(IPAddress.IPv6Loopback, port));
        await clients.AnsweredAsync(20);
        await using var next = await Instance.ReadyAsync("next", endpoints: "localhost:0");
        Assert.Contains($"received 2 from {old.Id}, listens on {port}", next.Text, StringComparison.Ordinal);
        Assert.Equal(0, await old.EndAsync());
        Assert.Equal("next", await Clients.AskAsync(new IPEndPoint(IPAddress.Loopback, port)));
        await clients.EndAsync();
        Assert.Empty(clients.Faults);
    });

    [IsolatedFact]
    public Task OldOneThatEndsDuringTheHandOver_LeavesItToTheNewOne() => Body.RunAsync(static async () =>
    {
        await using var old = await Instance.ReadyAsync("old");
        using var clients = new Clients(Server);
        await using var next = Instance.Start("next", "never");
        await next.SaysAsync("received 1");
        old.Stop();
        Assert.Equal(0, await old.EndAsync());
        await clients.AnsweredAsync(20);
        await clients.EndAsync();
        Assert.Empty(clients.Faults);
        Assert.True(File.Exists(Instance.DefaultPath));
    });

    [IsolatedFact]
    public Task OldOneThatWasKilled_LeavesAFile_WhichTheNextReplaces() => Body.RunAsync(static async () =>
    {
        await using var old = await Instance.ReadyAsync("old");
        old.Kill();
        _ = await old.EndAsync();
        Assert.True(File.Exists(Instance.DefaultPath));
        await using var next = await Instance.ReadyAsync("next");
        Assert.Contains("received 0 from ,", next.Text, StringComparison.Ordinal);
        Assert.Equal("next", await Clients.AskAsync(Server));
    });

    [IsolatedFact]
    public Task PortThatAnotherProgramHas_IsExplained_AndTheOldOneServesOn() => Body.RunAsync(static async () =>
    {
        using var other = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8090));
        await using var old = await Instance.ReadyAsync("old");
        await using var next = Instance.Start("next", endpoints: "127.0.0.1:8080 127.0.0.1:8090");
        Assert.Equal(0, await next.EndAsync());
        Assert.Contains($"pid {Environment.ProcessId}", next.Text, StringComparison.Ordinal);
        Assert.Equal("old", await Clients.AskAsync(Server));
    });

    // Who says that it is ready and then ends, while the old one is stopped, is gone when the old one reads it.
    [IsolatedFact("python3")]
    public Task NewOneThatEnds_WhileTheOldOneIsStopped_LeavesTheOldOneServing() => Body.RunAsync(static async () =>
    {
        const string New = """
            import socket, sys
            s = socket.socket(socket.AF_UNIX)
            s.connect(sys.argv[1])
            s.sendall(b"BWH\x01\x01\0\0\0")
            length = 0
            while length < 20:
                length += len(socket.recv_fds(s, 20 - length, 253)[0])
            print("offered", flush=True)
            sys.stdin.readline()
            s.sendall(b"BWH\x01\x04\0\0\0")
            """;
        await using var old = await Instance.ReadyAsync("old");
        using var next = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", New, Instance.DefaultPath]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        Assert.Equal("offered", await next.StandardOutput.ReadLineAsync());
        await old.FreezeAsync();
        next.StandardInput.Close();
        await next.WaitForExitAsync();
        await old.ThawAsync();
        await old.SaysAsync("ended before it was ready: this instance serves on");
        Assert.Equal("old", await Clients.AskAsync(Server));
    });

    // The old one is stopped: when it goes on, it must see that nobody waits, though the new one may take its time to end.
    [IsolatedFact("python3")]
    public Task NewOneThatGivesUp_SaysSoAtOnce() => Body.RunAsync(static async () =>
    {
        const string Old = """
            import socket, sys
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(sys.argv[1])
            listener.listen()
            web = socket.create_server(("127.0.0.1", 8080))
            print("there", flush=True)
            s = listener.accept()[0]
            s.recv(8)
            s.sendall(b"BWH\x01\x02\0\x02\0" + bytes(4))
            socket.send_fds(s, [b"BWH\x01\x03\0\x02\0"], [listener.fileno(), web.fileno()])
            while s.recv(16): pass
            print("given up", flush=True)
            """;
        using var old = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", Old, Instance.DefaultPath]) { RedirectStandardOutput = true })!;
        Assert.Equal("there", await old.StandardOutput.ReadLineAsync());
        await using var next = await ListenerHandOver.StartAsync([ListenRequest.On(Server)], new HandOverOptions { Path = Instance.DefaultPath, WaitTimeout = TimeSpan.FromSeconds(10) });
        Assert.Equal(1, next.ReceivedSockets);
        var failure = await Assert.ThrowsAsync<HandOverException>(() => next.ReadyAsync().AsTask());
        Assert.Contains("did not say within 10 s that it accepts no more", failure.Message, StringComparison.Ordinal);
        Assert.Equal("given up", await old.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(4)));
        await old.WaitForExitAsync();
    });

    private static string Inode(string path)
    {
        using var stat = Process.Start(new ProcessStartInfo("stat", ["-c", "%i", path]) { RedirectStandardOutput = true })!;
        return stat.StandardOutput.ReadToEnd();
    }
}

using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Freeing;

/// <summary>`bindwise free` where no process holds the socket any more.</summary>
[Trait("Lane", "second")]
public sealed class FreeLeftoverTests
{
    private const string TimeWait = "tcp 127.0.0.1 8080 then server.close client.close listener.close";
    private const string Orphan = "tcp 127.0.0.1 8080 then server.close listener.close";

    [KernelFact]
    public async Task Free_TimeWait_IsRefusedWithoutAnOptionAndDestroyedWithOne()
    {
        await Passing.PlayAsync("connect.py", TimeWait, "TIME_WAIT", static async machine =>
        {
            (await machine.FreeAsync("127.0.0.1:8080 --plain --yes")).Is("refused", "time-wait", "blocked", 1);
            (await machine.FreeAsync("127.0.0.1:8080 --plain --yes --wait 2s")).Is("refused", "wait-too-short", "blocked", 1);
            (await machine.FreeAsync("127.0.0.1:8080 --plain --destroy")).Is("would-free", "not-confirmed", "blocked", 1);
        });

        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("connect.py", TimeWait);
        await host.Sockets.UntilAsync(8080, "TIME_WAIT");
        var answer = (await host.FreeAsync("127.0.0.1:8080 --plain --yes --destroy")).Is("freed", null, "free", 0);
        Assert.Equal(("destroy-socket", "done"), (Assert.Single(answer.Actions).Kind, answer.Actions[0].Result));
        await host.Sockets.UntilAsync(8080);
    }

    [KernelFact]
    public async Task Free_TimeWaitWithoutRoot_SaysThatDestroyNeedsIt()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("connect.py", TimeWait);
        await host.Sockets.UntilAsync(8080, "TIME_WAIT");
        (await host.FreeAsAsync(TestHost.Nobody, "127.0.0.1:8080 --plain --yes --destroy")).Is("refused", "needs-root", "blocked", 1);
    }

    [KernelFact]
    public async Task Free_AnOrphan_IsWaitedForOrDestroyed()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("connect.py", Orphan);
        await host.Sockets.UntilAsync(8080, "FIN_WAIT2");
        var waited = (await host.FreeAsync("127.0.0.1:8080 --plain --yes --wait 3m")).Is("freed", null, "free", 0);
        Assert.Equal(("wait", "done"), (Assert.Single(waited.Actions).Kind, waited.Actions[0].Result));

        await host.StartScriptAsync("connect.py", Orphan);
        await host.Sockets.UntilAsync(8080, "FIN_WAIT2");
        (await host.FreeAsync("127.0.0.1:8080 --plain --yes --destroy")).Is("freed", null, "free", 0);
    }

    // The client answers and reads nothing: no time is enough.
    [KernelFact]
    public async Task Free_AnOrphanWhoseQueueIsFull_IsPromisedNoTime()
    {
        await using var host = await TestHost.OpenAsync();
        var script = Path.Combine(host.Folder, "full.py");
        await File.WriteAllTextAsync(script, """
            import socket, time
            listener = socket.create_server(('127.0.0.1', 8080)); client = socket.create_connection(('127.0.0.1', 8080))
            server, _ = listener.accept(); listener.close(); server.setblocking(False)
            try:
                while True: server.send(b'x' * 65536)
            except BlockingIOError: server.close()
            print('{}', flush=True); time.sleep(600)
            """);
        await host.Start(0, "python3", "-S", script).ReadyAsync();
        await host.Sockets.UntilAsync(8080, "FIN_WAIT1");
        var answer = (await host.FreeAsync("127.0.0.1:8080 --plain --yes")).Is("refused", "orphan", "blocked", 1);
        Assert.DoesNotContain("--wait", answer.Explanation, StringComparison.Ordinal);
        Assert.Contains("tcp_orphan_retries", (await host.RunAsync(Programs.Bindwise, "why", "127.0.0.1:8080", "--plain")).Output, StringComparison.Ordinal);
    }

    // The client keeps its end open: FIN_WAIT2 for a minute.
    [KernelFact]
    public async Task Free_LessTimeThanTheConnectionsOfAServerTake_IsSaidAtOnce()
    {
        await using var host = await TestHost.OpenAsync();
        var script = Path.Combine(host.Folder, "accept.py");
        await File.WriteAllTextAsync(script, """
            import socket
            listener, open = socket.socket(), []
            listener.bind(('127.0.0.1', 8080)); listener.listen(); print('{}', flush=True)
            while True: open.append(listener.accept()[0])
            """);
        await host.Start(0, "python3", "-S", script).ReadyAsync();
        await host.StartScriptAsync("dial.py", "127.0.0.1 8080");
        var answer = (await host.FreeAsync("127.0.0.1:8080 --plain --yes --wait 5s")).Is("failed", "wait-too-short", "blocked", 1);
        Assert.Contains("(FIN_WAIT2): give --wait more time, or --destroy.", answer.Explanation, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Free_AServerWithAConnection_IsFreeOfItsTimeWaitTooWhenAsked()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8080 reuseaddr listen");
        await host.StartScriptAsync("dial.py", "127.0.0.1 8080");
        var answer = (await host.FreeAsync("127.0.0.1:8080 --plain --yes --destroy")).Is("freed", null, "free", 0);
        Assert.Equal("signal", answer.Actions[0].Kind);
    }

    [KernelFact]
    public async Task Free_ConnectionsThatKeepThePort_AreToldBeforeAndNotPromised()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("connect.py", "tcp 127.0.0.1 8080 then");
        const string Left = "Its 1 open connection will keep the port in TIME_WAIT for about a minute more";
        var told = (await host.FreeAsync("127.0.0.1:8080 --dry-run")).Is("would-not-free", "dry-run", "blocked", 1);
        Assert.Equal(Left + ".", told.Explanation);
        var text = await host.RunAsync(Programs.Bindwise, "free", "127.0.0.1:8080", "--dry-run");
        Assert.True(text.ExitCode == 1 && text.Output.Contains(Left + ": bindwise free 127.0.0.1:8080 --wait 70s waits for that.", StringComparison.Ordinal)
            && text.Output.EndsWith("127.0.0.1:8080/tcp would not be free at once.\n", StringComparison.Ordinal), text.ToString());
        (await host.FreeAsync("127.0.0.1:8080 --dry-run --wait 70s")).Is("would-free", "dry-run", "blocked", 0);
    }

    [KernelFact]
    public async Task Free_ConnectionsOfAServerThatSetsSoReuseaddr_AreNoReasonToWait()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("connect.py", "tcp 127.0.0.1 8080 reuseaddr then server.close client.close");
        await host.Sockets.UntilSomeAsync(8080, "TIME_WAIT");
        var text = await host.RunAsync([Programs.Bindwise, .. FreeVerb.Patient("127.0.0.1:8080 --yes")]);
        Assert.True(text.ExitCode == 0 && !text.Output.Contains("note", StringComparison.Ordinal), text.ToString());
    }

    [KernelFact]
    public async Task Free_ALeftOverSocketFile_IsRemovedAndAServedOneIsNot()
    {
        await using var host = await TestHost.OpenAsync();
        var path = Path.Combine(host.Folder, "app.sock");
        await (await host.StartScriptAsync("hold.py", $"unix {path} listen leave")).EndAsync();
        (await host.FreeAsync($"{path} --dry-run")).Is("would-free", "dry-run", "blocked", 0);
        Assert.True(File.Exists(path));
        var answer = (await host.FreeAsync($"{path} --yes")).Is("freed", null, "free", 0);
        Assert.Equal("unlink-file", Assert.Single(answer.Actions).Kind);
        Assert.False(File.Exists(path));

        var server = await host.StartScriptAsync("hold.py", $"unix {path} listen");
        var both = (await host.FreeAsync($"{path} --yes")).Is("freed", null, "free", 0);
        Assert.Equal(["signal", "unlink-file"], both.Actions.Select(static action => action.Kind));
        Assert.False(host.Lives(server.Pid) || File.Exists(path));
    }

    [KernelFact]
    public async Task Free_AFileThatIsNoSocket_IsLeftAlone()
    {
        await using var host = await TestHost.OpenAsync();
        var path = Path.Combine(host.Folder, "notes.txt");
        await File.WriteAllTextAsync(path, "x");
        (await host.FreeAsync($"{path} --yes")).Is("refused", "not-a-socket", "blocked", 1);
        Assert.True(File.Exists(path));
    }

    [KernelFact]
    public async Task Free_ASocketFileServedInAnotherNetworkNamespace_IsLeftAlone()
    {
        await using var host = await TestHost.OpenAsync();
        var path = Path.Combine(host.Folder, "app.sock");
        var other = host.Start(0, "unshare", "--net", "python3", "-B", "-S", Programs.Script("hold.py"), "unix", path, "listen");
        await other.ReadyAsync();
        (await host.FreeAsync($"{path} --yes")).Is("refused", "other-namespace", "blocked", 1);
        Assert.True(File.Exists(path));
    }
}

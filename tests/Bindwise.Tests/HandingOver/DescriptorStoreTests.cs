using System.Diagnostics;
using System.Net;
using System.Runtime.Versioning;
using Bindwise.Tests.TakingOver;
using IsolatedProcess;

namespace Bindwise.Tests.HandingOver;

/// <summary>A service manager, played, that keeps the listening sockets while the service restarts (FDSTORE=1, sd_notify(3)).</summary>
[SupportedOSPlatform("linux")]
[Trait("Lane", "second")]
public sealed class DescriptorStoreTests
{
    // Words: the program. It restarts the service for each line that it reads. Its store takes what it has already as systemd does: not at all.
    private const string Manager = """
        import fcntl, os, socket, sys
        program = sys.argv[1:]
        name = "bindwise-manager-%d" % os.getpid()
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify.bind("\0" + name)
        store = {}
        def receive():
            text, descriptors, _, _ = socket.recv_fds(notify, 4096, 64)
            fields = dict(line.split("=", 1) for line in text.decode().split("\n"))
            print("manager:", text.decode().replace("\n", " "), flush=True)
            if "FDSTORE" in fields:
                known = {os.fstat(one).st_ino for one in store.values()}
                for one in descriptors:
                    if os.fstat(one).st_ino in known:
                        os.close(one)
                    else:
                        store[fields["FDNAME"]] = one
            if "FDSTOREREMOVE" in fields:
                os.close(store.pop(fields["FDNAME"]))
            return fields
        def start(number):
            reading, writing = os.pipe()
            process = os.fork()
            if process == 0:
                os.dup2(reading, 0)
                high = [fcntl.fcntl(one, fcntl.F_DUPFD_CLOEXEC, 100) for one in store.values()]
                os.closerange(3, 100)
                for at, one in enumerate(high, 3):
                    os.dup2(one, at, inheritable=True)
                environment = dict(os.environ, NOTIFY_SOCKET="@" + name, INSTANCE_NAME=str(number), INSTANCE_ENDPOINTS=os.environ["ENDPOINTS%d" % min(number, 1)])
                if store:
                    environment.update(LISTEN_FDS=str(len(store)), LISTEN_PID=str(os.getpid()), LISTEN_FDNAMES=":".join(store))
                os.execvpe(program[0], program, environment)
            os.close(reading)
            for _ in os.environ["ENDPOINTS%d" % min(number, 1)].split():
                while "FDSTORE" not in receive():
                    pass
            return process, writing
        number = 0
        process, writing = start(number)
        print("manager: started", flush=True)
        while sys.stdin.readline():
            os.close(writing)
            os.waitpid(process, 0)
            number += 1
            process, writing = start(number)
            print("manager: started", flush=True)
        os.close(writing)
        os.waitpid(process, 0)
        print("manager keeps:", " | ".join(store), flush=True)
        """;

    [IsolatedFact]
    public Task Restart_WhileTheManagerKeepsTheSockets_RefusesAndResetsNobody() => Body.RunAsync(static async () =>
    {
        using var manager = Start("127.0.0.1:8080", "127.0.0.1:8080");
        await StartedAsync(manager);
        using var clients = new Clients(new IPEndPoint(IPAddress.Loopback, 8080));
        for (var restart = 1; restart <= 4; restart++)
        {
            await clients.AnsweredAsync(20);
            await manager.StandardInput.WriteLineAsync();
            await StartedAsync(manager);
        }
        await clients.AnsweredAsync(20);
        await clients.EndAsync();
        Assert.Empty(clients.Faults);
        Assert.Contains("4", clients.Names);
        manager.StandardInput.Close();
        Assert.Contains("manager keeps: tcp 127.0.0.1.8080\n", await manager.StandardOutput.ReadToEndAsync(), StringComparison.Ordinal);
        await manager.WaitForExitAsync();
    });

    [IsolatedFact]
    public Task EndpointNoLongerWanted_IsTakenOutOfTheStore() => Body.RunAsync(static async () =>
    {
        using var manager = Start("127.0.0.1:8080 127.0.0.1:8081", "127.0.0.1:8080 [::1]:8082");
        await manager.StandardInput.WriteLineAsync();
        manager.StandardInput.Close();
        var told = await manager.StandardOutput.ReadToEndAsync();
        await manager.WaitForExitAsync();
        Assert.Contains("received 1 from ,", told, StringComparison.Ordinal);
        Assert.Contains("manager: FDSTOREREMOVE=1 FDNAME=tcp 127.0.0.1.8081", told, StringComparison.Ordinal);
        Assert.Contains("manager keeps: tcp 127.0.0.1.8080 | tcp [..1].8082", told, StringComparison.Ordinal);
    });

    // Whoever connects meanwhile finds the file, and waits in the socket that the manager has.
    [IsolatedFact]
    public Task UnixSocket_IsReceivedWithItsFile() => Body.RunAsync(static async () =>
    {
        var path = Path.Combine(Path.GetDirectoryName(Instance.DefaultPath)!, "stored.sock");
        using var manager = Start(path, path);
        await manager.StandardInput.WriteLineAsync();
        manager.StandardInput.Close();
        var told = await manager.StandardOutput.ReadToEndAsync();
        await manager.WaitForExitAsync();
        Assert.Contains("received 0 from ,", told, StringComparison.Ordinal);
        Assert.Contains("received 1 from ,", told, StringComparison.Ordinal);
        Assert.True(File.Exists(path));
        File.Delete(path);
    });

    // As a reload of Kestrel's endpoints adds them, and takes them away; at the end of the program they stay.
    [IsolatedFact]
    public Task Endpoints_ThatComeAndGoWhileTheProgramServes_AreStoredAndRemoved() => Body.RunAsync(static async () =>
    {
        using var notify = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Dgram, System.Net.Sockets.ProtocolType.Unspecified);
        notify.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint("\0bindwise-notify"));
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", "@bindwise-notify");
        using var stopping = new CancellationTokenSource();
        var handOver = await ListenerHandOver.StartAsync([ListenRequest.On(IPAddress.Loopback, 8080), ListenRequest.On(IPAddress.Loopback, 8081)], Stored);
        handOver.Stopping = stopping.Token;
        await handOver.ReadyAsync();
        _ = handOver.Add(ListenRequest.On(IPAddress.Loopback, 8082));
        handOver.Listeners[1].Sockets[0].Socket.Dispose();
        // Until it is read, the manager's copy waits in its message.
        var told = Read();
        _ = handOver.Add(ListenRequest.On(IPAddress.Loopback, 8081));
        await stopping.CancelAsync();
        handOver.Listeners[0].Sockets[0].Socket.Dispose();
        await handOver.DisposeAsync();
        told.AddRange(Read());
        Assert.Equal(["FDSTORE=1 FDNAME=tcp 127.0.0.1.8080", "FDSTORE=1 FDNAME=tcp 127.0.0.1.8081", "FDSTORE=1 FDNAME=tcp 127.0.0.1.8082",
            "FDSTOREREMOVE=1 FDNAME=tcp 127.0.0.1.8081", "FDSTORE=1 FDNAME=tcp 127.0.0.1.8081"], told);

        List<string> Read()
        {
            var (messages, buffer) = (new List<string>(), new byte[256]);
            while (notify.Available > 0)
                messages.Add(System.Text.Encoding.ASCII.GetString(buffer, 0, notify.Receive(buffer)).Replace("\n", " ", StringComparison.Ordinal));
            return messages;
        }
    });

    // systemd takes a process whose parent has ended for the service only when the service says so.
    [IsolatedFact]
    public Task HandOver_UnderAManager_NamesTheNewMainProcess() => Body.RunAsync(static async () =>
    {
        using var notify = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Dgram, System.Net.Sockets.ProtocolType.Unspecified);
        notify.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint("\0bindwise-notify"));
        await using var old = await Instance.ReadyAsync("old", variables: ("NOTIFY_SOCKET", "@bindwise-notify"));
        await using var next = await Instance.ReadyAsync("next", variables: ("NOTIFY_SOCKET", "@bindwise-notify"));
        var buffer = new byte[256];
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        var length = await notify.ReceiveAsync(buffer, limit.Token);
        Assert.Equal($"MAINPID={next.Id}", System.Text.Encoding.ASCII.GetString(buffer, 0, length));
    });

    // What the service keeps there itself is its own: a memfd, or whatever.
    [IsolatedFact("python3")]
    public Task Store_WithSomethingElseInIt_GivesTheSockets_AndLeavesTheRest() => Body.RunAsync(static async () => Assert.Equal(
        "received 1, /etc/passwd",
        await PassingParent.ExecAsync("file tcp=127.0.0.1:8080", "LISTEN_FDS=2 LISTEN_PID=$$ LISTEN_FDNAMES=state:tcp~127.0.0.1.8080", TakeStored)));

    // The socket that was kept is bound only, and another program listens there by now.
    [IsolatedFact("python3")]
    public Task Store_WithASocketThatCannotListen_IsABindException_AndNothingStaysOpen() => Body.RunAsync(static async () => Assert.Equal(
        "AddressAlreadyInUse 127.0.0.1 port 8080 (Tcp), 8081 is free",
        await PassingParent.ExecAsync("shared=127.0.0.1:8080", "LISTEN_FDS=1 LISTEN_PID=$$ LISTEN_FDNAMES=tcp~127.0.0.1.8080", TakeUnheard)));

    internal static async Task TakeStored()
    {
        await using var handOver = await ListenerHandOver.StartAsync([ListenRequest.On(IPAddress.Loopback, 8080)], Stored);
        Console.WriteLine($"received {handOver.ReceivedSockets}, {new FileInfo("/proc/self/fd/3").LinkTarget}");
    }

    internal static async Task TakeUnheard()
    {
        using var other = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080));
        var refused = await Assert.ThrowsAsync<BindException>(static () =>
            ListenerHandOver.StartAsync([ListenRequest.On(IPAddress.Loopback, 8080), ListenRequest.On(IPAddress.Loopback, 8081)], Stored).AsTask());
        using var free = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8081) with { Settings = new SocketSettings { ReuseAddress = false } });
        Console.WriteLine($"{refused.SocketErrorCode} {refused.Request}, {free.Port} is free");
    }

    private static HandOverOptions Stored => new() { UseDescriptorStore = true };

    private static Process Start(string first, string then)
    {
        var start = new ProcessStartInfo("/usr/bin/python3", ["-c", Manager, .. PassingParent.Program(Instance.ServeAsync)]) { RedirectStandardOutput = true, RedirectStandardInput = true };
        foreach (var (name, value) in (ReadOnlySpan<(string, string)>)[("INSTANCE_MANNER", "stored"), ("INSTANCE_PATH", ""), ("ENDPOINTS0", first), ("ENDPOINTS1", then)])
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private static async Task StartedAsync(Process manager)
    {
        var told = new List<string?>();
        for (string? line = ""; line != "manager: started"; told.Add(line))
        {
            try
            {
                line = await manager.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(4));
            }
            catch (TimeoutException)
            {
                Assert.Fail($"the manager says nothing more:\n{string.Join('\n', told)}\n{await ThreadsAsync()}");
            }
            Assert.True(line is not null, "the manager has ended: " + string.Join('\n', told));
        }
    }

    // Of all processes here, and what each waits for.
    private static async Task<string> ThreadsAsync()
    {
        using var list = Process.Start(new ProcessStartInfo("ps", ["-eLo", "pid,ppid,tid,stat,wchan:24,comm,args"]) { RedirectStandardOutput = true })!;
        return await list.StandardOutput.ReadToEndAsync();
    }
}

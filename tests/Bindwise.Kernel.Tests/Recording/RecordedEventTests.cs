using System.Text.Json;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Recording;

/// <summary>What happens to the ports of a real host, as `bindwise record` writes it, and `history` tells it.</summary>
[Trait("Lane", "second")]
public sealed class RecordedEventTests
{
    // 1,000 connections that the server closes first, and more than its queue takes to another. The first ones are all open before the first
    // is closed, and again after a while: however slow the machine is, they are in TIME_WAIT at the same time.
    private const string Busy = """
        import resource, socket, threading, time
        resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
        server = socket.socket(); server.bind(("127.0.0.1", 7104)); server.listen(16)
        def close_first():
            while True:
                pairs = [(socket.create_connection(("127.0.0.1", 7104)), server.accept()[0]) for _ in range(1010)]
                for _, accepted in pairs: accepted.close()
                for client, _ in pairs: client.close()
                time.sleep(30)
        threading.Thread(target=close_first, daemon=True).start()
        full = socket.socket(); full.bind(("127.0.0.1", 7105)); full.listen(0)
        clients = [socket.socket() for _ in range(16)]
        for client in clients:
            client.setblocking(False); client.connect_ex(("127.0.0.1", 7105))
        time.sleep(600)
        """;

    // The wrapper has it too, and is older; what is told is who uses it.
    [KernelFact]
    public async Task Record_OfASocketThatRunHolds_NamesTheProgram()
    {
        await using var host = await TestHost.OpenAsync();
        var record = await Record.StartAsync(host);
        await record.CensusAsync();
        host.Start(0, Programs.Bindwise, "run", "--hold", "--", "python3", "-B", "-S", Programs.Script("hold.py"), "tcp", "127.0.0.1", "7106", "listen");
        Assert.Equal("python3", (await ToldAsync(record, "listen", "127.0.0.1:7106")).GetProperty("program").GetString());
    }

    [KernelFact]
    public async Task Record_OfWhatHappensToPorts_TellsEachKind()
    {
        await using var host = await TestHost.OpenAsync();
        var record = await Record.StartAsync(host);
        await record.CensusAsync();
        var server = await host.StartScriptAsync("keep_heir.py", "tcp 127.0.0.1 7101 listen");
        await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 7102 reuseport listen");
        await host.StartScriptAsync("hold.py", "udp 127.0.0.1 7103");
        host.Start(0, "python3", "-S", "-c", Busy);
        await ToldAsync(record, "bind", "127.0.0.1:7103");
        await ToldAsync(record, "listen", "0.0.0.0:7102");
        var listens = await ToldAsync(record, "listen", "127.0.0.1:7101");
        await ToldAsync(record, "time-wait-high", "127.0.0.1:7104");
        await ToldAsync(record, "queue-overflow", "127.0.0.1:7105");
        await host.SetAsync("net.ipv4.ip_local_port_range", "40000 40099");
        await host.StartScriptAsync("exhaust.py", "");
        await ToldAsync(record, "range-high", "127.0.0.1:9000");
        await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 7102 reuseport listen");
        await ToldAsync(record, "shadowed", "0.0.0.0:7102");
        await host.SignalAsync(server.Pid, "KILL");
        var changed = await ToldAsync(record, "owner-changed", "127.0.0.1:7101");
        await host.SignalAsync(server.Number("heir"), "KILL");
        var closed = await ToldAsync(record, "closed", "127.0.0.1:7101");
        await record.StopAsync(host);

        Assert.Equal((server.Pid, server.Number("heir")), (changed.GetProperty("previousPid").GetInt32(), changed.GetProperty("pid").GetInt32()));
        Assert.Equal(server.Number("heir"), closed.GetProperty("pid").GetInt32());
        Assert.Contains("keep_heir.py", listens.GetProperty("command").GetString(), StringComparison.Ordinal);
        var history = await host.RunAsync(Programs.Bindwise, "history", "7101", "--dir", record.Folder);
        Assert.Contains($"went from pid {server.Pid} to sleep (pid {server.Number("heir")})", history.Output, StringComparison.Ordinal);
        Assert.Contains("released it after ", history.Output, StringComparison.Ordinal);
        var timeline = await host.RunAsync(Programs.Bindwise, "history", "7101", "--timeline", "--dir", record.Folder);
        Assert.Contains("sleep (pid ", timeline.Output, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Record_OfAProgramWhoseNameIsNoText_GivesItOneNameEverywhere()
    {
        await using var host = await TestHost.OpenAsync();
        var record = await Record.StartAsync(host);
        await record.CensusAsync();
        host.Start(0, "python3", "-S", "-c", """
            import ctypes, socket, time
            ctypes.CDLL(None).prctl(15, b"\xff\xfe\x1b[31m", 0, 0, 0)
            server = socket.socket(); server.bind(("127.0.0.1", 7101)); server.listen()
            try: socket.socket().bind(("127.0.0.1", 7101))
            except OSError: time.sleep(600)
            """);
        foreach (var kind in (string[])["listen", "bind-failed"])
            Assert.Equal("\\xff\\xfe\u001b[31m", (await ToldAsync(record, kind, "127.0.0.1:7101")).GetProperty("program").GetString());
    }

    // A container's port is another one than the host's of that number.
    [KernelFact("unshare")]
    public async Task Record_OfAFailureInAnotherNamespace_IsNoAnswerForThisOne()
    {
        const string fails = """
            import socket, time
            held = socket.socket(); held.bind(("127.0.0.1", 7106)); held.listen()
            for one in (socket.socket(), held):
                try: one.bind(("127.0.0.1", 7106))
                except OSError: pass
            time.sleep(600)
            """;
        await using var host = await TestHost.OpenAsync();
        var record = await Record.StartAsync(host);
        await record.CensusAsync();
        host.Start(0, "unshare", "--net", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh", "python3", "-S", "-c", fails);
        await Patience.UntilAsync(() => record.Events("bind-failed").Count > 1, "both failures");
        var (taken, twice) = (record.Events("bind-failed").Find(static one => one.GetProperty("result").GetString() == "EADDRINUSE"),
            record.Events("bind-failed").Find(static one => one.GetProperty("result").GetString() == "EINVAL"));
        Assert.Equal("in another network namespace", taken.GetProperty("reason").GetString());
        Assert.Equal("this socket is bound already", twice.GetProperty("summary").GetString());
        var time = taken.GetProperty("time").GetString()!;
        await record.StopAsync(host);

        var why = await host.RunAsync(Programs.Bindwise, "why", "7106", "--at", time, "--dir", record.Folder);
        Assert.True(why.ExitCode == 0 && why.Output.StartsWith("7106/tcp is free", StringComparison.Ordinal), why.ToString());
        var history = await host.RunAsync(Programs.Bindwise, "history", "7106", "--dir", record.Folder);
        Assert.Contains(") in another network namespace", history.Output.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Record_OfOneWhoHoldsThousandsOfSockets_LosesNothing()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8080 listen");
        // 10,000 sockets are more than a line of a census holds, and 1,150 on one port more than a line of a failure.
        for (var number = 0; number < 10; number++)
            await host.Start(TestHost.Nobody, "python3", "-S", "-u", "-c", $"""
                import socket, time
                held = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(1000)]
                for i, one in enumerate(held): one.bind(("127.0.%d.%d" % (1 + i // 250, 1 + i % 250), {7000 + number}))
                print("held"); time.sleep(600)
                """).LineAsync(Patience.OfManyWaits);
        for (var number = 0; number < 2; number++)
            await host.Start(TestHost.Nobody, "python3", "-S", "-u", "-c", """
                import socket, time
                held = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(900)]
                for one in held:
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1); one.bind(("127.0.0.1", 9000))
                print("held"); time.sleep(600)
                """).LineAsync(Patience.OfManyWaits);
        var record = await Record.StartAsync(host);
        await record.CensusAsync();
        var fails = await host.RunAsAsync(TestHost.Nobody, null, "python3", "-S", "-c",
            "import socket\ntry: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).bind(('127.0.0.1', 9000))\nexcept OSError: pass");
        Assert.True(fails.ExitCode == 0, fails.ToString());
        var failed = await ToldAsync(record, "bind-failed", "127.0.0.1:9000");
        var diagnosis = failed.GetProperty("diagnosis");
        Assert.Equal(16, diagnosis.GetProperty("blockers").GetArrayLength());
        Assert.Contains(diagnosis.GetProperty("limits").EnumerateArray(), static one => one.GetProperty("text").GetString()!.StartsWith("1800 sockets", StringComparison.Ordinal));
        var censuses = record.Lines().FindAll(static line => line.TryGetProperty("more", out _));
        Assert.Contains(censuses, static line => line.GetProperty("more").GetBoolean());
        var time = censuses.Find(static line => !line.GetProperty("more").GetBoolean()).GetProperty("time").GetString()!;
        for (var round = 0; round < 2; round++)
        {
            var history = await host.RunAsync(Programs.Bindwise, "history", "8080", "--dir", record.Folder);
            Assert.True((0, "") == (history.ExitCode, history.Error), history.ToString());
            Assert.Contains("was already listening", history.Output, StringComparison.Ordinal);
            var failures = await host.RunAsync(Programs.Bindwise, "history", "--failed", "--dir", record.Folder);
            Assert.Contains("127.0.0.1:9000", failures.Output, StringComparison.Ordinal);
            var why = await host.RunAsync(Programs.Bindwise, "why", "8080", "--at", time, "--dir", record.Folder);
            Assert.True((1, "") == (why.ExitCode, why.Error), why.ToString());
            if (round == 0)
                await record.StopAsync(host);
        }
    }

    private static async Task<JsonElement> ToldAsync(Record record, string kind, string address)
    {
        List<JsonElement> found = [];
        await Patience.UntilAsync(() => (found = record.Events(kind).FindAll(line => line.GetProperty("address").GetString() == address)).Count > 0,
            $"{kind} of {address}");
        return found[0];
    }
}

using System.Text.Json;
using System.Text.RegularExpressions;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Recording;

/// <summary>What `bindwise record` writes of programs that fail: of many languages, users and network namespaces.</summary>
[Trait("Lane", "second")]
public sealed class FailingProgramTests
{
    [KernelFact("clang", "perl", "ruby", "php", "node", "java", "nginx", "busybox")]
    public async Task Record_OfProgramsThatFail_HasEachWithItsCause()
    {
        await using var host = await TestHost.OpenAsync();
        var record = await Record.StartAsync(host);
        var programs = host.Start(0, "python3", "-B", "-S", Programs.Script("fail_in_many_ways.py"), host.Folder,
            Programs.Sample("PlainWeb"), Programs.Bindwise);
        using var told = JsonDocument.Parse(await programs.LineAsync(Patience.OfManyWaits));
        var fails = told.RootElement.GetProperty("fails").EnumerateArray().ToList();
        Assert.Equal(28, fails.Count);
        await Patience.UntilAsync(() => Seen(record) is var now && fails.TrueForAll(one => now.ContainsKey(one.GetProperty("address").GetString()!)), "each failure");
        var seen = Seen(record);
        foreach (var one in fails)
        {
            var address = one.GetProperty("address").GetString()!;
            Assert.True(seen.TryGetValue(address, out var line), $"{address} was not recorded");
            foreach (var field in (string[])["call", "result", "program"])
                Assert.True(one.GetProperty(field).GetString() == line.GetProperty(field).GetString(), line.GetRawText());
            Assert.True(one.GetProperty("user").GetInt32() == line.GetProperty("userId").GetInt32(), line.GetRawText());
            Assert.Equal("bindwise.event/1", line.GetProperty("schema").GetString());
            // Where it is a race with the program's end, or the namespace's, the line says what is not known.
            if (one.GetProperty("cause").GetString() is { } cause)
                Assert.True(cause == line.GetProperty("cause").GetString(), line.GetRawText());
            else
                Assert.True(line.GetProperty("cause").ValueKind != JsonValueKind.Null || line.GetProperty("limits").GetArrayLength() > 0);
        }
        Assert.Empty(record.Events("lost"));
        // What the why's try meanwhile is no failure of the host.
        Assert.DoesNotContain(seen.Values, static line => IsOfBindwise(line));
        await record.StopAsync(host);
        // The same that why says at that moment, of ten kinds of programs and more.
        var asked = fails.Where(static one => one.GetProperty("why").ValueKind == JsonValueKind.String).ToList();
        Assert.InRange(asked.Count, 10, fails.Count);
        Assert.All(asked, one => Assert.Equal((one.GetProperty("address").GetString(), one.GetProperty("why").GetString()),
            (one.GetProperty("address").GetString(), seen[one.GetProperty("address").GetString()!].GetProperty("cause").GetString())));
        // What was stored is told again by history, and nothing of it reaches a terminal that should not.
        var history = await host.RunAsync(Programs.Bindwise, "history", "--failed", "--dir", record.Folder);
        Assert.Equal(0, history.ExitCode);
        Assert.All(fails, one => Assert.Contains(one.GetProperty("address").GetString()!, history.Output, StringComparison.Ordinal));
        Assert.DoesNotContain('\u001b', history.Output);
        var moment = seen["127.0.0.1:7015"].GetProperty("time").GetString()!;
        var why = await host.RunAsync(Programs.Bindwise, "why", "127.0.0.1:7015", "--at", moment, "--json", "--dir", record.Folder);
        Assert.Equal(1, why.ExitCode);
        using var diagnosis = JsonDocument.Parse(why.Output);
        Assert.Equal("time-wait", diagnosis.RootElement.GetProperty("cause").GetString());
    }

    // At the time of the look the process has other rights than the call had.
    [KernelFact]
    public async Task Record_OfAThreadOfAnotherUserOrNetwork_JudgesByThatThread()
    {
        await using var host = await TestHost.OpenAsync();
        var record = await Record.StartAsync(host);
        host.Start(0, "python3", "-B", "-S", Programs.Script("call_as_thread.py"));
        await Patience.UntilAsync(() => record.Events("bind-failed").Count == 3, "all failures");
        await record.StopAsync(host);
        Assert.Equal(["127.0.0.1:81 privileged-port", "127.0.0.1:84 privileged-port", "127.0.0.1:9601 listener"],
            record.Events("bind-failed").Select(static one => $"{one.GetProperty("address").GetString()} {one.GetProperty("cause").GetString()}").Order(StringComparer.Ordinal));
    }

    // That the address was refused to others does not count: the kernel looks at it first.
    [KernelFact]
    public async Task Record_OfAnAddressThatOneSocketMayBind_TellsWhoHasThePort()
    {
        await using var host = await TestHost.OpenAsync();
        var record = await Record.StartAsync(host);
        await host.Start(0, "python3", "-S", "-c", """
            import socket, time
            kept = [socket.socket(), socket.socket()]
            for one in kept:
                one.setsockopt(socket.IPPROTO_IP, 15, 1) # IP_FREEBIND
            kept[0].bind(("192.0.2.7", 8080)); kept[0].listen()
            try: kept[1].bind(("192.0.2.7", 8080))
            except OSError: print("{}", flush=True)
            time.sleep(600)
            """).LineAsync(Patience.OfManyWaits);
        await Patience.UntilAsync(() => record.Events("bind-failed").Count == 1, "the failure");
        await record.StopAsync(host);
        Assert.Equal("listener", record.Events("bind-failed")[0].GetProperty("cause").GetString());
    }

    // It looks at the connection from the port that bind() gave, and not for a port; without a port of its own, for one of that address.
    [KernelFact]
    public async Task Record_OfAConnectFromABoundPort_TellsOfThatConnection()
    {
        await using var host = await TestHost.OpenAsync();
        var record = await Record.StartAsync(host);
        await record.CensusAsync();
        var clients = host.Start(0, "python3", "-S", "-c", """
            import errno, socket, time
            def bound(family, address, port):
                s = socket.socket(family); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind((address, port)); return s
            kept = []
            for family, address in (socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"):
                server = bound(family, address, 7121); server.listen()
                kept += [server, bound(family, address, 7122)]
                kept[-1].connect((address, 7121))
                kept.append(bound(family, address, 7124))
                kept[-1].connect((address, 7121))
                for port in 7122, 7122, 7124:
                    assert bound(family, address, port).connect_ex((address, 7121)) == errno.EADDRNOTAVAIL
            print("{}", flush=True)
            time.sleep(600)
            """);
        await clients.LineAsync(Patience.OfManyWaits);
        await Patience.UntilAsync(() => record.Events("bind-failed").Sum(static one => one.GetProperty("count").GetInt64()) == 6, "all failures");
        await record.StopAsync(host);
        foreach (var line in record.Events("bind-failed"))
        {
            var loopback = line.GetProperty("address").GetString() == "[::1]:7121" ? "[::1]" : "127.0.0.1";
            Assert.Equal(("connect", "EADDRNOTAVAIL", "ports-exhausted"),
                (line.GetProperty("call").GetString(), line.GetProperty("result").GetString(), line.GetProperty("cause").GetString()));
            Assert.Matches($@"^A connection from {Regex.Escape(loopback)}:712[24] to {Regex.Escape(loopback)}:7121 cannot be opened \(EADDRNOTAVAIL\): it is there already\.$", line.GetProperty("summary").GetString());
        }
        // Each source port by itself, of both families, the one that failed again counted.
        Assert.Equal(4, record.Events("bind-failed").Select(static line => line.GetProperty("summary").GetString()).Distinct().Count());
        // The same, asked afterwards.
        var moment = record.Events("bind-failed")[0].GetProperty("time").GetString()!;
        var why = await host.RunAsync(Programs.Bindwise, "why", "connect 127.0.0.1:7121", "--at", moment, "--dir", record.Folder);
        Assert.True(why.ExitCode == 1 && why.Output.Contains("127.0.0.1:7122 to 127.0.0.1:7121 cannot be opened", StringComparison.Ordinal), why.ToString());
        why = await host.RunAsync(Programs.Bindwise, "why", "connect 127.0.0.1:7123", "--at", moment, "--dir", record.Folder);
        Assert.True(why.ExitCode == 3 && why.Error.Contains("no connection to 127.0.0.1:7123 is recorded", StringComparison.Ordinal), why.ToString());
    }

    // The rules do not say which of the ports that are left the kernel tries: the program's own call says that there was none.
    [KernelFact]
    public async Task Record_OfPort0WithoutAPortLeft_TellsOfTheRange()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv4.ip_local_port_range", "40000 40003");
        var record = await Record.StartAsync(host);
        var outcome = await host.RunAsync("python3", "-S", "-c", """
            import socket, time
            for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM:
                kept = []
                try:
                    for _ in range(5): kept.append(socket.socket(socket.AF_INET, kind)); kept[-1].bind(("0.0.0.0", 0))
                except OSError: time.sleep(3)
            """);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        await Patience.UntilAsync(() => record.Events("bind-failed").Count == 2, "both failures");
        await record.StopAsync(host);
        Assert.All(record.Events("bind-failed"), static line => Assert.Equal(("ports-exhausted", "EADDRINUSE"),
            (line.GetProperty("cause").GetString(), line.GetProperty("result").GetString())));
    }

    [KernelFact]
    public async Task Record_OfBindwiseItself_LeavesOutWhatItTries_AndNothingOfWhoTakesItsName()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8080 reuseaddr listen");
        var record = await Record.StartAsync(host);
        // Each of them tries binds that fail, and is gone before anybody could look at it.
        for (var round = 0; round < 10; round++)
            Assert.Equal(1, (await host.RunAsAsync(round % 2 == 0 ? 0 : TestHost.Nobody, null, Programs.Bindwise, "why", "8080")).ExitCode);
        var named = Path.Combine(host.Folder, Path.GetFileName(Programs.Bindwise));
        await host.SetUpAsync($"cp -L /usr/bin/python3 {named}");
        var outcome = await host.RunAsAsync(TestHost.Nobody, null, named, "-S", "-c", "import socket\ntry: socket.socket().bind(('127.0.0.1', 8080))\nexcept OSError: pass");
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        await Patience.UntilAsync(() => record.Events("bind-failed").Count > 0, "the failure");
        await record.StopAsync(host);
        var line = Assert.Single(record.Events("bind-failed"));
        Assert.Equal(("127.0.0.1:8080", "EADDRINUSE", TestHost.Nobody),
            (line.GetProperty("address").GetString(), line.GetProperty("result").GetString(), line.GetProperty("userId").GetInt32()));
        Assert.True(IsOfBindwise(line), line.GetRawText());
    }

    [KernelFact]
    public async Task Record_OfAProgramThatFailsEverywhereToHideOthers_HasTheOthers()
    {
        await using var host = await TestHost.OpenAsync();
        await using var elsewhere = await TestHost.OpenAsync();
        var record = await Record.StartAsync(host);
        var other = await Record.StartAsync(elsewhere);
        const int calls = 60_000;
        var outcome = await host.RunAsync("python3", "-S", "-c", $"""
            import os, socket, time
            if os.fork() == 0:
                os.setuid(21001)
                s = socket.socket()
                for i in range({calls}):
                    try: s.bind(('192.0.2.%d' % (1 + i % 250), 1024 + i // 250))
                    except OSError: pass
                os._exit(0)
            for user in range(21002, 21006):
                time.sleep(0.05)
                if os.fork() == 0:
                    os.setuid(user)
                    try: socket.socket().bind(('192.0.2.1', user))
                    except OSError: os._exit(0)
            for _ in range(5): os.wait()
            """);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        await Patience.UntilAsync(() => Of(record, 21001).Sum(static one => one.GetProperty("count").GetInt64()) >= calls, "all to be counted");
        await Patience.UntilAsync(() => Enumerable.Range(21002, 4).All(user => Of(record, user).Count > 0), "the others");
        for (var user = 21002; user < 21006; user++)
            Assert.Equal("address-not-local", Assert.Single(Of(record, user)).GetProperty("cause").GetString());
        Assert.Equal(calls, Of(record, 21001).Sum(static one => one.GetProperty("count").GetInt64()));
        Assert.NotEmpty(record.Events("lost"));
        Assert.All(record.Events("lost"), static one => Assert.Equal(21001, one.GetProperty("userId").GetInt32()));
        await record.StopAsync(host);
        // In another PID namespace none of it is seen, nor missed.
        await other.StopAsync(elsewhere);
        Assert.Empty(other.Events("bind-failed"));
        Assert.Empty(other.Events("lost"));
    }

    // By the kernel's name of it, which anybody can take.
    private static bool IsOfBindwise(JsonElement line) =>
        line.GetProperty("program").GetString() is { } program && Path.GetFileName(Programs.Bindwise).StartsWith(program, StringComparison.Ordinal);

    private static Dictionary<string, JsonElement> Seen(Record record) => record.Events("bind-failed")
        .GroupBy(static line => line.GetProperty("address").GetString()!).ToDictionary(static group => group.Key, static group => group.First());

    private static List<JsonElement> Of(Record record, int user) => [.. record.Lines().Where(line =>
        line.TryGetProperty("userId", out var id) && id.ValueKind == JsonValueKind.Number && id.GetInt32() == user
        && line.TryGetProperty("event", out var word) && word.GetString() is "bind-failed" or "lost")];
}

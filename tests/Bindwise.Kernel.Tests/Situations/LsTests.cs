using System.Globalization;
using System.Text.Json;
using Bindwise.Kernel.Tests.Isolation;
using IsolatedProcess;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary><c>bindwise ls</c> on a sandbox with real servers.</summary>
public sealed class LsTests
{
    [KernelFact]
    public async Task Ls_BothFamiliesOfOneServer_AreOneLine()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8080 listen and tcp ::1 8080 listen");
        var line = Assert.Single(await LinesAsync(host, ":8080"));
        Assert.Equal(["127.0.0.1", "::1"], Texts(line, "sockets", "address"));
        Assert.Equal(("8080/tcp", "hold.py", program.Pid, "root"), (Text(line, "target"), Text(line, "name"), Number(line, "pid"), Text(line, "user")));
        Assert.Equal((0, 0, 16), (Number(line, "connections"), Number(line, "queue"), Number(line, "backlog")));
        Assert.Matches("\n8080/tcp +127\\.0\\.0\\.1,\\[::1\\] +hold\\.py +[0-9]+ +root +[0-9:]+ +0 +0/16 +", (await host.RunAsync(Programs.Bindwise, "ls")).Output);
    }

    [KernelFact]
    public async Task Ls_DualStackUdpAndBoundOnly_AreListedByWhatTheyAre()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp :: 8080 dual listen and tcp :: 8081 v6only listen and udp 0.0.0.0 53 and tcp 127.0.0.1 7000");
        var lines = await LinesAsync(host, "");
        Assert.Equal(["7000/tcp", "8080/tcp", "8081/tcp", "53/udp"], lines.Select(static line => Text(line, "target")));
        Assert.Equal(["BOUND", "LISTEN", "LISTEN", "UNCONN"], lines.Select(static line => Text(line, "state")));
        Assert.Equal([true, false], lines.Skip(1).Take(2).Select(static line => line.GetProperty("sockets")[0].GetProperty("dualStack").GetBoolean()));
        var text = (await host.RunAsync(Programs.Bindwise, "ls")).Output;
        Assert.Matches("\n8080/tcp +\\* ", text);
        Assert.Matches("\n8081/tcp +\\[::\\] ", text);
        Assert.Contains("bound only", text, StringComparison.Ordinal);
    }

    [KernelTheory]
    [InlineData("share")]
    [InlineData("own")]
    public async Task Ls_PreforkServer_IsOneLineWithAllItsProcesses(string how)
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("prefork.py", $"3 {how} tcp 0.0.0.0 8080 reuseport listen");
        var line = Assert.Single(await LinesAsync(host, ":8080"));
        Assert.Equal(how == "share" ? 4 : 3, Number(line, "processCount"));
        Assert.Equal(program.Numbers("workers"), line.GetProperty("owners").EnumerateArray().Select(static owner => owner.GetProperty("pid").GetInt32()).Where(pid => pid != program.Pid).Order());
        if (how == "share")
            Assert.Equal(program.Pid, Number(line, "pid"));
        Assert.Empty(Texts(line, "warnings", "id"));
    }

    [KernelFact]
    public async Task Ls_Unix_ListsNamesAndCountsTheirConnectionsOnlyWhenAsked()
    {
        await using var host = await TestHost.OpenAsync();
        var path = Path.Combine(host.Folder, "app.sock");
        await host.StartScriptAsync("hold.py", $"unix {path} listen and unix @name listen and tcp 127.0.0.1 80 listen");
        Assert.Equal(["80/tcp"], (await LinesAsync(host, "")).Select(static line => Text(line, "target")));
        var lines = await LinesAsync(host, "unix hold.py");
        Assert.Equal([path, "@name"], lines.Select(static line => Text(line, "path")));
        Assert.Equal(["80/tcp", path, "@name"], (await LinesAsync(host, path)).Select(static line => Text(line, "target")));
    }

    [KernelFact]
    public async Task Ls_FortyPortsOfOneProcess_AreOneLineAndInJsonForty()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", string.Join(" and ", Enumerable.Range(8000, 40).Select(static port => $"tcp 127.0.0.1 {port} listen")));
        var text = (await host.RunAsync(Programs.Bindwise, "ls")).Output;
        Assert.Matches("^PORT .*\n8000-8039/tcp +127\\.0\\.0\\.1 +hold\\.py .* 40 ports\n$", text);
        Assert.Equal(40, (await LinesAsync(host, "")).Count);
    }

    [KernelFact]
    public async Task FullAcceptQueue_IsSaidByLsAndWhy()
    {
        await using var host = await TestHost.OpenAsync();
        var script = Path.Combine(host.Folder, "full.py");
        await File.WriteAllTextAsync(script, """
            import socket, time
            server = socket.socket(); server.bind(('127.0.0.1', 8080)); server.listen(1)
            clients = [socket.create_connection(('127.0.0.1', 8080)) for _ in range(2)]
            print('{}', flush=True); time.sleep(600)
            """);
        await host.Start(0, "python3", "-S", script).ReadyAsync();
        Assert.Equal(["accept-queue-full"], Texts(Assert.Single(await LinesAsync(host, ":8080")), "warnings", "id"));
        Assert.Contains("accepts no connections: 2 wait, as many as a backlog of 1 allows", (await host.RunAsync(Programs.Bindwise, "ls")).Output, StringComparison.Ordinal);
        var why = (await host.RunAsync(Programs.Bindwise, "why", "8080")).Output.ReplaceLineEndings(" ");
        Assert.Contains("full.py accepts no connections: 2 wait, as many as a backlog of 1 allows.", why, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Ls_StoppedProcess_SaysSo()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8080 listen");
        await host.SignalAsync(program.Pid, "STOP");
        await host.UntilStateAsync(program.Pid, 'T');
        Assert.Equal(["stopped"], Texts(Assert.Single(await LinesAsync(host, "stopped")), "warnings", "id"));
        Assert.Contains("suspended (Ctrl+Z)", (await host.RunAsync(Programs.Bindwise, "ls")).Output, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Ls_ExecutableDeleted_SaysSo()
    {
        await using var host = await TestHost.OpenAsync();
        var file = Path.Combine(host.Folder, "my-server");
        ProgramCopy.Make(Needs.Find("python3")!, file);
        var program = host.Start(0, file, "-B", "-S", Programs.Script("hold.py"), "tcp", "127.0.0.1", "8081", "listen");
        await program.ReadyAsync();
        File.Delete(file);
        var line = Assert.Single(await LinesAsync(host, ":8081"));
        Assert.Equal(["executable-deleted"], Texts(line, "warnings", "id"));
        Assert.Equal(program.Pid, Number(line, "pid"));
    }

    [KernelFact]
    public async Task Ls_EphemeralRangeAndShadows_AreWarnedOf()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv4.ip_local_reserved_ports", "40001");
        var wild = await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 reuseport listen and tcp 127.0.0.1 3000 listen and tcp 127.0.0.1 40000 listen and tcp 127.0.0.1 40001 listen");
        await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8080 reuseport listen and tcp ::1 3000 listen");
        var warnings = (await LinesAsync(host, "")).Where(line => Number(line, "pid") == wild.Pid).ToDictionary(static line => Text(line, "target")!, static line => string.Join(' ', Texts(line, "warnings", "id")));
        Assert.Equal(
            new Dictionary<string, string> { ["3000/tcp"] = "shadowed-by-other-family", ["8080/tcp"] = "shadowed-by-specific-address", ["40000/tcp"] = "in-ephemeral-range", ["40001/tcp"] = "" },
            warnings);
    }

    [KernelFact]
    public async Task Ls_WildcardWhoseConnectionsAreAllLocal_IsWarnedOfAndItsConnectionsCounted()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 9000 listen");
        var client = host.Start(0, "python3", "-B", "-S", "-c",
            "import socket,time; a=[socket.create_connection(('127.0.0.1', 9000)) for _ in range(3)]; print('{\"pid\": 1}', flush=True); time.sleep(600)");
        await client.ReadyAsync();
        var line = Assert.Single(await LinesAsync(host, ":9000"));
        Assert.Equal((3, 3), (Number(line, "connections"), Number(line, "queue")));
        Assert.Equal(["wildcard"], Texts(line, "warnings", "id"));
        Assert.Equal(JsonValueKind.Null, line.GetProperty("timeWait").ValueKind);
    }

    [KernelFact]
    public async Task Ls_AmongManyProcesses_ListsAndCountsTheSame()
    {
        await using var host = await TestHost.OpenAsync();
        // From 128 processes on the tables and the owners are read beside each other.
        var server = host.Start(0, "python3", "-B", "-S", "-c", """
            import os, socket, time
            for _ in range(140):
                if os.fork() == 0: time.sleep(600)
            def bound(port):
                one = socket.socket(); one.bind(('127.0.0.1', port)); return one
            servers = [bound(port) for port in range(9000, 9010)]
            for one in servers: one.listen()
            alone = bound(7000)
            clients = [socket.create_connection(('127.0.0.1', 9000 + i % 5)) for i in range(15)]
            print('{"pid": 1}', flush=True); time.sleep(600)
            """);
        await server.ReadyAsync();
        foreach (var _ in Enumerable.Range(0, 20))
        {
            var lines = await LinesAsync(host, "");
            Assert.Equal(["7000/tcp", .. Enumerable.Range(9000, 10).Select(static port => $"{port}/tcp")], lines.Select(static line => Text(line, "target")));
            Assert.Equal(["BOUND", .. Enumerable.Repeat("LISTEN", 10)], lines.Select(static line => Text(line, "state")));
            Assert.Equal(Enumerable.Range(0, 10).Select(static number => number < 5 ? 3 : 0), lines.Skip(1).Select(static line => Number(line, "connections")));
            Assert.Single(lines.Select(static line => Number(line, "pid")).Distinct());
        }
    }

    [KernelFact]
    public async Task Ls_All_CountsTimeWaitByPort()
    {
        await Passing.PlayAsync(static async host =>
        {
            await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8080 listen");
            var make = "import socket\ns=socket.socket(); s.setsockopt(1,2,1); s.bind(('127.0.0.1', 9001)); s.listen()\n"
                + "for _ in range(7):\n c=socket.create_connection(('127.0.0.1', 9001)); a=s.accept()[0]; a.close(); c.close()";
            Assert.Equal(0, (await host.RunAsync("python3", "-B", "-S", "-c", make)).ExitCode);
            await host.Sockets.UntilAsync(9001, [.. Enumerable.Repeat("TIME_WAIT", 7)]);
        }, static async host =>
        {
            Assert.Equal(["8080/tcp"], (await LinesAsync(host, "")).Select(static line => Text(line, "target")));
            var lines = await LinesAsync(host, "--all");
            var old = Assert.Single(lines, static line => Text(line, "target") == "9001/tcp");
            Assert.Equal((0, 7, 0), (Number(old, "connections"), Number(old, "timeWait"), old.GetProperty("sockets").GetArrayLength()));
            Assert.Matches("\n9001/tcp .* TIME_WAIT 7\n", (await host.RunAsync(Programs.Bindwise, "ls", "--all")).Output);
        });
    }

    [KernelFact]
    public async Task Ls_All_TellsWhoseThePortsAreThatOnlyConnectionsUse()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8080 listen");
        var client = host.Start(0, "python3", "-B", "-S", "-c", """
            import os, socket, time
            first = socket.socket(); first.bind(("127.0.0.1", 8731)); first.connect(("127.0.0.1", 8080))
            second = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); second.bind(("127.0.0.1", 8733)); second.connect(("127.0.0.1", 9))
            print('{"pid": %d}' % os.getpid(), flush=True)
            time.sleep(1000)
            """);
        await client.ReadyAsync();
        var lines = (await LinesAsync(host, $"--all tcp udp {client.Pid}")).ToList();
        Assert.Equal(["8731/tcp", "8733/udp"], lines.Select(static line => Text(line, "target")));
        Assert.All(lines, line => Assert.Equal((client.Pid, "root", 1), (Number(line, "pid"), Text(line, "user"), Number(line, "connections"))));
        Assert.Equal(["8731/tcp", "8733/udp"], (await LinesAsync(host, "--all python3 :8731 :8733 mine")).Select(static line => Text(line, "target")));
        Assert.Equal(["8080/tcp"], (await LinesAsync(host, "")).Select(static line => Text(line, "target")));
    }

    [KernelFact]
    public async Task Ls_WithoutRights_ShowsTheUserAndSaysOnceWhatRootWouldAdd()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8080 listen and tcp 127.0.0.1 8081 listen");
        var own = await host.StartScriptAsAsync(TestHost.Nobody, "hold.py", "tcp 127.0.0.1 9000 listen");
        var outcome = await host.RunAsAsync(TestHost.Nobody, null, Programs.Bindwise, "ls");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Matches("\n8080/tcp +127\\.0\\.0\\.1 +- +- +root +- +0 +0/16 +-\n", outcome.Output);
        Assert.Matches(string.Create(CultureInfo.InvariantCulture, $"\n9000/tcp +127\\.0\\.0\\.1 +hold\\.py +{own.Pid} +nobody "), outcome.Output);
        Assert.Equal("bindwise: 2 lines have no owner: they are other users' processes, which you may not inspect. With sudo you see their names, pids, projects and starts.\n", outcome.Error);
        var named = await host.RunAsAsync(TestHost.Nobody, null, Programs.Bindwise, "ls", "nginx");
        Assert.Equal((1, "bindwise: no port in use matches nginx; 2 ports have owners that only root may see\n"), (named.ExitCode, named.Error));
        Assert.Equal("bindwise: no port in use matches :8080 nginx; 1 port has an owner that only root may see\n", (await host.RunAsAsync(TestHost.Nobody, null, Programs.Bindwise, "ls", ":8080", "nginx")).Error);
        Assert.Equal("bindwise: no port in use matches :9000 nginx\n", (await host.RunAsAsync(TestHost.Nobody, null, Programs.Bindwise, "ls", ":9000", "nginx")).Error);
        var mine = await host.RunAsAsync(TestHost.Nobody, null, Programs.Bindwise, "ls", "mine", "--json");
        Assert.Equal("9000/tcp", Text(JsonDocument.Parse(mine.Output).RootElement, "target"));
        Assert.Equal("", mine.Error);
    }

    [KernelFact]
    public async Task Ls_APortNumberAlone_IsWhy()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8080 listen");
        var (listed, why) = (await host.RunAsync(Programs.Bindwise, "ls", "8080"), await host.RunAsync(Programs.Bindwise, "why", "8080"));
        Assert.Equal((1, 1), (listed.ExitCode, why.ExitCode));
        Assert.Equal(why.Output.Split('\n')[0], listed.Output.Split('\n')[0]);
        Assert.Equal(0, (await host.RunAsync(Programs.Bindwise, "ls", "8080", "--json")).ExitCode);
    }

    [KernelFact]
    public async Task Ls_NothingFound_IsOneLineAndExitCodeOne()
    {
        await using var host = await TestHost.OpenAsync();
        var nothing = await host.RunAsync(Programs.Bindwise, "ls");
        Assert.Equal((1, "", "bindwise: no port is in use\n"), (nothing.ExitCode, nothing.Output, nothing.Error));
        var none = await host.RunAsync(Programs.Bindwise, "ls", "tcp", "nginx", "--json");
        Assert.Equal((1, "", "bindwise: no port in use matches tcp nginx\n"), (none.ExitCode, none.Output, none.Error));
    }

    [KernelFact]
    public async Task Ls_HostileNames_StayOnTheirLine()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hostile_name.py", "8080");
        foreach (var columns in new[] { "20", "40", "80", "1000" })
        {
            var output = (await host.RunAsync("env", "COLUMNS=" + columns, Programs.Bindwise, "ls")).Output;
            Assert.DoesNotContain(output, static letter => char.IsControl(letter) && letter != '\n');
            Assert.All(output.Split('\n'), line => Assert.True(line.Length <= int.Parse(columns, CultureInfo.InvariantCulture), line));
        }
    }

    [KernelFact]
    public async Task Ls_ReaderThatGoesAway_EndsQuietly()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", string.Join(" and ", Enumerable.Range(2000, 200).Select(static port => $"tcp 127.0.0.1 {port} listen")));
        var outcome = await host.RunAsync("/bin/sh", "-c", $"{Programs.Bindwise} ls --json | true");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        var full = await host.RunAsync("/bin/sh", "-c", $"{Programs.Bindwise} ls > /dev/full");
        Assert.Equal((2, "bindwise: cannot write to standard output: No space left on device\n"), (full.ExitCode, full.Error));
    }

    [KernelFact]
    public async Task Ls_Portable_ListsWhatDotNetSees()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 listen and udp 127.0.0.1 53 and tcp 127.0.0.1 7000");
        var lines = await LinesAsync(host, "--portable");
        Assert.Equal(["8080/tcp", "53/udp"], lines.Select(static line => Text(line, "target")));
        Assert.All(lines, static line => Assert.Equal(JsonValueKind.Null, line.GetProperty("name").ValueKind));
        // .NET does not know them: 0 would be a value.
        Assert.All(lines.Concat(lines.Select(static line => line.GetProperty("sockets")[0])), static line => Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (line.GetProperty("queue").ValueKind, line.GetProperty("backlog").ValueKind)));
        Assert.DoesNotContain("0/0", (await host.RunAsync(Programs.Bindwise, "ls", "--portable")).Output, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Ls_All_CountsNoConnectionsOfWhatAcceptsNone()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 listen and udp 127.0.0.1 53 and tcp 127.0.0.1 7000");
        var counts = (await LinesAsync(host, "--all")).ToDictionary(static line => Text(line, "target")!, static line => line.GetProperty("connections").ValueKind);
        Assert.Equal((JsonValueKind.Number, JsonValueKind.Null, JsonValueKind.Null), (counts["8080/tcp"], counts["7000/tcp"], counts["53/udp"]));
    }

    private static async Task<List<JsonElement>> LinesAsync(TestHost host, string words)
    {
        var outcome = await host.RunAsync([Programs.Bindwise, "ls", .. words.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--json"]);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        return [.. outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement)];
    }

    private static string? Text(JsonElement line, string name) => line.GetProperty(name).GetString();

    private static int Number(JsonElement line, string name) => line.GetProperty(name).GetInt32();

    private static IEnumerable<string> Texts(JsonElement line, string list, string name) => line.GetProperty(list).EnumerateArray().Select(one => one.GetProperty(name).GetString()!);
}

using System.Globalization;
using Bindwise.Kernel.Tests.Freeing;
using Bindwise.Kernel.Tests.Isolation;
using IsolatedProcess;
using ModelContextProtocol;

namespace Bindwise.Kernel.Tests.Agents;

/// <summary>What agents get from <c>bindwise mcp</c>, through clients that are not ours.</summary>
[Trait("Lane", "second")]
public sealed class AgentTests
{
    private const string Listens = "tcp 127.0.0.1 8080 reuseaddr listen";

    [KernelTheory]
    [InlineData("2024-11-05")]
    [InlineData("2025-06-18")]
    [InlineData("2025-11-25")]
    [InlineData("2026-07-28")]
    public async Task Why_AListener_NamesItInTextAndJson(string version)
    {
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsync("hold.py", Listens);
        await using var client = await Agent.ConnectAsync(host, version);
        Assert.Equal(["why", "ls", "wait", "pick", "plan"], (await client.ListToolsAsync()).Select(static tool => tool.Name));
        var result = await client.CallAsync("why", new { target = "listen tcp 127.0.0.1:8080: bind: address already in use" });
        Assert.StartsWith($"127.0.0.1:8080/tcp is taken (EADDRINUSE): hold.py (python3, pid {server.Pid}) listens on 127.0.0.1:8080", result.Text(), StringComparison.Ordinal);
        Assert.Contains("\n  next  ", result.Text(), StringComparison.Ordinal);
        var line = result.Line();
        Assert.Equal(("bindwise.diagnosis/1", "blocked"), (line.GetProperty("schema").GetString(), line.GetProperty("verdict").GetString()));
        Assert.True(result.IsError is false);
    }

    [KernelFact]
    public async Task Ls_ServersAndALimit_ListsThemAndCountsTheOthers()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", Listens + " and tcp 127.0.0.1 8081 listen and tcp 127.0.0.1 9000 listen");
        await using var client = await Agent.ConnectAsync(host);
        var all = await client.CallAsync("ls", new { });
        Assert.Equal(["8080/tcp", "8081/tcp", "9000/tcp"], all.StructuredContent!.Value.GetProperty("results").EnumerateArray().Select(static one => one.GetProperty("target").GetString()));
        var some = await client.CallAsync("ls", new { filter = "8000-8999 tcp", limit = 1 });
        Assert.Equal(("8080/tcp", 1), (some.Line().GetProperty("target").GetString(), some.StructuredContent!.Value.GetProperty("leftOut").GetInt32()));
        Assert.EndsWith("(1 of 2 ports is left out of the results: narrow the filter)", some.Text(), StringComparison.Ordinal);
        Assert.Equal("No port in use matches ngnix.", (await client.CallAsync("ls", new { filter = "ngnix" })).Text());
    }

    [KernelFact]
    public async Task Wait_AServerThatStarts_IsMetWithProgressBefore()
    {
        await using var host = await TestHost.OpenAsync();
        await using var client = await Agent.ConnectAsync(host);
        var told = new TaskCompletionSource<ProgressNotificationValue>();
        var waiting = client.CallAsync("wait", new { target = "8080", until = "listening", timeout_seconds = 600 }, new Reported(told));
        Assert.Equal((600f, "waiting until something listens on 8080/tcp"), await told.Task.WaitAsync(Patience.OfAWait) switch { var notice => ((float)notice.Total!, notice.Message) });
        await host.StartScriptAsync("hold.py", Listens);
        var result = await waiting.WaitAsync(Patience.OfAWait);
        Assert.True(result.Line().GetProperty("met").GetBoolean());
        var late = await client.CallAsync("wait", new { target = "127.0.0.1:8080", timeout_seconds = 0.2 });
        Assert.StartsWith("timed out after ", late.Text(), StringComparison.Ordinal);
        Assert.False(late.Line().GetProperty("met").GetBoolean());
        using var cancellation = new CancellationTokenSource();
        var cancelled = client.CallAsync("wait", new { target = "127.0.0.1:8080" }, cancellation: cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
    }

    [KernelFact]
    public async Task Pick_Twice_GivesNoPortTwiceWhileItIsLeased()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", Listens);
        await using var client = await Agent.ConnectAsync(host);
        var first = await client.CallAsync("pick", new { count = 2, range = "8080-8083", lease_seconds = 3600 });
        var second = await client.CallAsync("pick", new { prefer = 8080, range = "8080-8083", lease_seconds = 3600 });
        Assert.Equal([8081, 8082, 8083], first.StructuredContent!.Value.GetProperty("results").EnumerateArray().Append(second.Line()).Select(static one => one.GetProperty("port").GetInt32()).Order());
        Assert.Equal($"{second.Line().GetProperty("port").GetInt32()}", second.Text());
        var none = await client.CallAsync("pick", new { range = "8080-8083" });
        Assert.True(none.IsError);
        Assert.Contains("leased", none.Text(), StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Plan_OfAFolder_NamesTheConflictAndWhatRuns()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", Listens);
        await File.WriteAllTextAsync(Path.Combine(host.Folder, "compose.yaml"), "services:\n  a:\n    image: x\n    ports: [\"9000:80\"]\n  b:\n    image: x\n    ports: [\"9000:81\", \"8080:8080\"]\n");
        await using var client = await Agent.ConnectAsync(host);
        var plan = await client.CallAsync("plan", new { path = host.Folder });
        Assert.Equal("conflict", plan.Line().GetProperty("verdict").GetString());
        Assert.Single(plan.Line().GetProperty("conflicts").EnumerateArray());
        Assert.Contains("compose.yaml:4", plan.Text(), StringComparison.Ordinal);
        var here = await client.CallAsync("plan", new { path = host.Folder, here = true });
        Assert.Equal(2, here.Line().GetProperty("conflicts").GetArrayLength());
    }

    [KernelFact]
    public async Task Why_HostileNames_AreEscapedInTheText()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hostile_name.py", "8080");
        await using var client = await Agent.ConnectAsync(host);
        foreach (var result in new[] { await client.CallAsync("why", new { target = "8080", verbose = true }), await client.CallAsync("ls", new { }) })
        {
            Assert.Contains("evil", result.StructuredContent!.Value.GetRawText(), StringComparison.Ordinal);
            Assert.DoesNotContain(result.Text(), static letter => (char.IsControl(letter) && letter != '\n') || letter is '\u202e' or '\u2028');
        }
    }

    // The packages come from a registry, which takes what it takes.
    [KernelFact("node", "npm", Timeout = 2 * Patience.OfATestMilliseconds)]
    public async Task Verbs_ByTheClientOfTheTypeScriptPackage_Work()
    {
        await using var host = await TestHost.OpenAsync();
        var folder = Path.Combine(host.Folder, "client");
        Directory.CreateDirectory(Path.Combine(folder, "schema"));
        var source = Path.Combine(ProgramUnderTest.Folder, "Agents", "Client");
        foreach (var file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(folder, Path.GetRelativePath(source, file)));
        // Outside of the host, which has no network.
        using var install = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(Needs.Find("npm")!, ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--fetch-timeout=60000"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var said = install.StandardError.ReadToEndAsync();
        await install.StandardOutput.ReadToEndAsync();
        await install.WaitForExitAsync();
        Assert.True(install.ExitCode == 0, await said);
        var server = await host.StartScriptAsync("hold.py", Listens);

        await File.WriteAllTextAsync(Path.Combine(folder, "Procfile"), "web: python3 -m http.server --bind 127.0.0.1 9100\napi: python3 -m http.server --bind 127.0.0.1 9100\n");

        var run = await host.RunAsync("/bin/sh", "-c", $"cd {folder} && exec node client.mjs {Programs.Bindwise} {server.Pid.ToString(CultureInfo.InvariantCulture)}");

        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Equal("tools why,ls,wait,pick,plan,free\nwhy blocked\nls 8080/tcp\npick 9000 from 2\nplan conflict BW004\nwait progress closed\nwait cancelled\nunknown -32602\nfree would-free freed\nclosed\n", run.Output);
        Assert.False(host.Lives(server.Pid));
    }

    private sealed class Reported(TaskCompletionSource<ProgressNotificationValue> first) : IProgress<ProgressNotificationValue>
    {
        public void Report(ProgressNotificationValue value) => first.TrySetResult(value);
    }
}

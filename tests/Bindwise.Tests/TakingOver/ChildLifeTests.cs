using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using IsolatedProcess;

namespace Bindwise.Tests.TakingOver;

/// <summary>The life of a child server: ready, started again, given up, and ended with its parent.</summary>
[SupportedOSPlatform("linux")]
[Trait("Lane", "second")]
public sealed class ChildLifeTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    [IsolatedFact]
    public Task Child_OfAParentThatIsKilled_Ends() => Body.RunAsync(static async () =>
    {
        foreach (var signal in (string[])["KILL", "TERM"])
        {
            var program = PassingParent.Program(TakingBodies.ParentOfSleeper);
            var start = new ProcessStartInfo(program[0], program[1..]) { RedirectStandardOutput = true };
            using var parent = Process.Start(start)!;
            var children = (await parent.StandardOutput.ReadLineAsync().WaitAsync(Limit))!.Split(' ');
            Assert.Equal(2, children.Length);
            foreach (var one in children)
                Assert.Equal("sleep", await NameOnceStartedAsync(one));
            _ = await PassingParent.OutputAsync("/bin/kill", "-" + signal, parent.Id.ToString(CultureInfo.InvariantCulture));
            await parent.WaitForExitAsync().WaitAsync(Limit);
            foreach (var one in children)
                await UntilAsync(() => HasEnded(one));
        }
    });

    [IsolatedFact]
    public Task Restart_OfWhatEndsWell_GoesOnAndTells() => Body.RunAsync(static async () =>
    {
        using var listener = Open();
        var told = new List<ChildRestartContext>();
        // A child that ends late, after the usual ten seconds, would count as the first again.
        await using var server = ChildServer.Start(Script("exit 0", listener) with
        {
            Restart = new ChildRestartOptions { InitialDelay = TimeSpan.FromMilliseconds(1), MaxDelay = TimeSpan.FromMilliseconds(3), MaxAttempts = 3, StableAfter = TimeSpan.FromHours(1), OnRestart = told.Add },
        });
        Assert.Equal(0, await server.WaitForExitAsync().WaitAsync(Limit));
        Assert.Equal(3, server.Restarts);
        Assert.Equal([1, 2, 3], told.Select(static one => one.Attempt));
        Assert.Equal([1, 2, 3], told.Select(static one => (int)one.Delay.TotalMilliseconds));
        Assert.All(told, static one => Assert.Equal((0, null), (one.ExitCode, one.Failure)));
    });

    [IsolatedFact]
    public Task Restart_OnFailureAlone_EndsWithWhatEndsWell() => Body.RunAsync(static async () =>
    {
        using var listener = Open();
        var file = Path.GetTempFileName();
        await using var server = ChildServer.Start(Script($"echo >> {file}; test $(wc -l < {file}) = 3", listener) with
        {
            Restart = new ChildRestartOptions { RestartOn = ChildRestartReasons.Failure, InitialDelay = TimeSpan.Zero },
        });
        Assert.Equal(0, await server.WaitForExitAsync().WaitAsync(Limit));
        Assert.Equal(2, server.Restarts);
        File.Delete(file);
    });

    [IsolatedFact]
    public Task Stop_WhileItWaitsForARestart_EndsAtOnce() => Body.RunAsync(static async () =>
    {
        using var listener = Open();
        var waits = new TaskCompletionSource();
        await using var server = ChildServer.Start(Script("exit 5", listener) with
        {
            Restart = new ChildRestartOptions { InitialDelay = TimeSpan.FromHours(1), MaxDelay = TimeSpan.FromHours(1), OnRestart = _ => waits.SetResult() },
        });
        await waits.Task.WaitAsync(Limit);
        Assert.Equal(5, await server.StopAsync(TimeSpan.Zero).WaitAsync(Limit));
    });

    [IsolatedFact]
    public Task Ready_ThatNeverComes_IsAFailureWithItsReason() => Body.RunAsync(static async () =>
    {
        using var listener = Open();
        await using var ended = ChildServer.Start(Script("exit 3", listener) with { ExpectsReady = true, ReadyTimeout = Limit });
        Assert.Contains("ended with exit code 3 before it was ready", (await Assert.ThrowsAsync<IOException>(() => ended.WaitUntilReadyAsync().WaitAsync(Limit))).Message, StringComparison.Ordinal);
        await using var slow = ChildServer.Start(Script("exec sleep 1000", listener) with { ExpectsReady = true, ReadyTimeout = TimeSpan.FromMilliseconds(200) });
        Assert.Contains("was not ready within 0.2 s", (await Assert.ThrowsAsync<TimeoutException>(() => slow.WaitUntilReadyAsync().WaitAsync(Limit))).Message, StringComparison.Ordinal);
        Assert.Equal(128 + 15, await slow.WaitForExitAsync().WaitAsync(Limit));
    });

    // systemd-notify is a child of the one that was started; a process that is not in its tree is not heard.
    [IsolatedFact]
    public Task Ready_CountsFromTheChildAndWhatItStarted_AndFromNobodyElse() => Body.RunAsync(static async () =>
    {
        using var listener = Open();
        var file = Path.GetTempFileName();
        const string notify = "python3 -c 'import os,socket; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b\"READY=1\", \"\\0\" + os.environ[\"NOTIFY_SOCKET\"][1:])'";
        await using var server = ChildServer.Start(Script($"echo $NOTIFY_SOCKET > {file}; while ! test -e {file}.go; do sleep 0.02; done; {notify}; exec sleep 1000", listener) with { ExpectsReady = true, ReadyTimeout = Limit });
        await UntilAsync(() => File.ReadAllText(file).EndsWith('\n'));
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", File.ReadAllText(file).Trim());
        Assert.True(ServiceNotifier.Ready());
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", null);
        var ready = server.WaitUntilReadyAsync();
        Assert.False(ServiceNotifier.Ready());
        Assert.False(ready.IsCompleted);
        await File.WriteAllTextAsync(file + ".go", "go\n");
        await ready.WaitAsync(Limit);
    });

    [IsolatedFact]
    public Task RestartAsync_WithOneThatFails_LeavesTheFormer() => Body.RunAsync(static async () =>
    {
        using var listener = Open();
        var file = Path.GetTempFileName();
        File.Delete(file);
        await using var server = ChildServer.Start(Script($"test -e {file} && exit 9; exec sleep 1000", listener) with { ExpectsReady = true, ReadyTimeout = Limit });
        var former = server.Id;
        // The first one has looked for the file by then.
        Assert.Equal("sleep", await NameOnceStartedAsync(former.ToString(CultureInfo.InvariantCulture)));
        await File.WriteAllTextAsync(file, "");
        await Assert.ThrowsAsync<IOException>(() => server.RestartAsync().WaitAsync(Limit));
        Assert.Equal(former, server.Id);
        Assert.True(Directory.Exists($"/proc/{former}"));
        File.Delete(file);
        Assert.Equal(128 + 15, await server.StopAsync(Limit));
        await Assert.ThrowsAsync<InvalidOperationException>(() => server.RestartAsync().WaitAsync(Limit));
    });

    [IsolatedFact]
    public Task Stop_GivesBackEveryDescriptor() => Body.RunAsync(static async () =>
    {
        using var listener = Open();
        await using (var first = ChildServer.Start(Script("exec sleep 1000", listener) with { ExpectsReady = true, ReadyTimeout = Limit }))
            Assert.Equal(128 + 15, await first.StopAsync(Limit));
        var before = Directory.GetFiles("/proc/self/fd").Length;
        for (var round = 0; round < 20; round++)
        {
            await using var server = ChildServer.Start(Script("exec sleep 1000", listener) with { ExpectsReady = true, ReadyTimeout = Limit });
            Assert.Equal(128 + 15, await server.StopAsync(Limit));
        }
        await UntilAsync(() => Directory.GetFiles("/proc/self/fd").Length <= before + 2);
    });

    [IsolatedFact]
    public Task Started_WhereTheCallbackThrows_LeavesNoChildThatNobodyKnows() => Body.RunAsync(static async () =>
    {
        using var listener = Open();
        foreach (var first in (bool[])[true, false])
        {
            var started = new List<int>();
            var options = Script("exec sleep 1000", listener) with
            {
                Restart = new ChildRestartOptions { InitialDelay = TimeSpan.Zero },
                OnStarted = id =>
                {
                    started.Add(id);
                    // As a log on a full disk: what a failed start throws too.
                    if (started.Count == (first ? 1 : 2))
                        throw new IOException("no space");
                },
            };
            if (first)
            {
                Assert.Equal("no space", Assert.Throws<IOException>(() => ChildServer.Start(options)).Message);
                await UntilAsync(() => HasEnded($"{started[0]}"));
                continue;
            }
            await using (var replaced = ChildServer.Start(options))
            {
                Assert.Equal("no space", (await Assert.ThrowsAsync<IOException>(() => replaced.RestartAsync().WaitAsync(Limit))).Message);
                await UntilAsync(() => HasEnded($"{started[1]}"));
                Assert.Equal(started[0], replaced.Id);
                Assert.False(HasEnded($"{started[0]}"));
            }
            started.Clear();
            await using var restarted = ChildServer.Start(options);
            restarted.Kill();
            Assert.Equal("no space", (await Assert.ThrowsAsync<IOException>(() => restarted.WaitForExitAsync().WaitAsync(Limit))).Message);
            Assert.Equal(2, started.Count);
            await UntilAsync(() => HasEnded($"{started[1]}"));
        }
    });

    private static ChildServerOptions Script(string script, Socket socket) => new() { Program = "/bin/sh", Arguments = ["-c", script], Sockets = [new(socket, "web")] };

    private static Socket Open()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        return socket;
    }

    private static async Task<string> NameOnceStartedAsync(string process)
    {
        var name = "";
        await UntilAsync(() => (name = File.ReadAllText($"/proc/{process}/comm").Trim()) != "sh");
        return name;
    }

    private static bool HasEnded(string process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!condition())
            Assert.True(await timer.WaitForNextTickAsync(limit.Token));
    }
}

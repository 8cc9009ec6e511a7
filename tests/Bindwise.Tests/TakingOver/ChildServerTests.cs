using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using IsolatedProcess;

namespace Bindwise.Tests.TakingOver;

/// <summary>Sockets given to a child of this process.</summary>
[SupportedOSPlatform("linux")]
public sealed class ChildServerTests
{
    // As many as there are descriptors below them: the numbers that are filled are those that are still to be given.
    [IsolatedFact]
    public Task Start_GivesEverySocketUnderItsNameAndNumber() => Body.RunAsync(static async () =>
    {
        var listeners = Enumerable.Range(0, 200).Select(static _ => Open()).ToList();
        var told = await StartAsync(TakingBodies.Refusing, static request => request, [.. listeners.Select(static (one, index) => new ChildSocket(one, $"n{index}"))]);
        Assert.Equal(string.Join('\n', listeners.Select(static (one, index) => $"n{index}|{index + 3}|stream|{one.LocalEndPoint}|True")), told);
        listeners.ForEach(static one => one.Dispose());
    });

    [IsolatedFact]
    public Task Start_WithoutAProcessId_GivesThemToWhoTakesWhatNamesNobody() => Body.RunAsync(static async () =>
    {
        using var listener = Open();
        static ChildServerOptions Nameless(ChildServerOptions request) => request with { TellsProcessId = false };
        Assert.Contains("without LISTEN_PID", await StartAsync(TakingBodies.Refusing, Nameless, [new(listener, "web")]), StringComparison.Ordinal);
        Assert.Equal($"web|3|stream|{listener.LocalEndPoint}|True", await StartAsync(TakingBodies.Taking, Nameless, [new(listener, "web")]));
    });

    [IsolatedFact]
    public Task Start_KeepsVariablesThatNoShellCouldName() => Body.RunAsync(static async () =>
    {
        using var listener = Open();
        Environment.SetEnvironmentVariable("TAKEN_OUT", "1");
        var changes = ImmutableDictionary<string, string?>.Empty.Add("Logging:Level", "a b\"$PLAIN").Add("PLAIN", "c d").Add("TAKEN_OUT", null);
        Assert.Equal(
            $"a b\"$PLAIN|c d|none\nweb|3|stream|{listener.LocalEndPoint}|True",
            await StartAsync(TakingBodies.TellingVariables, request => request with { Environment = changes }, [new(listener, "web")]));
    });

    [IsolatedFact]
    public Task Start_GivesNothingElse() => Body.RunAsync(static async () =>
    {
        using var listener = Open();
        var file = Path.GetTempFileName();
        foreach (var tells in (bool[])[true, false])
        {
            var child = ChildServer.Start(new ChildServerOptions
            {
                Program = "sh",
                Arguments = ["-c", "for one in /proc/$$/fd/*; do test -e $one && echo ${one##*/}; done > " + file + "; true"],
                Sockets = [new(listener, "a"), new(listener, "b")],
                TellsProcessId = tells,
            });
            Assert.Equal(0, await child.WaitForExitAsync());
            // While the loop writes, shells keep their own output aside at 10.
            // 5 is the pipe by which it is told of its parent's end.
            Assert.Equal(["0", "1", "2", "3", "4", "5"], (await File.ReadAllLinesAsync(file)).Where(static one => one != "10").Order());
        }
        File.Delete(file);
    });

    // This process has 3, 4 and 5, open and not close-on-exec, as a careless library leaves them.
    [IsolatedFact]
    public Task Start_GivesNothingElse_AlsoNotWhatIsNotCloseOnExec() => Body.RunAsync(static async () => Assert.Equal(
        ["0", "1", "2", "3", "4"],
        (await PassingParent.ExecAsync("tcp=127.0.0.1:8080 tcp=127.0.0.1:8081 tcp=127.0.0.1:8082", "OTHER=1", TakingBodies.HandingOver)).Split('\n').Where(static one => one != "10").Order()));

    [IsolatedFact]
    public Task Start_GivesNothingElse_AndLeavesThisProcessAsItWas() => Body.RunAsync(static async () => Assert.Equal(
        ["0", "1", "2", "3", "passed on here: 3 4 5"],
        (await PassingParent.ExecAsync("tcp=127.0.0.1:8080 tcp=127.0.0.1:8081 tcp=127.0.0.1:8082", "OTHER=1", TakingBodies.HandingOverOneOfMany)).Split('\n').Where(static one => one != "10").Order()));

    [IsolatedFact]
    public Task Child_TellsHowItEnded() => Body.RunAsync(static async () =>
    {
        using var listener = Open();
        ChildServer Start(string script) => ChildServer.Start(new ChildServerOptions { Program = "/bin/sh", Arguments = ["-c", script], Sockets = [new(listener, "web")] });
        await using var seven = Start("exit 7");
        Assert.Equal(7, await seven.WaitForExitAsync());
        seven.Kill();
        Assert.Equal(7, await seven.StopAsync(TimeSpan.Zero));
        await using var killed = Start("exec sleep 1000");
        killed.Kill();
        Assert.Equal(128 + 9, await killed.WaitForExitAsync());
        await using var terminated = Start("exec sleep 1000");
        Assert.Equal(128 + 15, await terminated.StopAsync(Timeout.InfiniteTimeSpan));
        await using var deaf = Start("trap '' TERM; echo deaf > /tmp/deaf-$$; while true; do sleep 1; done");
        await UntilAsync(() => File.Exists($"/tmp/deaf-{deaf.Id}"));
        File.Delete($"/tmp/deaf-{deaf.Id}");
        Assert.Equal(128 + 9, await deaf.StopAsync(TimeSpan.FromMilliseconds(100)));
        // The child's id is the one that it was told; the shell became the program.
        await using var own = Start("test $$ = $LISTEN_PID");
        Assert.Equal(0, await own.WaitForExitAsync());
    });

    [IsolatedFact]
    public Task Start_OfWhatCannotBe_SaysWhat() => Body.RunAsync(static () =>
    {
        using var listener = Open();
        var request = new ChildServerOptions { Program = "/bin/true", Sockets = [new(listener, "web")] };
        Assert.Throws<ArgumentException>(() => ChildServer.Start(request with { Sockets = [] }));
        Assert.Throws<ArgumentException>(() => ChildServer.Start(request with { Sockets = [new(listener, "a:b")] }));
        Assert.Throws<ArgumentException>(() => ChildServer.Start(request with { Arguments = ["a\0b"] }));
        Assert.Throws<ArgumentException>(() => ChildServer.Start(request with { Environment = ImmutableDictionary<string, string?>.Empty.Add("A=B", "c") }));
        Assert.Contains("no executable file", Assert.Throws<FileNotFoundException>(() => ChildServer.Start(request with { Program = "/no/such" })).Message, StringComparison.Ordinal);
        Assert.Contains("in PATH", Assert.Throws<FileNotFoundException>(() => ChildServer.Start(request with { Program = "no-such-program" })).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => ChildServer.Start(request with { Program = "/etc/passwd" }));
        Assert.Throws<ArgumentException>(() => ChildServer.Start(request with { ReadyTimeout = TimeSpan.Zero }));
        Assert.Throws<ArgumentException>(() => ChildServer.Start(request with { Restart = new ChildRestartOptions { MaxAttempts = 0 } }));
        listener.Dispose();
        Assert.Throws<ObjectDisposedException>(() => ChildServer.Start(request));
        return Task.CompletedTask;
    });

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!condition())
            Assert.True(await timer.WaitForNextTickAsync(limit.Token));
    }

    private static Socket Open()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        return socket;
    }

    /// <summary>Starts a body as a child with sockets; gives what it prints.</summary>
    private static async Task<string> StartAsync(Func<Task> body, Func<ChildServerOptions, ChildServerOptions> change, ImmutableArray<ChildSocket> sockets)
    {
        var file = Path.GetTempFileName();
        var child = ChildServer.Start(change(new ChildServerOptions
        {
            // Not a shell: it would drop the variables that it cannot name.
            Program = "/usr/bin/python3",
            Arguments = ["-c", "import os, sys; os.dup2(os.open(sys.argv[1], os.O_WRONLY), 1); os.execv(sys.argv[2], sys.argv[2:])", file, .. PassingParent.Program(body)],
            Sockets = sockets,
        }));
        Assert.Equal(0, await child.WaitForExitAsync());
        var told = await File.ReadAllTextAsync(file);
        File.Delete(file);
        return told.TrimEnd('\n');
    }
}

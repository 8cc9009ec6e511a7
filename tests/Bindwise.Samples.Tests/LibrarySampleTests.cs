using System.Net;
using System.Net.Sockets;
using IsolatedProcess;

namespace Bindwise.Samples.Tests;

/// <summary>The samples of the library, started as their users start them.</summary>
[Trait("Lane", "second")]
public sealed class LibrarySampleTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(240);

    [IsolatedFact]
    public Task MendedServer_StartsAgainOverItsOwnTimeWait_WhereTheBrokenOneFails() => Body.RunAsync(static async () =>
    {
        foreach (var (name, question, second) in new[]
        {
            ("library/MendedServer", null, 0), ("ServerBroken", null, 1), ("library/MendedEcho", "hello\n", 0), ("EchoOnce", "hello\n", 1),
        })
        {
            var first = Programs.RunAsync(Limit, [.. Programs.Sample(name), "8080"]);
            Assert.Equal("hello\n", await Client.AskAsync(question));
            Assert.Equal(0, (await first).Code);
            var again = Programs.RunAsync(Limit, [.. Programs.Sample(name), "8080"]);
            if (second == 0)
                Assert.Equal("hello\n", await Client.AskAsync(question));
            var (code, _, errors) = await again;
            Assert.True(code == second, $"{name}: {code} {errors}");
            await EndTimeWaitsAsync();
        }
    });

    [IsolatedFact]
    public Task MendedAddressUsed_StartsAgainWhileItsOldConnectionsStand() => Body.RunAsync(static async () =>
    {
        using var first = Programs.Start([.. Programs.Sample("library/MendedAddressUsed"), "8080"]);
        using var client = await Client.ConnectAsync();
        Assert.True(await client.ReceiveAsync(new byte[16]) > 0);
        first.Kill();
        await first.WaitForExitAsync();
        using var second = Programs.Start([.. Programs.Sample("library/MendedAddressUsed"), "8080"]);
        Assert.StartsWith("listening on 0.0.0.0:8080", await second.StandardOutput.ReadLineAsync(), StringComparison.Ordinal);
        second.Kill();
    });

    [IsolatedFact]
    public Task MendedServer_WhereAnotherListens_NamesIt() => Body.RunAsync(static async () =>
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Any, 8080));
        other.Listen();
        var (code, _, errors) = await Programs.RunAsync(Limit, [.. Programs.Sample("library/MendedServer"), "8080"]);
        Assert.Equal(1, code);
        Assert.Contains($"{Environment.ProcessId}", errors, StringComparison.Ordinal);
    });

    // Linux keeps TIME_WAIT for 60 s, and so long it takes.
    [IsolatedFact]
    public Task WaitsForTimeWait_WaitsAsLongAsItTakesAndNoLonger() => Body.RunAsync(static async () =>
    {
        // From before the TIME_WAIT: when it began is not known to the moment.
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var broken = Programs.RunAsync(Limit, [.. Programs.Sample("ServerBroken"), "8080"]);
        _ = await Client.AskAsync();
        Assert.Equal(0, (await broken).Code);
        var (code, _, errors) = await Programs.RunAsync(Limit, [.. Programs.Sample("library/WaitsForTimeWait"), "8080", "5"]);
        Assert.True(code == 1, "five seconds were enough");
        Assert.Contains("TIME_WAIT", errors, StringComparison.Ordinal);
        var (waited, output, complaint) = await Programs.RunAsync(Limit, [.. Programs.Sample("library/WaitsForTimeWait"), "8080"]);
        Assert.True(waited == 0, complaint);
        Assert.Matches(@"^listening on 0\.0\.0\.0:8080 after \d+\.\d s", output);
        Assert.InRange(clock.Elapsed.TotalSeconds, 59, double.MaxValue);
    });

    [IsolatedFact("systemd-socket-activate")]
    public Task FromSystemd_TakesWhatIsPassed_AndBindsWhereNothingIs() => Body.RunAsync(static async () =>
    {
        var alone = Programs.RunAsync(Limit, [.. Programs.Sample("library/FromSystemd"), "--once"]);
        Assert.Equal("hello\n", await Client.AskAsync());
        Assert.Contains("listening on 127.0.0.1:8080, bound here", (await alone).Output, StringComparison.Ordinal);
        string[] manager = ["systemd-socket-activate", "-l", "127.0.0.1:8080", "--fdname=web"];
        var activated = Programs.RunAsync(Limit, [.. manager, .. WithFullPath(Programs.Sample("library/FromSystemd")), "--once"]);
        Assert.Equal("hello\n", await Client.AskAsync());
        Assert.Contains("listening on 127.0.0.1:8080, passed", (await activated).Output, StringComparison.Ordinal);
        var wrapped = Programs.RunAsync(Limit, [.. manager, "/bin/sh", "-c", "\"$@\"; exit $?", "sh", .. WithFullPath(Programs.Sample("library/FromSystemd")), "--once", "--behind-wrapper"]);
        Assert.Equal("hello\n", await Client.AskAsync());
        Assert.Contains("listening on 127.0.0.1:8080, passed", (await wrapped).Output, StringComparison.Ordinal);
        var refused = Programs.RunAsync(Limit, [.. manager, "/bin/sh", "-c", "\"$@\"; exit $?", "sh", .. WithFullPath(Programs.Sample("library/FromSystemd")), "--once"]);
        using (await Client.ConnectAsync())
            Assert.Contains("a wrapper that started this process", (await refused).Errors, StringComparison.Ordinal);
    });

    [IsolatedFact]
    public Task WorkerListener_Echoes_AndStartedTwiceSaysWhoHasThePort() => Body.RunAsync(static async () =>
    {
        using var first = Programs.Start(Programs.Sample("library/WorkerListener"));
        await LineAsync(first.StandardOutput, "echoes on port 7000");
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, 7000);
        await client.GetStream().WriteAsync("hello"u8.ToArray());
        var answer = new byte[5];
        await client.GetStream().ReadExactlyAsync(answer);
        Assert.Equal("hello"u8.ToArray(), answer);
        var (code, output, errors) = await Programs.RunAsync(Limit, [.. Programs.Sample("library/WorkerListener")]);
        Assert.NotEqual(0, code);
        Assert.Contains("listens on 127.0.0.1:7000", output + errors, StringComparison.Ordinal);
        Assert.Contains($"pid {first.Id}", output + errors, StringComparison.Ordinal);
        await Programs.RunAsync(Limit, ["/bin/kill", "-TERM", first.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await first.WaitForExitAsync().WaitAsync(Limit);
        Assert.Equal(0, first.ExitCode);
    });

    [IsolatedFact]
    public Task KeepsThePort_WhileItsChildRestarts() => Body.RunAsync(static async () =>
    {
        using var parent = Programs.Start([.. Programs.Sample("library/KeepsThePort"), "8080", .. Programs.Sample("library/FromSystemd")]);
        Assert.Equal("hello\n", await Client.AskAsync());
        var started = await LineAsync(parent.StandardOutput, "started ");
        using (var child = System.Diagnostics.Process.GetProcessById(int.Parse(started.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)))
            child.Kill();
        // It connects at once, and waits for the next child.
        Assert.Equal("hello\n", await Client.AskAsync());
        await LineAsync(parent.StandardOutput, "ended with 137; next in 0.1 s");
        var second = await LineAsync(parent.StandardOutput, "started ");
        // Without a gap, on SIGHUP.
        await Programs.RunAsync(Limit, ["/bin/kill", "-HUP", parent.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        Assert.NotEqual(second, await LineAsync(parent.StandardOutput, "started "));
        Assert.Equal("hello\n", await Client.AskAsync());
        // SIGTERM to the parent ends both: the port is free.
        await Programs.RunAsync(Limit, ["/bin/kill", "-TERM", parent.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await parent.WaitForExitAsync().WaitAsync(Limit);
        Assert.Equal(0, parent.ExitCode);
        using var free = new TcpListener(IPAddress.Loopback, 8080);
        free.Start();
    });

    // Parent and child write to one output.
    private static async Task<string> LineAsync(StreamReader output, string part)
    {
        while (await output.ReadLineAsync().WaitAsync(Limit) is { } line)
        {
            if (line.Contains(part, StringComparison.Ordinal))
                return line;
        }
        throw new EndOfStreamException(part);
    }

    // A child that ends well was taken for the end of all: clients were refused.
    [IsolatedFact]
    public Task KeepsThePort_OfAChildThatEndsWell_StartsItAgain() => Body.RunAsync(static async () =>
    {
        using var parent = Programs.Start([.. Programs.Sample("library/KeepsThePort"), "8080", .. Programs.Sample("library/FromSystemd"), "--once"]);
        for (var client = 0; client < 5; client++)
            Assert.Equal("hello\n", await Client.AskAsync());
        parent.Kill(entireProcessTree: true);
    });

    [IsolatedFact]
    public Task KeepsThePort_OfAProgramThatIsNotThere_SaysSoInOneLine() => Body.RunAsync(static async () =>
    {
        var (code, _, errors) = await Programs.RunAsync(Limit, [.. Programs.Sample("library/KeepsThePort"), "8080", "/nowhere/server"]);
        Assert.Equal(1, code);
        Assert.StartsWith("/nowhere/server cannot be started", Assert.Single(errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
    });

    [IsolatedFact]
    public Task OutgoingConnections_SharesThePortsOfOneSource_AndNamesWhoUsesThem() => Body.RunAsync(static async () =>
    {
        await File.WriteAllTextAsync("/proc/sys/net/ipv4/ip_local_port_range", "40000 40009");
        using var first = new TcpListener(IPAddress.Loopback, 8081);
        first.Start(100);
        using var second = new TcpListener(IPAddress.Loopback, 8082);
        second.Start(100);
        var (code, output, errors) = await Programs.RunAsync(Limit, [.. Programs.Sample("library/OutgoingConnections"), "127.0.0.2", "16", "127.0.0.1:8081", "127.0.0.1:8082"]);
        Assert.True(code == 0, errors);
        Assert.Contains("8 of 10 source ports of 127.0.0.2 are used for 127.0.0.1:8082", output, StringComparison.Ordinal);
        var (none, _, reason) = await Programs.RunAsync(Limit, [.. Programs.Sample("library/OutgoingConnections"), "127.0.0.3", "11", "127.0.0.1:8081"]);
        Assert.Equal(1, none);
        Assert.StartsWith("No source port is left for a connection to 127.0.0.1:8081 from 127.0.0.3 (EADDRNOTAVAIL); it may use ports 40000-40009.", reason, StringComparison.Ordinal);
    });

    [IsolatedFact]
    public Task Samples_ArgumentsThatTheyDoNotKnow_AreToldInOneLine() => Body.RunAsync(static async () =>
    {
        foreach (var (name, words) in new[]
        {
            ("Client", "8080 gone"), ("TimeWaitMeter", "8080 soon"), ("ServerBroken", "0"), ("library/WaitsForTimeWait", "8080 soon"), ("library/MendedServer", "soon"),
        })
        {
            var (code, _, errors) = await Programs.RunAsync(Limit, [.. Programs.Sample(name), .. words.Split(' ')]);
            Assert.True(code == 2, $"{name} {words}: {code} {errors}");
            Assert.NotEmpty(Assert.Single(errors.TrimEnd().Split('\n')));
        }
    });

    [IsolatedFact]
    public Task Servers_WhoseClientResetsBeforeTheyAnswer_ServeTheNext() => Body.RunAsync(static async () =>
    {
        foreach (var name in new[] { "library/FromSystemd", "library/MendedAddressUsed" })
        {
            using var server = Programs.Start(Programs.Sample(name));
            _ = await server.StandardOutput.ReadLineAsync();
            await SignalAsync(server, "STOP");
            using (var hasty = await Client.ConnectAsync())
                hasty.LingerState = new LingerOption(enable: true, seconds: 0);
            await SignalAsync(server, "CONT");
            using var client = await Client.ConnectAsync();
            Assert.True(await client.ReceiveAsync(new byte[16]) > 0, $"{name} has ended");
            server.Kill();
            await server.WaitForExitAsync();
        }
    });

    private static async Task SignalAsync(System.Diagnostics.Process process, string signal)
    {
        var (code, _, errors) = await Programs.RunAsync(Limit, "/bin/sh", "-c", $"kill -{signal} {process.Id}");
        Assert.True(code == 0, errors);
    }

    private static string[] WithFullPath(string[] command) => [Needs.Find(command[0])!, .. command[1..]];

    // SOCK_DESTROY: the next server of the table begins with a port without a past.
    private static async Task EndTimeWaitsAsync()
    {
        var (_, output, errors) = await Programs.RunAsync(Limit, "ss", "-K", "-tan", "state", "time-wait");
        Assert.True(errors.Length == 0, errors + output);
    }
}

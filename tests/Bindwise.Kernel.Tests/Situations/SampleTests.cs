using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>The articles' own programs, as they are in samples/, and what is said about the port that they leave.</summary>
[Trait("Lane", "second")]
public sealed class SampleTests
{
    private const string InUse = "bind: Address already in use (errno 98)";

    [KernelTheory]
    [InlineData("ServerBroken", "closes-last", "blocked", "time-wait")]
    [InlineData("ServerWorking", "closes-first", "free", "free")]
    [InlineData("ReusableTcpServer", "closes-last", "blocked", "time-wait")]
    public async Task Why_ServerServedOneClientAndEnded_TellsWhatAPlainRestartMeets(string server, string client, string verdict, string cause)
    {
        await Passing.PlayAsync(host => ServeOnceAsync(host, server, client), async host =>
        {
            var answer = await host.WhyAsync("0.0.0.0:8080 --plain");
            answer.Is(verdict, verdict == "free" ? null : "EADDRINUSE", cause);
            Assert.Equal(server == "ServerBroken" ? "EADDRINUSE" : "ok", answer.ResultWith("0.0.0.0", "SO_REUSEADDR"));
            if (verdict == "blocked")
                Assert.Equal("local", answer.ClosedFirst);
        });
    }

    [KernelFact]
    public async Task Why_ServerBrokenAgain_FailsAsToldAndSoDoesTheReusableServerAfterIt()
    {
        await Passing.PlayAsync(static host => ServeOnceAsync(host, "ServerBroken", "closes-last"), static async host =>
        {
            foreach (var server in new[] { "ServerBroken", "ReusableTcpServer" })
            {
                var again = await host.RunAsync(Programs.Sample(server), "8080");
                Assert.True(again.ExitCode == 1 && again.Error.Contains(InUse, StringComparison.Ordinal), again.ToString());
            }
        });
    }

    [KernelFact]
    public async Task Why_ReusableServerAgain_StartsOverItsOwnTimeWait()
    {
        await using var host = await TestHost.OpenAsync();
        await ServeOnceAsync(host, "ReusableTcpServer", "closes-last");
        (await host.WhyAsync("8080 --reuse-address")).Is("free", null, "free");
        await ServeOnceAsync(host, "ReusableTcpServer", "closes-last");
    }

    [KernelFact]
    public async Task Why_EchoOnce_LeavesTimeWait()
    {
        await using var host = await TestHost.OpenAsync();
        var server = host.Start(0, Programs.Sample("EchoOnce"), "8080");
        await host.Sockets.UntilSomeAsync(8080, "LISTEN");
        (await host.WhyAsync("8080")).Is("blocked", "EADDRINUSE", "listener");
        var client = await host.RunAsync(Programs.Sample("EchoOnce"), "8080", "client");
        Assert.Contains("echo: hello", client.Output, StringComparison.Ordinal);
        await server.EndAsync();
        await host.Sockets.UntilAsync(8080, "TIME_WAIT");
        (await host.WhyAsync("0.0.0.0:8080")).Is("blocked", "EADDRINUSE", "time-wait");
    }

    [KernelTheory]
    [InlineData("AddressUsed", "EADDRINUSE")]
    [InlineData("AddressUsed2", "ok")]
    public async Task Why_CtrlCWithAClientConnected_GoesFromFinWaitToTimeWait(string program, string withReuseAddress)
    {
        await using var host = await TestHost.OpenAsync();
        // Its pid on the host is told by the shell that becomes it.
        var server = host.Start(0, "/bin/sh", "-c", $"echo '{{\"pid\":'$$'}}'; exec {Programs.Sample(program)} 8080");
        await server.ReadyAsync();
        await host.Sockets.UntilSomeAsync(8080, "LISTEN");
        var client = host.Start(0, Programs.Sample("Client"), "8080", "stays");
        // Not before the server has accepted it, and has said so to it.
        while (!(await client.LineAsync()).Contains("staying connected", StringComparison.Ordinal))
        {
        }

        (await host.WhyAsync("0.0.0.0:8080")).Is("blocked", "EADDRINUSE", "listener");

        await host.SignalAsync(server.Pid, "INT");
        await server.EndAsync();
        await host.Sockets.UntilAsync(8080, "FIN_WAIT2");
        await AssertAsync("fin-wait");
        client.EndInput();
        await client.EndAsync();
        await host.Sockets.UntilAsync(8080, "TIME_WAIT");
        await AssertAsync("time-wait");

        async Task AssertAsync(string cause)
        {
            var answer = await host.WhyAsync("0.0.0.0:8080");
            answer.Is(withReuseAddress == "ok" ? "free" : "blocked", withReuseAddress == "ok" ? null : "EADDRINUSE", cause);
            Assert.Equal("local", answer.ClosedFirst);
            Assert.Equal(withReuseAddress, answer.ResultWith("0.0.0.0", "SO_REUSEADDR"));
        }
    }

    [KernelFact]
    public async Task Why_TimeWaitMeterAtWork_TellsTheTimeThatItWillMeasure()
    {
        await using var host = await TestHost.OpenAsync();
        var meter = host.Start(0, Programs.Sample("TimeWaitMeter"), "8080", "60");
        Assert.Contains("closed first", await meter.LineAsync(), StringComparison.Ordinal);
        await host.Sockets.UntilAsync(8080, "TIME_WAIT");
        var answer = await host.WhyAsync("0.0.0.0:8080");
        answer.Is("blocked", "EADDRINUSE", "time-wait");
        answer.Has(answer.FreeAt is not null, "when it will be free");
    }

    private static async Task ServeOnceAsync(TestHost host, string server, string client)
    {
        var running = host.Start(0, Programs.Sample(server), "8080");
        await host.Sockets.UntilSomeAsync(8080, "LISTEN");
        var outcome = await host.RunAsync(Programs.Sample("Client"), "8080", client);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        await running.EndAsync();
        Assert.True(running.ExitCode == 0, running.Error);
        await Patience.UntilAsync(() => host.Sockets.StatesOn(8080).All(static state => state == "TIME_WAIT"), "only TIME_WAIT or nothing");
    }
}

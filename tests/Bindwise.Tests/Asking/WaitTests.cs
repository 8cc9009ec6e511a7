using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using IsolatedProcess;

namespace Bindwise.Tests.Asking;

/// <summary>Waiting for one of three conditions, in one's own process.</summary>
public sealed class WaitTests
{
    [IsolatedFact]
    public Task RunAsync_UntilFree_EndsAsSoonAsTheListenerIsClosed() => Body.RunAsync(static async () =>
    {
        var listener = new TcpListener(IPAddress.Loopback, 8080);
        listener.Start();
        var before = OpenDescriptors.Read();
        var waiting = PortDiagnostics.WaitAsync(new WaitRequest { Queries = [PortQuery.Of(8080)] });
        await Task.Delay(500);
        Assert.False(waiting.IsCompleted);

        var clock = Stopwatch.StartNew();
        listener.Dispose();
        var report = await waiting;

        // 50 ms on an idle host; the tests share theirs.
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 240);
        Assert.True(report.IsMet);
        var target = Assert.Single(report.Targets);
        Assert.Equal((true, (ushort)8080, Verdict.Free), (target.IsMet, target.Port, target.Diagnosis?.Verdict));
        await OpenDescriptors.AssertNoMoreThanAsync(before);
    });

    [IsolatedFact]
    public Task Run_UntilListeningAndClosed_SeesTheListener() => Body.RunAsync(static async () =>
    {
        var question = PortQuery.Of(new IPEndPoint(IPAddress.Loopback, 8080));
        var waiting = PortDiagnostics.WaitAsync(new WaitRequest { Queries = [question], Until = WaitCondition.Listening, Connects = true });
        using var listener = new TcpListener(IPAddress.Any, 8080);
        listener.Start();
        var report = await waiting;
        Assert.Equal("0.0.0.0:8080", Assert.Single(Assert.Single(report.Targets).Listeners).Local.ToString());

        var closed = PortDiagnostics.WaitAsync(new WaitRequest { Queries = [question], Until = WaitCondition.Closed });
        listener.Stop();
        Assert.True((await closed).IsMet);
    });

    [IsolatedTheory]
    [InlineData("linux")]
    [InlineData("portable")]
    public Task Run_Timeout_IsAReport(string way) => Body.RunAsync(
        static way =>
        {
            var isPortable = way == "portable";
            using var listener = new TcpListener(IPAddress.Loopback, 8080);
            listener.Start();
            var report = PortDiagnostics.Wait(new WaitRequest
            {
                Queries = [PortQuery.Of(8080) with { Portable = isPortable }, PortQuery.Of(8081) with { Portable = isPortable }],
                Timeout = TimeSpan.FromMilliseconds(200),
            });
            Assert.False(report.IsMet);
            Assert.Equal([false, true], report.Targets.Select(static one => one.IsMet));
            return Task.CompletedTask;
        },
        way);

    [IsolatedFact]
    public Task Run_Cancelled_EndsSoon() => Body.RunAsync(static async () =>
    {
        using var cancellation = new CancellationTokenSource();
        var waiting = PortDiagnostics.WaitAsync(new WaitRequest { Queries = [PortQuery.Of(8080)], Until = WaitCondition.Listening }, cancellation.Token);
        await Task.Delay(200);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    });

    [Fact]
    public void Run_RequestThatContradictsItself_IsRefused()
    {
        var question = PortQuery.Of(8080);
        WaitRequest[] wrong =
        [
            new() { Queries = [] },
            new() { Queries = default },
            new() { Queries = [.. Enumerable.Repeat(question, WaitRequest.MostTargets + 1)] },
            new() { Queries = [question], Until = (WaitCondition)7 },
            new() { Queries = [question], Timeout = TimeSpan.Zero },
            new() { Queries = [question], Timeout = TimeSpan.MaxValue },
            new() { Queries = [question], Connects = true },
            new() { Queries = [question, question with { Portable = true }] },
            new() { Queries = [PortQuery.Parse("53/udp")], Until = WaitCondition.Listening, Connects = true },
        ];
        Assert.All(wrong, static request => Assert.Throws<ArgumentException>(() => PortDiagnostics.Wait(request)));
    }

    [Fact]
    public void Fault_NamesTheParameterOfTheCall()
    {
        Assert.Equal("request", Assert.ThrowsAny<ArgumentException>(static () => PortDiagnostics.Wait(new WaitRequest { Queries = [] })).ParamName);
        Assert.Equal("filter", Assert.ThrowsAny<ArgumentException>(static () => SocketTable.Read(new SocketFilter { Protocols = [] })).ParamName);
    }

    [IsolatedFact]
    public Task InfiniteTimeSpan_IsNoLimit() => Body.RunAsync(static () =>
    {
        var report = PortDiagnostics.Wait(new WaitRequest { Queries = [PortQuery.Of(1)], Until = WaitCondition.Closed, Timeout = Timeout.InfiniteTimeSpan });
        Assert.True(report.IsMet);
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task WaitAsync_EndsWithTheConnectionThatHeldThePort() => Body.RunAsync(static async () =>
    {
        await File.WriteAllTextAsync("/proc/sys/net/ipv4/tcp_fin_timeout", "30");
        using (var listener = new TcpListener(IPAddress.Loopback, 8080))
        {
            listener.Start();
            using var client = new TcpClient("127.0.0.1", 8080);
            var server = await listener.AcceptSocketAsync();
            server.Dispose();
            listener.Dispose();
            // FIN_WAIT2 without an owner: the kernel lets it go after half a minute.
            var waiting = PortDiagnostics.WaitAsync(new WaitRequest { Queries = [PortQuery.Of(new IPEndPoint(IPAddress.Loopback, 8080))] });
            Assert.False(waiting.IsCompleted);
            Assert.True((await waiting).IsMet);
        }
    });

    [IsolatedFact]
    public Task WaitAsync_OfWhatIsFree_EndsAtOnce() => Body.RunAsync(static async () =>
        Assert.True((await PortDiagnostics.WaitAsync(new WaitRequest { Queries = [PortQuery.Of(8080)] })).IsMet));

    [IsolatedFact]
    public Task WaitAsync_Cancelled_EndsAtOnceAndLeaksNothing() => Body.RunAsync(static async () =>
    {
        using var listener = new TcpListener(IPAddress.Loopback, 8080);
        listener.Start();
        await PortDiagnostics.DiagnoseAsync(PortQuery.Of(8080));
        var before = OpenDescriptors.Read();
        using var end = new CancellationTokenSource();
        var waiting = Enumerable.Range(0, 20).Select(index => PortDiagnostics.WaitAsync(new WaitRequest { Queries = [PortQuery.Of(8080) with { Portable = index % 4 == 0 }] }, end.Token)).ToList();
        await Task.Delay(1500);
        Assert.DoesNotContain(waiting, static one => one.IsCompleted);
        var started = Stopwatch.GetTimestamp();
        await end.CancelAsync();
        foreach (var one in waiting)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(240));
        await OpenDescriptors.AssertNoMoreThanAsync(before);
    });

    [IsolatedFact]
    public Task WaitAsync_WhatCannotBeAnswered_Throws() => Body.RunAsync(static () =>
        Assert.ThrowsAsync<PortQueryException>(static () => PortDiagnostics.WaitAsync(new WaitRequest { Queries = [PortQuery.Parse("nosuchservice")] })));

    // No option of the command line: who reads it here has none.
    [Fact]
    public async Task AddressOfAnotherHost_IsToldInWordsOfTheLibrary()
    {
        var failure = await Assert.ThrowsAsync<PortQueryException>(static () =>
            PortDiagnostics.WaitAsync(new WaitRequest { Queries = [PortQuery.Parse("192.0.2.1:80")], Until = WaitCondition.Listening }));
        Assert.Equal("192.0.2.1:80 is not an address of this host, whose sockets cannot be seen from here: only a connection tells", failure.Message);
    }
}

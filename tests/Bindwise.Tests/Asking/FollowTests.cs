using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using IsolatedProcess;

namespace Bindwise.Tests.Asking;

/// <summary>Waiting for a port, in one's own process.</summary>
public sealed class FollowTests
{
    [IsolatedFact]
    public Task FollowAsync_AListenerThatEnds_GivesTheFirstAnswerAndTheLast() => Body.RunAsync(static async () =>
    {
        var listener = new TcpListener(IPAddress.Loopback, 8080);
        listener.Start();
        var answers = new List<Diagnosis>();
        await foreach (var answer in PortDiagnostics.FollowAsync(PortQuery.Of(8080)))
        {
            answers.Add(answer);
            listener.Dispose();
        }
        Assert.Equal([Verdict.Blocked, Verdict.Free], answers.Select(static answer => answer.Verdict));

        // Who goes before the end leaves nothing behind.
        using var next = new TcpListener(IPAddress.Loopback, 8080);
        next.Start();
        var before = OpenDescriptors.Read();
        await foreach (var answer in PortDiagnostics.FollowAsync(PortQuery.Of(8080)).WithCancellation(CancellationToken.None))
        {
            Assert.Equal(Verdict.Blocked, answer.Verdict);
            break;
        }
        await OpenDescriptors.AssertNoMoreThanAsync(before);
    });

    [IsolatedFact]
    public Task FollowAsync_AnotherHolder_IsAChange() => Body.RunAsync(static async () =>
    {
        var first = new TcpListener(IPAddress.Loopback, 8080);
        first.Start();
        TcpListener? second = null;
        var answers = new List<Diagnosis>();
        await foreach (var answer in PortDiagnostics.FollowAsync(PortQuery.Of(8080)))
        {
            answers.Add(answer);
            if (second is not null)
            {
                second.Dispose();
                continue;
            }
            first.Dispose();
            second = new TcpListener(IPAddress.Loopback, 8080);
            second.Start();
        }
        Assert.Equal([Verdict.Blocked, Verdict.Blocked, Verdict.Free], answers.Select(static answer => answer.Verdict));
        Assert.NotEqual(answers[0].Blockers[0].Socket.Cookie, answers[1].Blockers[0].Socket.Cookie);
    });

    [IsolatedFact]
    public Task WaitUntilFreeAsync_EndsWithTheConnectionThatHeldThePort() => Body.RunAsync(static async () =>
    {
        await File.WriteAllTextAsync("/proc/sys/net/ipv4/tcp_fin_timeout", "2");
        using (var listener = new TcpListener(IPAddress.Loopback, 8080))
        {
            listener.Start();
            using var client = new TcpClient("127.0.0.1", 8080);
            var server = await listener.AcceptSocketAsync();
            server.Dispose();
            listener.Dispose();
            // FIN_WAIT2 without an owner: the kernel lets it go after two seconds.
            var waiting = PortDiagnostics.WaitUntilFreeAsync(PortQuery.Of(new IPEndPoint(IPAddress.Loopback, 8080)));
            Assert.False(waiting.IsCompleted);
            Assert.Equal(Verdict.Free, (await waiting).Verdict);
        }
    });

    [IsolatedFact]
    public Task WaitUntilFreeAsync_OfWhatIsFree_EndsAtOnce() => Body.RunAsync(static async () =>
        Assert.Equal(Verdict.Free, (await PortDiagnostics.WaitUntilFreeAsync(PortQuery.Of(8080))).Verdict));

    [IsolatedFact]
    public Task WaitUntilFreeAsync_Cancelled_EndsAtOnceAndLeaksNothing() => Body.RunAsync(static async () =>
    {
        using var listener = new TcpListener(IPAddress.Loopback, 8080);
        listener.Start();
        await PortDiagnostics.DiagnoseAsync(PortQuery.Of(8080));
        var before = OpenDescriptors.Read();
        using var end = new CancellationTokenSource();
        var waiting = Enumerable.Range(0, 20).Select(index => PortDiagnostics.WaitUntilFreeAsync(PortQuery.Of(8080) with { Portable = index % 4 == 0 }, end.Token)).ToList();
        await Task.Delay(1500);
        Assert.DoesNotContain(waiting, static one => one.IsCompleted);
        var started = Stopwatch.GetTimestamp();
        await end.CancelAsync();
        foreach (var one in waiting)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(60));
        await OpenDescriptors.AssertNoMoreThanAsync(before);
    });

    [IsolatedFact]
    public Task WaitUntilFreeAsync_WhatCannotBeAnswered_Throws() => Body.RunAsync(static () =>
        Assert.ThrowsAsync<PortQueryException>(static () => PortDiagnostics.WaitUntilFreeAsync(PortQuery.Parse("nosuchservice"))));
}

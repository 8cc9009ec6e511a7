using System.Net;
using System.Net.Sockets;
using IsolatedProcess;

namespace Bindwise.Tests.Asking;

/// <summary>Following what becomes of a port, in one's own process.</summary>
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
}

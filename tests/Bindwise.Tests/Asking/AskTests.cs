using System.Net;
using System.Net.Sockets;
using Apart;
using Bindwise.Model.Diagnosing;

namespace Bindwise.Tests.Asking;

/// <summary>The question asked in one's own process.</summary>
public sealed class AskTests
{
    [ApartFact]
    public Task Ask_APortThatThisProcessListensOn_NamesIt() => Body.RunAsync(static async () =>
    {
        using var listener = new TcpListener(IPAddress.Loopback, 8080);
        listener.Start();
        var answer = await Ports.AskAsync(PortQuestion.Of(8080));
        Assert.Equal((Verdict.Blocked, "EADDRINUSE"), (answer.Verdict, answer.Errno));
        Assert.Equal(Environment.ProcessId, Assert.Single(Assert.Single(answer.Blockers).Owners).Process.Id);
        Assert.Equal(Verdict.Free, Ports.Ask(PortQuestion.Of(8081)).Verdict);
        Assert.Equal(Verdict.Free, Ports.Ask(PortQuestion.Of(new IPEndPoint(IPAddress.Loopback, 8080), Transports.Udp)).Verdict);
        Assert.Equal(Verdict.Free, Ports.Ask(PortQuestion.Of(new IPEndPoint(IPAddress.IPv6Loopback, 8080))).Verdict);
    });

    [ApartFact]
    public Task Ask_Portable_TellsWithoutOwners() => Body.RunAsync(static () =>
    {
        using var listener = new TcpListener(IPAddress.Loopback, 8080);
        listener.Start();
        var answer = Ports.Ask(PortQuestion.Of(8080) with { Portable = true });
        Assert.Equal(Verdict.Blocked, answer.Verdict);
        Assert.NotNull(answer.Portable);
        Assert.Empty(answer.Blockers);
        return Task.CompletedTask;
    });
}

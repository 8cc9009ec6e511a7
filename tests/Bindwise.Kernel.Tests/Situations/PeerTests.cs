using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>The other end of a connection in the way, when it is on this host.</summary>
public sealed class PeerTests
{
    [KernelFact]
    public async Task Why_ConnectionWithALocalClient_NamesTheClient()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("leave_connection.py", "8080");
        await host.UntilStateAsync(program.Pid, '-');
        await host.Sockets.UntilAsync(8080, "ESTABLISHED");
        var answer = await host.WhyAsync("8080");
        answer.Is("blocked", "EADDRINUSE", "surviving-connection");
        var blocker = Assert.Single(answer.Blockers);
        Assert.Equal(program.Number("heir"), Assert.Single(blocker.Owners).Pid);
        answer.Has(blocker.Peer is not null && blocker.Peer.Local == blocker.Remote && blocker.Peer.State == "ESTABLISHED", "the peer's own end");
        var client = Assert.Single(blocker.Peer!.Owners);
        answer.Has(client.Pid is { } pid && pid != program.Number("heir") && client.Command!.Contains("sleep 600", StringComparison.Ordinal), "the client's process");
        var told = (await host.ReportAsync("8080 --verbose")).Output;
        Assert.Contains($"The other end is sleep (pid {client.Pid}), on this host.", told, StringComparison.Ordinal);
        Assert.Contains("\n  peer  ", told, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Why_FinWait2WithoutOwner_NamesWhoseEndIsStillOpen()
    {
        TestProgram? program = null;
        await Passing.PlayAsync(async host =>
        {
            program = await host.StartScriptAsync("connect.py", "tcp 0.0.0.0 8080 then server.close listener.close");
            await host.Sockets.UntilAsync(8080, "FIN_WAIT2");
        }, async host =>
        {
            var answer = await host.WhyAsync("0.0.0.0:8080");
            var blocker = Assert.Single(answer.Blockers);
            Assert.Empty(blocker.Owners);
            Assert.Equal(("CLOSE_WAIT", program!.Big("client")), (blocker.Peer!.State, blocker.Peer.Inode));
            Assert.Equal(program!.Pid, Assert.Single(blocker.Peer.Owners).Pid);
        });
    }

    [KernelFact]
    public async Task Why_BothEndsInOneProcessOverIPv6_SaysSo()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("connect.py", "tcp :: 8080 then listener.close");
        await host.Sockets.UntilAsync(8080, "ESTABLISHED");
        var answer = await host.WhyAsync("[::]:8080");
        Assert.Equal(program.Pid, Assert.Single(Assert.Single(answer.Blockers).Peer!.Owners).Pid);
        Assert.Contains($"Both ends are in connect.py (python3, pid {program.Pid}).", answer.Outcome.Output, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Why_ManyLocalConnections_LooksForTheOwnersOfSome()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold_connections.py", "tcp 0.0.0.0 8080 connections=300");
        var answer = await host.WhyAsync("0.0.0.0:8080");
        answer.Is("blocked", "EADDRINUSE", "surviving-connection");
        var peers = answer.Blockers.Select(static blocker => blocker.Peer).ToList();
        answer.Has(peers.Count is > 64 and <= 256 && peers.All(static peer => peer is not null), "the sockets of all that are listed");
        Assert.Equal(64, peers.Count(static peer => peer!.Owners.Count == 1));
    }

    [KernelFact]
    public async Task Why_ListenerAndTimeWait_HaveNoPeer()
    {
        await Passing.PlayAsync(static async host =>
        {
            await host.StartScriptAsync("connect.py", "tcp 0.0.0.0 8080 then server.close client.close");
            await host.Sockets.UntilAsync(8080, "LISTEN", "TIME_WAIT");
        }, static async host =>
        {
            var answer = await host.WhyAsync("0.0.0.0:8080 --verbose");
            Assert.Equal(["LISTEN", "TIME_WAIT"], answer.States);
            Assert.All(answer.Blockers, static blocker => Assert.Null(blocker.Peer));
        });
    }
}

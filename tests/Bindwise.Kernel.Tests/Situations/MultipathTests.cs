using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>
/// MPTCP: the state is that of the MPTCP socket, as ss -M shows it, not that of its TCP subflow, which stays ESTABLISHED while it closes. What is
/// said of bind() holds for a new TCP socket (asked of the kernel with each answer) and for a new MPTCP one.
/// </summary>
[Trait("Lane", "second")]
public sealed class MultipathTests
{
    [KernelTheory]
    [InlineData("connected", "surviving-connection", "ESTABLISHED", null, null, true)]
    [InlineData("server-closed", "fin-wait", "FIN_WAIT2", "ESTABLISHED", "local", false)]
    [InlineData("server-shut", "fin-wait", "FIN_WAIT2", "ESTABLISHED", "local", true)]
    [InlineData("client-closed", "close-wait", "CLOSE_WAIT", "ESTABLISHED", "remote", true)]
    [InlineData("client-shut", "close-wait", "CLOSE_WAIT", "ESTABLISHED", "remote", true)]
    [InlineData("server-first", "time-wait", "TIME_WAIT", null, "local", false)]
    [InlineData("fallback", "fin-wait", "FIN_WAIT2", null, "local", false)]
    public async Task Why_Connection_IsInTheStateOfItsMptcpSocket(string manner, string cause, string state, string? subflow, string? closedFirst, bool isOwned)
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("multipath.py", $"{manner} 8080");
        if (subflow is not null)
            await UntilMultipathAsync(host, state.Replace('_', '-').Replace("WAIT2", "WAIT-2", StringComparison.Ordinal));
        else if (state != "ESTABLISHED")
            await host.Sockets.UntilAsync(8080, state);
        var answer = await host.WhyAsync("127.0.0.1:8080 --plain");
        answer.Is("blocked", "EADDRINUSE", cause);
        var blocker = Assert.Single(answer.Blockers);
        Assert.Equal((state, subflow, closedFirst), (blocker.State, blocker.SubflowState, answer.ClosedFirst));
        Assert.Equal(isOwned ? [program.Number("server")] : Array.Empty<int>(), blocker.Owners.Select(static owner => owner.Pid!.Value));
        Assert.Null(blocker.KernelService);
        answer.Has(!answer.Outcome.Output.Contains("endpoint", StringComparison.Ordinal), "no endpoint, since there is none");
        // The kernel's own timer ends what nobody owns.
        Assert.Equal(isOwned, answer.FreeAt is null);
        Assert.InRange(blocker.SecondsLeft ?? 1, 0, 61);
        await MultipathBindsAgreeAsync(host, answer);
    }

    // The subflow is of IPv6 alone, whatever the MPTCP socket says of itself.
    [KernelTheory]
    [InlineData("")]
    [InlineData(" --verbose")]
    [InlineData(" --no-probe")]
    public async Task Why_ListenerOnAnIPv6Address_LeavesIPv4Free(string options)
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "mptcp ::1 8080 listen");
        (await host.WhyAsync("0.0.0.0:8080" + options)).Is("free", null, "free");
    }

    [KernelTheory]
    [InlineData("server-closed", "fin-wait", "FIN_WAIT2", false)]
    [InlineData("client-closed", "close-wait", "CLOSE_WAIT", true)]
    public async Task Why_ConnectionOfTwoSubflows_IsOneMptcpSocket(string manner, string cause, string state, bool isOwned)
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetUpAsync("ip address add 10.1.0.2/24 dev lo");
        await host.SetUpAsync("ip address add 10.1.0.3/24 dev lo");
        await host.SetUpAsync("ip mptcp limits set subflow 4 add_addr_accepted 4");
        await host.SetUpAsync("ip mptcp endpoint add 10.1.0.3 dev lo subflow");
        var program = await host.StartScriptAsync("multipath.py", $"{manner} 8080 joined");
        await UntilMultipathAsync(host, isOwned ? "CLOSE-WAIT" : "FIN-WAIT-2");
        var answer = await host.WhyAsync("10.1.0.2:8080 --plain");
        answer.Is("blocked", "EADDRINUSE", cause);
        Assert.Equal([state, state], answer.States);
        Assert.All(answer.Blockers, blocker => Assert.Equal(("ESTABLISHED", isOwned ? 1 : 0), (blocker.SubflowState, blocker.Owners.Count)));
        answer.Has(answer.Owners.All(owner => owner.Pid == program.Number("server")), "the server");
    }

    [KernelFact]
    public async Task Why_ClientClosedFirstAndTheServerToo_IsFree()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("multipath.py", "client-first 8080");
        await host.Sockets.UntilAsync(8080);
        (await host.WhyAsync("127.0.0.1:8080 --plain")).Is("free", null, "free");
    }

    [KernelTheory]
    [InlineData("connected")]
    [InlineData("server-shut")]
    public async Task Why_OwnerWasKilled_WaitsForThePeerWithoutAnOwner(string manner)
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("multipath.py", $"{manner} 8080");
        await host.SignalAsync(program.Number("server"), "KILL");
        await host.UntilStateAsync(program.Number("server"), '-');
        await UntilMultipathAsync(host, "FIN-WAIT-2");
        var answer = await host.WhyAsync("127.0.0.1:8080 --plain");
        answer.Is("blocked", "EADDRINUSE", "fin-wait");
        var blocker = Assert.Single(answer.Blockers);
        Assert.Equal(("FIN_WAIT2", "ESTABLISHED", 0ul), (blocker.State, blocker.SubflowState, blocker.Inode));
        Assert.Empty(blocker.Owners);
        answer.Has(answer.Remedies[0].Id == "wait", "it ends by itself");
        // If the peer closes in time, TIME_WAIT follows.
        Assert.InRange((answer.FreeAt!.Value - DateTimeOffset.UtcNow).TotalSeconds, 60, 130);
        answer.Has(answer.Limits.All(static limit => limit.Id != "owner-not-found"), "nobody is missing");
        await MultipathBindsAgreeAsync(host, answer);
    }

    [KernelFact]
    public async Task Why_PeerClosedFirst_EndingTheProcessFreesThePort()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("multipath.py", "client-closed 8080");
        var answer = await host.WhyAsync("127.0.0.1:8080 --plain");
        answer.Is("blocked", "EADDRINUSE", "close-wait");
        Assert.Equal($"kill {program.Number("server")}", answer.Remedies[0].Command);
        await host.SetUpAsync($"/bin/{answer.Remedies[0].Command}");
        await host.Sockets.UntilAsync(8080);
        (await host.WhyAsync("127.0.0.1:8080 --plain")).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_OldServerHadSetReuseAddress_ANewOneThatSetsItMayBind()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("multipath.py", "server-closed 8080 reuseaddr");
        await UntilMultipathAsync(host, "FIN-WAIT-2");
        var answer = await host.WhyAsync("127.0.0.1:8080 --plain");
        answer.Is("blocked", "EADDRINUSE", "fin-wait");
        Assert.Equal("ok", answer.ResultWith("127.0.0.1", "SO_REUSEADDR"));
        await MultipathBindsAgreeAsync(host, answer);
    }

    [KernelFact]
    public async Task Why_Listener_HoldsThePortOfItsSubflowAsWell()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("multipath.py", "listen 8080 reuseaddr");
        var answer = await host.WhyAsync("127.0.0.1:8080");
        answer.Is("blocked", "EADDRINUSE", "listener");
        Assert.Equal(("LISTEN", null, true), (answer.Blockers[0].State, answer.Blockers[0].SubflowState, answer.Blockers[0].Multipath));
        Assert.Equal(program.Number("server"), Assert.Single(answer.Owners).Pid);
        await MultipathBindsAgreeAsync(host, answer);
    }

    [KernelFact]
    public async Task Why_ListenerClosedWhileACallUsesIt_IsNoEndpoint()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("close_under_call.py", "accept mptcp 127.0.0.1 8080 listen");
        var answer = await host.WhyAsync("127.0.0.1:8080");
        answer.Is("blocked", "EADDRINUSE", "hidden-descriptor");
        Assert.Equal(program.Pid, Assert.Single(answer.Owners).Pid);
        answer.Has(!answer.Outcome.Output.Contains("endpoint", StringComparison.Ordinal), "no endpoint, since there is none");
    }

    [KernelFact]
    public async Task Why_ListenerOutsideOfThisPidNamespace_IsNoEndpoint()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("multipath.py", "listen 8080");
        var outcome = await host.RunAsync("unshare", "--pid", "--fork", "--mount-proc", Programs.Bindwise, "why", "127.0.0.1:8080", "--json");
        var answer = Assert.Single(Asking.Answers(outcome));
        answer.Is("blocked", "EADDRINUSE", "listener");
        Assert.Empty(answer.Owners);
        Assert.Null(answer.Blockers[0].KernelService);
        answer.Has(answer.Limits.Any(static limit => limit.Id == "owner-not-found" && limit.Text.Contains("outside", StringComparison.Ordinal)), "where the holder is");
        answer.Has(!answer.Outcome.Output.Contains("endpoint", StringComparison.Ordinal), "no endpoint, since there is none");
    }

    [KernelTheory]
    [InlineData(0)]
    [InlineData(TestHost.Nobody)]
    public async Task Why_KernelsOwnListener_IsTheEndpointAndDeletingItFreesThePort(int user)
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetUpAsync("ip mptcp endpoint add 127.0.0.3 dev lo signal");
        await host.SetUpAsync("ip mptcp endpoint add 127.0.0.2 dev lo signal port 8080");
        await host.Sockets.UntilAsync(8080, "LISTEN");
        var answer = await host.WhyAsAsync(user, "127.0.0.2:8080");
        answer.Is("blocked", "EADDRINUSE", "kernel-socket");
        Assert.Empty(answer.Owners);
        Assert.Equal(true, answer.Blockers[0].Multipath);
        answer.Has(answer.Blockers[0].KernelService is { Kind: "mptcp-endpoint", Names: ["2"] }, "the endpoint, by its id");
        Assert.Equal(user == 0 ? "ip mptcp endpoint delete id 2" : "sudo ip mptcp endpoint delete id 2", answer.Remedies[0].Command);
        await host.SetUpAsync(answer.Remedies[0].Command!.Replace("sudo ", "", StringComparison.Ordinal));
        (await host.WhyAsAsync(user, "127.0.0.2:8080")).Is("free", null, "free");
    }

    private static async Task UntilMultipathAsync(TestHost host, string state)
    {
        var seen = "";
        for (var patience = DateTime.UtcNow + Patience.OfAWait; DateTime.UtcNow < patience; await Task.Delay(20))
        {
            seen = (await host.RunAsync("ss", "-ManH", "sport = :8080")).Output;
            if (seen.Contains(state, StringComparison.Ordinal))
                return;
        }
        throw new TimeoutException($"no MPTCP socket in {state}, but {seen}");
    }

    private static async Task MultipathBindsAgreeAsync(TestHost host, Answer answer)
    {
        var outcome = await host.RunAsync("python3", "-B", "-S", Programs.Script("multipath_binds.py"), "127.0.0.1", "8080");
        Assert.Equal([answer.ResultWith("127.0.0.1"), answer.ResultWith("127.0.0.1", "SO_REUSEADDR")], outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}

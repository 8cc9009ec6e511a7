using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

public sealed class FreeTests
{
    [KernelTheory]
    [InlineData("8080")]
    [InlineData(":8080")]
    [InlineData("*:8080")]
    [InlineData("127.0.01:8080")]
    [InlineData("[::1]:8080")]
    [InlineData("localhost:8080")]
    [InlineData("8080/udp")]
    [InlineData("0")]
    [InlineData("8080 --no-probe")]
    [InlineData("8080 --reuse-address --reuse-port")]
    public async Task Why_EmptyHost_SaysFree(string words)
    {
        await using var host = await TestHost.OpenAsync();
        var answer = await host.WhyAsync(words);
        answer.Is("free", null, "free");
        Assert.Empty(answer.Blockers);
        Assert.Null(answer.FreeAt);
        Assert.Null(answer.ClosedFirst);
    }

    [KernelFact]
    public async Task Why_FreePort_AsksBothFamiliesAsServersBindAndNamesTheOtherWays()
    {
        await using var host = await TestHost.OpenAsync();
        var answer = await host.WhyAsync("8080");
        foreach (var address in new[] { "0.0.0.0", "::" })
        {
            Assert.Equal("ok", answer.ResultWith(address));
            Assert.Equal("ok", answer.ResultWith(address, "SO_REUSEADDR"));
            Assert.Equal("ok", answer.ResultWith(address, "SO_REUSEPORT"));
        }

        answer.Has(answer.Attempts.All(static attempt => attempt.Asked == attempt.Options.SequenceEqual(["SO_REUSEADDR"])), "asked: as servers bind, with SO_REUSEADDR");
        answer.Has(answer.Attempts.Where(static attempt => attempt.Asked).All(static attempt => attempt.Bind is { How: "predicted", Permitted: true }), "the table decides, and the kernel says that nothing else refuses");
    }

    [KernelFact]
    public async Task Why_FreePortOfTheEphemeralRange_WarnsThatAnyConnectionMayTakeIt()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv4.ip_local_port_range", "40000 40100");
        var answer = await host.WhyAsync("40050");
        answer.Is("free", null, "free");
        answer.Has(answer.Warnings.Any(static warning => warning.Id == "in-ephemeral-range"), "a warning of the range");
        answer.Has(answer.Remedies.Any(static remedy => remedy.Command?.Contains("ip_local_reserved_ports", StringComparison.Ordinal) == true), "the cure");
        Assert.Empty((await host.WhyAsync("8080")).Warnings);
    }

    [KernelFact]
    public async Task Why_ReservedPortOfTheEphemeralRange_DoesNotWarn()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv4.ip_local_port_range", "40000 40100");
        await host.SetAsync("net.ipv4.ip_local_reserved_ports", "40050-40060");
        Assert.Empty((await host.WhyAsync("40050")).Warnings);
    }

    [KernelFact]
    public async Task Why_ListenersOfOtherPortsAndProtocols_AreNotInTheWay()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8081 listen and udp 0.0.0.0 8080 and tcp :: 8079 listen");
        (await host.WhyAsync("8080")).Is("free", null, "free");
        (await host.WhyAsync("8081/udp")).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_SeveralTargets_AnswersEachAndEndsWithTheWorst()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8081 listen");
        var outcome = await host.RunAsync(Programs.Bindwise, "why", "8080", "8081", "8082/udp", "--json");
        Assert.Equal(["free", "blocked", "free"], Asking.Answers(outcome).Select(static answer => answer.Verdict));
        Assert.Equal(1, outcome.ExitCode);
    }

    [KernelFact]
    public async Task Why_NameOfTwoAddresses_AsksForBoth()
    {
        await using var host = await TestHost.OpenAsync();
        await host.NameAsync("127.0.0.1 localhost\n::1 localhost\n");
        Assert.Equal("localhost", (await host.WhyAsync("localhost:8080")).Target.Address);
        await host.StartScriptAsync("hold.py", "tcp ::1 8080 listen");
        var answer = await host.WhyAsync("localhost:8080");
        answer.Is("blocked", "EADDRINUSE", "listener");
        Assert.Equal(("ok", "EADDRINUSE"), (answer.ResultWith("127.0.0.1"), answer.ResultWith("::1")));
    }

    [KernelFact]
    public async Task Why_WithoutIPv6_SkipsItAndSaysSo()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv6.conf.all.disable_ipv6", "1");
        await host.NameAsync("127.0.0.1 localhost\n::1 localhost\n");
        var answer = await host.WhyAsync("localhost:8080");
        answer.Is("free", null, "free");
        answer.Has(answer.Limits.Any(static limit => limit.Text.Contains("IPv6", StringComparison.Ordinal)), "a limit that names IPv6");
    }

    [KernelFact]
    public async Task Why_LoopbackDown_IsFreeSinceNothingHoldsThePort()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetUpAsync("ip link set lo down");
        var answer = await host.WhyAsync("127.0.0.1:8080");
        answer.Is("free", null, "free");
        Assert.Equal("BW001", answer.Rule?.Id);
    }
}

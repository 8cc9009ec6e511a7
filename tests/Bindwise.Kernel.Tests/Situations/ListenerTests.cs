using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

public sealed class ListenerTests
{
    [KernelTheory]
    [InlineData("0.0.0.0", "8080", "listener")]
    [InlineData("0.0.0.0", "0.0.0.0:8080", "listener")]
    [InlineData("0.0.0.0", "127.0.0.1:8080", "listener")]
    [InlineData("0.0.0.0", "127.0.01:8080", "listener")]
    [InlineData("0.0.0.0", "localhost:8080", "listener")]
    [InlineData("0.0.0.0", "[::]:8080", "listener")]
    [InlineData("0.0.0.0", "[::ffff:127.0.0.1]:8080", "listener")]
    [InlineData("0.0.0.0", "http://localhost:8080", "listener")]
    [InlineData("127.0.0.1", "8080", "listener")]
    [InlineData("127.0.0.1", "0.0.0.0:8080", "listener")]
    [InlineData("127.0.0.1", "127.0.0.1:8080", "listener")]
    [InlineData("127.0.0.1", "[::]:8080", "listener")]
    [InlineData("::", "0.0.0.0:8080", "dual-stack-listener")]
    [InlineData("::", "127.0.0.1:8080", "dual-stack-listener")]
    [InlineData("::", "[::1]:8080", "listener")]
    [InlineData("::", "[::]:8080", "listener")]
    [InlineData("::", "[::]:8080 --v6-only", "listener")]
    [InlineData("::1", "[::1]:8080", "listener")]
    [InlineData("::1", "[::]:8080", "listener")]
    [InlineData("::1", "8080", "listener")]
    [InlineData("::ffff:127.0.0.1", "127.0.0.1:8080", "listener")]
    public async Task Why_ListenerInTheWay_IsTheCause(string address, string target, string cause)
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("hold.py", $"tcp {address} 8080 listen");
        var answer = await host.WhyAsync(target);
        answer.Is("blocked", "EADDRINUSE", cause);
        var blocker = Assert.Single(answer.Blockers);
        Assert.Equal(("tcp", "LISTEN", 0L), (blocker.Protocol, blocker.State, blocker.UserId));
        Assert.Equal(program.Big("inode"), blocker.Inode);
        Assert.Equal(program.Big("cookie"), blocker.Cookie);
        var owner = Assert.Single(blocker.Owners);
        Assert.Equal((program.Pid, "root"), (owner.Pid, owner.User));
        answer.Has(owner.Command!.Contains("hold.py", StringComparison.Ordinal), "the full command line");
        answer.Has(owner.Executable!.Contains("python3", StringComparison.Ordinal), "the executable");
        answer.Has(owner.Role is "creator" or "holder", "no heir");
        Assert.Null(answer.FreeAt);
        Assert.Null(answer.ClosedFirst);
        answer.Has(answer.Remedies[0].Command?.Contains("-9", StringComparison.Ordinal) != true, "never kill -9 first");
    }

    [KernelTheory]
    [InlineData("tcp 127.0.0.1 8080 listen", "127.0.0.2:8080")]
    [InlineData("tcp 127.0.0.1 8080 listen", "[::1]:8080")]
    [InlineData("tcp 0.0.0.0 8080 listen", "[::1]:8080")]
    [InlineData("tcp 0.0.0.0 8080 listen", "[::]:8080 --v6-only")]
    [InlineData("tcp :: 8080 listen v6only", "0.0.0.0:8080")]
    [InlineData("tcp :: 8080 listen v6only", "127.0.0.1:8080")]
    [InlineData("tcp ::1 8080 listen", "127.0.0.1:8080")]
    [InlineData("tcp ::1 8080 listen", "0.0.0.0:8080")]
    public async Task Why_ListenerOfAnotherAddress_IsNotInTheWay(string words, string target)
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", words);
        (await host.WhyAsync(target)).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_PortAloneOverV6OnlyListener_IsBlockedByTheOneFamily()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp :: 8080 listen v6only");
        var answer = await host.WhyAsync("8080");
        answer.Is("blocked", "EADDRINUSE", "listener");
        Assert.Equal("ok", answer.ResultWith("0.0.0.0"));
        Assert.Equal("EADDRINUSE", answer.ResultWith("::"));
        Assert.Contains("IPV6_V6ONLY", Assert.Single(answer.Blockers).Options);
    }

    [KernelFact]
    public async Task Why_PortAloneOverDualStackListener_SaysThatItCoversBoth()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp :: 8080 listen");
        var answer = await host.WhyAsync("8080");
        answer.Has(answer is { Verdict: "blocked", Errno: "EADDRINUSE" }, "blocked");
        answer.Has(new[] { answer.Cause }.Concat(answer.Factors).Contains("dual-stack-listener"), "dual-stack-listener among the causes");
        Assert.Single(answer.Blockers);
    }

    [KernelFact]
    public async Task Why_ListenersOfBothFamilies_NamesBoth()
    {
        await using var host = await TestHost.OpenAsync();
        var first = await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 listen");
        var second = await host.StartScriptAsync("hold.py", "tcp :: 8080 listen v6only");
        var answer = await host.WhyAsync("8080");
        answer.Is("blocked", "EADDRINUSE", "listener");
        Assert.Equal([first.Pid, second.Pid], answer.Owners.Select(static owner => owner.Pid!.Value).Order());
    }

    [KernelFact]
    public async Task Why_ListenerWithReuseAddress_IsNotOvercomeByIt()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 listen reuseaddr");
        var answer = await host.WhyAsync("8080 --reuse-address");
        answer.Is("blocked", "EADDRINUSE", "listener");
        Assert.Contains("SO_REUSEADDR", Assert.Single(answer.Blockers).Options);
        Assert.Equal("EADDRINUSE", answer.ResultWith("0.0.0.0", "SO_REUSEADDR"));
        answer.Has(!answer.Remedies.Any(static remedy => remedy.Command?.Contains("SO_REUSEADDR", StringComparison.Ordinal) == true), "no SO_REUSEADDR where it does not help");
    }

    [KernelFact]
    public async Task Why_ListenerOfAUser_TellsUserAndUid()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsAsync(TestHost.Daemon, "hold.py", "tcp 0.0.0.0 8080 listen");
        var answer = await host.WhyAsync("8080");
        var blocker = Assert.Single(answer.Blockers);
        Assert.Equal(TestHost.Daemon, blocker.UserId);
        Assert.Equal("daemon", Assert.Single(blocker.Owners).User);
    }

    [KernelFact]
    public async Task Why_ListenerOnAnotherAddress_IsADangerAheadForAFreeWildcard()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp ::1 8080 listen");
        var answer = await host.WhyAsync("0.0.0.0:8080");
        answer.Is("free", null, "free");
        answer.Has(answer.Warnings.Count > 0, "a warning: who asks for localhost reaches the other listener");
    }

    [KernelFact]
    public async Task Why_SystemWideV6Only_LeavesIPv4OutOfTheWildcard()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv6.bindv6only", "1");
        await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 listen");
        (await host.WhyAsync("[::]:8080")).Is("free", null, "free");
        (await host.WhyAsync("[::]:8080 --dual-stack")).Is("blocked", "EADDRINUSE", "listener");
    }
}

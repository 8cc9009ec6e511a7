using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>The path of macOS and Windows (--portable), on Linux: what .NET's own means tell, each attempt held against the kernel.</summary>
[Trait("Lane", "second")]
public sealed class PortableTests
{
    [KernelTheory]
    [InlineData("8080")]
    [InlineData("127.0.0.1:8080")]
    [InlineData("[::1]:8080")]
    [InlineData("8080/udp")]
    [InlineData("0.0.0.0:0")]
    [InlineData("8080 --reuse-address")]
    [InlineData("8080 --reuse-port")]
    public async Task Why_NothingThere_IsFreeByProbe(string words)
    {
        await using var host = await TestHost.OpenAsync();
        var answer = await AskAsync(host, words);
        answer.Is("free", null, "free");
        Assert.All(answer.Attempts, static attempt => Assert.Equal("probed", attempt.Bind.How));
    }

    [KernelTheory]
    [InlineData("tcp 0.0.0.0 8080 listen", "8080", "blocked", "listener")]
    [InlineData("tcp 127.0.0.1 8080 listen", "0.0.0.0:8080", "blocked", "listener")]
    [InlineData("tcp 0.0.0.0 8080 listen", "127.0.0.1:8080", "blocked", "listener")]
    [InlineData("tcp 127.0.0.1 8080 listen", "127.0.0.2:8080", "free", "free")]
    [InlineData("tcp :: 8080 listen dual", "0.0.0.0:8080", "blocked", "listener")]
    [InlineData("tcp :: 8080 listen v6only", "0.0.0.0:8080", "free", "free")]
    [InlineData("tcp ::1 8080 listen", "[::]:8080", "blocked", "listener")]
    [InlineData("tcp 0.0.0.0 8080 listen", "8080 --reuse-address", "blocked", "listener")]
    [InlineData("tcp 0.0.0.0 8080", "0.0.0.0:8080", "blocked", "owner-hidden")]
    [InlineData("tcp 0.0.0.0 8080 reuseaddr", "0.0.0.0:8080 --reuse-address", "free", "free")]
    [InlineData("udp 0.0.0.0 8080", "8080/udp", "blocked", "udp-socket")]
    [InlineData("udp 0.0.0.0 8080", "8080", "free", "free")]
    public async Task Why_SocketsOfAllSorts_AreJudgedByTheProbe(string held, string words, string verdict, string cause)
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", held);
        var answer = await AskAsync(host, words);
        answer.Is(verdict, verdict == "blocked" ? "EADDRINUSE" : null, cause);
        Assert.Empty(answer.Blockers);
    }

    [KernelTheory]
    [InlineData("", "", "blocked", "time-wait")]
    [InlineData("reuseaddr", "", "blocked", "time-wait")]
    [InlineData("", " --reuse-address", "blocked", "time-wait")]
    [InlineData("reuseaddr", " --reuse-address", "free", "free")]
    public async Task Why_TimeWait_IsAskedPlainlyAlthoughTheFrameworkSetsTheOption(string options, string asked, string verdict, string cause)
    {
        await Passing.PlayAsync("connect.py", $"tcp 0.0.0.0 8080 {options} then server.close client.close listener.close", "TIME_WAIT", async host =>
        {
            var answer = await AskAsync(host, "0.0.0.0:8080" + asked);
            answer.Is(verdict, verdict == "blocked" ? "EADDRINUSE" : null, cause);
        });
    }

    [KernelTheory]
    [InlineData("client.close listener.close", "CLOSE_WAIT", "close-wait")]
    [InlineData("server.close listener.close", "FIN_WAIT2", "fin-wait")]
    [InlineData("listener.close", "ESTABLISHED", "owner-hidden")]
    public async Task Why_Connections_AreNamedByTheirState(string steps, string state, string cause)
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("connect.py", "tcp 0.0.0.0 8080 then " + steps);
        await host.Sockets.UntilAsync(8080, state);
        var answer = await AskAsync(host, "0.0.0.0:8080");
        answer.Is("blocked", "EADDRINUSE", cause);
        Assert.Contains($"\"seen\":[{{\"state\":\"{state}\"", answer.Outcome.Output, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Why_UdpSocketHeldAndSharingAsked_IsLeftOpenRatherThanTakingDatagrams()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "udp 0.0.0.0 8080 reuseport");
        var answer = await AskAsync(host, "0.0.0.0:8080/udp --reuse-port");
        answer.Is("undetermined", null, "udp-socket");
        Assert.Contains(answer.Limits, static limit => limit.Id == "sharing-not-probed");
    }

    [KernelFact]
    public async Task Why_ReusePortThatTheFrameworkCannotSetAlone_IsLeftOpen()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 reuseport listen");
        (await AskAsync(host, "0.0.0.0:8080 --reuse-port")).Is("undetermined", null, "listener");
        // What both options together do not give, neither gives alone.
        await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8081 listen");
        (await AskAsync(host, "0.0.0.0:8081 --reuse-port")).Is("blocked", "EADDRINUSE", "listener");
    }

    [KernelTheory]
    [InlineData("80", "EACCES", "privileged-port")]
    [InlineData("192.0.2.7:8080", "EADDRNOTAVAIL", "address-not-local")]
    [InlineData("[fe80::7]:8080", "EINVAL", "scope-missing")]
    public async Task Why_OtherErrors_AreToldByName(string target, string errno, string cause)
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsAsync(TestHost.Nobody, null, Programs.Bindwise, "why", "--portable", "--json", target);
        Assert.Single(Asking.Answers(outcome)).Is("blocked", errno, cause);
    }

    [KernelFact]
    public async Task Why_ScopedAddress_IsBoundOnItsInterface()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetUpAsync("ip link add v0 type veth peer name v1");
        await host.SetUpAsync("ip link set v0 up");
        await host.SetUpAsync("ip link set v1 up");
        await host.SetUpAsync("ip -6 address add fe80::7/64 dev v0 nodad");
        (await AskAsync(host, "[fe80::7%v0]:8080")).Is("free", null, "free");
        (await AskAsync(host, "[fe80::7%v1]:8080")).Is("blocked", "EADDRNOTAVAIL", "address-not-local");
        (await AskAsync(host, "[fe80::7%nosuch]:8080")).Is("undetermined", null, "owner-hidden");
    }

    [KernelFact]
    public async Task Why_Path_IsLookedAtAndNeverMade()
    {
        await using var host = await TestHost.OpenAsync();
        var path = Path.Combine(host.Folder, "app.sock");
        (await AskAsync(host, path)).Is("free", null, "free");
        Assert.False(Path.Exists(path));
        await host.StartScriptAsync("hold.py", $"unix {path} listen");
        (await AskAsync(host, path)).Is("blocked", "EADDRINUSE", "unix-socket-file");
        (await AskAsync(host, Path.Combine(host.Folder, "nowhere", "app.sock"))).Is("blocked", "ENOENT", "unix-socket-file");
    }

    [KernelFact]
    public async Task Why_WithoutProbe_SaysThatNothingConfirmsIt()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 listen");
        var answer = await AskAsync(host, "8080 --no-probe");
        answer.Is("undetermined", null, "listener");
        Assert.Contains(answer.Limits, static limit => limit.Id == "not-probed");
    }

    [KernelFact]
    public async Task Why_Always_IsLabelledAndTellsTheWayToTheFullAnswer()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 listen");
        var told = (await host.ReportAsync("8080 --portable")).Output;
        Assert.StartsWith("8080/tcp is taken (EADDRINUSE): a socket listens on 0.0.0.0:8080.\n", told, StringComparison.Ordinal);
        Assert.Contains("  limit This is the portable answer, ", told, StringComparison.Ordinal);
        Assert.Contains(":  bindwise why 8080\n", told, StringComparison.Ordinal);
        Assert.DoesNotContain("BW0", told, StringComparison.Ordinal);
    }

    private static async Task<Answer> AskAsync(TestHost host, string words)
    {
        var answer = await host.WhyAsync(words + " --portable");
        Assert.Contains(answer.Limits, static limit => limit.Id == "portable");
        Assert.Contains("\"portable\":{\"system\":\"linux\"", answer.Outcome.Output, StringComparison.Ordinal);
        return answer;
    }
}

using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

public sealed class UdpTests
{
    [KernelFact]
    public async Task Why_UdpSocket_HoldsUdpAndLeavesTcpFree()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("hold.py", "udp 0.0.0.0 8080");
        var answer = await host.WhyAsync("8080/udp");
        answer.Is("blocked", "EADDRINUSE", "udp-socket");
        var blocker = Assert.Single(answer.Blockers);
        Assert.Equal(("udp", "UNCONN", program.Big("inode")), (blocker.Protocol, blocker.State, blocker.Inode));
        Assert.Equal(program.Pid, Assert.Single(blocker.Owners).Pid);
        (await host.WhyAsync("8080")).Is("free", null, "free");
    }

    [KernelTheory]
    [InlineData("", "", "blocked")]
    [InlineData("reuseaddr", "", "blocked")]
    [InlineData("", " --reuse-address", "blocked")]
    [InlineData("reuseaddr", " --reuse-address", "free")]
    [InlineData("reuseport", " --reuse-address", "blocked")]
    [InlineData("reuseport", " --reuse-port", "free")]
    public async Task Why_UdpOptions_ShareOnlyWhenBothSetTheSame(string held, string asked, string verdict)
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "udp 0.0.0.0 8080 " + held);
        var answer = await host.WhyAsync("0.0.0.0:8080/udp" + asked);
        answer.Has(answer.Verdict == verdict, verdict);
        answer.Has(answer.Attempts.Where(static attempt => attempt.Options.Count > 0).All(static attempt => attempt.Bind.How == "predicted"),
            "a held UDP port is never probed with a sharing option: the probe would take its datagrams");
    }

    [KernelTheory]
    [InlineData("udp :: 8080", "0.0.0.0:8080/udp", "blocked")]
    [InlineData("udp :: 8080 v6only", "0.0.0.0:8080/udp", "free")]
    [InlineData("udp 127.0.0.1 8080", "127.0.0.2:8080/udp", "free")]
    [InlineData("udp 127.0.0.1 8080", "0.0.0.0:8080/udp", "blocked")]
    [InlineData("udp 0.0.0.0 8080", "[::1]:8080/udp", "free")]
    public async Task Why_UdpAddresses_OverlapAsTheyDoForTcp(string words, string target, string verdict)
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", words);
        var answer = await host.WhyAsync(target);
        answer.Is(verdict, verdict == "free" ? null : "EADDRINUSE", verdict == "free" ? "free" : "udp-socket");
    }

    [KernelFact]
    public async Task Why_ReusePortUdpOfAnotherUser_IsAMismatch()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsAsync(TestHost.Daemon, "hold.py", "udp 0.0.0.0 8080 reuseport");
        (await host.WhyAsync("0.0.0.0:8080/udp --reuse-port")).Is("blocked", "EADDRINUSE", "reuseport-mismatch");
    }

    [KernelTheory]
    [InlineData("udp 127.0.0.1 8080 and udp 127.0.0.2 8080 reuseport", "free")]
    [InlineData("udp 127.0.0.2 8080 reuseport and udp 127.0.0.1 8080", "blocked")]
    public async Task Why_SeveralUdpSockets_TheNewestDecides(string words, string verdict)
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", words);
        var answer = await host.WhyAsync("0.0.0.0:8080/udp --reuse-port");
        answer.Has(answer.Verdict == verdict, verdict);
    }

    // The kernel asks the newest first here too, but lists the families apart: which is the newest is not shown.
    [KernelTheory]
    [InlineData("udp 127.0.0.1 8080 reuseaddr reuseport and udp :: 8080 reuseaddr", " --reuse-port", "undetermined")]
    [InlineData("udp :: 8080 reuseaddr and udp 127.0.0.1 8080 reuseaddr reuseport", " --reuse-port", "undetermined")]
    [InlineData("udp :: 8080 reuseaddr and udp 127.0.0.1 8080 reuseaddr reuseport", " --reuse-address --reuse-port", "free")]
    [InlineData("udp :: 8080 reuseaddr and udp 127.0.0.1 8080 reuseaddr reuseport", "", "blocked")]
    public async Task Why_UdpSocketsOfBothFamilies_LeavesOpenWhatTheirOrderDecides(string words, string asked, string verdict)
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", words);
        var answer = await host.WhyAsync("127.0.0.1:8080/udp" + asked);
        answer.Has(answer.Verdict == verdict, verdict);
        answer.Has(!answer.Remedies.Any(static remedy => remedy.Id == "set-reuse-port"), "nothing is advised that may fail");
    }

    // A slot is crowded from its 11th socket on, and all network namespaces share it but for those with a table of their own.
    [KernelTheory]
    [InlineData(8, "free")]
    [InlineData(9, "blocked")]
    public async Task Why_CrowdedSlot_AsksTheAddressAndTheWildcardsEach(int others, string verdict)
    {
        await using var host = await TestHost.OpenAsync(ownUdpTable: true);
        var crowd = string.Concat(Enumerable.Range(1, others).Select(n => $" and udp 127.0.1.{n} 5353 reuseaddr"));
        await host.StartScriptAsync("hold.py", "udp 0.0.0.0 5353 reuseaddr and udp 127.0.0.1 5353 reuseaddr reuseport" + crowd);
        Assert.Equal(verdict, (await host.WhyAsync("127.0.0.1:5353/udp --reuse-port")).Verdict);
        var kernel = await host.RunAsync("python3", "-S", "-c", "import socket as s; u = s.socket(s.AF_INET, s.SOCK_DGRAM); u.setsockopt(s.SOL_SOCKET, s.SO_REUSEPORT, 1); u.bind(('127.0.0.1', 5353))");
        Assert.Equal(verdict == "free", kernel.ExitCode == 0);
    }

    [KernelTheory]
    [InlineData("udp 0.0.0.0 5353", "5353", true)]
    [InlineData("udp :: 5353", "127.0.0.1:5353", true)]
    [InlineData("udp 127.0.0.1 5353", "localhost:5353", true)]
    [InlineData("udp 127.0.0.1 5353", "127.0.0.2:5353", false)]
    [InlineData("udp 0.0.0.0 5353", "5353/tcp", false)]
    [InlineData("udp 0.0.0.0 5353", "5354", false)]
    [InlineData("udp 0.0.0.0 5353", "http://localhost:5353", false)]
    public async Task Why_BareNumberThatUdpHas_SaysSo(string held, string target, bool expected)
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("hold.py", held);
        var answer = await host.WhyAsync(target);
        answer.Is("free", null, "free");
        var warning = answer.Warnings.SingleOrDefault(static w => w.Id == "udp-taken");
        answer.Has(warning is not null == expected, expected ? "a word about UDP" : "no word about UDP");
        if (!expected)
            return;
        var command = warning!.Text[(warning.Text.IndexOf(": ", StringComparison.Ordinal) + 2)..];
        Assert.Equal($"UDP port 5353 is taken by hold.py (python3, pid {program.Pid}): bindwise why {target}/udp", warning.Text);
        (await host.WhyAsync(command["bindwise why ".Length..])).Is("blocked", "EADDRINUSE", "udp-socket");
        // Who may not see the holder is told how.
        var hidden = await host.WhyAsAsync(TestHost.Nobody, target);
        hidden.Has(hidden.Warnings.Any(static w => w.Text.Contains("a process of another user (run with sudo to see which)", StringComparison.Ordinal)), "how to see who");
    }

    [KernelFact]
    public async Task Why_BareNumberThatTcpHasToo_SaysNothingOfUdp()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "udp 0.0.0.0 5353 and tcp 0.0.0.0 5353 listen");
        var answer = await host.WhyAsync("5353");
        answer.Is("blocked", "EADDRINUSE", "listener");
        Assert.DoesNotContain(answer.Warnings, static w => w.Id == "udp-taken");
    }

    // TCP is what is usually meant: UDP is answered where TCP does not explain the error.
    [KernelTheory]
    [InlineData("nginx: [emerg] bind() to 0.0.0.0:8080 failed (98: Address already in use)")]
    [InlineData("[ALERT] (1) : Starting frontend web: cannot bind socket (Address already in use) [0.0.0.0:8080]")]
    [InlineData("Port 8080 is already in use")]
    [InlineData("Error: bind EADDRINUSE null:8080", true)]
    [InlineData("Error: bind EADDRINUSE 0.0.0.0:8080", true)]
    public async Task Why_PastedLineThatLeavesTheProtocolOpen_IsAnsweredForUdpToo(string text, bool isOfBoth = false)
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "udp 0.0.0.0 8080");
        foreach (var isTcpTaken in (bool[])[false, true])
        {
            if (isTcpTaken)
                await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 listen");
            var answers = Answers.Asking.Answers(await host.RunAsync(Programs.Bindwise, "why", "--json", text));
            Assert.Equal(isTcpTaken ? isOfBoth ? ["blocked", "blocked"] : ["blocked"] : ["blocked", "free"], answers.Select(static answer => answer.Verdict).Order(StringComparer.Ordinal));
            Assert.Equal(!isTcpTaken || isOfBoth ? 1 : 0, answers.Count(static answer => answer.Verdict == "blocked" && answer.Summary.Contains("8080/udp is taken", StringComparison.Ordinal)));
            Assert.Equal(1, (await host.RunAsync(Programs.Bindwise, "why", text)).ExitCode);
            var saved = Path.Combine(host.Folder, "snapshot.json");
            var asked = await host.RunAsync(Programs.Bindwise, "why", "-q", text, "--save-snapshot", saved);
            Assert.Equal(asked.Output, (await host.RunAsync(Programs.Bindwise, "why", "-q", text, "--snapshot", saved)).Output);
        }
    }

    /// <summary>Both protocols are asked about; the holder of the one that such an error seldom means is left alone.</summary>
    [KernelTheory]
    [InlineData("docker: Error response from daemon: driver failed: Bind for 0.0.0.0:8080 failed: port is already allocated.", "tcp")]
    [InlineData("error: bind(0.0.0.0:8080): Address already in use", "tcp")]
    [InlineData("Error: bind EADDRINUSE 0.0.0.0:8080", "udp")]
    public async Task Pasted_LeavesTheProtocolOpen_OnlyTheLikelierIsFreed(string text, string likelier)
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", likelier == "tcp" ? "udp 0.0.0.0 8080" : "tcp 0.0.0.0 8080 listen");
        foreach (var isTaken in (bool[])[false, true])
        {
            if (isTaken)
                await host.StartScriptAsync("hold.py", likelier == "udp" ? "udp 0.0.0.0 8080" : "tcp 0.0.0.0 8080 listen");
            var freed = await host.RunAsync(Programs.Bindwise, "free", text, "--yes");
            Assert.Equal(1, freed.ExitCode);
            Assert.Contains("The error does not say its protocol", freed.Output, StringComparison.Ordinal);
            Assert.Equal(isTaken, freed.Output.Contains("SIGTERM", StringComparison.Ordinal));
            Assert.Contains("taken", (await host.RunAsync(Programs.Bindwise, "why", "-q", likelier == "tcp" ? "8080/udp" : "8080")).Output, StringComparison.Ordinal);
            Assert.Equal(0, (await host.RunAsync(Programs.Bindwise, "why", "-q", likelier == "udp" ? "8080/udp" : "8080")).ExitCode);
        }
        Assert.Equal(0, (await host.RunAsync(Programs.Bindwise, "free", likelier == "tcp" ? "0.0.0.0:8080/udp" : "0.0.0.0:8080", "--yes")).ExitCode);
    }

    [KernelFact]
    public async Task Pasted_ItsUdpSocketOpensAndCloses_IsSeenByWait()
    {
        const string text = "nginx: [emerg] bind() to 0.0.0.0:8080 failed (98: Address already in use)";
        await using var host = await TestHost.OpenAsync();
        var opening = host.Start(0, Programs.Bindwise, "wait", text, "--until", "listening", "--json");
        await host.StartScriptAsync("hold.py", "udp 0.0.0.0 8080");
        Assert.Contains("\"protocol\":\"udp\"", await opening.LineAsync(), StringComparison.Ordinal);
        await opening.EndAsync();
        Assert.Equal(0, opening.ExitCode);
        var timedOut = await host.RunAsync(Programs.Bindwise, "wait", text, "--until", "closed", "--timeout", "100ms");
        Assert.Equal(1, timedOut.ExitCode);
        Assert.Contains("something still listens on 0.0.0.0:8080/udp", timedOut.Error, StringComparison.Ordinal);
        var closing = host.Start(0, Programs.Bindwise, "wait", text, "--until", "closed");
        await Patience.UntilAsync(() => closing.Error.Contains("bindwise: waiting until", StringComparison.Ordinal), "the line that says what it waits for");
        Assert.Equal(0, (await host.RunAsync(Programs.Bindwise, "free", "8080/udp", "--yes")).ExitCode);
        await closing.EndAsync();
        Assert.Equal(0, closing.ExitCode);
        Assert.Contains("nothing listens on 0.0.0.0:8080/udp", closing.Error, StringComparison.Ordinal);
    }

    [KernelTheory]
    [InlineData("nginx: [emerg] bind() to 0.0.0.0:8080 failed (98: Address already in use)")]
    [InlineData("OSError: [Errno 98] Address already in use: 0.0.0.0:8080")]
    public async Task Pasted_OnlyUdpExplainsIt_IsWaitedForAndNotEnded(string text)
    {
        await using var host = await TestHost.OpenAsync();
        var holder = await host.StartScriptAsync("hold.py", "udp 0.0.0.0 8080");
        Assert.Equal(1, (await host.RunAsync(Programs.Bindwise, "wait", text, "--timeout", "100ms")).ExitCode);
        var following = host.Start(0, Programs.Bindwise, "why", text, "--follow", "--json");
        Assert.Contains("\"free\"", await following.LineAsync(), StringComparison.Ordinal);
        Assert.Contains("\"blocked\"", await following.LineAsync(), StringComparison.Ordinal);
        var late = await host.RunAsync(Programs.Bindwise, "wait", text, "--json", "--timeout", "1ms");
        Assert.Contains("\"protocol\":\"udp\"", late.Output, StringComparison.Ordinal);
        var waiting = host.Start(0, Programs.Bindwise, "wait", text);
        var refused = await host.RunAsync(Programs.Bindwise, "free", text, "--yes");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("For UDP: bindwise free ", refused.Output, StringComparison.Ordinal);
        Assert.False(waiting.HasEnded || following.HasEnded || holder.HasEnded);
        Assert.Equal(0, (await host.RunAsync(Programs.Bindwise, "free", refused.Output.Split("bindwise free ")[1].Split('\n')[0].Trim(), "--yes")).ExitCode);
        await Task.WhenAll(waiting.EndAsync(), following.EndAsync());
        Assert.Equal((0, 0), (waiting.ExitCode, following.ExitCode));
    }
}

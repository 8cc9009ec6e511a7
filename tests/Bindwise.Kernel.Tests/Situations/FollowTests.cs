using System.Globalization;
using System.Text.RegularExpressions;
using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>--follow: stays with the answer until the port is free, and says so.</summary>
[Trait("Lane", "second")]
public sealed partial class FollowTests
{
    private const string Orphan = "tcp 127.0.0.1 8080 then server.close listener.close";

    [KernelFact]
    public async Task Follow_AListenerThatEnds_TellsTheFirstAnswerAndTheLast()
    {
        await using var host = await TestHost.OpenAsync();
        var holder = await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8080 listen");
        var following = host.Start(0, Programs.Bindwise, "why", "127.0.0.1:8080", "--follow", "--quiet");
        Assert.StartsWith($"127.0.0.1:8080/tcp is taken (EADDRINUSE): hold.py (python3, pid {holder.Pid}) listens on", await following.LineAsync(), StringComparison.Ordinal);
        Assert.False(following.HasEnded);

        await host.SignalAsync(holder.Pid, "KILL");

        Assert.Matches(@"^127\.0\.0\.1:8080/tcp is free: a server can listen on it\.  \(after \d+ s\)$", await following.LineAsync());
        await following.EndAsync();
        Assert.Equal(0, following.ExitCode);
    }

    // The port stays taken: nothing more is ever written that could fail.
    [KernelFact]
    public async Task Follow_WithoutAReader_EndsWithItsLastAnswer()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8080 listen");
        var outcome = await host.RunAsync("/bin/sh", "-c", "{ \"$0\" why 127.0.0.1:8080 --follow --quiet; echo code $? >&2; } | head -n 1", Programs.Bindwise);
        Assert.StartsWith("127.0.0.1:8080/tcp is taken (EADDRINUSE)", outcome.Output, StringComparison.Ordinal);
        Assert.Equal("code 1\n", outcome.Error);
    }

    [KernelFact]
    public async Task Follow_Json_IsALineForEachChange()
    {
        await using var host = await TestHost.OpenAsync();
        var holder = await host.StartScriptAsync("hold.py", "udp 127.0.0.1 8080");
        var following = host.Start(0, Programs.Bindwise, "why", "127.0.0.1:8080/udp", "--follow", "--json");
        Assert.Contains("\"verdict\":\"blocked\"", await following.LineAsync(), StringComparison.Ordinal);

        await host.SignalAsync(holder.Pid, "KILL");

        Assert.Contains("\"verdict\":\"free\"", await following.LineAsync(), StringComparison.Ordinal);
        await following.EndAsync();
        Assert.Equal(0, following.ExitCode);
    }

    [KernelFact]
    public async Task Follow_ATimerOfTheKernel_EndsWithIt()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv4.tcp_fin_timeout", "60");
        await host.StartScriptAsync("connect.py", Orphan);
        await host.Sockets.UntilAsync(8080, "FIN_WAIT2");
        var outcome = await host.ReportAsync("127.0.0.1:8080 --plain --follow --quiet");
        Assert.Equal(0, outcome.ExitCode);
        var lines = outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length == 2 && lines[0].Contains("in FIN_WAIT2", StringComparison.Ordinal) && lines[1].Contains(" is free: ", StringComparison.Ordinal), outcome.ToString());
        Assert.DoesNotContain('\u001b', outcome.Output);
    }

    [KernelTheory]
    [InlineData(80)]
    [InlineData(24)]
    public async Task Follow_OnATerminal_CountsDownInOneLine(int columns)
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv4.tcp_fin_timeout", "60");
        await host.StartScriptAsync("connect.py", Orphan);
        await host.Sockets.UntilAsync(8080, "FIN_WAIT2");
        var outcome = await host.RunAsync(
            "python3", "-B", "-S", Programs.Script("in_terminal.py"), columns.ToString(CultureInfo.InvariantCulture), Programs.Bindwise, "why", "127.0.0.1:8080", "--follow", "--quiet");
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        var counted = Countdown().Matches(outcome.Output).Select(static match => match.Groups[1].Value).ToList();
        Assert.True(counted.Count > 1 && counted[0].Contains("free in", StringComparison.Ordinal), outcome.ToString());
        Assert.All(counted, line => Assert.True(line.Length < columns && !line.Contains('\n', StringComparison.Ordinal), line));
        Assert.Matches("\r\u001b\\[K\u001b\\[1;32m127\\.0\\.0\\.1:8080/tcp is free", outcome.Output);
    }

    [KernelFact]
    public async Task Follow_ASocketThatIsOnlyBound_WaitsForItsProcess()
    {
        await using var host = await TestHost.OpenAsync();
        var holder = await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8080");
        var following = host.Start(0, Programs.Bindwise, "why", "127.0.0.1:8080", "--follow", "--quiet");
        await following.LineAsync();
        await host.SignalAsync(holder.Pid, "KILL");
        Assert.Contains(" is free: ", await following.LineAsync(), StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Follow_AUnixSocket_WaitsForItsFileToo()
    {
        await using var host = await TestHost.OpenAsync();
        var path = Path.Combine(host.Folder, "app.sock");
        var holder = await host.StartScriptAsync("hold.py", $"unix {path} listen");
        var following = host.Start(0, Programs.Bindwise, "why", path, "--follow", "--quiet");
        await following.LineAsync();
        await host.SignalAsync(holder.Pid, "KILL");
        await host.SetUpAsync("rm " + path);
        Assert.Contains(" is free: ", await following.LineAsync(), StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Follow_WhatIsFree_EndsAtOnce()
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.ReportAsync("127.0.0.1:8080 --follow --quiet");
        Assert.Equal((0, 1), (outcome.ExitCode, outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length));
    }

    [KernelFact]
    public async Task Follow_CtrlC_EndsWith130()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8080 listen");
        // The signal comes when the first answer is there.
        const string Interrupt = "import signal, subprocess, sys; one = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, text=True); first = one.stdout.readline(); "
            + "one.send_signal(signal.SIGINT); print(first + one.stdout.read(), end=''); sys.exit(one.wait())";
        var outcome = await host.RunAsync("python3", "-S", "-c", Interrupt, Programs.Bindwise, "why", "127.0.0.1:8080", "--follow", "--quiet");
        Assert.Equal(130, outcome.ExitCode);
        Assert.Equal("", outcome.Error);
        Assert.Single(outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [GeneratedRegex("\r\u001b\\[K(  [^\r\u001b]*)")]
    private static partial Regex Countdown();
}

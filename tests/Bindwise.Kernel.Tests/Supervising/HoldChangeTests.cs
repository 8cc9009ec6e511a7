using System.Text.Json;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Supervising;

/// <summary>run --hold: restarts that somebody asks for, one start beside the other, and a service manager's protocol.</summary>
[Trait("Lane", "second")]
public sealed class HoldChangeTests
{
    [KernelFact]
    public async Task Watch_AChange_StartsItAgain()
    {
        await using var host = await TestHost.OpenAsync();
        var source = Path.Combine(host.Folder, "source");
        Directory.CreateDirectory(source);
        var (program, _, events) = await HoldTests.StartAsync(host, $"--watch {source}/**/*.py", "");
        await File.WriteAllTextAsync(Path.Combine(source, "a.txt"), "x");
        Directory.CreateDirectory(Path.Combine(source, "new"));
        await File.WriteAllTextAsync(Path.Combine(source, "new", "b.py"), "x");
        Assert.Contains("SIGTERM", await program.LineAsync(), StringComparison.Ordinal);
        await program.ReadyAsync();
        Assert.Contains($"restarted ok {source}/new/b.py changed", await HoldTests.EventsAsync(events));
    }

    [KernelFact]
    public async Task Overlap_TheNewOneIsUpBeforeTheOldOneStops()
    {
        await using var host = await TestHost.OpenAsync();
        var (program, pid, events) = await HoldTests.StartAsync(host, "--overlap", "");
        var (first, inode) = (program.Pid, program.Big("inode"));
        await host.SignalAsync(pid, "HUP");
        var next = await NextAsync(program);
        Assert.NotEqual(first, next.GetProperty("pid").GetInt32());
        Assert.Equal(inode, next.GetProperty("inode").GetUInt64());
        await Patience.UntilAsync(() => host.StateOf(first) == '-', "the end of the old one");
        Assert.Equal(next.GetProperty("pid").ToString(), await HoldTests.AskAsync(host, ""));
        await Patience.UntilAsync(() => File.ReadAllText(events).Contains("exited", StringComparison.Ordinal), "the event of the end");
        var order = (await HoldTests.EventsAsync(events)).ToList();
        Assert.True(order.LastIndexOf("listen ok ") < order.IndexOf("exited 5 "), string.Join('\n', order));
    }

    [KernelTheory]
    [InlineData("")]
    [InlineData("blocking")]
    [InlineData("polls")]
    [InlineData("copied")]
    [InlineData("blocking copied")]
    public async Task Overlap_OfAProgramThatSeesThatItsSocketListens_StopsTheOldOneAndClosesWhatIsNotTaken(string how)
    {
        await using var host = await TestHost.OpenAsync();
        var (program, pid, _) = await HoldTests.StartAsync(host, "--overlap", $"seen more {how}");
        await host.SignalAsync(pid, "HUP");
        Assert.Equal(2, (await NextAsync(program)).GetProperty("start").GetInt32());
        await Patience.UntilAsync(() => !host.Sockets.StatesOn(8081).Contains("LISTEN"), "the end of port 8081");
    }

    [KernelFact]
    public async Task Overlap_ANewOneThatFails_LeavesTheOldOne()
    {
        await using var host = await TestHost.OpenAsync();
        var (program, pid, _) = await HoldTests.StartAsync(host, "--overlap", "fail");
        await host.SignalAsync(pid, "HUP");
        await Patience.UntilAsync(() => program.Error.Contains("ended with exit code 9 before it was up: the old one goes on", StringComparison.Ordinal), "the line that tells of it");
        Assert.Equal($"{program.Pid}", await HoldTests.AskAsync(host, ""));
    }

    [KernelFact]
    public async Task Overlap_ANewOneThatFails_LeavesWhatTheOldOnePutIntoTheBackground()
    {
        await using var host = await TestHost.OpenAsync();
        var (program, pid, _) = await HoldTests.StartAsync(host, "--overlap", "fail helper");
        var helper = (int)program.Big("helper");
        await host.SignalAsync(pid, "HUP");
        await Patience.UntilAsync(() => program.Error.Contains("the old one goes on", StringComparison.Ordinal), "the line that tells of it");
        Assert.NotEqual('-', host.StateOf(helper));
        Assert.DoesNotContain("left behind", program.Error, StringComparison.Ordinal);
        Assert.Equal($"{program.Pid}", await HoldTests.AskAsync(host, ""));
    }

    [KernelFact]
    public async Task Overlap_ANewOneThatNeverComesUp_IsReplaced()
    {
        await using var host = await TestHost.OpenAsync();
        var (program, pid, events) = await HoldTests.StartAsync(host, "--overlap", "hang");
        await host.SignalAsync(pid, "HUP");
        // The second one must have counted itself: one that ends before would leave its number, at which it hangs, to the third.
        await Patience.UntilAsync(
            () => File.ReadAllText(events).Contains("restarted", StringComparison.Ordinal) && new FileInfo(Path.Combine(host.Folder, "starts")).Length == 2, "the second start");
        Assert.Equal($"{program.Pid}", await HoldTests.AskAsync(host, ""));
        await host.SignalAsync(pid, "HUP");
        Assert.Equal(3, (await NextAsync(program)).GetProperty("start").GetInt32());
    }

    [KernelTheory]
    [InlineData("")]
    [InlineData("seen")]
    public async Task ServiceManager_HearsOfEveryStateAndKeepsTheSockets(string words)
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsync(["python3", "-B", "-S", Programs.Script("hold_managed.py"), host.Folder, Programs.Bindwise, .. words.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.True(outcome.ExitCode == 0 && outcome.Output == "ok\n", outcome.ToString());
    }

    [KernelFact]
    public async Task ServiceManager_UnderAFloodOfAnotherUser_HearsTheProgramAndCanEndIt()
    {
        await using var host = await TestHost.OpenAsync();
        host.Limit = Patience.OfManyWaits;
        var outcome = await host.RunAsync(["python3", "-B", "-S", Programs.Script("hold_flooded.py"), host.Folder, Programs.Bindwise]);
        Assert.True(outcome.ExitCode == 0 && outcome.Output == "ok\n", outcome.ToString());
    }

    // What the new start tells, and that the old one was told to stop, come in any order.
    private static async Task<JsonElement> NextAsync(TestProgram program)
    {
        var lines = new[] { await program.LineAsync(), await program.LineAsync() }.Select(static line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal("SIGTERM", Assert.Single(lines, static line => line.TryGetProperty("signal", out _)).GetProperty("signal").GetString());
        return Assert.Single(lines, static line => line.TryGetProperty("start", out _));
    }
}

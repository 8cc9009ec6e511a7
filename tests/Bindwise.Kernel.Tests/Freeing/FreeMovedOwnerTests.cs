using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Freeing;

/// <summary>The socket that was shown moves on while the question waits: what is done is about that socket, and about nobody who was not shown.</summary>
[Trait("Lane", "second")]
public sealed class FreeMovedOwnerTests
{
    private const string Target = "127.0.0.1:8080";

    [KernelFact]
    public async Task Free_ServerThatBecameAnotherProgram_IsEnded()
    {
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsync("move.py", $"exec {FileOf(host)}");
        var outcome = await host.FreeInTerminalAsync("y", Target, Move(host, server));
        Assert.True(outcome.ExitCode == 0 && outcome.Flat.Contains("8080/tcp is free.", StringComparison.Ordinal), outcome.ToString());
        Assert.False(host.Lives(server.Pid));
    }

    [KernelTheory]
    [InlineData("child", "Nothing was done: ")]
    [InlineData("share", "It is still held: ")]
    public async Task Free_ListenerThatAChildGot_IsShownAndAskedAboutAgain(string way, string told)
    {
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsync("move.py", $"{way} {FileOf(host)}");
        var outcome = await host.FreeInTerminalAsync("y,y", Target, Move(host, server));
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        Assert.Contains($"{told}the socket has moved to move.py (python3, pid ", outcome.Flat, StringComparison.Ordinal);
        Assert.Contains("8080/tcp is free.", outcome.Flat, StringComparison.Ordinal);
    }

    [KernelTheory]
    [InlineData("y,y", true)]
    [InlineData("y,n", false)]
    public async Task Free_ListenerThatAnotherProcessWasSent_EndsThatOneAloneAndOnlyIfAskedAgain(string answers, bool isEnded)
    {
        await using var host = await TestHost.OpenAsync();
        var taker = await host.StartScriptAsync("move.py", $"take {FileOf(host)}");
        var server = await host.StartScriptAsync("move.py", $"pass {FileOf(host)}");
        var outcome = await host.FreeInTerminalAsync(answers, Target, Move(host, server));
        Assert.True(outcome.ExitCode == (isEnded ? 0 : 1), outcome.ToString());
        Assert.Contains("Nothing was done: the socket has moved to ", outcome.Flat, StringComparison.Ordinal);
        Assert.Equal((true, !isEnded), (host.Lives(server.Pid), host.Lives(taker.Pid)));
    }

    [KernelFact]
    public async Task Free_WithConsentGivenAhead_FollowsTheSocketAndTellsOfBoth()
    {
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsync("move.py", $"heir {FileOf(host)}");
        var answer = (await host.FreeAsync($"{Target} --yes")).Is("freed", null, "free", 0);
        Assert.Equal(2, answer.Sent.Count());
        Assert.Equal(server.Pid, answer.Sent.First().Pid);
        Assert.False(host.Lives(answer.Sent.Last().Pid!.Value));
    }

    private static string FileOf(TestHost host) => Path.Combine(host.Folder, "moved");

    private static string Move(TestHost host, TestProgram server) => $"kill -USR1 {server.Pid}; until [ -e {FileOf(host)} ]; do sleep 0.05; done";
}

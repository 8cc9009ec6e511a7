using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Staging;

namespace Bindwise.Kernel.Tests.Situations;

public sealed class SharingTests
{
    [KernelFact]
    public async Task Why_ReusePortGroup_IsASharedListenerOfAllItsProcesses()
    {
        await using var stage = await Stage.OpenAsync();
        var actors = new List<int>();
        for (var i = 0; i < 3; i++)
            actors.Add((await stage.ActAsync("hold.py", "tcp 0.0.0.0 8080 reuseport listen")).Pid);
        var answer = await stage.WhyAsync("0.0.0.0:8080");
        answer.Is("blocked", "EADDRINUSE", "shared-listener");
        Assert.Equal(3, answer.Blockers.Count);
        Assert.Equal(actors.Order(), answer.Owners.Select(static owner => owner.Pid!.Value).Order());
        Assert.Equal("ok", answer.ResultWith("0.0.0.0", "SO_REUSEPORT"));
        Assert.Equal("EADDRINUSE", answer.ResultWith("0.0.0.0", "SO_REUSEADDR"));
    }

    [KernelFact]
    public async Task Why_ReusePortAsTheSameUser_IsFree()
    {
        await using var stage = await Stage.OpenAsync();
        await stage.ActAsync("hold.py", "tcp 0.0.0.0 8080 reuseport listen");
        (await stage.WhyAsync("0.0.0.0:8080 --reuse-port")).Is("free", null, "free");
    }

    [KernelTheory]
    [InlineData("tcp ::1 8080 listen", "blocked", "reuseport-mismatch")]
    [InlineData("tcp ::1 8080 reuseport listen", "free", "free")]
    [InlineData("tcp 127.0.0.1 8080 reuseport listen", "free", "free")]
    public async Task Why_ReusePortOverAListenerOfOneFamily_IsDecidedForBoth(string words, string verdict, string cause)
    {
        await using var stage = await Stage.OpenAsync();
        await stage.ActAsync("hold.py", words);
        (await stage.WhyAsync("8080 --reuse-port")).Is(verdict, verdict == "free" ? null : "EADDRINUSE", cause);
    }

    [KernelFact]
    public async Task Why_ReusePortAsAnotherUser_IsAMismatch()
    {
        await using var stage = await Stage.OpenAsync();
        await stage.ActAsAsync(Stage.Daemon, "hold.py", "tcp 0.0.0.0 8080 reuseport listen");
        var answer = await stage.WhyAsync("0.0.0.0:8080 --reuse-port");
        answer.Is("blocked", "EADDRINUSE", "reuseport-mismatch");
        Assert.Equal("BW009", answer.Rule?.Id);
    }

    [KernelFact]
    public async Task Why_ReusePortOverAListenerWithout_IsAMismatch()
    {
        await using var stage = await Stage.OpenAsync();
        await stage.ActAsync("hold.py", "tcp 0.0.0.0 8080 listen");
        (await stage.WhyAsync("0.0.0.0:8080 --reuse-port")).Is("blocked", "EADDRINUSE", "reuseport-mismatch");
    }

    [KernelFact]
    public async Task Why_OneOfTheGroupStopped_StillNamesAll()
    {
        await using var stage = await Stage.OpenAsync();
        var actor = await stage.ActAsync("prefork.py", "4 own tcp 0.0.0.0 8080 reuseport listen");
        await stage.SignalAsync(actor.Numbers("workers")[0], "STOP");
        await stage.UntilStateAsync(actor.Numbers("workers")[0], 'T');
        var answer = await stage.WhyAsync("0.0.0.0:8080");
        answer.Is("blocked", "EADDRINUSE", "shared-listener");
        Assert.Equal(actor.Numbers("workers").Order(), answer.Owners.Select(static owner => owner.Pid!.Value).Order());
    }

    [KernelFact]
    public async Task Why_TwoHundredWorkers_AreSummedUpForPeopleAndWholeForPrograms()
    {
        await using var stage = await Stage.OpenAsync();
        var actor = await stage.ActAsync("prefork.py", "200 share tcp 0.0.0.0 8080 listen");
        var answer = await stage.WhyAsync("0.0.0.0:8080");
        answer.Is("blocked", "EADDRINUSE", "listener");
        var owners = Assert.Single(answer.Blockers).Owners;
        var creator = Assert.Single(owners, static owner => owner.Role == "creator");
        Assert.Equal(actor.Pid, creator.Pid);
        Assert.Equal(201, owners.Count);
        Assert.Equal(200, owners.Count(static owner => owner.Role == "inherited"));
        var told = await stage.TellAsync("0.0.0.0:8080");
        answer.Has(told.Output.Split('\n').Length < 40, $"fewer than 40 lines, not\n{told}");
        answer.Has(told.Output.Contains("200", StringComparison.Ordinal), $"how many workers\n{told}");
    }
}

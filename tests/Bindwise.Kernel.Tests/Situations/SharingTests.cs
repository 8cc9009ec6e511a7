using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

[Trait("Lane", "second")]
public sealed class SharingTests
{
    [KernelFact]
    public async Task Why_ReusePortGroup_IsASharedListenerOfAllItsProcesses()
    {
        await using var host = await TestHost.OpenAsync();
        var programs = new List<int>();
        for (var i = 0; i < 3; i++)
            programs.Add((await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 reuseport listen")).Pid);
        var answer = await host.WhyAsync("0.0.0.0:8080");
        answer.Is("blocked", "EADDRINUSE", "shared-listener");
        Assert.Equal(3, answer.Blockers.Count);
        Assert.Equal(programs.Order(), answer.Owners.Select(static owner => owner.Pid!.Value).Order());
        Assert.Equal("ok", answer.ResultWith("0.0.0.0", "SO_REUSEPORT"));
        Assert.Equal("EADDRINUSE", answer.ResultWith("0.0.0.0", "SO_REUSEADDR"));
    }

    [KernelFact]
    public async Task Why_ReusePortAsTheSameUser_IsFree()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 reuseport listen");
        (await host.WhyAsync("0.0.0.0:8080 --reuse-port")).Is("free", null, "free");
    }

    [KernelTheory]
    [InlineData("tcp ::1 8080 listen", "blocked", "reuseport-mismatch")]
    [InlineData("tcp ::1 8080 reuseport listen", "free", "free")]
    [InlineData("tcp 127.0.0.1 8080 reuseport listen", "free", "free")]
    public async Task Why_ReusePortOverAListenerOfOneFamily_IsDecidedForBoth(string words, string verdict, string cause)
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", words);
        (await host.WhyAsync("8080 --reuse-port")).Is(verdict, verdict == "free" ? null : "EADDRINUSE", cause);
    }

    [KernelFact]
    public async Task Why_ReusePortAsAnotherUser_IsAMismatch()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsAsync(TestHost.Daemon, "hold.py", "tcp 0.0.0.0 8080 reuseport listen");
        var answer = await host.WhyAsync("0.0.0.0:8080 --reuse-port");
        answer.Is("blocked", "EADDRINUSE", "reuseport-mismatch");
        Assert.Equal("BW009", answer.Rule?.Id);
    }

    [KernelFact]
    public async Task Why_ReusePortOverAListenerWithout_IsAMismatch()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 listen");
        (await host.WhyAsync("0.0.0.0:8080 --reuse-port")).Is("blocked", "EADDRINUSE", "reuseport-mismatch");
    }

    [KernelTheory]
    [InlineData("reuseport", true)]
    [InlineData("", false)]
    public async Task Why_ReusePortListenerBesideTimeWait_AdvisesTheOptionOnlyWhereItHelps(string old, bool isAdvised)
    {
        await Passing.PlayAsync("serve_many.py", $"1 tcp 127.0.0.2 8080 {old} listen", "TIME_WAIT", async host =>
        {
            await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8080 reuseaddr reuseport listen");
            var answer = await host.WhyAsync("0.0.0.0:8080 --plain");
            answer.Is("blocked", "EADDRINUSE", "listener");
            Assert.Equal(isAdvised, answer.Remedies.Any(static remedy => remedy.Id == "set-reuse-port"));
            answer = await host.WhyAsync("0.0.0.0:8080 --reuse-port");
            Assert.Equal(isAdvised, answer.Verdict == "free");
        });
    }

    [KernelFact]
    public async Task Why_OneOfTheGroupStopped_StillNamesAll()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("prefork.py", "4 own tcp 0.0.0.0 8080 reuseport listen");
        await host.SignalAsync(program.Numbers("workers")[0], "STOP");
        await host.UntilStateAsync(program.Numbers("workers")[0], 'T');
        var answer = await host.WhyAsync("0.0.0.0:8080");
        answer.Is("blocked", "EADDRINUSE", "shared-listener");
        Assert.Equal(program.Numbers("workers").Order(), answer.Owners.Select(static owner => owner.Pid!.Value).Order());
    }

    [KernelFact]
    public async Task Why_TwoHundredWorkers_AreSummedUpForPeopleAndWholeForPrograms()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("prefork.py", "200 share tcp 0.0.0.0 8080 listen");
        var answer = await host.WhyAsync("0.0.0.0:8080");
        answer.Is("blocked", "EADDRINUSE", "listener");
        var owners = Assert.Single(answer.Blockers).Owners;
        var creator = Assert.Single(owners, static owner => owner.Role == "creator");
        Assert.Equal(program.Pid, creator.Pid);
        Assert.Equal(201, owners.Count);
        Assert.Equal(200, owners.Count(static owner => owner.Role == "inherited"));
        var told = await host.ReportAsync("0.0.0.0:8080");
        answer.Has(told.Output.Split('\n').Length < 40, $"fewer than 40 lines, not\n{told}");
        answer.Has(told.Output.Contains("200", StringComparison.Ordinal), $"how many workers\n{told}");
    }
}

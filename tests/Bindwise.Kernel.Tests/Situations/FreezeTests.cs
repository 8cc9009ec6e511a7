using System.Globalization;
using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Staging;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>A holder that its cgroup has frozen: SIGTERM waits until it is thawed.</summary>
public sealed class FreezeTests
{
    [KernelTheory]
    [InlineData(false, "tcp 0.0.0.0 8080 listen", "8080")]
    [InlineData(true, "tcp 0.0.0.0 8080 listen", "8080")]
    [InlineData(false, "udp 0.0.0.0 8080", "8080/udp")]
    public async Task Why_HolderInAFrozenCgroup_IsToldWithTheThawAndEndedByIt(bool isVersion1, string holding, string target)
    {
        await using var stage = await Stage.OpenAsync();
        await using var group = await Cgroup.MakeAsync(stage, "bindwise-frozen/inner", isVersion1);
        var actor = await stage.ActAsync("hold_and_handle.py", holding);
        await group.PutAsync(actor.Pid);
        await group.FreezeAsync(above: "bindwise-frozen");
        var answer = await stage.WhyAsync(target);
        answer.Is("blocked", "EADDRINUSE", "frozen-process").Has(Assert.Single(answer.Owners) is { State: "frozen" } owner && owner.Pid == actor.Pid, "the holder, frozen");
        // A signal alone waits (of cgroups v1 even SIGKILL does).
        await stage.SignalAsync(actor.Pid, "TERM");
        Assert.True(await IsTermPendingAsync(stage, actor.Pid));
        Assert.Equal("thaw-and-stop", answer.Remedies[0].Id);
        Assert.Equal("thaw", answer.Remedies[1].Id);
        await RunAsync(stage, answer.Remedies[0]);
        await stage.UntilStateAsync(actor.Pid, '-');
        Assert.Equal("free", (await stage.WhyAsync(target)).Verdict);
    }

    [KernelFact]
    public async Task Why_FrozenHolderThatIsOnlyThawed_RunsOnAndIsAnOrdinaryListener()
    {
        await using var stage = await Stage.OpenAsync();
        await using var group = await Cgroup.MakeAsync(stage, "bindwise-frozen");
        var actor = await stage.ActAsync("hold_and_handle.py", "tcp 0.0.0.0 8080 listen");
        await group.PutAsync(actor.Pid);
        await group.FreezeAsync();
        var answer = await stage.WhyAsync("8080");
        Assert.Contains("its cgroup is frozen", answer.Summary, StringComparison.Ordinal);
        await RunAsync(stage, answer.Remedies.Single(static r => r.Id == "thaw"));
        (await stage.WhyAsync("8080")).Is("blocked", "EADDRINUSE", "listener");
    }

    [KernelFact]
    public async Task Why_FrozenUnit_IsThawedBySystemctl()
    {
        await using var stage = await Stage.OpenAsync();
        await using var group = await Cgroup.MakeAsync(stage, "system.slice/bindwise-frozen.service");
        var actor = await stage.ActAsync("hold.py", "tcp 0.0.0.0 8080 listen");
        await group.PutAsync(actor.Pid);
        await group.FreezeAsync();
        var answer = await stage.WhyAsync("8080");
        answer.Is("blocked", "EADDRINUSE", "frozen-process");
        Assert.Equal("sudo systemctl thaw bindwise-frozen.service && sudo systemctl stop bindwise-frozen.service", answer.Remedies[0].Command);
        Assert.Equal("sudo systemctl thaw bindwise-frozen.service", answer.Remedies[1].Command);
    }

    private static async Task RunAsync(Stage stage, AnswerRemedy remedy)
    {
        var outcome = await stage.RunAsync("/bin/sh", "-c", remedy.Command!);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
    }

    /// <summary>SIGTERM waits for the process (ShdPnd of /proc/PID/status).</summary>
    private static async Task<bool> IsTermPendingAsync(Stage stage, int pid)
    {
        var outcome = await stage.RunAsync("/bin/sh", "-c", string.Create(CultureInfo.InvariantCulture, $"sed -n 's/^ShdPnd:[[:space:]]*//p' /proc/{pid}/status"));
        var mask = ulong.Parse(outcome.Output.Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return (mask & (1UL << (15 - 1))) != 0;
    }
}

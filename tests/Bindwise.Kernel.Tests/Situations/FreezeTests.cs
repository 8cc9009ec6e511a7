using System.Globalization;
using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

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
        await using var host = await TestHost.OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, "bindwise-frozen/inner", isVersion1);
        var program = await host.StartScriptAsync("hold_and_handle.py", holding);
        await group.PutAsync(program.Pid);
        await group.FreezeAsync(above: "bindwise-frozen");
        var answer = await host.WhyAsync(target);
        answer.Is("blocked", "EADDRINUSE", "frozen-process").Has(Assert.Single(answer.Owners) is { State: "frozen" } owner && owner.Pid == program.Pid, "the holder, frozen");
        // A signal alone waits (of cgroups v1 even SIGKILL does).
        await host.SignalAsync(program.Pid, "TERM");
        Assert.True(await IsTermPendingAsync(host, program.Pid));
        Assert.Equal("thaw-and-stop", answer.Remedies[0].Id);
        Assert.Equal("thaw", answer.Remedies[1].Id);
        await RunAsync(host, answer.Remedies[0]);
        await host.UntilStateAsync(program.Pid, '-');
        Assert.Equal("free", (await host.WhyAsync(target)).Verdict);
    }

    [KernelFact]
    public async Task Why_FrozenHolderThatIsOnlyThawed_RunsOnAndIsAnOrdinaryListener()
    {
        await using var host = await TestHost.OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, "bindwise-frozen");
        var program = await host.StartScriptAsync("hold_and_handle.py", "tcp 0.0.0.0 8080 listen");
        await group.PutAsync(program.Pid);
        await group.FreezeAsync();
        var answer = await host.WhyAsync("8080");
        Assert.Contains("its cgroup is frozen", answer.Summary, StringComparison.Ordinal);
        await RunAsync(host, answer.Remedies.Single(static r => r.Id == "thaw"));
        (await host.WhyAsync("8080")).Is("blocked", "EADDRINUSE", "listener");
    }

    [KernelFact]
    public async Task Why_FrozenUnit_IsThawedBySystemctl()
    {
        await using var host = await TestHost.OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, "system.slice/bindwise-frozen.service");
        var program = await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 listen");
        await group.PutAsync(program.Pid);
        await group.FreezeAsync();
        var answer = await host.WhyAsync("8080");
        answer.Is("blocked", "EADDRINUSE", "frozen-process");
        Assert.Equal("systemctl thaw bindwise-frozen.service && systemctl stop bindwise-frozen.service", answer.Remedies[0].Command);
        Assert.Equal("systemctl thaw bindwise-frozen.service", answer.Remedies[1].Command);
    }

    private static async Task RunAsync(TestHost host, AnswerRemedy remedy)
    {
        var outcome = await host.RunAsync("/bin/sh", "-c", remedy.Command!);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
    }

    /// <summary>SIGTERM waits for the process (ShdPnd of /proc/PID/status).</summary>
    private static async Task<bool> IsTermPendingAsync(TestHost host, int pid)
    {
        var outcome = await host.RunAsync("/bin/sh", "-c", string.Create(CultureInfo.InvariantCulture, $"sed -n 's/^ShdPnd:[[:space:]]*//p' /proc/{pid}/status"));
        var mask = ulong.Parse(outcome.Output.Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return (mask & (1UL << (15 - 1))) != 0;
    }
}

using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Staging;

namespace Bindwise.Kernel.Tests.Situations;

public sealed class PortZeroTests
{
    [KernelFact]
    public async Task Why_EveryEphemeralPortTaken_IsExhaustionAndByWhom()
    {
        await using var stage = await Stage.OpenAsync();
        await stage.SetAsync("net.ipv4.ip_local_port_range", "40000 40001");
        await stage.ActAsync("fill_ports.py", "40000 40001");
        var answer = await stage.WhyAsync("0.0.0.0:0");
        answer.Is("blocked", "EADDRINUSE", "ports-exhausted");
        answer.Has(answer.Outcome.Output.Contains("fill_ports.py", StringComparison.Ordinal)
            || answer.Outcome.Output.Contains("python3", StringComparison.Ordinal), "by whom");
    }

    [KernelFact]
    public async Task Why_OneEphemeralPortLeft_IsFree()
    {
        await using var stage = await Stage.OpenAsync();
        await stage.SetAsync("net.ipv4.ip_local_port_range", "40000 40001");
        await stage.ActAsync("fill_ports.py", "40000 40000");
        (await stage.WhyAsync("0.0.0.0:0")).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_EveryPortLeftIsReserved_IsExhaustion()
    {
        await using var stage = await Stage.OpenAsync();
        await stage.SetAsync("net.ipv4.ip_local_port_range", "40000 40003");
        await stage.SetAsync("net.ipv4.ip_local_reserved_ports", "40002-40003");
        await stage.ActAsync("fill_ports.py", "40000 40001");
        (await stage.WhyAsync("0.0.0.0:0")).Is("blocked", "EADDRINUSE", "ports-exhausted");
        (await stage.WhyAsync("40002")).Is("free", null, "free");
    }
}

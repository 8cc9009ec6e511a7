using Bindwise.Linux.Live;
using Bindwise.Linux.Tests.Kernel;
using Bindwise.Model.Scenarios;

namespace Bindwise.Linux.Tests.Live;

/// <summary>Processes of a scenario where there is no program to play them; where there is one, the tests of the kernel try them.</summary>
public sealed class LiveProcessTests
{
    private static readonly OpenStep Open = new("a", Protocol.Tcp, IpFamily.IPv4) { Process = "p" };

    [KernelFact]
    public void Open_InAProcessWithoutTheProgramBeside_SaysWhatIsMissing() => PoolThread.Run(pool =>
    {
        using var host = pool.Lease(ScenarioNeeds.Of(new Scenario("", [Open])));
        var exception = Assert.Throws<LiveUnavailableException>(() => host.Play(Open));
        Assert.StartsWith("a scenario's processes are run by the program bindwise, which is missing next to this one (", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    });

    [KernelFact]
    public void End_OfAProcessThatNeverWas_IsESRCH() => PoolThread.Run(pool =>
    {
        using var host = pool.Lease(ScenarioNeeds.Of(new Scenario("", [Open])));
        Assert.Equal("ESRCH", host.Play(new SignalStep("p", ProcessSignal.Kill)).Result);
        Assert.Equal("ESRCH", host.Play(new ExitStep("p")).Result);
    });
}

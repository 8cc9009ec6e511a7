using Bindwise.Fuzz.Generating.Filtering;
using Bindwise.Model.Scenarios;

namespace Bindwise.Fuzz.Tests.Generating;

public sealed class ReleaseFilterTests
{
    private static readonly Scenario Narrow = BindText.Parse("""
        sysctl net.ipv4.ip_local_port_range = 40000 40001
        sysctl net.ipv4.tcp_tw_reuse = 1
        a = tcp 127.0.0.1:0 listen
        """).Scenario!;

    [Fact]
    public void For_ReleaseWithTheDelay_ChangesNothing() => Assert.Same(Narrow, ReleaseFilter.For(new KernelRelease(6, 14), Narrow));

    [Fact]
    public void For_OlderRelease_ForbidsWhatHangsOnItsClock()
    {
        var playable = ReleaseFilter.For(new KernelRelease(6, 12), Narrow);

        Assert.Equal(new SysctlStep("net.ipv4.tcp_tw_reuse", "0"), playable.Steps[0]);
        Assert.Single(playable.Steps, static step => step is SysctlStep { Name: "net.ipv4.tcp_tw_reuse" });
        Assert.Equal(Narrow.Steps.Length, playable.Steps.Length);
    }

    [Fact]
    public void For_OlderRelease_LeavesTheWholeRangeAlone()
    {
        var wide = BindText.Parse("a = tcp 127.0.0.1:8080 listen").Scenario!;

        Assert.Same(wide, ReleaseFilter.For(new KernelRelease(5, 10), wide));
    }
}

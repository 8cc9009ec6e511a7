using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Kernel.Tests.Recording;

public sealed class RecordingCaseHostsTests
{
    [Theory]
    [InlineData(false, 66)]
    [InlineData(true, 0)]
    public void CaseThatWaits_WaitsUnlessFast(bool isFast, int seconds)
    {
        var hosts = new RecordingCaseHosts(new RecordingOptions { IsFast = isFast });
        Assert.Equal(seconds, hosts.WaitsOf(new Scenario("", [new WaitStep(66)])).MostSeconds);
    }
}

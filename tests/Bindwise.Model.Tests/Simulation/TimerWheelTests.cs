using Bindwise.Model.Sockets;

namespace Bindwise.Model.Tests.Simulation;

public sealed class TimerWheelTests
{
    [Theory]
    [InlineData(100, 5120)]
    [InlineData(250, 2048)]
    [InlineData(300, 1706)]
    [InlineData(1000, 4096)]
    public void Slack_OfAMinute_IsTheSlotOfItsLevel(int hertz, int milliseconds) =>
        Assert.Equal(milliseconds, TimerWheel.SlackMilliseconds(TimerWheel.TimeWaitMilliseconds, 1_000_000_000L / hertz));
}

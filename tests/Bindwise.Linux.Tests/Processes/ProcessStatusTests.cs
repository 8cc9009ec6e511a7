using Bindwise.Linux.Processes;

namespace Bindwise.Linux.Tests.Processes;

public class ProcessStatusTests
{
    [Fact]
    public void Parse_StatusOfAContainersProcess_TakesTheEffectiveIdsAndTheInnermostPid()
    {
        var status = ProcessStatus.Parse("Name:\tUid:\t7\nUid:\t1000\t33\t44\t55\nGid:\t1\t2\t3\t4\nNSpid:\t4242\t17\t1\nCapEff:\t0000000000000400\n"u8);
        Assert.Equal((33u, 2u, 1, 0x400ul), (status.User, status.Group, status.InnerId, status.Capabilities));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Uid:\nGid:\nCapEff:\nNSpid:\n")]
    [InlineData("Uid:\tx\ty\nGid:\t-1\t-2\nCapEff:\t00zz\nNSpid:\t\t\n")]
    [InlineData("Uid:\t99999999999\t99999999999\nCapEff:\tfffffffffffffffff\n")]
    public void Parse_OtherText_TellsNothing(string text)
    {
        var status = ProcessStatus.Parse(System.Text.Encoding.UTF8.GetBytes(text));
        Assert.Equal(default, status);
    }
}

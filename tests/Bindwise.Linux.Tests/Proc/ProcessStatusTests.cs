using System.Text;
using Bindwise.Linux.Proc;

namespace Bindwise.Linux.Tests.Proc;

public class ProcessStatusTests
{
    [Fact]
    public void Parse_StatusOfAContainersProcess_TakesTheEffectiveIdsAndTheInnermostPid()
    {
        var status = ProcessStatus.Parse("Name:\tUid:\t7\nUid:\t1000\t33\t44\t55\nGid:\t1\t2\t3\t4\nNSpid:\t4242\t17\t1\nCapEff:\t0000000000000400\n"u8);
        Assert.Equal((33u, 2u, 1, 0x400ul), (status.User, status.Group, status.InnerId, status.EffectiveCapabilities));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Uid:\nGid:\nCapEff:\nNSpid:\n")]
    [InlineData("Uid:\tx\ty\nGid:\t-1\t-2\nCapEff:\t00zz\nNSpid:\t\t\n")]
    [InlineData("Uid:\t99999999999\t99999999999\nCapEff:\tfffffffffffffffff\n")]
    public void Parse_OtherText_TellsNothing(string text)
    {
        var status = ProcessStatus.Parse(Encoding.UTF8.GetBytes(text));
        Assert.Equal(default, status);
    }

    [Fact]
    public void Parse_LinesOfRights_AreRead()
    {
        var status = ProcessStatus.Parse("Name:\tnginx\nCapEff:\t0000000000000400\nCapBnd:\t000001ffffffffff\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t3\n"u8);
        Assert.Equal(new ProcessStatus { EffectiveCapabilities = 0x400, BoundingCapabilities = 0x1ffffffffff, NoNewPrivileges = 1, SeccompMode = 2, SeccompFilters = 3 }, status);
        Assert.Equal(default, ProcessStatus.Parse("CapEff:\tx\nSeccomp:\nNoNewPrivs:\t-1\nnothing"u8));
    }

    [Theory]
    [InlineData("Name:\tx\nNSpid:\t4121\t7\nNSpgid:\t1\t1\n", 4121, 7)]
    [InlineData("Name:\tx\nNSpid:\t4121\t70\t1\nNSpgid:\t1\n", 4121, 1)]
    [InlineData("Name:\tx\nNSpid:\t4121\nNSpgid:\t1\t9\n", 4121, null)]
    [InlineData("Name:\tNSpid:\t3\t4\nNStgid:\t1\t2\n", null, null)]
    [InlineData("Name:\tx\nNSpid:\t4121\t7", null, null)]
    [InlineData("Name:\tx\nNSpid:\t4121\tx7\n", null, null)]
    [InlineData("Name:\tx\nNSpid:\t-1\n", null, null)]
    [InlineData("Name:\tx\nNSpid:\t\n", null, null)]
    [InlineData("", null, null)]
    public void TryFindIds_AStatusFile_GivesTheFirstNumberAndTheLastOfSeveral(string status, int? outer, int? inner)
    {
        var isFound = ProcessStatus.TryFindIds(Encoding.UTF8.GetBytes(status), out var first, out var last);
        Assert.Equal(outer, isFound ? first : null);
        Assert.Equal(inner, isFound ? last : null);
    }
}

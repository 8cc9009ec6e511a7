using System.Text;
using Bindwise.Linux.Processes;

namespace Bindwise.Linux.Tests.Processes;

public sealed class NamespacePidsTests
{
    [Theory]
    [InlineData("Name:\tx\nNSpid:\t4121\t7\nNSpgid:\t1\t1\n", 7)]
    [InlineData("Name:\tx\nNSpid:\t4121\t70\t1\nNSpgid:\t1\n", 1)]
    [InlineData("Name:\tx\nNSpid:\t4121\nNSpgid:\t1\t9\n", null)]
    [InlineData("Name:\tNSpid:\t3\t4\nNStgid:\t1\t2\n", null)]
    [InlineData("Name:\tx\nNSpid:\t4121\t7", null)]
    [InlineData("Name:\tx\nNSpid:\t4121\tx7\n", null)]
    [InlineData("", null)]
    public void Innermost_AStatusFile_IsTheLastNumberOfSeveral(string status, int? expected) =>
        Assert.Equal(expected, NamespacePids.Innermost(Encoding.UTF8.GetBytes(status)));
}

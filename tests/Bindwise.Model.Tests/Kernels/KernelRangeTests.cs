using Bindwise.Model.Kernels;

namespace Bindwise.Model.Tests.Kernels;

public sealed class KernelRangeTests
{
    [Theory]
    [InlineData("6.1..6.7", "6.1.0", true)]
    [InlineData("6.1..6.7", "6.7.99-rc1", true)]
    [InlineData("6.1..6.7", "6.8", false)]
    [InlineData("6.1..6.7", "5.20", false)]
    [InlineData("6.8..", "6.18.44-fc-v657", true)]
    [InlineData("6.8..", "10.0.1", true)]
    [InlineData("6.8..", "6.7", false)]
    [InlineData("..6.7", "3.10.0", true)]
    [InlineData("..6.7", "6.10", false)]
    [InlineData("6.18", "6.18.2", true)]
    [InlineData("6.18", "6.19", false)]
    [InlineData("6.18", "unreadable", false)]
    public void Includes_Release_ByItsFirstTwoNumbers(string text, string release, bool isIncluded)
    {
        Assert.True(KernelRange.TryParse(text, out var range));
        Assert.Equal(isIncluded, range.Includes(release));
        Assert.Equal(text, range.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("6")]
    [InlineData("6.7..6.1")]
    [InlineData("6.1.2")]
    [InlineData("6.1-6.7")]
    [InlineData("99999.1")]
    public void TryParse_WhatIsNoRange_IsRefused(string text) => Assert.False(KernelRange.TryParse(text, out _));

    [Fact]
    public void All_AnyRelease_IsIncluded()
    {
        Assert.True(KernelRange.All.Includes("unreadable"));
        Assert.Equal("", KernelRange.All.ToString());
    }
}

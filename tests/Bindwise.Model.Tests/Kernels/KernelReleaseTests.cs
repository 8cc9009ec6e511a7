namespace Bindwise.Model.Tests.Kernels;

public sealed class KernelReleaseTests
{
    [Theory]
    [InlineData("6.18.44-fc-v657", 6, 18)]
    [InlineData("6.1.0-40-cloud-amd64", 6, 1)]
    [InlineData("5.15.0-91-generic", 5, 15)]
    [InlineData("6.12.107+deb13-cloud-amd64", 6, 12)]
    [InlineData("7.2", 7, 2)]
    [InlineData("7.2-rc3", 7, 2)]
    public void TryParse_OfUname_TakesTheFirstTwoNumbers(string text, int major, int minor)
    {
        Assert.True(KernelRelease.TryParse(text, out var release));
        Assert.Equal(new KernelRelease(major, minor), release);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("6")]
    [InlineData("6.")]
    [InlineData(".1")]
    [InlineData("6.x")]
    [InlineData("6.1x")]
    [InlineData("v6.1")]
    [InlineData("123456.1")]
    [InlineData("6.123456")]
    public void TryParse_WhatNamesNone_IsRefused(string? text)
    {
        Assert.False(KernelRelease.TryParse(text, out _));
        Assert.Equal(KernelRelease.Documented, KernelRelease.OfOrDocumented(text));
    }

    [Theory]
    [InlineData("4.19", KernelCertainty.Unproven)]
    [InlineData("5.10", KernelCertainty.Played)]
    [InlineData("5.15", KernelCertainty.SourceRead)]
    [InlineData("6.18", KernelCertainty.Played)]
    [InlineData("7.9", KernelCertainty.Unproven)]
    internal void Certainty_ByWhatWasPlayed(string text, KernelCertainty certainty)
    {
        Assert.True(KernelRelease.TryParse(text, out var release));
        Assert.Equal(certainty, release.Certainty);
    }

    [Fact]
    public void Has_AChange_SinceItsReleaseAndWhereItWasTakenOver()
    {
        Assert.False(new KernelRelease(6, 2).Has(KernelChanges.OwnPortRange));
        Assert.True(new KernelRelease(6, 1).Has(KernelChanges.OwnPortRange));
        Assert.True(new KernelRelease(6, 3).Has(KernelChanges.OwnPortRange));
        Assert.True(new KernelRelease(10, 0).Has(KernelChanges.OwnPortRange));
    }

    [Fact]
    public void Has_AChangeThatNoReleaseHas_WhereItWasBuiltIn()
    {
        var built = new KernelRelease(6, 1) with { HasOneTablePerSocket = true };
        Assert.False(new KernelRelease(10, 0).Has(KernelChanges.OneTablePerSocket));
        Assert.True(built.Has(KernelChanges.OneTablePerSocket));
        Assert.True(built.Has(KernelChanges.OwnPortRange));
        Assert.Equal(KernelCertainty.Played, built.Certainty);
        Assert.Equal("6.1", built.ToString());
        Assert.Equal(new KernelRelease(6, 1), built.AsReleased);
    }
}

using Bindwise.Model.Platforms;
using Bindwise.Model.Platforms.Matrices;

namespace Bindwise.Model.Tests.Platforms;

/// <summary>The words of --first and --second.</summary>
public class MatrixSpecTests
{
    [Theory]
    [InlineData("tcp reuseaddr 0.0.0.0 listen")]
    [InlineData("udp reuseport 127.0.0.1:53 connected")]
    [InlineData("tcp reuseport_lb exclusive v6only user 33 [::]:443 listen")]
    [InlineData("tcp dual root [::] time-wait")]
    [InlineData("tcp [::1]")]
    public void Read_WhatASocketSays_IsThatSocket(string text) => Assert.Equal(text, MatrixSpec.Read(text).Value!.ToString());

    [Theory]
    [InlineData("LISTEN 0.0.0.0")]
    [InlineData("")]
    [InlineData("tcp")]
    [InlineData("0.0.0.0 127.0.0.1")]
    [InlineData("0.0.0.0:0")]
    [InlineData("0.0.0.0:65536")]
    [InlineData("[::]x")]
    [InlineData("[::1:80")]
    [InlineData("[127.0.0.1]:80")]
    [InlineData("0.0.0.0:")]
    [InlineData("user 0.0.0.0")]
    [InlineData("user -1 0.0.0.0")]
    [InlineData("v6only 0.0.0.0")]
    [InlineData("udp 0.0.0.0 listen")]
    [InlineData("udp 0.0.0.0 time-wait")]
    [InlineData("reuseaddr\u202e 0.0.0.0")]
    public void Read_Nonsense_SaysWhatIsRight(string text)
    {
        var read = MatrixSpec.Read(text);
        Assert.Null(read.Value);
        Assert.EndsWith("as in: tcp reuseaddr 0.0.0.0:8080 listen", read.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_EndlessText_IsRefused() => Assert.NotNull(MatrixSpec.Read(new string('x', 100_000)).Error);

    [Fact]
    public void Cell_ConnectionOfAWildcard_StandsOnLoopback()
    {
        // Nothing of the wildcard is left: another specific address is free.
        Assert.Equal("ok BW002", Ask.Pair("linux", "0.0.0.0 time-wait", "127.0.0.2"));
        Assert.Equal("EADDRINUSE BW005", Ask.Pair("linux", "0.0.0.0 time-wait", "127.0.0.1"));
    }

    [Fact]
    public void Scenario_ForeignAddressOrOption_CannotBePlayed()
    {
        var away = new MatrixSocket(new IpAddress(IpFamily.IPv4, 0x0a000001));
        Assert.False(MatrixScenario.CanPlay(MatrixCell.Of(PlatformProfiles.Linux, away, away)));
        Assert.False(MatrixScenario.CanPlay(Ask.Cell("linux", "exclusive 127.0.0.1", "127.0.0.1")));
        Assert.True(MatrixScenario.CanPlay(Ask.Cell("linux", "0.0.0.0", "[::1]")));
    }
}

using System.ComponentModel;
using System.Globalization;

namespace Bindwise.Tests.Listening;

public sealed class PortPolicyTests
{
    [Theory]
    [InlineData("8080")]
    [InlineData("8080,8090-8099")]
    [InlineData("5000,0")]
    [InlineData("0")]
    [InlineData("~8000-8999")]
    [InlineData("8080,~8090-8099,0")]
    public void Parse_OfItsOwnText_IsTheSame(string text) => Assert.Equal(text, PortPolicy.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("70000")]
    [InlineData("-1")]
    [InlineData("8099-8090")]
    [InlineData("8080,,8081")]
    [InlineData("0,8080")]
    [InlineData("8080,8080")]
    [InlineData("8080-8090,8085")]
    [InlineData("~~8080-8090")]
    public void Parse_OfAnythingElse_SaysSo(string text)
    {
        Assert.Throws<FormatException>(() => PortPolicy.Parse(text));
        Assert.False(PortPolicy.TryParse(text, out _));
    }

    [Fact]
    public void Policy_IsReadByWhoeverReadsTextGenerally()
    {
        Assert.Equal(PortPolicy.Range(8090, 8099), Read<PortPolicy>("8090-8099"));
        Assert.Equal(new PortRange(8090, 8099), Read<PortRange>(" 8090 - 8099 "));
        var converter = TypeDescriptor.GetConverter(typeof(PortPolicy));
        Assert.Equal(PortPolicy.Exactly(8080), converter.ConvertFromInvariantString("8080"));
        Assert.Equal("8080,0", converter.ConvertToInvariantString(PortPolicy.FirstFree(8080, 0)));

        static T Read<T>(string text) where T : IParsable<T> => T.Parse(text, CultureInfo.InvariantCulture);
    }

    [Fact]
    public void ShuffledRange_TriesEachPortOnce_InAnOrderOfItsOwn()
    {
        foreach (var (first, last) in new[] { (8000, 8000), (8000, 8001), (8000, 8002), (8000, 8096), (8000, 8999), (1, 65535) })
            Assert.Equal(Enumerable.Range(first, last - first + 1), PortPolicy.ShuffledRange(first, last).Candidates.Order());
        var policy = PortPolicy.ShuffledRange(8000, 8999);
        Assert.True(Enumerable.Range(0, 100).Select(_ => policy.Candidates.First()).Distinct().Count() > 10);
        Assert.Equal([8080], PortPolicy.Exactly(8080).Then(policy.Except(8080)!).Candidates.Take(1));
        Assert.NotEqual(PortPolicy.Range(8000, 8999), policy);
    }

    // What a passed socket is matched by: the order of a shuffled range must not change from one call to the next.
    [Theory]
    [InlineData("8080,8090-8099", 8080, 0)]
    [InlineData("8080,8090-8099", 8092, 3)]
    [InlineData("8080,~8090-8099", 8092, 3)]
    [InlineData("8080,8090-8099", 8100, null)]
    [InlineData("8080,0", 8100, 1)]
    [InlineData("0", 8100, 0)]
    public void PlaceOf_IsThePlaceInTheOrderAsWritten(string text, int port, int? place) => Assert.Equal(place, PortPolicy.Parse(text).PlaceOf(port));

    [Theory]
    [InlineData("8080", 8080, null)]
    [InlineData("8080", 8081, "8080")]
    [InlineData("8080-8083,0", 8081, "8080,8082-8083,0")]
    [InlineData("~8080-8083", 8080, "~8081-8083")]
    [InlineData("8080,0", 8080, "0")]
    public void Except_LeavesTheOtherCandidates(string text, int port, string? rest) => Assert.Equal(rest, PortPolicy.Parse(text).Except(port)?.ToString());

    [Fact]
    public void Ports_OutOfRange_AreTheFrameworksOwnError()
    {
        Assert.Throws<ArgumentOutOfRangeException>(static () => PortPolicy.Exactly(70000));
        Assert.Throws<ArgumentOutOfRangeException>(static () => PortPolicy.Exactly(-1));
        Assert.Throws<ArgumentOutOfRangeException>(static () => PortPolicy.Range(10, 9));
        Assert.Throws<ArgumentException>(static () => PortPolicy.FirstFree());
    }

    [Fact]
    public void Then_PutsTheCandidatesInOrder() =>
        Assert.Equal([8080, 8090, 8091, 0], PortPolicy.Exactly(8080).Then(PortPolicy.Range(8090, 8091)).Then(PortPolicy.SystemChoice).Candidates);
}

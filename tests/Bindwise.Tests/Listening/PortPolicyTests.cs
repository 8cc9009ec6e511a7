namespace Bindwise.Tests.Listening;

public sealed class PortPolicyTests
{
    [Theory]
    [InlineData("8080")]
    [InlineData("8080,8090-8099")]
    [InlineData("5000,0")]
    [InlineData("0")]
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
    public void Parse_OfAnythingElse_SaysSo(string text) => Assert.Throws<FormatException>(() => PortPolicy.Parse(text));

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

using System.Text;
using Bindwise.Linux.Processes;
using FsCheck.Fluent;

namespace Bindwise.Linux.Tests.Processes;

[Trait("Seed", "any")]
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("", new string[0])]
    [InlineData("a\0", new[] { "a" })]
    [InlineData("a\0b c\0", new[] { "a", "b c" })]
    [InlineData("a\0\0b\0", new[] { "a", "", "b" })]
    [InlineData("a\0\0", new[] { "a", "" })]
    [InlineData("a\0b\0\0\0", new[] { "a", "b", "", "" })]
    [InlineData("\0", new[] { "" })]
    [InlineData("\0\0", new[] { "", "" })]
    [InlineData("nginx: master process /usr/sbin/nginx", new[] { "nginx: master process /usr/sbin/nginx" })]
    [InlineData("postgres: writer\0\0\0\0\0", new[] { "postgres: writer" })]
    [InlineData("a\nb\0", new[] { "a\nb" })]
    public void Bytes_AreSplitAtTheNuls(string bytes, string[] arguments) =>
        Assert.Equal(arguments, CommandLine.Parse(Encoding.UTF8.GetBytes(bytes), isCut: false));

    [Fact]
    public void Bytes_ThatAreNotUtf8_StandAsEscapes() =>
        Assert.Equal<string>(["caf\\xe9", "é"], CommandLine.Parse([.. "caf"u8, 0xe9, 0, .. "é"u8, 0], isCut: false));

    [Fact]
    public void Bytes_CutWithinAnArgument_EndInAnEllipsis() =>
        Assert.Equal<string>(["a", "bc…"], CommandLine.Parse("a\0bc"u8, isCut: true));

    [Fact]
    public void Bytes_CutBetweenArguments_SayThatMoreFollow() =>
        Assert.Equal<string>(["a", "…"], CommandLine.Parse("a\0"u8, isCut: true));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Bytes_CutWithinACharacter_LoseThatCharacterOnly(int kept) =>
        Assert.Equal<string>(["x…"], CommandLine.Parse([.. "x"u8, .. "\U0001F600"u8[..kept]], isCut: true));

    [Fact]
    public void Bytes_CutAfterACharacter_KeepIt() =>
        Assert.Equal<string>(["x\U0001F600…"], CommandLine.Parse("x\U0001F600"u8, isCut: true));

    [Fact]
    public void Bytes_Arbitrary_NeverThrowNorShowAReplacementCharacter() =>
        Prop.ForAll<byte[], bool>((bytes, isCut) => CommandLine.Parse(bytes, isCut).All(a => !a.Contains('\uFFFD') || bytes.AsSpan().IndexOf("\uFFFD"u8) >= 0))
            .Holds();
}

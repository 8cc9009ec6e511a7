using Bindwise.Lab.Drawing.Pictures;

namespace Bindwise.Lab.Tests.Drawing;

public sealed class TextPictureTests
{
    public static TheoryData<string> Names => [.. KnownPictures.Names];

    [Theory]
    [InlineData("close-fins", 80, false)]
    [InlineData("close-fins", 120, false)]
    [InlineData("close-fins", 80, true)]
    [InlineData("close-fins", 40, false)]
    [InlineData("restart-over-time-wait", 80, false)]
    [InlineData("restart-over-time-wait", 120, false)]
    [InlineData("restart-over-time-wait", 120, true)]
    [InlineData("close-simultaneous", 80, false)]
    [InlineData("time-wait-meter", 80, false)]
    [InlineData("calls-alone", 80, false)]
    [InlineData("states-of-the-closer", 80, false)]
    [InlineData("states-of-the-closer", 80, true)]
    [InlineData("states-of-the-closer", 120, false)]
    [InlineData("states-of-the-closer", 60, false)]
    [InlineData("grid", 80, false)]
    [InlineData("grid", 80, true)]
    [InlineData("grid", 40, false)]
    [InlineData("grid", 20, false)]
    public void Picture_AsText_IsAsExpected(string name, int columns, bool ascii) =>
        DrawnExpectation.Check($"{name}-{columns}{(ascii ? "-ascii" : "")}.txt", Text(KnownPictures.Of(name, columns), ascii));

    [Theory]
    [MemberData(nameof(Names))]
    [Trait("Lane", "second")]
    public void Picture_AtAnyWidth_FitsAndShowsEveryLabel(string name)
    {
        for (var columns = 20; columns <= 160; columns++)
            PictureRules.Hold(KnownPictures.Of(name, columns), columns);
        PictureRules.Hold(PictureStack.Of([KnownPictures.Of(name, 80), KnownPictures.Of("close-fins", 120)]), 120);
    }

    [Fact]
    public void Picture_InAscii_HasNothingElse() =>
        Assert.All(KnownPictures.Names, name => Assert.True(System.Text.Ascii.IsValid(Text(KnownPictures.Of(name, 80), ascii: true)), name));

    [Theory]
    [InlineData("a\u202eb\u0007\n", "a?b??")]
    [InlineData("caf\u00e9 \u65e5\u672c\u8a9e", "caf\u00e9 \u65e5\u672c\u8a9e")]
    [InlineData("x e\u0301 \U0001f600", "x e? ?")]
    public void Text_OfOthers_IsCleaned(string text, string clean)
    {
        Assert.Equal(clean, Cells.Clean(text));
        var lines = TextPicture.Render(KnownPictures.Named(text, 80));
        Assert.Equal(clean, lines[0].ToString());
    }

    [Fact]
    public void Wrap_OfALongWord_BreaksIt()
    {
        Assert.Equal(["aaaa", "bbb", "bb", "c"], Cells.Wrap("aaaa bbbbb c", 4, 1));
        Assert.Equal(["\u65e5\u672c", "\u8a9e"], Cells.Wrap("\u65e5\u672c\u8a9e", 5));
        Assert.Equal([""], Cells.Wrap("", 5));
    }

    private static string Text(Picture picture, bool ascii) => string.Concat(TextPicture.Render(picture, ascii).Select(static line => line + "\n"));
}

using Bindwise.Model.Text;

namespace Bindwise.Model.Tests.Text;

public class CellWidthTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("nginx", 5)]
    [InlineData("é", 1)]
    [InlineData("e\u0301", 1)]
    [InlineData("世界", 4)]
    [InlineData("한글", 4)]
    [InlineData("ｗｉｄｅ", 8)]
    [InlineData("🎉", 2)]
    [InlineData("✅", 2)]
    [InlineData("←", 1)]
    [InlineData("…", 1)]
    [InlineData("𠀀", 2)]
    [InlineData("\u1112\u1161\u11ab\u1100\u1173\u11af", 4)]
    [InlineData("\u1112\ud7b0\ud7cb", 2)]
    [InlineData("\u4dc0", 2)]
    [InlineData("\U00018d00", 2)]
    [InlineData("\u2764", 1)]
    [InlineData("\u2764\ufe0f", 2)]
    [InlineData("\u2764\ufe0f\ufe0f", 2)]
    [InlineData("\u2764\ufe0e", 1)]
    [InlineData("1\ufe0f\u20e3", 2)]
    [InlineData("\U0001f389\ufe0f", 2)]
    [InlineData("\ufe0fa", 1)]
    [InlineData(" \ufe0f", 1)]
    [InlineData("/\ufe0fa", 2)]
    [InlineData("e\ufe0f", 1)]
    [InlineData("\u2192\ufe0f", 1)]
    [InlineData("\u21aa\ufe0f", 2)]
    public void Of_Text_CountsColumns(string text, int cells) => Assert.Equal(cells, CellWidth.Of(text));

    [Theory]
    [InlineData("abc", 2, 2)]
    [InlineData("abc", 5, 3)]
    [InlineData("\u65e5\u672c", 3, 1)]
    [InlineData("a\U0001f389", 2, 1)]
    [InlineData("ae\u0301b", 2, 3)]
    [InlineData("\u2764\ufe0f\u2764\ufe0f", 3, 2)]
    [InlineData("\u2764\ufe0f", 1, 0)]
    [InlineData("a\u0301", 0, 0)]
    public void FittingChars_OfAText_CutsNoCharacter(string text, int columns, int chars) => Assert.Equal(chars, CellWidth.FittingChars(text, columns));
}

using Bindwise.Rendering.Escaping;

namespace Bindwise.Rendering.Tests.Escaping;

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
    public void Of_Text_CountsColumns(string text, int cells) => Assert.Equal(cells, CellWidth.Of(text));
}

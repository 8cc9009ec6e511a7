using Bindwise.Model.Text;

namespace Bindwise.Model.Tests.Text;

public sealed class WordWrapTests
{
    [Theory]
    [InlineData("", 5, 5, false, "")]
    [InlineData("aa bb cc", 5, 5, false, "aa bb|cc")]
    [InlineData("aa bb cc", 8, 2, false, "aa bb cc")]
    [InlineData("aa bb cc", 4, 8, false, "aa|bb cc")]
    [InlineData("aa bbbbbb cc", 4, 4, false, "aa|bbbbbb|cc")]
    [InlineData("aa bbbbbb cc", 4, 4, true, "aa|bbbb|bb|cc")]
    [InlineData("bbbbbb cc", 4, 5, true, "bbbb|bb cc")]
    [InlineData("\u65e5\u672c\u8a9e", 5, 5, true, "\u65e5\u672c|\u8a9e")]
    [InlineData("\u65e5\u672c a", 5, 5, false, "\u65e5\u672c|a")]
    [InlineData("\u65e5", 1, 1, true, "\u65e5")]
    [InlineData("\u2764\ufe0f\u2764\ufe0f\u2764\ufe0f", 3, 3, true, "\u2764\ufe0f|\u2764\ufe0f|\u2764\ufe0f")]
    [InlineData("\u2764\ufe0f\u2764\ufe0f a", 5, 5, false, "\u2764\ufe0f\u2764\ufe0f|a")]
    public void Fill_Words_FillsEachLine(string text, int first, int others, bool breaksWords, string expected)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var lines = WordWrap.Fill([.. words.Select(LineWord.Of)], first, others, breaksWords)
            .Select(line => string.Join(' ', line.Select(part => words[part.Word].Substring(part.Start, part.Length))));
        Assert.Equal(expected, string.Join('|', lines));
    }

    [Fact]
    public void Fill_WordsThatBelongTogether_StandInOneLineWhereOneCanHoldThem()
    {
        LineWord[] words = [LineWord.Of("node"), new("(pid", 1, 4, 7), LineWord.Of("7)")];
        Assert.Equal(["0", "1 2"], Lines(words, 10));
        Assert.Equal(["0", "1", "2"], Lines(words, 6));
    }

    private static IEnumerable<string> Lines(LineWord[] words, int columns) =>
        WordWrap.Fill(words, columns, columns).Select(static line => string.Join(' ', line.Select(static part => part.Word)));
}

using System.Buffers;
using System.Text;
using Bindwise.Cli.Output;

namespace Bindwise.Cli.Tests;

public sealed class AnswerBlocksTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(100, 1)]
    [InlineData(20_000, 100)]
    [InlineData(50_000, 3)]
    [InlineData(200_000, 2)]
    public void Write_TextsOfAnyLength_AreAllThereInOrder(int chars, int count)
    {
        using var written = new MemoryStream();
        var expected = new StringBuilder();
        using (var blocks = new AnswerBlocks(new AnswerStream(written)))
        {
            for (var i = 0; i < count; i++)
            {
                var text = new string((char)('à' + (i % 20)), chars) + "…";
                expected.Append(text).Append('\n');
                blocks.Write(text);
                blocks.Write("\n"u8);
            }
        }
        Assert.Equal(expected.ToString(), Encoding.UTF8.GetString(written.ToArray()));
    }

    [Fact]
    public void Write_MoreThanABlock_IsWrittenBeforeItsEnd()
    {
        using var written = new MemoryStream();
        using var blocks = new AnswerBlocks(new AnswerStream(written));
        for (var i = 0; i < 40; i++)
            blocks.Write(new byte[1024]);
        Assert.InRange(written.Length, 1, 40 * 1024);
    }
}

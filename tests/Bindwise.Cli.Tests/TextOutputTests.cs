using System.Text;
using Bindwise.Cli.Output;
using Bindwise.Rendering.Text;

namespace Bindwise.Cli.Tests;

public sealed class TextOutputTests
{
    [Theory]
    [InlineData(false, 0)]
    [InlineData(false, 1000)]
    [InlineData(true, 1000)]
    public void Write_ManyLines_AreThoseOfOneAnswer(bool isColoured, int count)
    {
        TextLine[] lines = [.. Lines().Take(count)];
        using var written = new MemoryStream();
        TextOutput.Write(new AnswerStream(written), lines, isColoured);
        Assert.Equal(TextOutput.Format([.. lines], isColoured), Encoding.UTF8.GetString(written.ToArray()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Write_ReaderGone_MakesNoMoreLines(bool isColoured)
    {
        using var pipe = new PipeWithoutReader();
        var output = new AnswerStream(pipe);
        // Without an end to the lines, the call ends only where it looks.
        TextOutput.Write(output, Lines(), isColoured);
        Assert.False(output.IsOpen);
        Assert.Null(output.Fault);
    }

    private static IEnumerable<TextLine> Lines()
    {
        for (var number = 0; ; number++)
            yield return new TextLine([new TextSpan(TextRole.Dim, $"{number}  "), new TextSpan(TextRole.Blocked, "failed"), new TextSpan(TextRole.Text, ": é")]);
    }

    private sealed class PipeWithoutReader : MemoryStream
    {
        private const int BrokenPipe = 32;

        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("Broken pipe", BrokenPipe);
    }
}

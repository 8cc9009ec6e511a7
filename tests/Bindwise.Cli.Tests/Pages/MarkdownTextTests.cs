using Bindwise.Cli.Verbs;
using Bindwise.Rendering.Text;

namespace Bindwise.Cli.Tests.Pages;

public sealed class MarkdownTextTests
{
    private const string Sample = """
        # A title with `code`

        A paragraph with **strong words**, a [link](other.md) and
        a break in its line.

        ## Part

        Under the part.

        1. first of two, which is long enough to be wrapped at forty columns
        2. second
           - inner `word`

        ```bind
        a = tcp 127.0.0.1:8080 listen            -> ok   # never wrapped, however long it is
        ```

        | word | meaning |
        | --- | --- |
        | `a` | the first |
        | `b` | the second |
        """;

    [Fact]
    public void Render_EveryKindOfBlock_ReadsWithoutMarks() =>
        Expectation.Check("page.txt", string.Concat(new MarkdownText(null).Render(Sample, 40).Select(static line => line + "\n")));

    [Fact]
    public void Render_WithoutWidth_KeepsParagraphsOnOneLine() =>
        Assert.Contains(new MarkdownText(null).Render(Sample, null), static line => line.ToString() == "  A paragraph with strong words, a link and a break in its line.");

    [Theory]
    [InlineData(30)]
    [InlineData(40)]
    [InlineData(80)]
    public void Render_OfEveryPage_WrapsAllButCodeAndLongWords(int width)
    {
        var pages = new[] { "docs/terms", "docs/causes", "docs/rules" }.SelectMany(static folder => Directory.EnumerateFiles(Repository.File(folder), "*.md")).ToList();
        Assert.NotEmpty(pages);
        // A mark and one word that is too long stand alone; so does code.
        Assert.All(pages, path => Assert.All(new MarkdownText(null).Render(File.ReadAllText(path), width), line =>
            Assert.True(line.ToString().Length <= width || line.Spans.Any(static span => span.Role == TextRole.Command) || line.ToString().Trim().Split(' ').Length <= 2, $"{path}: {line}")));
    }

    [Fact]
    public void Render_ControlCharacters_AreEscaped() =>
        Assert.All(new MarkdownText(null).Render("# a\u001b[2J\n\n`\u202e` \u0007\n\n    \u001b]0;x\n", 80), static line => Assert.DoesNotContain(line.ToString(), static letter => char.IsControl(letter) || letter == '\u202e'));

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("no heading")]
    [InlineData("> quoted\n> - list")]
    [InlineData("<b>html</b>")]
    public void Render_WhatPagesDoNotHave_IsNoFault(string markdown) => Assert.NotNull(new MarkdownText(null).Render(markdown, 80).ToString());
}

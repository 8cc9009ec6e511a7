using System.Text;
using System.Xml.Linq;
using Bindwise.Lab.Drawing.Pictures;
using Bindwise.Model.Text;

namespace Bindwise.Lab.Tests.Drawing;

/// <summary>What holds for every picture.</summary>
internal static class PictureRules
{
    public static void Hold(Picture picture, int columns)
    {
        Assert.True(picture.Columns <= columns);
        var taken = new HashSet<(int, int)>();
        foreach (var label in picture.Marks.OfType<Label>())
        {
            var cells = CellWidth.Of(label.Text);
            Assert.True(label.Column >= 0 && label.Column + cells <= picture.Columns && label.Row >= 0 && label.Row < picture.Rows, $"{label} is outside of {picture.Columns} columns, {picture.Rows} rows");
            for (var cell = 0; cell < cells; cell++)
            {
                // The picture is not drawn for each cell that is well.
                if (!taken.Add((label.Row, label.Column + cell)))
                    Assert.Fail($"{label} stands on another text:\n{Text(picture)}");
            }
        }
        foreach (var ascii in new[] { false, true })
        {
            var lines = TextPicture.Render(picture, ascii);
            Assert.Equal(picture.Rows, lines.Length);
            Assert.All(lines, line => Assert.True(CellWidth.Of(line.ToString()) <= columns || !ascii, line.ToString()));
            Assert.All(lines, line => Assert.True(line.ToString().EnumerateRunes().Sum(static rune => Math.Max(1, Width(rune))) <= columns, line.ToString()));
        }
        var svg = XDocument.Parse(SvgPicture.Write(picture));
        XNamespace ns = "http://www.w3.org/2000/svg";
        Assert.Equal(picture.Marks.OfType<Label>().Select(static label => label.Text), svg.Descendants(ns + "text").Select(static text => text.Value));
        Assert.Equal(picture.Title, svg.Root!.Element(ns + "title")!.Value);
    }

    private static string Text(Picture picture) => string.Concat(TextPicture.Render(picture).Select(static line => line + "\n"));

    private static int Width(Rune rune) => CellWidth.Of(rune);
}

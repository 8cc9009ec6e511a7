using static System.FormattableString;

namespace Bindwise.Lab.Drawing.Pictures;

/// <summary>
/// A picture as an SVG file that stands alone: no script, no font or style from elsewhere. Text stays text, to be selected and read out. It
/// is as wide as its cells, whatever font of one width the reader has: those differ from 0.55 to 0.61 of their size, a cell has 0.63.
/// </summary>
internal static class SvgPicture
{
    public const double CellWidth = 8.2;
    public const double CellHeight = 19;

    /// <summary>The empty space around the cells.</summary>
    public const double Margin = 16;

    private const string Fonts = "ui-monospace, 'DejaVu Sans Mono', 'Liberation Mono', Menlo, Consolas, 'Courier New', monospace";

    /// <summary>The picture as a whole SVG document, which needs no other file.</summary>
    public static string Write(Picture picture, SvgTheme theme = SvgTheme.Automatic)
    {
        var svg = new StringBuilder();
        var (width, height) = ((picture.Columns * CellWidth) + (2 * Margin), (picture.Rows * CellHeight) + (2 * Margin));
        svg.Append(Invariant($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:0.#} {height:0.#}\""));
        svg.Append(Invariant($" width=\"{width:0.#}\" height=\"{height:0.#}\" role=\"img\" aria-labelledby=\"title desc\">\n"));
        svg.Append("<title id=\"title\">").Append(Escape(picture.Title)).Append("</title>\n");
        svg.Append("<desc id=\"desc\">").Append(Escape(picture.Description)).Append("</desc>\n");
        svg.Append("<style>\n").Append(Invariant($"text {{ font: 13px {Fonts}; white-space: pre; }}\n"));
        svg.Append(".t-strong { font-weight: bold; }\npath, line, rect.frame { fill: none; stroke-width: 1.2; stroke-linejoin: round; }\n");
        svg.Append("path.heavy, line.heavy, rect.heavy { stroke-width: 2.6; }\nline.track { stroke-width: 4; }\n")
            .Append(SvgPalette.Rules(theme)).Append("</style>\n");
        svg.Append(Invariant($"<rect class=\"page\" width=\"{width:0.#}\" height=\"{height:0.#}\"/>\n"));
        // Grounds below lines, lines below text; where lines cross the heavy one stays whole.
        var marks = new SvgMarks(svg);
        foreach (var mark in picture.Marks)
        {
            if (mark is Ground ground)
                marks.Add(ground);
        }
        foreach (var mark in picture.Marks)
        {
            if (mark is not (Ground or Label or Stroke { IsHeavy: true }))
                marks.Add(mark);
        }
        foreach (var mark in picture.Marks)
        {
            if (mark is Stroke { IsHeavy: true })
                marks.Add(mark);
        }
        foreach (var mark in picture.Marks)
        {
            if (mark is Label)
                marks.Add(mark);
        }
        return svg.Append("</svg>\n").ToString();
    }

    /// <summary>
    /// Text for an XML file: what would be markup is written as references; what XML cannot hold was cleaned away before.
    /// </summary>
    internal static string Escape(string text)
    {
        if (text.AsSpan().IndexOfAny("<>&\"'") < 0)
            return text;
        var escaped = new StringBuilder(text.Length + 16);
        foreach (var sign in text)
        {
            _ = sign switch
            {
                '<' => escaped.Append("&lt;"),
                '>' => escaped.Append("&gt;"),
                '&' => escaped.Append("&amp;"),
                '"' => escaped.Append("&quot;"),
                '\'' => escaped.Append("&#39;"),
                _ => escaped.Append(sign),
            };
        }
        return escaped.ToString();
    }

    internal static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}

internal enum SvgTheme : byte
{
    /// <summary>Those that the reader prefers: light ones, or dark ones where the browser says so.</summary>
    Automatic,

    /// <summary>Dark text on a light ground.</summary>
    Light,

    /// <summary>Light text on a dark ground.</summary>
    Dark,
}

using static System.FormattableString;
using static Bindwise.Lab.Drawing.Pictures.SvgPicture;

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
        foreach (var mark in picture.Marks.OrderBy(LayerOf))
            marks.Add(mark);
        return svg.Append("</svg>\n").ToString();
    }

    private static int LayerOf(Mark mark) => mark switch { Ground => 0, Stroke { IsHeavy: true } => 2, Label => 3, _ => 1 };

    /// <summary>
    /// Text for an XML file: what would be markup is written as references; what XML cannot hold was cleaned away before.
    /// </summary>
    internal static string Escape(string text) => new StringBuilder(text).Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;")
        .Replace("\"", "&quot;").Replace("'", "&#39;").ToString();
}

internal enum SvgTheme : byte
{
    /// <summary>Those that the reader prefers: light ones, or dark ones where the browser says so.</summary>
    Automatic,

    Light,
    Dark,
}

internal sealed class SvgMarks(StringBuilder svg)
{
    private const double HeadLength = 7;
    private const double HeadHalf = 3.6;

    public void Add(Mark mark)
    {
        switch (mark)
        {
            case Label label:
                Text(label);
                break;
            case Ground ground:
                var edge = ground.IsBetweenLines ? CellHeight : CellHeight / 2;
                Rectangle(
                    $"g-{SvgPalette.Class(ground.Tone)}",
                    X(ground.Column), Y(ground.Row) - edge, ground.Width * CellWidth, ((ground.Height - 1) * CellHeight) + (2 * edge), 0);
                break;
            case Frame frame:
                Rectangle(
                    $"frame l-{SvgPalette.Class(frame.Tone)}{(frame.IsHeavy ? " heavy" : "")}",
                    X(frame.Column), Y(frame.Row), (frame.Width - 1) * CellWidth, (frame.Height - 1) * CellHeight, 5);
                break;
            case Stroke stroke:
                Polyline(stroke);
                break;
            case Track track:
                Line($"track l-{SvgPalette.Class(track.Tone)}", X(track.Column), Y(track.Row) - (CellHeight / 2), X(track.Column),
                    Y(track.EndRow) + (CellHeight / 2), track.IsDotted ? " stroke-dasharray=\"3 4\"" : "");
                break;
            case Arrow arrow:
                Way(arrow);
                break;
            case Gap gap:
                Line($"l-{SvgPalette.Class(gap.Tone)}", X(gap.From), Y(gap.Row), X(gap.To), Y(gap.Row),
                    " stroke-dasharray=\"1.5 6\" stroke-linecap=\"round\"");
                break;
            case Meter meter:
                Bar(meter);
                break;
        }
    }

    // A line runs through the middle of its cells.
    private static double X(double column) => Margin + ((column + 0.5) * CellWidth);

    private static double Y(double row) => Margin + ((row + 0.5) * CellHeight);

    private void Text(Label label)
    {
        // The baseline of text whose middle is the cell's.
        var baseline = Y(label.Row) + 4.4;
        var (x, width) = (X(label.Column) - (CellWidth / 2), Model.Text.CellWidth.Of(label.Text) * CellWidth);
        if (label.HasGround)
            Rectangle($"g-{SvgPalette.Class(label.Tone)}", x - 4, Y(label.Row) - 8, width + 8, 16, 4);
        var (at, anchor) = label.Anchor switch
        {
            MarkAnchor.Middle => (x + (width / 2), " text-anchor=\"middle\""),
            MarkAnchor.End => (x + width, " text-anchor=\"end\""),
            _ => (x, ""),
        };
        svg.Append(CultureInfo.InvariantCulture,
            $"<text class=\"t-{SvgPalette.Class(label.Tone)}\" x=\"{at:0.##}\" y=\"{baseline:0.##}\"{anchor}>")
            .Append(Escape(label.Text)).Append("</text>\n");
    }

    private void Rectangle(string name, double x, double y, double width, double height, double round)
    {
        svg.Append(CultureInfo.InvariantCulture,
            $"<rect class=\"{name}\" x=\"{x:0.##}\" y=\"{y:0.##}\" width=\"{width:0.##}\" height=\"{height:0.##}\"");
        svg.Append(round > 0 ? Invariant($" rx=\"{round:0.##}\"/>\n") : "/>\n");
    }

    private void Line(string name, double x1, double y1, double x2, double y2, string more = "") =>
        svg.Append(CultureInfo.InvariantCulture,
            $"<line class=\"{name}\" x1=\"{x1:0.##}\" y1=\"{y1:0.##}\" x2=\"{x2:0.##}\" y2=\"{y2:0.##}\"{more}/>\n");

    private void Polyline(Stroke stroke)
    {
        var name = SvgPalette.Class(stroke.Tone);
        var way = string.Join('L', stroke.Points.Select(static point => Invariant($"{X(point.Column):0.##} {Y(point.Row):0.##}")));
        svg.Append($"<path class=\"l-{name}{(stroke.IsHeavy ? " heavy" : "")}\" d=\"M{way}\"/>\n");
        if (!stroke.HasHead)
            return;
        var (to, from) = (stroke.Points[^1], stroke.Points[^2]);
        Head(name, X(to.Column), Y(to.Row), Math.Sign(to.Column - from.Column), Math.Sign(to.Row - from.Row), stroke.Tone == Tone.Dim);
    }

    private void Way(Arrow arrow)
    {
        var name = SvgPalette.Class(arrow.Tone);
        var step = arrow.To >= arrow.From ? 1 : -1;
        // From side to side of its cells, so that it touches what stands beside.
        var (x1, x2, y) = (X(arrow.From - (0.5 * step)), X(arrow.To + (0.5 * step)), Y(arrow.Row));
        var end = arrow.End switch { ArrowEnd.Arrives => x2 - (step * HeadLength), ArrowEnd.GoesOn => x2, _ => X(arrow.To) };
        Line($"l-{name}", x1, y, end, y, arrow.IsDashed ? " stroke-dasharray=\"6 4\"" : "");
        switch (arrow.End)
        {
            case ArrowEnd.Arrives:
                Head(name, x2, y, step, 0, false);
                break;
            case ArrowEnd.IsHeld:
                Line($"l-{name} heavy", end, y - 6, end, y + 6);
                break;
            case ArrowEnd.IsLost:
                Line($"l-{name} heavy", end - 4.5, y - 4.5, end + 4.5, y + 4.5);
                Line($"l-{name} heavy", end - 4.5, y + 4.5, end + 4.5, y - 4.5);
                break;
        }
    }

    // A triangle whose point is at x, y.
    private void Head(string name, double x, double y, int across, int down, bool isLine)
    {
        var (baseX, baseY) = (x - (across * HeadLength), y - (down * HeadLength));
        svg.Append(CultureInfo.InvariantCulture, $"<polygon class=\"{(isLine ? "h-" : "t-")}{name}\" points=\"{x:0.##},{y:0.##}")
            .Append(CultureInfo.InvariantCulture, $" {baseX - (down * HeadHalf):0.##},{baseY - (across * HeadHalf):0.##}")
            .Append(CultureInfo.InvariantCulture, $" {baseX + (down * HeadHalf):0.##},{baseY + (across * HeadHalf):0.##}\"/>\n");
    }

    private void Bar(Meter meter)
    {
        var (x, y) = (X(meter.Column) - (CellWidth / 2), Y(meter.Row) - 4);
        Rectangle($"g-{SvgPalette.Class(meter.Tone)}", x, y, meter.Width * CellWidth, 8, 3);
        if (meter.Share > 0)
            Rectangle($"t-{SvgPalette.Class(meter.Tone)}", x, y, Math.Min(1, meter.Share) * meter.Width * CellWidth, 8, 3);
    }
}

/// <summary>
/// The colours of picture files. Every text colour has a contrast of at least 4.5 : 1 on the page, and on the ground of its own tone.
/// </summary>
internal static class SvgPalette
{
    // Tone, then text and ground in light, text and ground in dark.
    private static readonly (Tone Tone, string Light, string LightGround, string Dark, string DarkGround)[] Colours =
    [
        (Tone.Plain, "#1f2328", "#eef1f4", "#e6edf3", "#21262d"),
        (Tone.Dim, "#57606a", "#eef1f4", "#9ea7b3", "#21262d"),
        (Tone.Strong, "#0b0f14", "#eef1f4", "#f5f8fb", "#21262d"),
        (Tone.Good, "#116329", "#dcf3e2", "#6fdd8b", "#12301d"),
        (Tone.Bad, "#a40e26", "#fde5e6", "#ff9a92", "#401a1d"),
        (Tone.Unknown, "#6e4a00", "#fbf0d0", "#e6bd57", "#352a0e"),
        (Tone.Rule, "#57606a", "#eef1f4", "#a9b3bf", "#21262d"),
        (Tone.Listening, "#0a5ab5", "#dfeeff", "#7cc0ff", "#122a45"),
        (Tone.Opening, "#0f6674", "#daf2f5", "#68d3df", "#0f3037"),
        (Tone.Open, "#116329", "#dcf3e2", "#6fdd8b", "#12301d"),
        (Tone.Closing, "#7a4300", "#fdecd8", "#f0b072", "#3a260f"),
        (Tone.Waiting, "#8a1c6b", "#fbe4f4", "#f59bd8", "#3d1734"),
        (Tone.Lit, "#0a5ab5", "#dfeeff", "#7cc0ff", "#122a45"),
        (Tone.Disturbed, "#a40e26", "#fde5e6", "#ff9a92", "#401a1d"),
    ];

    public static string Rules(SvgTheme theme)
    {
        var rules = new StringBuilder();
        Append(rules, isDark: theme == SvgTheme.Dark);
        if (theme == SvgTheme.Automatic)
        {
            rules.Append("@media (prefers-color-scheme: dark) {\n");
            Append(rules, isDark: true);
            rules.Append("}\n");
        }
        return rules.ToString();
    }

    public static string Class(Tone tone) => tone.ToString().ToLowerInvariant();

    // Three ways a tone is used: text and heads (fill), lines (stroke), grounds.
    private static void Append(StringBuilder rules, bool isDark)
    {
        rules.Append($"svg {{ color-scheme: {(isDark ? "dark" : "light")}; }}\n.page {{ fill: {(isDark ? "#0d1117" : "#ffffff")}; }}\n");
        foreach (var colour in Colours)
        {
            var name = Class(colour.Tone);
            var (text, ground) = isDark ? (colour.Dark, colour.DarkGround) : (colour.Light, colour.LightGround);
            rules.Append($".t-{name} {{ fill: {text}; }} .l-{name} {{ stroke: {text}; }} .g-{name} {{ fill: {ground}; }}\n");
        }
        var line = isDark ? "#59636e" : "#8c959f";
        rules.Append($".l-dim {{ stroke: {line}; }} .h-dim {{ fill: {line}; }}\n");
    }
}

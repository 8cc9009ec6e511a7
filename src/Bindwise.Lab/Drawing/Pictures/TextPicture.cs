using Bindwise.Model.Text;

namespace Bindwise.Lab.Drawing.Pictures;

internal static class TextPicture
{
    /// <param name="ascii">Nothing but ASCII; a character that has no like there becomes a question mark.</param>
    public static ImmutableArray<DrawnLine> Render(Picture picture, bool ascii = false)
    {
        var canvas = new TextCanvas(picture.Columns, picture.Rows, ascii);
        // Lines first: whatever else there is stands on them.
        foreach (var mark in picture.Marks)
        {
            if (mark is Stroke or Frame or Track)
                Line(canvas, mark);
        }
        foreach (var mark in picture.Marks)
            Sign(canvas, mark);
        return canvas.Lines();
    }

    private static void Line(TextCanvas canvas, Mark mark)
    {
        switch (mark)
        {
            case Stroke stroke:
                canvas.Line(stroke.Points, stroke.Tone, stroke.IsHeavy);
                break;
            case Frame frame:
                var (right, bottom) = (frame.Column + frame.Width - 1, frame.Row + frame.Height - 1);
                canvas.Line(
                    [
                        new(frame.Column, frame.Row), new(right, frame.Row), new(right, bottom), new(frame.Column, bottom),
                        new(frame.Column, frame.Row),
                    ],
                    frame.Tone,
                    frame.IsHeavy);
                break;
            case Track track:
                for (var row = track.Row; row <= track.EndRow; row++)
                    canvas.Put(track.Column, row, track.IsDotted ? Sign(canvas, '┊', ':') : Sign(canvas, '│', '|'), track.Tone);
                break;
        }
    }

    private static void Sign(TextCanvas canvas, Mark mark)
    {
        switch (mark)
        {
            case Label label:
                canvas.Write(label.Column, label.Row, label.Text, label.Tone);
                break;
            case Stroke { HasHead: true } stroke:
                canvas.Put(stroke.Points[^1].Column, stroke.Points[^1].Row, Head(canvas, stroke), stroke.Tone);
                break;
            case Arrow arrow:
                Way(canvas, arrow);
                break;
            case Gap gap:
                for (var column = gap.From; column <= gap.To; column++)
                    canvas.PutWhereFree(column, gap.Row, (column & 1) == 0 ? Sign(canvas, '·', '.') : ' ', gap.Tone);
                break;
            case Meter meter:
                var full = (int)Math.Ceiling(Math.Clamp(meter.Share, 0, 1) * meter.Width);
                for (var column = 0; column < meter.Width; column++)
                    canvas.Put(meter.Column + column, meter.Row, column < full ? Sign(canvas, '█', '#') : Sign(canvas, '░', '.'),
                        meter.Tone);
                break;
        }
    }

    private static char Head(TextCanvas canvas, Stroke stroke)
    {
        var (to, from) = (stroke.Points[^1], stroke.Points[^2]);
        return to.Column > from.Column ? Sign(canvas, '▶', '>')
            : to.Column < from.Column ? Sign(canvas, '◀', '<')
            : to.Row > from.Row ? Sign(canvas, '▼', 'v')
            : Sign(canvas, '▲', '^');
    }

    private static void Way(TextCanvas canvas, Arrow arrow)
    {
        var step = arrow.To >= arrow.From ? 1 : -1;
        for (var column = arrow.From; column != arrow.To; column += step)
        {
            var isGap = arrow.IsDashed && ((column - arrow.From) & 1) != 0;
            canvas.Put(column, arrow.Row, isGap ? ' ' : Sign(canvas, '─', '-'), arrow.Tone);
        }
        var end = arrow.End switch
        {
            ArrowEnd.IsHeld => step > 0 ? Sign(canvas, '┤', '|') : Sign(canvas, '├', '|'),
            ArrowEnd.IsLost => Sign(canvas, '╳', 'x'),
            ArrowEnd.GoesOn => Sign(canvas, '─', '-'),
            _ => step > 0 ? Sign(canvas, '▶', '>') : Sign(canvas, '◀', '<'),
        };
        canvas.Put(arrow.To, arrow.Row, end, arrow.Tone);
    }

    private static char Sign(TextCanvas canvas, char unicode, char ascii) => canvas.IsAscii ? ascii : unicode;
}

internal readonly record struct DrawnSpan(Tone Tone, string Text);

/// <summary>A line of a picture as text, without its end and without blanks at its end.</summary>
internal sealed record DrawnLine(ImmutableArray<DrawnSpan> Spans)
{
    public override string ToString() => string.Concat(Spans.Select(static span => span.Text));
}

internal sealed class TextCanvas(int columns, int rows, bool ascii)
{
    // What a wide character's second cell holds.
    private const string Covered = "";

    private readonly string?[] _signs = new string?[columns * rows];
    private readonly Tone[] _tones = new Tone[columns * rows];

    // Four arms a cell: up, right, down, left, two bits each.
    private readonly byte[] _arms = new byte[columns * rows];

    /// <summary>Nothing but ASCII is written.</summary>
    public bool IsAscii { get; } = ascii;

    /// <summary>One character of one cell; nothing where the cell lies outside.</summary>
    public void Put(int column, int row, char sign, Tone tone) => Put(column, row, sign.ToString(), tone);

    public void PutWhereFree(int column, int row, char sign, Tone tone)
    {
        if (IndexOf(column, row) is { } index && _signs[index] is null)
            Put(column, row, sign, tone);
    }

    public void Write(int column, int row, string text, Tone tone)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            var cells = CellWidth.Of(rune);
            var sign = IsAscii ? ToAscii(rune) : rune.ToString();
            Put(column, row, sign, tone);
            if (cells == 2)
                Put(column + 1, row, IsAscii ? sign : Covered, tone);
            column += cells;
        }
    }

    public void Line(ImmutableArray<Cell> points, Tone tone, bool isHeavy)
    {
        for (var index = 1; index < points.Length; index++)
        {
            var (at, to) = (points[index - 1], points[index]);
            while (at != to)
            {
                var (across, down) = (Math.Sign(to.Column - at.Column), Math.Sign(to.Row - at.Row));
                Arm(at, across, down, tone, isHeavy);
                at = new Cell(at.Column + across, at.Row + down);
                Arm(at, -across, -down, tone, isHeavy);
            }
        }
    }

    public ImmutableArray<DrawnLine> Lines() => [.. Enumerable.Range(0, rows).Select(LineOf)];

    private void Put(int column, int row, string sign, Tone tone)
    {
        if (IndexOf(column, row) is { } index)
            (_signs[index], _tones[index]) = (sign, tone);
    }

    // Null outside.
    private int? IndexOf(int column, int row) =>
        column >= 0 && column < columns && row >= 0 && row < rows ? (row * columns) + column : null;

    private void Arm(Cell at, int across, int down, Tone tone, bool isHeavy)
    {
        if (IndexOf(at.Column, at.Row) is not { } index)
            return;
        var shift = (across, down) switch { (0, < 0) => 6, ( > 0, _) => 4, (0, _) => 2, _ => 0 };
        var weight = Math.Max((_arms[index] >> shift) & 3, isHeavy ? 2 : 1);
        _arms[index] = (byte)((_arms[index] & ~(3 << shift)) | (weight << shift));
        if (isHeavy || _signs[index] is null)
            _tones[index] = tone;
    }

    private DrawnLine LineOf(int row)
    {
        var spans = ImmutableArray.CreateBuilder<DrawnSpan>();
        var text = new StringBuilder();
        var tone = Tone.Plain;
        var last = columns - 1;
        while (last >= 0 && SignOf((row * columns) + last) == " ")
            last--;
        for (var column = 0; column <= last; column++)
        {
            var index = (row * columns) + column;
            var sign = SignOf(index);
            // A blank has no colour: it goes with what stands before it.
            if (_tones[index] != tone && sign != " " && text.Length > 0)
            {
                spans.Add(new DrawnSpan(tone, text.ToString()));
                text.Clear();
            }
            if (sign != " ")
                tone = _tones[index];
            else if (text.Length == 0)
                tone = Tone.Plain;
            text.Append(sign);
        }
        if (text.Length > 0)
            spans.Add(new DrawnSpan(tone, text.ToString()));
        return new DrawnLine(spans.ToImmutable());
    }

    private string SignOf(int index)
    {
        if (_signs[index] is { } sign)
            return sign;
        var arm = _arms[index];
        return arm == 0 ? " " : LineSigns.Of(arm >> 6, (arm >> 4) & 3, (arm >> 2) & 3, arm & 3, IsAscii).ToString();
    }

    private static string ToAscii(Rune rune) => rune.Value switch
    {
        >= ' ' and <= '~' => rune.ToString(),
        Cells.Cut => "~",
        '→' => ">",
        '·' => "-",
        _ => "?",
    };
}

/// <summary>
/// The character for a cell that lines leave to up, right, down and left: 0 for no line, 1 for a light one, 2 for a heavy one.
/// </summary>
internal static class LineSigns
{
    // By the arms in base 3, up most significant: Unicode's box drawing characters, U+2500 to U+257F, have one for every combination.
    private const string Unicode = " ╴╸╷┐┑╻┒┓╶─╾┌┬┭┎┰┱╺╼━┍┮┯┏┲┳╵┘┙│┤┥╽┧┪└┴┵├┼┽┟╁╅┕┶┷┝┾┿┢╆╈╹┚┛╿┦┩┃┨┫┖┸┹┞╀╃┠╂╉┗┺┻┡╄╇┣╊╋";

    public static char Of(int up, int right, int down, int left, bool ascii)
    {
        if (!ascii)
            return Unicode[(27 * up) + (9 * right) + (3 * down) + left];
        var across = Math.Max(right, left);
        var along = Math.Max(up, down);
        return (across, along) switch
        {
            (0, 0) => ' ',
            (1, 0) => '-',
            (2, 0) => '=',
            (0, 1) => '|',
            (0, 2) => '#',
            _ => '+',
        };
    }
}

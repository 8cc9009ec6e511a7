namespace Bindwise.Lab.Drawing.Pictures;

/// <summary>A picture as lines of text, for a terminal or a file.</summary>
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

/// <summary>A piece of a line of a picture as text.</summary>
internal readonly record struct DrawnSpan(Tone Tone, string Text);

/// <summary>A line of a picture as text, without its end and without blanks at its end.</summary>
/// <param name="Spans">Its pieces, left to right.</param>
internal sealed record DrawnLine(ImmutableArray<DrawnSpan> Spans)
{
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var span in Spans)
            text.Append(span.Text);
        return text.ToString();
    }
}

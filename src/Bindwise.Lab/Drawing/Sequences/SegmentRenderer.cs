using Bindwise.Lab.Drawing.Pictures;
using Bindwise.Model.Scenarios.Recording;

namespace Bindwise.Lab.Drawing.Sequences;

/// <summary>Draws a segment's way between the two tracks.</summary>
internal sealed class SegmentRenderer(PictureBuilder picture, int row, int first, int last)
{
    /// <summary>Draws it.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="text">Its words, where they stand on the line; else null.</param>
    /// <param name="tone">Its tone.</param>
    public void Draw(SegmentItem segment, string? text, Tone tone)
    {
        var (from, to) = segment.From == Side.Left ? (first, last) : (last, first);
        var step = Math.Sign(to - from);
        var middle = from + ((to - from) * 3 / 5);
        switch (segment.Fate)
        {
            case SegmentFate.Held:
                Way(from, middle, ArrowEnd.IsHeld, tone);
                Say(segment.Fate, middle, to, tone);
                return;
            case SegmentFate.Lost:
                Way(from, middle, ArrowEnd.IsLost, tone);
                Say(segment.Fate, middle, to, tone);
                return;
            case SegmentFate.Released:
                Way(middle, to, ArrowEnd.Arrives, tone);
                Say(segment.Fate, middle, from, tone);
                return;
        }
        if (text is null)
        {
            Way(from, to, ArrowEnd.Arrives, tone, segment.Fate == SegmentFate.Repeated);
            return;
        }
        var cells = Cells.Count(text);
        var column = first + ((last - first + 1 - cells) / 2);
        // A blank between the words and the line.
        var (near, far) = step > 0 ? (column - 2, column + cells + 1) : (column + cells + 1, column - 2);
        Way(from, near, ArrowEnd.GoesOn, tone, segment.Fate == SegmentFate.Repeated);
        Way(far, to, ArrowEnd.Arrives, tone, segment.Fate == SegmentFate.Repeated);
        picture.Text(column, row, text, tone, Anchor.Middle);
    }

    // In the empty part of the wire, a blank away from the line.
    private void Say(SegmentFate fate, int from, int toward, Tone tone)
    {
        var word = SegmentText.Of(fate).TrimEnd();
        picture.Text(toward > from ? from + 2 : from - 1 - word.Length, row, word, tone);
    }

    private void Way(int from, int to, ArrowEnd end, Tone tone, bool isDashed = false) =>
        picture.Add(new Arrow(row, from, to, end, tone) { IsDashed = isDashed }, row);
}

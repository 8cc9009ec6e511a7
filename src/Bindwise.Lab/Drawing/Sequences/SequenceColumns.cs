using Bindwise.Lab.Drawing.Pictures;
using Bindwise.Model.Scenarios.Recording;

namespace Bindwise.Lab.Drawing.Sequences;

/// <summary>The diagram proper. Things stand in their order from top to bottom; those of one moment may share a row.</summary>
internal sealed class SequenceColumns
{
    // From here on calls and states of one side have columns of their own.
    private const int RoomyArea = 31;
    private const int StateColumns = 12;
    private const int LeastWire = 26;
    private const int MostWire = 36;

    // Shorter than this passes unnoticed.
    private static readonly TimeSpan Noticeable = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan SameMoment = TimeSpan.FromMilliseconds(1);

    private readonly PictureBuilder picture;
    private readonly SequenceEvents events;
    private readonly Clock clock;
    private readonly SequenceHeads heads;
    private readonly RowSpace space;
    private readonly int area;
    private readonly int left;
    private readonly int right;
    private readonly TrackRenderer[] tracks;
    private int row;
    private bool isRowTaken;
    private TimeSpan at;
    private string shownTime = "";

    /// <summary>Divides the columns.</summary>
    public SequenceColumns(PictureBuilder picture, SequenceEvents events, Clock clock, SequenceHeads heads)
    {
        (this.picture, this.events, this.clock, this.heads) = (picture, events, clock, heads);
        // Two tracks, and a blank on each side of both.
        var room = picture.Columns - clock.Columns - 6;
        var wire = Math.Clamp(room * 3 / 10, LeastWire, MostWire);
        area = (room - wire) / 2;
        left = clock.Columns + area + 1;
        right = picture.Columns - area - 2;
        tracks = [new TrackRenderer(picture, left), new TrackRenderer(picture, right)];
        space = new RowSpace(picture.Columns);
    }

    private int MeterColumns => area >= 22 ? 10 : 6;

    private bool IsRoomy => area >= RoomyArea;

    /// <summary>Draws it.</summary>
    public void Draw()
    {
        row = picture.Rows;
        foreach (var (text, tone) in (ReadOnlySpan<(string[], Tone)>)[(heads.Places, Tone.Strong), (heads.Names, Tone.Dim)])
        {
            if (text[0].Length + text[1].Length == 0)
                continue;
            Beside(Side.Left, row, text[0], tone);
            Beside(Side.Right, row, text[1], tone);
            row++;
        }
        row++;
        foreach (var item in events.Items)
            Draw(item);
        foreach (var track in tracks)
            track.End(picture.Rows - 1);
    }

    private void Draw(SequenceItem item)
    {
        Pass(item.At);
        switch (item)
        {
            case CallItem call:
                Call(call);
                break;
            case StateItem state:
                State(state);
                break;
            case SegmentItem segment:
                Segment(segment);
                break;
            case CountItem count:
                Count(count);
                break;
            case NoteItem note:
                Across(note.Text, note.At);
                break;
        }
    }

    // Time that passes noticeably has a row of its own.
    private void Pass(TimeSpan now)
    {
        if (now - at >= Noticeable)
        {
            var text = $" {Clock.Length(now - at)} pass ";
            NextRow();
            row = space.FreeFrom(row, clock.Columns, picture.Columns - 1);
            var middle = left + 1 + ((right - left - 1 - Cells.Count(text)) / 2);
            picture.Add(new Gap(row, clock.Columns, middle - 1, Tone.Dim), row);
            picture.Add(new Gap(row, middle + Cells.Count(text), picture.Columns - 1, Tone.Dim), row);
            picture.Text(middle, row, text, Tone.Dim, Anchor.Middle);
            space.Take(row, clock.Columns, picture.Columns - 1);
            isRowTaken = true;
            at = now;
            NextRow();
        }
        else if (now - at >= SameMoment)
        {
            NextRow();
            at = now;
        }
    }

    private void NextRow()
    {
        if (isRowTaken)
            row++;
        isRowTaken = false;
    }

    private void Time(TimeSpan now)
    {
        var text = clock.Of(now);
        if (text == shownTime || !space.IsFree(row, 0, clock.Columns - 2))
            return;
        picture.Text(Math.Max(0, clock.Columns - 3 - Cells.Count(text)), row, text, Tone.Dim);
        space.Take(row, 0, clock.Columns - 2);
        shownTime = text;
    }

    private void Call(CallItem call)
    {
        NextRow();
        var offset = IsRoomy ? StateColumns : 0;
        var width = area - offset;
        var lines = Cells.Wrap(call.Text, width, 2);
        var result = call.Result.Length == 0 ? [] : Cells.Wrap(call.Result, width - 2, 0);
        var joins = result.Count == 1 && Cells.Count(lines[^1]) + (lines.Count > 1 ? 2 : 0) + 1 + Cells.Count(result[0]) <= width;
        var height = lines.Count + (joins ? 0 : result.Count);
        var column = call.Side == Side.Left ? clock.Columns : right + 2 + offset;
        while (!space.IsFree(row, column, column + width - 1, height))
            row++;
        for (var index = 0; index < lines.Count; index++)
            Put(column + (index > 0 ? 2 : 0), row + index, lines[index], Tone.Plain);
        var end = column + (lines.Count > 1 ? 2 : 0) + Cells.Count(lines[^1]) + 1;
        for (var index = 0; index < result.Count; index++)
            Put(joins ? end : column + 2, row + (joins ? lines.Count - 1 : lines.Count + index), result[index], call.Tone);
        // What follows from the call stands beside its last line at the earliest.
        for (var index = 0; index < height - 1; index++)
            space.Take(row + index, column, column + width - 1);
        Time(call.At);
        isRowTaken = true;
    }

    private void Put(int column, int line, string text, Tone tone)
    {
        picture.Text(column, line, text, tone);
        space.Take(line, column, column + Cells.Count(text) - 1);
    }

    private void State(StateItem state)
    {
        var text = SequenceList.StateText(state, events.HasSeveral(state.Side));
        Find(Spot(state.Side, text));
        Beside(state.Side, row, text, state.Tone, hasGround: state.Tone != Tone.Dim);
        Time(state.At);
        isRowTaken = true;
        tracks[(int)state.Side].Turn(row, state.Track);
    }

    private void Count(CountItem count)
    {
        var text = SequenceList.CountText(count);
        var spot = Spot(count.Side, text + new string(' ', MeterColumns + 1));
        Find(spot);
        var column = count.Side == Side.Left ? spot.First : spot.First + MeterColumns + 1;
        picture.Text(column, row, text, count.Tone);
        picture.Add(new Meter(count.Side == Side.Left ? spot.Last - MeterColumns + 1 : spot.First, row, MeterColumns, count.Share, count.Tone), row);
        space.Take(row, spot.First, spot.Last);
        Time(count.At);
        isRowTaken = true;
    }

    private void Segment(SegmentItem segment)
    {
        var (first, last) = (left + 1, right - 1);
        var wire = last - first + 1;
        var tone = segment.Fate == SegmentFate.Delivered ? Tone.Plain : Tone.Disturbed;
        var isWhole = segment.Fate is SegmentFate.Delivered or SegmentFate.Repeated;
        var text = segment.Fate == SegmentFate.Repeated ? SegmentText.Of(segment.Fate) + segment.Text : segment.Text;
        var isInline = segment.IsAcross && isWhole && Cells.Count(text) + 6 <= wire;
        Find((first, last));
        if (!isInline)
        {
            foreach (var line in Cells.Wrap(text, wire - 2))
            {
                picture.Text(first + ((wire - Cells.Count(line)) / 2), row, line, tone, Anchor.Middle);
                space.Take(row, first, last);
                Time(segment.At);
                isRowTaken = true;
                NextRow();
                row = space.FreeFrom(row, first, last);
            }
            if (!segment.IsAcross)
            {
                row--;
                isRowTaken = true;
                return;
            }
        }
        space.Take(row, first, last);
        Time(segment.At);
        isRowTaken = true;
        new SegmentRenderer(picture, row, first, last).Draw(segment, isInline ? text : null, tone);
    }

    private void Across(string text, TimeSpan now)
    {
        NextRow();
        foreach (var line in Cells.Wrap(text, picture.Columns - clock.Columns, 2))
        {
            row = space.FreeFrom(row, clock.Columns, picture.Columns - 1);
            // The tracks go on: the text stands where no track is.
            var room = right - left - 1;
            var column = Cells.Count(line) <= room - 2 ? left + 1 + ((room - Cells.Count(line)) / 2) : clock.Columns;
            foreach (var track in tracks)
                track.Skip(row, column, column + Cells.Count(line) - 1);
            picture.Text(column, row, line, Tone.Dim);
            space.Take(row, clock.Columns, picture.Columns - 1);
            Time(now);
            isRowTaken = true;
            NextRow();
        }
    }

    // The first row, from the present one on, in which the spot is free.
    private void Find((int First, int Last) spot) => row = space.FreeFrom(row, spot.First, spot.Last);

    private (int First, int Last) Spot(Side side, string text)
    {
        var cells = Math.Min(area, Cells.Count(text));
        return side == Side.Left ? (left - 1 - cells, left - 2) : (right + 2, right + 1 + cells);
    }

    // Text beside a track, ending or beginning there.
    private void Beside(Side side, int line, string text, Tone tone, bool hasGround = false)
    {
        var shown = Cells.Fit(text, area);
        if (shown.Length == 0)
            return;
        var (first, last) = Spot(side, shown);
        picture.Text(first, line, shown, tone, side == Side.Left ? Anchor.End : Anchor.Start, hasGround);
        space.Take(line, first, last);
    }
}

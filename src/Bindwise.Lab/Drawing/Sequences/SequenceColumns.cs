using Bindwise.Model.Text;

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

    private readonly PictureBuilder _picture;
    private readonly SequenceEvents _events;
    private readonly Clock _clock;
    private readonly SequenceHeads _heads;
    private readonly RowSpace _space;
    private readonly int _area;
    private readonly int _left;
    private readonly int _right;
    private readonly TrackRenderer[] _tracks;
    private int _row;
    private bool _isRowTaken;
    private TimeSpan _at;
    private string _shownTime = "";

    public SequenceColumns(PictureBuilder picture, SequenceEvents events, Clock clock, SequenceHeads heads)
    {
        (this._picture, this._events, this._clock, this._heads) = (picture, events, clock, heads);
        // Two tracks, and a blank on each side of both.
        var room = picture.Columns - clock.Columns - 6;
        var wire = Math.Clamp(room * 3 / 10, LeastWire, MostWire);
        _area = (room - wire) / 2;
        _left = clock.Columns + _area + 1;
        _right = picture.Columns - _area - 2;
        _tracks = [new TrackRenderer(picture, _left), new TrackRenderer(picture, _right)];
        _space = new RowSpace(picture.Columns);
    }

    private int MeterColumns => _area >= 22 ? 10 : 6;
    private bool IsRoomy => _area >= RoomyArea;

    public void Draw()
    {
        _row = _picture.Rows;
        foreach (var (text, tone) in (ReadOnlySpan<(string[], Tone)>)[(_heads.Places, Tone.Strong), (_heads.Names, Tone.Dim)])
        {
            if (text[0].Length + text[1].Length == 0)
                continue;
            Beside(Side.Left, _row, text[0], tone);
            Beside(Side.Right, _row, text[1], tone);
            _row++;
        }
        _row++;
        foreach (var item in _events.Items)
            Draw(item);
        foreach (var track in _tracks)
            track.End(_picture.Rows - 1);
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
        if (now - _at >= Noticeable)
        {
            var text = $" {Clock.Length(now - _at)} pass ";
            NextRow();
            _row = _space.FreeFrom(_row, _clock.Columns, _picture.Columns - 1);
            var middle = _left + 1 + ((_right - _left - 1 - CellWidth.Of(text)) / 2);
            _picture.Add(new Gap(_row, _clock.Columns, middle - 1, Tone.Dim), _row);
            _picture.Add(new Gap(_row, middle + CellWidth.Of(text), _picture.Columns - 1, Tone.Dim), _row);
            _picture.Text(middle, _row, text, Tone.Dim, MarkAnchor.Middle);
            _space.Take(_row, _clock.Columns, _picture.Columns - 1);
            _isRowTaken = true;
            _at = now;
            NextRow();
        }
        else if (now - _at >= SameMoment)
        {
            NextRow();
            _at = now;
        }
    }

    private void NextRow()
    {
        if (_isRowTaken)
            _row++;
        _isRowTaken = false;
    }

    // The row is taken, and has its time where that is another than the last one's.
    private void Time(TimeSpan now)
    {
        _isRowTaken = true;
        var text = _clock.Of(now);
        if (text == _shownTime || !_space.IsFree(_row, 0, _clock.Columns - 2))
            return;
        _picture.Text(Math.Max(0, _clock.Columns - 3 - CellWidth.Of(text)), _row, text, Tone.Dim);
        _space.Take(_row, 0, _clock.Columns - 2);
        _shownTime = text;
    }

    private void Call(CallItem call)
    {
        NextRow();
        var offset = IsRoomy ? StateColumns : 0;
        var width = _area - offset;
        var lines = Cells.Wrap(call.Text, width, 2);
        var result = call.Result.Length == 0 ? [] : Cells.Wrap(call.Result, width - 2, 0);
        var joins = result.Count == 1 && CellWidth.Of(lines[^1]) + (lines.Count > 1 ? 2 : 0) + 1 + CellWidth.Of(result[0]) <= width;
        var height = lines.Count + (joins ? 0 : result.Count);
        var column = call.Side == Side.Left ? _clock.Columns : _right + 2 + offset;
        while (!_space.IsFree(_row, column, column + width - 1, height))
            _row++;
        for (var index = 0; index < lines.Count; index++)
            Put(column + (index > 0 ? 2 : 0), _row + index, lines[index], Tone.Plain);
        var end = column + (lines.Count > 1 ? 2 : 0) + CellWidth.Of(lines[^1]) + 1;
        for (var index = 0; index < result.Count; index++)
            Put(joins ? end : column + 2, _row + (joins ? lines.Count - 1 : lines.Count + index), result[index], call.Tone);
        // What follows from the call stands beside its last line at the earliest.
        for (var index = 0; index < height - 1; index++)
            _space.Take(_row + index, column, column + width - 1);
        Time(call.At);
    }

    private void Put(int column, int line, string text, Tone tone)
    {
        _picture.Text(column, line, text, tone);
        _space.Take(line, column, column + CellWidth.Of(text) - 1);
    }

    private void State(StateItem state)
    {
        var text = SequenceList.StateText(state, _events.HasSeveral(state.Side));
        Find(Spot(state.Side, text));
        Beside(state.Side, _row, text, state.Tone, hasGround: state.Tone != Tone.Dim);
        Time(state.At);
        _tracks[(int)state.Side].Turn(_row, state.Track);
    }

    private void Count(CountItem count)
    {
        var text = SequenceList.CountText(count);
        var spot = Spot(count.Side, text + new string(' ', MeterColumns + 1));
        Find(spot);
        var column = count.Side == Side.Left ? spot.First : spot.First + MeterColumns + 1;
        _picture.Text(column, _row, text, count.Tone);
        _picture.Add(new Meter(count.Side == Side.Left ? spot.Last - MeterColumns + 1 : spot.First, _row, MeterColumns, count.Share,
            count.Tone), _row);
        _space.Take(_row, spot.First, spot.Last);
        Time(count.At);
    }

    private void Segment(SegmentItem segment)
    {
        var (first, last) = (_left + 1, _right - 1);
        var wire = last - first + 1;
        var tone = segment.Fate == SegmentFate.Delivered ? Tone.Plain : Tone.Disturbed;
        var isWhole = segment.Fate is SegmentFate.Delivered or SegmentFate.Repeated;
        var text = segment.Fate == SegmentFate.Repeated ? SegmentText.Of(segment.Fate) + segment.Text : segment.Text;
        var isInline = segment.IsAcross && isWhole && CellWidth.Of(text) + 6 <= wire;
        Find((first, last));
        if (!isInline)
        {
            foreach (var line in Cells.Wrap(text, wire - 2))
            {
                _picture.Text(first + ((wire - CellWidth.Of(line)) / 2), _row, line, tone, MarkAnchor.Middle);
                _space.Take(_row, first, last);
                Time(segment.At);
                NextRow();
                _row = _space.FreeFrom(_row, first, last);
            }
            if (!segment.IsAcross)
            {
                _row--;
                _isRowTaken = true;
                return;
            }
        }
        _space.Take(_row, first, last);
        Time(segment.At);
        new SegmentRenderer(_picture, _row, first, last).Draw(segment, isInline ? text : null, tone);
    }

    private void Across(string text, TimeSpan now)
    {
        NextRow();
        foreach (var line in Cells.Wrap(text, _picture.Columns - _clock.Columns, 2))
        {
            _row = _space.FreeFrom(_row, _clock.Columns, _picture.Columns - 1);
            // The tracks go on: the text stands where no track is.
            var room = _right - _left - 1;
            var column = CellWidth.Of(line) <= room - 2 ? _left + 1 + ((room - CellWidth.Of(line)) / 2) : _clock.Columns;
            foreach (var track in _tracks)
                track.Skip(_row, column, column + CellWidth.Of(line) - 1);
            _picture.Text(column, _row, line, Tone.Dim);
            _space.Take(_row, _clock.Columns, _picture.Columns - 1);
            Time(now);
            NextRow();
        }
    }

    // The first row, from the present one on, in which the spot is free.
    private void Find((int First, int Last) spot) => _row = _space.FreeFrom(_row, spot.First, spot.Last);

    private (int First, int Last) Spot(Side side, string text)
    {
        var cells = Math.Min(_area, CellWidth.Of(text));
        return side == Side.Left ? (_left - 1 - cells, _left - 2) : (_right + 2, _right + 1 + cells);
    }

    // Text beside a track, ending or beginning there.
    private void Beside(Side side, int line, string text, Tone tone, bool hasGround = false)
    {
        var shown = Cells.Fit(text, _area);
        if (shown.Length == 0)
            return;
        var (first, last) = Spot(side, shown);
        _picture.Text(first, line, shown, tone, side == Side.Left ? MarkAnchor.End : MarkAnchor.Start, hasGround);
        _space.Take(line, first, last);
    }
}

using Bindwise.Model.Text;

namespace Bindwise.Lab.Drawing.Sequences;

internal sealed class TrackStates(SequenceSides sides)
{
    private readonly SocketStateHistory _sockets = new();
    private readonly HashSet<string>[] _names = [[], []];

    /// <summary>A side had more than one socket with a state, so each is named.</summary>
    public bool AreSeveral(Side side) => _names[(int)side].Count > 1;

    public StateItem? Take(StateEvent hostEvent) => _sockets.Take(hostEvent) is { } change ? Item(change) : null;

    /// <summary>What the table after a step tells beyond the events.</summary>
    public IEnumerable<StateItem> Compare(IReadOnlyList<SocketRow> rows, TimeSpan at) =>
        _sockets.Compare(rows, at).Select(Item).OfType<StateItem>();

    // That a socket is bound its call says.
    private StateItem? Item(SocketStateChange change)
    {
        if (SocketStateHistory.IsClosed(change.To) && (change.To is not null || SocketStateHistory.IsClosed(change.From)))
            return null;
        var side = change.Socket is { } socket ? sides.Of(socket) : sides.Of(change.Local);
        if (change.Socket is not null)
            _names[(int)side].Add(change.Socket);
        var text = change.To is { } reached ? SocketStateHistory.Name(reached) : "CLOSED";
        return new StateItem(change.At, side, Cells.Clean(change.Socket), text, change.To is { } kind ? StateTones.Of(kind) : Tone.Dim,
            LifeOf(side));
    }

    private TrackState? LifeOf(Side side)
    {
        var states = _sockets.Living.Where(one => (one.Socket is { } name ? sides.Of(name) : sides.Of(one.Local)) == side)
            .Select(static one => (TcpSocketState?)one.State);
        return states.MaxBy(static state => Weight(state!.Value)) is { } most
            ? new TrackState(StateTones.Of(most), most == TcpSocketState.TimeWait) : null;
    }

    // A connection that lives tells more than a listener beside it, and that more than what is left of a closed one.
    private static int Weight(TcpSocketState state) => state switch
    {
        TcpSocketState.Close or TcpSocketState.Bound => 1,
        TcpSocketState.TimeWait => 2,
        TcpSocketState.Listen => 3,
        TcpSocketState.SynSent or TcpSocketState.SynReceived or TcpSocketState.NewSynReceived => 4,
        TcpSocketState.Established => 5,
        _ => 6,
    };
}

/// <summary>Draws the track of one side, piece by piece.</summary>
internal sealed class TrackRenderer(PictureBuilder picture, int column)
{
    private readonly HashSet<int> _skipped = [];
    private TrackState? _track;
    private int _since;

    /// <summary>From a row on it shows something else; null for nothing.</summary>
    public void Turn(int row, TrackState? next)
    {
        if (next == _track)
            return;
        Piece(row - 1);
        // The row of a change belongs to what comes.
        (_track, _since) = (next, next is null ? row + 1 : row);
    }

    public void Skip(int row, int first, int last)
    {
        if (column >= first && column <= last)
            _skipped.Add(row);
    }

    public void End(int row) => Piece(row);

    private void Piece(int last)
    {
        if (_track is null)
            return;
        for (var first = _since; first <= last;)
        {
            var end = first;
            while (end <= last && !_skipped.Contains(end))
                end++;
            if (end > first)
                picture.Add(new Track(column, first, end - 1, _track.Tone) { IsDotted = _track.IsDotted }, end - 1);
            first = end + 1;
        }
    }
}

internal sealed class SegmentRenderer(PictureBuilder picture, int row, int first, int last)
{
    /// <param name="text">Its words, where they stand on the line; else null.</param>
    public void Draw(SegmentItem segment, string? text, Tone tone)
    {
        var (from, to) = segment.From == Side.Left ? (first, last) : (last, first);
        var step = Math.Sign(to - from);
        var middle = from + ((to - from) * 3 / 5);
        switch (segment.Fate)
        {
            case SegmentFate.Held or SegmentFate.Lost:
                Way(from, middle, segment.Fate == SegmentFate.Held ? ArrowEnd.IsHeld : ArrowEnd.IsLost, tone);
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
        var cells = CellWidth.Of(text);
        var column = first + ((last - first + 1 - cells) / 2);
        // A blank between the words and the line.
        var (near, far) = step > 0 ? (column - 2, column + cells + 1) : (column + cells + 1, column - 2);
        Way(from, near, ArrowEnd.GoesOn, tone, segment.Fate == SegmentFate.Repeated);
        Way(far, to, ArrowEnd.Arrives, tone, segment.Fate == SegmentFate.Repeated);
        picture.Text(column, row, text, tone, MarkAnchor.Middle);
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

/// <summary>Which cells of which rows are taken.</summary>
internal sealed class RowSpace(int columns)
{
    private readonly Dictionary<int, bool[]> _rows = [];

    /// <summary>Takes cells, with a blank on both sides.</summary>
    public void Take(int row, int first, int last)
    {
        if (!_rows.TryGetValue(row, out var cells))
            _rows.Add(row, cells = new bool[columns]);
        for (var column = Math.Max(0, first - 1); column <= Math.Min(columns - 1, last + 1); column++)
            cells[column] = true;
    }

    public bool IsFree(int row, int first, int last, int height = 1)
    {
        for (var line = row; line < row + height; line++)
        {
            if (_rows.TryGetValue(line, out var cells) && cells.AsSpan()[Math.Max(0, first)..Math.Min(columns, last + 1)].Contains(true))
                return false;
        }
        return true;
    }

    /// <summary>The first row from one on in which nothing stands there.</summary>
    public int FreeFrom(int row, int first, int last)
    {
        while (!IsFree(row, first, last))
            row++;
        return row;
    }
}

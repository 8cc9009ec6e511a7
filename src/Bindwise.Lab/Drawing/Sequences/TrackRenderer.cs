using Bindwise.Lab.Drawing.Pictures;

namespace Bindwise.Lab.Drawing.Sequences;

/// <summary>Draws the track of one side, piece by piece.</summary>
internal sealed class TrackRenderer(PictureBuilder picture, int column)
{
    private readonly HashSet<int> skipped = [];
    private TrackState? life;
    private int since;

    /// <summary>From a row on it shows something else; null for nothing.</summary>
    public void Turn(int row, TrackState? next)
    {
        if (next == life)
            return;
        Piece(row - 1);
        // The row of a change belongs to what comes.
        (life, since) = (next, next is null ? row + 1 : row);
    }

    /// <summary>A row in which other things stand.</summary>
    public void Skip(int row, int first, int last)
    {
        if (column >= first && column <= last)
            skipped.Add(row);
    }

    /// <summary>Draws what is left, to a row.</summary>
    public void End(int row) => Piece(row);

    private void Piece(int last)
    {
        if (life is null)
            return;
        for (var first = since; first <= last;)
        {
            var end = first;
            while (end <= last && !skipped.Contains(end))
                end++;
            if (end > first)
                picture.Add(new Track(column, first, end - 1, life.Tone) { IsDotted = life.IsDotted }, end - 1);
            first = end + 1;
        }
    }
}

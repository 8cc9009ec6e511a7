namespace Bindwise.Lab.Drawing.Pictures;

/// <summary>
/// What is to be drawn, laid out on cells: a column is one character of a terminal, a row one of its lines. The terminal and the SVG
/// file show the same picture, so a place is decided once.
/// </summary>
/// <param name="Title">What it shows, a few words; cleaned (<see cref="Cells.Clean"/>).</param>
/// <param name="Description">The same in sentences, for who cannot see it; cleaned.</param>
/// <param name="Columns">Its width in cells; no mark reaches beyond.</param>
/// <param name="Marks">What stands in it. Where two marks want the same cell the later one wins, except that lines join.</param>
internal sealed record Picture(string Title, string Description, int Columns, int Rows, ImmutableArray<Mark> Marks);

/// <summary>What an arrow has at its end, which shows what became of the segment.</summary>
internal enum ArrowEnd : byte
{
    /// <summary>With a head: it arrives.</summary>
    Arrives,

    /// <summary>At a bar: it is held back.</summary>
    IsHeld,

    /// <summary>At a cross: it is lost.</summary>
    IsLost,

    GoesOn,
}

/// <summary>A frame around cells, with room for text inside.</summary>
/// <param name="Width">How many columns with both sides, from 2.</param>
/// <param name="Height">How many rows with both sides, from 2.</param>
internal sealed record Frame(int Column, int Row, int Width, int Height, Tone Tone) : Mark(Tone)
{
    /// <summary>Drawn with a thick line: heavy box-drawing characters on a terminal.</summary>
    public bool IsHeavy { get; init; }
}

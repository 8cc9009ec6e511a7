namespace Bindwise.Lab.Drawing.Pictures;

/// <summary>A coloured ground; a terminal shows none.</summary>
/// <param name="Column">The column of the line at its left.</param>
/// <param name="Width">How many columns to the line at its right.</param>
internal sealed record Ground(int Column, int Row, int Width, int Height, Tone Tone) : Mark(Tone)
{
    /// <summary>Lines stand in the rows above and below: it reaches to them.</summary>
    public bool IsBetweenLines { get; init; }
}

namespace Bindwise.Lab.Drawing.Pictures;

/// <summary>A segment's way along a row.</summary>
/// <param name="Row">The row.</param>
/// <param name="From">The column in which it starts.</param>
/// <param name="To">The column in which it ends; left of <see cref="From"/> for one that goes to the left.</param>
/// <param name="End">How it ends.</param>
/// <param name="Tone">What it is about.</param>
internal sealed record Arrow(int Row, int From, int To, ArrowEnd End, Tone Tone) : Mark(Tone)
{
    /// <summary>The line is dashed, not solid.</summary>
    public bool IsDashed { get; init; }
}

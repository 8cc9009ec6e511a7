namespace Bindwise.Lab.Drawing.Pictures;

/// <summary>A segment's way along a row.</summary>
/// <param name="To">The column in which it ends; left of <see cref="From"/> for one that goes to the left.</param>
internal sealed record Arrow(int Row, int From, int To, ArrowEnd End, Tone Tone) : Mark(Tone)
{
    /// <summary>The line is dashed, not solid.</summary>
    public bool IsDashed { get; init; }
}

using System.Collections.Immutable;

namespace Bindwise.Lab.Drawing.Pictures;

/// <summary>A line through the centres of cells, with corners at the points.</summary>
/// <param name="Points">Two or more; neighbours share their column or their row.</param>
internal sealed record Stroke(ImmutableArray<Cell> Points, Tone Tone) : Mark(Tone)
{
    /// <summary>Drawn with a thick line: heavy box-drawing characters on a terminal.</summary>
    public bool IsHeavy { get; init; }

    /// <summary>An arrow's head at the last point.</summary>
    public bool HasHead { get; init; }
}

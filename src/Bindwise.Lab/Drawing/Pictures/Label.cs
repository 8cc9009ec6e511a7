namespace Bindwise.Lab.Drawing.Pictures;

/// <summary>A text on one row of the picture; it is never wrapped.</summary>
internal sealed record Label(int Column, int Row, string Text, Tone Tone) : Mark(Tone)
{
    /// <summary>Where the text is fixed where letters are narrower than cells.</summary>
    public Anchor Anchor { get; init; }

    /// <summary>Emphasized by a ground of its own, which a terminal does not show.</summary>
    public bool HasGround { get; init; }
}

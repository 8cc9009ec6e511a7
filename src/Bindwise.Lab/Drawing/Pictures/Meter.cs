namespace Bindwise.Lab.Drawing.Pictures;

/// <summary>A bar that tells how much of something is left.</summary>
/// <param name="Width">How many columns a full one has.</param>
/// <param name="Share">How much is left, 0 to 1.</param>
internal sealed record Meter(int Column, int Row, int Width, double Share, Tone Tone) : Mark(Tone);

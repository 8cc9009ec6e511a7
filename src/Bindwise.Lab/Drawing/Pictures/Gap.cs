namespace Bindwise.Lab.Drawing.Pictures;

/// <summary>
/// Time that passes without anything to show: an interrupted line from side to side, with its length in a <see cref="Label"/> of its own.
/// </summary>
internal sealed record Gap(int Row, int From, int To, Tone Tone) : Mark(Tone);

namespace Bindwise.Lab.Drawing.Pictures;

/// <summary>A text, a line, a frame or another thing that is drawn in a picture.</summary>
/// <param name="Tone">What it is about.</param>
internal abstract record Mark(Tone Tone);

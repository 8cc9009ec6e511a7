namespace Bindwise.Lab.Drawing.Pictures;

/// <summary>A text, a line, a frame or another thing that is drawn in a picture.</summary>
internal abstract record Mark(Tone Tone);

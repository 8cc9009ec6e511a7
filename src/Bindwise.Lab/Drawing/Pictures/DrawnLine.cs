using System.Collections.Immutable;
using System.Text;

namespace Bindwise.Lab.Drawing.Pictures;

/// <summary>A piece of a line of a picture as text.</summary>
/// <param name="Tone">What it is about.</param>
/// <param name="Text">The text.</param>
public readonly record struct DrawnSpan(Tone Tone, string Text);

/// <summary>A line of a picture as text, without its end and without blanks at its end.</summary>
/// <param name="Spans">Its pieces, left to right.</param>
public sealed record DrawnLine(ImmutableArray<DrawnSpan> Spans)
{
    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var span in Spans)
            text.Append(span.Text);
        return text.ToString();
    }
}

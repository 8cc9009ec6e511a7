namespace Bindwise.Rendering.Text;

/// <summary>One line of output, without its end.</summary>
/// <param name="Spans">Its pieces, left to right.</param>
internal sealed record TextLine(ImmutableArray<TextSpan> Spans)
{
    /// <summary>The line without roles: what a pipe gets.</summary>
    public override string ToString() => string.Concat(Spans.Select(span => span.Text));
}

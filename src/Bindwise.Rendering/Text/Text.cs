namespace Bindwise.Rendering.Text;

/// <summary>One line of output, without its end.</summary>
internal sealed record TextLine(ImmutableArray<TextSpan> Spans)
{
    /// <summary>The line without roles: what a pipe gets.</summary>
    public override string ToString() => string.Concat(Spans.Select(span => span.Text));
}

/// <summary>A piece of a line, already escaped.</summary>
internal readonly record struct TextSpan(TextRole Role, string Text);

/// <summary>What a piece of text is for: the theme gives each role its colour.</summary>
internal enum TextRole : byte
{
    Text,

    /// <summary>The first line when it can be bound.</summary>
    Free,

    /// <summary>The first line when it cannot.</summary>
    Blocked,

    /// <summary>The first line when it could not be told.</summary>
    Undetermined,

    Label,
    Rule,
    Name,
    Command,
    Warning,

    /// <summary>What matters less: times, notes, evidence.</summary>
    Dim,

    /// <summary>The chosen one of several: a row of a screen, the view that is shown.</summary>
    Selected,
}

/// <summary>How a diagnosis is laid out as text.</summary>
/// <param name="Width">The columns to wrap at, at least <see cref="MinimumWidth"/> (a smaller one
/// counts as that); null for no wrapping.</param>
internal sealed record TextOptions(int? Width = null, Detail Detail = Detail.Normal)
{
    public const int MinimumWidth = 20;
}

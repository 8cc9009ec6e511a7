using System.Collections.Immutable;

namespace Bindwise.Rendering.Text;

/// <summary>What a piece of text is for: the theme gives each role its colour.</summary>
public enum TextRole : byte
{
    /// <summary>Plain text.</summary>
    Text,

    /// <summary>The first line when it can be bound.</summary>
    Free,

    /// <summary>The first line when it cannot.</summary>
    Blocked,

    /// <summary>The first line when it could not be told.</summary>
    Undetermined,

    /// <summary>A row's name at the left.</summary>
    Label,

    /// <summary>A rule's id.</summary>
    Rule,

    /// <summary>The name or command line of a process.</summary>
    Name,

    /// <summary>Something to be copied and run.</summary>
    Command,

    /// <summary>A danger.</summary>
    Warning,

    /// <summary>What matters less.</summary>
    Dim,
}

/// <summary>A piece of a line, already escaped.</summary>
/// <param name="Role">What it is for.</param>
/// <param name="Text">The text: no control character in it.</param>
public readonly record struct TextSpan(TextRole Role, string Text);

/// <summary>One line of output, without its end.</summary>
/// <param name="Spans">Its pieces, left to right.</param>
public sealed record TextLine(ImmutableArray<TextSpan> Spans)
{
    /// <summary>The line without roles: what a pipe gets.</summary>
    public override string ToString() => string.Concat(Spans.Select(span => span.Text));
}

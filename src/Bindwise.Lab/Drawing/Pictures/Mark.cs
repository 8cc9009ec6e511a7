namespace Bindwise.Lab.Drawing.Pictures;

/// <summary>A text, a line, a frame or another thing that is drawn in a picture.</summary>
internal abstract record Mark(Tone Tone);

/// <summary>
/// Time that passes without anything to show: an interrupted line from side to side, with its length in a <see cref="Label"/> of its own.
/// </summary>
internal sealed record Gap(int Row, int From, int To, Tone Tone) : Mark(Tone);

/// <param name="Width">How many columns a full one has.</param>
internal sealed record Meter(int Column, int Row, int Width, double Share, Tone Tone) : Mark(Tone);

/// <summary>The life of an end of a connection, from top to bottom.</summary>
/// <param name="IsDotted">The line is dotted, since no process holds the socket any more.</param>
internal sealed record Track(int Column, int Row, int EndRow, Tone Tone, bool IsDotted = false) : Mark(Tone);

/// <summary>A segment's way along a row.</summary>
/// <param name="To">The column in which it ends; left of <see cref="From"/> for one that goes to the left.</param>
internal sealed record Arrow(int Row, int From, int To, ArrowEnd End, Tone Tone, bool IsDashed = false) : Mark(Tone);

/// <summary>A coloured ground; a terminal shows none.</summary>
/// <param name="Column">The column of the line at its left.</param>
/// <param name="Width">How many columns to the line at its right.</param>
/// <param name="IsBetweenLines">Lines stand in the rows above and below: it reaches to them.</param>
internal sealed record Ground(int Column, int Row, int Width, int Height, Tone Tone, bool IsBetweenLines = false) : Mark(Tone);

/// <summary>A text on one row of the picture; it is never wrapped.</summary>
/// <param name="Anchor">Where the text is fixed where letters are narrower than cells.</param>
/// <param name="HasGround">Emphasized by a ground of its own, which a terminal does not show.</param>
internal sealed record Label(int Column, int Row, string Text, Tone Tone, MarkAnchor Anchor = default, bool HasGround = false) : Mark(Tone);

/// <summary>Which part of a text stands exactly in its cells; it grows to the other side, or from the middle to both.</summary>
internal enum MarkAnchor : byte
{
    Start,
    Middle,
    End,
}

/// <summary>A line through the centres of cells, with corners at the points.</summary>
/// <param name="Points">Two or more; neighbours share their column or their row.</param>
/// <param name="IsHeavy">Drawn with a thick line: heavy box-drawing characters on a terminal.</param>
internal sealed record Stroke(ImmutableArray<Cell> Points, Tone Tone, bool IsHeavy = false, bool HasHead = false) : Mark(Tone);

/// <summary>
/// What a part of a picture is about: a terminal's theme and a style sheet each give it a colour. No meaning hangs on the colour alone.
/// </summary>
internal enum Tone : byte
{
    /// <summary>Ordinary text and lines, without a meaning of their own.</summary>
    Plain,

    /// <summary>What matters less: times, notes, the lines of a table.</summary>
    Dim,

    Strong,

    /// <summary>It works: a call that gave ok.</summary>
    Good,

    /// <summary>It is refused: a call that gave an error.</summary>
    Bad,

    /// <summary>It is not known: no host and no source gave a result.</summary>
    Unknown,

    Rule,
    Listening,

    /// <summary>The states of a handshake under way: SYN_SENT, SYN_RECV.</summary>
    Opening,

    Open,
    Closing,

    /// <summary>TIME_WAIT: of no process any more.</summary>
    Waiting,

    /// <summary>The states and transitions on the path of the chosen socket.</summary>
    Lit,

    /// <summary>A segment that was held back, lost or repeated.</summary>
    Disturbed,
}

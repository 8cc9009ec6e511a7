using System.Collections.Immutable;

namespace Bindwise.Lab.Drawing.Pictures;

/// <summary>
/// What is to be drawn, laid out on cells: a column is one character of a terminal, a row one of its lines. The terminal and the SVG
/// file show the same picture, so a place is decided once.
/// </summary>
/// <param name="Title">What it shows, a few words; cleaned (<see cref="Cells.Clean"/>).</param>
/// <param name="Description">The same in sentences, for who cannot see it; cleaned.</param>
/// <param name="Columns">Its width in cells; no mark reaches beyond.</param>
/// <param name="Rows">Its height in cells.</param>
/// <param name="Marks">What stands in it. Where two marks want the same cell the later one wins, except that lines join.</param>
internal sealed record Picture(string Title, string Description, int Columns, int Rows, ImmutableArray<Mark> Marks);

/// <summary>A text, a line, a frame or another thing that is drawn in a picture.</summary>
/// <param name="Tone">What it is about.</param>
internal abstract record Mark(Tone Tone);

/// <summary>A text on one row of the picture; it is never wrapped.</summary>
/// <param name="Column">Where it begins.</param>
/// <param name="Row">Its row.</param>
/// <param name="Text">The text, cleaned.</param>
/// <param name="Tone">What it is about.</param>
internal sealed record Label(int Column, int Row, string Text, Tone Tone) : Mark(Tone)
{
    /// <summary>Where the text is fixed where letters are narrower than cells.</summary>
    public Anchor Anchor { get; init; }

    /// <summary>Emphasized by a ground of its own, which a terminal does not show.</summary>
    public bool HasGround { get; init; }
}

/// <summary>Which part of a text stands exactly in its cells.</summary>
internal enum Anchor : byte
{
    /// <summary>The beginning: the text grows to the right.</summary>
    Start,

    /// <summary>The middle: the text grows to both sides.</summary>
    Middle,

    /// <summary>The end: the text grows to the left.</summary>
    End,
}

/// <summary>A line through the centres of cells, with corners at the points.</summary>
/// <param name="Points">Two or more; neighbours share their column or their row.</param>
/// <param name="Tone">What it is about.</param>
internal sealed record Stroke(ImmutableArray<Cell> Points, Tone Tone) : Mark(Tone)
{
    /// <summary>Drawn with a thick line: heavy box-drawing characters on a terminal.</summary>
    public bool IsHeavy { get; init; }

    /// <summary>An arrow's head at the last point.</summary>
    public bool HasHead { get; init; }
}

/// <summary>A segment's way along a row.</summary>
/// <param name="Row">The row.</param>
/// <param name="From">The column in which it starts.</param>
/// <param name="To">The column in which it ends; left of <see cref="From"/> for one that goes to the left.</param>
/// <param name="End">How it ends.</param>
/// <param name="Tone">What it is about.</param>
internal sealed record Arrow(int Row, int From, int To, ArrowEnd End, Tone Tone) : Mark(Tone)
{
    /// <summary>The line is dashed, not solid.</summary>
    public bool IsDashed { get; init; }
}

/// <summary>What an arrow has at its end, which shows what became of the segment.</summary>
internal enum ArrowEnd : byte
{
    /// <summary>With a head: it arrives.</summary>
    Arrives,

    /// <summary>At a bar: it is held back.</summary>
    IsHeld,

    /// <summary>At a cross: it is lost.</summary>
    IsLost,

    /// <summary>At its words, after which it goes on.</summary>
    GoesOn,
}

/// <summary>The life of an end of a connection, from top to bottom.</summary>
/// <param name="Column">Its column.</param>
/// <param name="Row">The first row.</param>
/// <param name="EndRow">The last row.</param>
/// <param name="Tone">What it is about.</param>
internal sealed record Track(int Column, int Row, int EndRow, Tone Tone) : Mark(Tone)
{
    /// <summary>The line is dotted, since no process holds the socket any more.</summary>
    public bool IsDotted { get; init; }
}

/// <summary>A frame around cells, with room for text inside.</summary>
/// <param name="Column">Its left side.</param>
/// <param name="Row">Its upper side.</param>
/// <param name="Width">How many columns with both sides, from 2.</param>
/// <param name="Height">How many rows with both sides, from 2.</param>
/// <param name="Tone">What it is about.</param>
internal sealed record Frame(int Column, int Row, int Width, int Height, Tone Tone) : Mark(Tone)
{
    /// <summary>Drawn with a thick line: heavy box-drawing characters on a terminal.</summary>
    public bool IsHeavy { get; init; }
}

/// <summary>A coloured ground; a terminal shows none.</summary>
/// <param name="Column">The column of the line at its left.</param>
/// <param name="Row">Its upper row.</param>
/// <param name="Width">How many columns to the line at its right.</param>
/// <param name="Height">How many rows.</param>
/// <param name="Tone">What it is about.</param>
internal sealed record Ground(int Column, int Row, int Width, int Height, Tone Tone) : Mark(Tone)
{
    /// <summary>Lines stand in the rows above and below: it reaches to them.</summary>
    public bool IsBetweenLines { get; init; }
}

/// <summary>Time that passes without anything to show: an interrupted line from side to side, with its length in a <see cref="Label"/> of its own.</summary>
/// <param name="Row">The row.</param>
/// <param name="From">Its first column.</param>
/// <param name="To">Its last column.</param>
/// <param name="Tone">What it is about.</param>
internal sealed record Gap(int Row, int From, int To, Tone Tone) : Mark(Tone);

/// <summary>A bar that tells how much of something is left.</summary>
/// <param name="Column">Its first column.</param>
/// <param name="Row">The row.</param>
/// <param name="Width">How many columns a full one has.</param>
/// <param name="Share">How much is left, 0 to 1.</param>
/// <param name="Tone">What it is about.</param>
internal sealed record Meter(int Column, int Row, int Width, double Share, Tone Tone) : Mark(Tone);

/// <summary>A place in a picture.</summary>
/// <param name="Column">From 0 at the left.</param>
/// <param name="Row">From 0 at the top.</param>
internal readonly record struct Cell(int Column, int Row);

/// <summary>What a part of a picture is about: a terminal's theme and a style sheet each give it a colour. No meaning hangs on the colour alone.</summary>
internal enum Tone : byte
{
    /// <summary>Ordinary text and lines, without a meaning of their own.</summary>
    Plain,

    /// <summary>What matters less: times, notes, the lines of a table.</summary>
    Dim,

    /// <summary>A heading or a name.</summary>
    Strong,

    /// <summary>It works: a call that gave ok.</summary>
    Good,

    /// <summary>It is refused: a call that gave an error.</summary>
    Bad,

    /// <summary>It is not known: no host and no source gave a result.</summary>
    Unknown,

    /// <summary>The id of a rule.</summary>
    Rule,

    /// <summary>The state LISTEN.</summary>
    Listening,

    /// <summary>The states of a handshake under way: SYN_SENT, SYN_RECV.</summary>
    Opening,

    /// <summary>The state ESTABLISHED.</summary>
    Open,

    /// <summary>The states of a close under way.</summary>
    Closing,

    /// <summary>TIME_WAIT: of no process any more.</summary>
    Waiting,

    /// <summary>The states and transitions on the path of the chosen socket.</summary>
    Lit,

    /// <summary>A segment that was held back, lost or repeated.</summary>
    Disturbed,
}

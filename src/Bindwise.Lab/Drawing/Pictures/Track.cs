namespace Bindwise.Lab.Drawing.Pictures;

/// <summary>The life of an end of a connection, from top to bottom.</summary>
internal sealed record Track(int Column, int Row, int EndRow, Tone Tone) : Mark(Tone)
{
    /// <summary>The line is dotted, since no process holds the socket any more.</summary>
    public bool IsDotted { get; init; }
}

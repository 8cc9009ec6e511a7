using System.Collections.Immutable;
using Bindwise.Lab.Drawing.Pictures;

namespace Bindwise.Lab.Drawing.Grids;

/// <summary>A table of results: what stands at the left meets what stands above. Any text may be given; it is cleaned when it is laid out.</summary>
/// <param name="Title">What it shows, a few words; may be empty.</param>
/// <param name="Corner">What the headers at the left, and those above, stand for: <c>first socket, then second</c>; may be empty.</param>
/// <param name="Columns">The headers above.</param>
/// <param name="Rows">The rows, each with as many cells as there are columns; a missing cell is empty.</param>
public sealed record Grid(string Title, string Corner, ImmutableArray<string> Columns, ImmutableArray<GridRow> Rows)
{
    /// <summary>Lines below: where it comes from, what the words mean.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];
}

/// <summary>A row of a <see cref="Grid"/>.</summary>
/// <param name="Header">What stands at its left.</param>
/// <param name="Cells">Its cells.</param>
public sealed record GridRow(string Header, ImmutableArray<GridCell> Cells);

/// <summary>A cell of a <see cref="Grid"/>.</summary>
/// <param name="Word">The result: <c>ok</c>, <c>EADDRINUSE</c>, <c>unknown</c>. Empty for a cell that holds nothing.</param>
/// <param name="Tone">How it is to be taken: <see cref="Tone.Good"/>, <see cref="Tone.Bad"/>, <see cref="Tone.Unknown"/> or <see cref="Tone.Dim"/>.</param>
public sealed record GridCell(string Word, Tone Tone)
{
    /// <summary>The id of the rule that decided, shown below the word; null for none.</summary>
    public string? Rule { get; init; }
}

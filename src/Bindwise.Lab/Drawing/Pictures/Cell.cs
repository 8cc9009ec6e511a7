namespace Bindwise.Lab.Drawing.Pictures;

/// <param name="Column">From 0 at the left.</param>
/// <param name="Row">From 0 at the top.</param>
internal readonly record struct Cell(int Column, int Row);

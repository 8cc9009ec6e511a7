using System.Globalization;

namespace Bindwise.Model.Planning;

/// <param name="File">The path as it was given or found, with <c>/</c>.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column, from 1, in UTF-16 units.</param>
internal sealed record PlanLocation(string File, int Line, int Column = 1)
{
    /// <summary><c>compose.yaml:7</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}");
}

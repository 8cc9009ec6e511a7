using Bindwise.Model.Scenarios;

namespace Bindwise.Tests.Tables;

/// <summary>A row of a table in scenarios/rules/, or a cell of a grid: one rule, its source, and the scenario in which it decides, or does not.</summary>
/// <param name="At">Where it stands: file, line, and of a grid the column.</param>
/// <param name="Rule">The rule that the row is about.</param>
/// <param name="Decides">The rule gives the last result; false for a neighbour, where another one must.</param>
/// <param name="Source">The kernel function that has the rule.</param>
/// <param name="Text">The steps.</param>
/// <param name="Closing">The closing states that sockets go through, and no others; null where the row does not say.</param>
internal sealed record TableRow(string At, string Rule, bool Decides, string Source, string Text, string? Closing = null)
{
    /// <summary>The steps, parsed. They are right: a test asserts it for every row.</summary>
    public Scenario Scenario => Parse.Scenario ?? throw new FormatException(Parse.Fault!.At(At));

    /// <summary>The parse, a statement a line: so an arrow judges its own statement, and none of those before it.</summary>
    public ScenarioParse Parse => BindText.Parse(Text.Replace("; ", "\n", StringComparison.Ordinal), At);

    /// <inheritdoc/>
    public override string ToString() => At;
}

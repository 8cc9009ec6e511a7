using System.Text;

namespace Bindwise.Model.Scenarios.Text;

/// <summary>Writes a valid scenario as the lines of a .bind file, the arrows one under the other.</summary>
internal sealed class BindWriter
{
    private const int MaxChars = 100;
    private const int MaxIndent = 60;

    private readonly BindStatementWriter _statements = new();
    private readonly List<(string Statements, string? Expectation)> _lines = [];

    /// <summary>Writes the scenario.</summary>
    public string Write(Scenario scenario)
    {
        var steps = scenario.Steps.AsSpan();
        while (!steps.IsEmpty)
        {
            var run = RunLength(steps);
            var expect = run < steps.Length ? (ExpectStep)steps[run] : null;
            var covered = expect is null || run == 0 ? 0 : expect.Steps;
            WriteFree(steps[..(run - covered)]);
            if (covered > 0)
                _lines.Add((string.Join("; ", Statements(steps[(run - covered)..run])), BindExpectation.Of(expect!)));
            else if (expect is not null)
                _lines.Add((_statements.Next([expect], out _), null));
            steps = steps[(expect is null ? run : run + 1)..];
        }
        return Format(scenario.Name);
    }

    // How many steps come before the next expectation.
    private static int RunLength(ReadOnlySpan<Step> steps)
    {
        var length = 0;
        while (length < steps.Length && steps[length] is not ExpectStep)
            length++;
        return length;
    }

    // Each statement is a line of its own, but closes that follow each other share one.
    private void WriteFree(ReadOnlySpan<Step> steps)
    {
        var shared = false;
        while (!steps.IsEmpty)
        {
            var isClose = steps[0] is CloseStep or AbortStep;
            var statement = _statements.Next(steps, out var taken);
            if (shared && isClose && _lines[^1].Statements.Length + statement.Length < MaxChars)
                _lines[^1] = (_lines[^1].Statements + "; " + statement, null);
            else
                _lines.Add((statement, null));
            shared = isClose;
            steps = steps[taken..];
        }
    }

    private List<string> Statements(ReadOnlySpan<Step> steps)
    {
        var statements = new List<string>();
        while (!steps.IsEmpty)
        {
            statements.Add(_statements.Next(steps, out var taken));
            steps = steps[taken..];
        }
        return statements;
    }

    private string Format(string name)
    {
        var text = new StringBuilder();
        if (name.Length > 0)
            text.Append("scenario ").Append(BindNames.Words(name)).Append('\n');
        var indent = _lines.Where(static line => line.Expectation is not null && line.Statements.Length <= MaxIndent)
            .Select(static line => line.Statements.Length).DefaultIfEmpty(0).Max();
        foreach (var (statements, expectation) in _lines)
        {
            text.Append(expectation is null ? statements : $"{statements.PadRight(indent)} -> {expectation}");
            text.Append('\n');
        }
        return text.ToString();
    }
}

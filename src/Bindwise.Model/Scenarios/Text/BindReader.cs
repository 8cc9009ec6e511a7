using System.Collections.Immutable;
using Bindwise.Model.Scenarios.Words;

namespace Bindwise.Model.Scenarios.Text;

/// <summary>Reads a .bind file line by line; a line with a fault is left out, and the next one read.</summary>
internal sealed class BindReader(string name)
{
    /// <summary>After so many faults the rest is not read.</summary>
    private const int MaxFaults = 20;

    private readonly ImmutableArray<Step>.Builder _steps = ImmutableArray.CreateBuilder<Step>();
    private readonly ImmutableArray<StepPosition>.Builder _positions = ImmutableArray.CreateBuilder<StepPosition>();
    private readonly ImmutableArray<ScenarioFault>.Builder _faults = ImmutableArray.CreateBuilder<ScenarioFault>();
    private readonly ScenarioMeter _meter = new();
    private readonly BindSockets _sockets = new();
    private string _name = name;
    private bool _hasStatements;
    private int _line;

    /// <summary>Reads the file.</summary>
    public ScenarioParse Read(ReadOnlySpan<char> text)
    {
        if (NameRules.OfScenario(_name) is { } fault)
            return new ScenarioParse(null, [new ScenarioFault(fault)]);
        foreach (var range in text.Split('\n'))
        {
            _line++;
            ReadLine(text[range].TrimEnd('\r').ToString());
            if (_faults.Count == MaxFaults)
                break;
        }
        if (_faults.Count > 0)
            return new ScenarioParse(null, _faults.ToImmutable()) { Name = _name };
        return new ScenarioParse(new Scenario(_name, _steps.ToImmutable()), []) { Name = _name, Positions = _positions.ToImmutable() };
    }

    private void ReadLine(string source)
    {
        var cursor = new BindCursor(BindLine.Cut(source));
        var isFirst = !_hasStatements;
        _hasStatements |= !cursor.AtEnd || cursor.Wrong is not null;
        if (cursor.Current.Is("scenario") && cursor.Following.Kind != BindTokenKind.Equals)
            ReadHeader(cursor, isFirst);
        else
            ReadSteps(cursor);
    }

    private void ReadHeader(BindCursor cursor, bool isFirst)
    {
        const string Example = "scenario restart-over-time-wait";
        if (!isFirst)
            cursor.Refuse(cursor.Current, "a file holds one scenario, and its name goes before the first step", null);
        cursor.Take();
        var read = cursor.Words("the scenario's name", Example);
        if (!cursor.AtEnd)
            cursor.Expected("the end of the line after the scenario's name, which goes in quotes if it has other characters", Example);
        cursor.Check(read, NameRules.OfScenario(read.Text));
        if (cursor.Wrong is { } fault)
            _faults.Add(fault with { Line = _line });
        else
            _name = read.Text;
    }

    private void ReadSteps(BindCursor cursor)
    {
        var reader = new BindLineReader(cursor, _sockets);
        reader.Read();
        if (cursor.Wrong is { } wrong)
        {
            _faults.Add(wrong with { Line = _line, Step = _steps.Count + reader.Statement });
            return;
        }
        foreach (var (step, column) in reader.Steps)
        {
            if (_meter.Add(step) is { } fault)
            {
                _faults.Add(new ScenarioFault(fault) { Line = _line, Column = column, Step = _steps.Count });
                return;
            }
            _steps.Add(step);
            _positions.Add(new StepPosition(_line, column));
        }
    }
}

using System.Collections.Immutable;
using Bindwise.Model.Scenarios.Text;

namespace Bindwise.Model.Scenarios.Claims;

/// <summary>Reads a claim file: the head line by line, then each case with the reader of scenarios. A line with a fault is left out, and the next one read.</summary>
internal sealed class ClaimReader
{
    /// <summary>After so many faults the rest is not read.</summary>
    private const int MaxFaults = 20;

    private const string CaseExample = "case both-set \"both sockets had set it\"";

    private readonly ImmutableArray<ScenarioFault>.Builder _faults = ImmutableArray.CreateBuilder<ScenarioFault>();
    private readonly List<CaseLines> _cases = [];
    private readonly ClaimHead _head;
    private int _line;

    public ClaimReader() => _head = new ClaimHead((line, what) => Fault(line, what));

    /// <summary>Reads the file.</summary>
    public ClaimParse Read(string text)
    {
        var lines = text.Split('\n');
        foreach (var source in lines)
        {
            _line++;
            ReadLine(source.TrimEnd('\r'));
        }
        Close(lines.Length);
        if (_head.Id.Length == 0 && _faults.Count == 0)
            Fault(1, "the file says no claim: it starts with its id", "claim reuse-time-wait");
        else if (_head.Says.Length == 0 && _faults.Count == 0)
            Fault(1, "the claim says nothing; write the sentence as people read it", "says \"SO_REUSEADDR lets a server bind over TIME_WAIT\"");
        if (_cases.Count == 0 && _faults.Count == 0)
            Fault(1, "the claim has no case to test it by", CaseExample);
        var cases = ImmutableArray.CreateBuilder<ClaimCase>(_cases.Count);
        foreach (var part in _cases)
        {
            if (Play(part, lines) is { } read)
                cases.Add(read);
        }
        // What only the whole can show is told once its parts are right.
        ImmutableArray<RecordedVerdict> recorded = _faults.Count == 0 ? _head.Recorded(_cases.ConvertAll(static part => part.Name)) : [];
        if (_faults.Count == 0)
            return new ClaimParse(_head.Claim(cases.ToImmutable(), recorded), []);
        _faults.Sort(static (one, other) => (one.Line, one.Column).CompareTo((other.Line, other.Column)));
        return new ClaimParse(null, _faults.Count > MaxFaults ? [.. _faults.ToImmutable().AsSpan()[..MaxFaults]] : _faults.ToImmutable());
    }

    private void ReadLine(string source)
    {
        var cursor = new BindCursor(BindLine.Cut(source));
        var isCase = cursor.Current.Is(ClaimWords.Case) && cursor.Following.Kind != BindTokenKind.Equals;
        if (_cases.Count > 0 && !isCase)
            return; // The case's own: read when its end is known.
        if (isCase)
            ReadCase(cursor);
        else if (!cursor.AtEnd || cursor.Wrong is not null)
            _head.Read(cursor, _line);
        if (cursor.Wrong is { } wrong)
            _faults.Add(wrong with { Line = _line });
    }

    private void ReadCase(BindCursor cursor)
    {
        Close(_line - 1);
        cursor.Take();
        var name = cursor.Text("the case's name", CaseExample);
        cursor.Check(name, ClaimWords.OfId(name.Text));
        if (_cases.Exists(part => part.Name == name.Text))
            cursor.Refuse(name, $"there is a case {name.Text} already; give each its own name", null);
        var when = ClaimHead.Quoted(cursor, "when it is so, in quotes, as the end of a sentence", CaseExample);
        if (_cases.Count == ClaimText.MaximumCases)
            cursor.Refuse(name, $"a claim has at most {ClaimText.MaximumCases} cases; split it", null);
        _cases.Add(new CaseLines(name.Text, when, _line));
    }

    private void Close(int lastLine)
    {
        if (_cases.Count > 0)
            _cases[^1] = _cases[^1] with { Last = lastLine };
    }

    // All lines before it are left blank, so that those of its faults are the file's.
    private ClaimCase? Play(CaseLines part, string[] lines)
    {
        if (_faults.Count > MaxFaults)
            return null;
        var text = string.Join('\n', lines[part.First..part.Last]).Trim('\r', '\n');
        var parse = new BindReader($"{_head.Id}/{part.Name}").Read(new string('\n', part.First) + string.Join('\n', lines[part.First..part.Last]));
        _faults.AddRange(parse.Faults);
        if (parse.Scenario is not { } scenario)
            return null;
        if (part.When.Length > 0 && !scenario.Steps.Any(static step => step is ExpectStep { Claimed: not null }))
            Fault(part.First, $"in the case {part.Name} the claim says nothing; after an expectation, write what is claimed", "bind new 127.0.0.1:8080 -> EADDRINUSE claimed ok");
        return new ClaimCase(part.Name, part.When, scenario) { Text = text + "\n", Line = part.First };
    }

    private void Fault(int line, string what, string? example = null) => _faults.Add(new ScenarioFault(what) { Line = line, Example = example });

    // The case line's number from 1 is the index of the first line behind it.
    private sealed record CaseLines(string Name, string When, int First)
    {
        public int Last { get; init; } = First;
    }
}

using System.Buffers;
using Bindwise.Model.Kernels;
using Bindwise.Model.Scenarios.Text;
using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Scenarios.Claims;

/// <summary>
/// Reads a claim file: the head line by line, then each case with the reader of scenarios. A line with a fault is left out, and the next
/// one read.
/// </summary>
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

    public ClaimParse Read(string text)
    {
        var lines = text.Split('\n');
        foreach (var source in lines)
        {
            _line++;
            ReadLine(source.TrimEnd('\r'), lines);
        }
        Close(lines.Length);
        if (_head.Id.Length == 0 && _faults.Count == 0)
            Fault(1, "the file says no claim: it starts with its id", "claim reuse-time-wait");
        else if (_head.Says.Length == 0 && _faults.Count == 0)
            Fault(1, "the claim says nothing; write the sentence as people read it",
                "says \"SO_REUSEADDR lets a server bind over TIME_WAIT\"");
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
        return new ClaimParse(null, [.. _faults.Take(MaxFaults)]);
    }

    private void ReadLine(string source, string[] lines)
    {
        var cursor = new BindCursor(BindLine.Cut(source));
        var word = cursor.Current.Kind == BindTokenKind.Word && cursor.Following.Kind != BindTokenKind.Equals ? cursor.Current.Text : "";
        if (word == ClaimWords.Case)
            ReadCase(cursor);
        else if (_cases.Count == 0)
            _head.Read(cursor, _line);
        else if (ClaimWords.Head.Contains(word))
        {
            cursor.Refuse(cursor.Current, $"{word} goes before the first case", null);
            lines[_line - 1] = ""; // As a step of the case it would be refused again.
        }
        else
            return; // The case's own: read when its end is known.
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
        var text = string.Join('\n', lines[part.First..part.Last]);
        var parse = new BindReader($"{_head.Id}/{part.Name}").Read(new string('\n', part.First) + text);
        _faults.AddRange(parse.Faults);
        if (parse.Scenario is not { } scenario)
            return null;
        if (part.When.Length > 0 && !scenario.Steps.Any(static step => step is ExpectStep { Claimed: not null }))
            Fault(part.First, $"in the case {part.Name} the claim says nothing; after an expectation, write what is claimed",
                "bind new 127.0.0.1:8080 -> EADDRINUSE claimed ok");
        return new ClaimCase(part.Name, part.When, scenario) { Text = text.Trim('\r', '\n') + "\n", Line = part.First };
    }

    private void Fault(int line, string what, string? example = null) =>
        _faults.Add(new ScenarioFault(what) { Line = line, Example = example });

    // The case line's number from 1 is the index of the first line after it.
    private sealed record CaseLines(string Name, string When, int First)
    {
        public int Last { get; init; } = First;
    }
}

/// <summary>Reads the lines before a claim's first case.</summary>
/// <param name="fault">Takes a fault that shows only once the whole is read: its line, and what is wrong.</param>
internal sealed class ClaimHead(Action<int, string> fault)
{
    private const string VerdictExample = "verdict on linux: conditional in both-set";
    private const string Examples = "says \"SO_REUSEADDR lets a server bind over TIME_WAIT\"";

    private readonly List<string> _sources = [];
    private readonly List<string> _pages = [];
    private readonly List<(RecordedVerdict Verdict, int Line)> _verdicts = [];
    private readonly StringBuilder _note = new();
    private string _about = "";

    public string Id { get; private set; } = "";

    public string Says { get; private set; } = "";

    public void Read(BindCursor cursor, int line)
    {
        if (cursor.AtEnd)
            return; // Blank, or wrong in itself.
        var word = cursor.Take();
        if (cursor.Wrong is null && Id.Length == 0 && !word.Is(ClaimWords.Claim))
            cursor.Refuse(word, $"found {BindCursor.Shown(word)}, expected claim and the claim's id", "claim reuse-time-wait");
        switch (word.Text)
        {
            case ClaimWords.Claim:
                Once(cursor, word, Id);
                Id = IdOf(cursor, "the claim's id", "claim reuse-time-wait");
                break;
            case ClaimWords.Says:
                Once(cursor, word, Says);
                Says = Quoted(cursor, "the sentence in quotes", Examples);
                break;
            case ClaimWords.Source:
                List(cursor, _sources, "the number of an article", "source 000 002");
                break;
            case ClaimWords.See:
                List(cursor, _pages, "a rule or a cause", "see BW005 time-wait");
                break;
            case ClaimWords.About:
                Once(cursor, word, _about);
                _about = IdOf(cursor, "what it is about, in one word", "about time-wait");
                break;
            case ClaimWords.Note:
                if (_note.Length > 0)
                    _note.Append(' ');
                _note.Append(Quoted(cursor, "the note in quotes", "note \"The option is looked at on both sockets.\""));
                break;
            case ClaimWords.Verdict:
                ReadVerdict(cursor, line);
                break;
            default:
                cursor.Unknown(word, "a line of a claim's head (claim, says, source, about, verdict, note, see) or a case", ClaimWords.Head,
                    Examples);
                break;
        }
        if (!cursor.AtEnd)
            cursor.Expected("the end of the line", Examples);
    }

    public Claim Claim(ImmutableArray<ClaimCase> cases, ImmutableArray<RecordedVerdict> recorded) =>
        new(Id, Says, cases) { About = _about, Sources = [.. _sources], Recorded = recorded, Note = _note.ToString(), See = [.. _pages] };

    public ImmutableArray<RecordedVerdict> Recorded(List<string> cases)
    {
        foreach (var (verdict, line) in _verdicts)
        {
            if (verdict.HoldsIn.FirstOrDefault(name => !cases.Contains(name)) is { } unknown)
                fault(line, $"the verdict on {verdict.System} names the case {Fault.Quote(unknown)}, which is not there; the cases are "
                    + $"{string.Join(", ", cases)}");
            if (verdict.Verdict == ClaimVerdict.Conditional && verdict.HoldsIn.Length >= cases.Count)
                fault(line, $"the verdict on {verdict.System} is conditional, and yet it holds in every case; write true, or add the case "
                    + "in which it fails");
        }
        return _verdicts.ConvertAll(one => one.Verdict with { HoldsIn = [.. cases.Where(name => one.Verdict.HoldsIn.Contains(name))] })
            .ToImmutableArray();
    }

    public static string Quoted(BindCursor cursor, string what, string example)
    {
        if (cursor.Current.Kind != BindTokenKind.Quoted)
        {
            cursor.Expected(what, example);
            return "";
        }
        var token = cursor.Take();
        cursor.Check(token, ClaimWords.OfText(token.Text));
        return token.Text;
    }

    private static string IdOf(BindCursor cursor, string what, string example)
    {
        var token = cursor.Text(what, example);
        cursor.Check(token, ClaimWords.OfId(token.Text));
        return token.Text;
    }

    private static void List(BindCursor cursor, List<string> list, string what, string example)
    {
        do
        {
            var token = cursor.Text(what, example);
            if (!token.Text.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter == '-'))
                cursor.Refuse(token, $"found {BindCursor.Shown(token)}, expected {what}", example);
            list.Add(token.Text);
        }
        while (cursor.Wrong is null && !cursor.AtEnd);
    }

    private static void Once(BindCursor cursor, BindToken word, string before)
    {
        if (before.Length > 0)
            cursor.Refuse(word, $"{word.Text} is there twice; leave one out", null);
    }

    // verdict on SYSTEM [KERNELS] {SYSTEM}: VERDICT [in CASE...]
    private void ReadVerdict(BindCursor cursor, int line)
    {
        if (!cursor.Skip("on"))
            cursor.Expected("on, and a system", VerdictExample);
        var systems = new List<(BindToken Token, string Name, KernelRange Kernels)>();
        while (cursor.Wrong is null && (systems.Count == 0 || !IsLast(cursor, systems)))
            systems.Add(ReadSystem(cursor));
        var word = cursor.Text("true, false, conditional or unknown", VerdictExample);
        var verdict = ClaimWords.VerdictOf(word.Text);
        if (verdict is null)
            cursor.Unknown(word, "true, false, conditional or unknown", ["true", "false", "conditional", "unknown"], VerdictExample);
        var cases = verdict == ClaimVerdict.Conditional ? ReadCases(cursor) : [];
        foreach (var (token, name, kernels) in systems)
        {
            if (cursor.Wrong is null && _verdicts.FirstOrDefault(one => one.Verdict.System == name && one.Verdict.Kernels.Overlaps(kernels))
                is { Line: > 0 and var other })
                cursor.Refuse(token, $"line {other} already covers {name}; leave one out, or give separate kernel ranges", null);
            _verdicts.Add((new RecordedVerdict(name, kernels, verdict ?? ClaimVerdict.Unknown, cases), line));
        }
    }

    // The colon stands at the last one's end.
    private static bool IsLast(BindCursor cursor, List<(BindToken Token, string Name, KernelRange Kernels)> systems)
    {
        if (systems[^1].Token.Text.EndsWith(':'))
            return true;
        if (cursor.Current.Kind != BindTokenKind.Word || ClaimWords.VerdictOf(cursor.Current.Text) is not null)
            cursor.Expected("a colon after the last system, or a kernel range and a colon", "verdict on linux 6.1..6.7: true");
        return false;
    }

    private static (BindToken Token, string Name, KernelRange Kernels) ReadSystem(BindCursor cursor)
    {
        var token = cursor.Text("a system", VerdictExample);
        var name = token.Text.TrimEnd(':');
        if (cursor.Wrong is null && !ClaimSystems.All.Contains(name))
            cursor.Unknown(token, "a system: " + string.Join(", ", ClaimSystems.All),
                [.. ClaimSystems.All.Select(static known => known + ":")], VerdictExample);
        if (token.Text.EndsWith(':') || cursor.Current is not { Kind: BindTokenKind.Word, Text: [>= '0' and <= '9' or '.', ..] } range)
            return (token, name, KernelRange.All);
        cursor.Take();
        const string Example = "verdict on linux 6.1..6.7: true";
        if (name != ClaimSystems.Linux)
            cursor.Refuse(range, "only linux has a range of kernels", $"verdict on {name}: true");
        else if (KernelRange.TryParse(range.Text.TrimEnd(':'), out var kernels))
            return (range, name, kernels);
        else
            cursor.Refuse(range, $"{BindCursor.Shown(range)} is not a kernel range", Example);
        return (range, name, KernelRange.All);
    }

    private static ImmutableArray<string> ReadCases(BindCursor cursor)
    {
        if (!cursor.Skip("in"))
            cursor.Expected("in, and the cases in which it holds", VerdictExample);
        var cases = ImmutableArray.CreateBuilder<string>();
        while (cursor.Wrong is null && (cases.Count == 0 || !cursor.AtEnd))
            cases.Add(IdOf(cursor, "the name of a case", VerdictExample));
        return cases.ToImmutable();
    }
}

/// <summary>The words of a claim's head, and what its ids and texts may be.</summary>
internal static class ClaimWords
{
    public const string Claim = "claim";
    public const string Says = "says";
    public const string Source = "source";
    public const string About = "about";
    public const string Verdict = "verdict";
    public const string Note = "note";
    public const string See = "see";
    public const string Case = "case";
    private const int MostIdChars = 64;
    private const int MostTextChars = 4_000;

    private static readonly SearchValues<char> IdChars = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    public static readonly string[] Head = [Claim, Says, Source, About, Verdict, Note, See, Case];

    /// <summary>Null, or what is wrong with an id: of a claim, of a case, of what it is about.</summary>
    public static string? OfId(string id) =>
        id.Length is > 0 and <= MostIdChars && char.IsAsciiLetterLower(id[0]) && !id.AsSpan().ContainsAnyExcept(IdChars)
            ? null
            : $"an id is up to {MostIdChars} small letters, digits and -, a letter first";

    /// <summary>Null, or what is wrong with a text for people.</summary>
    public static string? OfText(string text) => text.Trim().Length == 0 ? "the text is empty; say it in a sentence"
        : text.Length > MostTextChars ? $"the text has {text.Length} characters, more than {MostTextChars}; give a shorter one"
        : text.Any(char.IsControl) ? "the text holds a character that cannot be seen; take it out"
        : null;

    public static ClaimVerdict? VerdictOf(string word) => word switch
    {
        "true" => ClaimVerdict.True,
        "false" => ClaimVerdict.False,
        "conditional" => ClaimVerdict.Conditional,
        "unknown" => ClaimVerdict.Unknown,
        _ => null,
    };
}

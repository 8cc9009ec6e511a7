using System.Collections.Immutable;
using System.Text;
using Bindwise.Model.Scenarios.Text;
using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Scenarios.Claims;

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

    /// <summary>The claim's id; empty so far.</summary>
    public string Id { get; private set; } = "";

    /// <summary>Its sentence; empty so far.</summary>
    public string Says { get; private set; } = "";

    /// <summary>Reads a line that is not blank.</summary>
    public void Read(BindCursor cursor, int line)
    {
        var word = cursor.Take();
        if (cursor.Wrong is null && Id.Length == 0 && !word.Is(ClaimWords.Claim))
            cursor.Refuse(word, $"found {BindCursor.Shown(word)}, expected claim and the claim's id", "claim reuse-time-wait");
        switch (word.Text)
        {
            case ClaimWords.Claim:
                ReadId(cursor, word);
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
                cursor.Unknown(word, "a line of a claim's head (claim, says, source, about, verdict, note, see) or a case", ClaimWords.Head, Examples);
                break;
        }
        if (!cursor.AtEnd)
            cursor.Expected("the end of the line", Examples);
    }

    /// <summary>The claim of these cases.</summary>
    public Claim Claim(ImmutableArray<ClaimCase> cases, ImmutableArray<RecordedVerdict> recorded) =>
        new(Id, Says, cases) { About = _about, Sources = [.. _sources], Recorded = recorded, Note = _note.ToString(), See = [.. _pages] };

    /// <summary>The recorded verdicts, held to the cases that there are.</summary>
    public ImmutableArray<RecordedVerdict> Recorded(List<string> cases)
    {
        foreach (var (verdict, line) in _verdicts)
        {
            if (verdict.HoldsIn.FirstOrDefault(name => !cases.Contains(name)) is { } unknown)
                fault(line, $"the verdict on {verdict.System} names the case {Fault.Quote(unknown)}, which is not there; the cases are {string.Join(", ", cases)}");
            if (verdict.Verdict == ClaimVerdict.Conditional && verdict.HoldsIn.Length >= cases.Count)
                fault(line, $"the verdict on {verdict.System} is conditional, and yet it holds in every case; write true, or add the case in which it fails");
        }
        return _verdicts.ConvertAll(one => one.Verdict with { HoldsIn = [.. cases.Where(name => one.Verdict.HoldsIn.Contains(name))] }).ToImmutableArray();
    }

    /// <summary>A text in quotes that says something.</summary>
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

    private void ReadId(BindCursor cursor, BindToken word)
    {
        Once(cursor, word, Id);
        Id = IdOf(cursor, "the claim's id", "claim reuse-time-wait");
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
            if (cursor.Wrong is null && _verdicts.FirstOrDefault(one => one.Verdict.System == name && one.Verdict.Kernels.Overlaps(kernels)) is { Line: > 0 and var other })
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
            cursor.Unknown(token, "a system: " + string.Join(", ", ClaimSystems.All), [.. ClaimSystems.All.Select(static known => known + ":")], VerdictExample);
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

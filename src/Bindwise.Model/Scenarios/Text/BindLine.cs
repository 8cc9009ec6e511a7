using Bindwise.Model.Scenarios.Words;
using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Scenarios.Text;

/// <summary>
/// Cuts one line of a .bind file into tokens: <c>;</c>, <c>=</c>, <c>-></c>, texts in quotes, and words, which are everything else up to a
/// blank or one of these. <c>#</c> outside of quotes starts a comment.
/// </summary>
internal sealed class BindLine
{
    private readonly List<BindToken> _tokens = [];
    private readonly string _source;
    private int _at;

    private BindLine(string source) => _source = source;

    public string Source => _source;

    /// <summary>The tokens, the last of which is the line's end.</summary>
    public IReadOnlyList<BindToken> Tokens => _tokens;

    /// <summary>What is wrong with the last token but the end; null when all are good.</summary>
    public string? Wrong { get; private set; }

    /// <summary>Cuts a line; a fault ends it.</summary>
    public static BindLine Cut(string source)
    {
        var line = new BindLine(source);
        while (line.Wrong is null && line.SkipBlanks())
            line._tokens.Add(line.Next());
        line._tokens.Add(new BindToken(BindTokenKind.End, "", line._at, 0));
        return line;
    }

    /// <summary>The text reads as one word, so that it needs no quotes.</summary>
    public static bool IsWord(string text)
    {
        var line = Cut(text);
        return line._tokens is [{ Kind: BindTokenKind.Word } word, _] && word.Text == text;
    }

    private bool SkipBlanks()
    {
        while (_at < _source.Length && char.IsWhiteSpace(_source[_at]))
            _at++;
        return _at < _source.Length && _source[_at] != '#';
    }

    private BindToken Next()
    {
        var start = _at;
        if (_source[_at] == '"')
            return Quoted(start);
        var sign = _source[_at] switch
        {
            ';' => BindTokenKind.Semicolon,
            '=' => BindTokenKind.Equals,
            '-' when IsArrow(_at) => BindTokenKind.Arrow,
            _ => BindTokenKind.Word,
        };
        _at += sign == BindTokenKind.Arrow ? 2 : 1;
        while (sign == BindTokenKind.Word && _at < _source.Length && !EndsWord(_at))
            _at++;
        return new BindToken(sign, _source[start.._at], start, _at - start);
    }

    private BindToken Quoted(int start)
    {
        var text = new StringBuilder();
        for (_at = start + 1; _at < _source.Length; _at++)
        {
            var letter = _source[_at];
            if (letter == '"')
            {
                _at++;
                return new BindToken(BindTokenKind.Quoted, text.ToString(), start, _at - start);
            }
            if (letter == '\\' && (++_at >= _source.Length || (letter = _source[_at]) is not ('"' or '\\')))
            {
                Wrong = "in quotes a backslash goes only before a quote or another backslash; write \\\\ for one";
                break;
            }
            text.Append(letter);
        }
        Wrong ??= "the closing quote is missing; put one after the text";
        return new BindToken(BindTokenKind.Quoted, Fault.Show(text.ToString()), start, _source.Length - start);
    }

    private bool EndsWord(int at) => char.IsWhiteSpace(_source[at]) || _source[at] is ';' or '#' or '=' or '"' || IsArrow(at);

    private bool IsArrow(int at) => _source[at] == '-' && at + 1 < _source.Length && _source[at + 1] == '>';
}

internal enum BindTokenKind : byte
{
    End,
    Word,
    Quoted,

    /// <summary><c>=</c>.</summary>
    Equals,

    Semicolon,

    /// <summary><c>-></c>.</summary>
    Arrow,
}

/// <param name="Text">Its text, without quotes and escapes.</param>
/// <param name="Start">Where it starts in the line, from 0.</param>
/// <param name="Length">How many characters of the line it takes.</param>
internal readonly record struct BindToken(BindTokenKind Kind, string Text, int Start, int Length)
{
    /// <summary>Nothing more belongs to the statement.</summary>
    public bool EndsStatement => Kind is BindTokenKind.End or BindTokenKind.Semicolon or BindTokenKind.Arrow;

    public bool Is(string word) => Kind == BindTokenKind.Word && Text == word;
}

/// <summary>
/// Goes over the tokens of a line. The first fault is remembered and the rest of the line taken for read: who asks on gets stand-ins, and
/// looks at <see cref="Wrong"/> when the line is done.
/// </summary>
internal sealed class BindCursor
{
    private const int MaxExampleChars = 100;

    private readonly BindLine _line;
    private int _next;

    /// <summary>Starts before the line's first token.</summary>
    public BindCursor(BindLine line)
    {
        _line = line;
        if (line.Wrong is { } fault)
            Refuse(line.Tokens[^2], fault, null);
    }

    /// <summary>The fault, without line and step; null so far.</summary>
    public ScenarioFault? Wrong { get; private set; }

    public BindToken Current => Wrong is null ? _line.Tokens[_next] : _line.Tokens[^1];
    public BindToken Following => Wrong is null ? _line.Tokens[Math.Min(_next + 1, _line.Tokens.Count - 1)] : _line.Tokens[^1];
    public bool AtEnd => Current.Kind == BindTokenKind.End;

    /// <summary>Takes the next token; the end stays.</summary>
    public BindToken Take()
    {
        var token = Current;
        if (token.Kind != BindTokenKind.End)
            _next++;
        return token;
    }

    public bool Skip(string word)
    {
        var isWord = Current.Is(word);
        if (isWord)
            Take();
        return isWord;
    }

    public bool Skip(BindTokenKind kind)
    {
        var isKind = Current.Kind == kind && kind != BindTokenKind.End;
        if (isKind)
            Take();
        return isKind;
    }

    /// <param name="what">What is wrong, why, and what would be right.</param>
    /// <param name="example">A line that is right; null when the fault says enough.</param>
    public void Refuse(BindToken at, string what, string? example) =>
        Wrong ??= new ScenarioFault(what) { Column = at.Start + 1, Example = example };

    /// <summary>Remembers that the next token is another than was expected.</summary>
    public void Expected(string what, string example) => Refuse(Current, $"found {Shown(Current)}, expected {what}", example);

    /// <summary>Remembers what is wrong with a token, if anything is.</summary>
    public void Check(BindToken token, string? fault)
    {
        if (fault is not null)
            Refuse(token, fault, null);
    }

    /// <summary>Remembers that a word is none of those that are known here, and shows the line with the nearest one in its place.</summary>
    public void Unknown(BindToken token, string expected, IReadOnlyCollection<string> known, string example)
    {
        var near = token.Kind == BindTokenKind.Word ? Nearest.To(token.Text, known) : null;
        Refuse(token, $"found {Shown(token)}, expected {expected}", near is null ? example : Corrected(token, near) ?? example);
    }

    /// <summary>The line with another text in a token's place; null when it cannot be shown as it is.</summary>
    public string? Corrected(BindToken token, string replacement)
    {
        var source = _line.Source;
        var rest = source[(token.Start + token.Length)..Math.Max(_line.Tokens[^1].Start, token.Start + token.Length)];
        var line = (source[..token.Start] + replacement + rest).Trim().Replace('\t', ' ');
        return line.Length <= MaxExampleChars && NameRules.OfScenario(line) is null ? line : null;
    }

    public BindToken Text(string what, string example)
    {
        if (Current.Kind is not (BindTokenKind.Word or BindTokenKind.Quoted))
            Expected(what, example);
        return Take();
    }

    /// <summary>A text in quotes, or words up to the next sign, with one blank between them.</summary>
    public BindToken Words(string what, string example)
    {
        var first = Text(what, example);
        if (first.Kind != BindTokenKind.Word)
            return first;
        var words = new StringBuilder(first.Text);
        while (Current.Kind == BindTokenKind.Word)
            words.Append(' ').Append(Take().Text);
        return first with { Text = words.ToString() };
    }

    public string Name(string what, string example)
    {
        var token = Text(what, example);
        if (Wrong is null && token.Kind == BindTokenKind.Word && !BindNames.IsBare(token.Text))
        {
            var quoted = Corrected(token, BindNames.Quote(token.Text));
            Refuse(token, $"found {Shown(token)}, expected {what}: letters, digits, _ - and ., a letter first; put any other name in "
                + "quotes", quoted ?? example);
        }
        Check(token, NameRules.OfSocket(token.Text));
        return token.Text;
    }

    /// <param name="check">Gives null, or what is wrong with it: it keeps the number within the type that the caller casts it to.</param>
    public decimal Number(string what, Func<decimal, string?> check, string example)
    {
        var token = Current;
        if (token.Kind != BindTokenKind.Word || !TryNumber(token.Text, out var number))
        {
            Expected(what, example);
            return 0;
        }
        Take();
        if (check(number) is not { } fault)
            return number;
        Refuse(token, fault, null);
        return 0;
    }

    /// <summary>Reads digits, with a minus sign perhaps.</summary>
    public static bool TryNumber(string text, out decimal number)
    {
        number = 0;
        return text.Length <= 20 && decimal.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number)
            && text[0] != '+';
    }

    public static string Shown(BindToken token) => token.Kind switch
    {
        BindTokenKind.End => "the end of the line",
        BindTokenKind.Arrow => "->",
        _ => Fault.Quote(token.Text),
    };
}

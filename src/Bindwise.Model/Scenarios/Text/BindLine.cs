using System.Text;
using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Scenarios.Text;

/// <summary>
/// Cuts one line of a .bind file into tokens: <c>;</c>, <c>=</c>, <c>-></c>, texts in quotes, and words, which are everything else up to
/// a blank or one of these. <c>#</c> outside of quotes starts a comment.
/// </summary>
internal sealed class BindLine
{
    private readonly List<BindToken> _tokens = [];
    private readonly string _source;
    private int _at;

    private BindLine(string source) => _source = source;

    /// <summary>The line as it stands.</summary>
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

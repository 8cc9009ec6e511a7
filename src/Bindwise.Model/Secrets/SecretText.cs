namespace Bindwise.Model.Secrets;

/// <summary>
/// Secrets within a text, whatever it belongs to: addresses, <c>name=value</c>, JSON and YAML fields, headers, SQL passwords, private keys
/// and tokens. One pass, no look back.
/// </summary>
internal ref struct SecretText
{
    /// <summary>So much of a value is looked at where its look decides.</summary>
    private const int LongestByAppearance = 256;

    private readonly string _text;
    private readonly StringBuilder _result;
    private int _at;
    private int _braces;

    private SecretText(string text)
    {
        this._text = text;
        _result = new StringBuilder(text.Length);
    }

    public static string Mask(string text) => new SecretText(SecretAddress.Mask(text)).Run();

    /// <summary>Where in a value the next <c>,name=</c> begins, at its separator; -1 where none does.</summary>
    public static int NextPair(string value, bool orBlank)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if ((value[i] is ',' or ';' or '&' || (orBlank && value[i] == ' ')) && BeginsPair(value.AsSpan(i + 1)))
                return i;
        }
        return -1;
    }

    private string Run()
    {
        while (_at < _text.Length)
        {
            var c = _text[_at];
            if (c == '-' && PrivateText.EndAt(_text, _at) is var end and > 0)
            {
                _result.Append(PrivateText.FirstLineOf(_text, _at)).Append(SecretValues.Mask);
                _at = end;
            }
            else if (IsNameLetter(c) || c is '$' or '{' && TokenShapes.LengthAt(_text.AsSpan(_at)) > 0)
                TakeName();
            else
                TakeLetter();
        }
        return _result.ToString();
    }

    private void TakeLetter()
    {
        _braces += _text[_at] switch { '{' => 1, '}' when _braces > 0 => -1, _ => 0 };
        _result.Append(_text[_at++]);
    }

    private void TakeName()
    {
        if (TokenShapes.LengthAt(_text.AsSpan(_at)) is var token and > 0)
        {
            _result.Append(SecretValues.Mask);
            _at += token;
            return;
        }
        var start = _at;
        while (_at < _text.Length && IsNameLetter(_text[_at]))
            _at++;
        var name = _text.AsSpan(start, _at - start);
        _result.Append(name);
        if (_at == _text.Length)
            return;
        var value = FieldValue(start, out var form);
        if (value < 0 && SqlValue(name) is var sql and > 0)
            TakeQuoted(sql, name, force: true);
        else if (value >= 0 && value < _text.Length)
            TakeValue(start, name, value, form);
    }

    private enum Form
    {
        Pair,

        Json,

        /// <summary>name: value, the whole line if it begins the text.</summary>
        Line,

        Tight,
    }

    /// <summary>Where the value of the name at <paramref name="start"/> begins; -1 when no value follows.</summary>
    private readonly int FieldValue(int start, out Form form)
    {
        form = Form.Pair;
        var next = _at;
        while (next < _text.Length && _text[next] == '\\')
            next++;
        var quoted = next < _text.Length && _text[next] is '"' or '\'' && start > 0 && _text[start - 1] == _text[next];
        next = quoted ? next + 1 : _at;
        var blanks = Blanks(next);
        if (blanks >= _text.Length)
            return -1;
        switch (_text[blanks])
        {
            case '=' when blanks + 1 == _text.Length || _text[blanks + 1] != '=':
                form = quoted ? Form.Json : Form.Pair;
                next = blanks + 1 < _text.Length && _text[blanks + 1] == '>' ? blanks + 2 : blanks + 1;
                // "name = value" with blanks on both sides, or "name=value" with none.
                return quoted || blanks > _at ? Blanks(next) is var far && far > next ? far : quoted ? far : -1 : next;
            case ':' when quoted:
                form = Form.Json;
                return Blanks(blanks + 1);
            case ':' when blanks == _at && blanks + 1 < _text.Length && _text[blanks + 1] == '=':
                return blanks + 2;
            case ':' when blanks == _at && blanks + 1 < _text.Length && _text[blanks + 1] is ' ' or '\t':
                form = Form.Line;
                return Blanks(blanks + 1);
            case ':' when blanks == _at:
                form = Form.Tight;
                return blanks + 1;
            default:
                return -1;
        }
    }

    private void TakeValue(int start, ReadOnlySpan<char> name, int value, Form form)
    {
        var backslashes = 0;
        while (value + backslashes < _text.Length && _text[value + backslashes] == '\\')
            backslashes++;
        if (value + backslashes < _text.Length && _text[value + backslashes] is '"' or '\'')
        {
            TakeQuoted(value, name, force: false);
            return;
        }
        // Only the value of a name that tells is read to its end: each letter is looked at a few times at most.
        var kind = SecretNames.KindOf(name);
        if (kind == SecretKind.Harmless && !IsParameter(start, name))
            return;
        var end = EndOfValue(value, start, form, kind is SecretKind.ByAppearance or SecretKind.Login ? LongestByAppearance : _text.Length);
        var content = _text.AsSpan(value, end - value);
        if (kind == SecretKind.Login && form == Form.Pair && SecretNames.PasswordAt(name, content) is var password and > 0)
        {
            _result.Append(_text, _at, value + password - _at).Append(SecretValues.Mask);
            _at = EndOfValue(value, start, form, _text.Length);
            return;
        }
        if (!IsSecret(start, name, content, form))
        {
            if (kind == SecretKind.Secret && SecretValues.IsReference(content))
            {
                _result.Append(_text, _at, end - _at);
                _at = end;
            }
            return;
        }
        end = EndOfValue(value, start, form, _text.Length);
        content = _text.AsSpan(value, end - value);
        _result.Append(_text, _at, value - _at);
        // Authorization: Bearer …, the scheme stays.
        var scheme = AuthorizationScheme.LengthAt(content);
        _result.Append(content[..scheme]);
        if (!SecretValues.IsPlain(content[scheme..]))
            _result.Append(SecretValues.Mask);
        else
            _result.Append(content[scheme..]);
        _at = end;
    }

    /// <summary>A value in quotes, which may be escaped: the quotes stay.</summary>
    private void TakeQuoted(int value, ReadOnlySpan<char> name, bool force)
    {
        var open = value;
        while (_text[open] == '\\')
            open++;
        // Without its end the text was cut.
        var close = EndOfQuoted(open, open > value) is var found and >= 0 ? found : _text.Length;
        var content = _text.AsSpan(open + 1, close - open - 1);
        var login = SecretNames.KindOf(name) == SecretKind.Login ? SecretNames.PasswordAt(name, content) : 0;
        if (login == 0 && !(force ? !SecretValues.IsPlain(content) : SecretNames.Hides(name, content)))
            return;
        _result.Append(_text, _at, open + 1 - _at);
        var kept = login > 0 ? login : AuthorizationScheme.LengthAt(content);
        _result.Append(content[..kept]).Append(SecretValues.Mask);
        _at = close;
    }

    private readonly int EndOfQuoted(int open, bool escaped)
    {
        for (var i = open + 1; i < _text.Length; i++)
        {
            if (_text[i] == '\\' && i + 1 < _text.Length)
            {
                if (escaped && _text[i + 1] == _text[open])
                    return i;
                i++;
            }
            else if (_text[i] == _text[open])
                return i;
        }
        return -1;
    }

    private readonly bool IsSecret(int start, ReadOnlySpan<char> name, ReadOnlySpan<char> value, Form form)
    {
        var before = start == 0 ? '\0' : _text[start - 1];
        // Authorization:Bearer, and the secret after a blank.
        if (AuthorizationScheme.Is(value) || value.StartsWith(SecretValues.Mask, StringComparison.Ordinal))
            return false;
        if (form == Form.Pair && IsParameter(start, name) && !SecretNames.Hides(name, value))
            return (name is "sig" || value.Length >= 8) && !SecretValues.IsPlain(value);
        if (form is not Form.Tight)
            return SecretNames.Hides(name, value);
        // token:/run/token is a mount, secret:8080 a port, password:reset a task.
        if (value[0] is '/' or ':' || BeginsPair(value) || !SecretNames.Hides(name, value))
            return false;
        return before == '/' || name is "pass" || before is '"' or '\''
            || (value.ContainsAnyExceptInRange('a', 'z') && (value.Length > 5 || value.ContainsAnyExceptInRange('0', '9')));
    }

    private readonly bool IsParameter(int start, ReadOnlySpan<char> name) => start > 0 && (_text[start - 1] is '?' or '&' or '#'
        || (_text[start - 1] == ';' && name.EndsWith("sessionid", StringComparison.OrdinalIgnoreCase)))
        && SecretNames.IsParameter(name);

    private readonly int EndOfValue(int start, int name, Form form, int limit)
    {
        if (PrivateText.EndAt(_text, start) is var block and > 0)
            return block;
        // A header that begins the text, or a quoted part of it, goes on to the end of its line.
        var quote = name > 0 && _text[name - 1] is '"' or '\'' ? _text[name - 1] : '\0';
        if (form == Form.Line && _braces == 0 && (name == 0 || quote != '\0' || _text[name - 1] == '\n'))
        {
            var line = quote != '\0' ? _text.AsSpan(start).IndexOfAny(quote, '\n') : _text.AsSpan(start).IndexOf('\n');
            return line < 0 ? _text.Length : start + line;
        }
        if (start < _text.Length && _text[start] is '[' or '{' && form != Form.Tight)
        {
            var close = _text.AsSpan(start).IndexOf(_text[start] == '[' ? ']' : '}');
            if (_text[start] == '{' && (form != Form.Pair || close < 0 || _text.AsSpan(start, close).Contains('"')))
                return start;
            return close < 0 ? _text.Length : start + close + 1;
        }
        var scheme = form is Form.Line or Form.Tight ? AuthorizationScheme.LengthAt(_text.AsSpan(start)) : 0;
        var isQuery = name > 0 && _text[name - 1] is '?' or '&' or ';';
        for (var i = start + scheme; i < _text.Length && i - start < limit; i++)
        {
            if (_text[i] is ';' or '&' or ' ' or '\t' or '\n' or '"' or '\'' || (_text[i] is '}' or ']' && _braces > 0) || (isQuery
                && _text[i] is '#' or '?') || (_text[i] == ',' && (form is Form.Json or Form.Line || BeginsPair(_text.AsSpan(i + 1)))))
                return i;
        }
        return limit < _text.Length - start ? start + limit : _text.Length;
    }

    /// <summary>The quote after SQL's PASSWORD, or IDENTIFIED BY: ALTER USER joe PASSWORD 'x'; 0 for none.</summary>
    private readonly int SqlValue(ReadOnlySpan<char> name)
    {
        if (!(name.Equals("password", StringComparison.OrdinalIgnoreCase)
            || (name.Equals("by", StringComparison.OrdinalIgnoreCase) && IsIdentified())))
            return 0;
        var next = Blanks(_at);
        if (next < _text.Length && _text[next] == '(')
            next = Blanks(next + 1);
        return next < _text.Length && _text[next] == '\''
            && (name[0] is 'B' or 'b' || _text.AsSpan(0, Math.Min(_at, 512)).ContainsAny(SqlVerbs)) ? next : 0;
    }

    private readonly bool IsIdentified() =>
        _text.AsSpan(Math.Max(0, _at - 64), Math.Min(_at, 64)).Contains("IDENTIFIED", StringComparison.OrdinalIgnoreCase);

    private static readonly System.Buffers.SearchValues<string> SqlVerbs =
        System.Buffers.SearchValues.Create(["ALTER ", "CREATE ", "SET ", "GRANT "], StringComparison.OrdinalIgnoreCase);

    private readonly int Blanks(int from)
    {
        var next = from;
        while (next < _text.Length && next - from < 16 && _text[next] is ' ' or '\t')
            next++;
        return next;
    }

    private static bool BeginsPair(ReadOnlySpan<char> text)
    {
        var length = 0;
        while (length < text.Length && length < 128 && IsNameLetter(text[length]))
            length++;
        return length > 0 && length < text.Length && text[length] == '=';
    }

    private static bool IsNameLetter(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.';
}

/// <summary>The word before the secret in an Authorization header (RFC 9110, 11.4).</summary>
internal static class AuthorizationScheme
{
    /// <summary>The scheme and its blank at the text's beginning; 0 for none.</summary>
    public static int LengthAt(ReadOnlySpan<char> text)
    {
        var end = text[..Math.Min(text.Length, 24)].IndexOf(' ');
        return end > 0 && Is(text[..end]) ? end + 1 : 0;
    }

    public static bool Is(ReadOnlySpan<char> word) => word.Length <= 20 && word.ToString().ToLowerInvariant()
        is "basic" or "bearer" or "token" or "digest" or "negotiate" or "apikey" or "api-key" or "key" or "hawk" or "aws"
            or "aws4-hmac-sha256" or "googlelogin" or "splunk" or "sso-key"
            or "dpop" or "ntlm" or "sharedaccesssignature" or "sharedkey" or "bot" or "jwt" or "oauth" or "genie" or "vapid" or "ssws"
            or "snapshot";
}

/// <summary>A private key or another secret in PEM form (RFC 7468).</summary>
internal static class PrivateText
{
    private const string Begin = "-----BEGIN ";
    private const string End = "-----END ";

    /// <summary>Where it ends that begins here: after its last line, or with the text; 0 when nothing secret begins here.</summary>
    public static int EndAt(string text, int at)
    {
        if (!text.AsSpan(at).StartsWith(Begin, StringComparison.Ordinal) || !IsSecret(text, at))
            return 0;
        var end = text.IndexOf(End, at, StringComparison.Ordinal);
        var close = end < 0 ? -1 : text.IndexOf("-----", end + End.Length, StringComparison.Ordinal);
        return close < 0 ? text.Length : close + 5;
    }

    public static ReadOnlySpan<char> FirstLineOf(string text, int at) => text.AsSpan(at, LabelLength(text, at));

    /// <summary>The word opens a block that it does not close: a block without quotes, which the shell cut at its blanks.</summary>
    public static bool IsOpen(string word) =>
        word.LastIndexOf("-----BEGIN", StringComparison.Ordinal) > word.LastIndexOf("-----END", StringComparison.Ordinal);

    public static bool IsClosed(string word) => word.Contains("-----END", StringComparison.Ordinal);

    private static int LabelLength(string text, int at)
    {
        var rest = text.AsSpan(at + Begin.Length);
        var end = rest[..Math.Min(rest.Length, 64)].IndexOf("-----", StringComparison.Ordinal);
        return end < 0 ? Begin.Length : Begin.Length + end + 5;
    }

    private static bool IsSecret(string text, int at)
    {
        var label = FirstLineOf(text, at)[Begin.Length..];
        return label.Contains("PRIVATE", StringComparison.Ordinal) || label.Contains("JWT", StringComparison.Ordinal)
            || label.Contains("SEED", StringComparison.Ordinal)
            || label.Contains("Static key", StringComparison.Ordinal);
    }
}

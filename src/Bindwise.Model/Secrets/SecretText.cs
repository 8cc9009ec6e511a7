using System.Text;

namespace Bindwise.Model.Secrets;

/// <summary>
/// Secrets within a text, whatever it belongs to: addresses, <c>name=value</c>, JSON and YAML fields, headers, SQL passwords, private keys and
/// tokens. One pass, no look back.
/// </summary>
internal ref struct SecretText
{
    /// <summary>So much of a value is looked at where its look decides.</summary>
    private const int LongestByLook = 256;

    private readonly string text;
    private readonly StringBuilder result;
    private int at;
    private int braces;

    private SecretText(string text)
    {
        this.text = text;
        result = new StringBuilder(text.Length);
    }

    /// <summary>The text with its secrets masked.</summary>
    public static string Mask(string text) => new SecretText(SecretAddress.Mask(text)).Run();

    /// <summary>Where in a value the next <c>,name=</c> begins, at its separator; -1 where none does.</summary>
    /// <param name="value">The value.</param>
    /// <param name="orBlank">A blank separates too.</param>
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
        while (at < text.Length)
        {
            var c = text[at];
            if (c == '-' && PrivateText.EndAt(text, at) is var end and > 0)
            {
                result.Append(PrivateText.FirstLineOf(text, at)).Append(SecretValues.Mask);
                at = end;
            }
            else if (IsNameLetter(c) || c is '$' or '{' && TokenShapes.LengthAt(text.AsSpan(at)) > 0)
                TakeName();
            else
                TakeLetter();
        }
        return result.ToString();
    }

    private void TakeLetter()
    {
        braces += text[at] switch { '{' => 1, '}' when braces > 0 => -1, _ => 0 };
        result.Append(text[at++]);
    }

    private void TakeName()
    {
        if (TokenShapes.LengthAt(text.AsSpan(at)) is var token and > 0)
        {
            result.Append(SecretValues.Mask);
            at += token;
            return;
        }
        var start = at;
        while (at < text.Length && IsNameLetter(text[at]))
            at++;
        var name = text.AsSpan(start, at - start);
        result.Append(name);
        if (at == text.Length)
            return;
        var value = FieldValue(start, out var form);
        if (value < 0 ? SqlValue(name) is var sql and > 0 : false)
            TakeQuoted(sql, name, force: true);
        else if (value >= 0 && value < text.Length)
            TakeValue(start, name, value, form);
    }

    private enum Form
    {
        /// <summary>name=value</summary>
        Pair,

        /// <summary>"name": value</summary>
        Json,

        /// <summary>name: value, the whole line if it begins the text.</summary>
        Line,

        /// <summary>name:value</summary>
        Tight,
    }

    /// <summary>Where the value of the name at <paramref name="start"/> begins; -1 when no value follows.</summary>
    private readonly int FieldValue(int start, out Form form)
    {
        form = Form.Pair;
        var next = at;
        while (next < text.Length && text[next] == '\\')
            next++;
        var quoted = next < text.Length && text[next] is '"' or '\'' && start > 0 && text[start - 1] == text[next];
        next = quoted ? next + 1 : at;
        var blanks = Blanks(next);
        if (blanks >= text.Length)
            return -1;
        switch (text[blanks])
        {
            case '=' when blanks + 1 == text.Length || text[blanks + 1] != '=':
                form = quoted ? Form.Json : Form.Pair;
                next = blanks + 1 < text.Length && text[blanks + 1] == '>' ? blanks + 2 : blanks + 1;
                // "name = value" with blanks on both sides, or "name=value" with none.
                return quoted || blanks > at ? Blanks(next) is var far && far > next ? far : quoted ? far : -1 : next;
            case ':' when quoted:
                form = Form.Json;
                return Blanks(blanks + 1);
            case ':' when blanks == at && blanks + 1 < text.Length && text[blanks + 1] == '=':
                return blanks + 2;
            case ':' when blanks == at && blanks + 1 < text.Length && text[blanks + 1] is ' ' or '\t':
                form = Form.Line;
                return Blanks(blanks + 1);
            case ':' when blanks == at:
                form = Form.Tight;
                return blanks + 1;
            default:
                return -1;
        }
    }

    private void TakeValue(int start, ReadOnlySpan<char> name, int value, Form form)
    {
        var backslashes = 0;
        while (value + backslashes < text.Length && text[value + backslashes] == '\\')
            backslashes++;
        if (value + backslashes < text.Length && text[value + backslashes] is '"' or '\'')
        {
            TakeQuoted(value, name, force: false);
            return;
        }
        // Only the value of a name that tells is read to its end: each letter is looked at a few times at most.
        var kind = SecretNames.KindOf(name);
        if (kind == SecretKind.Harmless && !IsParameter(start, name))
            return;
        var end = EndOfValue(value, start, form, kind is SecretKind.ByLook or SecretKind.Login ? LongestByLook : text.Length);
        var content = text.AsSpan(value, end - value);
        if (kind == SecretKind.Login && form == Form.Pair && SecretValues.PasswordAt(content) is var password and > 0)
        {
            result.Append(text, at, value + password - at).Append(SecretValues.Mask);
            at = EndOfValue(value, start, form, text.Length);
            return;
        }
        if (!IsSecret(start, name, content, form))
        {
            if (kind == SecretKind.Secret && SecretValues.IsReference(content))
            {
                result.Append(text, at, end - at);
                at = end;
            }
            return;
        }
        end = EndOfValue(value, start, form, text.Length);
        content = text.AsSpan(value, end - value);
        result.Append(text, at, value - at);
        // Authorization: Bearer …, the scheme stays.
        var scheme = AuthorizationScheme.LengthAt(content);
        result.Append(content[..scheme]);
        if (!SecretValues.IsPlain(content[scheme..]))
            result.Append(SecretValues.Mask);
        else
            result.Append(content[scheme..]);
        at = end;
    }

    /// <summary>A value in quotes, which may be escaped: the quotes stay.</summary>
    private void TakeQuoted(int value, ReadOnlySpan<char> name, bool force)
    {
        var open = value;
        while (text[open] == '\\')
            open++;
        // Without its end the text was cut.
        var close = EndOfQuoted(open, open > value) is var found and >= 0 ? found : text.Length;
        var content = text.AsSpan(open + 1, close - open - 1);
        if (!(force ? !SecretValues.IsPlain(content) : SecretNames.Hides(name, content)))
            return;
        result.Append(text, at, open + 1 - at);
        var scheme = AuthorizationScheme.LengthAt(content);
        result.Append(content[..scheme]).Append(SecretValues.Mask);
        at = close;
    }

    private readonly int EndOfQuoted(int open, bool escaped)
    {
        for (var i = open + 1; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length)
            {
                if (escaped && text[i + 1] == text[open])
                    return i;
                i++;
            }
            else if (text[i] == text[open])
                return i;
        }
        return -1;
    }

    private readonly bool IsSecret(int start, ReadOnlySpan<char> name, ReadOnlySpan<char> value, Form form)
    {
        var before = start == 0 ? '\0' : text[start - 1];
        // Authorization:Bearer, and the secret behind a blank.
        if (AuthorizationScheme.Is(value) || value.StartsWith(SecretValues.Mask, StringComparison.Ordinal))
            return false;
        if (form == Form.Pair && IsParameter(start, name) && !SecretNames.Hides(name, value))
            return (name is "sig" || value.Length >= 8) && !SecretValues.IsPlain(value);
        if (form is not Form.Tight)
            return SecretNames.Hides(name, value);
        // token:/run/token is a mount, secret:8080 a port, password:reset a task.
        if (value[0] is '/' or ':' || BeginsPair(value) || !SecretNames.Hides(name, value))
            return false;
        return before == '/' || name is "pass" || before is '"' or '\'' || (value.ContainsAnyExceptInRange('a', 'z') && (value.Length > 5 || value.ContainsAnyExceptInRange('0', '9')));
    }

    private readonly bool IsParameter(int start, ReadOnlySpan<char> name) => start > 0 && (text[start - 1] is '?' or '&' or '#' || (text[start - 1] == ';' && name.EndsWith("sessionid", StringComparison.OrdinalIgnoreCase)))
        && SecretNames.IsParameter(name);

    private readonly int EndOfValue(int start, int name, Form form, int limit)
    {
        if (PrivateText.EndAt(text, start) is var block and > 0)
            return block;
        // A header that begins the text, or a quoted part of it, goes on to the end of its line.
        var quote = name > 0 && text[name - 1] is '"' or '\'' ? text[name - 1] : '\0';
        if (form == Form.Line && braces == 0 && (name == 0 || quote != '\0' || text[name - 1] == '\n'))
        {
            var line = quote != '\0' ? text.AsSpan(start).IndexOfAny(quote, '\n') : text.AsSpan(start).IndexOf('\n');
            return line < 0 ? text.Length : start + line;
        }
        if (start < text.Length && text[start] is '[' or '{' && form != Form.Tight)
        {
            var close = text.AsSpan(start).IndexOf(text[start] == '[' ? ']' : '}');
            if (text[start] == '{' && (form != Form.Pair || close < 0 || text.AsSpan(start, close).Contains('"')))
                return start;
            return close < 0 ? text.Length : start + close + 1;
        }
        var scheme = form is Form.Line or Form.Tight ? AuthorizationScheme.LengthAt(text.AsSpan(start)) : 0;
        var isQuery = name > 0 && text[name - 1] is '?' or '&' or ';';
        for (var i = start + scheme; i < text.Length && i - start < limit; i++)
        {
            if (text[i] is ';' or '&' or ' ' or '\t' or '\n' or '"' or '\'' || (text[i] is '}' or ']' && braces > 0) || (isQuery && text[i] is '#' or '?') || (text[i] == ',' && (form is Form.Json or Form.Line || BeginsPair(text.AsSpan(i + 1)))))
                return i;
        }
        return limit < text.Length - start ? start + limit : text.Length;
    }

    /// <summary>The quote after SQL's PASSWORD, or IDENTIFIED BY: ALTER USER joe PASSWORD 'x'; 0 for none.</summary>
    private readonly int SqlValue(ReadOnlySpan<char> name)
    {
        if (!(name.Equals("password", StringComparison.OrdinalIgnoreCase) || (name.Equals("by", StringComparison.OrdinalIgnoreCase) && IsIdentified())))
            return 0;
        var next = Blanks(at);
        if (next < text.Length && text[next] == '(')
            next = Blanks(next + 1);
        return next < text.Length && text[next] == '\'' && (name[0] is 'B' or 'b' || text.AsSpan(0, Math.Min(at, 512)).ContainsAny(SqlVerbs)) ? next : 0;
    }

    private readonly bool IsIdentified() => text.AsSpan(Math.Max(0, at - 64), Math.Min(at, 64)).Contains("IDENTIFIED", StringComparison.OrdinalIgnoreCase);

    private static readonly System.Buffers.SearchValues<string> SqlVerbs = System.Buffers.SearchValues.Create(["ALTER ", "CREATE ", "SET ", "GRANT "], StringComparison.OrdinalIgnoreCase);

    private readonly int Blanks(int from)
    {
        var next = from;
        while (next < text.Length && next - from < 16 && text[next] is ' ' or '\t')
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

    /// <summary>Whether the word is a scheme.</summary>
    public static bool Is(ReadOnlySpan<char> word) => word.Length <= 20 && word.ToString().ToLowerInvariant()
        is "basic" or "bearer" or "token" or "digest" or "negotiate" or "apikey" or "api-key" or "key" or "hawk" or "aws" or "aws4-hmac-sha256" or "googlelogin" or "splunk" or "sso-key"
            or "dpop" or "ntlm" or "sharedaccesssignature" or "sharedkey" or "bot" or "jwt" or "oauth" or "genie" or "vapid" or "ssws" or "snapshot";
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

    /// <summary>Its first line, which says what it is.</summary>
    public static ReadOnlySpan<char> FirstLineOf(string text, int at) => text.AsSpan(at, LabelLength(text, at));

    /// <summary>The word opens a block that it does not close: a block without quotes, which the shell cut at its blanks.</summary>
    public static bool IsOpen(string word) => word.LastIndexOf("-----BEGIN", StringComparison.Ordinal) > word.LastIndexOf("-----END", StringComparison.Ordinal);

    /// <summary>The word closes a block.</summary>
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
        return label.Contains("PRIVATE", StringComparison.Ordinal) || label.Contains("JWT", StringComparison.Ordinal) || label.Contains("SEED", StringComparison.Ordinal)
            || label.Contains("Static key", StringComparison.Ordinal);
    }
}

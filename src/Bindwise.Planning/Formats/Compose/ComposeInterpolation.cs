namespace Bindwise.Planning.Formats.Compose;

/// <summary>
/// Variables in a compose file (compose-spec, 12-interpolation): <c>$VAR</c>, <c>${VAR}</c>, <c>${VAR:-default}</c>, <c>${VAR-default}</c>,
/// <c>${VAR:?error}</c>, <c>${VAR:+other}</c>, and <c>$$</c> for a dollar sign. Values come from the project's .env alone.
/// </summary>
internal sealed class ComposeInterpolation(IReadOnlyDictionary<string, string> values)
{
    private const int MostDepth = 8;

    /// <summary>So many characters go in, and come out, at most.</summary>
    private const int MostChars = 4096;

    /// <param name="unset">Variables without a value and without a default; they count as empty.</param>
    public string Replace(string text, ICollection<string> unset) =>
        text.Length <= MostChars && text.Contains('$', StringComparison.Ordinal) ? Replace(text, unset, 0) : text;

    private string Replace(string text, ICollection<string> unset, int depth)
    {
        var result = new StringBuilder();
        for (var at = 0; at < text.Length && result.Length < MostChars; at++)
        {
            if (text[at] != '$' || at + 1 == text.Length || depth > MostDepth)
            {
                result.Append(text[at]);
                continue;
            }
            at++;
            if (text[at] == '$')
                result.Append('$');
            else if (text[at] == '{' && End(text, at) is var end and > 0)
            {
                result.Append(Braced(text[(at + 1)..end], unset, depth));
                at = end;
            }
            else
            {
                var length = NameLength(text.AsSpan(at));
                if (length == 0)
                    result.Append('$').Append(text[at]);
                else
                {
                    result.Append(ValueOf(text.Substring(at, length), unset));
                    at += length - 1;
                }
            }
        }
        return result.ToString();
    }

    private string Braced(string inner, ICollection<string> unset, int depth)
    {
        var length = NameLength(inner);
        var (name, rest) = (inner[..length], inner[length..]);
        var value = values.GetValueOrDefault(name);
        var isSet = rest.StartsWith(':') ? !string.IsNullOrEmpty(value) : value is not null;
        var word = rest.StartsWith(':') ? rest[1..] : rest;
        return word switch
        {
            "" => ValueOf(name, unset),
            ['-', .. var other] => isSet ? value! : Replace(other, unset, depth + 1),
            ['+', .. var other] => isSet ? Replace(other, unset, depth + 1) : "",
            _ => isSet ? value! : ValueOf(name, unset),
        };
    }

    private string ValueOf(string name, ICollection<string> unset)
    {
        if (values.TryGetValue(name, out var value))
            return value;
        unset.Add(name);
        return "";
    }

    private static int End(string text, int open)
    {
        var depth = 0;
        for (var at = open; at < text.Length; at++)
        {
            if (text[at] == '{')
                depth++;
            else if (text[at] == '}' && --depth == 0)
                return at;
        }
        return -1;
    }

    private static int NameLength(ReadOnlySpan<char> text)
    {
        var length = 0;
        while (length < text.Length
            && (char.IsAsciiLetter(text[length]) || text[length] == '_' || (length > 0 && char.IsAsciiDigit(text[length]))))
            length++;
        return length;
    }
}

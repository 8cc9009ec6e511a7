using System.Buffers;
using System.Text;

namespace Bindwise.Model.Secrets;

/// <summary>Secrets within one word: a URL's password, <c>name=value</c> pairs, tokens.</summary>
internal static class SecretText
{
    private static readonly SearchValues<char> EndsUrl = SearchValues.Create(" \t\"'<>");
    private static readonly SearchValues<char> NoLogin = SearchValues.Create(" \t/=,;\"'{");

    /// <summary>The word with its secrets masked.</summary>
    public static string Mask(string word) => MaskPairs(MaskLogin(MaskUrls(word)));

    /// <summary>user:password@host in URLs, however many stand in the text.</summary>
    private static string MaskUrls(string text)
    {
        var from = 0;
        while (true)
        {
            var scheme = text.IndexOf("://", from, StringComparison.Ordinal);
            if (scheme < 0)
                return text;
            from = scheme + 3;
            var end = EndOfLogin(text, from);
            if (end < 0)
                continue;
            var colon = text.IndexOf(':', from, end - from);
            // Without a colon the user alone: a name, or a token.
            var start = colon >= 0 ? colon + 1 : end - from >= 20 ? from : end;
            if (SecretValues.IsPlain(text.AsSpan(start, end - start)))
                continue;
            text = string.Concat(text.AsSpan(0, start), SecretValues.Mask, text.AsSpan(end));
            from = start + SecretValues.Mask.Length;
        }
    }

    /// <summary>The place of the @ that ends the login part; -1 when there is none.</summary>
    private static int EndOfLogin(string text, int start)
    {
        if (start >= text.Length)
            return -1;
        var stop = text.AsSpan(start).IndexOfAny(EndsUrl);
        var end = stop < 0 ? text.Length : start + stop;
        var path = text.AsSpan(start, end - start).IndexOfAny("/?#");
        var authority = path < 0 ? end : start + path;
        var at = text.LastIndexOf('@', Math.Max(authority - 1, start), Math.Max(authority - start, 0));
        if (at >= 0)
            return at;
        // A password with a slash in it, which a URL should not have: told from a port by what stands behind the colon.
        var colon = text.IndexOf(':', start, authority - start);
        at = text.LastIndexOf('@', end - 1, end - authority);
        return colon >= 0 && at >= 0 && text.AsSpan(colon + 1, authority - colon - 1).ContainsAnyExceptInRange('0', '9') ? at : -1;
    }

    /// <summary>user:password@host without a scheme; not an image's digest (name:tag@sha256:…) or a package's version (npm:name@1.2).</summary>
    private static string MaskLogin(string text)
    {
        var at = text.LastIndexOf('@');
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || at <= colon + 1 || text.Contains("://", StringComparison.Ordinal) || text.AsSpan(0, at).IndexOfAny(NoLogin) >= 0)
            return text;
        var host = text.AsSpan(at + 1);
        var isHost = host.Length > 0 && char.IsAsciiLetter(host[0]) && !host.StartsWith("sha", StringComparison.Ordinal)
            && (host.IndexOfAny('.', ':') > 0 || host is "localhost");
        var isAddress = host.Length > 0 && char.IsAsciiDigit(host[0]) && host.Count('.') == 3;
        return isHost || isAddress ? string.Concat(text.AsSpan(0, colon + 1), SecretValues.Mask, text.AsSpan(at)) : text;
    }

    /// <summary><c>name=value</c> anywhere: connection strings, query strings, -e NAME=VALUE, and tokens that are known by their look.</summary>
    private static string MaskPairs(string text)
    {
        var result = new StringBuilder(text.Length);
        var at = 0;
        while (at < text.Length)
        {
            var start = at;
            while (at < text.Length && IsNameLetter(text[at]))
                at++;
            var name = text.AsSpan(start, at - start);
            if (at < text.Length && at > start && text[at] == '=' && (at + 1 == text.Length || text[at + 1] != '='))
            {
                var end = EndOfValue(text, at + 1);
                var value = text.AsSpan(at + 1, end - at - 1);
                if (IsSecret(name, value))
                {
                    result.Append(name).Append('=').Append(SecretValues.Mask);
                    at = end;
                    continue;
                }
            }
            result.Append(SecretValues.IsToken(name) ? SecretValues.Mask : name);
            if (at < text.Length)
                result.Append(text[at++]);
        }
        return result.ToString();
    }

    private static bool IsSecret(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        if (SecretValues.IsPlain(value))
            return false;
        return SecretNames.IsSecret(name) ? !(SecretNames.IsKey(name) && SecretValues.IsPath(value))
            : SecretNames.IsKey(name) && SecretValues.LooksRandom(value);
    }

    // Up to what ends a pair in a connection string, a query or a list; a comma does so only before another pair.
    private static int EndOfValue(string text, int start)
    {
        var quote = start < text.Length && text[start] is '"' or '\'' ? text[start] : '\0';
        if (quote != '\0' && text.IndexOf(quote, start + 1) is var close && close > 0)
            return close + 1;
        for (var i = start; i < text.Length; i++)
        {
            if (text[i] is ';' or '&' or ' ' or '\t' or '\n' or '"' or '\'' || (text[i] == ',' && BeginsPair(text.AsSpan(i + 1))))
                return i;
        }
        return text.Length;
    }

    /// <summary>Where in a value the next pair begins, at its separator; -1 where none does.</summary>
    public static int NextPair(string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] is ',' or ';' or '&' && BeginsPair(value.AsSpan(i + 1)))
                return i;
        }
        return -1;
    }

    private static bool BeginsPair(ReadOnlySpan<char> text)
    {
        var length = 0;
        while (length < text.Length && IsNameLetter(text[length]))
            length++;
        return length > 0 && length < text.Length && text[length] == '=';
    }

    private static bool IsNameLetter(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.';
}

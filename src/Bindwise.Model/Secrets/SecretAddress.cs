using System.Buffers;

namespace Bindwise.Model.Secrets;

/// <summary>Secrets in addresses: <c>user:password@host</c> with a scheme or without, and webhooks whose path is the secret.</summary>
internal static class SecretAddress
{
    private static readonly SearchValues<char> EndsUrl = SearchValues.Create(" \t\r\n\"'<>`");
    private static readonly SearchValues<char> EndsWord = SearchValues.Create(" \t\r\n\"'<>`|;");

    /// <summary>Schemes whose part before the @ is a secret even without a colon.</summary>
    private static readonly HashSet<string> TokenSchemes = new(StringComparer.OrdinalIgnoreCase)
    {
        "nats", "ss", "ssr", "trojan", "trojan-go", "vless", "vmess", "hysteria", "hysteria2", "hy2", "tuic", "anytls", "snell", "ssconf",
    };

    /// <summary>Web addresses whose path is a secret, after this.</summary>
    private static readonly ImmutableArray<string> Webhooks =
    [
        "hooks.slack.com/services/", "hooks.slack.com/workflows/", "hooks.slack.com/triggers/", "discord.com/api/webhooks/",
        "discordapp.com/api/webhooks/",
        "outlook.office.com/webhook/", "webhook.office.com/webhookb2/", "hooks.zapier.com/hooks/catch/", "api.telegram.org/bot",
        "maker.ifttt.com/trigger/",
        "hc-ping.com/", "chat.googleapis.com/v1/spaces/",
    ];

    /// <summary>Not a host after the @: a package's version or an image's digest.</summary>
    private static readonly ImmutableArray<string> Versions = ["sha256", "sha384", "sha512", "latest", "next", "canary", "beta", "alpha",
        "rc", "dev", "lts"];

    /// <summary>Not a user before the colon: who names packages so.</summary>
    private static readonly HashSet<string> PackageSources =
        new(StringComparer.Ordinal)
    {
        "npm", "jsr", "yarn", "pnpm", "node", "deno", "link", "file", "patch", "workspace", "git", "github", "docker-image", "mailto",
        "sip", "sips",
    };

    public static string Mask(string text) =>
        text.Contains("://", StringComparison.Ordinal) ? MaskLogins(MaskUrls(text)) : MaskLogins(text);

    private static string MaskUrls(string text)
    {
        var result = new StringBuilder(text.Length);
        var copied = 0;
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        while (scheme >= 0)
        {
            var start = scheme + 3;
            var next = text.IndexOf("://", start, StringComparison.Ordinal);
            var (from, to) = SecretOf(text, SchemeBefore(text, scheme), start, next < 0 ? text.Length : next);
            if (from < to && !SecretValues.IsPlain(text.AsSpan(from, to - from)))
            {
                result.Append(text, copied, from - copied).Append(SecretValues.Mask);
                copied = to;
            }
            scheme = next;
        }
        return copied == 0 ? text : result.Append(text, copied, text.Length - copied).ToString();
    }

    private static (int From, int To) SecretOf(string text, ReadOnlySpan<char> scheme, int start, int limit)
    {
        var stop = text.AsSpan(start, limit - start).IndexOfAny(EndsUrl);
        var end = stop < 0 ? limit : start + stop;
        var at = EndOfLogin(text, start, end);
        if (at < 0)
            return scheme is "vmess" or "ss" or "ssr" ? (start, end) : OfWebhook(text, start, end);
        var colon = text.IndexOf(':', start, at - start);
        if (colon >= 0)
            return (scheme is "tuic" ? start : colon + 1, at);
        // Without a colon the user alone: a name, or a token.
        var user = text.AsSpan(start, at - start);
        return TokenSchemes.GetAlternateLookup<ReadOnlySpan<char>>().Contains(scheme) || user.Length >= 20 || SecretValues.LooksRandom(user)
            || TokenShapes.IsToken(user) ? (start, at) : (0, 0);
    }

    private static ReadOnlySpan<char> SchemeBefore(string text, int end)
    {
        var start = end;
        while (start > 0 && end - start < 16 && (char.IsAsciiLetterOrDigit(text[start - 1]) || text[start - 1] is '+' or '-' or '.'))
            start--;
        return text.AsSpan(start, end - start);
    }

    private static (int From, int To) OfWebhook(string text, int start, int end)
    {
        foreach (var webhook in Webhooks)
        {
            var at = text.AsSpan(start, Math.Min(end - start, 128)).IndexOf(webhook, StringComparison.OrdinalIgnoreCase);
            if (at < 0)
                continue;
            // Telegram's path goes on with the method after the token.
            var from = start + at + webhook.Length;
            var slash = webhook.EndsWith("bot", StringComparison.Ordinal) ? text.AsSpan(from, end - from).IndexOf('/') : -1;
            return (from, slash < 0 ? end : from + slash);
        }
        return (0, 0);
    }

    /// <summary>The place of the @ that ends the login part; -1 when there is none.</summary>
    private static int EndOfLogin(string text, int start, int end)
    {
        if (start >= end)
            return -1;
        var path = text.AsSpan(start, end - start).IndexOfAny("/?#");
        var authority = path < 0 ? end : start + path;
        var at = text.AsSpan(start, authority - start).LastIndexOf('@');
        if (at >= 0)
            return start + at;
        // A password with a slash in it, which a URL should not have: told from a port by what stands after the colon.
        var colon = text.AsSpan(start, authority - start).IndexOf(':');
        at = text.AsSpan(authority, end - authority).LastIndexOf('@');
        return colon >= 0 && at >= 0 && text[start] != '['
            && text.AsSpan(start + colon + 1, authority - start - colon - 1).ContainsAnyExceptInRange('0', '9') ? authority + at : -1;
    }

    /// <summary>user:password@host and TOKEN@host without a scheme, word by word.</summary>
    private static string MaskLogins(string text)
    {
        if (!text.Contains('@', StringComparison.Ordinal))
            return text;
        var result = new StringBuilder(text.Length);
        var at = 0;
        while (at < text.Length)
        {
            var stop = text.AsSpan(at).IndexOfAny(EndsWord);
            var end = stop < 0 ? text.Length : at + stop;
            AppendWord(result, text.AsSpan(at, end - at));
            if (end < text.Length)
                result.Append(text[end]);
            at = end + 1;
        }
        return result.ToString();
    }

    private static void AppendWord(StringBuilder result, ReadOnlySpan<char> word)
    {
        // --dsn=user:password@tcp(host:3306)/db: what stands before the equals sign is a name.
        var equals = word.IndexOf('=');
        if (equals > 0 && !word[..equals].ContainsAny(":@/"))
        {
            result.Append(word[..(equals + 1)]);
            word = word[(equals + 1)..];
        }
        var (from, to) = LoginOf(word);
        if (from < to && !SecretValues.IsPlain(word[from..to]))
            result.Append(word[..from]).Append(SecretValues.Mask).Append(word[to..]);
        else
            result.Append(word);
    }

    private static (int From, int To) LoginOf(ReadOnlySpan<char> word)
    {
        if (word.StartsWith("sip:", StringComparison.Ordinal) && LoginOf(word[4..]) is { To: > 0 } login)
            return (login.From + 4, login.To + 4);
        var at = word.LastIndexOf('@');
        if (at <= 0 || word.Contains("://", StringComparison.Ordinal))
            return (0, 0);
        var host = word[(at + 1)..];
        var isDriver = host.StartsWith("tcp(", StringComparison.Ordinal) || host.StartsWith("unix(", StringComparison.Ordinal)
            || host.StartsWith("tcp6(", StringComparison.Ordinal)
            || (host.Length > 0 && host[0] == '(') || (host.Length > 1 && host[0] == '/');
        var colon = word[..at].IndexOf(':');
        var user = colon < 0 ? word[..at] : word[..colon];
        // jdbc:oracle:thin:user/password@host
        if (word.StartsWith("jdbc:oracle:", StringComparison.OrdinalIgnoreCase))
            return word[..at].IndexOf('/') is var slash and > 0 ? (slash + 1, at) : (0, 0);
        if (colon < 0)
            return !user.ContainsAny("/,={(") && SecretValues.LooksRandom(user) && IsHost(host) ? (0, at) : (0, 0);
        if (user.Contains('@') || user.Count('/') > 1 || user.ContainsAny(",;={") || !user.ContainsAnyExceptInRange('0', '9')
            || IsPackageSource(user))
            return (0, 0);
        var password = word[(colon + 1)..at];
        return isDriver || (!password.Contains('/') && !password.Contains(',') && !password.Contains('{') && IsHost(host)) ? (colon + 1, at)
            : (0, 0);
    }

    private static bool IsPackageSource(ReadOnlySpan<char> user) =>
        user.Length == 0 || PackageSources.GetAlternateLookup<ReadOnlySpan<char>>().Contains(user);

    // example.org, db:5432, db/shop, 10.0.0.7, [::1], :1080, localhost; not 5.2.1, not sha256:…
    private static bool IsHost(ReadOnlySpan<char> host)
    {
        if (host.Length == 0)
            return false;
        foreach (var version in Versions)
        {
            if (host.StartsWith(version, StringComparison.Ordinal)
                && (host.Length == version.Length || host[version.Length] is ':' or '.' or '-'))
                return false;
        }
        if (host[0] is '[')
            return true;
        if (host[0] is ':')
            return host.Length > 1 && !host[1..].ContainsAnyExceptInRange('0', '9');
        if (char.IsAsciiDigit(host[0]))
            return host.Count('.') == 3;
        return char.IsAsciiLetter(host[0]) && (host.IndexOfAny(".:/") > 0 || host is "localhost");
    }
}

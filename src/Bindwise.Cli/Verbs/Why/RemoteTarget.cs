namespace Bindwise.Cli.Verbs.Why;

/// <summary>What <c>why HOST:PORT --via ssh</c> asks, and where.</summary>
/// <param name="Host">As ssh takes it: a name, an alias of the user's ssh configuration, USER@NAME, or an address without brackets.</param>
/// <param name="Target">What is asked there: <c>8080</c> or <c>53/udp</c>.</param>
internal sealed record RemoteTarget(string Host, string Target)
{
    private const int LongestHost = 255;

    /// <summary>
    /// Reads it. The host goes to ssh, whose configuration may hand it to a shell (ProxyCommand, Match exec): only letters, digits and
    /// <c>. _ - + % @ :</c> get there, and nothing that could be an option.
    /// </summary>
    public static ParseResult<RemoteTarget> Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon <= 0)
            return Fault($"--via ssh asks another host: {text} names none; give HOST:PORT, as in web1:8080");
        var (host, asked) = (text[..colon], text[(colon + 1)..]);
        if (PlainTarget(asked) is not { } target)
            return Fault($"--via ssh asks about a port: \"{asked}\" is none; give HOST:PORT, as in web1:8080");
        if (host.StartsWith('[') && host.EndsWith(']'))
            host = host[1..^1];
        else if (host.Contains(':', StringComparison.Ordinal))
            return Fault($"\"{text}\" is ambiguous: give an IPv6 address in brackets, as in [2001:db8::1]:8080");
        return IsHost(host) ? new ParseResult<RemoteTarget>(new RemoteTarget(host, target))
            : Fault($"\"{host}\" is not a host that ssh is given: use a name, USER@NAME or an address");
    }

    private static bool IsHost(string host) => host.Length <= LongestHost && host.Count(static c => c == '@') <= 1
        && host.Split('@').All(static part => part.Length > 0 && part[0] != '-'
            && part.All(static c => char.IsAsciiLetterOrDigit(c) || "._-+%:".Contains(c, StringComparison.Ordinal)));

    private static string? PlainTarget(string asked)
    {
        var slash = asked.IndexOf('/', StringComparison.Ordinal);
        var (number, protocol) = slash < 0 ? (asked, "tcp") : (asked[..slash], asked[(slash + 1)..]);
        var isPort = ushort.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0;
        return isPort && protocol is ("tcp" or "udp")
            ? string.Create(CultureInfo.InvariantCulture, $"{port}{(protocol == "udp" ? "/udp" : "")}") : null;
    }

    private static ParseResult<RemoteTarget> Fault(string message) => new(null, message);
}

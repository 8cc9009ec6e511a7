namespace Bindwise.Model.Targets.Errors;

/// <summary>Whether the words of a message tell its protocol. What other programs print beside it does not.</summary>
internal static class ProtocolWords
{
    private static readonly string[] Udp = ["udp", "dgram", "datagram", "unconn"];

    private static readonly string[] Naming = [.. Udp, "tcp", "sock_stream", "listen", "http", "accept", "serversocket"];

    /// <summary>How the protocol of a bind() is known, about which the message itself says nothing.</summary>
    public static ProtocolSource In(IEnumerable<string> lines) =>
        lines.Any(static line => !NamesBoth(line) && Naming.Any(word => line.Contains(word, StringComparison.OrdinalIgnoreCase)))
            ? ProtocolSource.Assumed : ProtocolSource.Open;

    /// <summary>UDP where a word of the line begins so; null for none.</summary>
    public static Protocol? Of(string line)
    {
        foreach (var word in Udp)
        {
            var at = line.IndexOf(word, StringComparison.OrdinalIgnoreCase);
            if (at >= 0 && (at == 0 || !char.IsAsciiLetterOrDigit(line[at - 1])) && !NamesBoth(line))
                return Protocol.Udp;
        }
        return null;
    }

    // OpenVPN's prefix, whichever of the two it uses.
    private static bool NamesBoth(string line) => line.Contains("TCP/UDP", StringComparison.OrdinalIgnoreCase);

    /// <summary>The protocol that Docker writes behind a port: <c>0.0.0.0:53:172.17.0.2:53/udp</c>; null for none.</summary>
    public static Protocol? After(string line, int at)
    {
        var rest = line.AsSpan(at);
        return rest.Contains("/udp", StringComparison.OrdinalIgnoreCase) ? Protocol.Udp
            : rest.Contains("/tcp", StringComparison.OrdinalIgnoreCase) ? Protocol.Tcp : null;
    }
}

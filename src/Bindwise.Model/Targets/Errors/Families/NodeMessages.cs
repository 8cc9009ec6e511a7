using Bindwise.Model.Addresses;

namespace Bindwise.Model.Targets.Errors.Families;

/// <summary>
/// Node.js: <c>listen EADDRINUSE: address already in use :::3000</c>, old <c>listen EADDRINUSE 127.0.0.1:8080</c>, oldest
/// <c>EADDRINUSE:::3000</c>; and the error's properties, <c>address: '::', port: 3000</c>.
/// </summary>
internal static class NodeMessages
{
    private const int MaxPropertyLines = 12;

    private static readonly string[] Names = ["EADDRINUSE", "EACCES", "EADDRNOTAVAIL", "EAFNOSUPPORT", "EINVAL", "EPERM"];

    private static readonly string[] Explanations =
    [
        "address already in use", "permission denied", "address not available", "address family not supported", "invalid argument", "operation not permitted",
    ];

    /// <summary>The message, that ends with the address.</summary>
    public static BindMention? ReadMessage(ErrorText text, int line)
    {
        var words = text.Lines[line];
        foreach (var name in Names)
        {
            var at = words.IndexOf(name, StringComparison.Ordinal);
            if (at < 0)
                continue;
            var isListen = EndsWith(words, at, "listen ");
            var isBind = EndsWith(words, at, "bind ");
            var behind = at + name.Length;
            // EADDRINUSE:::3000 is a colon and :::3000's first two, or all three: both give [::]:3000.
            if (words.AsSpan(behind).StartsWith(":::", StringComparison.Ordinal) && !words.AsSpan(behind).StartsWith("::::", StringComparison.Ordinal))
                return Make(words, behind, text, line, name, isBind);
            if (!isListen && !isBind)
                continue;
            var rest = words.AsSpan(behind);
            if (rest.StartsWith(":", StringComparison.Ordinal) && !rest.StartsWith("::", StringComparison.Ordinal))
                behind += SkipExplanation(rest);
            if (Make(words, behind, text, line, name, isBind) is { } finding)
                return finding;
        }
        return null;
    }

    /// <summary>The properties behind the stack, on lines of their own or in one JSON object; the port is the last of them.</summary>
    public static BindMention? ReadProperties(ErrorText text, int line)
    {
        if (PropertyReader.Port(text.Lines[line], "port") is not { Port: not null } port)
            return null;
        var isListening = false;
        AddressMention? host = null;
        for (var i = line; i >= 0 && line - i < MaxPropertyLines; i--)
        {
            var words = text.Lines[i];
            isListening |= words.Contains("syscall", StringComparison.Ordinal)
                && (words.Contains("listen", StringComparison.Ordinal) || words.Contains("bind", StringComparison.Ordinal));
            host ??= PropertyReader.Address(words, "address");
        }
        if (!isListening)
            return null;
        return BindMention.At(host is { } address ? address with { Port = port.Port } : port, RuntimeProfiles.Node, line, ProtocolOf(text, false));
    }

    private static BindMention? Make(string words, int at, ErrorText text, int line, string errno, bool isBind)
    {
        if (!AddressMentionReader.TryRead(words, at, false, out var place) || place.Rank > MentionRank.Full)
            return null;
        return BindMention.At(place, RuntimeProfiles.Node, line, ProtocolOf(text, isBind)) with { Errno = errno };
    }

    /// <summary>"bind" is dgram's word; in a cluster's worker it is net's as well.</summary>
    private static Protocol ProtocolOf(ErrorText text, bool isBind) =>
        text.Contains("dgram") || text.Contains("UDP.") || (isBind && !text.Contains("cluster") && !text.Contains("net.js") && !text.Contains("node:net"))
            ? Protocol.Udp : Protocol.Tcp;

    private static bool EndsWith(string words, int end, string expected) => words.AsSpan(0, end).EndsWith(expected, StringComparison.Ordinal);

    private static int SkipExplanation(ReadOnlySpan<char> rest)
    {
        foreach (var explanation in Explanations)
        {
            var at = rest[..Math.Min(rest.Length, 60)].IndexOf(explanation, StringComparison.Ordinal);
            if (at >= 0)
                return at + explanation.Length;
        }
        return 1;
    }
}

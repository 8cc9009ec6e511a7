namespace Bindwise.Model.Targets.Errors.Families;

/// <summary>nginx, Apache, HAProxy, lighttpd, Caddy's kin.</summary>
internal static class WebServerMessages
{
    private const int MaxHAProxyBrackets = 16;

    public static readonly Phrase[] Phrases =
    [
        new("bind() to ", RuntimeProfiles.Nginx) { With = "failed (" },
        new("make_sock: could not bind to address ", RuntimeProfiles.Apache),
        new("could not bind to address ", RuntimeProfiles.Apache) { With = "AH00072" },
        new("can't bind to socket: ", new(null, "lighttpd") { ReuseAddress = true }),
        new("can't bind to port: ", new(null, "lighttpd") { ReuseAddress = true }),
    ];

    /// <summary>HAProxy: the last brackets of the line, as in <c>cannot bind socket (Address already in use) [0.0.0.0:5672]</c>.</summary>
    public static BindMention? ReadHAProxy(ErrorText text, int line)
    {
        var words = text.Lines[line];
        if (!words.Contains("cannot bind", StringComparison.OrdinalIgnoreCase)
            || !(words.Contains("Starting ", StringComparison.Ordinal) || words.Contains("Binding [", StringComparison.Ordinal)))
            return null;
        var at = words.LastIndexOf('[');
        for (var tries = 0; at >= 0 && tries < MaxHAProxyBrackets; tries++)
        {
            if (EndpointReader.TryRead(words, at + 1, out var where) && where.Rank == MentionRank.Full)
                return BindMention.At(where, RuntimeProfiles.HAProxy, line);
            at = at == 0 ? -1 : words.LastIndexOf('[', at - 1);
        }
        return null;
    }
}

namespace Bindwise.Model.Targets.Errors.Families;

/// <summary>Java's servers; <c>java.net.BindException</c> itself names no address.</summary>
internal static class JavaMessages
{
    public static readonly Phrase[] Phrases =
    [
        new("server shutdown socket on address ", RuntimeProfiles.Java),
        new("Socket server failed to bind to ", RuntimeProfiles.Java),
        new("BindHttpException", RuntimeProfiles.Netty) { With = "Failed to bind" },
        new("Failed to bind to: ", RuntimeProfiles.Netty) { With = "ChannelException" },
        new("JVM_Bind ", RuntimeProfiles.Java),
        new("(Bind failed) ", RuntimeProfiles.Java),
        new("Web server failed to start. Port ", RuntimeProfiles.Java) { Errno = "EADDRINUSE" },
        new("PortInUseException: Port ", RuntimeProfiles.Java) { Errno = "EADDRINUSE" },
        new("connector configured to listen on port ", RuntimeProfiles.Java),
        new("StandardServer.await: create[", RuntimeProfiles.Java) { IsPortNext = true },
        new("Connector@", RuntimeProfiles.Java) { With = "BindException" },
        new("Failed to bind to [", RuntimeProfiles.Netty) { IsPortNext = true, With = "Bind" },
        new("retries (starting from ", RuntimeProfiles.Java) { IsPortNext = true, With = "Service '" },
        new("Unable to start Micronaut server on ", RuntimeProfiles.Netty),
        new("on any port in port range ", RuntimeProfiles.Java) { IsPortNext = true, IsRangeNext = true, With = "BindException", Errno = "EADDRINUSE" },
    ];

    /// <summary>Tomcat: the connector's name ends in its port, <c>Connector[HTTP/1.1-8080]</c>, <c>["http-nio-127.0.0.1-8080"]</c>.</summary>
    public static BindMention? ReadTomcat(ErrorText text, int line)
    {
        var words = text.Lines[line];
        if (!words.Contains("Failed to ", StringComparison.Ordinal))
            return null;
        var at = words.IndexOf("Connector[", StringComparison.Ordinal);
        at = at >= 0 ? at + "Connector[".Length : words.IndexOf("ProtocolHandler [", StringComparison.Ordinal);
        if (at < 0)
            return null;
        var close = words.IndexOf(']', at);
        if (close < 0)
            return null;
        var name = words[at..close].TrimEnd('"', ' ');
        var hyphen = name.LastIndexOf('-');
        if (hyphen < 0 || !DigitReader.TryReadPort(name, hyphen + 1, out var port, out var end) || end != name.Length)
            return null;
        var start = at + hyphen + 1;
        var before = name.LastIndexOf('-', hyphen - 1, hyphen);
        var place = before >= 0 && BareHost.TryParse(name[(before + 1)..hyphen], out var host) && host.Address is not null
            ? host with { Port = port, Start = at + before + 1, End = close }
            : AddressMention.OfPort(port, start, start + name.Length - hyphen - 1);
        return BindMention.At(place, RuntimeProfiles.Java, line);
    }

    /// <summary>Jetty: the last braces before the exception, <c>ServerConnector@3207d26a{HTTP/1.1}{0.0.0.0:9022}</c>.</summary>
    public static BindMention? ReadJetty(ErrorText text, int line)
    {
        var words = text.Lines[line];
        var at = words.IndexOf("ServerConnector@", StringComparison.Ordinal);
        if (at < 0 || !(words.Contains("FAILED", StringComparison.Ordinal) || ErrnoWords.Mentions(words)))
            return null;
        at = words.IndexOf("}{", at, StringComparison.Ordinal);
        return at >= 0 && EndpointReader.TryRead(words, at + 2, out var place) && place.Port is not null
            ? BindMention.At(place, RuntimeProfiles.Java, line) : null;
    }
}

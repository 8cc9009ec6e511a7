namespace Bindwise.Model.Targets.Errors.Families;

/// <summary>.NET: Kestrel names the URL; sockets name nothing.</summary>
internal static class DotNetMessages
{
    public static readonly Phrase[] Phrases =
    [
        new("Failed to bind to address ", RuntimeProfiles.Kestrel) { With = "://" },
        // A warning when only one of localhost's two addresses failed.
        new("Unable to bind to ", RuntimeProfiles.Kestrel)
        {
            With = "IPv6 loopback interface", Rank = MentionRank.Lesser, MeantAddress = IpAddress.LoopbackIPv6,
        },
        new("Unable to bind to ", RuntimeProfiles.Kestrel)
        {
            With = "IPv4 loopback interface", Rank = MentionRank.Lesser, MeantAddress = IpAddress.LoopbackIPv4,
        },
        new("Failed to listen on prefix ", RuntimeProfiles.DotNet),
    ];
}

/// <summary>net.OpError: <c>listen tcp 0.0.0.0:3306: bind: address already in use</c>; the network stands before the address.</summary>
internal static class GoMessages
{
    public static readonly Phrase[] Phrases =
    [
        new("listen tcp4 ", RuntimeProfiles.GoOneFamily),
        new("listen tcp6 ", RuntimeProfiles.GoOneFamily),
        new("listen tcp ", RuntimeProfiles.Go),
        new("listen udp4 ", RuntimeProfiles.GoOneFamily) { Protocol = Protocol.Udp },
        new("listen udp6 ", RuntimeProfiles.GoOneFamily) { Protocol = Protocol.Udp },
        new("listen udp ", RuntimeProfiles.Go) { Protocol = Protocol.Udp },
        new("listen unix ", RuntimeProfiles.Go) { IsPathNext = true },
        new("listen unixpacket ", RuntimeProfiles.Go) { IsPathNext = true },
        new("listen unixgram ", RuntimeProfiles.Go) { IsPathNext = true },
        // Of a client that binds its own port: SOURCE->DESTINATION.
        new("dial tcp4 ", RuntimeProfiles.GoOneFamily) { With = ": bind:" },
        new("dial tcp6 ", RuntimeProfiles.GoOneFamily) { With = ": bind:" },
        new("dial tcp ", RuntimeProfiles.GoOneFamily) { With = ": bind:" },
        new("dial udp4 ", RuntimeProfiles.GoOneFamily) { With = ": bind:", Protocol = Protocol.Udp },
        new("dial udp6 ", RuntimeProfiles.GoOneFamily) { With = ": bind:", Protocol = Protocol.Udp },
        new("dial udp ", RuntimeProfiles.GoOneFamily) { With = ": bind:", Protocol = Protocol.Udp },
        // kubectl: {LOCAL REMOTE}.
        new("of the requested ports: [{", RuntimeProfiles.Go) { IsPortNext = true },
    ];
}

/// <summary>Java's servers; <c>java.net.BindException</c> itself names no address.</summary>
internal static class JavaMessages
{
    public static readonly Phrase[] Phrases =
    [
        new("server shutdown socket on address ", RuntimeProfiles.Java),
        new("Socket server failed to bind to ", RuntimeProfiles.Java),
        new("BindHttpException", RuntimeProfiles.Netty) { With = "Failed to bind" },
        // Datagram sockets throw the same.
        new("Failed to bind to: ", RuntimeProfiles.Netty) { With = "ChannelException", Source = ProtocolSource.Assumed },
        new("JVM_Bind ", RuntimeProfiles.Java) { Source = ProtocolSource.Assumed },
        new("(Bind failed) ", RuntimeProfiles.Java) { Source = ProtocolSource.Assumed },
        new("Web server failed to start. Port ", RuntimeProfiles.Java) { Errno = "EADDRINUSE" },
        new("PortInUseException: Port ", RuntimeProfiles.Java) { Errno = "EADDRINUSE" },
        new("connector configured to listen on port ", RuntimeProfiles.Java),
        new("StandardServer.await: create[", RuntimeProfiles.Java) { IsPortNext = true },
        new("Connector@", RuntimeProfiles.Java) { With = "BindException" },
        // Elasticsearch and OpenSearch: a port or a range of them alone, where others print an IPv6 address.
        new("Failed to bind to [", RuntimeProfiles.Netty) { IsPortNext = true, IsRangeNext = true, With = "BindTransportException" },
        new("Failed to bind to [", RuntimeProfiles.Netty) { IsPortNext = true, IsRangeNext = true, With = "BindHttpException" },
        new("BindTransportException", RuntimeProfiles.Netty) { With = "Failed to bind" },
        new("retries (starting from ", RuntimeProfiles.Java) { IsPortNext = true, With = "Service '" },
        new("Unable to start Micronaut server on ", RuntimeProfiles.Netty),
        new("on any port in port range ", RuntimeProfiles.Java) { IsPortNext = true, IsRangeNext = true, With = "BindException",
            Errno = "EADDRINUSE" },
    ];

    /// <summary>
    /// Tomcat: the connector's name ends in its port, <c>Connector[HTTP/1.1-8080]</c>, <c>["http-nio-127.0.0.1-8080"]</c>.
    /// </summary>
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
        var where = before >= 0 && BareHost.TryParse(name[(before + 1)..hyphen], out var host) && host.Address is not null
            ? host with { Port = port, Start = at + before + 1, End = close }
            : AddressMention.OfPort(port, start, start + name.Length - hyphen - 1);
        return BindMention.At(where, RuntimeProfiles.Java, line);
    }

    /// <summary>Jetty: the last braces before the exception, <c>ServerConnector@3207d26a{HTTP/1.1}{0.0.0.0:9022}</c>.</summary>
    public static BindMention? ReadJetty(ErrorText text, int line)
    {
        var words = text.Lines[line];
        var at = words.IndexOf("ServerConnector@", StringComparison.Ordinal);
        if (at < 0 || !(words.Contains("FAILED", StringComparison.Ordinal) || ErrnoWords.Mentions(words)))
            return null;
        at = words.IndexOf("}{", at, StringComparison.Ordinal);
        return at >= 0 && EndpointReader.TryRead(words, at + 2, out var where) && where.Port is not null
            ? BindMention.At(where, RuntimeProfiles.Java, line) : null;
    }
}

/// <summary>
/// Node.js: <c>listen EADDRINUSE: address already in use :::3000</c>, old <c>listen EADDRINUSE 127.0.0.1:8080</c>, oldest
/// <c>EADDRINUSE:::3000</c>; and the error's properties, <c>address: '::', port: 3000</c>.
/// </summary>
internal static class NodeMessages
{
    private const int MaxPropertyLines = 12;

    /// <summary>A stack trace has ten frames, unless the program asks for more; the source that threw stands above it.</summary>
    private const int MaxStackLines = 20;

    private static readonly string[] Names = ["EADDRINUSE", "EACCES", "EADDRNOTAVAIL", "EAFNOSUPPORT", "EINVAL", "EPERM", "EROFS", "ENOENT",
        "ENOTDIR"];

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
            var after = at + name.Length;
            // EADDRINUSE:::3000 is a colon and :::3000's first two, or all three: both give [::]:3000.
            if (words.AsSpan(after).StartsWith(":::", StringComparison.Ordinal)
                && !words.AsSpan(after).StartsWith("::::", StringComparison.Ordinal))
                return Make(words, after, text, line, name, isBind);
            if (!isListen && !isBind)
                continue;
            var rest = words.AsSpan(after);
            if (rest.StartsWith(":", StringComparison.Ordinal) && !rest.StartsWith("::", StringComparison.Ordinal))
                after += 1 + SkipWords(rest[1..]);
            if (Make(words, after, text, line, name, isBind) is { } found)
                return found;
        }
        return null;
    }

    /// <summary>
    /// The properties after the stack, on lines of their own or in one JSON object; the port is the last of them, and -1 for a path.
    /// </summary>
    public static BindMention? ReadProperties(ErrorText text, int line)
    {
        if ((PropertyReader.Port(text.Lines[line], "port") ?? PropertyReader.Path(text.Lines[line], "address")) is not { } last)
            return null;
        var (isListening, isBinding) = (false, false);
        AddressMention? host = null;
        for (var i = line; i >= 0 && line - i < MaxPropertyLines; i--)
        {
            var words = text.Lines[i];
            var isCall = words.Contains("syscall", StringComparison.Ordinal);
            isListening |= isCall && words.Contains("listen", StringComparison.Ordinal);
            isBinding |= isCall && words.Contains("bind", StringComparison.Ordinal);
            host ??= PropertyReader.Address(words, "address");
        }
        if (!isListening && !isBinding)
            return null;
        return Make(last.Path is null && host is { } address ? address with { Port = last.Port } : last, text, line, isBinding);
    }

    private static BindMention? Make(string words, int at, ErrorText text, int line, string errno, bool isBind) =>
        (AddressMentionReader.TryRead(words, at, false, out var where) && where.Rank == MentionRank.Full)
            || (!isBind && EndpointReader.TryReadPath(words, at, at, out where) && GenericMessages.IsPath(where.Path))
            ? Make(where, text, line, isBind) with { Errno = errno } : null;

    private static BindMention Make(AddressMention where, ErrorText text, int line, bool isBind)
    {
        // "listen" is net's word alone. "bind" is dgram's, and net's in a cluster's worker, which prints null for no address: without a
        // stack trace it may be either.
        var isDatagram = isBind && IsBeside(text, line, "dgram", "UDP.");
        var isOpen = isBind && !isDatagram && !IsBeside(text, line, "cluster", "net.js", "node:net");
        var protocol = isDatagram || (isOpen && where.Host is not null) ? Protocol.Udp : Protocol.Tcp;
        return BindMention.At(where, RuntimeProfiles.Node, line, protocol) with
        {
            Source = isOpen ? ProtocolSource.Open : ProtocolSource.Stated
        };
    }

    private static bool IsBeside(ErrorText text, int line, params ReadOnlySpan<string> words)
    {
        foreach (var word in words)
        {
            if (text.LineWith(word, Math.Max(0, line - MaxStackLines), 2 * MaxStackLines) >= 0)
                return true;
        }
        return false;
    }

    private static bool EndsWith(string words, int end, string expected) =>
        words.AsSpan(0, end).EndsWith(expected, StringComparison.Ordinal);

    /// <summary>The explanation is words without digits and capitals, each with a blank after it.</summary>
    private static int SkipWords(ReadOnlySpan<char> rest)
    {
        var at = 0;
        for (var end = 0; end < rest.Length && (char.IsAsciiLetterLower(rest[end]) || rest[end] is ' ' or '-'); end++)
            at = rest[end] == ' ' ? end + 1 : at;
        return at;
    }
}

/// <summary>
/// Python's libraries: what they add to <c>OSError: [Errno 98] Address already in use</c>, which names no address itself.
/// </summary>
internal static class PythonMessages
{
    private const string Call = ".bind(";

    /// <summary>From the error up to the call that raised it: two lines of marks, the source, and its place.</summary>
    private const int TraceLines = 3;

    /// <summary>The frames above that call, whose files may tell what kind of server it is.</summary>
    private const int MaxFrameLines = 8;

    public static readonly Phrase[] Phrases =
    [
        // Its log writes the level so.
        new("error while attempting to bind on address ", RuntimeProfiles.Asyncio with { Program = "uvicorn" })
        {
            With = "ERROR:    [Errno ",
        },
        new("error while attempting to bind on address ", RuntimeProfiles.Asyncio),
        new("Connection in use: ", RuntimeProfiles.PythonReusing with { Program = "gunicorn" }) { Errno = "EADDRINUSE" },
        new("Invalid address: ", RuntimeProfiles.PythonReusing with { Program = "gunicorn" }) { With = "('", Errno = "EADDRNOTAVAIL" },
        new("[ERROR] Can't connect to ", RuntimeProfiles.PythonReusing with { Program = "gunicorn" }) { With = "('",
            Rank = MentionRank.Lesser },
        // Twisted's listenUDP() says so too.
        new("Couldn't listen on ", RuntimeProfiles.PythonReusing) { With = "[Errno ", Source = ProtocolSource.Assumed },
        new("OSError: Address ", RuntimeProfiles.Asyncio) { With = "is already in use", Errno = "EADDRINUSE" },
    ];

    private static IEnumerable<string> Frames(ErrorText text, int call, int error) =>
        Enumerable.Range(Math.Max(0, call - MaxFrameLines), error + 1 - Math.Max(0, call - MaxFrameLines))
            .Where(i => i >= call || text.Lines[i].Contains("File \"", StringComparison.Ordinal)).Select(i => text.Lines[i]);

    /// <summary>
    /// A bare <c>socket.bind()</c>: only the source line that the traceback ends with tells the address, where it is a literal.
    /// </summary>
    public static BindMention? ReadTraceback(ErrorText text, int line)
    {
        var words = text.Lines[line];
        if (!words.Contains("Error: [Errno ", StringComparison.Ordinal) || !ErrnoWords.Mentions(words))
            return null;
        for (var above = line - 1; above >= Math.Max(0, line - TraceLines); above--)
        {
            var at = text.Lines[above].IndexOf(Call, StringComparison.Ordinal);
            if (at >= 0)
            {
                return AddressMentionReader.TryRead(text.Lines[above], at + Call.Length, false, out var where)
                    ? BindMention.At(where, RuntimeGuess.Around(text, line), line, null, ProtocolWords.In(Frames(text, above, line)))
                    : null;
            }
        }
        return null;
    }
}

/// <summary>
/// Ruby: <c>Address already in use - bind(2) for "127.0.0.1" port 8080 (Errno::EADDRINUSE)</c>, old <c>for 127.0.0.1:9090</c>.
/// </summary>
internal static class RubyMessages
{
    /// <summary>After it the stack goes on with who called it; a log's fields may stand between the frames.</summary>
    private const int MaxCallerLines = 8;

    private static readonly Phrase Phrase = new("bind(2) for ", RuntimeProfiles.Ruby);

    /// <summary>
    /// TCPServer binds as it is made: in a method of its own, bind is that of a UDPSocket, or of a Socket of either protocol.
    /// </summary>
    public static BindMention? Read(ErrorText text, int line)
    {
        var words = text.Lines[line];
        if (!words.Contains(Phrase.Lead, StringComparison.Ordinal))
            return null;
        var source = words.Contains("bind'", StringComparison.Ordinal)
            ? ProtocolWords.In(text.Lines.Skip(line).Take(MaxCallerLines).Where(IsFrame)) : ProtocolSource.Assumed;
        return (Phrase with { Protocol = ProtocolWords.Of(words), Source = source }).Read(text, line);
    }

    private static bool IsFrame(string line) => line.Contains(":in ", StringComparison.Ordinal);

    /// <summary>
    /// UNIXServer.new words its failed bind() as a connect(2): no connect() to a path fails with EADDRINUSE, but one to a port may.
    /// </summary>
    public static BindMention? ReadUnixServer(ErrorText text, int line)
    {
        const string lead = "connect(2) for ";
        var words = text.Lines[line];
        var at = words.IndexOf(lead, StringComparison.Ordinal);
        return at >= 0 && ErrnoWords.TryFind(words, out var mention) && mention.Name == "EADDRINUSE"
            && ((AddressMentionReader.TryRead(words, at + lead.Length, false, out var where) && where.Path is not null)
                || (EndpointReader.TryReadPath(words, at + lead.Length, at + lead.Length, out where) && GenericMessages.IsPath(where.Path)))
            ? BindMention.At(where, RuntimeProfiles.Ruby, line) : null;
    }
}

/// <summary>Rust's errors name no address. Rocket printed it in the list of its settings; Deno prints the line of the script.</summary>
internal static class RustMessages
{
    private const int MaxSettingLines = 60;
    private const int MaxLinesBehindError = 6;

    /// <summary>Rocket's <c>&gt;&gt; address: 127.0.0.1</c> and <c>&gt;&gt; port: 8000</c>, when its bind failed.</summary>
    public static BindMention? ReadRocket(ErrorText text, int line)
    {
        if (!text.Lines[line].Contains("failed to bind network socket to given address/port", StringComparison.OrdinalIgnoreCase))
            return null;
        AddressMention? port = null;
        AddressMention? address = null;
        for (var i = line - 1; i >= 0 && line - i <= MaxSettingLines; i--)
        {
            port ??= PropertyReader.Port(text.Lines[i], "port");
            address ??= PropertyReader.Address(text.Lines[i], "address");
        }
        return port is not { } found ? null
            : BindMention.At(address is { } host ? host with { Port = found.Port } : found, RuntimeProfiles.Rust, line);
    }

    /// <summary>Deno: <c>Deno.serve({ port: 2345 }</c> below the error.</summary>
    public static BindMention? ReadDeno(ErrorText text, int line)
    {
        var words = text.Lines[line];
        var isCall = words.Contains("Deno.listen", StringComparison.Ordinal) || words.Contains("Deno.serve", StringComparison.Ordinal);
        if (!isCall || PropertyReader.Port(words, "port") is not { } port
            || text.LineWith("AddrInUse", Math.Max(0, line - MaxLinesBehindError), Math.Min(line, MaxLinesBehindError)) < 0)
            return null;
        var host = PropertyReader.Address(words, "hostname");
        return BindMention.At(host is { } address ? address with { Port = port.Port } : port, RuntimeProfiles.Deno, line,
            words.Contains("listenDatagram", StringComparison.Ordinal) ? Protocol.Udp : null);
    }
}

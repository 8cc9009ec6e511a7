namespace Bindwise.Model.Diagnosing.Snippets;

/// <summary>Every snippet in every runtime's words.</summary>
internal static class CodeSnippets
{
    public static CodeSnippet Of(SnippetKind kind, TargetLanguage language) => kind switch
    {
        _ when language.IsLibrary && OfLibrary(kind) is { } own => new CodeSnippet(own),
        SnippetKind.ReuseAddress when language.IsAsyncio =>
            CodeSnippet.ByItself(said: "does this by default in asyncio's servers, unless you set reuse_address=False"),
        SnippetKind.ReuseAddress => OptionSnippets.ReuseAddress(language.Runtime),
        SnippetKind.ReusePort => OptionSnippets.ReusePort(language.Runtime, language.IsAsyncio),
        SnippetKind.ReuseAddressOfDatagrams => OptionSnippets.ReuseAddressOfDatagrams(language.Runtime),
        SnippetKind.ReusePortOfDatagrams => OptionSnippets.ReusePortOfDatagrams(language.Runtime),
        SnippetKind.SetV6Only => OptionSnippets.SetV6Only(language.Runtime),
        SnippetKind.ClearV6Only => OptionSnippets.ClearV6Only(language.Runtime),
        SnippetKind.BindAddressNoPort => OptionSnippets.BindAddressNoPort(language.Runtime),
        SnippetKind.CloseOnExec => ClosingSnippets.CloseOnExec(language.Runtime),
        SnippetKind.CloseLast => ClosingSnippets.CloseLast(language.Runtime, language.IsAsyncio),
        SnippetKind.CloseAfterEnd => ClosingSnippets.CloseAfterEnd(language.Runtime, language.IsAsyncio),
        SnippetKind.UnlinkBeforeBind => ClosingSnippets.UnlinkBeforeBind(language.Runtime, language.IsAsyncio),
        SnippetKind.EndOnSigterm => ClosingSnippets.EndOnSigterm(language.Runtime, language.IsAsyncio),
        _ => ClosingSnippets.KeepAlive(language.Runtime),
    };

    // What it has no words for is written as in any program of .NET.
    private static string? OfLibrary(SnippetKind kind) => kind switch
    {
        SnippetKind.ReuseAddress or SnippetKind.ReuseAddressOfDatagrams => Set("ReuseAddress = true"),
        SnippetKind.ReusePort or SnippetKind.ReusePortOfDatagrams => Set("ReusePort = true"),
        SnippetKind.SetV6Only => Set("V6Only = true"),
        SnippetKind.ClearV6Only => Set("V6Only = false"),
        SnippetKind.BindAddressNoPort => "var connector = new OutgoingConnector(new OutgoingOptions { Sources = [first, second] });",
        _ => null,
    };

    private static string Set(string option) => $"request = request with {{ Settings = request.Settings with {{ {option} }} }};";
}

/// <summary>What one remedy asks for, in one runtime's words.</summary>
/// <param name="Code">The lines of code, parted by line feeds; null when there is nothing to write.</param>
/// <param name="Said">What the runtime does by itself, or cannot do: the rest of a sentence that begins
/// with the runtime's name; null for nothing.</param>
internal readonly record struct CodeSnippet(string? Code, string? Said = null)
{
    public static CodeSnippet ByItself(string? code = null, string said = "does this by default") => new(code, said);
}

/// <summary>What a remedy asks of a program's code, whatever its language.</summary>
internal enum SnippetKind : byte
{
    /// <summary>SO_REUSEADDR before bind(), TCP.</summary>
    ReuseAddress,

    /// <summary>SO_REUSEPORT before bind(), TCP.</summary>
    ReusePort,

    /// <summary>SO_REUSEADDR before bind(), UDP.</summary>
    ReuseAddressOfDatagrams,

    /// <summary>SO_REUSEPORT before bind(), UDP.</summary>
    ReusePortOfDatagrams,

    /// <summary>IPV6_V6ONLY on, so that [::] leaves IPv4 alone.</summary>
    SetV6Only,

    /// <summary>IPV6_V6ONLY off, so that the socket takes IPv4 too.</summary>
    ClearV6Only,

    /// <summary>IP_BIND_ADDRESS_NO_PORT before a client's bind(address, 0).</summary>
    BindAddressNoPort,

    /// <summary>Keep a listening socket from the programs that the server starts.</summary>
    CloseOnExec,

    /// <summary>Wait for the peer's end, with a time limit, and close after it.</summary>
    CloseLast,

    /// <summary>Close when read() tells the end of the stream.</summary>
    CloseAfterEnd,

    /// <summary>Remove a left-over socket file before bind().</summary>
    UnlinkBeforeBind,

    /// <summary>On SIGTERM close the listener, finish, and exit.</summary>
    EndOnSigterm,

    /// <summary>Use connections again instead of opening new ones.</summary>
    KeepAlive,
}

/// <summary>How each runtime ends connections and servers so that the port is free again, and keeps sockets to itself.</summary>
internal static class ClosingSnippets
{
    /// <summary>Close-on-exec of the listening socket, and what passes it on nevertheless.</summary>
    public static CodeSnippet CloseOnExec(Runtime runtime) => runtime switch
    {
        Runtime.Python => CodeSnippet.ByItself("sock.close()  # in the child, right after os.fork()",
            "has done this by default since 3.4, so the cause is fork() without exec, pass_fds= or set_inheritable(True)"),
        Runtime.Node => CodeSnippet.ByItself(
            said: "does this by default, so the socket was passed on: as stdio of child_process.spawn(), or by a cluster"),
        Runtime.DotNet => CodeSnippet.ByItself(said: "does this by default, so native code forked, or passed it on"),
        Runtime.Go => CodeSnippet.ByItself(
            said: "does this by default, so the socket was passed on: by exec.Cmd's ExtraFiles, or by a descriptor of File()"),
        Runtime.Java => CodeSnippet.ByItself(said: "closes it in the children of ProcessBuilder, so native code forked"),
        Runtime.Ruby => CodeSnippet.ByItself("server.close  # in the child, right after fork",
            "has done this by default since 2.0, so the cause is fork without exec, or close_on_exec = false"),
        Runtime.Rust => CodeSnippet.ByItself(said: "does this by default, so the socket was passed on, or the program calls fork() itself"),
        Runtime.Php => new(null,
            "cannot set it: start other programs before the server listens, or through a shell that closes it: exec('exec 3>&-; ...')"),
        _ => new("socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);"),
    };

    /// <summary>
    /// The server reads to the peer's end and closes after it, so that TIME_WAIT stays with the peer; a time limit bounds the wait.
    /// </summary>
    public static CodeSnippet CloseLast(Runtime runtime, bool isAsyncio) => runtime switch
    {
        Runtime.Python when isAsyncio => new("await asyncio.wait_for(reader.read(), 5)\nwriter.close()"),
        Runtime.Python => new("conn.settimeout(5)\nwhile conn.recv(65536): pass\nconn.close()"),
        Runtime.Node => new("socket.setTimeout(5000, () => socket.destroy());\nsocket.resume();",
            "closes after the peer by default, unless the program calls end() or destroy() before; an HTTP server closes idle connections "
                + "first after server.keepAliveTimeout (5 s)"),
        Runtime.DotNet => new("socket.ReceiveTimeout = 5000;\nwhile (socket.Receive(buffer) > 0) { }\nsocket.Close();"),
        Runtime.Go => new("conn.SetReadDeadline(time.Now().Add(5 * time.Second))\nio.Copy(io.Discard, conn)\nconn.Close()"),
        Runtime.Java =>
            new("socket.setSoTimeout(5000);\nsocket.getInputStream().transferTo(OutputStream.nullOutputStream());\nsocket.close();"),
        Runtime.Ruby => new("nil while conn.wait_readable(5) && conn.read_nonblock(65536, exception: false)\nconn.close"),
        Runtime.Rust => new(
            "stream.set_read_timeout(Some(Duration::from_secs(5)))?;\nstd::io::copy(&mut stream, &mut std::io::sink())?;\ndrop(stream);"),
        Runtime.Php => new("stream_set_timeout($conn, 5);\nwhile (fread($conn, 65536)) { }\nfclose($conn);"),
        _ => new("while (read(fd, buffer, sizeof buffer) > 0) { }  /* SO_RCVTIMEO bounds it */\nclose(fd);"),
    };

    public static CodeSnippet CloseAfterEnd(Runtime runtime, bool isAsyncio) => runtime switch
    {
        Runtime.Python when isAsyncio => new("if not await reader.read(65536):\n    writer.close()"),
        Runtime.Python => new("if not conn.recv(65536):\n    conn.close()"),
        Runtime.Node => new("socket.on('end', () => socket.end());\nsocket.resume();",
            "does this by default, unless allowHalfOpen is set or the stream is paused"),
        Runtime.DotNet => new("if (socket.Receive(buffer) == 0)\n    socket.Dispose();"),
        Runtime.Go => new("defer conn.Close()", "also needs defer response.Body.Close() for every HTTP response"),
        Runtime.Java => new("if (input.read(buffer) < 0)\n    socket.close();"),
        Runtime.Ruby => new("conn.close if conn.eof?"),
        Runtime.Rust => new("if stream.read(&mut buffer)? == 0 {\n    drop(stream);\n}"),
        Runtime.Php => new("if (feof($conn)) {\n    fclose($conn);\n}"),
        _ => new("if (n == 0) close(fd);"),
    };

    public static CodeSnippet UnlinkBeforeBind(Runtime runtime, bool isAsyncio) => runtime switch
    {
        Runtime.Python => new(isAsyncio ? null : "pathlib.Path(path).unlink(missing_ok=True)",
            "does this by default in asyncio.start_unix_server() (before it binds, and since 3.13 when it closes)"),
        Runtime.Node => new("fs.rmSync(path, { force: true });"),
        Runtime.DotNet => new("File.Delete(path);"),
        Runtime.Go => new("os.Remove(path)", "removes it when the listener is closed, but not after a crash"),
        Runtime.Java => new("Files.deleteIfExists(path);"),
        Runtime.Ruby => new("File.unlink(path) if File.socket?(path)"),
        Runtime.Rust => new("let _ = std::fs::remove_file(path);"),
        Runtime.Php => new("if (file_exists($path)) unlink($path);"),
        _ => new("unlink(path);"),
    };

    /// <summary>An orderly end: who waits for SIGTERM's end finds the port free.</summary>
    public static CodeSnippet EndOnSigterm(Runtime runtime, bool isAsyncio) => runtime switch
    {
        Runtime.Python when isAsyncio => new("asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.close)"),
        Runtime.Python => new("signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # finally and with close what is open"),
        Runtime.Node => new("process.on('SIGTERM', () => server.close(() => process.exit(0)));"),
        Runtime.DotNet => new(
            "using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => { context.Cancel = true; listener.Stop(); });",
            "does this by default under the Generic Host and ASP.NET Core"),
        Runtime.Go => new("ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)\ndefer "
            + "stop()\n<-ctx.Done()\nserver.Shutdown(context.Background())"),
        Runtime.Java => new("Runtime.getRuntime().addShutdownHook(new Thread(() -> {\n    try { server.close(); } catch (IOException e) "
            + "{ e.printStackTrace(); }\n}));",
            "runs such hooks on SIGTERM; com.sun.net.httpserver.HttpServer has stop(0) for close()"),
        Runtime.Ruby => new("trap('TERM') { exit }  # ensure closes what is open"),
        Runtime.Rust => new("signal_hook::flag::register(signal_hook::consts::SIGTERM, Arc::clone(&ended))?;",
            "has this in the crate signal-hook, and in tokio::signal::unix"),
        Runtime.Php => new("pcntl_async_signals(true);\npcntl_signal(SIGTERM, function () use ($server) { fclose($server); exit; });"),
        _ => new("sigaction(SIGTERM, &(struct sigaction){ .sa_handler = on_term }, NULL);  /* sets a flag; the loop then closes the "
            + "listener */"),
    };

    /// <summary>One client object for all requests keeps its connections and uses them again.</summary>
    public static CodeSnippet KeepAlive(Runtime runtime) => runtime switch
    {
        Runtime.Python => new("session = requests.Session()  # one for all requests",
            "opens a connection per call with requests.get() and urllib.request.urlopen()"),
        Runtime.Node => new("const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });  // one for all requests",
            "has kept connections open by default since 19"),
        Runtime.DotNet => new("static readonly HttpClient Client = new();",
            "keeps connections open in one HttpClient; each further HttpClient opens new ones"),
        Runtime.Go => new("io.Copy(io.Discard, response.Body)\nresponse.Body.Close()",
            "reuses a connection only if you read the body to its end and close it; raise Transport.MaxIdleConnsPerHost (2)"),
        Runtime.Java => new("static final HttpClient CLIENT = HttpClient.newHttpClient();", "keeps connections open in one HttpClient"),
        Runtime.Ruby => new("Net::HTTP.start(host, port) { |http| paths.each { |path| http.get(path) } }"),
        Runtime.Rust => new("static CLIENT: LazyLock<reqwest::blocking::Client> = LazyLock::new(reqwest::blocking::Client::new);",
            "keeps connections open in one client of reqwest or hyper"),
        Runtime.Php => new("$curl = curl_init();  // one handle for all requests: curl_setopt(), curl_exec(), again"),
        _ => new(null),
    };
}

/// <summary>
/// How each runtime sets a socket option before bind(), and which it sets by itself. What a runtime does by itself stands in <see
/// cref="Targets.Errors.RuntimeProfiles"/> with the function of its source.
/// </summary>
internal static class OptionSnippets
{
    /// <summary>SO_REUSEADDR on a TCP listener.</summary>
    public static CodeSnippet ReuseAddress(Runtime runtime) => runtime switch
    {
        Runtime.Python => new("sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)",
            "has allow_reuse_address = True for it in a socketserver class, and asyncio sets it by default"),
        Runtime.Node or Runtime.DotNet or Runtime.Go or Runtime.Java => CodeSnippet.ByItself(),
        Runtime.Ruby => CodeSnippet.ByItself("sock.setsockopt(:SOCKET, :REUSEADDR, true)",
            "does this by default in TCPServer; this is for a bare Socket"),
        Runtime.Rust => CodeSnippet.ByItself("socket.set_reuse_address(true)?;",
            "does this by default in TcpListener::bind; this is for a socket of socket2"),
        Runtime.Php => CodeSnippet.ByItself("socket_set_option($socket, SOL_SOCKET, SO_REUSEADDR, 1);",
            "does this by default in stream_socket_server(); this is for socket_create()"),
        _ => new("setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));"),
    };

    /// <summary>SO_REUSEPORT on a TCP listener.</summary>
    public static CodeSnippet ReusePort(Runtime runtime, bool isAsyncio) => runtime switch
    {
        Runtime.Python when isAsyncio => new("server = await asyncio.start_server(handle, host, port, reuse_port=True)"),
        Runtime.Python => new("sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)",
            "has allow_reuse_port = True for it in a socketserver class since 3.11"),
        Runtime.Node => new("server.listen({ port, host, reusePort: true });  // ignored before 22.12 and 23.1"),
        Runtime.DotNet =>
            new("socket.SetRawSocketOption(1, 15, BitConverter.GetBytes(1));  // SOL_SOCKET, SO_REUSEPORT", "has no name for it"),
        Runtime.Go => new(GoControl("net.ListenConfig", "unix.SOL_SOCKET, unix.SO_REUSEPORT")
            + "\nlistener, err := config.Listen(ctx, \"tcp\", address)", "has the constant in golang.org/x/sys/unix"),
        Runtime.Java => new(
            "var server = new ServerSocket();\nserver.setOption(StandardSocketOptions.SO_REUSEPORT, true);\nserver.bind(address);",
            "binds at once in the constructors with a port: use the one without"),
        Runtime.Ruby => new("sock.setsockopt(:SOCKET, :REUSEPORT, true)", "binds at once in TCPServer.new: use a bare Socket"),
        Runtime.Rust => new("socket.set_reuse_port(true)?;", "has it in the crate socket2, feature \"all\""),
        Runtime.Php => new("$context = stream_context_create(['socket' => ['so_reuseport' => true]]);\n$server = "
            + "stream_socket_server($address, $errno, $error, STREAM_SERVER_BIND | STREAM_SERVER_LISTEN, $context);"),
        _ => new("setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &(int){1}, sizeof(int));"),
    };

    /// <summary>SO_REUSEADDR on a UDP socket: no runtime sets it unasked.</summary>
    public static CodeSnippet ReuseAddressOfDatagrams(Runtime runtime) => runtime switch
    {
        Runtime.Node => new("const socket = dgram.createSocket({ type: 'udp4', reuseAddr: true });"),
        Runtime.DotNet => new("socket.SetRawSocketOption(1, 2, BitConverter.GetBytes(1));  // SOL_SOCKET, SO_REUSEADDR",
            "sets SO_REUSEPORT as well with SocketOptionName.ReuseAddress"),
        Runtime.Go => new(GoControl("net.ListenConfig", "unix.SOL_SOCKET, unix.SO_REUSEADDR")
            + "\nconn, err := config.ListenPacket(ctx, \"udp\", address)", "has the constant in golang.org/x/sys/unix"),
        Runtime.Java => new("var socket = new DatagramSocket(null);\nsocket.setReuseAddress(true);\nsocket.bind(address);"),
        Runtime.Python or Runtime.Ruby or Runtime.Rust or Runtime.Php => new(ReuseAddress(runtime).Code),
        _ => ReuseAddress(runtime),
    };

    /// <summary>SO_REUSEPORT on a UDP socket.</summary>
    public static CodeSnippet ReusePortOfDatagrams(Runtime runtime) => runtime switch
    {
        Runtime.Python => new("sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)",
            "has reuse_port=True for it in asyncio's create_datagram_endpoint()"),
        Runtime.Node => new("const socket = dgram.createSocket({ type: 'udp4', reusePort: true });  // ignored before 22.12 and 23.1"),
        Runtime.Go => new(GoControl("net.ListenConfig", "unix.SOL_SOCKET, unix.SO_REUSEPORT")
            + "\nconn, err := config.ListenPacket(ctx, \"udp\", address)", "has the constant in golang.org/x/sys/unix"),
        Runtime.Java => new(
            "var socket = new DatagramSocket(null);\nsocket.setOption(StandardSocketOptions.SO_REUSEPORT, true);\nsocket.bind(address);"),
        Runtime.Ruby => new("sock.setsockopt(:SOCKET, :REUSEPORT, true)"),
        Runtime.Php => new("socket_set_option($socket, SOL_SOCKET, SO_REUSEPORT, 1);"),
        _ => ReusePort(runtime, isAsyncio: false),
    };

    public static CodeSnippet SetV6Only(Runtime runtime) => runtime switch
    {
        Runtime.Python => new("sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)", "does this by default in asyncio's servers"),
        Runtime.Node => new("server.listen({ port, host: '::', ipv6Only: true });"),
        Runtime.DotNet => new("socket.DualMode = false;",
            "does this by default in new TcpListener(IPAddress.IPv6Any, port); TcpListener.Create(port) and Kestrel's ListenAnyIP() take "
                + "IPv4 too"),
        Runtime.Go => new("listener, err := net.Listen(\"tcp6\", address)", "takes IPv4 too with the network \"tcp\""),
        Runtime.Java =>
            new(null, "has no such option: bind one address instead of the wildcard, or start it with -Djava.net.preferIPv4Stack=true"),
        Runtime.Ruby => new("sock.setsockopt(:IPV6, :V6ONLY, true)", "does this by default in Socket.tcp_server_sockets"),
        Runtime.Rust => new("socket.set_only_v6(true)?;", "has it in the crate socket2"),
        Runtime.Php => new("$context = stream_context_create(['socket' => ['ipv6_v6only' => true]]);"),
        _ => new("setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){1}, sizeof(int));"),
    };

    public static CodeSnippet ClearV6Only(Runtime runtime) => runtime switch
    {
        Runtime.Python => new("sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)"),
        Runtime.Node => new("server.listen({ port, host, ipv6Only: false });"),
        Runtime.DotNet => new("socket.DualMode = true;"),
        Runtime.Go => new("listener, err := net.Listen(\"tcp\", address)", "uses only one family with the networks \"tcp4\" and \"tcp6\""),
        Runtime.Java => CodeSnippet.ByItself(),
        Runtime.Ruby => new("sock.setsockopt(:IPV6, :V6ONLY, false)"),
        Runtime.Rust => new("socket.set_only_v6(false)?;", "has it in the crate socket2"),
        Runtime.Php => new("$context = stream_context_create(['socket' => ['ipv6_v6only' => false]]);"),
        _ => new("setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){0}, sizeof(int));"),
    };

    /// <summary>IP_BIND_ADDRESS_NO_PORT (24 of IPPROTO_IP, linux/in.h) on a client that binds its address.</summary>
    public static CodeSnippet BindAddressNoPort(Runtime runtime) => runtime switch
    {
        Runtime.Python => new("sock.setsockopt(socket.IPPROTO_IP, socket.IP_BIND_ADDRESS_NO_PORT, 1)\nsock.bind((source, 0))",
            "has the constant since 3.11; before, it is 24"),
        Runtime.Node =>
            new(null, "has no such option; leave localAddress out of net.connect() if the routes give the right address anyway"),
        Runtime.DotNet => new(
            "socket.SetRawSocketOption(0, 24, BitConverter.GetBytes(1));  // IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT\nsocket.Bind(new "
                + "IPEndPoint(source, 0));", "has no name for it"),
        Runtime.Go => new(GoControl("net.Dialer", "unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT", "LocalAddr: &net.TCPAddr{IP: source}, "),
            "has the constant in golang.org/x/sys/unix"),
        Runtime.Java => new(null,
            "has no such option (Netty's epoll transport has EpollChannelOption.IP_BIND_ADDRESS_NO_PORT); do not bind() before connect()"),
        Runtime.Ruby => new("sock.setsockopt(Socket::IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT\nsock.bind(Addrinfo.tcp(source, 0))",
            "has no name for it"),
        Runtime.Rust => new("nix::sys::socket::setsockopt(&socket, nix::sys::socket::sockopt::IpBindAddressNoPort, &true)?;",
            "has it in the crate nix"),
        Runtime.Php => new("socket_set_option($socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);\nsocket_bind($socket, $source, 0);",
            "has the constant since 8.3; before, it is 24"),
        _ => new("setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){1}, sizeof(int));"),
    };

    private static string GoControl(string type, string option, string fields = "") =>
        $"config := {type}{{{fields}Control: func(_, _ string, c syscall.RawConn) (err error) {{\n    if e := c.Control(func(fd uintptr) "
            + $"{{ err = unix.SetsockoptInt(int(fd), {option}, 1) }}); e != nil {{\n        return e\n    }}\n    return err\n}}}}";
}

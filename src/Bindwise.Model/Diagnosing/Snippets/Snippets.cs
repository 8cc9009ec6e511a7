namespace Bindwise.Model.Diagnosing.Snippets;

/// <summary>Every snippet in every runtime's words.</summary>
internal static class CodeSnippets
{
    public static CodeSnippet Of(SnippetKind kind, TargetLanguage language) => kind switch
    {
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

    /// <summary>The server reads to the peer's end and closes after it, so that TIME_WAIT stays with the peer; a time limit bounds the
    /// wait.</summary>
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

    /// <summary>CLOSE_WAIT ends when the program closes.</summary>
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
        Runtime.Python when isAsyncio => CodeSnippet.ByItself(said: "does this by default in asyncio.start_unix_server()"),
        Runtime.Python => new("pathlib.Path(path).unlink(missing_ok=True)", "does this by default in asyncio.start_unix_server()"),
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
        Runtime.Java => new("Runtime.getRuntime().addShutdownHook(new Thread(server::stop));",
            "runs such hooks on SIGTERM; server.stop() closes the ServerSocket"),
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

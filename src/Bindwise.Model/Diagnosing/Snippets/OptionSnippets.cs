namespace Bindwise.Model.Diagnosing.Snippets;

/// <summary>How each runtime sets a socket option before bind(), and which it sets by itself. What a runtime does by itself stands in
/// <see cref="Targets.Errors.RuntimeProfiles"/> with the function of its source.</summary>
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
        Runtime.Node => new("server.listen({ port, host, reusePort: true });", "has the option since 23.1 and 22.12"),
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
        Runtime.Node => new("const socket = dgram.createSocket({ type: 'udp4', reusePort: true });", "has the option since 23.1 and 22.12"),
        Runtime.Go => new(GoControl("net.ListenConfig", "unix.SOL_SOCKET, unix.SO_REUSEPORT")
            + "\nconn, err := config.ListenPacket(ctx, \"udp\", address)", "has the constant in golang.org/x/sys/unix"),
        Runtime.Java => new(
            "var socket = new DatagramSocket(null);\nsocket.setOption(StandardSocketOptions.SO_REUSEPORT, true);\nsocket.bind(address);"),
        Runtime.Ruby => new("sock.setsockopt(:SOCKET, :REUSEPORT, true)"),
        Runtime.Php => new("socket_set_option($socket, SOL_SOCKET, SO_REUSEPORT, 1);"),
        _ => ReusePort(runtime, isAsyncio: false),
    };

    /// <summary>IPV6_V6ONLY on.</summary>
    public static CodeSnippet SetV6Only(Runtime runtime) => runtime switch
    {
        Runtime.Python => new("sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)", "does this by default in asyncio's servers"),
        Runtime.Node => new("server.listen({ port, host: '::', ipv6Only: true });"),
        Runtime.DotNet => new("socket.DualMode = false;",
            "does this by default in new TcpListener(IPAddress.IPv6Any, port); TcpListener.Create(port) and Kestrel's ListenAnyIP() take "
                + "IPv4 too"),
        Runtime.Go => new("listener, err := net.Listen(\"tcp6\", \"[::]:8080\")", "takes IPv4 too with the network \"tcp\""),
        Runtime.Java =>
            new(null, "has no such option: bind one address instead of the wildcard, or start it with -Djava.net.preferIPv4Stack=true"),
        Runtime.Ruby => new("sock.setsockopt(:IPV6, :V6ONLY, true)", "does this by default in Socket.tcp_server_sockets"),
        Runtime.Rust => new("socket.set_only_v6(true)?;", "has it in the crate socket2"),
        Runtime.Php => new("$context = stream_context_create(['socket' => ['ipv6_v6only' => true]]);"),
        _ => new("setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){1}, sizeof(int));"),
    };

    /// <summary>IPV6_V6ONLY off.</summary>
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

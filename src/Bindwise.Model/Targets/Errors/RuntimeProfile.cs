using Bindwise.Model.Runtimes;

namespace Bindwise.Model.Targets.Errors;

/// <summary>Who words messages so, and what it is known to do to a socket before bind() on Linux. Null: not known, or not always.</summary>
/// <param name="Runtime">The runtime or library; null for a program of its own.</param>
/// <param name="Program">The program's command name; null when it could be any.</param>
internal sealed record RuntimeProfile(string? Runtime, string? Program = null) : SocketDefaults
{
    public static RuntimeProfile Unknown { get; } = new(Runtime: null);

    /// <summary>A runtime as its row of the table describes it.</summary>
    public static RuntimeProfile Of(Runtime runtime)
    {
        var sockets = RuntimeBook.SocketsOf(runtime);
        return new(runtime.Label())
        {
            ReuseAddress = sockets.ReuseAddress,
            ReusePort = sockets.ReusePort,
            V6OnlyAtWildcard = sockets.V6OnlyAtWildcard,
            V6OnlyElsewhere = sockets.V6OnlyElsewhere,
            AnyIPv4IsDualStack = sockets.AnyIPv4IsDualStack,
            UdpReuseAddress = sockets.UdpReuseAddress,
        };
    }

    /// <summary>What is told to the diagnosis about a socket of this runtime.</summary>
    public PastedError Describe(BindMention found)
    {
        var described = Describe(found.Protocol, found.Address.Address);
        return described with
        {
            SetsReuseAddress = found.SeenReuseAddress ?? described.SetsReuseAddress,
            SetsV6Only = found.SeenV6Only ?? described.SetsV6Only,
        };
    }

    /// <summary>What a socket of this runtime is like at an address; null for every address.</summary>
    public PastedError Describe(Protocol protocol, IpAddress? address)
    {
        var isTcp = protocol == Protocol.Tcp;
        var ofUdp = protocol == Protocol.Udp ? UdpReuseAddress : null;
        return new()
        {
            Runtime = Runtime,
            Program = Program,
            SetsReuseAddress = isTcp ? ReuseAddress : ofUdp,
            SetsReusePort = isTcp ? ReusePort : ofUdp == false ? false : null,
            SetsV6Only = protocol == Protocol.Unix ? null : V6Only(address),
            WildcardIsDualStack = isTcp && address is { IsAny: true, Family: IpFamily.IPv4 } ? AnyIPv4IsDualStack : null,
        };
    }

    private bool? V6Only(IpAddress? address) => address switch
    {
        null => V6OnlyAtWildcard,
        { Family: IpFamily.IPv4 } => null,
        { IsAny: true } => V6OnlyAtWildcard,
        _ => V6OnlyElsewhere,
    };
}

/// <summary>
/// The runtimes, libraries and programs whose messages are known, with what they do to a socket before bind() on Linux: of runtimes as
/// their table says, of others here. Only what their sources do in every version that is about; the function stands beside it.
/// </summary>
internal static class RuntimeProfiles
{
    /// <summary>Python where its own event loop listens.</summary>
    public const string AsyncioName = "Python asyncio";

    public static RuntimeProfile DotNet { get; } = RuntimeProfile.Of(Runtime.DotNet);

    /// <summary>
    /// As .NET; [::] becomes DualMode, other IPv6 sockets keep .NET's V6ONLY (SocketTransportOptions.CreateDefaultBoundListenSocket).
    /// </summary>
    public static RuntimeProfile Kestrel { get; } = DotNet with { V6OnlyAtWildcard = false, V6OnlyElsewhere = true };

    public static RuntimeProfile Go { get; } = RuntimeProfile.Of(Runtime.Go);

    /// <summary>Go's networks tcp4 and tcp6: one family each.</summary>
    public static RuntimeProfile GoOneFamily { get; } =
        Go with { V6OnlyAtWildcard = true, V6OnlyElsewhere = true, AnyIPv4IsDualStack = false };

    /// <summary>
    /// docker-proxy listens as Go programs do; the daemon prints its error. Another container's docker-proxy is not the same program.
    /// </summary>
    public static RuntimeProfile DockerProxy { get; } = Go with { Program = "dockerd" };

    /// <summary>docker-proxy on the networks tcp4, tcp6, udp4, udp6.</summary>
    public static RuntimeProfile DockerProxyOneFamily { get; } = GoOneFamily with { Program = "dockerd" };

    /// <summary>The daemon's own book of ports, or a bind by hand whose options differ by version.</summary>
    public static RuntimeProfile DockerDaemon { get; } = new(Runtime.Go.Label(), "dockerd");

    public static RuntimeProfile Node { get; } = RuntimeProfile.Of(Runtime.Node);
    public static RuntimeProfile Bun { get; } = RuntimeProfile.Of(Runtime.Bun);

    /// <summary>A Python library stands between, that may set options.</summary>
    public static RuntimeProfile PythonLibrary { get; } = RuntimeProfile.Of(Runtime.Python);

    /// <summary>socket.bind() as it is: nothing is set.</summary>
    public static RuntimeProfile Python { get; } = PythonLibrary with { ReuseAddress = false, ReusePort = false, UdpReuseAddress = false };

    /// <summary>HTTPServer.allow_reuse_address, gunicorn's sock.py, gevent, Twisted, Werkzeug: SO_REUSEADDR.</summary>
    public static RuntimeProfile PythonReusing { get; } = PythonLibrary with { ReuseAddress = true };

    /// <summary>loop.create_server: SO_REUSEADDR on POSIX, IPV6_V6ONLY on every IPv6 socket.</summary>
    public static RuntimeProfile Asyncio { get; } =
        new(AsyncioName) { ReuseAddress = true, V6OnlyAtWildcard = true, V6OnlyElsewhere = true };

    public static RuntimeProfile Java { get; } = RuntimeProfile.Of(Runtime.Java);

    /// <summary>Netty may use its own native transport.</summary>
    public static RuntimeProfile Netty { get; } = new(Runtime.Java.Label()) { ReuseAddress = true };

    /// <summary>TCPServer and Addrinfo#listen.</summary>
    public static RuntimeProfile Ruby { get; } = RuntimeProfile.Of(Runtime.Ruby);

    public static RuntimeProfile Rust { get; } = RuntimeProfile.Of(Runtime.Rust);

    public static RuntimeProfile Deno { get; } = RuntimeProfile.Of(Runtime.Deno);

    /// <summary>Streams and the built-in server.</summary>
    public static RuntimeProfile Php { get; } = RuntimeProfile.Of(Runtime.Php);

    /// <summary>socket_bind() as it is: nothing is set.</summary>
    public static RuntimeProfile PhpSockets { get; } =
        new(Runtime.Php.Label()) { ReuseAddress = false, ReusePort = false, UdpReuseAddress = false };

    public static RuntimeProfile Erlang { get; } = RuntimeProfile.Of(Runtime.Erlang);

    /// <summary>ranch_tcp:listen adds {reuseaddr, true}.</summary>
    public static RuntimeProfile Ranch { get; } = Erlang with { ReuseAddress = true };

    /// <summary>grpc_tcp_server_prepare_socket; SO_REUSEPORT is on by default on Linux.</summary>
    public static RuntimeProfile GrpcCore { get; } = new("gRPC") { ReuseAddress = true, ReusePort = true };

    /// <summary>ngx_open_listening_sockets; ipv6only=on is the default.</summary>
    public static RuntimeProfile Nginx { get; } =
        new(null, "nginx") { ReuseAddress = true, V6OnlyAtWildcard = true, V6OnlyElsewhere = true };

    /// <summary>make_sock in server/listen.c.</summary>
    public static RuntimeProfile Apache { get; } = new(null, "apache2") { ReuseAddress = true };

    /// <summary>tcp_bind_listener; SO_REUSEPORT unless "noreuseport".</summary>
    public static RuntimeProfile HAProxy { get; } = new(null, "haproxy") { ReuseAddress = true, ReusePort = true };

    /// <summary>StreamServerPort in pqcomm.c.</summary>
    public static RuntimeProfile PostgreSql { get; } =
        new(null, "postgres") { ReuseAddress = true, ReusePort = false, V6OnlyAtWildcard = true, V6OnlyElsewhere = true };

    /// <summary>TCP_socket in socket_connection.cc; [::] is made dual-stack.</summary>
    public static RuntimeProfile MySql { get; } = new(null, "mysqld") { ReuseAddress = true, V6OnlyAtWildcard = false };

    public static RuntimeProfile MariaDb { get; } = MySql with { Program = "mariadbd" };

    /// <summary>create_inet_domain_sockets in main/pgpool_main.c.</summary>
    public static RuntimeProfile PgPool { get; } = new(null, "pgpool") { ReuseAddress = true };

    /// <summary>anetListen after anetSetReuseAddr and anetV6Only (anet.c).</summary>
    public static RuntimeProfile Redis { get; } =
        new(null, "redis-server") { ReuseAddress = true, V6OnlyAtWildcard = true, V6OnlyElsewhere = true };

    /// <summary>The transport layer sets SO_REUSEADDR before its bind.</summary>
    public static RuntimeProfile MongoDb { get; } = new(null, "mongod") { ReuseAddress = true };

    /// <summary>server_socket in memcached.c.</summary>
    public static RuntimeProfile Memcached { get; } =
        new(null, "memcached") { ReuseAddress = true, V6OnlyAtWildcard = true, V6OnlyElsewhere = true };

    /// <summary>listen_on_addrs in sshd.c.</summary>
    public static RuntimeProfile Sshd { get; } = new(null, "sshd") { ReuseAddress = true, V6OnlyAtWildcard = true, V6OnlyElsewhere = true };

    /// <summary>channel_setup_fwd_listener_tcpip in channels.c.</summary>
    public static RuntimeProfile Ssh { get; } = new(null, "ssh") { ReuseAddress = true };

    /// <summary>socket_address_listen sets SO_REUSEADDR. PID 1 holds the sockets of every unit: it is no program of its own.</summary>
    public static RuntimeProfile Systemd { get; } = new("systemd") { ReuseAddress = true };

    public static RuntimeProfile SystemdResolved { get; } = new(null, "systemd-resolved");

    /// <summary>make_sock in network.c.</summary>
    public static RuntimeProfile Dnsmasq { get; } =
        new(null, "dnsmasq") { ReuseAddress = true, UdpReuseAddress = true, V6OnlyAtWildcard = true, V6OnlyElsewhere = true };

    /// <summary>dropbear_listen in netio.c.</summary>
    public static RuntimeProfile Dropbear { get; } =
        new(null, "dropbear") { ReuseAddress = true, V6OnlyAtWildcard = true, V6OnlyElsewhere = true };

    public static RuntimeProfile Named { get; } = new(null, "named");

    /// <summary>bind_to_tcp in socket.c.</summary>
    public static RuntimeProfile Uwsgi { get; } = new(null, "uwsgi") { ReuseAddress = true };

    /// <summary>net__socket_listen_tcp in net.c.</summary>
    public static RuntimeProfile Mosquitto { get; } = new(null, "mosquitto") { ReuseAddress = true };

    /// <summary>fpm_sockets_new_listening_socket in fpm_sockets.c.</summary>
    public static RuntimeProfile PhpFpm { get; } = new(null, "php-fpm") { ReuseAddress = true };

    public static RuntimeProfile Perl { get; } = RuntimeProfile.Of(Runtime.Perl);

    /// <summary>sk_newlistener in unix/network.c.</summary>
    public static RuntimeProfile Putty { get; } = new("PuTTY") { ReuseAddress = true };

    /// <summary>UDP only; open_socket in ntp_io.c decides by the address.</summary>
    public static RuntimeProfile Ntpd { get; } = new(null, "ntpd");

    /// <summary>The agent of Net-SNMP.</summary>
    public static RuntimeProfile Snmpd { get; } = new(null, "snmpd");

    /// <summary>CConnman::BindListenPort, and libevent's for its RPC.</summary>
    public static RuntimeProfile Bitcoin { get; } = new("Bitcoin Core") { ReuseAddress = true };

    /// <summary>net::TCPServerSocket::AllowAddressReuse, as Chromium has it.</summary>
    public static RuntimeProfile ChromeDriver { get; } = new(null, "chromedriver") { ReuseAddress = true };

    /// <summary>socket_set_fast_reuse before each bind, and slirp_socket_set_fast_reuse.</summary>
    public static RuntimeProfile Qemu { get; } = new("QEMU") { ReuseAddress = true };

    /// <summary>Sets options that are not known.</summary>
    public static RuntimeProfile Factorio { get; } = new(null, "factorio");

    /// <summary>Its NAT is a libslirp of its own.</summary>
    public static RuntimeProfile VirtualBox { get; } = new("VirtualBox");

    /// <summary>do_listen in ncat/util.c, for UDP as well.</summary>
    public static RuntimeProfile Ncat { get; } =
        new(null, "ncat") { ReuseAddress = true, UdpReuseAddress = true, V6OnlyAtWildcard = true, V6OnlyElsewhere = true };

    /// <summary>Options are on its command line: reuseaddr.</summary>
    public static RuntimeProfile Socat { get; } = new(null, "socat");
}

/// <summary>Tells the runtime by the words around a message that many programs share: a stack trace, an exception's name.</summary>
internal static class RuntimeGuess
{
    /// <summary>How far from the message the words may stand; a log holds other programs as well.</summary>
    private const int MaxLinesAway = 80;

    /// <summary>The more telling first: a library's frames before the language's own words.</summary>
    private static readonly (string Words, RuntimeProfile Profile)[] Signs =
    [
        ("http/server.py", RuntimeProfiles.PythonReusing),
        ("xmlrpc/server.py", RuntimeProfiles.PythonReusing),
        ("wsgiref", RuntimeProfiles.PythonReusing),
        ("site-packages/werkzeug", RuntimeProfiles.PythonReusing),
        ("site-packages/gevent", RuntimeProfiles.PythonReusing),
        ("site-packages/eventlet", RuntimeProfiles.PythonReusing),
        ("site-packages/twisted", RuntimeProfiles.PythonReusing),
        ("site-packages/tornado", RuntimeProfiles.PythonReusing),
        ("site-packages/gunicorn", RuntimeProfiles.PythonReusing),
        ("site-packages/uvicorn", RuntimeProfiles.PythonReusing),
        ("socketserver.py", RuntimeProfiles.PythonLibrary),
        ("asyncio", RuntimeProfiles.PythonLibrary),
        ("site-packages", RuntimeProfiles.PythonLibrary),
        ("OSError: [Errno ", RuntimeProfiles.Python),
        ("PermissionError: [Errno ", RuntimeProfiles.Python),
        ("socket.error: [Errno ", RuntimeProfiles.Python),
        ("OSError: [WinError ", RuntimeProfiles.Python),
        ("Traceback (most recent call last)", RuntimeProfiles.PythonLibrary),
        ("Microsoft.AspNetCore", RuntimeProfiles.Kestrel),
        ("System.Net.", RuntimeProfiles.DotNet),
        ("AddrInUse: Address already in use (os error", RuntimeProfiles.Deno),
        ("ext:deno_net", RuntimeProfiles.Deno),
        ("(os error ", RuntimeProfiles.Rust),
        ("kind: AddrInUse", RuntimeProfiles.Rust),
        ("io.netty", RuntimeProfiles.Netty),
        ("java.net.BindException", RuntimeProfiles.Java),
        ("Errno::E", RuntimeProfiles.Ruby),
        ("node:net", RuntimeProfiles.Node),
        ("node:internal", RuntimeProfiles.Node),
        ("setupListenHandle", RuntimeProfiles.Node),
        ("socket_bind()", RuntimeProfiles.PhpSockets),
        ("stream_socket_server()", RuntimeProfiles.Php),
        ("goroutine ", RuntimeProfiles.Go),
        ("channel_setup_fwd_listener", RuntimeProfiles.Ssh),
        ("Could not request local forwarding", RuntimeProfiles.Ssh),
    ];

    /// <summary>The runtime by the words around a line; <see cref="RuntimeProfile.Unknown"/> when none tells.</summary>
    public static RuntimeProfile Around(ErrorText text, int line)
    {
        var from = Math.Max(0, line - MaxLinesAway);
        return Array.Find(Signs, sign => text.LineWith(sign.Words, from, 2 * MaxLinesAway) >= 0).Profile ?? RuntimeProfile.Unknown;
    }
}

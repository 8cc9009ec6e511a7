namespace Bindwise.Model.Tests.Targets;

internal static partial class Corpus
{
    private static (string Text, string Expected)[] Systems =>
    [
        // ssh
        ("Bind to port 22 on 0.0.0.0 failed: Address in use.", "tcp 0.0.0.0:22"),
        ("error: Bind to port 22 on 0.0.0.0 failed: Address already in use.\nfatal: Cannot bind any address.", "tcp 0.0.0.0:22"),
        ("error: Bind to port 2222 on :: failed: Address already in use.", "tcp [::]:2222"),
        ("bind [127.0.0.1]:8080: Address already in use\nchannel_setup_fwd_listener_tcpip: cannot listen to port: 8080\nCould not request local forwarding.", "tcp 127.0.0.1:8080"),
        ("bind [::1]:8080: Cannot assign requested address", "tcp [::1]:8080"),
        ("channel_setup_fwd_listener_tcpip: cannot listen to port: 8080", "tcp -:8080"),
        ("unix_listener: cannot bind to path /tmp/agent.sock: Address already in use", "unix /tmp/agent.sock"),
        // systemd
        ("rpcbind.socket: Failed to create listening socket (0.0.0.0:111): Address already in use", "tcp 0.0.0.0:111"),
        ("rpcbind.socket: Failed to create listening socket ([::]:111): Address already in use", "tcp [::]:111"),
        ("docker.socket: Failed to create listening socket (/run/docker.sock): Address already in use", "unix /run/docker.sock"),
        ("systemd-resolved[712]: Failed to listen on UDP socket 127.0.0.53:53: Address already in use", "udp 127.0.0.53:53"),
        ("systemd-resolved[712]: Another process is already listening on UDP socket 127.0.0.53:53.", "udp 127.0.0.53:53"),
        // Docker
        ("Bind for 0.0.0.0:3306 failed: port is already allocated", "tcp 0.0.0.0:3306"),
        ("Error response from daemon: driver failed programming external connectivity on endpoint web (3f2a9c01d2e4f5a6b7c8d9e0f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4): Bind for 0.0.0.0:80 failed: port is already allocated", "tcp 0.0.0.0:80"),
        ("docker: Error response from daemon: driver failed programming external connectivity on endpoint web (3f2a): Error starting userland proxy: listen tcp4 0.0.0.0:80: bind: address already in use.", "tcp 0.0.0.0:80"),
        ("Error starting userland proxy: listen udp4 0.0.0.0:53: bind: address already in use", "udp 0.0.0.0:53"),
        ("failed to bind host port 0.0.0.0:53/tcp: address already in use", "tcp 0.0.0.0:53"),
        ("failed to bind host port 0.0.0.0:53/udp: address already in use", "udp 0.0.0.0:53"),
        ("failed to bind host port for 0.0.0.0:8000:172.31.0.2:8000/tcp: address already in use", "tcp 0.0.0.0:8000"),
        ("failed to bind host port for [::]:8000:[fd00::2]:8000/tcp: address already in use", "tcp [::]:8000"),
        ("Ports are not available: exposing port TCP 0.0.0.0:80 -> 0.0.0.0:0: listen tcp 0.0.0.0:80: bind: address already in use", "tcp 0.0.0.0:80"),
        ("Error: rootlessport listen tcp 0.0.0.0:8080: bind: address already in use", "tcp 0.0.0.0:8080"),
        ("Error: cannot listen on the TCP port: listen tcp4 :8080: bind: address already in use", "tcp -:8080"),
        // dnsmasq, named, unbound
        ("dnsmasq: failed to create listening socket for port 53: Address already in use", "tcp -:53"),
        ("dnsmasq: failed to create listening socket for 127.0.0.1: Address already in use", "error"),
        ("named[4711]: couldn't add command channel 127.0.0.1#953: address in use", "tcp 127.0.0.1:953"),
        ("[1700000000] unbound[4711:0] error: can't bind socket: Address already in use for 127.0.0.1 port 53", "tcp 127.0.0.1:53"),
        // The call itself
        ("2024/01/02 15:04:05 socat[4711] E bind(5, {AF=2 0.0.0.0:8080}, 16): Address already in use", "tcp 0.0.0.0:8080"),
        ("socat[4711] E bind(5, {AF=10 [0000:0000:0000:0000:0000:0000:0000:0000]:8080}, 28): Address already in use", "tcp [0000:0000:0000:0000:0000:0000:0000:0000]:8080"),
        ("bind(3, {sa_family=AF_INET, sin_port=htons(8080), sin_addr=inet_addr(\"0.0.0.0\")}, 16) = -1 EADDRINUSE (Address already in use)", "tcp 0.0.0.0:8080"),
        ("[pid  4711] bind(3, {sa_family=AF_INET6, sin6_port=htons(8080), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, \"::1\", &sin6_addr), sin6_scope_id=0}, 28) = -1 EADDRINUSE (Address already in use)", "tcp [::1]:8080"),
        ("bind(3, {sa_family=AF_UNIX, sun_path=\"/tmp/x.sock\"}, 110) = -1 EADDRINUSE (Address already in use)", "unix /tmp/x.sock"),
        ("bind(3, {sa_family=AF_UNIX, sun_path=@\"app\"}, 7) = -1 EADDRINUSE (Address already in use)", "unix @app"),
        ("socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, IPPROTO_IP) = 3\nbind(3, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr(\"127.0.0.1\")}, 16) = -1 EADDRINUSE (Address already in use)", "udp 127.0.0.1:53"),
        ("bind(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"10.0.0.1\")}, 16) = 0\nbind(4, {sa_family=AF_INET, sin_port=htons(81), sin_addr=inet_addr(\"10.0.0.2\")}, 16) = -1 EADDRINUSE (Address already in use)", "tcp 10.0.0.2:81"),
        ("bind(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"10.0.0.1\")}, 16) = 0\nlisten(3, 128)                          = -1 EADDRINUSE (Address already in use)", "tcp 10.0.0.1:80"),
        // Programs that are not known
        ("Ncat: bind to 0.0.0.0:8080: Address already in use. QUITTING.", "tcp 0.0.0.0:8080"),
        ("Could not bind to 0.0.0.0:9000: Address already in use", "tcp 0.0.0.0:9000"),
        ("myserver: cannot bind to port 9000: Address in use", "tcp -:9000"),
        ("failed to bind UDP socket to 0.0.0.0:514: Address already in use", "udp 0.0.0.0:514"),
        ("server 0.0.0.0:9000: Address already in use", "tcp 0.0.0.0:9000"),
        ("Address already in use: http://localhost:4000", "tcp localhost:4000"),
        ("konnte Adresse »127.0.0.1:7000« nicht binden: Die Adresse wird bereits verwendet", "tcp 127.0.0.1:7000"),
        ("bind failed on 127.0.0.1 port 7001 (Address already in use)", "tcp 127.0.0.1:7001"),
        ("client 192.0.2.5:51234 is still here, bind 0.0.0.0:7002: Address already in use", "tcp 0.0.0.0:7002"),
        ("accepted from 192.0.2.5:51234\nbind: Address already in use for 0.0.0.0:7003", "tcp 0.0.0.0:7003"),
    ];

    private static (string Text, string Expected)[] WithoutAddress =>
    [
        ("OSError: [Errno 98] Address already in use", "error"),
        ("Traceback (most recent call last):\n  File \"/app/server.py\", line 8080, in <module>\n    s.bind(addr)\nOSError: [Errno 98] Address already in use", "error"),
        ("Address already in use (os error 98)", "error"),
        ("thread 'main' panicked at src/main.rs:5:49:\ncalled `Result::unwrap()` on an `Err` value: Os { code: 98, kind: AddrInUse, message: \"Address already in use\" }\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace", "error"),
        ("error: Uncaught (in promise) AddrInUse: Address already in use (os error 98)\n    at Object.listen (ext:deno_net/01_net.js:484:35)\n    at file:///app/main.ts:3:20", "error"),
        ("java.net.BindException: Address already in use", "error"),
        ("java.net.BindException: Address already in use: bind", "error"),
        ("java.net.BindException: Address already in use: JVM_Bind", "error"),
        ("Exception in thread \"main\" java.net.BindException: Address already in use\n\tat java.base/sun.nio.ch.Net.bind0(Native Method)\n\tat java.base/sun.nio.ch.Net.bind(Net.java:555)\n\tat Main.main(Main.java:8080)", "error"),
        ("Unhandled exception. System.Net.Sockets.SocketException (98): Address already in use\n   at System.Net.Sockets.TcpListener.Start(Int32 backlog)\n   at Program.<Main>$(String[] args) in /src/Program.cs:line 3", "error"),
        ("System.Net.Sockets.SocketException (10048): Only one usage of each socket address (protocol/network address/port) is normally permitted.", "error"),
        ("Failed to set up listener: SocketException: Address already in use", "error"),
        ("PHP Warning:  socket_bind(): unable to bind address [98]: Address already in use in /app/server.php on line 8080", "error"),
        ("nc: Address already in use", "error"),
        ("Error: That port is already in use.", "error"),
        ("iperf3: error - unable to start listener for connections: Address already in use", "error"),
        ("systemd[1]: app.socket: Failed to listen on sockets: Address already in use", "error"),
        ("bind: Address already in use", "error"),
        ("An attempt was made to access a socket in a way forbidden by its access permissions", "error"),
        ("named[4711]: binding TCP socket: address in use", "error"),
        ("dial tcp 10.0.0.1:443: connect: cannot assign requested address", "error"),
        ("open /var/log/app.log: permission denied", "error"),
        ("dial tcp 127.0.0.1:5432: connect: connection refused", "error"),
        ("Failed to bind to [9300-9400]", "error"),
        ("everything is fine", "error"),
        ("2024-01-02T15:04:05Z 12:30:45 [4711] main.go:12", "error"),
    ];
}

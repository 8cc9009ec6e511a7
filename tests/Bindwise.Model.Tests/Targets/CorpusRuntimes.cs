namespace Bindwise.Model.Tests.Targets;

internal static partial class Corpus
{
    private static (string Text, string Expected)[] Runtimes =>
    [
        // Node.js
        ("Error: listen EADDRINUSE: address already in use :::3000", "tcp [::]:3000"),
        ("listen EADDRINUSE: address already in use 127.0.0.1:8080", "tcp 127.0.0.1:8080"),
        ("listen EADDRINUSE: address already in use ::1:3000", "tcp [::1]:3000"),
        ("listen EADDRINUSE: address already in use fe80::1%eth0:3000", "tcp [fe80::1%eth0]:3000"),
        ("Error: listen EADDRINUSE 127.0.0.1:8080", "tcp 127.0.0.1:8080"),
        ("Error: listen EADDRINUSE :::3000", "tcp [::]:3000"),
        ("Error: listen EADDRINUSE:::3000", "tcp [::]:3000"),
        ("EADDRINUSE:::3000", "tcp [::]:3000"),
        ("Error: listen EACCES: permission denied 0.0.0.0:80", "tcp 0.0.0.0:80"),
        ("Error: listen EADDRNOTAVAIL: address not available 10.9.9.9:3000", "tcp 10.9.9.9:3000"),
        ("Error: listen EADDRINUSE: address already in use /tmp/app.sock", "unix /tmp/app.sock"),
        ("Error: listen EADDRINUSE: address already in use /mnt/my app/x.sock", "unix /mnt/my app/x.sock"),
        ("Error: listen EADDRINUSE: address already in use /mnt/a,b.sock", "unix /mnt/a,b.sock"),
        ("Error: listen EADDRINUSE: address already in use /mnt/x(1).sock", "unix /mnt/x(1).sock"),
        ("Error: listen EADDRINUSE: address already in use /mnt/it's.sock", "unix /mnt/it's.sock"),
        ("Error: listen EADDRINUSE: address already in use /mnt/p;q.sock", "unix /mnt/p;q.sock"),
        ("Error: listen EADDRINUSE: address already in use /mnt/[x].sock", "unix /mnt/[x].sock"),
        ("Error: listen EADDRINUSE: address already in use /tmp/app, retrying /tmp/other.sock", "unix /tmp/app"),
        ("Error: listen EADDRINUSE: address already in use /tmp/app (see /tmp/other.sock)", "unix /tmp/app"),
        ("socket.rb:201:in `initialize': Address already in use - connect(2) for /mnt/my app/x.sock (Errno::EADDRINUSE)", "unix /mnt/my app/x.sock"),
        ("-e:1:in `initialize': Address already in use - connect(2) for ./app.sock (Errno::EADDRINUSE)", "unix ./app.sock"),
        ("-e:1:in `initialize': Address already in use - connect(2) for app.sock (Errno::EADDRINUSE)", "unix app.sock"),
        ("nginx: [emerg] bind() to unix:/mnt/my app/x.sock failed (98: Address already in use)", "unix /mnt/my app/x.sock"),
        ("Error: bind EADDRINUSE 0.0.0.0:41234", "udp 0.0.0.0:41234"),
        ("Error: bind EADDRINUSE null:3000\n    at listenOnPrimaryHandle (node:net:1969:18)\n    at rr (node:internal/cluster/child:163:12)", "tcp -:3000"),
        (NodeTrace, "tcp [::]:3000"),
        // "listen" is net's, whatever else a log tells of UDP.
        ("sending metrics over UDP.\nError: listen EADDRINUSE: address already in use :::3000", "tcp [::]:3000"),
        ("Error: listen EADDRINUSE: address already in use :::3000\n    at Server.listen (node:net:2063:7)\n    at x (node:dgram:373:20)", "tcp [::]:3000"),
        ("Error: bind EADDRINUSE 127.0.0.1:5353\n    at node:dgram:373:20\n    at process.processTicksAndRejections (node:internal/process/task_queues:83:21)", "udp 127.0.0.1:5353"),
        ("Error: bind EADDRINUSE 127.0.0.1:8099\n    at listenOnPrimaryHandle (node:net:1989:18)\n    at rr (node:internal/cluster/child:163:12)", "tcp 127.0.0.1:8099"),
        ("{ Error: listen EADDRINUSE\n  code: 'EADDRINUSE',\n  errno: 'EADDRINUSE',\n  syscall: 'listen',\n  address: '127.0.0.1',\n  port: 8081 }", "tcp 127.0.0.1:8081"),
        ("{\"level\":60,\"time\":1700000000123,\"pid\":4711,\"hostname\":\"web\",\"err\":{\"type\":\"Error\",\"message\":\"boom\",\"code\":\"EADDRINUSE\",\"errno\":-98,\"syscall\":\"listen\",\"address\":\"::\",\"port\":3000},\"msg\":\"boom\"}", "tcp [::]:3000"),
        ("  code: 'EADDRINUSE',\n  errno: -98,\n  syscall: 'listen',\n  address: '/srv/app/a.sock',\n  port: -1\n}", "unix /srv/app/a.sock"),
        ("{\"code\":\"EADDRINUSE\",\"errno\":-98,\"syscall\":\"listen\",\"address\":\"/srv/app/a.sock\",\"port\":-1}", "unix /srv/app/a.sock"),
        ("Something is already running on port 3000.", "tcp -:3000"),
        (" ⚠ Port 3000 is in use, trying 3001 instead.", "tcp -:3000"),
        ("Error: Port 5173 is already in use", "tcp -:5173"),
        ("Failed to start server. Is port 3000 in use?", "tcp -:3000"),

        // Go
        ("listen tcp :8080: bind: address already in use", "tcp -:8080"),
        ("listen tcp 0.0.0.0:3306: bind: address already in use", "tcp 0.0.0.0:3306"),
        ("2024/01/02 15:04:05 listen tcp 127.0.0.1:80: bind: permission denied", "tcp 127.0.0.1:80"),
        ("listen tcp [::1]:8080: bind: address already in use", "tcp [::1]:8080"),
        ("listen tcp [fe80::1%eth0]:8080: bind: address already in use", "tcp [fe80::1%eth0]:8080"),
        ("listen tcp4 0.0.0.0:80: bind: address already in use", "tcp 0.0.0.0:80"),
        ("listen tcp6 [::]:80: bind: address already in use", "tcp [::]:80"),
        ("listen tcp4 :53: bind: address already in use", "tcp 0.0.0.0:53"),
        ("listen tcp6 :53: bind: address already in use", "tcp [::]:53"),
        ("listen udp4 :53: bind: address already in use", "udp 0.0.0.0:53"),
        ("listen udp6 :53: bind: address already in use", "udp [::]:53"),
        ("listen udp :53: bind: address already in use", "udp -:53"),
        ("listen udp 127.0.0.1:53: bind: address already in use", "udp 127.0.0.1:53"),
        ("listen unix /run/app.sock: bind: address already in use", "unix /run/app.sock"),
        ("listen tcp 0.0.0.0:3306: bind: Only one usage of each socket address (protocol/network address/port) is normally permitted.", "tcp 0.0.0.0:3306"),
        ("listen tcp :80: bind: An attempt was made to access a socket in a way forbidden by its access permissions.", "tcp -:80"),
        ("panic: listen tcp :8080: bind: address already in use\n\ngoroutine 1 [running]:\nmain.main()\n\t/home/u/app/main.go:12 +0x1d\nexit status 2", "tcp -:8080"),
        ("Error: loading initial config: loading new config: http app module: start: listening on :443: listen tcp :443: bind: permission denied", "tcp -:443"),
        ("ts=2024-01-02T15:04:05.123Z caller=main.go:1166 level=error err=\"listen tcp 0.0.0.0:9090: bind: address already in use\"", "tcp 0.0.0.0:9090"),
        ("Unable to listen on port 8080: Listeners failed to create with the following errors: [unable to create listener: Error listen tcp4 127.0.0.1:8080: bind: address already in use unable to create listener: Error listen tcp6 [::1]:8080: bind: address already in use]", "tcp 127.0.0.1:8080"),
        ("command traefik error: error while building entryPoint web: error preparing server: error opening listener: listen tcp :80: bind: address already in use", "tcp -:80"),

        // Python
        ("Traceback (most recent call last):\n  File \"/srv/app.py\", line 3, in <module>\n    s.bind((\"0.0.0.0\",8000))\nOSError: [Errno 98] Address already in use", "tcp 0.0.0.0:8000"),
        ("Traceback (most recent call last):\n  File \"/srv/app.py\", line 3, in <module>\n    sock.bind(('127.0.0.1', 8080))\n    ~~~~~~~~~^^^^^^^^^^^^^^^^^^^^^\nPermissionError: [Errno 13] Permission denied", "tcp 127.0.0.1:8080"),
        ("OSError: [Errno 98] Address already in use: ('127.0.0.1', 8000)", "tcp 127.0.0.1:8000"),
        ("OSError: [Errno 98] Address already in use: ('', 8000)", "tcp -:8000"),
        ("[Errno 48] error while attempting to bind on address ('0.0.0.0', 8000): address already in use", "tcp 0.0.0.0:8000"),
        ("ERROR:    [Errno 98] error while attempting to bind on address ('127.0.0.1', 8000): address already in use", "tcp 127.0.0.1:8000"),
        ("OSError: [Errno 98] error while attempting to bind on address ('::1', 8000, 0, 0): address already in use", "tcp [::1]:8000"),
        ("OSError: [Errno 99] error while attempting to bind on address ('10.9.9.9', 80): cannot assign requested address", "tcp 10.9.9.9:80"),
        ("OSError: Multiple exceptions: [Errno 98] error while attempting to bind on address ('::1', 8888, 0, 0): address already in use, [Errno 98] error while attempting to bind on address ('127.0.0.1', 8888): address already in use", "tcp [::1]:8888"),
        ("OSError: Address '/tmp/app.sock' is already in use", "unix /tmp/app.sock"),
        ("[2024-01-02 15:04:05 +0000] [4711] [ERROR] Connection in use: ('0.0.0.0', 5000)", "tcp 0.0.0.0:5000"),
        ("Connection in use: (u'0.0.0.0', 5000)", "tcp 0.0.0.0:5000"),
        ("Address already in use\nPort 5000 is in use by another program. Either identify and stop that program, or start the server with a different port.", "tcp -:5000"),
        ("twisted.internet.error.CannotListenError: Couldn't listen on any:8080: [Errno 98] Address already in use.", "tcp -:8080"),
        ("Listen failure: Couldn't listen on 127.0.0.1:8000: [Errno 98] Address already in use.", "tcp 127.0.0.1:8000"),
        ("RuntimeError: Failed to bind to address [::]:50051; set GRPC_VERBOSITY=debug environment variable to see detailed error message.", "tcp [::]:50051"),
        ("The port 8888 is already in use, trying another port.", "tcp -:8888"),

        // .NET
        ("Failed to bind to address http://127.0.0.1:5128: address already in use.", "tcp 127.0.0.1:5128"),
        ("System.IO.IOException: Failed to bind to address https://[::]:5001: address already in use.", "tcp [::]:5001"),
        ("Failed to bind to address http://unix:/tmp/kestrel.sock: address already in use.", "unix /tmp/kestrel.sock"),
        (KestrelTrace, "tcp 127.0.0.1:5000"),
        ("Error: listen EADDRINUSE: address already in use tmp/app.sock", "unix tmp/app.sock"),
        ("2024/01/02 15:04:05 listen unix tmp/app.sock: bind: address already in use", "unix tmp/app.sock"),
        ("dial tcp 127.0.0.1:5000->127.0.0.1:7777: bind: address already in use", "tcp 127.0.0.1:5000"),
        ("dial udp 0.0.0.0:5305->127.0.0.1:53: bind: address already in use", "udp 0.0.0.0:5305"),
        ("dial udp4 0.0.0.0:5305->127.0.0.1:53: bind: address already in use", "udp 0.0.0.0:5305"),
        ("dial udp6 [::1]:5305->[::1]:53: bind: address already in use", "udp [::1]:5305"),
        ("warn: Microsoft.AspNetCore.Server.Kestrel[0]\n      Unable to bind to http://localhost:5000 on the IPv6 loopback interface: 'Cannot assign requested address'.", "tcp [::1]:5000"),
        ("Failed to listen on prefix 'http://+:8080/' because it conflicts with an existing registration on the machine.", "tcp *:8080"),

        // Ruby
        ("Address already in use - bind(2) for \"127.0.0.1\" port 8080 (Errno::EADDRINUSE)", "tcp 127.0.0.1:8080"),
        ("/usr/lib/ruby/3.1.0/socket.rb:201:in `bind': Address already in use - bind(2) for 127.0.0.1:9090 (Errno::EADDRINUSE)", "tcp 127.0.0.1:9090"),
        ("Address already in use - bind(2) for nil port 8080 (Errno::EADDRINUSE)", "tcp -:8080"),
        ("Address already in use - bind(2) for \"0.0.0.0\" port 3000 (Errno::EADDRINUSE)", "tcp 0.0.0.0:3000"),
        ("Permission denied - bind(2) for \"::1\" port 80 (Errno::EACCES)", "tcp [::1]:80"),
        ("Address already in use - connect(2) for /etc/passwd (Errno::EADDRINUSE)", "unix /etc/passwd"),
        ("Address already in use - connect(2) for \"/tmp/puma.sock\" (Errno::EADDRINUSE)", "unix /tmp/puma.sock"),
        ("Address already in use - bind(2) for \"/tmp/puma.sock\" (Errno::EADDRINUSE)", "unix /tmp/puma.sock"),

        // Java
        ("org.apache.catalina.LifecycleException: Failed to initialize connector [Connector[HTTP/1.1-8080]]", "tcp -:8080"),
        ("Failed to initialize end point associated with ProtocolHandler [\"http-nio-127.0.0.1-8080\"]\njava.net.BindException: Address already in use", "tcp 127.0.0.1:8080"),
        ("Failed to create server shutdown socket on address [localhost] and port [8005] (base port [8005] and offset [0])", "tcp localhost:8005"),
        ("java.net.BindException: Address already in use: JVM_Bind <null>:8080", "tcp -:8080"),
        ("FAILED ServerConnector@3207d26a{HTTP/1.1}{0.0.0.0:9022}: java.net.BindException: Address already in use", "tcp 0.0.0.0:9022"),
        ("FAILED ServerConnector@3207d26a{HTTP/1.1, (http/1.1)}{0.0.0.0:8080}: java.io.IOException: Failed to bind to 0.0.0.0/0.0.0.0:8080", "tcp 0.0.0.0:8080"),
        ("java.io.IOException: Failed to bind to localhost/127.0.0.1:8080", "tcp 127.0.0.1:8080"),
        ("org.jboss.netty.channel.ChannelException: Failed to bind to: /0.0.0.0:9092", "tcp 0.0.0.0:9092"),
        ("java.io.IOException: Failed to bind to address /[0:0:0:0:0:0:0:0]:8443", "tcp [0:0:0:0:0:0:0:0]:8443"),
        ("Web server failed to start. Port 8080 was already in use.", "tcp -:8080"),
        ("Description:\n\nWeb server failed to start. Port 8081 was already in use.\n\nAction:\n\nIdentify and stop the process that's listening on port 8081 or configure this application to listen on another port.", "tcp -:8081"),
        ("The Tomcat connector configured to listen on port 8443 failed to start. The port may already be in use or the connector may be misconfigured.", "tcp -:8443"),
        ("org.apache.kafka.common.KafkaException: Socket server failed to bind to 0.0.0.0:9092: Address already in use.", "tcp 0.0.0.0:9092"),
        ("BindHttpException[Failed to bind to 127.0.0.1:9200]; nested: BindException[Address already in use];", "tcp 127.0.0.1:9200"),
        ("org.elasticsearch.http.BindHttpException: Failed to bind to 127.0.0.1:[9200]", "tcp 127.0.0.1:9200"),
        ("2024-01-02 15:04:05,123 [myid:] - INFO  [main:NIOServerCnxnFactory@686] - binding to port 0.0.0.0/0.0.0.0:2181\n2024-01-02 15:04:05,130 [myid:] - ERROR [main:ZooKeeperServerMain@79] - Unexpected exception, exiting abnormally\njava.net.BindException: Address already in use", "tcp 0.0.0.0:2181"),

        // Others
        ("E0102 15:04:05.123456789    4711 chttp2_server.cc:1045] UNKNOWN:No address added out of total 1 resolved for '0.0.0.0:50051' {created_time:\"2024-01-02T15:04:05.1+00:00\", children:[UNKNOWN:Address already in use {syscall:\"bind\", os_error:\"Address already in use\", errno:98, fd:8}]}", "tcp 0.0.0.0:50051"),
        ("Failed to bind to address 0.0.0.0:50051", "tcp 0.0.0.0:50051"),
        ("Failed to listen on localhost:8000 (reason: Address already in use)", "tcp localhost:8000"),
        ("[Tue Jan  2 15:04:05 2024] Failed to listen on 127.0.0.1:8000 (reason: Address already in use)", "tcp 127.0.0.1:8000"),
        ("Warning: stream_socket_server(): Unable to connect to tcp://0.0.0.0:8000 (Address already in use) in /app/server.php on line 3", "tcp 0.0.0.0:8000"),
        ("Failed to start Ranch listener http in ranch_tcp:listen([{port,8088},{ip,{127,0,0,1}}]) for reason eaddrinuse (address already in use)", "tcp 127.0.0.1:8088"),
        ("ranch_tcp:listen([{port,8088},{ip,{127,0,0,1}}]) for reason eaddrinuse", "tcp 127.0.0.1:8088"),
        ("Failed to start Ranch listener {acceptor,{0,0,0,0,0,0,0,0},5672} in ranch_tcp:listen([{ip,{0,0,0,0,0,0,0,0}},inet6,{port,5672}]) for reason eaddrinuse (address already in use)", "tcp [::]:5672"),
        ("[error] Failed to start Ranch listener MyApp.Endpoint.HTTP in :ranch_tcp.listen([cacerts: :..., port: 4000]) for reason :eaddrinuse (address already in use)", "tcp -:4000"),
        ("[error] Running MyAppWeb.Endpoint with Bandit 1.0.0 at http failed, port 4000 already in use", "tcp -:4000"),
        ("called `Result::unwrap()` on an `Err` value: failed to bind 127.0.0.1:3000: Address already in use (os error 98)", "tcp 127.0.0.1:3000"),
        ("error binding to 127.0.0.1:3000: error creating server listener: Address already in use (os error 98)", "tcp 127.0.0.1:3000"),
    ];

    private const string NodeTrace = """
        node:events:497
              throw er; // Unhandled 'error' event
              ^

        Error: listen EADDRINUSE: address already in use :::3000
            at Server.setupListenHandle [as _listen2] (node:net:1904:16)
            at listenInCluster (node:net:1961:12)
            at Server.listen (node:net:2063:7)
            at Object.<anonymous> (/home/u/app/server.js:5:3)
            at Module._compile (node:internal/modules/cjs/loader:1554:14)
        Emitted 'error' event on Server instance at:
            at emitErrorNT (node:net:1940:8) {
          code: 'EADDRINUSE',
          errno: -98,
          syscall: 'listen',
          address: '::',
          port: 3000
        }

        Node.js v22.14.0
        """;

    private const string KestrelTrace = """
        crit: Microsoft.AspNetCore.Server.Kestrel[0]
              Unable to start Kestrel.
              System.IO.IOException: Failed to bind to address http://127.0.0.1:5000: address already in use.
               ---> Microsoft.AspNetCore.Connections.AddressInUseException: Address already in use
               ---> System.Net.Sockets.SocketException (98): Address already in use
                 at System.Net.Sockets.Socket.UpdateStatusAfterSocketErrorAndThrowException(SocketError error, Boolean disconnectOnFailure, String callerName)
                 at System.Net.Sockets.Socket.Bind(EndPoint localEP)
                 --- End of inner exception stack trace ---
                 at Program.<Main>$(String[] args) in /src/Web/Program.cs:line 12
        """;
}

namespace Bindwise.Model.Tests.Targets;

internal static partial class Corpus
{
    private static (string Text, string Expected)[] Servers =>
    [
        // nginx
        ("bind() to 0.0.0.0:80 failed (98: Address already in use)", "tcp 0.0.0.0:80"),
        ("2024/01/02 15:04:05 [emerg] 4711#4711: bind() to [::]:80 failed (98: Address already in use)", "tcp [::]:80"),
        ("nginx: [emerg] bind() to unix:/run/app.sock failed (98: Address already in use)", "unix /run/app.sock"),
        ("nginx: [emerg] bind() to 0.0.0.0:80 failed (13: Permission denied)", "tcp 0.0.0.0:80"),
        ("nginx: [emerg] bind() to 10.9.9.9:80 failed (99: Cannot assign requested address)", "tcp 10.9.9.9:80"),
        ("nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)\nnginx: [emerg] bind() to [::]:80 failed (98: Address already in use)\nnginx: [emerg] still could not bind()", "tcp 0.0.0.0:80"),
        ("nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Die Adresse wird bereits verwendet)", "tcp 0.0.0.0:80"),
        // Apache
        ("(98)Address already in use: AH00072: make_sock: could not bind to address [::]:80", "tcp [::]:80"),
        ("(48)Address already in use: AH00072: make_sock: could not bind to address [::]:80", "tcp [::]:80"),
        ("(98)Address already in use: make_sock: could not bind to address 0.0.0.0:443", "tcp 0.0.0.0:443"),
        ("(13)Permission denied: AH00072: make_sock: could not bind to address 0.0.0.0:80", "tcp 0.0.0.0:80"),
        // HAProxy
        ("Starting frontend f: cannot bind socket [0.0.0.0:80]", "tcp 0.0.0.0:80"),
        ("[ALERT] 001/150405 (4711) : Starting frontend http: cannot bind socket [:::80]", "tcp [::]:80"),
        ("[ALERT]    (4711) : Starting frontend f: cannot bind socket (Address already in use) [0.0.0.0:5672]", "tcp 0.0.0.0:5672"),
        ("[ALERT]    (8) : Binding [/usr/local/etc/haproxy/haproxy.cfg:34] for proxy p: cannot bind receiving socket (Address already in use) for [10.0.53.2:53]", "tcp 10.0.53.2:53"),
        ("Binding [/x.cfg:34] for proxy p: protocol tcpv4: cannot bind socket (Permission denied) for [10.0.53.2:53]", "tcp 10.0.53.2:53"),
        ("[ALERT] 001/150405 (4711) : Starting frontend GLOBAL: cannot bind UNIX socket [/run/haproxy/admin.sock]", "unix /run/haproxy/admin.sock"),
        // lighttpd
        ("2024-01-02 15:04:05: (network.c.614) bind() 0.0.0.0:80: Address already in use", "tcp 0.0.0.0:80"),
        ("(network.c.311) can't bind to port:  80 Address already in use", "tcp -:80"),
        // PostgreSQL
        ("could not bind IPv4 address \"127.0.0.1\": Address already in use\nIs another postmaster already running on port 5432? If not, wait a few seconds and retry.", "tcp 127.0.0.1:5432"),
        (PostgreSqlLog, "tcp [::1]:5433"),
        ("LOG:  could not bind IPv4 socket: Address already in use\nHINT:  Is another postmaster already running on port 5432? If not, wait a few seconds and retry.", "tcp -:5432"),
        ("LOG:  could not bind Unix address \"/tmp/.s.PGSQL.5432\": Address already in use\nHINT:  Is another postmaster already running on port 5432? If not, remove socket file \"/tmp/.s.PGSQL.5432\" and retry.", "unix /tmp/.s.PGSQL.5432"),
        // MySQL
        ("[ERROR] Can't start server: Bind on TCP/IP port: Address already in use\n[ERROR] Do you already have another mysqld server running on port: 3306 ?", "tcp -:3306"),
        ("2024-01-02T15:04:05.123456Z 0 [ERROR] [MY-010262] [Server] Can't start server: Bind on TCP/IP port: Address already in use\n2024-01-02T15:04:05.123460Z 0 [ERROR] [MY-010257] [Server] Do you already have another mysqld server running on port: 3306 ?", "tcp -:3306"),
        ("Plugin mysqlx reported: 'Setup of bind-address: '*' port: 33060 failed, `bind()` failed with error: Address already in use (98). Do you already have another mysqld server running with Mysqlx ?'", "tcp *:33060"),
        ("[ERROR] Can't start server : Bind on unix socket: Address already in use\n[ERROR] Do you already have another mysqld server running on socket: /var/run/mysqld/mysqld.sock ?", "unix /var/run/mysqld/mysqld.sock"),
        // Redis
        ("Could not create server TCP listening socket *:6379: bind: Address already in use", "tcp *:6379"),
        ("4711:M 02 Jan 2024 15:04:05.123 # Warning: Could not create server TCP listening socket ::1:6379: bind: Cannot assign requested address", "tcp [::1]:6379"),
        ("4711:M 02 Jan 2024 15:04:05.123 # Warning: Could not create server TCP listening socket ::*:6379: bind: Address already in use", "tcp [::]:6379"),
        ("4711:M 02 Jan 15:04:05.123 # Creating Server TCP listening socket 127.0.0.1:6379: bind: Address already in use", "tcp 127.0.0.1:6379"),
        // MongoDB
        ("{\"t\":{\"$date\":\"2024-01-02T15:04:05.123+00:00\"},\"s\":\"I\",\"c\":\"CONTROL\",\"id\":4615611,\"ctx\":\"initandlisten\",\"msg\":\"MongoDB starting\",\"attr\":{\"pid\":4711,\"port\":27017,\"dbPath\":\"/data/db\",\"architecture\":\"64-bit\"}}\n{\"t\":{\"$date\":\"2024-01-02T15:04:05.223+00:00\"},\"s\":\"E\",\"c\":\"CONTROL\",\"id\":20568,\"ctx\":\"initandlisten\",\"msg\":\"Error setting up listener\",\"attr\":{\"error\":{\"code\":9001,\"codeName\":\"SocketException\",\"errmsg\":\"Address already in use\"}}}", "tcp -:27017"),
        // memcached
        ("failed to listen on TCP port 11211: Address already in use", "tcp -:11211"),
        ("failed to listen on UDP port 11211: Address already in use", "udp -:11211"),
        ("failed to listen on UNIX socket: /run/memcached.sock: Address already in use", "unix /run/memcached.sock"),
    ];

    private const string PostgreSqlLog = """
        2024-01-02 15:04:05.100 UTC [4711] LOG:  starting PostgreSQL 16.1 on x86_64-pc-linux-gnu
        2024-01-02 15:04:05.123 UTC [4711] LOG:  could not bind IPv6 address "::1": Address already in use
        2024-01-02 15:04:05.123 UTC [4711] HINT:  Is another postmaster already running on port 5433? If not, wait a few seconds and retry.
        2024-01-02 15:04:05.124 UTC [4711] LOG:  could not bind IPv4 address "127.0.0.1": Address already in use
        2024-01-02 15:04:05.124 UTC [4711] HINT:  Is another postmaster already running on port 5433? If not, wait a few seconds and retry.
        2024-01-02 15:04:05.124 UTC [4711] WARNING:  could not create listen socket for "localhost"
        2024-01-02 15:04:05.125 UTC [4711] FATAL:  could not create any TCP/IP sockets
        2024-01-02 15:04:05.126 UTC [4711] LOG:  database system is shut down
        """;
}

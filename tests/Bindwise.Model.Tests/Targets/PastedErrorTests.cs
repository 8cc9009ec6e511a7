using Bindwise.Model.Targets.Errors;

namespace Bindwise.Model.Tests.Targets;

public class PastedErrorTests
{
    [Theory]
    [InlineData("listen tcp :8080: bind: address already in use", "EADDRINUSE")]
    [InlineData("listen tcp :80: bind: permission denied", "EACCES")]
    [InlineData("Error: listen EACCES: permission denied 0.0.0.0:80", "EACCES")]
    [InlineData("bind() to 0.0.0.0:80 failed (13: Permission denied)", "EACCES")]
    [InlineData("bind() to 0.0.0.0:80 failed (98: Zieladresse wird schon gebraucht)", "EADDRINUSE")]
    [InlineData("bind() to 10.9.9.9:80 failed (99: Cannot assign requested address)", "EADDRNOTAVAIL")]
    [InlineData("[Errno 48] error while attempting to bind on address ('0.0.0.0', 8000): 使用中", "EADDRINUSE")]
    [InlineData("[Errno 49] error while attempting to bind on address ('10.9.9.9', 8000): x", "EADDRNOTAVAIL")]
    [InlineData("cannot bind 127.0.0.1:80: Adresse belegt (os error 98)", "EADDRINUSE")]
    [InlineData("listen tcp 0.0.0.0:3306: bind: Only one usage of each socket address (protocol/network address/port) is normally permitted.", "EADDRINUSE")]
    [InlineData("listen tcp :80: bind: An attempt was made to access a socket in a way forbidden by its access permissions.", "EACCES")]
    [InlineData("Bind to port 22 on 0.0.0.0 failed: Address in use.", "EADDRINUSE")]
    [InlineData("Port 5000 is in use by another program.", "EADDRINUSE")]
    [InlineData("Connection in use: ('0.0.0.0', 5000)", "EADDRINUSE")]
    [InlineData("Web server failed to start. Port 8080 was already in use.", "EADDRINUSE")]
    [InlineData("could not bind IPv4 address \"127.0.0.1\": Permission denied\nIs another postmaster already running on port 432?", "EACCES")]
    [InlineData("Failed to bind to 127.0.0.1:9000\nCaused by:\n    Address already in use (os error 98)", "EADDRINUSE")]
    [InlineData("ranch_tcp:listen([{port,88},{ip,{127,0,0,1}}]) for reason eacces", "EACCES")]
    [InlineData("bind(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"0.0.0.0\")}, 16) = -1 EACCES (Permission denied)", "EACCES")]
    [InlineData("Bind for 0.0.0.0:80 failed: port is already allocated", "EADDRINUSE")]
    [InlineData("Starting frontend f: cannot bind socket [0.0.0.0:80]", null)]
    [InlineData("listen tcp4 0.0.0.0:8080: bind: operation not permitted", "EPERM")]
    [InlineData("open /etc/x: permission denied; bind 0.0.0.0:80: address already in use", "EADDRINUSE")]
    [InlineData("Error: listen EPERM: operation not permitted 0.0.0.0:8080", "EPERM")]
    [InlineData("PermissionError: [Errno 1] Operation not permitted: ('0.0.0.0', 8080)", "EPERM")]
    // A process id, as logs have it, may be any number.
    [InlineData("Nov 29 17:40:23 host app[13]: listen tcp 127.0.0.1:8000: bind: address already in use", "EADDRINUSE")]
    [InlineData("2026/11/29 17:40:23 socat[99] E bind(5, {AF=2 0.0.0.0:8080}, 16): Address already in use", "EADDRINUSE")]
    [InlineData("2026-11-29 17:40:23.331 UTC [13] LOG:  could not bind IPv4 address \"127.0.0.1\": Address already in use\nHINT:  Is another postmaster already running on port 5432?", "EADDRINUSE")]
    [InlineData("[ALERT]    (48) : Binding [/etc/haproxy/haproxy.cfg:30] for frontend http: cannot bind socket (Address already in use) for [0.0.0.0:80]", "EADDRINUSE")]
    [InlineData("[Errno 1] error while attempting to bind on address ('0.0.0.0', 8080): operation not permitted", "EPERM")]
    [InlineData("bind() to 0.0.0.0:8080 failed (1: Operation not permitted)", "EPERM")]
    [InlineData("listen tcp 0.0.0.0:8080: socket: too many open files", "unknown")]
    [InlineData("Error: listen ENOTDIR: not a directory /etc/hostname/x", "ENOTDIR")]
    [InlineData("Error: listen EROFS: read-only file system /usr/x.sock", "EROFS")]
    public void Read_AnErrno_IsNamedByWordOrNumber(string text, string? errno) => Assert.Equal(errno, Pasted(text).Errno);

    [Fact]
    public void Read_Dnsmasq_SetsReuseAddressOnUdpToo()
    {
        var found = ErrorTextReader.ReadAll("dnsmasq: failed to create listening socket for port 53: Address already in use").Value!.Targets;

        Assert.Equal([(Protocol.Tcp, true), (Protocol.Udp, true)], found.Select(static one => (one.Protocol, one.Pasted!.SetsReuseAddress)));
    }

    [Theory]
    [InlineData("bind() to 0.0.0.0:80 failed (98: Address already in use)", null)]
    [InlineData("bind() to 0.0.0.0:80 failed (48: Address already in use)", "MacOS")]
    [InlineData("bind() to 0.0.0.0:80 failed (10013: An attempt was made to access a socket in a way forbidden by its access permissions)", "Windows")]
    [InlineData("bind() to 0.0.0.0:80 failed (10048: Une erreur)", "Windows")]
    [InlineData("[Errno 48] error while attempting to bind on address ('0.0.0.0', 8000): address already in use", "MacOS")]
    [InlineData("listen tcp 10.9.9.9:80: bind: can't assign requested address", "MacOS")]
    [InlineData("listen tcp :80: bind: Only one usage of each socket address (protocol/network address/port) is normally permitted.", "Windows")]
    [InlineData("Error: listen EADDRINUSE: address already in use :::3000\n    at node:net:1\n  errno: -4091,", "Windows")]
    [InlineData("Error: listen EADDRINUSE: address already in use :::3000\n    at node:net:1\n  errno: -48,", "MacOS")]
    [InlineData("Error: listen EADDRINUSE: address already in use :::3000\n    at app.js (48:12)\n  errno: -98,", null)]
    [InlineData("web exited with code: 48\nlisten tcp :80: bind: address already in use", null)]
    [InlineData("Nov 29 17:40:23 host sshd[10048]: error: Bind to port 22 on 0.0.0.0 failed: Address already in use.", null)]
    [InlineData("[ALERT]    (48) : Binding [/etc/haproxy/haproxy.cfg:30] for frontend http: cannot bind socket (Address already in use) for [0.0.0.0:80]", null)]
    public void Read_NumbersAndWordsOfAnotherSystem_NameIt(string text, string? system) => Assert.Equal(system, Pasted(text).System?.ToString());

    // Windows' sentences, by their language: in use, forbidden, not available.
    [Theory]
    [InlineData("Normalerweise darf jede Socketadresse (Protokoll, Netzwerkadresse oder Anschluss) nur jeweils einmal verwendet werden.",
        "Der Zugriff auf einen Socket war aufgrund der Zugriffsrechte des Sockets unzulässig.", "Die angeforderte Adresse ist in diesem Kontext ungültig.")]
    [InlineData("Une seule utilisation de chaque adresse de socket (protocole/adresse réseau/port) est habituellement autorisée.",
        "Une tentative d’accès à un socket de manière interdite par ses autorisations d’accès a été tentée.", "L’adresse demandée n’est pas valide dans son contexte.")]
    [InlineData("Solo se permite un uso de cada dirección de socket (protocolo/dirección de red/puerto)",
        "Intento de acceso a un socket no permitido por sus permisos de acceso.", "La dirección solicitada no es válida en este contexto.")]
    [InlineData("Di norma è consentito un solo utilizzo di ogni indirizzo di socket (protocollo/indirizzo di rete/porta).",
        "Tentativo di accesso al socket con modalità non consentite dalle rispettive autorizzazioni di accesso.", "L'indirizzo richiesto non è valido nel contesto.")]
    [InlineData("Normalmente é permitida apenas uma utilização de cada endereço de soquete (protocolo/endereço de rede/porta).",
        "Foi feita uma tentativa de acesso a um soquete de uma maneira que é proibida pelas permissões de acesso.", "O endereço solicitado não é válido no contexto.")]
    [InlineData("Обычно разрешается только одно использование адреса сокета (протокол/сетевой адрес/порт).",
        "Сделана попытка доступа к сокету методом, запрещенным правами доступа.", "Требуемый адрес для своего контекста неверен.")]
    [InlineData("通常、各ソケット アドレスに対してプロトコル、ネットワーク アドレス、またはポートのどれか 1 つのみを使用できます。",
        "アクセス許可で禁じられた方法でソケットにアクセスしようとしました。", "要求したアドレスのコンテキストが無効です。")]
    [InlineData("Tylko jedno użycie każdego adresu gniazda (protokół/adres sieciowy/port) jest normalnie dozwolone.",
        "Została podjęta próba uzyskania dostępu do gniazda w sposób zabroniony przez przypisane do niego uprawnienia dostępu.", "Żądany adres jest nieprawidłowy w tym kontekście.")]
    [InlineData("각 소켓 주소(프로토콜/네트워크 주소/포트)는 하나만 사용할 수 있습니다.",
        "액세스 권한에 의해 숨겨진 소켓에 액세스를 시도했습니다.", "요청한 주소는 해당 컨텍스트에서 유효하지 않습니다.")]
    [InlineData("通常每个套接字地址(协议/网络地址/端口)只允许使用一次。", "以一种访问权限不允许的方式做了一个访问套接字的尝试。", "在其上下文中，该请求的地址无效。")]
    public void Read_GosTextOfALocalisedWindows_IsThatSystems(string inUse, string forbidden, string notAvailable)
    {
        var found = new[] { inUse, forbidden, notAvailable }.Select(static words => Pasted("listen tcp 10.0.0.7:8080: bind: " + words)).Select(static one => (one.Errno, one.System));

        Assert.Equal([("EADDRINUSE", HostSystem.Windows), ("EACCES", HostSystem.Windows), ("EADDRNOTAVAIL", HostSystem.Windows)], found.Select(static one => (one.Errno!, one.System!.Value)));
    }

    [Theory]
    [InlineData("listen tcp 127.0.0.1:8080: bind: Jokainen osoite on jo varattu.", "unknown")]
    [InlineData("permission denied (publickey)\nlisten tcp 127.0.0.1:8080: bind: Jokainen osoite on jo varattu.", "unknown")]
    [InlineData("listen tcp 127.0.0.1:8080: bind: address already in use", "EADDRINUSE")]
    [InlineData("listen tcp 127.0.0.1:8080: bind:\naddress already in use", "EADDRINUSE")]
    public void Read_GosTextInWordsThatAreNotKnown_IsNotUnderstood(string text, string errno) => Assert.Equal(errno, Pasted(text).Errno);

    // A terminal's width, or any that two lines have.
    [Theory]
    [InlineData("ERROR:    [Errno 98] error while attempting to bind on address ('127.|0.0.|1', 8|00|0): address already in use", "tcp 127.0.0.1:8000")]
    [InlineData("(98)Address already in use: AH00072: make_sock: could not bind to address [|:|:|]|:|8|08|0", "tcp [::]:8080")]
    [InlineData("System.IO.IOException: Failed to bind to address http:|//|1|27|.0|.|0.1|:|5|4|322: address already in use.", "tcp 127.0.0.1:54322")]
    public void Read_ATextThatATerminalBroke_FindsTheWholeAddress(string text, string expected)
    {
        var parts = text.Split('|');
        for (var count = 1; count < parts.Length; count++)
        {
            var line = string.Concat(parts[..count]).PadLeft(100, '-');

            Assert.Equal(expected, TargetText.Of(ErrorTextReader.Read(line + "\n" + string.Concat(parts[count..]))));
        }
    }

    [Theory]
    [InlineData("address already in use :::80", "2024-05-01 10:00:00 exiting")]
    [InlineData("address already in use :::80", "10:00:00 exiting")]
    [InlineData("address already in use :::80", "1|web  | exiting")]
    [InlineData("address already in use :::80", "at app.js")]
    public void From_AFullLineThatANewOneFollows_StaysALine(string line, string next) =>
        Assert.Equal(next, ErrorText.From(line.PadLeft(80, '-') + "\n" + next).Lines[1]);

    // Columns: runtime, program, SO_REUSEADDR, SO_REUSEPORT, IPV6_V6ONLY, 0.0.0.0 as one dual-stack socket.
    [Theory]
    [InlineData("Failed to bind to address http://127.0.0.1:5000: address already in use.", ".NET", null, true, false, null, null)]
    [InlineData("Failed to bind to address http://[::]:5000: address already in use.", ".NET", null, true, false, false, null)]
    [InlineData("Failed to bind to address http://[::1]:5000: address already in use.", ".NET", null, true, false, true, null)]
    [InlineData("listen tcp :8080: bind: address already in use", "Go", null, true, null, false, null)]
    [InlineData("listen tcp [::1]:8080: bind: address already in use", "Go", null, true, null, false, null)]
    [InlineData("listen tcp 0.0.0.0:8080: bind: address already in use", "Go", null, true, null, null, true)]
    [InlineData("listen tcp 127.0.0.1:8080: bind: address already in use", "Go", null, true, null, null, null)]
    [InlineData("listen tcp4 0.0.0.0:8080: bind: address already in use", "Go", null, true, null, null, false)]
    [InlineData("listen tcp6 [::]:8080: bind: address already in use", "Go", null, true, null, true, null)]
    [InlineData("listen udp :53: bind: address already in use", "Go", null, false, false, false, null)]
    [InlineData("Error: listen EADDRINUSE: address already in use :::3000", "Node.js", null, true, false, false, null)]
    [InlineData("Error: listen EADDRINUSE: address already in use 0.0.0.0:3000", "Node.js", null, true, false, null, false)]
    [InlineData("Error: bind EADDRINUSE 0.0.0.0:3000", "Node.js", null, false, false, null, null)]
    [InlineData("OSError: [Errno 98] Address already in use: ('127.0.0.1', 8000)", "Python", null, false, false, null, null)]
    [InlineData("  File \"/usr/lib/python3.12/http/server.py\", line 136, in server_bind\n  File \"/usr/lib/python3.12/socketserver.py\", line 473, in server_bind\nOSError: [Errno 98] Address already in use: ('', 8000)", "Python", null, true, null, null, null)]
    [InlineData("  File \"/usr/lib/python3.12/socketserver.py\", line 473, in server_bind\nOSError: [Errno 98] Address already in use: ('', 8000)", "Python", null, null, null, null, null)]
    [InlineData("[Errno 98] error while attempting to bind on address ('::', 8000, 0, 0): address already in use", "Python asyncio", null, true, null, true, null)]
    [InlineData("Connection in use: ('0.0.0.0', 5000)", "Python", "gunicorn", true, null, null, null)]
    [InlineData("Port 5000 is in use by another program.", "Python", null, true, null, null, null)]
    [InlineData("Address already in use - bind(2) for \"127.0.0.1\" port 8080 (Errno::EADDRINUSE)", "Ruby", null, true, null, null, null)]
    [InlineData("error: Failed to start server. Is port 3000 in use?", "Bun", null, true, null, null, null)]
    [InlineData("Ncat: bind to 127.0.0.1:8080: Address already in use. QUITTING.", null, "ncat", true, null, null, null)]
    [InlineData("Ncat: bind to :::8080: Address already in use. QUITTING.", null, "ncat", true, null, true, null)]
    [InlineData("Web server failed to start. Port 8080 was already in use.", "Java", null, true, null, false, null)]
    [InlineData("FAILED ServerConnector@1{HTTP/1.1}{0.0.0.0:9022}: java.net.BindException: Address already in use", "Java", null, true, null, null, true)]
    [InlineData("failed to bind 127.0.0.1:3000: Address already in use (os error 98)", "Rust", null, true, null, null, null)]
    [InlineData("bind() to [::]:80 failed (98: Address already in use)", null, "nginx", true, null, true, null)]
    [InlineData("bind() to unix:/run/x.sock failed (98: Address already in use)", null, "nginx", null, null, null, null)]
    [InlineData("could not bind IPv6 address \"::1\": Address already in use\nIs another postmaster already running on port 5432?", null, "postgres", true, false, true, null)]
    [InlineData("Could not create server TCP listening socket *:6379: bind: Address already in use", null, "redis-server", true, null, true, null)]
    [InlineData("Bind to port 22 on :: failed: Address in use.", null, "sshd", true, null, true, null)]
    [InlineData("(98)Address already in use: AH00072: make_sock: could not bind to address [::]:80", null, "apache2", true, null, null, null)]
    [InlineData("Starting frontend f: cannot bind socket [0.0.0.0:80]", null, "haproxy", true, true, null, null)]
    [InlineData("rpcbind.socket: Failed to create listening socket (0.0.0.0:111): Address already in use", "systemd", null, true, null, null, null)]
    [InlineData("Do you already have another mysqld server running on port: 3306 ?", null, "mysqld", true, null, false, null)]
    [InlineData("Bind for 0.0.0.0:3306 failed: port is already allocated", "Go", "dockerd", null, null, null, null)]
    [InlineData("Error starting userland proxy: listen tcp4 0.0.0.0:80: bind: address already in use", "Go", "dockerd", true, null, null, false)]
    [InlineData("bind [127.0.0.1]:8080: Address already in use\nCould not request local forwarding.", null, "ssh", true, null, null, null)]
    [InlineData("PHP Warning:  stream_socket_server(): Unable to connect to tcp://0.0.0.0:8000 (Address already in use)", "PHP", null, true, null, null, null)]
    [InlineData("ERROR: unable to bind listening socket for address '127.0.0.1:9000': Address already in use (98)\nERROR: FPM initialization failed", null, "php-fpm", true, null, null, null)]
    [InlineData("Could not set up host forwarding rule 'tcp::2222-:22'", "QEMU", null, true, null, null, null)]
    [InlineData("Can't connect to TCP port 5000 on * [Address already in use]", "Perl", null, true, null, null, null)]
    [InlineData("Starting development server at http://127.0.0.1:8000/\nError: That port is already in use.", "Python", null, true, null, null, null)]
    [InlineData("Traceback (most recent call last):\n  File \"a.py\", line 3, in <module>\n    s.bind(('0.0.0.0', 7000))\nOSError: [Errno 98] Address already in use", "Python", null, false, false, null, null)]
    [InlineData("Error: Rocket failed to bind network socket to given address/port.\n   >> Address already in use (os error 98)\n>> port: 1\nlisten tcp :80: bind: address already in use", "Go", null, true, null, false, null)]
    [InlineData("AddrInUse: Address already in use (os error 98)\nDeno.serve({ port: 2345 })", "Deno", null, true, null, null, null)]
    [InlineData("Cannot bind [::]:80: Address already in use", null, null, null, null, null, null)]
    [InlineData("Failed to bind to port 9229 on 0.0.0.0: Address already in use", null, null, null, null, null, null)]
    [InlineData("EADDRINUSE: port 8080 already in use", null, null, null, null, null, null)]
    [InlineData("Could not bind to 0.0.0.0:9000: Address already in use", null, null, null, null, null, null)]
    public void Read_ARuntime_SuppliesWhatItDoesToSockets(
        string text, string? runtime, string? program, bool? reuseAddress, bool? reusePort, bool? v6Only, bool? dualStack)
    {
        var pasted = Pasted(text);

        Assert.Equal(
            (runtime, program, reuseAddress, reusePort, v6Only, dualStack),
            (pasted.Runtime, pasted.Program, pasted.SetsReuseAddress, pasted.SetsReusePort, pasted.SetsV6Only, pasted.WildcardIsDualStack));
    }

    [Fact]
    public void Read_ATraceThatShowsTheOption_BelievesTheTrace()
    {
        const string bind = "bind(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"0.0.0.0\")}, 16) = -1 EADDRINUSE (Address already in use)";

        Assert.Null(Pasted(bind).SetsReuseAddress);
        Assert.True(Pasted("setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0\n" + bind).SetsReuseAddress);
        Assert.False(Pasted("setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [0], 4) = 0\n" + bind).SetsReuseAddress);
        Assert.False(Pasted("setsockopt(3, SOL_IPV6, IPV6_V6ONLY, [0], 4) = 0\n" + bind).SetsV6Only);
        Assert.True(Pasted("setsockopt(3, SOL_IPV6, IPV6_V6ONLY, [1], 4) = 0\n" + bind).SetsV6Only);
        Assert.Null(Pasted("setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = -1 EINVAL (Invalid argument)\n" + bind).SetsReuseAddress);
        Assert.Null(Pasted("setsockopt(4, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0\n" + bind).SetsReuseAddress);
    }

    [Theory]
    [InlineData("  File \"/app/my server.py\", line 3, in <module>", "/app/my server.py")]
    [InlineData("  File \"/app/server.py\", line 3, in <module>\n  File \"/usr/lib/python3.12/socketserver.py\", line 4, in f\n  File \"/venv/lib/python3.12/site-packages/x.py\", line 4, in f", "/app/server.py")]
    [InlineData("    at Object.<anonymous> (/home/u/app/server.js:5:3)\n    at node:internal/main/run_main_module:28:49\n    at Foo (/home/u/app/node_modules/x/i.js:1:1)", "/home/u/app/server.js")]
    [InlineData("    at file:///home/u/app/server.mjs:5:3", "/home/u/app/server.mjs")]
    [InlineData("   at Program.<Main>$(String[] args) in /src/Program.cs:line 3\n   at X in /_/src/libraries/Y.cs:line 9", "/src/Program.cs")]
    [InlineData("/app/config.ru:3:in `new': x\n/var/lib/gems/3.1.0/gems/puma/lib/puma.rb:4:in `x'", "/app/config.ru")]
    [InlineData("\t/home/u/app/main.go:12 +0x1d\n\t/usr/local/go/src/net/http/server.go:3 +0x1", "/home/u/app/main.go")]
    [InlineData("PHP Warning: x in /app/server.php on line 3", "/app/server.php")]
    [InlineData("a.py:1 a.py:2 b.js:3", "a.py b.js")]
    [InlineData("events.js:174\nnet.js:1\ninternal/cluster/child.js:3", "")]
    [InlineData("caller=etcdmain/etcd.go:204 server.go:12", "")]
    [InlineData("nothing at 12:30, not even server.py", "")]
    public void Read_AStackTrace_GivesTheProgramsOwnFiles(string trace, string files) =>
        Assert.Equal(files, string.Join(' ', Pasted("listen tcp :80: bind: address already in use\n" + trace).Files));

    [Theory]
    [InlineData("httpd (pid 512) already running", "the text names no port, but a server that runs already as process 512; see where it listens: bindwise ls tcp 512; if no such process runs, its pid file is left over, and may be removed")]
    [InlineData("A server is already running (pid: 1234, file: /app/tmp/pids/server.pid).\nExiting", "the text names no port, but a server that runs already as process 1234; see where it listens: bindwise ls tcp 1234; if no such process runs, remove /app/tmp/pids/server.pid, which is left over")]
    [InlineData("A server is already running. Check /app/tmp/pids/server.pid.", "the text names no port, but /app/tmp/pids/server.pid, which names the process of a server that runs already; if no such process runs, remove the file")]
    [InlineData("FATAL:  lock file \"postmaster.pid\" already exists\nHINT:  Is another postmaster (PID 77) running in data directory \"/var/lib/pg\"?", "the text names no port, but a server that runs already as process 77; see where it listens: bindwise ls tcp 77; if no such process runs, remove postmaster.pid, which is left over")]
    [InlineData("Error: Already running on PID 24117 (or pid file '/root/airflow-webserver.pid' is stale)", "the text names no port, but a server that runs already as process 24117; see where it listens: bindwise ls tcp 24117; if no such process runs, remove /root/airflow-webserver.pid, which is left over")]
    public void Read_AServerThatRunsAlready_NamesItsProcess(string text, string expected) => Assert.Equal(expected, ErrorTextReader.Read(text).Error);

    // A terminal's hard line breaks: what stands in brackets before the message is a process id.
    [Fact]
    public void Read_APostgreSqlHintThatIsCut_TakesNoPidForAPort() => Assert.StartsWith(
        "the text names the address 127.0.0.1 but no port",
        ErrorTextReader.Read("09:40 UTC [213] LOG:  could not bind IPv4 address \"127.0.0.1\": Address already in use\n09:40 UTC [213] HINT:  Is another postmaster already running o\nn port 5432?").Error,
        StringComparison.Ordinal);

    [Fact]
    public void Read_ALongStackTrace_GivesEightFiles()
    {
        var trace = string.Join('\n', Enumerable.Range(0, 20).Select(i => $"  File \"/app/f{i}.py\", line 1, in f"));

        Assert.Equal(8, Pasted("listen tcp :80: bind: address already in use\n" + trace).Files.Length);
    }

    [Theory]
    [InlineData("LOG:  could not bind IPv4 address \"127.0.0.1\": Address already in use", "names the address 127.0.0.1 but no port; add it, as in: bindwise why 127.0.0.1:8080")]
    [InlineData("Error: Another program is already listening on a port that one of our HTTP servers is configured to use.", "it says that a bind failed (EADDRINUSE), but not where")]
    [InlineData("The Service \"web\" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated", "nothing was bound: the cluster gives node port 30080 to one Service, and another has it; see which: kubectl get services -A | grep :30080/")]
    [InlineData("(EE) Server is already active for display 5\n\tIf this server is no longer running, remove /tmp/.X5-lock", "display 5; see what has it: bindwise why /tmp/.X11-unix/X5; if nothing has, remove /tmp/.X5-lock, which is left over")]
    [InlineData("A VNC server is already running as :1", "see what has it: bindwise why /tmp/.X11-unix/X1 5901; if")]
    [InlineData("(EE) Cannot establish any listening sockets - Make sure an X server isn't already running(EE)", "as in: bindwise why /tmp/.X11-unix/X0")]
    [InlineData("2026-11-26 supervisorctl: unix:///var/run/supervisor.sock no such file", "it mentions /var/run/supervisor.sock, but not that a bind failed there; if that is the one, ask: bindwise why /var/run/supervisor.sock")]
    [InlineData("udp        0      0 0.0.0.0:5353            0.0.0.0:*", "ask: bindwise why 0.0.0.0:5353/udp")]
    [InlineData("0.0.0.0:8080->80/tcp, 0.0.0.0:5353->53/udp", "ask: bindwise why 0.0.0.0:8080")]
    [InlineData("udp6       0      0 [::]:5353               [::]:*", "ask: bindwise why '[::]:5353/udp'")]
    [InlineData("UNCONN 0      0           0.0.0.0:5353       0.0.0.0:*", "ask: bindwise why 0.0.0.0:5353/udp")]
    [InlineData("Starting on 0.0.0.0:3000\nError: Address already in use (os error 98)", "bindwise why 0.0.0.0:3000")]
    [InlineData("OSError: [Errno 98] Address already in use", "(EADDRINUSE), but not where; give the port itself, such as 8080, or start your program with: bindwise run -- YOUR COMMAND, which explains the bind that fails")]
    [InlineData("connect: Cannot assign requested address", "outgoing connection got no port of its own; ask whether any is left: bindwise why 0")]
    [InlineData("dial udp 10.0.0.5:53: connect: cannot assign requested address", "ask whether any is left: bindwise why 0/udp")]
    [InlineData("Warning: remote port forwarding failed for listen port 8080", "with ssh -R the server listens: port 8080 could not be had there, not on this host; log in there and ask: bindwise why 8080")]
    [InlineData("write udp 127.0.0.1:40000->10.0.0.2:53: sendto: operation not permitted", "it mentions 127.0.0.1:40000, but not that a bind failed there")]
    [InlineData("listen unix /run/012345678901234567890123456789/012345678901234567890123456789/012345678901234567890123456789/01234567890: bind: invalid argument", "the path of a UNIX socket has at most 108 bytes (unix(7)), this one has 109")]
    [InlineData("500 OOPS: could not bind listening IPv4 socket", "it says that a bind failed, but neither where nor why; start your program with: bindwise run -- YOUR COMMAND")]
    [InlineData("[29-Nov-2026 17:40:23] NOTICE: fpm is running, pid 379\n[29-Nov-2026 17:40:23] NOTICE: ready to handle connections", "neither a target nor the error of a failed bind")]
    [InlineData("nginx: [emerg] open() \"/var/log/nginx/error.log\" failed (13: Permission denied)", "neither a target nor the error of a failed bind")]
    [InlineData("cat: /etc/shadow: Permission denied", "neither a target nor the error of a failed bind")]
    [InlineData("PermissionError: [Errno 13] Permission denied", "it says that a bind failed (EACCES), but not where")]
    [InlineData("git@github.com: Permission denied (publickey).", "neither a target nor the error of a failed bind")]
    [InlineData("debug1: Connecting to github.com [140.82.121.4] port 22.\ngit@github.com: Permission denied (publickey).", "not that a bind failed")]
    [InlineData("mkdir: cannot create directory 'x': Permission denied", "neither a target nor the error of a failed bind")]
    [InlineData("bind: Permission denied", "it says that a bind failed (EACCES), but not where")]
    [InlineData("open /etc/x: permission denied; listening on 0.0.0.0:18080", "it mentions 0.0.0.0:18080, but not that a bind failed there")]
    [InlineData("listening on 0.0.0.0:443: open /etc/key.pem: permission denied", "it mentions 0.0.0.0:443, but not that a bind failed there")]
    [InlineData("bind 127.0.0.1:80\nopen() \"/etc/x\" failed (13: Permission denied)", "it mentions 127.0.0.1:80, but not that a bind failed there")]
    [InlineData("all is well here", "neither a target nor the error of a failed bind; give the port itself, such as 8080")]
    public void Read_ATextWithoutAnAddress_SaysWhatIsMissing(string text, string expected)
    {
        var result = ErrorTextReader.Read(text);

        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', result.Error!);
        Assert.Equal(0, result.Column);
    }

    [Fact]
    public void Read_SeveralFailedBinds_TakesTheFirstThatNamesAnAddressWithAPort() =>
        Assert.Equal("tcp 10.0.0.1:81", TargetText.Of(ErrorTextReader.Read(
            "Port 80 is already in use\nlisten tcp 10.0.0.1:81: bind: address already in use\nlisten tcp 10.0.0.2:82: bind: address already in use")));

    private static PastedError Pasted(string text)
    {
        var result = ErrorTextReader.Read(text);
        Assert.Null(result.Error);
        return result.Value!.Pasted!;
    }
}

using Bindwise.Model.Targets;

namespace Bindwise.Model.Tests.Targets;

/// <summary>Texts that tell of several failed binds: each place once, in the order of the text.</summary>
public class SeveralAddressesTests
{
    private const string Nginx = """
        2026/07/01 16:02:30 [emerg] 4711#4711: bind() to 0.0.0.0:80 failed (98: Address already in use)
        2026/07/01 16:02:30 [emerg] 4711#4711: bind() to [::]:80 failed (98: Address already in use)
        2026/07/01 16:02:30 [emerg] 4711#4711: bind() to 0.0.0.0:443 failed (98: Address already in use)
        2026/07/01 16:02:30 [emerg] 4711#4711: bind() to [::]:443 failed (98: Address already in use)

        """;

    private const string Kubeadm = """
        [init] Using Kubernetes version: v1.31.0
        [preflight] Running pre-flight checks
        error execution phase preflight: [preflight] Some fatal errors occurred:
            [ERROR Port-6443]: Port 6443 is in use
            [ERROR Port-10259]: Port 10259 is in use
            [ERROR FileAvailable--etc-kubernetes-manifests-etcd.yaml]: /etc/kubernetes/manifests/etcd.yaml already exists
            [ERROR Port-10250]: Port 10250 is in use
            [ERROR Port-2379]: Port 2379 is in use
        [preflight] If you know what you are doing, you can make a check non-fatal with `--ignore-preflight-errors=...`
        """;

    private const string Compose = """
        Attaching to api-1, db-1, web-1
        Error response from daemon: failed to set up container networking: driver failed programming external connectivity on endpoint shop-web-1 (1ab2c3): Bind for 0.0.0.0:8080 failed: port is already allocated
        api-1  | Error: listen EADDRINUSE: address already in use :::3000
        api-1  |     at Server.setupListenHandle [as _listen2] (node:net:1817:16)
        db-1   | LOG:  could not bind IPv4 address "127.0.0.1": Address already in use
        db-1   | HINT:  Is another postmaster already running on port 5432? If not, wait a few seconds and retry.
        dns-1  | listen udp 0.0.0.0:53: bind: address already in use
        dns-1  | listen tcp 0.0.0.0:53: bind: address already in use
        """;

    private const string PostgreSql = """
        LOG:  could not bind IPv6 address "::1": Address already in use
        HINT:  Is another postmaster already running on port 5432? If not, wait a few seconds and retry.
        LOG:  could not bind IPv4 address "127.0.0.1": Address already in use
        HINT:  Is another postmaster already running on port 5432? If not, wait a few seconds and retry.
        WARNING:  could not create listen socket for "localhost"
        LOG:  could not bind Unix address "/tmp/.s.PGSQL.5432": Address already in use
        HINT:  Is another postmaster already running on port 5432? If not, remove socket file "/tmp/.s.PGSQL.5432" and retry.
        """;

    public static TheoryData<string, string> Texts => new()
    {
        // Both wildcards of one port are one question, however often the program tries.
        { Nginx + Nginx + Nginx + Nginx + Nginx + "nginx: [emerg] still could not bind()", "tcp -:80, tcp -:443" },
        {
            "(98)Address already in use: AH00072: make_sock: could not bind to address [::]:80\n"
            + "(98)Address already in use: AH00072: make_sock: could not bind to address 0.0.0.0:80\nno listening sockets available, shutting down", "tcp -:80"
        },
        {
            "rpcbind.socket: Failed to create listening socket ([::]:111): Address already in use\n"
            + "web.socket: Failed to create listening socket (127.0.0.1:8080): Address already in use", "tcp [::]:111, tcp 127.0.0.1:8080"
        },
        {
            "[ALERT]    (7) : Binding [/etc/haproxy/haproxy.cfg:3] for frontend a: cannot bind socket (Address already in use) for [0.0.0.0:80]\n"
            + "[ALERT]    (7) : Binding [/etc/haproxy/haproxy.cfg:7] for frontend b: cannot bind socket (Address already in use) for [10.0.0.1:8404]", "tcp 0.0.0.0:80, tcp 10.0.0.1:8404"
        },
        { "error: Bind to port 22 on 0.0.0.0 failed: Address already in use.\nerror: Bind to port 22 on :: failed: Address already in use.\nfatal: Cannot bind any address.", "tcp -:22" },
        { Kubeadm, "tcp -:6443, tcp -:10259, tcp -:10250, tcp -:2379" },
        { Compose, "tcp 0.0.0.0:8080, udp 0.0.0.0:8080, tcp [::]:3000, tcp 127.0.0.1:5432, udp 0.0.0.0:53, tcp 0.0.0.0:53" },
        { PostgreSql, "tcp [::1]:5432, tcp 127.0.0.1:5432, unix /tmp/.s.PGSQL.5432" },
        { "failed to listen on TCP port 11211: Address already in use\nfailed to listen on UDP port 11211: Address already in use", "tcp -:11211, udp -:11211" },
        // Other programs, other errors: what holds for one half need not hold for the other.
        { "bind() to 0.0.0.0:80 failed (98: Address already in use)\nlisten tcp [::]:80: bind: address already in use", "tcp 0.0.0.0:80, tcp [::]:80" },
        { "bind() to 0.0.0.0:80 failed (98: Address already in use)\nbind() to [::]:80 failed (97: Address family not supported by protocol)", "tcp 0.0.0.0:80, tcp [::]:80" },
        { "bind() to 0.0.0.0:80 failed (98: Address already in use)\nbind() to [::1]:80 failed (98: Address already in use)", "tcp 0.0.0.0:80, tcp [::1]:80" },
        // A bind() without a word about the protocol may be of either.
        { "Error: bind EADDRINUSE null:8080", "tcp -:8080, udp -:8080" },
        { "Error: bind EADDRINUSE 0.0.0.0:41234", "udp 0.0.0.0:41234, tcp 0.0.0.0:41234" },
        { "Error: bind EADDRINUSE null:3000\n    at listenOnPrimaryHandle (node:net:1969:18)", "tcp -:3000" },
        { "dnsmasq: failed to create listening socket for port 53: Address already in use", "tcp -:53, udp -:53" },
        { "Bind for 0.0.0.0:53 failed: port is already allocated", "tcp 0.0.0.0:53, udp 0.0.0.0:53" },
        { "failed to bind host port for 0.0.0.0:53:172.17.0.2:53/udp: address already in use", "udp 0.0.0.0:53" },
        { "failed to bind host port 0.0.0.0:53/tcp: address already in use", "tcp 0.0.0.0:53" },
        { "resolverd: cannot bind 127.0.0.1:5300: Address already in use", "tcp 127.0.0.1:5300, udp 127.0.0.1:5300" },
        { "  File \"/app/a.py\", line 3, in <module>\n    s.bind(('0.0.0.0', 5300))\nOSError: [Errno 98] Address already in use", "tcp 0.0.0.0:5300, udp 0.0.0.0:5300" },
        // socat and strace print the call, which is the same for both; Ruby's TCPServer binds in a method of another name.
        { "2026/11/26 19:07:10 socat[452] E bind(5, {AF=2 0.0.0.0:5353}, 16): Address already in use", "tcp 0.0.0.0:5353, udp 0.0.0.0:5353" },
        { "bind(5, {sa_family=AF_INET, sin_port=htons(5353), sin_addr=inet_addr(\"0.0.0.0\")}, 16) = -1 EADDRINUSE (Address already in use)", "tcp 0.0.0.0:5353, udp 0.0.0.0:5353" },
        { "socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, 0) = 5\nbind(5, {sa_family=AF_INET, sin_port=htons(5353), sin_addr=inet_addr(\"0.0.0.0\")}, 16) = -1 EADDRINUSE", "udp 0.0.0.0:5353" },
        { "bind(5, {sa_family=AF_INET, sin_port=htons(5353), sin_addr=inet_addr(\"0.0.0.0\")}, 16) = 0\nlisten(5, 5) = -1 EADDRINUSE", "tcp 0.0.0.0:5353" },
        { "-e:1:in `bind': Address already in use - bind(2) for \"0.0.0.0\" port 5353 (Errno::EADDRINUSE)\n\tfrom -e:1:in `<main>'", "tcp 0.0.0.0:5353, udp 0.0.0.0:5353" },
        { "-e:1:in 'UDPSocket#bind': Address already in use - bind(2) for \"0.0.0.0\" port 5353 (Errno::EADDRINUSE)", "udp 0.0.0.0:5353" },
        { "-e:1:in `initialize': Address already in use - bind(2) for \"127.0.0.1\" port 3000 (Errno::EADDRINUSE)", "tcp 127.0.0.1:3000" },
        { "socket.rb:201:in `bind': Address already in use - bind(2) for 127.0.0.1:3000 (Errno::EADDRINUSE)\n\tfrom socket.rb:201:in `listen'", "tcp 127.0.0.1:3000" },
        // Docker's json-file: a line break is the end of each frame, and the fields behind it become a line.
        { "{\"log\":\"socket.rb:201:in `bind': Address already in use - bind(2) for 127.0.0.1:3000 (Errno::EADDRINUSE)\\n\",\"stream\":\"stderr\"}\n{\"log\":\"\\tfrom socket.rb:201:in `listen'\\n\",\"stream\":\"stderr\"}", "tcp 127.0.0.1:3000" },
        { "{\"code\":\"EADDRINUSE\",\"syscall\":\"bind\",\"address\":\"0.0.0.0\",\"port\":5353}", "udp 0.0.0.0:5353, tcp 0.0.0.0:5353" },
        { "  File \"/app/a.py\", line 3, in m\n    await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=('127.0.0.1', 5353))\n  File \"/usr/lib/python3.11/asyncio/base_events.py\", line 1370, in create_datagram_endpoint\n    sock.bind(local_address)\nOSError: [Errno 98] Address already in use", "udp 127.0.0.1:5353" },
        { "** exception error: no match of right hand side value {error,eaddrinuse} in gen_udp:open([{port,5353}])", "udp -:5353" },
        // Several errors of a Go program on one line.
        { "Unable to listen on port 8080: Listeners failed to create with the following errors: [unable to create listener: Error listen tcp4 127.0.0.1:8080: bind: address already in use unable to create listener: Error listen tcp6 [::1]:8080: bind: address already in use]\nerror: unable to listen on any of the requested ports: [{8080 80}]", "tcp 127.0.0.1:8080, tcp [::1]:8080" },
        // The wording that is asked for first stands last.
        { "listen udp 127.0.0.1:8600: bind: address already in use, listen tcp 127.0.0.1:8600: bind: address already in use", "udp 127.0.0.1:8600, tcp 127.0.0.1:8600" },
        { "[listen udp 127.0.0.1:8600: bind: address already in use listen tcp 127.0.0.1:8601: bind: address already in use]", "udp 127.0.0.1:8600, tcp 127.0.0.1:8601" },
        { "listen unix /run/a.sock: bind: permission denied; listen udp :53: bind: address already in use / listen tcp4 0.0.0.0:53: bind: address already in use", "unix /run/a.sock, udp -:53, tcp 0.0.0.0:53" },
        // A paste without its line breaks: the errno stands before the address, or after it.
        { "Error: listen EADDRINUSE: address already in use 127.0.0.1:3000 Error: listen EADDRINUSE: address already in use 127.0.0.1:4000", "tcp 127.0.0.1:3000, tcp 127.0.0.1:4000" },
        { "Error: listen EADDRINUSE: address already in use :::3000 at Server.setupListenHandle [as _listen2] (node:net:1817:16) { code: 'EADDRINUSE', errno: -98, syscall: 'listen', address: '::', port: 3000 } Error: listen EADDRINUSE: address already in use :::4000", "tcp [::]:3000, tcp [::]:4000" },
        { "bind() to 0.0.0.0:80 failed (98: Address already in use) nginx: [emerg] bind() to 0.0.0.0:443 failed (98: Address already in use) nginx: [emerg] bind() to [::]:443 failed (98: Address already in use)", "tcp 0.0.0.0:80, tcp -:443" },
        { "[Errno 98] error while attempting to bind on address ('127.0.0.1', 8000): address already in use [Errno 98] error while attempting to bind on address ('127.0.0.1', 8001): address already in use", "tcp 127.0.0.1:8000, tcp 127.0.0.1:8001" },
        { "Port 3000 is already in use. Port 4000 is already in use.", "tcp -:3000, tcp -:4000" },
        // One message that lists them.
        { "Failed to bind 127.0.0.1:3000, 127.0.0.1:4000: address already in use", "tcp 127.0.0.1:3000, udp 127.0.0.1:3000, tcp 127.0.0.1:4000, udp 127.0.0.1:4000" },
        { "Failed to listen on 0.0.0.0:3000; and [::]:3001: Address already in use", "tcp 0.0.0.0:3000, tcp [::]:3001" },
        { "Failed to listen on 0.0.0.0:80 and [::]:443: Address already in use", "tcp 0.0.0.0:80, tcp [::]:443" },
        { "Failed to listen on '127.0.0.1:80', '127.0.0.1:81' and '127.0.0.1:82': Address already in use", "tcp 127.0.0.1:80, tcp 127.0.0.1:81, tcp 127.0.0.1:82" },
        { "server: cannot listen on localhost:3000, localhost:3001, :3002: address already in use", "tcp localhost:3000, tcp localhost:3001, tcp -:3002" },
        { "cannot bind unix:/run/a.sock, unix:/run/b.sock: Address already in use", "unix /run/a.sock, unix /run/b.sock" },
        { "Ports 3000, 4000 and 5000 are already in use", "tcp -:3000, tcp -:4000, tcp -:5000" },
        { "Port 3000 and port 4000 are already in use", "tcp -:3000, tcp -:4000" },
        // What follows is no place of a bind: a client, a count, a file's line.
        { "bind() to 0.0.0.0:80 failed (98: Address already in use), client: 10.0.0.5:4711, upstream: 10.0.0.6:81", "tcp 0.0.0.0:80" },
        { "Port 3000, 30 times tried, is already in use", "tcp -:3000" },
        { "thread 'main' panicked at 'listen on 127.0.0.1:3000 failed: Os { code: 98, kind: AddrInUse, message: \"Address already in use\" }', src/main.rs:12:10", "tcp 127.0.0.1:3000" },
        // One place told twice, once without its address; a port that was typed.
        { "Port 3000 is already in use\nError: listen EADDRINUSE: address already in use :::3000", "tcp [::]:3000" },
        { "bind [127.0.0.1]:8080: Address already in use\nchannel_setup_fwd_listener_tcpip: cannot listen to port: 8080", "tcp 127.0.0.1:8080" },
        { "8080", "tcp -:8080" },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void ParseAll_SeveralFailedBinds_GivesEachOnceInTheOrderOfTheText(string text, string expected) => Assert.Equal(expected, All(text));

    /// <summary>The text of a target is what a reader asks with again: without its protocol it would be another question.</summary>
    [Theory]
    [MemberData(nameof(Texts))]
    public void ParseAll_SeveralFailedBinds_GivesTextsThatAskForTheSame(string text, string expected) =>
        Assert.Equal(expected, string.Join(", ", TargetParser.ParseAll(text).Value!.Targets.Select(static target => TargetText.Of(TargetParser.Parse(target.Text)))));

    [Theory]
    [MemberData(nameof(Texts))]
    public void ParseAll_SeveralInAnyWrapping_GivesTheSame(string text, string expected)
    {
        if (text.Contains('\n', StringComparison.Ordinal))
            Assert.All(Wrappings.Of(text), wrapping => Assert.Equal(expected, All(wrapping.Text)));
    }

    [Fact]
    public void ParseAll_ATextOfTheCorpus_GivesNoMoreThanItsOneAddress()
    {
        // In six of them a program complains of more than one; where the protocol is left open, both are of one place.
        var several = Corpus.Rows.Where(static row => row.Expected != "error").Select(static row => (row.Expected, All: All(row.Text)))
            .Where(static row => row.All != row.Expected && row.All != $"{row.Expected}, {Other(row.Expected)}").Select(static row => row.All);

        Assert.Equal(["tcp -:10259, tcp -:10257", "tcp -:80", "tcp -:8443, tcp -:9000", "tcp 127.0.0.1:8080, tcp [::1]:8080", "tcp [::1]:5433, tcp 127.0.0.1:5433", "tcp [::1]:8888, tcp 127.0.0.1:8888"], several.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void Parse_SeveralFailedBinds_GivesOneThatIsNamedThere(string text, string expected)
    {
        var one = TargetParser.Parse(text).Value!;

        Assert.Contains(expected.Split(", "), place => place == TargetText.Of(one) || (place.StartsWith("tcp -:", StringComparison.Ordinal) && place.EndsWith($":{one.Port}", StringComparison.Ordinal)));
    }

    [Fact]
    public void ParseAll_BothWildcardsOfOneProgram_KeepsWhatTheProgramDoes()
    {
        var target = Assert.Single(TargetParser.ParseAll(Nginx).Value!.Targets, static target => target.Port == 443);

        Assert.Equal(("443", null, null), (target.Text, target.Host, target.Address));
        Assert.Equal(("nginx", "EADDRINUSE", true, true), (target.Pasted!.Program, target.Pasted.Errno, target.Pasted.SetsReuseAddress, target.Pasted.SetsV6Only));
    }

    [Fact]
    public void ParseAll_MoreThanAreAnswered_GivesTheFirstAndCountsTheOthers()
    {
        var ports = Enumerable.Range(8001, 11).ToList();
        var list = TargetParser.ParseAll(string.Join('\n', ports.Select(static port => $"listen tcp :{port}: bind: address already in use"))).Value!;

        Assert.Equal(ports.Take(TargetList.Maximum), list.Targets.Select(static target => (int)target.Port!));
        Assert.Equal((3, 8001), (list.LeftOut, (int)list.First.Port!));
    }

    [Theory]
    [InlineData("listen tcp :{0}: bind: address already in use\n")]
    [InlineData("Port {0} is already in use\n")]
    [InlineData("could not bind IPv4 address \"127.0.0.{1}\": Address already in use\n")]
    [InlineData("could not bind IPv4 address \"127.0.0.{1}\": Address already in use\nIs another postmaster already running on port {0}?\n")]
    [Trait("Lane", "second")]
    public void ParseAll_AMebibyteOfDifferentPlaces_Ends(string line)
    {
        var text = string.Concat(Enumerable.Range(0, (1 << 20) / line.Length).Select(i => string.Format(null, line, 1 + i % 65_000, i % 250)));

        var all = TargetParser.ParseAll(text);
        Assert.NotEqual(all.IsSuccess, all.Value is null);
        Assert.True(all.Value is null or { Targets.Length: TargetList.Maximum, LeftOut: > 0 });
    }

    [Theory]
    [InlineData("bind() to 0.0.0.0:80 failed (98: Address already in use)", true)]
    // UDP is asked about by a target of its own.
    [InlineData("bind() to 0.0.0.0:80 failed (98: Address already in use)\nlisten udp 0.0.0.0:80: bind: address already in use", false)]
    [InlineData("Error: bind EADDRINUSE 0.0.0.0:80", false)]
    [InlineData("listen tcp 0.0.0.0:80: bind: address already in use", false)]
    public void ParseAll_AProtocolThatIsAssumed_LeavesUdpToAskAboutUnlessItIsNamed(string text, bool mayMeanUdp) =>
        Assert.Equal(mayMeanUdp, TargetParser.ParseAll(text).Value!.Targets.Single(static one => one.Protocol == Protocol.Tcp).Pasted!.MayMeanUdp);

    [Theory]
    [InlineData("Bind for 0.0.0.0:80 failed: port is already allocated", Protocol.Udp)]
    [InlineData("Error: bind EADDRINUSE 0.0.0.0:80", Protocol.Tcp)]
    // It needs both.
    [InlineData("dnsmasq: failed to create listening socket for port 53: Address already in use", null)]
    public void ParseAll_AProtocolThatIsOpen_IsLessLikelyOneOfThem(string text, Protocol? seldom) =>
        Assert.Equal([(Protocol.Tcp, seldom == Protocol.Tcp), (Protocol.Udp, seldom == Protocol.Udp)],
            TargetParser.ParseAll(text).Value!.Targets.Select(static one => (one.Protocol, one.Pasted!.IsLessLikely)).Order());

    [Theory]
    [InlineData("dnsmasq: failed to create listening socket for 127.0.0.1: Address already in use", true)]
    [InlineData("dnsmasq: failed to create listening socket for 127.0.0.1 port 53: Address already in use", false)]
    public void ParseAll_APortThatTheTextDoesNotName_IsAssumed(string text, bool isAssumed) =>
        Assert.All(TargetParser.ParseAll(text).Value!.Targets, target => Assert.Equal(isAssumed, target.Pasted!.IsPortAssumed));

    private static string Other(string place) => place.StartsWith("tcp", StringComparison.Ordinal) ? "udp" + place[3..] : "tcp" + place[3..];

    private static string All(string text) => TargetParser.ParseAll(text).Value is { } list ? string.Join(", ", list.Targets.Select(TargetText.Of)) : "error";

    /// <summary>Each message costs a look at the rest of its line.</summary>
    [Theory]
    [InlineData(40, 60, 40)]
    [InlineData(40, 1_500, 4)]
    public void OneLineOfManyMessages_IsReadAsFarAsItsLengthAllows(int messages, int filling, int read)
    {
        var line = string.Concat(Enumerable.Range(3000, messages).Select(port => $"listen EADDRINUSE: address already in use :::{port} {new string('.', filling)} "));
        var named = TargetParser.ParseAll(line).Value!;
        Assert.Equal(read, named.Targets.Length + named.LeftOut);
    }
}

using Bindwise.Model.Targets;
using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Tests.Targets;

public class TargetParserTests
{
    [Theory]
    // Ports and services.
    [InlineData("8080", "tcp -:8080")]
    [InlineData("0", "tcp -:0")]
    [InlineData("65535", "tcp -:65535")]
    [InlineData("08080", "tcp -:8080")]
    [InlineData(":8080", "tcp -:8080")]
    [InlineData("*:8080", "tcp *:8080")]
    [InlineData("+:8080", "tcp *:8080")]
    [InlineData("http", "tcp -:http")]
    [InlineData("x11-1", "tcp -:x11-1")]
    [InlineData("3com-tsmux", "tcp -:3com-tsmux")]
    [InlineData("whois++", "tcp -:whois++")]
    [InlineData("localhost:http", "tcp localhost:http")]
    [InlineData("[::1]:http", "tcp [::1]:http")]
    // Protocols.
    [InlineData("8080/tcp", "tcp -:8080")]
    [InlineData("53/udp", "udp -:53")]
    [InlineData("53/UDP", "udp -:53")]
    [InlineData("domain/Udp", "udp -:domain")]
    [InlineData("127.0.0.1:53/udp", "udp 127.0.0.1:53")]
    [InlineData("[::1]:53/udp", "udp [::1]:53")]
    [InlineData(":::53/udp", "udp [::]:53")]
    // Addresses and names.
    [InlineData("127.0.0.1:8080", "tcp 127.0.0.1:8080")]
    [InlineData("127.0.01:8080", "tcp 127.0.01:8080")]
    [InlineData("0.0.0.0:0", "tcp 0.0.0.0:0")]
    [InlineData("[::1]:8080", "tcp [::1]:8080")]
    [InlineData("[::]:8080", "tcp [::]:8080")]
    [InlineData("[::ffff:127.0.0.1]:80", "tcp [::ffff:127.0.0.1]:80")]
    [InlineData("[fe80::1%eth0]:8080", "tcp [fe80::1%eth0]:8080")]
    [InlineData("[fe80::1%2]:8080", "tcp [fe80::1%2]:8080")]
    [InlineData("localhost:8080", "tcp localhost:8080")]
    [InlineData("LocalHost:8080", "tcp LocalHost:8080")]
    [InlineData("db_1.example.com:5432", "tcp db_1.example.com:5432")]
    [InlineData("example.com.:80", "tcp example.com.:80")]
    [InlineData(":::3000", "tcp [::]:3000")]
    // Blanks and quotes around.
    [InlineData("  8080\n", "tcp -:8080")]
    [InlineData("\t127.0.0.1:80 ", "tcp 127.0.0.1:80")]
    [InlineData("\"127.0.0.1:80\"", "tcp 127.0.0.1:80")]
    [InlineData("(127.0.0.1:80)", "tcp 127.0.0.1:80")]
    [InlineData("<http://127.0.0.1:80>", "tcp 127.0.0.1:80")]
    // URLs.
    [InlineData("http://localhost:5000", "tcp localhost:5000")]
    [InlineData("HTTP://localhost:5000/", "tcp localhost:5000")]
    [InlineData("http://localhost:5000/a/b?c=1,2;3#d:80", "tcp localhost:5000")]
    [InlineData("http://localhost", "tcp localhost:80")]
    [InlineData("http://localhost/", "tcp localhost:80")]
    [InlineData("http://localhost:", "tcp localhost:80")]
    [InlineData("https://[::1]", "tcp [::1]:443")]
    [InlineData("https://[::1]:5001/", "tcp [::1]:5001")]
    [InlineData("http://[fe80::1%25eth0]:80", "tcp [fe80::1%eth0]:80")]
    [InlineData("http://+:5000", "tcp *:5000")]
    [InlineData("http://*:80", "tcp *:80")]
    [InlineData("http://*", "tcp *:80")]
    [InlineData("http://:8080", "tcp -:8080")]
    [InlineData("ws://127.0.0.1", "tcp 127.0.0.1:80")]
    [InlineData("wss://127.0.0.1", "tcp 127.0.0.1:443")]
    [InlineData("ftp://127.0.0.1", "tcp 127.0.0.1:21")]
    [InlineData("redis://:secret@cache/0", "tcp cache:6379")]
    [InlineData("postgres://user:p%40ss@db/app", "tcp db:5432")]
    [InlineData("postgresql://user@db:5433/app", "tcp db:5433")]
    [InlineData("jdbc:postgresql://localhost/app", "tcp localhost:5432")]
    [InlineData("mysql://root@127.0.0.1", "tcp 127.0.0.1:3306")]
    [InlineData("amqp://guest:guest@rabbit", "tcp rabbit:5672")]
    [InlineData("mongodb://127.0.0.1/test", "tcp 127.0.0.1:27017")]
    [InlineData("tcp://0.0.0.0:2375", "tcp 0.0.0.0:2375")]
    [InlineData("udp://127.0.0.1:514", "udp 127.0.0.1:514")]
    [InlineData("foo://127.0.0.1:99", "tcp 127.0.0.1:99")]
    // UNIX.
    [InlineData("/run/app.sock", "unix /run/app.sock")]
    [InlineData("/path with blank/app.sock", "unix /path with blank/app.sock")]
    [InlineData("./app.sock", "unix ./app.sock")]
    [InlineData("../app.sock", "unix ../app.sock")]
    [InlineData("unix:/run/app.sock", "unix /run/app.sock")]
    [InlineData("unix:///run/app.sock", "unix /run/app.sock")]
    [InlineData("unix:app.sock", "unix app.sock")]
    [InlineData("unix:@app", "unix @app")]
    [InlineData("http://unix:/run/app.sock", "unix /run/app.sock")]
    [InlineData("@abstract", "unix @abstract")]
    [InlineData("ipc:///run/app", "unix /run/app")]
    [InlineData("//run/app.sock", "unix //run/app.sock")]
    [InlineData("//localhost:8080", "tcp localhost:8080")]
    [InlineData("/tcp", "unix /tcp")]
    public void Parse_ATarget_IsRead(string text, string expected)
    {
        var result = TargetParser.Parse(text);

        Assert.Null(result.Error);
        Assert.Equal(expected, TargetText.Of(result));
        Assert.Null(result.Value!.Pasted);
    }

    [Theory]
    [InlineData("app.sock", "./app.sock")]
    [InlineData("run/app.sock", "./run/app.sock")]
    [InlineData("unix:x", "./unix:x")]
    [InlineData("/run/app.sock", "/run/app.sock")]
    [InlineData("./app.sock", "./app.sock")]
    [InlineData("../app.sock", "../app.sock")]
    [InlineData("@app", "@app")]
    public void Spell_APath_IsReadAsThatPath(string path, string typed)
    {
        Assert.Equal(typed, PathGrammar.Spell(path));
        Assert.Equal($"unix {typed}", TargetText.Of(TargetParser.Parse(typed)));
    }

    [Theory]
    [InlineData("127.0.0.1:80", "127.0.0.1")]
    [InlineData("127.0.01:80", "127.0.0.1")]
    [InlineData("127.1:80", "127.0.0.1")]
    [InlineData("127.0x1:80", "127.0.0.1")]
    [InlineData("0x7f.1:80", "127.0.0.1")]
    [InlineData("0177.0.0.01:80", "127.0.0.1")]
    [InlineData("0x7f000001:80", "127.0.0.1")]
    [InlineData("2130706433:80", "127.0.0.1")]
    [InlineData("10.1.258:80", "10.1.1.2")]
    [InlineData("0:80", "0.0.0.0")]
    [InlineData("[::1]:80", "::1")]
    [InlineData("[0:0:0:0:0:0:0:1]:80", "::1")]
    [InlineData("[::FFFF:1.2.3.4]:80", "::ffff:1.2.3.4")]
    [InlineData("http://127.1:80", "127.0.0.1")]
    [InlineData(":::80", "::")]
    public void Parse_AnAddressInAnySpelling_IsReadAsInetAtonDoes(string text, string address)
    {
        var target = TargetParser.Parse(text).Value!;

        Assert.Equal(address, target.Address.ToString());
    }

    [Fact]
    public void Parse_AnAddressSpelledOddly_KeepsTheHostAsAsked()
    {
        var target = TargetParser.Parse("127.0.01:8080").Value!;

        Assert.Equal("127.0.01", target.Host);
        Assert.Equal(IpAddress.LoopbackIPv4, target.Address);
        Assert.Equal("127.0.01:8080", target.Text);
    }

    [Theory]
    [InlineData("localhost:80")]
    [InlineData("*:80")]
    [InlineData("http://+:80")]
    [InlineData("8080")]
    public void Parse_ANameAWildcardOrNoHost_HasNoAddress(string text) => Assert.Null(TargetParser.Parse(text).Value!.Address);

    [Theory]
    [InlineData("", 0, "bindwise why 8080")]
    [InlineData("  \n\t ", 0, "bindwise why 8080")]
    [InlineData("70000", 1, "port 70000 is out of range (0 to 65535)")]
    [InlineData("127.0.0.1:65536", 11, "port 65536 is out of range (0 to 65535)")]
    [InlineData("99999999999999999999999", 1, "out of range (0 to 65535)")]
    [InlineData("http://localhost:99999", 18, "port 99999 is out of range (0 to 65535)")]
    [InlineData("-80", 1, "write 80")]
    [InlineData("127.0.0.1:-80", 11, "write 80")]
    [InlineData("80-90", 1, "80 … 90")]
    [InlineData("80,443", 3, "give each as a target of its own: 80 443")]
    [InlineData("0.0.0.0:5353->5353/udp", 13, "write 0.0.0.0:5353/udp")]
    [InlineData("0.0.0.0:8080->80/tcp", 13, "write 0.0.0.0:8080")]
    [InlineData("tcp6/8080", 1, "write 8080/tcp")]
    [InlineData("8080,", 1, "write 8080")]
    [InlineData("8080.", 1, "write 8080")]
    [InlineData("127.0.0.1:8080;", 1, "write 127.0.0.1:8080")]
    [InlineData("#8080", 1, "write 8080")]
    [InlineData("PORT=8080", 1, "write 8080")]
    [InlineData("--listen=[::1]:53/udp", 1, "write [::1]:53/udp")]
    [InlineData("8080:udp", 5, "write 8080/udp")]
    [InlineData("npipe:////./pipe/docker_engine", 1, "named pipe")]
    [InlineData("EADDRINUSE", 0, "bindwise run")]
    [InlineData("{error,eaddrinuse}", 0, "it says that a bind failed (EADDRINUSE)")]
    [InlineData("unix:///var/run/supervisor.sock refused connection", 0, "it mentions /var/run/supervisor.sock")]
    [InlineData("0x1f90", 1, "decimal")]
    [InlineData("８０８０", 1, "such as 8080")]
    [InlineData("80 90", 0, "give each as a target of its own: 80 90")]
    [InlineData("80 81 82", 0, "give each as a target of its own: 80 81 82")]
    [InlineData("localhost 8080", 0, "localhost:8080")]
    [InlineData("udp 5305", 0, "write 5305/udp")]
    [InlineData("5305 UDP6", 0, "write 5305/udp")]
    [InlineData("tcp: 5305", 0, "write 5305")]
    [InlineData("on udp port 5305", 0, "write 5305/udp")]
    [InlineData("udp localhost 53", 0, "write localhost:53/udp")]
    [InlineData("udp ::1 53", 0, "write [::1]:53/udp")]
    [InlineData("udp 53 54", 0, "give each as a target of its own: 53/udp 54/udp")]
    [InlineData("8080/tcp:            1234", 0, "write 8080/tcp")]
    [InlineData("53/udp:  1234 1235 1236 1237 1238", 0, "write 53/udp")]
    [InlineData("port 8080", 0, "8080")]
    [InlineData("PID 1234", 0, "a target is a port, an address with a port, or a path")]
    [InlineData("process: 77", 0, "a target is a port, an address with a port, or a path")]
    [InlineData("8080/sctp", 6, "8080/tcp or 8080/udp")]
    [InlineData("8080/", 5, "8080/tcp")]
    [InlineData("tcp/8080", 1, "write 8080/tcp")]
    [InlineData("tcp:8080", 1, "write 8080/tcp")]
    [InlineData("run/app.sock", 5, "./run/app.sock")]
    [InlineData("127.0.0.1", 10, "127.0.0.1:8080")]
    [InlineData("example.com", 12, "example.com:8080")]
    [InlineData("localhost", 10, "localhost:8080")]
    [InlineData("app.sock", 1, "for a UNIX socket write ./app.sock")]
    [InlineData("*", 2, "*:8080")]
    [InlineData("127.0.0.1:", 11, "port is missing")]
    [InlineData(":", 2, "port is missing")]
    [InlineData("0.0.0.0:*", 9, "or 0")]
    [InlineData("::1:80", 1, "[::1]:80 for port 80 at ::1, or [::1:80]:PORT")]
    [InlineData("::8080", 1, "[::]:8080 for port 8080 at ::, or [::8080]:PORT")]
    [InlineData("::1", 1, "[::1]:PORT")]
    [InlineData("::", 1, "[::]:8080")]
    [InlineData("fe80::1:abcd", 1, "[fe80::1:abcd]:8080")]
    [InlineData("fe80::1%eth0", 1, "[fe80::1%eth0]:8080")]
    [InlineData("fe80::1%eth0:80", 1, "[fe80::1%eth0]:80")]
    [InlineData("::ffff:1.2.3.4:80", 1, "[::ffff:1.2.3.4]:80")]
    [InlineData("1:2:3:4:5:6:7:8:80", 1, "[1:2:3:4:5:6:7:8]:80")]
    [InlineData("[::1]", 6, "[::1]:8080")]
    [InlineData("[::1]8080", 6, "[::1]:8080")]
    [InlineData("[::1", 5, "closing bracket")]
    [InlineData("[::1]:", 7, "port is missing")]
    [InlineData("[::g]:80", 2, "not an IPv6 address")]
    [InlineData("[fe80::1%]:80", 10, "%eth0")]
    [InlineData("[127.0.0.1]:80", 1, "127.0.0.1:80")]
    [InlineData("[localhost]:80", 1, "localhost:80")]
    [InlineData("127.0.0.1%lo:80", 10, "--device")]
    [InlineData("256.0.0.1:80", 1, "not an IPv4 address")]
    [InlineData("1.2.3.4.5:80", 1, "not an IPv4 address")]
    [InlineData("127.08.0.1:80", 1, "not an IPv4 address")]
    [InlineData("8080:80", 1, "bindwise why 8080")]
    [InlineData("127.0.0.1:8080:80", 1, "127.0.0.1:8080")]
    [InlineData("0.0.0.0:8080->80/tcp", 13, "0.0.0.0:8080")]
    [InlineData("exa$mple:80", 1, "host name")]
    [InlineData("-a:80", 1, "host name")]
    [InlineData("a..b:80", 1, "host name")]
    [InlineData("münchen:80", 1, "host name")]
    [InlineData("what?", 1, "such as 8080")]
    [InlineData("http://", 8, "http://localhost:8080")]
    [InlineData("http:///path", 8, "http://localhost:8080")]
    [InlineData("foo://localhost", 7, "foo://localhost:PORT")]
    [InlineData("http://::1:80", 8, "brackets")]
    [InlineData("http://[::1", 8, "closing bracket")]
    [InlineData("http://a b", 0, "such as 8080")]
    [InlineData("://localhost:80", 1, "http://localhost:5000")]
    [InlineData("http://h:80;http://g:81", 12, "http://h:80")]
    [InlineData("mongodb://h1:27017,h2:27017/", 19, "mongodb://h1:27017")]
    [InlineData("http+unix://%2Frun%2Fx.sock", 1, "/run/app.sock")]
    [InlineData("@", 1, "@app")]
    [InlineData("tcp://8080", 7, "write 8080/tcp")]
    [InlineData("udp://53", 7, "write 53/udp")]
    [InlineData("http://localhost:5000:80", 8, "http://localhost:8080")]
    [InlineData("http:localhost:5000", 1, "http://localhost:5000")]
    [InlineData("http:/localhost:5000", 1, "http://localhost:5000")]
    [InlineData("127.0.0.1:8080/tcp/", 19, "write 127.0.0.1:8080/tcp")]
    [InlineData("8080/tcp/udp", 9, "write 8080/tcp")]
    [InlineData("[::1]:80:90", 9, "write [::1]:80")]
    [InlineData("tcp4:8080", 1, "write 8080/tcp")]
    [InlineData("port:8080", 1, "write 8080")]
    [InlineData("127.0.0.1#53", 10, "write 127.0.0.1:53")]
    [InlineData("127.0.0.1@53", 10, "write 127.0.0.1:53")]
    [InlineData("127.0.0.1 8080", 0, "write 127.0.0.1:8080")]
    [InlineData("::1 8080", 0, "write [::1]:8080")]
    [InlineData("~/app.sock", 1, "/home/me/app.sock")]
    [InlineData("file:///tmp/x.sock", 1, "its path: /tmp/x.sock")]
    [InlineData("unix:", 1, "/run/app.sock")]
    public void Parse_AWrongTarget_SaysWhatAndWhereAndWhatNext(string text, int column, string expected)
    {
        var result = TargetParser.Parse(text);

        Assert.Null(result.Value);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', result.Error!);
        Assert.Equal(column, result.Column);
    }

    [Theory]
    [InlineData("Error: listen EADDRINUSE: address already in use :::3000", 1)]
    [InlineData("Port 3000 is in use", 1)]
    [InlineData("EADDRINUSE 3000", 1)]
    [InlineData("8080 443", 2)]
    [InlineData("http https", 2)]
    [InlineData("EADDRINUSE:::3000 8080", 2)]
    [InlineData("8080 -", 2)]
    [InlineData("8080", 1)]
    public void Gather_AnErrorPastedWithoutQuotes_IsOneText(string line, int texts) => Assert.Equal(texts, PastedText.Gather(line.Split(' ')).Count);

    [Fact]
    public void Gather_AnErrorInQuotesBesideATarget_StaysWhatWasTyped() =>
        Assert.Equal(2, PastedText.Gather(["listen tcp :80: bind: address already in use", "8080"]).Count);

    [Fact]
    public void Parse_APathThatNoSocketCanHave_SaysHowLongItMayBe()
    {
        Assert.Null(TargetParser.Parse("/" + new string('x', 107)).Error);
        Assert.Contains("at most 108 bytes", TargetParser.Parse("/" + new string('x', 108)).Error, StringComparison.Ordinal);
        Assert.Contains("has 109", TargetParser.Parse("/" + new string('é', 54)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_ATargetThatHoldsControlCharacters_ShowsThemHarmlessly()
    {
        var error = TargetParser.Parse("80\u001b[31m\u202e80").Error!;

        Assert.DoesNotContain('\u001b', error);
        Assert.DoesNotContain('\u202e', error);
        Assert.Contains("\\u{1b}", error, StringComparison.Ordinal);
    }
}

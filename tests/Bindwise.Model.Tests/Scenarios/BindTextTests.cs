using Bindwise.Model.Scenarios;
using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Model.Tests.Scenarios;

[Trait("Seed", "any")]
public class BindTextTests
{
    private const string OpenA = """{"op":"open","socket":"a","protocol":"tcp","family":"ipv4"}""";
    private const string OpenA6 = """{"op":"open","socket":"a","protocol":"tcp","family":"ipv6"}""";
    private const string OpenC = """{"op":"open","socket":"c","protocol":"tcp","family":"ipv4"}""";
    private const string Bind80 = """{"op":"bind","socket":"a","address":"127.0.0.1","port":80}""";

    [Fact]
    [Trait("Lane", "second")]
    public void Parse_WhatWasWritten_IsTheSameScenario() =>
        Prop.ForAll(AnyScenario.Arbitrary, scenario =>
        {
            var parse = BindText.Parse(BindText.Write(scenario));
            Assert.True(parse.IsSuccess, parse.Fault?.At("written"));
            Assert.Equal(ScenarioJson.Write(scenario), ScenarioJson.Write(parse.Scenario!));
            Assert.Equal(scenario, parse.Scenario);
        }).Check(Seed.Config.WithMaxTest(1_000));

    [Fact]
    public void Write_WhatWasParsed_StaysAsItIs() =>
        Prop.ForAll(AnyScenario.Arbitrary, scenario =>
        {
            var text = BindText.Write(scenario);
            return BindText.Write(BindText.Parse(text).Scenario!) == text;
        }).Holds();

    [Theory]
    [InlineData("a = tcp", OpenA)]
    [InlineData("a = tcp6", OpenA6)]
    [InlineData("a = udp6", """{"op":"open","socket":"a","protocol":"udp","family":"ipv6"}""")]
    [InlineData("a = udp4", """{"op":"open","socket":"a","protocol":"udp","family":"ipv4"}""")]
    [InlineData("a = tcp user 1000 device v0", """{"op":"open","socket":"a","protocol":"tcp","family":"ipv4","user":1000,"device":"v0"}""")]
    [InlineData("a = tcp device v0 user 1000", """{"op":"open","socket":"a","protocol":"tcp","family":"ipv4","user":1000,"device":"v0"}""")]
    [InlineData("a = tcp 127.0.0.1:80", OpenA, Bind80)]
    [InlineData("a=tcp 127.0.0.1:80", OpenA, Bind80)]
    [InlineData("  a\t=  tcp 127.0.0.1:80  # a comment; -> ok", OpenA, Bind80)]
    [InlineData("a = tcp [::]:80", OpenA6, """{"op":"bind","socket":"a","address":"::","port":80}""")]
    [InlineData("a = tcp6 127.0.0.1:80", OpenA6, Bind80)]
    [InlineData("a = tcp [fe80::1%v0]:80", OpenA6, """{"op":"bind","socket":"a","address":"fe80::1","port":80,"scope":"v0"}""")]
    [InlineData("a = tcp reuseaddr 127.0.0.1:80 listen", OpenA, """{"op":"set","socket":"a","option":"SO_REUSEADDR","value":1}""", Bind80, """{"op":"listen","socket":"a"}""")]
    [InlineData("a = tcp 127.0.0.1:80 SO_REUSEADDR=0", OpenA, Bind80, """{"op":"set","socket":"a","option":"SO_REUSEADDR","value":0}""")]
    [InlineData("a = tcp 127.0.0.1:80 connect 127.0.0.1:90", OpenA, Bind80, """{"op":"connect","socket":"a","address":"127.0.0.1","port":90}""")]
    [InlineData("a = tcp connect [::1]:80", OpenA6, """{"op":"connect","socket":"a","address":"::1","port":80}""")]
    [InlineData("c = connect 127.0.0.1:90", OpenC, """{"op":"connect","socket":"c","address":"127.0.0.1","port":90}""")]
    [InlineData("c = connect a", OpenC, """{"op":"connect","socket":"c","to":"a"}""")]
    [InlineData("a = tcp6; c = connect a", OpenA6, """{"op":"open","socket":"c","protocol":"tcp","family":"ipv6"}""", """{"op":"connect","socket":"c","to":"a"}""")]
    [InlineData("a = udp6; c = connect a", """{"op":"open","socket":"a","protocol":"udp","family":"ipv6"}""", """{"op":"open","socket":"c","protocol":"udp","family":"ipv6"}""", """{"op":"connect","socket":"c","to":"a"}""")]
    [InlineData("s = accept a", """{"op":"accept","socket":"a","as":"s"}""")]
    [InlineData("set a reuseaddr reuseport v6only", """{"op":"set","socket":"a","option":"SO_REUSEADDR","value":1}""", """{"op":"set","socket":"a","option":"SO_REUSEPORT","value":1}""", """{"op":"set","socket":"a","option":"IPV6_V6ONLY","value":1}""")]
    [InlineData("set a dual freebind noport", """{"op":"set","socket":"a","option":"IPV6_V6ONLY","value":0}""", """{"op":"set","socket":"a","option":"IP_FREEBIND","value":1}""", """{"op":"set","socket":"a","option":"IP_BIND_ADDRESS_NO_PORT","value":1}""")]
    [InlineData("set a reuseaddr=0 SO_LINGER = -1", """{"op":"set","socket":"a","option":"SO_REUSEADDR","value":0}""", """{"op":"set","socket":"a","option":"SO_LINGER","value":-1}""")]
    [InlineData("set a IP_LOCAL_PORT_RANGE=40000-40010", """{"op":"set","socket":"a","option":"IP_LOCAL_PORT_RANGE","value":"40000-40010"}""")]
    [InlineData("set a IP_LOCAL_PORT_RANGE=2621480000", """{"op":"set","socket":"a","option":"IP_LOCAL_PORT_RANGE","value":2621480000}""")]
    [InlineData("set a SO_BINDTODEVICE=v0", """{"op":"set","socket":"a","option":"SO_BINDTODEVICE","value":"v0"}""")]
    [InlineData("set a SO_BINDTODEVICE=\"\"", """{"op":"set","socket":"a","option":"SO_BINDTODEVICE","value":""}""")]
    [InlineData("bind a 127.0.0.1:80", Bind80)]
    [InlineData("listen a", """{"op":"listen","socket":"a"}""")]
    [InlineData("connect a b", """{"op":"connect","socket":"a","to":"b"}""")]
    [InlineData("connect a [::1]:80", """{"op":"connect","socket":"a","address":"::1","port":80}""")]
    [InlineData("disconnect a", """{"op":"disconnect","socket":"a"}""")]
    [InlineData("send a 100", """{"op":"send","socket":"a","bytes":100}""")]
    [InlineData("send a 0 to 127.0.0.1:53", """{"op":"send","socket":"a","bytes":0,"address":"127.0.0.1","port":53}""")]
    [InlineData("receive a 100", """{"op":"receive","socket":"a","bytes":100}""")]
    [InlineData("shutdown a both", """{"op":"shutdown","socket":"a","how":"both"}""")]
    [InlineData("close a; abort b", """{"op":"close","socket":"a"}""", """{"op":"abort","socket":"b"}""")]
    [InlineData("close a;", """{"op":"close","socket":"a"}""")]
    [InlineData("wait 66s", """{"op":"wait","seconds":66}""")]
    [InlineData("wait 1.50s", """{"op":"wait","seconds":1.5}""")]
    [InlineData("wait 500ms", """{"op":"wait","seconds":0.5}""")]
    [InlineData("sysctl net.ipv4.tcp_tw_reuse = 0", """{"op":"sysctl","name":"net.ipv4.tcp_tw_reuse","value":"0"}""")]
    [InlineData("sysctl net.ipv4.ip_local_port_range 40000 40010", """{"op":"sysctl","name":"net.ipv4.ip_local_port_range","value":"40000 40010"}""")]
    [InlineData("sysctl net.ipv4.ip_local_reserved_ports=\"\"", """{"op":"sysctl","name":"net.ipv4.ip_local_reserved_ports","value":""}""")]
    [InlineData("close a -> ok", """{"op":"close","socket":"a"}""", """{"op":"expect","result":"ok"}""")]
    [InlineData("close a->ENOSOCK", """{"op":"close","socket":"a"}""", """{"op":"expect","result":"ENOSOCK"}""")]
    [InlineData("close a -> EADDRINUSE BW004 by b", """{"op":"close","socket":"a"}""", """{"op":"expect","result":"EADDRINUSE","rule":"BW004","by":"b"}""")]
    [InlineData("close a -> EADDRINUSE by TIME_WAIT", """{"op":"close","socket":"a"}""", """{"op":"expect","result":"EADDRINUSE","by":"TIME_WAIT"}""")]
    [InlineData("a = tcp 127.0.0.1:80 -> ok", OpenA, Bind80, """{"op":"expect","result":"ok","steps":2}""")]
    [InlineData("close a; close b -> ok", """{"op":"close","socket":"a"}""", """{"op":"close","socket":"b"}""", """{"op":"expect","result":"ok","steps":2}""")]
    [InlineData("close a -> ok; close b -> ENOSOCK", """{"op":"close","socket":"a"}""", """{"op":"expect","result":"ok"}""", """{"op":"close","socket":"b"}""", """{"op":"expect","result":"ENOSOCK"}""")]
    [InlineData("close a\nexpect ok BW004 by b", """{"op":"close","socket":"a"}""", """{"op":"expect","result":"ok","rule":"BW004","by":"b"}""")]
    [InlineData("close a; close b\r\n\r\nexpect ok of 2", """{"op":"close","socket":"a"}""", """{"op":"close","socket":"b"}""", """{"op":"expect","result":"ok","steps":2}""")]
    [InlineData("wait 500ms; wait 2m; wait 1.5h", """{"op":"wait","seconds":0.5}""", """{"op":"wait","seconds":120}""", """{"op":"wait","seconds":5400}""")]
    [InlineData("state a -> TIME_WAIT", """{"op":"state","socket":"a"}""", """{"op":"expect","result":"TIME_WAIT"}""")]
    [InlineData("name a -> [0:0::1]:auto", """{"op":"name","socket":"a"}""", """{"op":"expect","result":"[::1]:auto"}""")]
    [InlineData("hold a; release a; lose a; repeat a reset", """{"op":"hold","socket":"a"}""", """{"op":"release","socket":"a"}""", """{"op":"lose","socket":"a"}""", """{"op":"repeat","socket":"a","kind":"reset"}""")]
    [InlineData("stream a b 300MiB; stream a b 7", """{"op":"stream","socket":"a","to":"b","bytes":314572800}""", """{"op":"stream","socket":"a","to":"b","bytes":7}""")]
    [InlineData("a = tcp in \"the shop\" user 7", """{"op":"open","socket":"a","protocol":"tcp","family":"ipv4","user":7,"process":"the shop"}""")]
    [InlineData("signal server TERM; exit server", """{"op":"signal","process":"server","signal":"TERM"}""", """{"op":"exit","process":"server"}""")]
    [InlineData("retry 500ms for 70s bind a 127.0.0.1:80", """{"op":"retry","attempt":{"op":"bind","socket":"a","address":"127.0.0.1","port":80},"every":0.5,"for":70}""")]
    [InlineData("retry 1s for 2s connect a b; retry 1s for 2s listen a", """{"op":"retry","attempt":{"op":"connect","socket":"a","to":"b"},"every":1,"for":2}""", """{"op":"retry","attempt":{"op":"listen","socket":"a"},"every":1,"for":2}""")]
    [InlineData("close a -> EADDRINUSE BW004 by b claimed ok", """{"op":"close","socket":"a"}""", """{"op":"expect","result":"EADDRINUSE","rule":"BW004","by":"b","claimed":"ok"}""")]
    [InlineData("close \"two words\"; close \"\\\"\\\\#;\"; close ключ.1-x_", """{"op":"close","socket":"two words"}""", """{"op":"close","socket":"\"\\#;"}""", """{"op":"close","socket":"ключ.1-x_"}""")]
    [InlineData("tcp = tcp; close close; listen = accept tcp", """{"op":"open","socket":"tcp","protocol":"tcp","family":"ipv4"}""", """{"op":"close","socket":"close"}""", """{"op":"accept","socket":"tcp","as":"listen"}""")]
    public void Parse_Line_StandsForTheSteps(string text, params string[] steps)
    {
        var parse = BindText.Parse(text);
        Assert.Null(parse.Fault);
        Assert.Equal("""{"name":"","platform":"linux","steps":[""" + string.Join(',', steps) + "]}", ScenarioJson.Write(parse.Scenario!));
    }

    [Theory]
    [InlineData("clos a", 1, "found \"clos\", expected NAME = … for a new socket, or a step: set, bind,", "close a")]
    [InlineData("a tcp 127.0.0.1:80", 3, "found \"tcp\", expected = between", "a = tcp 127.0.0.1:80")]
    [InlineData("s accept a", 3, "found \"accept\", expected =", "s = accept a")]
    [InlineData("= tcp", 1, "found \"=\", expected a socket's name", "a = tcp 127.0.0.1:8080 listen")]
    [InlineData("a = tcp 1.2.3:80", 9, "\"1.2.3\" is not an IPv4 or IPv6 address; write one with its port, as in 127.0.0.1:80 or [::1]:80", null)]
    [InlineData("a = tcp [::g]:80", 9, "\"::g\" is not an IPv4 or IPv6 address; write one with its port, as in 127.0.0.1:80 or [::1]:80", null)]
    [InlineData("a = tpc 127.0.0.1:80", 5, "found \"tpc\", expected what the new socket is", "a = tcp 127.0.0.1:80")]
    [InlineData("a =", 4, "found the end of the line, expected what the new socket is", "a = tcp 127.0.0.1:8080 listen")]
    [InlineData("a = tcp 127.0.0.1:80 lisen  # comment", 22, "found \"lisen\", expected an option, an address with a port, listen or connect", "a = tcp 127.0.0.1:80 listen")]
    [InlineData("a = tcp resueaddr", 9, "found \"resueaddr\"", "a = tcp reuseaddr")]
    [InlineData("a = tcp SO_REUSEADDR", 9, "SO_REUSEADDR has no value", "a = tcp SO_REUSEADDR=1")]
    [InlineData("a = tcp SO_REUSEADR=1", 9, "found \"SO_REUSEADR\", expected an option", "a = tcp SO_REUSEADDR=1")]
    [InlineData("a = tcp SO_REUSEADDR=yes", 22, "SO_REUSEADDR does not take \"yes\"; give 1 for on or 0 for off", null)]
    [InlineData("a = tcp reuseaddr user 7", 19, "user is part of opening the socket", "a = tcp user 1000 127.0.0.1:8080")]
    [InlineData("a = tcp user root", 14, "found \"root\", expected a user id", "a = tcp user 1000 127.0.0.1:8080")]
    [InlineData("a = tcp user 4294967295", 14, "user 4294967295 is not a user id", null)]
    [InlineData("a = tcp user 1 user 2", 16, "user is there twice", null)]
    [InlineData("a = tcp 8080", 9, "\"8080\" has no address", "a = tcp 127.0.0.1:8080")]
    [InlineData("a = tcp :8080 listen", 9, "the wildcard is written 0.0.0.0 or [::]", "a = tcp 0.0.0.0:8080 listen")]
    [InlineData("a = tcp *:8080", 9, "the wildcard is written", "a = tcp 0.0.0.0:8080")]
    [InlineData("a = tcp localhost:8080", 9, "names are not looked up", "a = tcp 127.0.0.1:8080")]
    [InlineData("a = tcp ::1:8080", 9, "an IPv6 address goes in brackets", "a = tcp [::1]:8080")]
    [InlineData("a = tcp 2001:db8::1", 9, "an IPv6 address goes in brackets", "a = tcp [2001:db8::1]:8080")]
    [InlineData("a = tcp [::1", 9, "the closing bracket", null)]
    [InlineData("a = tcp [::1]", 9, "\"[::1]\" has no port", "a = tcp [::1]:8080")]
    [InlineData("a = tcp [127.0.0.1]:80", 9, "brackets are for IPv6 addresses only", "a = tcp 127.0.0.1:80")]
    [InlineData("a = tcp 127.0.0.1", 9, "\"127.0.0.1\" has no port", "a = tcp 127.0.0.1:8080")]
    [InlineData("a = tcp 127.0.0:80", 9, "\"127.0.0\" is not an IPv4 or IPv6 address", null)]
    [InlineData("a = tcp 127.0.0.1:80808", 9, "port 80808 is out of range", null)]
    [InlineData("a = tcp 127.0.0.1:http", 9, "\"http\" is not a valid port", null)]
    [InlineData("a = tcp [fe80::1%a-very-long-name-of-it]:80", 9, "more than 15 bytes", null)]
    [InlineData("c = connect [fe80::1%v0]:80", 13, "only bind takes a scope", "c = connect [fe80::1]:80")]
    [InlineData("connect c", 10, "found the end of the line, expected a socket's name or an address with a port", "connect c 127.0.0.1:8080")]
    [InlineData("close a b", 9, "found \"b\", expected the end of the statement", "close a; close b -> ok")]
    [InlineData("close a/b", 7, "found \"a/b\", expected a socket's name: letters, digits, _ - and ., a letter first; put any other name in quotes", "close \"a/b\"")]
    [InlineData("close \"\"", 7, "a socket's name cannot be empty", null)]
    [InlineData("close \"a", 7, "the closing quote is missing", null)]
    [InlineData("close \"a\\n\"", 7, "in quotes a backslash goes only before", null)]
    [InlineData("close a\u0007b", 7, "found \"a\\u{7}b\"", "close a")]
    [InlineData("set a", 6, "found the end of the line, expected an option", "set a reuseaddr")]
    [InlineData("send a many", 8, "found \"many\", expected how many bytes", "send c 100")]
    [InlineData("send a 40000", 8, "40000 bytes are out of range", null)]
    [InlineData("receive a 0", 11, "0 bytes are out of range", null)]
    [InlineData("shutdown a wr", 12, "found \"wr\", expected read, write or both", "shutdown c write")]
    [InlineData("wait 66", 6, "\"66\" is not a duration; give a number with its unit: ms, s, m or h", null)]
    [InlineData("wait 0.5ms", 6, "finer than a millisecond", null)]
    [InlineData("wait 86401s", 6, "out of range", null)]
    [InlineData("repeat a fn", 10, "found \"fn\", expected data, syn, fin, ack or reset", "repeat a fin")]
    [InlineData("stream a b 300MB", 12, "\"300MB\" is not a number of bytes; give one with a unit, as in 300MiB", null)]
    [InlineData("stream a b 2GiB", 12, "a stream of 2147483648 bytes is out of range", null)]
    [InlineData("stream a b 0", 12, "out of range", null)]
    [InlineData("signal server HUP", 15, "found \"HUP\", expected INT, TERM or KILL", "signal server INT")]
    [InlineData("a = tcp in", 11, "expected a process's name", "a = tcp in server 127.0.0.1:8080 listen")]
    [InlineData("a = tcp in x in y", 14, "in is there twice", null)]
    [InlineData("a = tcp reuseaddr in x", 19, "in is part of opening the socket", "a = tcp in server 127.0.0.1:8080")]
    [InlineData("retry 1s bind a 127.0.0.1:80", 10, "found \"bind\", expected for and how long", "retry 500ms for 70s bind a 127.0.0.1:8080")]
    [InlineData("retry 1s for 2s bnd a 127.0.0.1:80", 17, "found \"bnd\", expected what to try: bind, listen or connect", "retry 1s for 2s bind a 127.0.0.1:80")]
    [InlineData("retry 1ms for 2s listen a", 15, "between two attempts are at least 10ms", null)]
    [InlineData("retry 2s for 1s listen a", 14, "a retry lasts at least as long", null)]
    [InlineData("retry 10ms for 1h listen a", 16, "at most 10000 attempts", null)]
    [InlineData("wait 25h", 6, "out of range", null)]
    [InlineData("wait 99999999999999999h", 6, "out of range", null)]
    [InlineData("state a -> TIMEWAIT", 12, "did you mean TIME_WAIT?", null)]
    [InlineData("name a -> 127.0.0.1:70000", 11, "\"127.0.0.1:70000\" is not a result", null)]
    [InlineData("close a -> ok claimed yes please", 23, "\"yes\" is not a result; write ok, an errno such as", null)]
    [InlineData("sysctl net.ipv4.tcp_tw_resue = 0", 8, "did you mean net.ipv4.tcp_tw_reuse?", null)]
    [InlineData("sysctl net.ipv4.tcp_tw_reuse", 29, "expected the sysctl's value", "sysctl net.ipv4.tcp_tw_reuse = 0")]
    [InlineData("-> ok", 1, "an arrow goes after the step that it judges", "expect ok")]
    [InlineData("close a ->", 11, "found the end of the line, expected a result", "new = tcp 127.0.0.1:8080 -> EADDRINUSE BW004 by old")]
    [InlineData("close a -> EADDRINUS", 12, "did you mean EADDRINUSE?", null)]
    [InlineData("close a -> ok ok", 15, "found \"ok\", expected the end of the statement", "close a; close b -> ok")]
    [InlineData("expect ok", 1, "an expectation needs a step before it", null)]
    [InlineData("close a; expect ok -> ok", 20, "without another expectation among them", null)]
    [InlineData("scenario", 9, "expected the scenario's name", "scenario restart-over-time-wait")]
    [InlineData("scenario a; b", 11, "expected the end of the line after the scenario's name", "scenario restart-over-time-wait")]
    [InlineData("; close a", 1, "found \";\", expected NAME =", "a = tcp 127.0.0.1:8080 listen")]
    [InlineData("{", 1, "found \"{\"", "a = tcp 127.0.0.1:8080 listen")]
    public void Parse_FaultyLine_SaysWhereWhatAndWhatWouldBeRight(string line, int column, string what, string? example)
    {
        var parse = BindText.Parse("# The first line is good.\n" + line + "\n");
        var fault = Assert.Single(parse.Faults);
        Assert.Contains(what, fault.What, StringComparison.Ordinal);
        Assert.Equal((2, column, example), (fault.Line, fault.Column, fault.Example));
        Assert.DoesNotContain(fault.At("file"), char.IsControl);
    }

    [Fact]
    public void Parse_SeveralFaultyLines_NamesEach()
    {
        var parse = BindText.Parse("clos a\nclose b\nclose c d\n");
        Assert.Equal([(1, 0), (3, null)], parse.Faults.Select(fault => (fault.Line, fault.Step)));
        Assert.Null(parse.Scenario);
    }

    [Fact]
    public void Parse_VeryManyFaultyLines_StopsAfterTwentyAndSaysSo()
    {
        Assert.Equal("f:21: from here on nothing is read, after 20 faults", BindText.Parse(string.Concat(Enumerable.Repeat("x\n", 100))).Faults[20..].Single().At("f"));
        Assert.Equal(20, BindText.Parse(string.Concat(Enumerable.Repeat("x\n", 20)) + "\n").Faults.Length);
    }

    [Fact]
    public void Parse_Steps_KnowTheirPlaces()
    {
        var parse = BindText.Parse("\n  a = tcp reuseaddr 127.0.0.1:80 listen -> ok\nclose a; close b\n");
        Assert.Equal([(2, 7), (2, 11), (2, 21), (2, 34), (2, 41), (3, 1), (3, 10)], parse.Positions.Select(position => (position.Line, position.Column)));
    }

    [Theory]
    [InlineData("close a", "file", "file")]
    [InlineData("# Story.\nscenario over time-wait  # comment\nclose a", "file", "over time-wait")]
    [InlineData("scenario \"a; b\"", "", "a; b")]
    [InlineData("scenario = tcp", "file", "file")]
    public void Parse_Name_IsTheFilesUnlessItGivesOne(string text, string given, string name)
    {
        var parse = BindText.Parse(text, given);
        Assert.Equal((name, name), (parse.Name, parse.Scenario!.Name));
    }

    [Fact]
    public void Parse_NameBehindAStep_IsRefused() =>
        Assert.Contains("a file holds one scenario", BindText.Parse("close a\nscenario b").Fault!.What, StringComparison.Ordinal);

    [Theory]
    [InlineData("old  = tcp reuseaddr 127.0.0.1:8080 listen  -> ok\npeer = connect old                          -> ok\nconn = accept old                           -> ok\nclose conn; close peer; close old\nwait 66s\nnew  = tcp reuseaddr 127.0.0.1:8080 listen  -> EADDRINUSE BW005 by TIME_WAIT",
        "old = tcp reuseaddr 127.0.0.1:8080 listen -> ok\npeer = connect old                        -> ok\nconn = accept old                         -> ok\nclose conn; close peer; close old\nwait 66s\nnew = tcp reuseaddr 127.0.0.1:8080 listen -> EADDRINUSE BW005 by TIME_WAIT\n")]
    [InlineData("a = tcp6 -> ok\nset a v6only -> ok\nset a dual\nset a SO_LINGER=0\nbind a 127.0.0.1:80 -> EINVAL", "a = tcp6            -> ok\nset a v6only        -> ok\nset a dual SO_LINGER=0\nbind a 127.0.0.1:80 -> EINVAL\n")]
    [InlineData("scenario x\na = tcp\nbind a 127.0.0.1:80\nclose a -> ok; expect EXPECT", "scenario x\na = tcp 127.0.0.1:80\nclose a -> ok\nexpect EXPECT\n")]
    public void Write_Scenario_UsesCompoundLinesWhereTheySayTheSame(string text, string written) =>
        Assert.Equal(written, BindText.Write(BindText.Parse(text).Scenario!));

    [Fact]
    public void Parse_MoreAttemptsThanAllowed_IsToldOnce()
    {
        var text = string.Concat(Enumerable.Range(0, 15).Select(static number => $"s{number} = tcp\nretry 10ms for 95s bind s{number} 127.0.0.1:8080\n"));
        Assert.Contains("attempts", Assert.Single(BindText.Parse(text).Faults).What, StringComparison.Ordinal);
        // What is wrong for another reason is told as well.
        Assert.Equal(2, BindText.Parse(text + "frob\n").Faults.Length);
    }

    [Fact]
    public void Parse_AnyText_GivesAScenarioOrFaults() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string>().Filter(text => text is not null), IsAnswer).Holds();

    [Fact]
    [Trait("Lane", "second")]
    public void Parse_AnyPieces_GivesAScenarioOrFaults()
    {
        string[] pieces =
        [
            "a", "b", "=", "tcp", "udp6", "accept", "connect", "listen", "127.0.0.1:80", "[::1]:80", "[", "]", ":", "::", "[%]:1", "->", "-", ">", "ok", "EADDRINUSE", "BW004", "by", ";", "#",
            "\"", "\\", "\n", "\r", " ", " ", " ", "\t", "set", "reuseaddr", "SO_LINGER", "user", "device", "1", "-1", "99999999999999999999", "wait", "66s", ".s", "ms", "send", "to", "expect", "of",
            "sysctl", "net.ipv4.tcp_tw_reuse", "scenario", "\0", "\ud800", "\u202e", "é", "*", "shutdown", "both",
        ];
        Prop.ForAll(Gen.Elements(pieces).ListOf().Select(string.Concat).ToArbitrary(), IsAnswer).Check(Seed.Config.WithMaxTest(5_000).WithEndSize(40));
    }

    [Fact]
    [Trait("Lane", "second")]
    public void Parse_WrittenTextChangedAnywhere_GivesAScenarioOrFaults() =>
        Prop.ForAll(AnyScenario.Arbitrary, Gen.Choose(0, 1_000_000).ToArbitrary(), Gen.Choose(0, 0xffff).ToArbitrary(), (scenario, place, letter) =>
        {
            var text = BindText.Write(scenario).ToCharArray();
            if (text.Length > 0)
                text[place % text.Length] = letter % 2 == 0 ? (char)(letter % 128) : (char)letter;
            return IsAnswer(new string(text));
        }).Check(Seed.Config.WithMaxTest(2_000));

    private static bool IsAnswer(string text)
    {
        var parse = BindText.Parse(text);
        return parse.IsSuccess
            ? ScenarioRules.FaultOf(parse.Scenario!) is null && parse.Positions.Length == parse.Scenario!.Steps.Length
            : parse.Faults.All(fault => fault.What.Length > 0 && fault.Line > 0 && fault.Column > 0 && !fault.At("file").Any(char.IsControl));
    }
}

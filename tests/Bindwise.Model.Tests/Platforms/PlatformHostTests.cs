using Bindwise.Model.Platforms;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Simulation;

namespace Bindwise.Model.Tests.Platforms;

/// <summary>Scenarios on the documented rules of other systems.</summary>
public class PlatformHostTests
{
    // A server that closed first, its port taken again after so many seconds: plain, then with SO_REUSEADDR.
    private const string Restart = """
        old = tcp user 1000 127.0.0.1:8080 listen
        peer = tcp user 1000
        connect peer old
        conn = accept old
        close conn; close peer; close old
        wait {0}s
        new = tcp user 1000 {1} 127.0.0.1:8080
        listen new
        """;

    [Theory]
    [InlineData("linux", "0", "", "EADDRINUSE")]
    [InlineData("linux", "0", "reuseaddr", "EADDRINUSE")]
    [InlineData("linux", "63", "", "ok")]
    // macOS: 30 s, and the new one's SO_REUSEADDR alone is enough.
    [InlineData("macos", "0", "", "EADDRINUSE")]
    [InlineData("macos", "29.9", "", "EADDRINUSE")]
    [InlineData("macos", "30", "", "ok")]
    [InlineData("macos", "0", "reuseaddr", "ok")]
    // FreeBSD 14: none within one host, or some milliseconds in the newest.
    [InlineData("freebsd", "0", "", "unknown")]
    [InlineData("freebsd", "0.02", "", "ok")]
    [InlineData("freebsd", "0", "reuseaddr", "ok")]
    [InlineData("openbsd", "59", "", "EADDRINUSE")]
    [InlineData("openbsd", "60", "", "ok")]
    [InlineData("openbsd", "0", "reuseaddr", "ok")]
    [InlineData("illumos", "59", "", "EADDRINUSE")]
    [InlineData("illumos", "0", "reuseaddr", "ok")]
    // Windows: a plain socket binds over it at once; for one with SO_REUSEADDR nothing tells while it may be there.
    [InlineData("windows", "0", "", "ok")]
    [InlineData("windows", "0", "reuseaddr", "unknown")]
    [InlineData("windows", "40", "reuseaddr", "unknown")]
    [InlineData("windows", "301", "reuseaddr", "ok")]
    public void Play_RestartOverTimeWait_HangsOnTheSystem(string system, string seconds, string option, string told)
    {
        var results = Play(system, Restart.Replace("{0}", seconds, StringComparison.Ordinal).Replace("{1}", option, StringComparison.Ordinal));
        Assert.Equal(told, results[^2].Result);
    }

    [Theory]
    [InlineData("macos", "ok BSD-C", "ok XNU-LISTEN")]
    [InlineData("freebsd", "ok BSD-C", "ok FBSD-LISTEN")]
    [InlineData("windows", "unknown WIN-STATE", "unknown ")]
    [InlineData("illumos", "ok ILL-4", "unknown ILL-LISTEN")]
    public void Play_SpecificBesideAWildcardListener_IsDecidedByTheProfile(string system, string bind, string listen)
    {
        var results = Play(system, """
            a = tcp user 1000 0.0.0.0:8080 listen
            b = tcp user 1000 reuseaddr 127.0.0.1:8080
            listen b
            """);
        Assert.Equal((bind, listen), (Text(results[^2]), Text(results[^1])));
    }

    [Theory]
    // gVisor fixes both at bind(); of illumos only SO_REUSEPORT is said to be kept, and only the new one's SO_REUSEADDR is read.
    [InlineData("gvisor", "reuseaddr", "EADDRINUSE GV-1")]
    [InlineData("gvisor", "reuseport", "EADDRINUSE GV-1")]
    [InlineData("illumos", "reuseport", "EADDRINUSE ILL-3")]
    [InlineData("openbsd", "reuseport", "ok")]
    public void Play_OptionSetAfterBind_CountsWhereItIsNotKept(string system, string option, string told)
    {
        var results = Play(system, $"a = tcp user 7 127.0.0.1:8080\nset a {option}\nb = tcp user 7 {option} 127.0.0.1:8080");
        Assert.Equal("ok", results[2].Result);
        Assert.StartsWith(told, Text(results[^1]), StringComparison.Ordinal);
    }

    [Fact]
    public void Play_WindowsErrors_HaveTheirPosixNames()
    {
        var results = Play("windows", """
            a = tcp 0.0.0.0:8080
            b = tcp 0.0.0.0:8080
            c = tcp user 7 127.0.0.1:8080
            """);
        Assert.Equal(["ok", "ok", "ok", "EADDRINUSE", "ok", "EACCES"], results.Select(result => result.Result));
        Assert.Equal("a", Assert.Single(results[3].Blockers));
    }

    [Fact]
    public void Play_WhatHangsOnTheUnknown_IsUnknownTooAndNothingElse()
    {
        var results = Play("windows", """
            a = tcp 127.0.0.1:8080 listen
            b = tcp 127.0.0.1:8080
            listen b
            c = connect a
            d = tcp 127.0.0.1:9090 listen
            e = connect d
            f = accept d
            b = tcp 127.0.0.1:9091
            """);
        Assert.Equal(
            ["ok", "ok", "ok", "ok", "unknown", "unknown", "ok", "unknown", "ok", "ok", "ok", "ok", "ok", "ok", "ok", "ok"],
            results.Select(result => result.Result));
    }

    [Theory]
    // No such knob, no such option, a call of Linux's own: nothing tells.
    [InlineData("sysctl net.ipv4.tcp_tw_reuse = 0\na = tcp 127.0.0.1:8080", "unknown ok unknown")]
    [InlineData("a = tcp freebind 127.0.0.1:8080\nb = tcp 127.0.0.1:9090", "ok unknown unknown ok ok")]
    [InlineData("a = tcp 127.0.0.1:8080 listen\nshutdown a read\nlisten a", "ok ok ok unknown unknown")]
    [InlineData("a = tcp device lo\nbind a 127.0.0.1:80", "unknown unknown")]
    // The peer's end of a connection that a close with unread data leaves in doubt is in doubt too.
    [InlineData("a = tcp 127.0.0.1:8080 listen\np = connect a\nc = accept a\nsend p 10\nclose c\nreceive p 1", "ok ok ok ok ok ok ok unknown unknown")]
    public void Play_WhatIsLinuxsOwn_IsUnknown(string text, string told) =>
        Assert.Equal(told, string.Join(' ', Play("macos", text).Select(result => result.Result)));

    private const string Connection = "a = tcp 127.0.0.1:8080 listen\np = tcp 127.0.0.1:5000 connect a\nc = accept a\n";

    [Theory]
    // Only who closes first waits; in FreeBSD not for certain, as both ends are on one host.
    [InlineData("macos", "close c; close p\nstate c\nstate p", "TIME_WAIT CLOSED")]
    [InlineData("freebsd", "close c; close p\nstate c\nstate p", "unknown CLOSED")]
    [InlineData("freebsd", "close c; close p; wait 20ms\nstate c\nstate p", "CLOSED CLOSED")]
    [InlineData("windows", "close c; close p; wait 29s\nstate c\nstate p", "TIME_WAIT CLOSED")]
    [InlineData("windows", "close c; close p; wait 31s\nstate c\nstate p", "unknown CLOSED")]
    // How long a FIN_WAIT2 without an owner lasts is told by none.
    [InlineData("macos", "close c\nstate p\nstate c", "CLOSE_WAIT FIN_WAIT2")]
    [InlineData("macos", "close c; wait 1s\nstate p\nstate c", "CLOSE_WAIT unknown")]
    // When a lost segment is sent again, and what an old one does, differs.
    [InlineData("macos", "hold c; send p 10; lose c\nwait 1s\nreceive c 10", "ok unknown")]
    [InlineData("macos", "send p 10; receive c 10; repeat p data\nwait 1s\nstate c", "ok unknown")]
    [InlineData("macos", "hold c; hold p; close c; close p; release c; release p\nstate c\nstate p", "TIME_WAIT TIME_WAIT")]
    // A process's end closes: with data unread nothing tells what the other end gets.
    [InlineData("macos", "x = tcp in server 127.0.0.1:9000 listen; y = tcp 127.0.0.1:9001 connect x; z = accept x; send y 5; exit server\nstate y\nstate c", "unknown ESTABLISHED")]
    // The port that the system chose is told by none.
    [InlineData("macos", "q = connect a; name a\nname q\nname p", "unknown 127.0.0.1:5000")]
    public void Play_WhatHappensBelow_IsToldAsFarAsItIsKnown(string system, string text, string told)
    {
        var results = Play(system, Connection + text);
        Assert.Equal(told, $"{results[^2].Result} {results[^1].Result}");
    }

    [Fact]
    public void Play_SeveralThatMayReceive_LeavesOpenWhoDoes()
    {
        var tcp = Play("macos", "a = tcp reuseport 127.0.0.1:8080 listen\nb = tcp reuseport 127.0.0.1:8080 listen\nc = connect a\nd = accept a\nsend d 1\nsend c 1");
        Assert.Equal(["ok", "unknown", "unknown", "ok"], tcp[^4..].Select(result => result.Result));
        var udp = Play("macos", "a = udp reuseport 127.0.0.1:53\nb = udp reuseport 127.0.0.1:53\nc = udp\nsend c 1 to 127.0.0.1:53\nreceive b 1\nbind b 127.0.0.1:54");
        Assert.Equal(["ok", "unknown", "EINVAL"], udp[^3..].Select(result => result.Result));
    }

    [Fact]
    public void Sockets_InDoubt_AreNotShown()
    {
        var scenario = Read("a = tcp 127.0.0.1:8080 listen\np = tcp 127.0.0.1:5000 connect a\nc = accept a\nclose c; close p");
        using var macos = PlatformHost.For(Ask.Profile("macos"), scenario, records: true);
        using var freebsd = PlatformHost.For(Ask.Profile("freebsd"), scenario, records: true);
        foreach (var step in scenario.Steps)
            Assert.Equal(macos.Play(step).Result, freebsd.Play(step).Result);
        Assert.Equal(["TimeWait", "Listen"], macos.Sockets().Select(row => row.State.ToString()).OrderDescending(StringComparer.Ordinal));
        Assert.Equal(["Listen"], freebsd.Sockets().Select(row => row.State.ToString()));
        Assert.NotEmpty(macos.TakeEvents());
        Assert.Equal(TimeSpan.Zero, macos.Elapsed);
    }

    [Fact]
    public void Play_TakenFourTuple_IsInUseOnBsd()
    {
        const string Twice = """
            a = tcp 127.0.0.1:8080 listen
            p = tcp reuseaddr reuseport 127.0.0.1:5000 connect a
            q = tcp reuseaddr reuseport 127.0.0.1:5000
            connect q a
            """;
        Assert.Equal(("EADDRINUSE", "EADDRNOTAVAIL", "unknown"), (Play("macos", Twice)[^1].Result, Play("linux", Twice)[^1].Result, Play("illumos", Twice)[^1].Result));
    }

    [Fact]
    public void Play_Ipv6Wildcard_TakesTheSystemsDefault()
    {
        const string Both = "a = tcp 0.0.0.0:8080\nb = tcp [::]:8080\nclose a; close b\nb = tcp [::]:8080\na = tcp 0.0.0.0:8080";
        Assert.Equal(("ok", "EADDRINUSE"), (Play("macos", Both)[3].Result, Play("macos", Both)[^1].Result));
        Assert.Equal(("ok", "ok"), (Play("freebsd", Both)[3].Result, Play("freebsd", Both)[^1].Result));
        Assert.Equal("EADDRINUSE", Play("linux", Both)[3].Result);
    }

    [Fact]
    public void For_Linux_IsTheRuleModelItself()
    {
        var scenario = Read("a = tcp 127.0.0.1:8080");
        using var host = PlatformHost.For(PlatformProfiles.Linux, scenario);
        Assert.IsType<Model.Simulation.SimulatedHost>(host);
    }

    private static string Text(StepResult result) => $"{result.Result} {result.Rule}";

    private static List<StepResult> Play(string system, string text)
    {
        var scenario = Read(text);
        using var host = PlatformHost.For(Ask.Profile(system), scenario);
        return [.. scenario.Steps.Select(host.Play)];
    }

    private static Scenario Read(string text)
    {
        var read = BindText.Parse(text);
        return read.Scenario ?? throw new ArgumentException(read.Fault?.At("test") ?? "no scenario", nameof(text));
    }
}

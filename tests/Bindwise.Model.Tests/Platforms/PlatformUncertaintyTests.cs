using Bindwise.Model.Scenarios;
using Bindwise.Model.Simulation;

namespace Bindwise.Model.Tests.Platforms;

/// <summary>What hangs on something that no source tells is unknown, and nothing else is. Each result with its rule and the sockets in the way, then the table.</summary>
public class PlatformUncertaintyTests
{
    private const string Connection = "a = tcp 127.0.0.1:8080 listen; p = tcp 127.0.0.1:5000 connect a; c = accept a; ";

    [Theory]
    [InlineData("macos", false, "t = tcp; connect t 127.0.0.1:1; q = accept t", "ok ECONNREFUSED unknown |")]
    [InlineData("macos", false, "a = tcp 127.0.0.1:8080 listen; c = accept a; u = udp connect 127.0.0.1:53", "ok ok:BSD-0 ok:XNU-LISTEN EAGAIN ok ok | a:8080:Listen u:49152:Established")]
    [InlineData("macos", true, "receive c 1; send p 3; receive c 3; abort p; receive c 1", "EAGAIN ok ok ok ECONNRESET | a:8080:Listen")]
    [InlineData("macos", false, "a = tcp 127.0.0.1:8080 listen; p = tcp 127.0.0.1:5000 connect a; close a; receive p 1; state p",
        "ok ok:BSD-0 ok:XNU-LISTEN ok ok:BSD-0 ok ok ECONNRESET BOUND | p:5000:Bound")]
    [InlineData("macos", true, "close c; close p; wait 31s; state c; a2 = tcp 127.0.0.1:5000", "ok ok ok CLOSED ok ok:BSD-0 | a2:5000:Bound a:8080:Listen")]
    [InlineData("macos", false, "a = tcp6; bind a 127.0.0.1:80; b = tcp [fe80::1%lo]:8080; d = tcp [fe80::1]:8080", "ok unknown:NOT-TOLD ok unknown:NOT-TOLD ok unknown |")]
    [InlineData("macos", false, "a = tcp 127.0.0.1:0; name a; b = tcp 127.0.0.1:0; u = udp 127.0.0.1:0; w = tcp 0.0.0.0:0; f = tcp 203.0.113.9:0",
        "ok ok:PORT-0 unknown ok ok:PORT-0 ok ok:PORT-0 ok ok:PORT-0 ok unknown:NOT-TOLD | u:49152:Close a:49152:Bound b:49153:Bound w:49154:Bound")]
    [InlineData("macos", false, "a = tcp 127.0.0.1:49152; b = tcp 127.0.0.1:0; c = tcp 127.0.0.1:49153", "ok ok:BSD-0 ok ok:PORT-0 ok ok:BSD-0 | a:49152:Bound c:49153:Bound b:49154:Bound")]
    [InlineData("macos", false, "u = udp 127.0.0.1:49152; v = udp 127.0.0.1:0; w = udp 127.0.0.1:49153; t = tcp 127.0.0.1:0; x = tcp 127.0.0.1:49154",
        "ok ok:BSD-0 ok ok:PORT-0 ok ok:BSD-0 ok ok:PORT-0 ok ok:BSD-0 | u:49152:Close w:49153:Close x:49154:Bound v:49155:Close t:49155:Bound")]
    [InlineData("macos", false, "a = tcp 203.0.113.9:8080", "ok EADDRNOTAVAIL:BSD-ADDR |")]
    [InlineData("macos", false, "a = tcp 0.0.0.0:8080; b = tcp 0.0.0.0:8081", "ok ok:BSD-0 ok ok:BSD-0 | a:8080:Bound b:8081:Bound")]
    [InlineData("macos", false, "u = udp 239.1.1.1:5353", "ok ok:BSD-0 | u:5353:Close")]
    [InlineData("macos", false, "a = tcp 239.1.1.1:5353", "ok EAFNOSUPPORT:XNU-MCAST |")]
    [InlineData("macos", false, "u = udp 0.0.0.0:5353; v = udp 0.0.0.0:5353; w = tcp 0.0.0.0:5353", "ok ok:BSD-0 ok EADDRINUSE:BSD-B<u ok ok:BSD-0 | u:5353:Close w:5353:Bound")]
    [InlineData("macos", false, "a = tcp user 1000 127.0.0.1:80; b = tcp user 0 127.0.0.1:81; c = tcp user 1000 0.0.0.0:82", "ok EACCES:XNU-PORT ok ok:BSD-0 ok ok:BSD-0 | b:81:Bound c:82:Bound")]
    [InlineData("macos", false, "a = tcp; set a v6only; b = tcp6; set b v6only; set b v6only=0; bind b [::]:8080; set b v6only; bind b [::]:8081",
        "ok unknown:NOT-TOLD ok ok ok ok:BSD-0 unknown:NOT-TOLD unknown |")]
    [InlineData("windows", false, "b = tcp6; set b reuseport; bind b [::]:8080", "ok unknown:WIN-RP unknown |")]
    [InlineData("windows", false, "b = tcp reuseport; bind b 127.0.0.1:8080", "ok unknown:WIN-RP unknown |")]
    [InlineData("openbsd", false, "b = tcp6; set b v6only=0; bind b [::]:8080", "ok unknown:OBSD-FAMILY unknown |")]
    [InlineData("openbsd", false, "b = tcp6; set b v6only; bind b [::]:8080", "ok ok ok:BSD-0 | b:8080:Bound")]
    [InlineData("windows", false, "a = tcp 127.0.0.1:8080 listen; b = tcp 127.0.0.1:8080; listen b; close a; close b; b = tcp 127.0.0.1:9000; c = tcp 127.0.0.1:8080; connect c 127.0.0.1:8080; d = tcp connect 127.0.0.1:9000",
        "ok ok:WIN-0 ok:WIN-0 ok unknown:WIN-STATE<a unknown ok unknown ok ok:WIN-0 ok unknown unknown ok ECONNREFUSED | b:9000:Bound")]
    [InlineData("windows", false, "a = tcp 127.0.0.1:8080 listen; b = tcp 127.0.0.1:8080; listen b; set b reuseaddr; close b; x = tcp 127.0.0.1:8080; u = udp; send u 1 to 127.0.0.1:8080; e = tcp; connect e 127.0.0.1:8080",
        "ok ok:WIN-0 ok:WIN-0 ok unknown:WIN-STATE<a unknown unknown unknown ok unknown ok unknown ok unknown |")]
    [InlineData("macos", true, "close c; wait 1s; state c; n = tcp 127.0.0.1:8080; m = tcp reuseaddr 127.0.0.1:8080; q = tcp 127.0.0.1:5000; connect q 127.0.0.1:8080",
        "ok ok unknown ok EADDRINUSE:BSD-B<a+c_by_FIN_WAIT2 ok ok EADDRINUSE:BSD-C<a+c_by_FIN_WAIT2 ok EADDRINUSE:BSD-B<p ok | p:5000:CloseWait :8080:Established a:8080:Listen q:49152:Established")]
    [InlineData("macos", true, "close c; n = tcp reuseaddr 127.0.0.1:8080; state c; wait 1ms; state c",
        "ok ok ok EADDRINUSE:BSD-C<a+c_by_FIN_WAIT2 FIN_WAIT2 ok unknown | p:5000:CloseWait a:8080:Listen")]
    [InlineData("macos", true, "close c; wait 1ms; close a; a = tcp 127.0.0.1:8080", "ok ok ok ok unknown:NOT-TOLD | p:5000:CloseWait")]
    [InlineData("freebsd", true, "close c; close p; close a; a = tcp 127.0.0.1:8080; wait 30ms; b = tcp 127.0.0.1:8080", "ok ok ok ok unknown:NOT-TOLD ok ok unknown |")]
    [InlineData("windows", true, "close c; close p; close a; wait 29.9s; x = tcp reuseaddr 127.0.0.1:8080; wait 300s; y = tcp reuseaddr 127.0.0.1:8080",
        "ok ok ok ok ok ok unknown:WIN-STATE<c_by_TIME_WAIT ok ok ok unknown |")]
    [InlineData("macos", true, "q = tcp reuseaddr reuseport 127.0.0.1:5000; connect q a", "ok ok ok ok:BSD-C EADDRINUSE:TAKEN<p | p:5000:Established q:5000:Bound c:8080:Established a:8080:Listen")]
    [InlineData("macos", true, "close p; close c; q = tcp reuseaddr 127.0.0.1:5000; connect q a; state q; name q; bind q 127.0.0.1:6000",
        "ok ok ok ok ok:BSD-C EADDRINUSE:TAKEN<p_by_TIME_WAIT BOUND 127.0.0.1:5000 EINVAL:BSD-BOUND | p:5000:TimeWait q:5000:Bound a:8080:Listen")]
    [InlineData("illumos", true, "close p; close c; q = tcp reuseaddr 127.0.0.1:5000; connect q a; state q", "ok ok ok ok ok:ILL-4 unknown:NOT-TOLD unknown |")]
    [InlineData("macos", true, "send p 5; close c; state p; p = tcp 127.0.0.1:5001; x = tcp 127.0.0.1:5000; y = tcp 127.0.0.1:8080",
        "ok unknown unknown ok ok:BSD-0 ok unknown ok unknown | p:5001:Bound")]
    [InlineData("macos", false, "x = tcp in server 127.0.0.1:9000 listen; y = tcp 127.0.0.1:9001 connect x; z = accept x; w = tcp 127.0.0.1:9002 connect x; v = accept x; send y 1; signal server KILL; state y; state w; state v",
        "ok ok:BSD-0 ok:XNU-LISTEN ok ok:BSD-0 ok ok ok ok:BSD-0 ok ok ok ok unknown CLOSE_WAIT unknown |")]
    [InlineData("macos", false, "x = tcp in server 127.0.0.1:9000 listen; y = tcp in other 127.0.0.1:9001 connect x; z = accept x; send z 1; exit server; receive y 1; state y",
        "ok ok:BSD-0 ok:XNU-LISTEN ok ok:BSD-0 ok ok ok ok ok CLOSE_WAIT | z:9000:FinWait2 y:9001:CloseWait")]
    [InlineData("macos", false, "x = tcp in server 127.0.0.1:9000 listen; y = tcp 127.0.0.1:9001 connect x; z = accept x; exit server; state y; receive y 1; q = tcp 127.0.0.1:9000",
        "ok ok:BSD-0 ok:XNU-LISTEN ok ok:BSD-0 ok ok ok CLOSE_WAIT ok ok EADDRINUSE:BSD-B<z_by_FIN_WAIT2 | z:9000:FinWait2 y:9001:CloseWait")]
    [InlineData("macos", true, "hold c; send p 10; lose c; t = tcp 127.0.0.1:7000; state p; state a; d = tcp 127.0.0.1:8080", "ok ok ok ok ok:BSD-0 unknown unknown ok unknown | t:7000:Bound")]
    [InlineData("macos", true, "close p; close c; wait 31s; repeat p fin; t = tcp 127.0.0.1:7000", "ok ok ok ok ok unknown |")]
    [InlineData("macos", true, "close p; close c; repeat p fin; state p; t = tcp 127.0.0.1:7000; q = tcp 127.0.0.1:5000; r = tcp reuseaddr 127.0.0.1:8080",
        "ok ok ok unknown ok ok:BSD-0 ok unknown ok ok unknown | t:7000:Bound")]
    [InlineData("macos", false, "a = udp reuseport 127.0.0.1:53; b = udp reuseport 127.0.0.1:53; c = udp 127.0.0.1:6000; connect c 127.0.0.1:53; send c 1; receive a 1; receive b 1; a = udp 127.0.0.1:54; send c 1 to 127.0.0.1:54; receive a 1",
        "ok ok ok:BSD-0 ok ok ok:BSD-C ok ok:BSD-0 ok ok unknown unknown ok ok:BSD-0 ok ok | b:53:Close a:54:Close c:6000:Established")]
    [InlineData("macos", false, "a = udp 127.0.0.1:53; c = udp 127.0.0.1:6000; send c 1 to 127.0.0.1:53; receive a 1; receive a 1; send c 1 to 127.0.0.1:54; send c 1",
        "ok ok:BSD-0 ok ok:BSD-0 ok ok EAGAIN ok EDESTADDRREQ | a:53:Close c:6000:Close")]
    [InlineData("macos", false, "a = tcp 127.0.0.1:8080 listen; b = tcp reuseaddr 0.0.0.0:8080 listen; c = tcp connect 127.0.0.1:8080; d = accept a; name c; name d",
        "ok ok:BSD-0 ok:XNU-LISTEN ok ok ok:BSD-C ok:XNU-LISTEN ok ok ok unknown 127.0.0.1:8080 | d:8080:Established b:8080:Listen a:8080:Listen c:49152:Established")]
    [InlineData("windows", false, "a = tcp 127.0.0.1:8080 listen; b = tcp 0.0.0.0:8080 listen; c = tcp connect 127.0.0.1:8080; d = accept a",
        "ok ok:WIN-0 ok:WIN-0 ok unknown:WIN-STATE<a unknown ok unknown unknown |")]
    [InlineData("illumos", false, "a = tcp 127.0.0.1:8080 listen; b = tcp reuseaddr 0.0.0.0:8080; listen b; c = tcp connect 127.0.0.1:8080; d = accept a",
        "ok ok:ILL-0 ok:ILL-0 ok ok ok:ILL-4 unknown:ILL-LISTEN<a ok unknown unknown |")]
    [InlineData("macos", false, "sysctl net.ipv4.tcp_tw_reuse = 0; a = tcp 127.0.0.1:1; close a; state a", "unknown ok unknown unknown unknown |")]
    public void Play_OnAnotherSystem_GivesWhatIsTold(string system, bool isConnected, string steps, string told)
    {
        var before = isConnected ? Connection : "";
        var parse = BindText.Parse(before + steps);
        Assert.Null(parse.Fault);
        var skipped = isConnected ? BindText.Parse(before).Scenario!.Steps.Length : 0;
        using var host = PlatformHost.For(Ask.Profile(system), parse.Scenario!, records: true);
        List<StepResult> results = [.. parse.Scenario!.Steps.Select(host.Play)];
        var table = host.Sockets().Select(static row => $"{row.Socket}:{row.Local.Port}:{row.State}");
        Assert.Equal(told, string.Join(' ', [.. results.Skip(skipped).Select(Text), "|", .. table]));
    }

    [Fact]
    public void For_ASystem_KnowsIt()
    {
        var scenario = BindText.Parse("a = tcp 127.0.0.1:8080").Scenario!;
        using var host = (PlatformHost)PlatformHost.For(Ask.Profile("macos"), scenario);
        Assert.Equal("macos", host.Platform.Id);
        Assert.Empty(host.TakeEvents());
        Assert.Throws<ArgumentNullException>(() => PlatformHost.For(null!, scenario));
        Assert.Throws<ArgumentNullException>(() => PlatformHost.For(host.Platform, null!));
    }

    private static string Text(StepResult result) => result.Result + (result.Rule is { } rule ? ":" + rule : "")
        + (result.Blockers.IsEmpty ? "" : "<" + string.Join('+', result.Blockers.Select(static blocker => blocker.Replace(' ', '_'))));
}

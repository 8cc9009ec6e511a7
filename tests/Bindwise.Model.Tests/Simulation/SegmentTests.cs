using Bindwise.Model.Scenarios;
using Bindwise.Model.Simulation;

namespace Bindwise.Model.Tests.Simulation;

/// <summary>What a scenario does to segments, beside the system calls: held back, lost, repeated, streamed. Each result with its rule.</summary>
public sealed class SegmentTests
{
    private const string Connection = "l = tcp 127.0.0.1:9090 listen; c = tcp 127.0.0.1:8080 connect l; s = accept l; ";

    [Theory]
    [InlineData("", false, "a = tcp 127.0.0.1:8080; hold a", "ok ok:BW001 ENOTCONN:BW076")]
    [InlineData("", false, "a = udp connect 127.0.0.1:8080; hold a", "ok ok:BW070 ENOTCONN:BW076")]
    [InlineData("", false, "a = tcp connect 127.0.0.1:8080; hold a", "ok ECONNREFUSED:BW062 ENOTCONN:BW076")]
    [InlineData("", false, "a = tcp device lo connect 203.0.113.1:9090; hold a", "ok EINPROGRESS:BW094 ENOTCONN:BW076")]
    [InlineData("", true, "release s", "EINVAL")]
    [InlineData("", true, "lose s", "EINVAL")]
    [InlineData("", true, "repeat c data", "EINVAL")]
    [InlineData("", true, "repeat l syn", "EINVAL")]
    [InlineData("", true, "repeat c fin", "EINVAL")]
    [InlineData("", true, "repeat s reset", "EINVAL")]
    [InlineData("", true, "stream c s 1KiB", "ok")]
    [InlineData("", true, "stream c l 1KiB", "ENOTCONN:BW076")]
    [InlineData("", true, "stream l s 1KiB", "ENOTCONN:BW076")]
    [InlineData("", true, "d = tcp connect l; t = accept l; stream c t 1KiB", "ok ok:BW061 ok:BW073 ENOTCONN:BW076")]
    [InlineData("", true, "u = udp 127.0.0.1:53; stream c u 1KiB", "ok ok:BW001 ENOTCONN:BW076")]
    [InlineData("", true, "u = udp connect 127.0.0.1:53; stream u u 1KiB", "ok ok:BW070 ENOTCONN:BW076")]
    [InlineData("", true, "shutdown c write; stream c s 1KiB", "ok:BW083 EPIPE:BW077")]
    [InlineData("", true, "hold s; stream c s 1KiB", "ok EAGAIN")]
    [InlineData("", true, "stream c s 1KiB; receive s 1", "ok EAGAIN:BW079")]
    public void Call_OnASocket_AnswersAsItIsConnected(string first, bool isConnected, string steps, string told) => Assert.Equal(told, Play(first + (isConnected ? Connection : ""), steps));

    [Theory]
    // A SYN that is not newer than the old connection is acknowledged, reset, and sent again (RFC 9293 §3.6.1).
    [InlineData("sysctl net.ipv4.tcp_timestamps = 0; ", true, "stream c s 1039997; close s; close c; wait 64ms; d = tcp reuseaddr 127.0.0.1:8080; connect d l", "ok ok:BW083 ok:BW081 ok ok ok ok:BW001 ok:BW071")]
    [InlineData("sysctl net.ipv4.tcp_timestamps = 0; ", true, "stream c s 1039998; close s; close c; wait 64ms; d = tcp reuseaddr 127.0.0.1:8080; connect d l", "ok ok:BW083 ok:BW081 ok ok ok ok:BW001 ok:BW061")]
    [InlineData("sysctl net.ipv4.tcp_timestamps = 0; ", true, "stream c s 40KiB; close s; close c; d = tcp reuseaddr 127.0.0.1:8080; connect d l", "ok ok:BW083 ok:BW081 ok ok ok:BW001 ok:BW061")]
    [InlineData("sysctl net.ipv4.tcp_timestamps = 0; ", true, "stream c s 40KiB; close s; close c; wait 1ms; d = tcp reuseaddr 127.0.0.1:8080; connect d l", "ok ok:BW083 ok:BW081 ok ok ok ok:BW001 ok:BW071")]
    public void Connect_OverATimeWaitWithoutTimestamps_HangsOnTheSequenceNumbers(string first, bool isConnected, string steps, string told) => Assert.Equal(told, Play(first + (isConnected ? Connection : ""), steps));

    [Theory]
    // The answer to it meets nobody, and its RST ends the TIME_WAIT, unless net.ipv4.tcp_rfc1337 is on (RFC 1337).
    [InlineData("", true, "send c 1; repeat c data", "ok ok")]
    [InlineData("", true, "repeat c syn", "ok")]
    [InlineData("", true, "repeat c ack", "ok")]
    [InlineData("", true, "close c; repeat c fin", "ok:BW083 ok")]
    [InlineData("", true, "abort c; repeat c reset", "ok:BW085 ok")]
    [InlineData("", true, "close c; repeat s data; send s 1; repeat s data; state s", "ok:BW083 EINVAL ok:BW088 ok CLOSED")]
    [InlineData("", true, "send s 1; receive c 1; close c; close s; repeat s fin; state c", "ok ok ok:BW083 ok:BW081 ok CLOSED")]
    [InlineData("", true, "send s 1; receive c 1; close c; close s; repeat s ack; state c", "ok ok ok:BW083 ok:BW081 ok CLOSED")]
    [InlineData("", true, "send s 1; receive c 1; close c; close s; repeat s data; state c", "ok ok ok:BW083 ok:BW081 ok CLOSED")]
    [InlineData("", true, "send s 1; receive c 1; close c; close s; repeat s syn; state c", "ok ok ok:BW083 ok:BW081 ok CLOSED")]
    [InlineData("", true, "send s 1; receive c 1; close c; close s; repeat s reset; state c", "ok ok ok:BW083 ok:BW081 EINVAL TIME_WAIT")]
    [InlineData("", true, "send c 1; receive s 1; close c; repeat c fin; state c; state s; send s 1; state c; state s", "ok ok ok:BW083 ok FIN_WAIT2 CLOSE_WAIT ok:BW088 CLOSED CLOSED")]
    [InlineData("", true, "send c 1; receive s 1; close c; repeat c ack; state c; state s; send s 1; state c; state s", "ok ok ok:BW083 ok FIN_WAIT2 CLOSE_WAIT ok:BW088 CLOSED CLOSED")]
    [InlineData("", true, "send c 1; receive s 1; close c; repeat c data; state c; state s; send s 1; state c; state s", "ok ok ok:BW083 ok FIN_WAIT2 CLOSE_WAIT ok:BW088 CLOSED CLOSED")]
    [InlineData("", true, "send c 1; receive s 1; close c; repeat c syn; state c; state s; send s 1; state c; state s", "ok ok ok:BW083 ok FIN_WAIT2 CLOSE_WAIT ok:BW088 CLOSED CLOSED")]
    [InlineData("", true, "send c 1; receive s 1; close c; close s; repeat c fin; state c; state s", "ok ok ok:BW083 ok:BW081 ok TIME_WAIT CLOSED")]
    [InlineData("", true, "send c 1; receive s 1; close c; close s; repeat c ack; state c; state s", "ok ok ok:BW083 ok:BW081 ok CLOSED CLOSED")]
    [InlineData("", true, "send c 1; receive s 1; close c; close s; repeat c data; state c; state s", "ok ok ok:BW083 ok:BW081 ok TIME_WAIT CLOSED")]
    [InlineData("", true, "send c 1; receive s 1; close c; close s; repeat c syn; state c; state s", "ok ok ok:BW083 ok:BW081 ok CLOSED CLOSED")]
    [InlineData("", true, "send c 1; receive s 1; repeat c ack; repeat s ack; receive s 1; state c; state s", "ok ok ok ok EAGAIN:BW079 ESTABLISHED ESTABLISHED")]
    [InlineData("", true, "send c 1; receive s 1; repeat c data; repeat s data; receive s 1; state c; state s", "ok ok ok EINVAL EAGAIN:BW079 ESTABLISHED ESTABLISHED")]
    [InlineData("", true, "send c 1; receive s 1; repeat c syn; repeat s syn; receive s 1; state c; state s", "ok ok ok ok EAGAIN:BW079 ESTABLISHED ESTABLISHED")]
    [InlineData("sysctl net.ipv4.tcp_rfc1337 = 1; ", true, "send s 1; receive c 1; close c; close s; wait 30s; repeat s fin; wait 33s; state c", "ok ok ok:BW083 ok:BW081 ok ok ok TIME_WAIT")]
    [InlineData("sysctl net.ipv4.tcp_rfc1337 = 1; ", true, "send s 1; receive c 1; close c; close s; wait 30s; repeat s ack; wait 33s; state c", "ok ok ok:BW083 ok:BW081 ok ok ok TIME_WAIT")]
    [InlineData("sysctl net.ipv4.tcp_rfc1337 = 1; ", true, "send s 1; receive c 1; close c; close s; wait 30s; repeat s data; wait 33s; state c", "ok ok ok:BW083 ok:BW081 ok ok ok TIME_WAIT")]
    [InlineData("sysctl net.ipv4.tcp_rfc1337 = 1; ", true, "send s 1; receive c 1; close c; close s; wait 30s; repeat s syn; wait 33s; state c", "ok ok ok:BW083 ok:BW081 ok ok ok TIME_WAIT")]
    public void Repeat_OfAnOldSegment_EndsOnlyWhatTheRfcsSay(string first, bool isConnected, string steps, string told) => Assert.Equal(told, Play(first + (isConnected ? Connection : ""), steps));

    [Theory]
    [InlineData("", true, "hold c; release c; stream c s 1KiB", "ok ok ok")]
    [InlineData("", true, "hold c; hold c; send s 1; lose c; release c", "ok ok ok ok EINVAL")]
    [InlineData("", true, "hold s; send c 1; receive s 1; release s; receive s 1", "ok ok EAGAIN:BW079 ok ok")]
    [InlineData("", true, "hold s; send c 1; lose s; receive s 1; wait 203ms; receive s 1; wait 1ms; receive s 1", "ok ok ok EAGAIN:BW079 ok EAGAIN:BW079 ok ok")]
    [InlineData("", true, "hold s; close c; state c; state s; lose s; wait 203ms; state c; wait 1ms; state c; state s", "ok ok:BW083 FIN_WAIT1 ESTABLISHED ok ok FIN_WAIT1 ok:BW083 FIN_WAIT2 CLOSE_WAIT")]
    [InlineData("", true, "hold s; send c 1; close c; state c; lose s; wait 204ms; state c; state s; receive s 1; receive s 1", "ok ok ok:BW083 FIN_WAIT1 ok ok:BW083 FIN_WAIT2 CLOSE_WAIT ok ok")]
    [InlineData("", true, "hold c; close c; state c; state s; release c; state c", "ok ok:BW083 FIN_WAIT1 CLOSE_WAIT ok:BW083 FIN_WAIT2")]
    [InlineData("", true, "hold c; close c; close s; state c; state s; release c; state c; state s", "ok ok:BW083 ok FIN_WAIT1 LAST_ACK ok:BW081 TIME_WAIT CLOSED")]
    [InlineData("", true, "hold s; send c 1; wait 200s; lose s; state c; wait 120s; receive s 1", "ok ok ok ok ESTABLISHED ok ok")]
    [InlineData("", true, "hold s; send c 1; wait 2000s; state c; send c 1", "ok ok ok ESTABLISHED ok")]
    [InlineData("", true, "hold c; hold s; close c; close s; state c; state s; release s; release c; state c; state s", "ok ok ok:BW083 ok:BW083 FIN_WAIT1 FIN_WAIT1 ok ok:BW081 TIME_WAIT TIME_WAIT")]
    [InlineData("", true, "hold s; send c 5; repeat c data; receive s 5; release s; receive s 5; receive s 5", "ok ok ok EAGAIN:BW079 ok ok EAGAIN:BW079")]
    [InlineData("sysctl net.ipv4.tcp_fin_timeout = 120; ", true, "hold s; send c 1; release s; close c; wait 63s; state c; wait 63s; state c", "ok ok ok ok:BW083 ok:BW083 FIN_WAIT2 ok:BW090 CLOSED")]
    [InlineData("", true, "hold s; send c 1; wait 2s; lose s; wait 3s; receive s 1; hold s; send c 1; lose s; wait 203ms; receive s 1; wait 1ms; receive s 1", "ok ok ok ok ok ok ok ok ok ok EAGAIN:BW079 ok ok")]
    public void Hold_OfSegments_DelaysWhatTheyWouldDo(string first, bool isConnected, string steps, string told) => Assert.Equal(told, Play(first + (isConnected ? Connection : ""), steps));

    [Theory]
    [InlineData("hold c; close c; close s; lose c; repeat s fin; state c; state s", "ok ok:BW083 ok ok ok:BW081 TIME_WAIT CLOSED")]
    [InlineData("hold c; close c; send s 10; lose c; repeat s data; state c; state s; n = tcp 127.0.0.1:8080", "ok ok:BW083 ok ok ok:BW088 CLOSED CLOSED ok ok:BW001")]
    [InlineData("hold c; shutdown c write; close s; lose c; repeat s fin; state c; state s", "ok ok ok ok ok:BW081 TIME_WAIT CLOSED")]
    [InlineData("hold c; shutdown c write; send s 10; lose c; repeat s data; state c; state s; receive c 10", "ok ok ok ok ok FIN_WAIT2 CLOSE_WAIT ok")]
    [InlineData("hold c; shutdown c write; send s 10; shutdown s write; close c; lose c; repeat s fin; state c; state s", "ok ok ok ok ok ok ok:BW088 CLOSED CLOSED")]
    [InlineData("hold c; send s 10; close c; lose c; repeat s ack; state c; state s; wait 1s; state c", "ok ok ok:BW083 ok ok:BW083 FIN_WAIT2 CLOSE_WAIT ok:BW088 CLOSED")]
    [InlineData("sysctl net.ipv4.tcp_fin_timeout = 120; hold c; close c; close s; lose c; repeat s fin; state c; wait 63s; state c", "ok ok ok:BW083 ok ok ok:BW081 TIME_WAIT ok:BW090 CLOSED")]
    [InlineData("close s; hold c; close c; lose c; wait 300ms; state c; state s", "ok:BW083 ok ok:BW081 ok ok CLOSED TIME_WAIT")]
    [InlineData("hold c; close s; close c; lose c; wait 300ms; state c; state s", "ok ok:BW083 ok:BW083 ok ok:BW081 TIME_WAIT TIME_WAIT")]
    public void Segment_ThatAcknowledgesTheFin_IsReceivedWithAllItBrings(string steps, string told) =>
        Assert.Equal(told, Play(Connection, steps));

    [Theory]
    // The other end had not seen the FIN when it sent what the RST answers (tcp_reset_check()).
    [InlineData("hold c; send s 10; close c; lose c; repeat s data; state c; state s; send s 1", "ok ok ok:BW083 ok ok:BW088 CLOSED CLOSED EPIPE:BW078")]
    [InlineData("hold c; send s 10; close s; close c; lose c; repeat s data; state c; state s", "ok ok ok:BW083 ok:BW083 ok ok:BW088 CLOSED CLOSED")]
    // Before its FIN is acknowledged, and with data that nobody read in every state, an end says that it ends.
    [InlineData("hold c; shutdown c write; abort c; state c; state s", "ok ok ok:BW085 CLOSED CLOSED")]
    [InlineData("send s 5; hold s; shutdown c write; shutdown s write; state c; close c; lose s; repeat c reset; state s", "ok ok ok ok CLOSING ok:BW084 ok ok CLOSED")]
    [InlineData("send s 5; hold s; shutdown s write; shutdown c write; state c; close c; lose s; repeat c reset; state s", "ok ok ok ok LAST_ACK ok:BW084 ok ok CLOSED")]
    [InlineData("hold s; shutdown c write; shutdown s write; state c; abort c; lose s; repeat c reset; state s", "ok ok ok CLOSING ok:BW085 ok EINVAL FIN_WAIT1")]
    public void Reset_AroundTheFins_EndsTheOtherEndToo(string steps, string told) => Assert.Equal(told, Play(Connection, steps));

    [Fact]
    public void Acknowledgements_BeyondGapsAtBothEnds_DoNotAnswerEachOther() => Assert.Equal("ok ok ok ok ok ok ok ok FIN_WAIT1 ESTABLISHED", Play(
        Connection, "hold c; send s 1; send c 1; hold s; shutdown c write; lose c; lose s; repeat s ack; state c; state s"));

    [Theory]
    [InlineData("send c 5; abort c; d = tcp 127.0.0.1:8080 connect l; t = accept l; repeat c data; receive t 5; repeat c reset; state t", "ok ok:BW085 ok ok:BW001 ok:BW061 ok:BW073 ok EAGAIN:BW079 ok ESTABLISHED")]
    [InlineData("send s 5; abort s; close c; d = tcp 127.0.0.1:8080 connect l; t = accept l; repeat s data; receive d 5; repeat s reset; state d", "ok ok:BW085 ok ok ok:BW001 ok:BW061 ok:BW073 ok EAGAIN:BW079 ok ESTABLISHED")]
    [InlineData("close c; close s; repeat s ack; d = tcp reuseaddr 127.0.0.1:8080 connect l; repeat s fin; repeat s data; state d", "ok:BW083 ok:BW081 ok ok ok ok:BW001 ok:BW061 ok EINVAL ESTABLISHED")]
    [InlineData("close c; close s; repeat c syn; d = tcp reuseaddr 127.0.0.1:8080 connect l; repeat s fin; state d", "ok:BW083 ok:BW081 ok ok ok ok:BW001 ok:BW061 ok ESTABLISHED")]
    public void Repeat_InANewConnectionOfTheSameFourTuple_ChangesNothing(string steps, string told) => Assert.Equal(told, Play(Connection, steps));

    private static string Play(string before, string text)
    {
        var parse = BindText.Parse(before + text);
        Assert.Null(parse.Fault);
        var skipped = before.Length == 0 ? 0 : BindText.Parse(before).Scenario!.Steps.Length;
        using var host = new SimulatedHost(parse.Scenario!);
        List<StepResult> results = [.. parse.Scenario!.Steps.Select(host.Play)];
        return string.Join(' ', results.Skip(skipped).Select(static result => result.Rule is { } rule ? $"{result.Result}:{rule}" : result.Result));
    }
}

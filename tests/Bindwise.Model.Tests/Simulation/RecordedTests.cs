using System.Globalization;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Recording;
using Bindwise.Model.Simulation;

namespace Bindwise.Model.Tests.Simulation;

/// <summary>What the simulated host records below the system calls: states, segments and the table (RFC 9293; the numbers are relative).</summary>
public sealed class RecordedTests
{
    private const string Connection = "l = tcp 127.0.0.1:9090 listen\nc = tcp 127.0.0.1:8080 connect l\ns = accept l\n";

    [Fact]
    public void Connect_ToAListener_RecordsTheHandshake() => Assert.Equal(
            """
            open -> ok
            bind -> ok
              0 l [::]:9090 >Bound
            listen -> ok
              0 l [::]:9090 Bound>Listen
            open -> ok
            connect -> ok
              0 c 127.0.0.1:32768 127.0.0.1:9090 >SynSent
              0 127.0.0.1:32768 127.0.0.1:9090 Syn 0 0 0 Delivered
              0 - 127.0.0.1:9090 127.0.0.1:32768 >SynReceived
              0 127.0.0.1:9090 127.0.0.1:32768 Syn, Ack 0 1 0 Delivered
              0 c 127.0.0.1:32768 127.0.0.1:9090 SynSent>Established
              0 127.0.0.1:32768 127.0.0.1:9090 Ack 1 1 0 Delivered
              0 - 127.0.0.1:9090 127.0.0.1:32768 SynReceived>Established
            table
              - Tcp 127.0.0.1:9090 127.0.0.1:32768 Established
              l Tcp [::]:9090 Listen
              c Tcp 127.0.0.1:32768 127.0.0.1:9090 Established
            """,
            Record("", "l = tcp [::]:9090 listen; c = tcp connect 127.0.0.1:9090"));

    [Fact]
    public void Connect_ToNobody_RecordsTheReset() => Assert.Equal(
            """
            open -> ok
            bind -> ok
              0 c 127.0.0.1:8080 >Bound
            connect -> ECONNREFUSED
              0 c 127.0.0.1:8080 127.0.0.1:1 Bound>SynSent
              0 127.0.0.1:8080 127.0.0.1:1 Syn 0 0 0 Delivered
              0 127.0.0.1:1 127.0.0.1:8080 Reset, Ack 0 1 0 Delivered
              0 c 127.0.0.1:8080 127.0.0.1:1 SynSent>Bound
            listen -> ok
              0 c 127.0.0.1:8080 Bound>Listen
            shutdown -> ok
              0 c 127.0.0.1:8080 Listen>Bound
            table
              c Tcp 127.0.0.1:8080 Bound
            """,
            Record("", "c = tcp 127.0.0.1:8080; connect c 127.0.0.1:1; listen c; shutdown c read"));

    [Fact]
    public void Abort_BeforeAccept_RecordsTheEndOfBoth() => Assert.Equal(
            """
            open -> ok
            bind -> ok
              0 l [::]:9090 >Bound
            listen -> ok
              0 l [::]:9090 Bound>Listen
            open -> ok
            bind -> ok
              0 d [::1]:8080 >Bound
            connect -> ok
              0 d [::1]:8080 [::1]:9090 Bound>SynSent
              0 [::1]:8080 [::1]:9090 Syn 0 0 0 Delivered
              0 - [::1]:9090 [::1]:8080 >SynReceived
              0 [::1]:9090 [::1]:8080 Syn, Ack 0 1 0 Delivered
              0 d [::1]:8080 [::1]:9090 SynSent>Established
              0 [::1]:8080 [::1]:9090 Ack 1 1 0 Delivered
              0 - [::1]:9090 [::1]:8080 SynReceived>Established
            abort -> ok
              0 d [::1]:8080 [::1]:9090 Established>
              0 [::1]:8080 [::1]:9090 Reset, Ack 1 1 0 Delivered
              0 - [::1]:9090 [::1]:8080 Established>
            table
              l Tcp [::]:9090 Listen
            """,
            Record("", "l = tcp [::]:9090 listen; d = tcp [::1]:8080 connect l; abort d"));

    [Fact]
    public void Close_OfBothEnds_RecordsEachState() => Assert.Equal(
            """
            close -> ok
              0 c 127.0.0.1:8080 127.0.0.1:9090 Established>FinWait1
              0 127.0.0.1:8080 127.0.0.1:9090 Fin, Ack 1 1 0 Delivered
              0 s 127.0.0.1:9090 127.0.0.1:8080 Established>CloseWait
              0 127.0.0.1:9090 127.0.0.1:8080 Ack 1 2 0 Delivered
              0 c 127.0.0.1:8080 127.0.0.1:9090 FinWait1>FinWait2
            close -> ok
              0 s 127.0.0.1:9090 127.0.0.1:8080 CloseWait>LastAck
              0 127.0.0.1:9090 127.0.0.1:8080 Fin, Ack 1 2 0 Delivered
              0 c 127.0.0.1:8080 127.0.0.1:9090 FinWait2>TimeWait
              0 127.0.0.1:8080 127.0.0.1:9090 Ack 2 2 0 Delivered
              0 s 127.0.0.1:9090 127.0.0.1:8080 LastAck>
            wait -> ok
            table
              c Tcp 127.0.0.1:8080 127.0.0.1:9090 TimeWait 60.048
              l Tcp 127.0.0.1:9090 Listen
            """,
            Record(Connection, "close c; close s; wait 2s"));

    [Fact]
    public void Close_WithUnreadData_RecordsTheReset() => Assert.Equal(
            """
            send -> ok
              0 127.0.0.1:8080 127.0.0.1:9090 Push, Ack 1 1 1 Delivered
              0 127.0.0.1:9090 127.0.0.1:8080 Ack 1 2 0 Delivered
            receive -> ok
            send -> ok
              0 127.0.0.1:9090 127.0.0.1:8080 Push, Ack 1 2 100 Delivered
              0 127.0.0.1:8080 127.0.0.1:9090 Ack 2 101 0 Delivered
            close -> ok
              0 c 127.0.0.1:8080 127.0.0.1:9090 Established>
              0 127.0.0.1:8080 127.0.0.1:9090 Reset, Ack 2 101 0 Delivered
              0 s 127.0.0.1:9090 127.0.0.1:8080 Established>
            close -> ok
            wait -> ok
            close -> ok
              1500 l 127.0.0.1:9090 Listen>
            table
            """,
            Record(Connection, "send c 1; receive s 1; send s 100; close c; close s; wait 1.5s; close l"));

    [Fact]
    public void Close_OfOneEnd_RecordsWhatIsLeft() => Assert.Equal(
            """
            close -> ok
              0 c 127.0.0.1:8080 127.0.0.1:9090 Established>FinWait1
              0 127.0.0.1:8080 127.0.0.1:9090 Fin, Ack 1 1 0 Delivered
              0 s 127.0.0.1:9090 127.0.0.1:8080 Established>CloseWait
              0 127.0.0.1:9090 127.0.0.1:8080 Ack 1 2 0 Delivered
              0 c 127.0.0.1:8080 127.0.0.1:9090 FinWait1>FinWait2
            wait -> ok
            table
              c Tcp 127.0.0.1:8080 127.0.0.1:9090 FinWait2 61.548
              s Tcp 127.0.0.1:9090 127.0.0.1:8080 CloseWait
              l Tcp 127.0.0.1:9090 Listen
            """,
            Record(Connection, "close c; wait 0.5s"));

    [Fact]
    public void Close_OfTheOtherEndTooLate_RecordsTheReset() => Assert.Equal(
            """
            close -> ok
              0 c 127.0.0.1:8080 127.0.0.1:9090 Established>FinWait1
              0 127.0.0.1:8080 127.0.0.1:9090 Fin, Ack 1 1 0 Delivered
              0 s 127.0.0.1:9090 127.0.0.1:8080 Established>CloseWait
              0 127.0.0.1:9090 127.0.0.1:8080 Ack 1 2 0 Delivered
              0 c 127.0.0.1:8080 127.0.0.1:9090 FinWait1>FinWait2
            wait -> ok
              62048 c 127.0.0.1:8080 127.0.0.1:9090 FinWait2>
            close -> ok
              70000 s 127.0.0.1:9090 127.0.0.1:8080 CloseWait>LastAck
              70000 127.0.0.1:9090 127.0.0.1:8080 Fin, Ack 1 2 0 Delivered
              70000 127.0.0.1:8080 127.0.0.1:9090 Reset 2 0 0 Delivered
              70000 s 127.0.0.1:9090 127.0.0.1:8080 LastAck>
            table
              l Tcp 127.0.0.1:9090 Listen
            """,
            Record(Connection, "close c; wait 70s; close s"));

    [Fact]
    public void Shutdown_OfOneEnd_LeavesATimerToNobody() => Assert.Equal(
            """
            shutdown -> ok
              0 c 127.0.0.1:8080 127.0.0.1:9090 Established>FinWait1
              0 127.0.0.1:8080 127.0.0.1:9090 Fin, Ack 1 1 0 Delivered
              0 s 127.0.0.1:9090 127.0.0.1:8080 Established>CloseWait
              0 127.0.0.1:9090 127.0.0.1:8080 Ack 1 2 0 Delivered
              0 c 127.0.0.1:8080 127.0.0.1:9090 FinWait1>FinWait2
            wait -> ok
            table
              c Tcp 127.0.0.1:8080 127.0.0.1:9090 FinWait2
              s Tcp 127.0.0.1:9090 127.0.0.1:8080 CloseWait
              l Tcp 127.0.0.1:9090 Listen
            """,
            Record(Connection, "shutdown c write; wait 1s"));

    [Fact]
    public void Segments_HeldLostReleasedAndRepeated_AreRecordedAsSuch() => Assert.Equal(
            """
            hold -> ok
            send -> ok
              0 127.0.0.1:8080 127.0.0.1:9090 Push, Ack 1 1 10 Held
            lose -> ok
              0 127.0.0.1:8080 127.0.0.1:9090 Push, Ack 1 1 10 Lost
            wait -> ok
              204 127.0.0.1:8080 127.0.0.1:9090 Push, Ack 1 1 10 Delivered
              204 127.0.0.1:9090 127.0.0.1:8080 Ack 1 11 0 Delivered
            hold -> ok
            send -> ok
              1000 127.0.0.1:9090 127.0.0.1:8080 Push, Ack 1 11 5 Held
            release -> ok
              1000 127.0.0.1:9090 127.0.0.1:8080 Push, Ack 1 11 5 Released
              1000 127.0.0.1:8080 127.0.0.1:9090 Ack 11 6 0 Delivered
            repeat -> ok
              1000 127.0.0.1:9090 127.0.0.1:8080 Push, Ack 1 11 5 Repeated
              1000 127.0.0.1:8080 127.0.0.1:9090 Ack 11 6 0 Delivered
            stream -> ok
              1000 127.0.0.1:8080 127.0.0.1:9090 Push, Ack 11 6 1048576 Delivered
            close -> ok
              1000 s 127.0.0.1:9090 127.0.0.1:8080 Established>
              1000 127.0.0.1:9090 127.0.0.1:8080 Reset, Ack 6 1048587 0 Delivered
              1000 c 127.0.0.1:8080 127.0.0.1:9090 Established>Bound
            table
              c Tcp 127.0.0.1:8080 Bound
              l Tcp 127.0.0.1:9090 Listen
            """,
            Record(Connection, "hold s; send c 10; lose s; wait 1s; hold c; send s 5; release c; repeat s data; stream c s 1MiB; close s"));

    [Fact]
    public void Connect_OverATimeWait_RecordsNumbersOfItsOwn() => Assert.Equal(
            """
            wait -> ok
            open -> ok
            connect -> ok
              2000 d 127.0.0.1:40000 127.0.0.1:9090 >SynSent
              2000 c 127.0.0.1:40000 127.0.0.1:9090 TimeWait>
              2000 127.0.0.1:40000 127.0.0.1:9090 Syn 0 0 0 Delivered
              2000 - 127.0.0.1:9090 127.0.0.1:40000 >SynReceived
              2000 127.0.0.1:9090 127.0.0.1:40000 Syn, Ack 0 1 0 Delivered
              2000 d 127.0.0.1:40000 127.0.0.1:9090 SynSent>Established
              2000 127.0.0.1:40000 127.0.0.1:9090 Ack 1 1 0 Delivered
              2000 - 127.0.0.1:9090 127.0.0.1:40000 SynReceived>Established
            accept -> ok
            send -> ok
              2000 127.0.0.1:40000 127.0.0.1:9090 Push, Ack 1 1 3 Delivered
              2000 127.0.0.1:9090 127.0.0.1:40000 Ack 1 4 0 Delivered
            table
              t Tcp 127.0.0.1:9090 127.0.0.1:40000 Established
              l Tcp 127.0.0.1:9090 Listen
              d Tcp 127.0.0.1:40000 127.0.0.1:9090 Established
            """,
            Record("sysctl net.ipv4.ip_local_port_range = 40000 40000\nl = tcp 127.0.0.1:9090 listen\nc = tcp connect l\ns = accept l\nclose c\nclose s\n", "wait 2s; d = tcp connect l; t = accept l; send d 3"));

    [Fact]
    public void Table_OfUdpAndProcesses_NamesThem() => Assert.Equal(
            """
            open -> ok
            bind -> ok
            open -> ok
            bind -> ok
            connect -> ok
            open -> ok
            bind -> ok
              0 a 127.0.0.1:8080 >Bound
            listen -> ok
              0 a 127.0.0.1:8080 Bound>Listen
            open -> ok
            connect -> ok
              0 b 127.0.0.1:32768 127.0.0.1:8080 >SynSent
              0 127.0.0.1:32768 127.0.0.1:8080 Syn 0 0 0 Delivered
              0 - 127.0.0.1:8080 127.0.0.1:32768 >SynReceived
              0 127.0.0.1:8080 127.0.0.1:32768 Syn, Ack 0 1 0 Delivered
              0 b 127.0.0.1:32768 127.0.0.1:8080 SynSent>Established
              0 127.0.0.1:32768 127.0.0.1:8080 Ack 1 1 0 Delivered
              0 - 127.0.0.1:8080 127.0.0.1:32768 SynReceived>Established
            table
              u Udp 127.0.0.1:5353 Close  p
              v Udp 127.0.0.1:5354 127.0.0.1:5353 Established
              - Tcp 127.0.0.1:8080 127.0.0.1:32768 Established  q
              a Tcp 127.0.0.1:8080 Listen  q
              b Tcp 127.0.0.1:32768 127.0.0.1:8080 Established
            """,
            Record("", "u = udp in p 127.0.0.1:5353; v = udp [::]:5354; connect v 127.0.0.1:5353; a = tcp in q 127.0.0.1:8080 listen; b = tcp connect a"));

    [Fact]
    public void Segments_LostTogether_AreSentAgainInTheirOrder() => Assert.Equal(
            """
            hold -> ok
            send -> ok
              0 127.0.0.1:8080 127.0.0.1:9090 Push, Ack 1 1 10 Held
            send -> ok
            send -> ok
            lose -> ok
              0 127.0.0.1:8080 127.0.0.1:9090 Push, Ack 1 1 10 Lost
            wait -> ok
              204 127.0.0.1:8080 127.0.0.1:9090 Push, Ack 1 1 10 Delivered
              204 127.0.0.1:9090 127.0.0.1:8080 Ack 1 11 0 Delivered
              204 127.0.0.1:8080 127.0.0.1:9090 Push, Ack 11 1 50 Delivered
              204 127.0.0.1:9090 127.0.0.1:8080 Ack 1 61 0 Delivered
            receive -> ok
            table
              c Tcp 127.0.0.1:8080 127.0.0.1:9090 Established
              s Tcp 127.0.0.1:9090 127.0.0.1:8080 Established
              l Tcp 127.0.0.1:9090 Listen
            """,
            Record(Connection, "hold s; send c 10; send c 20; send c 30; lose s; wait 3s; receive s 60"));

    [Fact]
    public void Fin_LostWithData_IsSentAgainWithIt() => Assert.Equal(
            """
            hold -> ok
            send -> ok
              0 127.0.0.1:8080 127.0.0.1:9090 Push, Ack 1 1 10 Held
            shutdown -> ok
              0 c 127.0.0.1:8080 127.0.0.1:9090 Established>FinWait1
              0 127.0.0.1:8080 127.0.0.1:9090 Fin, Ack 11 1 0 Held
            lose -> ok
              0 127.0.0.1:8080 127.0.0.1:9090 Push, Ack 1 1 10 Lost
              0 127.0.0.1:8080 127.0.0.1:9090 Fin, Ack 11 1 0 Lost
            wait -> ok
              204 127.0.0.1:8080 127.0.0.1:9090 Push, Ack 1 1 10 Delivered
              204 127.0.0.1:9090 127.0.0.1:8080 Ack 1 11 0 Delivered
              204 127.0.0.1:8080 127.0.0.1:9090 Fin, Ack 11 1 0 Delivered
              204 s 127.0.0.1:9090 127.0.0.1:8080 Established>CloseWait
              204 127.0.0.1:9090 127.0.0.1:8080 Ack 1 12 0 Delivered
              204 c 127.0.0.1:8080 127.0.0.1:9090 FinWait1>FinWait2
            state -> CLOSE_WAIT
            table
              c Tcp 127.0.0.1:8080 127.0.0.1:9090 FinWait2
              s Tcp 127.0.0.1:9090 127.0.0.1:8080 CloseWait
              l Tcp 127.0.0.1:9090 Listen
            """,
            Record(Connection, "hold s; send c 10; shutdown c write; lose s; wait 3s; state s"));

    [Fact]
    public void Table_OfALongFinWait2_TellsTheTimeOfItsFullSocket()
    {
        using var host = PlayAll("sysctl net.ipv4.tcp_fin_timeout = 120\n" + Connection + "close c\nwait 1s");
        Assert.Equal("  c Tcp 127.0.0.1:8080 127.0.0.1:9090 FinWait2 61.048", Line(host.Sockets().Single(static row => row.State == TcpSocketState.FinWait2)));
    }

    [Fact]
    public void Events_TakenAtTheEnd_KeepTheirOrder()
    {
        using var host = PlayAll(Connection + "stream c s 1KiB");
        Assert.Equal(
            ["  0 s 127.0.0.1:9090 127.0.0.1:8080 SynReceived>Established", "  0 127.0.0.1:8080 127.0.0.1:9090 Push, Ack 1 1 1024 Delivered"],
            host.TakeEvents().Select(Line).TakeLast(2));
    }

    private static SimulatedHost PlayAll(string text)
    {
        var parse = BindText.Parse(text);
        Assert.Null(parse.Fault);
        var host = new SimulatedHost(parse.Scenario!, records: true);
        foreach (var step in parse.Scenario!.Steps)
            host.Play(step);
        return host;
    }

    private static string Record(string before, string text)
    {
        var parse = BindText.Parse(before + text);
        Assert.Null(parse.Fault);
        using var host = new SimulatedHost(parse.Scenario!, records: true);
        var lines = new List<string>();
        var skipped = before.Length == 0 ? 0 : BindText.Parse(before).Scenario!.Steps.Length;
        foreach (var step in parse.Scenario!.Steps)
        {
            var result = host.Play(step).Result;
            var events = host.TakeEvents();
            if (skipped-- > 0)
                continue;
            lines.Add($"{StepOps.Of(step)} -> {result}");
            lines.AddRange(events.Select(Line));
        }
        lines.Add("table");
        lines.AddRange(host.Sockets().Select(Line));
        return string.Join('\n', lines);
    }

    private static string Line(HostEvent told) => told switch
    {
        StateEvent state => Invariant($"  {state.At.TotalMilliseconds} {state.Socket ?? "-"} {state.Local}{(state.Remote is { } end ? $" {end}" : "")} {Name(state.From)}>{Name(state.To)}"),
        SegmentEvent segment => Invariant($"  {segment.At.TotalMilliseconds} {segment.From} {segment.To} {segment.Flags} {segment.Sequence} {segment.Acknowledgement} {segment.Bytes} {segment.Fate}"),
        _ => throw new ArgumentException("neither", nameof(told)),
    };

    private static string Line(SocketRow row) => Invariant(
        $"  {row.Socket ?? "-"} {row.Protocol} {row.Local}{(row.Remote is { } end ? $" {end}" : "")} {row.State} {row.SecondsLeft} {row.Process}").TrimEnd();

    private static string Name(TcpSocketState? state) => state?.ToString() ?? "";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

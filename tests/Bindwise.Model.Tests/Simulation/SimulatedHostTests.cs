using Bindwise.Model.Scenarios;
using Bindwise.Model.Simulation;

namespace Bindwise.Model.Tests.Simulation;

/// <summary>What no row of a table shows: moments that no clock of a kernel can be stopped at, states, words, and steps that no scenario can hold.</summary>
public sealed class SimulatedHostTests
{
    private const string Connection = "l = tcp 127.0.0.1:9090 listen\nc = tcp 127.0.0.1:8080 connect l\ns = accept l\n";

    [Theory]
    [InlineData("a = tcp 127.0.0.1:8080", "")]
    [InlineData("a = tcp 127.0.0.1:8080 listen", "LISTEN")]
    [InlineData("a = tcp connect 127.0.0.1:8080", "SYN_SENT BOUND")]
    [InlineData("l = tcp 127.0.0.1:8080 listen\na = connect l", "ESTABLISHED SYN_SENT LISTEN NEW_SYN_RECV")]
    [InlineData("a = udp connect 127.0.0.1:8080", "ESTABLISHED")]
    [InlineData("a = tcp 127.0.0.1:8080 connect 127.0.0.1:8080", "ESTABLISHED SYN_SENT SYN_RECV")]
    [InlineData("a = tcp device lo connect 203.0.113.1:9090", "SYN_SENT")]
    public void Steps_OfASocket_ReachTheirStates(string text, string states)
    {
        using var host = Play(text, out _);

        Assert.Equal(states, string.Join(' ', host.StatesReached.Select(static state => TcpStateNames.Of(state, Protocol.Tcp))));
    }

    [Theory]
    [InlineData("a = tcp 127.0.0.1:8080\nb = tcp 127.0.0.1:8080", "BW005")]
    [InlineData("a = tcp 127.0.0.1:8080", "BW001")]
    [InlineData("a = tcp 127.0.0.1:8080\nclose a", null)]
    public void Answer_ByARule_SaysItsSentence(string text, string? rule)
    {
        using var host = Play(text, out var results);

        Assert.Equal((rule, RuleBook.InScenarios.SingleOrDefault(known => known.Id.Value == rule)?.Sentence ?? ""), (results[^1].Rule, results[^1].Because));
    }

    [Theory]
    [InlineData("1", "BW065")] // tcp_twsk_unique() asks time_after32(): more than tcp_tw_reuse_delay, not as much
    [InlineData("1.001", "BW066")]
    public void Connect_OverATimeWaitAsOldAsTheDelay_IsTooEarly(string seconds, string rule)
    {
        using var host = Play(
            "sysctl net.ipv4.ip_local_port_range = 40000 40000\nl = tcp 127.0.0.1:9090 listen\nc = connect l\ns = accept l\nclose c\nclose s\n"
            + $"wait {seconds}s\nd = connect l",
            out var results);

        Assert.Equal(rule, results[^1].Rule);
    }

    [Theory]
    [InlineData("2", "2.031", "BW005")] // FIN_WAIT2 without an owner
    [InlineData("2", "2.032", "BW001")]
    [InlineData("0", "0.746", "BW005")] // no shorter than 3.5 times a round trip's time-out
    [InlineData("0", "0.747", "BW001")]
    [InlineData("60", "62.047", "BW005")]
    [InlineData("60", "62.048", "BW001")]
    [InlineData("61", "2.063", "BW005")] // a second as a full socket, another as an entry
    [InlineData("61", "2.064", "BW001")]
    [InlineData("120", "124.095", "BW005")]
    [InlineData("120", "124.096", "BW001")]
    public void Bind_OverAFinWait2WithoutOwner_WaitsForItsEnd(string timeout, string seconds, string rule)
    {
        using var host = Play($"sysctl net.ipv4.tcp_fin_timeout = {timeout}\n{Connection}close c\nwait {seconds}s\nb = tcp 127.0.0.1:8080", out var results);

        Assert.Equal(rule, results[^1].Rule);
    }

    [Theory]
    [InlineData("4ms", "BW062")] // a SYN within the old connection's window resets what is left of it; one beyond is acknowledged, and tries again
    [InlineData("5ms", "BW061")]
    public void Connect_OverAFinWait2WithoutOwner_DependsOnTheSequenceNumbersOfThen(string wait, string rule)
    {
        using var host = Play(
            "wait 1s\nl = tcp 127.0.0.1:9090 listen\nc = tcp device lo reuseaddr 127.0.0.1:8080 connect l\ns = accept l\nclose s\n"
            + $"wait {wait}\nd = tcp reuseaddr 127.0.0.1:8080 connect l",
            out var results);

        Assert.Equal(rule, results[^1].Rule);
    }

    [Theory]
    [InlineData("62.047", "BW005")]
    [InlineData("62.048", "BW001")]
    public void Bind_OverATimeWait_WaitsForItsEnd(string seconds, string rule)
    {
        using var host = Play($"{Connection}close c\nclose s\nwait {seconds}s\nb = tcp 127.0.0.1:8080", out var results);

        Assert.Equal(rule, results[^1].Rule);
    }

    [Theory]
    [InlineData("40000-40001", null)]
    [InlineData("0-0", null)]
    [InlineData("65535-65535", null)]
    [InlineData("40001-40000", "EINVAL")]
    [InlineData("40000", "EINVAL")]
    [InlineData("-40000", "EINVAL")]
    [InlineData("40000-", "EINVAL")]
    [InlineData("40000-40001-40002", "EINVAL")]
    [InlineData("40000-65536", "EINVAL")]
    [InlineData("x-40000", "EINVAL")]
    public void Set_OfAPortRangeInWords_ReadsTwoPorts(string text, string? errno)
    {
        using var host = new SimulatedHost();
        host.Play(new OpenStep("a", Protocol.Tcp, IpFamily.IPv4));

        Assert.Equal(errno ?? StepResult.Ok, host.Play(new SetStep("a", SocketOption.LocalPortRange, new OptionValue(0, text))).Result);
    }

    [Fact]
    public void Set_OfADeviceWithoutAName_UnbindsTheSocket()
    {
        using var host = new SimulatedHost();
        host.Play(new OpenStep("a", Protocol.Tcp, IpFamily.IPv4) { Device = "v0" });

        Assert.Equal(StepResult.Ok, host.Play(new SetStep("a", SocketOption.BindToDevice, new OptionValue(0))).Result);
    }

    [Fact]
    public void Host_OfNoScenario_HasThePair()
    {
        using var host = new SimulatedHost();

        Assert.Equal(StepResult.Ok, host.Play(new OpenStep("a", Protocol.Tcp, IpFamily.IPv4) { Device = "v1" }).Result);
    }

    [Fact]
    public void Host_ThatRecordsNothing_HasNoEventsAndNoTable()
    {
        using var host = Play(Connection, out _);
        using var empty = new SimulatedHost();
        empty.Play(new OpenStep("a", Protocol.Tcp, IpFamily.IPv4));
        empty.Play(new BindStep("a", IpAddress.LoopbackIPv4, 8080));

        Assert.Empty(host.TakeEvents());
        Assert.Empty(host.Sockets());
        Assert.Empty(empty.TakeEvents());
        Assert.Empty(empty.Sockets());
    }

    [Fact]
    public void Play_OfAStepThatNobodyKnows_SaysSo()
    {
        using var host = new SimulatedHost();
        host.Play(new OpenStep("a", Protocol.Tcp, IpFamily.IPv4));

        Assert.Throws<UnplayableException>(() => host.Play(new OddStep("a")));
    }

    [Theory]
    [InlineData("state b", "ENOSOCK")]
    [InlineData("name b", "ENOSOCK")]
    [InlineData("a = tcp 127.0.0.1:8080\nclose a\nname a", "ENOSOCK")]
    [InlineData("a = tcp 127.0.0.1:8080\nname a", "127.0.0.1:8080")]
    [InlineData("a = tcp 127.0.0.1:8080\nclose a\nstate a\nname a", "ENOSOCK")]
    [InlineData("a = tcp 127.0.0.1:8080\nclose a\nstate a", "CLOSED")]
    [InlineData("a = tcp 127.0.0.1:8080\nstate a", "BOUND")]
    [InlineData("a = tcp\nstate a", "CLOSED")]
    [InlineData("a = udp\nstate a", "CLOSED")]
    [InlineData("a = udp 127.0.0.1:53\nstate a", "UNCONN")]
    [InlineData("a = udp 127.0.0.1:53\nclose a\nstate a", "CLOSED")]
    [InlineData("a = tcp 127.0.0.1:8080 listen\nhold a", "ENOTCONN")]
    // A member of a SO_REUSEPORT group ends the search, even before one with a higher score.
    [InlineData("b = udp device lo reuseport 127.0.0.1:53\na = udp reuseport 127.0.0.1:53\nc = udp\nsend c 1 to 127.0.0.1:53\nreceive a 1", "ok")]
    public void Play_OnASocket_AnswersAsItStands(string text, string told)
    {
        using var host = Play(text, out var results);

        Assert.Equal(told, results[^1].Result);
    }

    [Theory]
    [InlineData("close c", "FIN_WAIT1 ESTABLISHED")] // the answer to its FIN meets the newer one
    [InlineData("close d", "ESTABLISHED FIN_WAIT2")]
    [InlineData("abort c", "CLOSED ESTABLISHED")]
    [InlineData("abort d", "ESTABLISHED CLOSED")]
    [InlineData("abort d; f = tcp reuseaddr 127.0.0.1:8080 connect l; abort c; abort f", "CLOSED CLOSED")]
    public void Close_OfOneOfTwoConnectionsThatAnInterfaceKeepsApart_LeavesTheOther(string end, string states)
    {
        using var host = Play(
            "l = tcp 127.0.0.1:9090 listen; c = tcp device lo reuseaddr 127.0.0.1:8080 connect l; s = accept l\n"
            + $"d = tcp reuseaddr 127.0.0.1:8080 connect l; t = accept l; abort s\n{end}\nstate c\nstate d",
            out var results);

        Assert.Equal(states, $"{results[^2].Result} {results[^1].Result}");
    }

    [Fact]
    public void Connect_OverItsOwnTimeWait_TakesNumbersBehindTheOldOnes()
    {
        // An old segment that turns up once more is then no data of the new connection (RFC 9293 §3.4.3).
        using var host = Play(
            "l = tcp 127.0.0.1:9090 listen; c = tcp reuseaddr 127.0.0.1:8080 connect l; s = accept l; send c 1; receive s 1; close c; close s\n"
            + "d = tcp reuseaddr 127.0.0.1:8080 connect l; t = accept l; repeat c data; receive t 1",
            out var results);

        Assert.Equal(["BW064", "BW073", null, "BW079"], results[^4..].Select(static result => result.Rule));
    }

    [Fact]
    public void Play_OfAnExpectation_IsNoneOfAHostsSteps()
    {
        using var host = new SimulatedHost();

        Assert.Throws<ArgumentException>(() => host.Play(new ExpectStep(StepResult.Ok)));
    }

    private static SimulatedHost Play(string text, out List<StepResult> results)
    {
        var parse = BindText.Parse(text);
        Assert.Null(parse.Fault);
        var host = new SimulatedHost(parse.Scenario!);
        results = [.. parse.Scenario!.Steps.Select(host.Play)];
        return host;
    }

    private sealed record OddStep(string Socket) : SocketStep(Socket);
}

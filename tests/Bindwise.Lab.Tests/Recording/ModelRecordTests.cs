using System.Globalization;
using Bindwise.Lab.Recording;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Recording;

namespace Bindwise.Lab.Tests.Recording;

/// <summary>What the model tells beside its results: the same that the kernel tells, as Bindwise.Kernel.Tests holds one against the other.</summary>
public sealed class ModelRecordTests
{
    private const string Connection = "l = tcp 127.0.0.1:8080 listen\nc = tcp 127.0.0.1:9000 connect l\ns = accept l\n";

    [Fact]
    public void PlainClose_TellsSegmentsAndStatesInOrder()
    {
        var play = Play(Connection + "close s; close c");

        Assert.Equal(
            [
                "l: >Bound", "l: Bound>Listen", "c: >Bound", "c: Bound>SynSent", "9000 Syn 0 0 0", ": >SynReceived", "8080 Syn, Ack 0 1 0",
                "c: SynSent>Established", "9000 Ack 1 1 0", ": SynReceived>Established",
                "s: Established>FinWait1", "8080 Fin, Ack 1 1 0", "c: Established>CloseWait", "9000 Ack 1 2 0", "s: FinWait1>FinWait2",
                "c: CloseWait>LastAck", "9000 Fin, Ack 1 2 0", "s: FinWait2>TimeWait", "8080 Ack 2 2 0", "c: LastAck>",
            ],
            Events(play).Select(Report));
        Assert.Equal("s TimeWait 62.05", TellRow(play.Model!.Steps[^1].Sockets[0]));
    }

    [Fact]
    public void BothFins_Crossing_LeadThroughClosing()
    {
        var play = Play(Connection + "hold c; hold s; close c; close s; release c; release s; state c -> TIME_WAIT\nstate s -> TIME_WAIT\n");

        Assert.Equal(0, play.Result.FailedExpectations);
        foreach (var name in new[] { "c", "s" })
        {
            Assert.Equal(
                [TcpSocketState.FinWait1, TcpSocketState.Closing, TcpSocketState.TimeWait],
                Events(play).OfType<StateEvent>().Where(state => state.Socket == name && state.From is not (null or TcpSocketState.Bound or TcpSocketState.SynSent)).Select(static state => state.To!.Value));
        }
        Assert.Equal(
            [SegmentFate.Held, SegmentFate.Held, SegmentFate.Released, SegmentFate.Held, SegmentFate.Released, SegmentFate.Delivered, SegmentFate.Released],
            Events(play).OfType<SegmentEvent>().Skip(3).Select(static segment => segment.Fate));
    }

    [Theory]
    [InlineData("0.2", 1)] // a timer of 200 ms that the wheel rounds up by a tick
    [InlineData("0.204", 2)]
    [InlineData("0.407", 2)]
    [InlineData("0.408", 3)] // what comes again meets a TIME_WAIT whose answer is lost as well
    public void Fin_WithoutAnAnswer_IsSentAgainWhenItsTimeIsOver(string seconds, int times)
    {
        var play = Play(Connection + $"close c; hold s; close s; wait {seconds}s");

        Assert.Equal(times, Events(play).OfType<SegmentEvent>().Count(static segment => segment.From.Port == 8080 && segment.Flags.HasFlag(TcpFlags.Fin)));
    }

    [Fact]
    public void TimeWait_EndsInTheMiddleOfAWait_IsToldWithItsMoment()
    {
        var play = Play(Connection + "close c; close s; wait 100s");

        var end = Events(play).OfType<StateEvent>().Last();
        Assert.Equal((TcpSocketState.TimeWait, null, "c"), (end.From!.Value, end.To, end.Socket));
        Assert.Equal(62.048, end.At.TotalSeconds);
        Assert.Equal(100, play.Model!.Steps[^1].End.TotalSeconds);
    }

    [Fact]
    public void Retry_TellsEachAttempt()
    {
        var play = Play(Connection + "close s; close c; close l; n = tcp\nretry 10s for 70s bind n 127.0.0.1:8080 -> ok\n");

        var attempts = play.Model!.Steps.Where(static step => step.Step is BindStep { Socket: "n" }).ToList();
        Assert.Equal(8, attempts.Count);
        Assert.Equal([.. Enumerable.Repeat("EADDRINUSE", 7), "ok"], attempts.Select(static attempt => attempt.Result.Result));
        Assert.Equal(70, attempts[^1].Begin.TotalSeconds);
    }

    [Fact]
    public void SocketsOfAProcess_AreToldWithItsName()
    {
        var play = Play("l = tcp in server 127.0.0.1:8080 listen\nu = udp 127.0.0.1:53\nc = tcp connect l");

        Assert.Equal(
            ["u ", " server", "l server", "c "],
            play.Model!.Steps[^1].Sockets.Select(static row => $"{row.Socket} {row.Process}"));
    }

    [Fact]
    public void Host_ThatNobodyAsked_TellsNothing()
    {
        using var host = new Bindwise.Model.Simulation.SimulatedHost(BindText.Parse(Connection).Scenario!);
        host.Play(new OpenStep("a", Protocol.Tcp, IpFamily.IPv4));

        Assert.Empty(host.TakeEvents());
        Assert.Empty(host.Sockets());
    }

    private static RecordedPlay Play(string text)
    {
        var parse = BindText.Parse(text);
        return ModelRecorder.Play(parse.Scenario ?? throw new FormatException($"{parse.Fault}"), KernelRelease.Documented);
    }

    private static IEnumerable<HostEvent> Events(RecordedPlay play) => play.Model!.Steps.SelectMany(static step => step.Events);

    private static string Report(HostEvent happened) => happened switch
    {
        StateEvent state => $"{state.Socket}: {state.From}>{state.To}",
        SegmentEvent segment => $"{segment.From.Port} {segment.Flags} {segment.Sequence} {segment.Acknowledgement} {segment.Bytes}",
        _ => "",
    };

    private static string TellRow(SocketRow row) =>
        string.Create(CultureInfo.InvariantCulture, $"{row.Socket} {row.State} {row.SecondsLeft:F2}");
}

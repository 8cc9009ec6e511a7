using System.Collections.Concurrent;
using System.Diagnostics;
using Bindwise.Kernel.Tests.Isolation;
using Bindwise.Lab.Recording;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Recording;

namespace Bindwise.Lab.Kernel.Tests.Recording;

/// <summary>Plays that wait a minute, side by side, and tell how far they are.</summary>
[Trait("Lane", "second")]
public sealed class WaitingTests
{
    private const string TimeWait = "l = tcp 127.0.0.1:8080 listen\nc = tcp 127.0.0.1:9000 connect l\ns = accept l\nclose s; close c; close l\n";

    // A minute of TIME_WAIT cannot be had for less; so all that needs one waits here, side by side.
    [KernelFact(Timeout = Patience.OfATestMilliseconds)]
    public async Task Waits_OfManyPlays_OverlapAndAreTold()
    {
        Scenario[] scenarios =
        [
            .. Enumerable.Repeat(Parse(TimeWait + "wait 63s; state s -> CLOSED\nn = tcp 127.0.0.1:8080 -> ok\n"), 4),
            Parse(TimeWait + "n = tcp\nretry 500ms for 70s bind n 127.0.0.1:8080 -> ok\n"),
        ];
        var moments = new ConcurrentQueue<(int Index, PlayProgress Moment)>();
        var clock = Stopwatch.StartNew();

        using var player = new RecordingPlayer(new RecordingOptions());
        var plays = await Task.Run(() => player.PlayAll(scenarios, progress: (index, moment) => moments.Enqueue((index, moment))));

        // One after the other they would take more than 312 s.
        Assert.InRange(clock.Elapsed.TotalSeconds, 60, 312);
        Assert.All(plays, static play => Assert.Null(play.Result.Error));
        Assert.All(plays, static play => Assert.Equal(0, play.Result.FailedExpectations));
        // The meter: attempts beside the kernel's own countdown, two a second unless the machine is busy, and its end after second 60.
        var meter = moments.Where(static told => told.Index == 4).Select(static told => told.Moment).ToList();
        Assert.True(meter.Count > 100, $"{meter.Count} moments");
        Assert.Contains(meter, static moment => moment.Attempts > 40 && moment.Sockets.Any(static row => row is { State: TcpSocketState.TimeWait, SecondsLeft: < 20 }));
        var record = plays[4].Kernel!;
        Assert.InRange(record.Steps.Count(step => step.Step is BindStep && step.Index == scenarios[4].Steps.Length - 2), 60, 130);
        var end = record.Steps.SelectMany(static step => step.Events).OfType<StateEvent>().Single(static state => state is { From: TcpSocketState.TimeWait, To: null });
        // A busy machine sees it late.
        Assert.InRange(end.At.TotalSeconds, 59.9, 130);
        Assert.Equal("s", end.Socket);
    }

    private static Scenario Parse(string text)
    {
        var parse = BindText.Parse(text);
        return parse.Scenario ?? throw new FormatException($"{parse.Fault} in:\n{text}");
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using Bindwise.Kernel.Tests.Simulation;
using Bindwise.Kernel.Tests.Staging;
using Bindwise.Lab.Recording;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Recording;
using Bindwise.Model.Sockets;

namespace Bindwise.Kernel.Tests.Recording;

/// <summary>How plays are recorded: waits side by side, told while they last, left to the model, ended early; claims; processes.</summary>
[Collection(AloneCollection.Name)]
public sealed class PlayingTests
{
    private const int LongestMilliseconds = 120_000;

    private const string TimeWait = "l = tcp 127.0.0.1:8080 listen\nc = tcp 127.0.0.1:9000 connect l\ns = accept l\nclose s; close c; close l\n";

    // A minute of TIME_WAIT cannot be had for less; so all that needs one waits here, side by side.
    [KernelFact(Timeout = LongestMilliseconds)]
    public async Task Waits_OfManyPlays_OverlapAndAreTold()
    {
        Scenario[] scenarios =
        [
            .. Enumerable.Repeat(Parse(TimeWait + "wait 62.1s; state s -> CLOSED\nn = tcp 127.0.0.1:8080 -> ok\n"), 4),
            Parse(TimeWait + "n = tcp\nretry 500ms for 70s bind n 127.0.0.1:8080 -> ok\n"),
        ];
        var moments = new ConcurrentQueue<(int Index, PlayProgress Moment)>();
        var clock = Stopwatch.StartNew();

        using var player = new RecordingPlayer(new RecordingOptions());
        var plays = await Task.Run(() => player.PlayAll(scenarios, progress: (index, moment) => moments.Enqueue((index, moment))));

        Assert.InRange(clock.Elapsed.TotalSeconds, 60, 90);
        Assert.All(plays, static play => Assert.Null(play.Result.Error));
        Assert.All(plays, static play => Assert.Equal(0, play.Result.FailedExpectations));
        // The meter: attempts beside the kernel's own countdown, and its end between second 60 and what the timer wheel adds.
        var meter = moments.Where(static told => told.Index == 4).Select(static told => told.Moment).ToList();
        Assert.True(meter.Count > 200, $"{meter.Count} moments");
        Assert.Contains(meter, static moment => moment.Attempts > 100 && moment.Sockets.Any(static row => row is { State: TcpState.TimeWait, SecondsLeft: < 20 }));
        var record = plays[4].Kernel!;
        Assert.InRange(record.Steps.Count(step => step.Step is BindStep && step.Index == scenarios[4].Steps.Length - 2), 119, 130);
        var end = record.Steps.SelectMany(static step => step.Events).OfType<StateEvent>().Single(static state => state is { From: TcpState.TimeWait, To: null });
        Assert.InRange(end.At.TotalSeconds, 59.9, 62.6);
        Assert.Equal("s", end.Socket);
    }

    [KernelFact]
    public async Task LongWait_InAHurry_IsLeftToTheModel()
    {
        var play = await Task.Run(() => Recorded.Play(TimeWait + "wait 66s; state s -> CLOSED\nn = tcp 127.0.0.1:8080 -> ok\n", new RecordingOptions { IsFast = true }));

        Assert.Null(play.Result.Error);
        Assert.Equal(0, play.Result.FailedExpectations);
        var kernel = play.Kernel!;
        Assert.IsType<WaitStep>(kernel.Steps[kernel.VirtualFrom!.Value].Step);
        Assert.All(play.Result.Steps[kernel.Steps[kernel.VirtualFrom.Value].Index..], static outcome => Assert.Null(outcome.Kernel));
        Assert.All(play.Result.Steps[..kernel.Steps[kernel.VirtualFrom.Value].Index], static outcome => Assert.NotNull(outcome.Kernel));
        Assert.True(kernel.Steps[^1].End > TimeSpan.FromSeconds(66));
    }

    [KernelFact]
    public async Task Claims_AreToldWithWhatWasGiven()
    {
        var play = await Task.Run(() => Recorded.Play(
            TimeWait + "n = tcp reuseaddr 127.0.0.1:8080 -> EADDRINUSE claimed ok\nclose n -> ok claimed ok\n"));

        Assert.Equal([(false, false), (true, true)], play.Claims.Select(static claim => (claim.HoldsOnModel!.Value, claim.HoldsOnKernel!.Value)));
        Assert.Equal("EADDRINUSE", play.Claims[0].Kernel!.Result);
    }

    [KernelFact]
    public async Task Play_EndedEarly_LeavesSoon()
    {
        using var cancellation = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        using var player = new RecordingPlayer(new RecordingOptions());
        var clock = Stopwatch.StartNew();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Run(() =>
            player.PlayAll([Parse("wait 600s"), Parse("a = tcp\nretry 100ms for 600s listen x"), Parse(TimeWait + "wait 600s")], cancellation: cancellation.Token)));

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), clock.Elapsed.ToString());
    }

    [KernelFact]
    public async Task SocketsOfAProcess_AreToldWithItsName()
    {
        var play = await Task.Run(() => Recorded.Play(
            "l = tcp in server 127.0.0.1:8080 listen\nc = tcp 127.0.0.1:9000 connect l\ns = accept l\nhold c; signal server KILL; state s -> FIN_WAIT1\nrelease c; state s -> FIN_WAIT2\nclose c; state s -> TIME_WAIT\n"));

        Assert.Null(play.Result.Error);
        Assert.Equal(0, play.Result.FailedExpectations);
        Assert.False(play.Result.IsMismatch);
        var running = play.Kernel!.Steps.Last(static step => step.Step is AcceptStep).Sockets;
        Assert.Equal(Recorded.Tables(play.Model!, new Dictionary<ushort, string>()), Recorded.Tables(play.Kernel!, new Dictionary<ushort, string>()));
        Assert.All(running, static row => Assert.Equal(row.Socket is "l" or "s" ? "server" : null, row.Process));
        Assert.Null(play.Kernel.Steps[^1].Sockets.Single(static row => row.Socket == "s").Process);
    }

    private static Scenario Parse(string text)
    {
        var parse = BindText.Parse(text);
        return parse.Scenario ?? throw new FormatException($"{parse.Fault} in:\n{text}");
    }
}

using System.Diagnostics;
using Bindwise.Kernel.Tests.Isolation;
using Bindwise.Lab.Kernel.Tests.Simulation;
using Bindwise.Lab.Recording;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Kernel.Tests.Recording;

/// <summary>How plays are recorded: waits side by side, told while they last, left to the model, ended early; claims; processes.</summary>
[Trait("Lane", "second")]
[Collection(AloneCollection.Name)]
public sealed class PlayingTests
{
    private const string TimeWait = "l = tcp 127.0.0.1:8080 listen\nc = tcp 127.0.0.1:9000 connect l\ns = accept l\nclose s; close c; close l\n";

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
    public async Task Play_EndedEarly_LeavesSoon()
    {
        using var cancellation = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        using var player = new RecordingPlayer(new RecordingOptions());
        var clock = Stopwatch.StartNew();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Run(() =>
            player.PlayAll([Parse("wait 600s"), Parse("a = tcp\nretry 100ms for 600s listen x"), Parse(TimeWait + "wait 600s")], cancellation: cancellation.Token)));

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(300), clock.Elapsed.ToString());
    }

    // The FIN_WAIT2 lasts two seconds: a machine that stands still for longer sees it closed.
    [KernelTheory]
    [InlineData(3, 600, null)]
    [InlineData(int.MaxValue, 0, "this machine is too busy: it held up 3 plays, the last for ")]
    public async Task PlayThatIsHeldUp_IsPlayedAgain(int heldUp, int patience, string? error)
    {
        var waits = Parse("sysctl net.ipv4.tcp_fin_timeout = 2\nl = tcp 127.0.0.1:8080 listen\nc = connect l\ns = accept l\nclose s; close l; wait 300ms; state s -> FIN_WAIT2\n");
        var plays = 0;
        void HoldUp(PlayProgress moment)
        {
            if (moment.Waited >= moment.Wait && ++plays <= heldUp)
                Thread.Sleep(TimeSpan.FromSeconds(4));
        }

        using var player = new RecordingPlayer(new RecordingOptions { Patience = TimeSpan.FromSeconds(patience) });
        var play = await Task.Run(() => player.Play(waits, HoldUp));

        // The machine itself may hold up the one that is left alone.
        Assert.InRange(plays, error is null ? 4 : 3, error is null ? int.MaxValue : 3);
        Assert.Equal(error is not null, play.Result.IsMismatch);
        if (error is null)
            Assert.Null(play.Result.Error);
        else
            Assert.StartsWith(error, play.Result.Error, StringComparison.Ordinal);
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

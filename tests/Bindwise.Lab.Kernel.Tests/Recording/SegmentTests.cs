using Bindwise.Kernel.Tests.Isolation;
using Bindwise.Lab.Kernel.Tests.Simulation;
using Bindwise.Lab.Recording;
using Bindwise.Model.Scenarios.Recording;
using Xunit.Abstractions;

namespace Bindwise.Lab.Kernel.Tests.Recording;

/// <summary>Segments held back, released, lost, repeated and streamed: the kernel must go the ways that the model goes, and give the same.</summary>
[Collection(AloneCollection.Name)]
public sealed class SegmentTests(ITestOutputHelper output)
{
    private static readonly Dictionary<ushort, string> Ports = new() { [8080] = "server", [9000] = "client" };

    private const string IPv4 = "l = tcp 127.0.0.1:8080 listen\nc = tcp 127.0.0.1:9000 connect l\ns = accept l\n";
    private const string IPv6 = "l = tcp [::1]:8080 listen\nc = tcp [::1]:9000 connect l\ns = accept l\n";

    // Both FINs are on their way when they are released: both ends wait.
    private const string Simultaneous =
        "hold c; hold s; close c; close s; state c -> FIN_WAIT1\nstate s -> FIN_WAIT1\nrelease c; state c -> CLOSING\nrelease s; state c -> TIME_WAIT\nstate s -> TIME_WAIT\n";

    [KernelTheory]
    [InlineData(IPv4)]
    [InlineData(IPv6)]
    [InlineData("l = tcp dual [::]:8080 listen\nc = tcp 127.0.0.1:9000 connect 127.0.0.1:8080\ns = accept l\n")]
    public async Task BothFins_Crossing_LeaveTimeWaitOnBothSides(string connection)
    {
        var play = await PlayAlike(connection + Simultaneous);

        AssertAlike(play);
        Assert.Equal(2, States(play.Kernel!).Count(static state => state is { From: TcpSocketState.Closing, To: TcpSocketState.TimeWait }));
        Assert.Equal(2, Segments(play.Kernel!).Count(static segment => segment is { Fate: SegmentFate.Held } && segment.Flags.HasFlag(TcpFlags.Fin)));
    }

    [KernelFact]
    public async Task LostLastAck_IsAskedForAgainAndAnsweredFromTimeWait()
    {
        // Held up before the loss, the FIN is sent once more.
        var play = await PlayAlike(IPv4 + "close c; hold s; close s; state c -> TIME_WAIT\nstate s -> LAST_ACK\nlose s; state s -> LAST_ACK\nwait 1s; state s -> CLOSED\nstate c -> TIME_WAIT\n");

        AssertResults(play);
        foreach (var record in new[] { play.Model!, play.Kernel! })
        {
            var fins = Segments(record).Where(static segment => segment.From.Port == 8080 && segment.Flags.HasFlag(TcpFlags.Fin)).ToList();
            Assert.Equal(2, fins.Count);
            Assert.Equal(fins[0].Sequence, fins[1].Sequence);
            Assert.Contains(Segments(record), static segment => segment.Fate == SegmentFate.Lost);
            // A TIME_WAIT that answers starts anew.
            Assert.InRange(record.Steps[^1].Sockets.Single(static row => row.State == TcpSocketState.TimeWait).SecondsLeft!.Value, 40.0, 62.1);
        }
    }

    [KernelTheory]
    [InlineData(0, "CLOSED")]
    [InlineData(1, "TIME_WAIT")]
    public async Task OldData_ThatMeetsTimeWait_CallsForthTheResetThatEndsItOrNot(int rfc1337, string left)
    {
        var play = await PlayAlike($"sysctl net.ipv4.tcp_rfc1337 = {rfc1337}\n" + IPv4
            + $"send s 100; receive c 100; close c; close s; state c -> TIME_WAIT\nrepeat s data; state c -> {left}\n");

        AssertAlike(play);
    }

    [KernelTheory]
    [InlineData("close c; close s; close l; wait 10ms; n = tcp 127.0.0.1:9000 listen")] // TIME_WAIT stands on the client's port: the bind fails
    [InlineData("close s; close c; close l; n = tcp reuseaddr 127.0.0.1:8080 listen; repeat c data")]
    [InlineData("send c 9; abort s; close c; close l; n = tcp 127.0.0.1:8080 listen; repeat c data; repeat c ack; repeat c syn; state n")]
    [InlineData("close c; close s; repeat c ack; repeat s fin; repeat s fin; repeat c fin; repeat c syn; state c; state s")]
    [InlineData("abort c; repeat c reset; repeat s syn; state s; state c")]
    [InlineData("repeat c syn; repeat c ack; state c; state s; send c 5; receive s 5; repeat c data; receive s 5; close c; close s; state c")]
    [InlineData("repeat c data; repeat c fin; repeat x data; hold l; release c; lose c; hold x")]
    public async Task OldSegments_AreAnsweredAlike(string end)
    {
        var play = await PlayAlike(IPv4 + end);

        AssertAlike(play);
    }

    [KernelTheory]
    [InlineData("close c; close s; repeat c syn; state c")] // the listener's answer meets the TIME_WAIT of the sender, whose answer it resets
    [InlineData("sysctl net.ipv4.tcp_timestamps = 0; close c; close s; close l; l = tcp reuseaddr 127.0.0.1:8080 listen; repeat c syn; state c")]
    public async Task OldSyn_ThatMeetsAListener_EndsTheTimeWaitOfItsSender(string end)
    {
        var play = await Play(IPv4 + end);

        AssertResults(play);
        Assert.Equal("CLOSED", play.Result.Steps[^1].Result);
    }

    [KernelTheory]
    [InlineData("hold s; send c 10; receive s 10 -> EAGAIN\nrelease s; receive s 10 -> ok\n")]
    [InlineData("hold c; close s; state s -> FIN_WAIT1\nrelease c; state s -> FIN_WAIT2\nstate c -> CLOSE_WAIT\nclose c; state s -> TIME_WAIT\n")]
    [InlineData("hold c; abort s; state c -> ESTABLISHED\nrelease c; state c -> BOUND\nreceive c 1 -> ECONNRESET\n")]
    [InlineData("hold s; close c; state c -> FIN_WAIT1\nsend s 5; release s; state s; state c")]
    [InlineData("shutdown c write; hold c; close c; close s; state c -> TIME_WAIT\n")]
    [InlineData("close c; hold s; state c -> FIN_WAIT2\nclose s; state s -> LAST_ACK\nrelease s; state s -> CLOSED\n")]
    public async Task HeldSegments_ReachTheirReceiverLater(string end)
    {
        var play = await PlayAlike(IPv4 + end);

        AssertAlike(play);
    }

    [KernelTheory]
    [InlineData("hold s; send c 10; lose s; receive s 10 -> EAGAIN\nwait 1s; receive s 10 -> ok\n")]
    [InlineData("hold s; send c 10; close c; release s; receive s 10; receive s 10; close s; state c -> TIME_WAIT\n")] // the probe for a lost tail comes early
    [InlineData("hold s; send c 10; lose s; send c 5; wait 1s; receive s 15; close c; close s; state c -> TIME_WAIT\n")]
    [InlineData("hold s; send c 10; send c 7; release s; receive s 17; receive s 7 -> EAGAIN\n")]
    [InlineData("hold s; send c 10; lose s; send c 5; receive s 15 -> EAGAIN\nclose c; close s; state c -> CLOSED\n")] // sent together with the FIN, and not read
    [InlineData("hold s; send c 10; lose s; close c; state s -> CLOSE_WAIT\nreceive s 10 -> ok\nclose s; state c -> TIME_WAIT\n")]
    [InlineData("hold s; close c; lose s; state s -> ESTABLISHED\nwait 1s; state s -> CLOSE_WAIT\nstate c -> FIN_WAIT2\n")]
    [InlineData("hold s; hold c; close c; close s; lose s; lose c; wait 2s; state c; state s")]
    public async Task LostSegments_AreSentAgain(string end)
    {
        var play = await Play(IPv4 + end);

        AssertResults(play);
    }

    [KernelTheory]
    [InlineData("stream c s 1MiB; send c 10; receive s 10; close c; close s; state c -> TIME_WAIT\n")]
    [InlineData("stream s c 1MiB; stream c s 1MiB; abort s")]
    [InlineData("stream c l 10; stream l c 10; stream c x 10; stream x c 10; shutdown c write; stream c s 10")]
    public async Task Stream_IsTakenWhole(string end)
    {
        var play = await PlayAlike(IPv4 + end);

        AssertAlike(play);
    }

    [KernelTheory]
    [InlineData(0, 1, "10", "ok", "ESTABLISHED")]
    [InlineData(0, 1, "300MiB", "EINPROGRESS", "SYN_SENT")] // the old numbers are far ahead of the clock: the SYN is not taken
    [InlineData(1, 1, "300MiB", "ok", "ESTABLISHED")] // but a newer timestamp is enough
    [InlineData(0, 0, "300MiB", "ok", "ESTABLISHED")] // the reset in answer ends the TIME_WAIT, a second later the SYN comes again
    public async Task Syn_OverTimeWait_IsTakenByNumberOrTimestamp(int timestamps, int rfc1337, string bytes, string connects, string state)
    {
        var play = await Play(
            $"sysctl net.ipv4.tcp_timestamps = {timestamps}; sysctl net.ipv4.tcp_rfc1337 = {rfc1337}\n"
            + "l = tcp reuseaddr 127.0.0.1:8080 listen\nc = tcp 127.0.0.1:9000 connect l\ns = accept l\n"
            + $"stream c s {bytes}; close s; close c; state s -> TIME_WAIT\nwait 20ms; c = tcp 127.0.0.1:9000 connect l -> {connects}\nstate c -> {state}\n");

        AssertResults(play);
    }

    private Task<RecordedPlay> Play(string text) => Reported(() => Recorded.Play(text));

    private Task<RecordedPlay> PlayAlike(string text) => Reported(() => Recorded.PlayInTime(text, Ports));

    private Task<RecordedPlay> Reported(Func<RecordedPlay> played) => Task.Run(() =>
    {
        var play = played();
        output.WriteLine(Recorded.Results(play));
        if (play.Kernel is not null)
            output.WriteLine(Recorded.Text(play.Kernel, Ports));
        return play;
    });

    private static void AssertResults(RecordedPlay play)
    {
        Assert.Null(play.Result.Error);
        Assert.DoesNotContain('/', Recorded.Results(play));
        Assert.Equal(0, play.Result.FailedExpectations);
    }

    private static void AssertAlike(RecordedPlay play)
    {
        AssertResults(play);
        Assert.Equal(Recorded.Text(play.Model!, Ports), Recorded.Text(play.Kernel!, Ports));
        Assert.Equal(Recorded.Tables(play.Model!, Ports), Recorded.Tables(play.Kernel!, Ports));
    }

    private static IEnumerable<SegmentEvent> Segments(Bindwise.Lab.Recording.Record record) => record.Steps.SelectMany(static step => step.Events).OfType<SegmentEvent>();

    private static IEnumerable<StateEvent> States(Bindwise.Lab.Recording.Record record) => record.Steps.SelectMany(static step => step.Events).OfType<StateEvent>();
}

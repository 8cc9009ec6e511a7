using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Bindwise.Model.Targets;
using IsolatedProcess;

namespace Bindwise.Tests.Listening;

/// <summary>Answers that are given again to whoever fails again and again.</summary>
public sealed class KeptAnswersTests
{
    private static readonly FailureQuestion Connect = new(new IPEndPoint(IPAddress.Loopback, 8080), Transports.Tcp, new ProgramOptions(), IsPortable: false) { IsConnect = true };

    [Fact]
    public void OfConnect_IsGivenAgain_RenewedOnce_AndForgotten()
    {
        var clock = new SetClock();
        var kept = new KeptAnswers(clock);
        Assert.Null(kept.Find(Connect, out _));
        kept.Add(Connect, new FailureAnswer(null, "one"), TimeSpan.FromMilliseconds(1));
        Assert.Equal(("one", false), (kept.Find(Connect, out var isRenewed)!.Value.Obstacle, isRenewed));
        Assert.Null(kept.Find(Connect with { EndPoint = new IPEndPoint(IPAddress.Loopback, 8081) }, out _));

        clock.Now += TimeSpan.FromSeconds(1.5);
        Assert.Equal(("one", true), (kept.Find(Connect, out isRenewed)!.Value.Obstacle, isRenewed));
        Assert.Equal(("one", false), (kept.Find(Connect, out isRenewed)!.Value.Obstacle, isRenewed));
        kept.Add(Connect, new FailureAnswer(null, "two"), TimeSpan.FromMilliseconds(1));
        Assert.Equal(("two", false), (kept.Find(Connect, out isRenewed)!.Value.Obstacle, isRenewed));

        clock.Now += TimeSpan.FromSeconds(2.1);
        Assert.Null(kept.Find(Connect, out _));
    }

    // A look of 300 ms is made every three seconds.
    [Fact]
    public void OfConnect_ThatCosts_IsGivenAgainForLonger()
    {
        var clock = new SetClock();
        var kept = new KeptAnswers(clock);
        kept.Add(Connect, default, TimeSpan.FromMilliseconds(300));
        clock.Now += TimeSpan.FromSeconds(2.9);
        Assert.NotNull(kept.Find(Connect, out var isRenewed));
        Assert.False(isRenewed);
        clock.Now += TimeSpan.FromSeconds(0.2);
        Assert.NotNull(kept.Find(Connect, out isRenewed));
        Assert.True(isRenewed);
    }

    [Fact]
    public void OfManyDestinations_AreBounded()
    {
        var kept = new KeptAnswers(new SetClock());
        for (var port = 1; port <= 1000; port++)
            kept.Add(Connect with { EndPoint = new IPEndPoint(IPAddress.Loopback, port) }, default, TimeSpan.Zero);
        Assert.Equal(256, Enumerable.Range(1, 1000).Count(port => kept.Find(Connect with { EndPoint = new IPEndPoint(IPAddress.Loopback, port) }, out _) is not null));
    }

    [IsolatedFact]
    public Task BindInALoop_LooksAFewTimesASecond_AndTellsWhoeverIsInTheWayNow() => Body.RunAsync(static () =>
    {
        using var first = Listen();
        _ = Fail();
        var before = FailureDiagnosis.Reads;
        var clock = Stopwatch.StartNew();
        for (var turn = 0; turn < 300; turn++)
            Assert.Equal(Cause.Listener, Fail().Cause);
        // Windows of a second, or of ten looks where one takes longer; what lies between two of them counts for a whole one.
        Assert.InRange(FailureDiagnosis.Reads - before, 1, 4 * (2 + (int)clock.Elapsed.TotalSeconds));
        var inTheWay = Fail().Blockers[0].Socket.Cookie;
        first.Dispose();
        using var second = Listen();
        Assert.NotEqual(inTheWay, Fail().Blockers[0].Socket.Cookie);
        return Task.CompletedTask;

        static Socket Listen()
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 8080));
            socket.Listen();
            return socket;
        }

        static Diagnosis Fail() => Assert.Throws<BindException>(static () => Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080))).Diagnosis!;
    });

    private sealed class SetClock : TimeProvider
    {
        public TimeSpan Now { get; set; } = TimeSpan.FromDays(1);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}

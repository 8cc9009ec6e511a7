using Bindwise.Model.Simulation;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Tests.Simulation;

/// <summary>When timers end: the latest moment that calc_wheel_index(), kernel/time/timer.c, leaves them at 250 ticks a second.</summary>
public sealed class VirtualTimeTests
{
    [Theory]
    [InlineData(248, 252)] // 62 ticks: the finest of the wheel's levels
    [InlineData(252, 284)]
    [InlineData(715, 747)]
    [InlineData(2_000, 2_032)]
    [InlineData(2_012, 2_044)]
    [InlineData(2_016, 2_272)]
    [InlineData(60_000, 62_048)]
    [InlineData(129_020, 131_068)]
    [InlineData(129_024, 145_408)]
    public void Timer_OfSoManyMilliseconds_EndsAtTheWheelsLatest(int milliseconds, long end)
    {
        var (time, entry) = (new VirtualTime(), Entry());
        time.Pass(1_000, static _ => { });

        time.Start(entry, milliseconds);

        Assert.Equal(1_000 + end, entry.EndsAt);
    }

    [Theory]
    [InlineData(62_047, false)]
    [InlineData(62_048, true)]
    public void Pass_UpToTheEndOfATimer_HandsItsEntryOver(int milliseconds, bool isOver)
    {
        var (time, entry, over) = (new VirtualTime(), Entry(), new List<(TcpMember, long)>());
        time.Start(entry, TimerWheel.TimeWaitMilliseconds);

        time.Pass(milliseconds, member => over.Add((member, time.Now)));

        Assert.Equal(isOver ? [(entry, 62_048L)] : [], over);
        Assert.Equal(milliseconds, time.Now);
    }

    [Fact]
    public void Pass_OverATimerThatWasStartedAgain_HandsItsEntryOverOnceAtTheLaterEnd()
    {
        var (time, entry, over) = (new VirtualTime(), Entry(), new List<long>());
        time.Start(entry, 2_000);
        time.Pass(1_000, static _ => { });
        time.Start(entry, 60_000);

        time.Pass(100_000, _ => over.Add(time.Now));

        Assert.Equal([63_048L], over);
    }

    [Fact]
    public void Pass_OverATimerOfAnEntryThatIsGone_HandsNothingOver()
    {
        var (time, entry, over) = (new VirtualTime(), Entry(), new List<long>());
        time.Start(entry, 2_000);
        entry.Bucket = null;

        time.Pass(100_000, _ => over.Add(time.Now));

        Assert.Empty(over);
    }

    private static TimeWaitEntry Entry() =>
        new() { Name = "a", State = TcpSocketState.TimeWait, HasTimestamps = true, MadeAt = 0, Bucket = new TcpPort(8080, KernelRelease.Documented) };
}

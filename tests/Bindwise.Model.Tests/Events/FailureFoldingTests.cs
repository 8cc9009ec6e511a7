using Bindwise.Model.Events;
using FsCheck.Fluent;

namespace Bindwise.Model.Tests.Events;

[Trait("Seed", "any")]
public sealed class FailureFoldingTests
{
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(800);
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    private static FailureKey Key(int pid) => new(pid, 1, PortEventCall.Bind, "0.0.0.0:80", "EADDRINUSE");

    private static PortEvent Failure(int pid, TimeSpan at) =>
        new() { Time = Noon + at, Kind = PortEventKind.BindFailed, ProcessId = pid, Result = "EADDRINUSE" };

    [Fact]
    public void Fold_OfOneAlone_IsToldOnceWhenItsWindowEnds()
    {
        var folding = new FailureFolding(Window, 8);
        Assert.False(folding.TryFold(Key(1), Noon));
        Assert.Null(folding.Open(Key(1), Failure(1, default), TimeSpan.Zero));
        Assert.Equal(Window, folding.NextEnd);
        Assert.Empty(folding.TakeEnded(Window - TimeSpan.FromTicks(1)));
        var told = Assert.Single(folding.TakeEnded(Window));
        Assert.Equal((1, (DateTimeOffset?)null), ((int)told.Count, told.LastTime));
        Assert.Null(folding.NextEnd);
        Assert.Equal(0, folding.Count);
    }

    [Fact]
    public void Fold_OfSeveralAlike_IsOneLineWithTheirNumberAndTheLastTime()
    {
        var folding = new FailureFolding(Window, 8);
        folding.Open(Key(1), Failure(1, default), TimeSpan.Zero);
        Assert.True(folding.TryFold(Key(1), Noon.AddSeconds(0.5), 40));
        Assert.True(folding.TryFold(Key(1), Noon.AddSeconds(0.2)));
        Assert.False(folding.TryFold(Key(2), Noon));
        var told = Assert.Single(folding.TakeAll());
        Assert.Equal((42, Noon.AddSeconds(0.5)), (told.Count, told.LastTime));
    }

    [Fact]
    public void Amend_OfAnOpenLine_IsToldWithIt_AndOfAToldOneIsNothing()
    {
        var folding = new FailureFolding(Window, 8);
        folding.Open(Key(1), Failure(1, default), TimeSpan.Zero);
        folding.TryFold(Key(1), Noon.AddSeconds(0.5));
        folding.Amend(Key(1), static one => one with { Cause = "listener" });
        folding.Amend(Key(2), static _ => throw new InvalidOperationException());
        var told = Assert.Single(folding.TakeAll());
        Assert.Equal(("listener", 2), (told.Cause, (int)told.Count));
    }

    [Fact]
    public void Open_WithoutRoom_TellsTheOldestEarly()
    {
        var folding = new FailureFolding(Window, 2);
        folding.Open(Key(1), Failure(1, default), TimeSpan.Zero);
        folding.Open(Key(2), Failure(2, default), TimeSpan.Zero);
        Assert.Equal(1, folding.Open(Key(3), Failure(3, default), TimeSpan.Zero)?.ProcessId);
        // The same again, opened anew: the first line's place in the order does not end it.
        Assert.Equal(2, folding.Open(Key(1), Failure(1, TimeSpan.FromMilliseconds(1)), TimeSpan.FromMilliseconds(1))?.ProcessId);
        Assert.Equal([3], folding.TakeEnded(Window).Select(static one => one.ProcessId));
        Assert.Equal([1], folding.TakeAll().Select(static one => one.ProcessId));
    }

    [Fact]
    public void Fold_OfAnyFailures_LosesNoneAndTellsEachInTime()
    {
        var steps = Gen.Choose(0, 4).Zip(Gen.Choose(0, 300)).ListOf();
        Prop.ForAll(steps.ToArbitrary(), given =>
        {
            var folding = new FailureFolding(Window, 3);
            var (now, counted) = (TimeSpan.Zero, 0L);
            foreach (var (pid, pause) in given)
            {
                var next = now + TimeSpan.FromMilliseconds(pause);
                // Who waits for the next end tells each line when its window is over, however many alike have come since.
                while (folding.NextEnd is { } end && end <= next)
                {
                    now = end;
                    var ended = folding.TakeEnded(now);
                    Assert.NotEmpty(ended);
                    Assert.All(ended, one => Assert.Equal(Window, Noon + now - one.Time));
                    counted += ended.Sum(static one => one.Count);
                }
                now = next;
                Assert.Empty(folding.TakeEnded(now));
                Assert.InRange(folding.Count, 0, 3);
                if (!folding.TryFold(Key(pid), Noon + now) && folding.Open(Key(pid), Failure(pid, now), now) is { } early)
                    counted += early.Count;
            }
            counted += folding.TakeAll().Sum(static one => one.Count);
            Assert.Equal(given.Count, counted);
        }).Holds();
    }
}

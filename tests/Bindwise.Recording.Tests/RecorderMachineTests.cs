using System.Collections.Immutable;
using Bindwise.Model.Events;
using Bindwise.Recording.Recorder;
using Bindwise.Recording.Segments;
using Bindwise.Rendering.Json;
using FsCheck.Fluent;

namespace Bindwise.Recording.Tests;

/// <summary>Tests of memory run while no other does.</summary>
[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public sealed class AloneCollection;

/// <summary>The recorder's machine, without a file or a clock.</summary>
[Collection(nameof(AloneCollection))]
[Trait("Seed", "any")]
public sealed class RecorderMachineTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void ADayInVirtualTimeLosesNothingAndKeepsNothing()
    {
        var run = new Play(new RecordLimits(null, null));
        run.Report(new RecorderInput.Started());
        for (var second = 0; second < 24 * 3600; second++)
        {
            run.Now = TimeSpan.FromSeconds(second);
            run.Report(new RecorderInput.CensusRead(Census(second / 600)));
            if (second % 7 == 0)
                run.Report(new RecorderInput.Happened(Failure(second)));
        }
        Assert.Equal((24 * 3600 / 7) + 1, run.Written.Count(static one => one.Kind == PortEventKind.BindFailed));
        Assert.Equal(8640, run.Censuses.Count);
        Assert.Equal(144, run.Censuses.Count(static one => one is not null));
        Assert.DoesNotContain(run.Written, static one => one.Kind is PortEventKind.Lost or PortEventKind.ClockChanged);
        // All that it remembers of the day is one census.
        Assert.Single(run.State.Census!.Sockets);
        Assert.Equal(0, run.State.Lost);
    }

    [Fact]
    public void ADayInVirtualTimeTakesNoMoreMemoryThanItsSecondHour()
    {
        // All that lives over time between the kernel and the store: the census's changes, what is folded, who may be looked at, the machine.
        var run = new Play(new RecordLimits(null, null)) { Keeps = false };
        var (folding, allowance, changes) = (new FailureFolding(TimeSpan.FromMilliseconds(750), 4096), new DiagnosisAllowance(), new CensusEventsState());
        run.Report(new RecorderInput.Started());
        var (early, looks) = (0L, 0);
        for (var second = 1; second <= 24 * 3600; second++)
        {
            run.Now = TimeSpan.FromSeconds(second);
            // Each second another port, process and user: whatever keeps them grows.
            var census = Changing(second);
            (changes, var events) = CensusEvents.Step(changes, census);
            foreach (var one in events)
                run.Report(new RecorderInput.Happened(one));
            run.Report(new RecorderInput.CensusRead(census));
            foreach (var told in folding.TakeEnded(run.Now))
                run.Report(new RecorderInput.Happened(told));
            var failure = Failure(second) with { ProcessId = second, UserId = (uint)second, Address = $"192.0.2.1:{second % 50000}" };
            folding.Open(new FailureKey(second, (ulong)second, PortEventCall.Bind, failure.Address, failure.Result), failure, run.Now);
            looks += allowance.TryTake((uint)second, (ulong)second, run.Now) ? 1 : 0;
            if (second == 2 * 3600)
                early = GC.GetTotalMemory(forceFullCollection: true);
        }
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - early, long.MinValue, 256 * 1024);
        GC.KeepAlive((run, folding, allowance, changes));
        Assert.InRange(looks, 24 * 3600 / 2, 24 * 3600);
        Assert.Equal(0, run.State.Lost);
    }

    [Fact]
    public void TheFirstCensusOfASegmentIsWhole()
    {
        var run = new Play(new RecordLimits(null, null) { SegmentAge = TimeSpan.FromMinutes(1) });
        run.Report(new RecorderInput.Started());
        for (var second = 0; second <= 180; second++)
        {
            run.Now = TimeSpan.FromSeconds(second);
            run.Report(new RecorderInput.CensusRead(Census(0)));
        }
        Assert.Equal(4, run.Opened);
        Assert.Equal(4, run.Censuses.Count(static one => one is not null));
    }

    /// <summary>In the ten seconds between two censuses a program that fails in a loop writes megabytes.</summary>
    [Fact]
    public void ASegmentIsClosedWhenItIsFull_NotAtTheNextCensus()
    {
        var run = new Play(new RecordLimits(512 << 10, null));
        run.Report(new RecorderInput.Started());
        run.Report(new RecorderInput.CensusRead(Census(0)));
        while (run.Opened < 20)
        {
            run.Report(new RecorderInput.Happened(Failure(1)));
            Assert.InRange(run.State.Bytes, 0, RecordLimits.SmallestSegment + 4096);
        }
        Assert.True(run.Listed >= 19, $"{run.Listed} times");
        run.Now = TimeSpan.FromSeconds(10);
        run.Report(new RecorderInput.CensusRead(Census(0)));
        Assert.All(run.Censuses, Assert.NotNull);
    }

    [Fact]
    public void AFullDiskIsToldOnceAndWhatIsLostIsCounted()
    {
        var run = new Play(new RecordLimits(null, null));
        run.Report(new RecorderInput.Started());
        run.IsFull = true;
        run.Report(new RecorderInput.CensusRead(Census(0)));
        for (var count = 1; count <= 5; count++)
            run.Report(new RecorderInput.Happened(Failure(count)));
        run.Now = TimeSpan.FromSeconds(10);
        run.Report(new RecorderInput.CensusRead(Census(0)));
        Assert.Equal(RecorderPhase.Full, run.State.Phase);
        run.IsFull = false;
        run.Now = TimeSpan.FromSeconds(20);
        run.Report(new RecorderInput.CensusRead(Census(0)));
        run.Now = TimeSpan.FromSeconds(30);
        run.Report(new RecorderInput.CensusRead(Census(0)));
        Assert.Equal(RecorderPhase.Recording, run.State.Phase);
        Assert.Equal(5, Assert.Single(run.Written, static one => one.Kind == PortEventKind.Lost).Count);
        Assert.Contains("no space left", Assert.Single(run.Reported), StringComparison.Ordinal);
        Assert.NotNull(run.Censuses[^1]);
    }

    [Fact]
    public void ALineThatIsTooLongIsCountedAndToldWithTheNextCensus()
    {
        var run = new Play(new RecordLimits(null, null));
        run.Report(new RecorderInput.Started());
        run.Report(new RecorderInput.TooLong(3));
        run.Report(new RecorderInput.Happened(Failure(1)));
        run.Report(new RecorderInput.CensusRead(Census(0)));
        run.Now = TimeSpan.FromSeconds(10);
        run.Report(new RecorderInput.CensusRead(Census(0)));
        Assert.Equal((RecorderPhase.Recording, 0), (run.State.Phase, run.State.Lost));
        Assert.Equal(3, Assert.Single(run.Written, static one => one.Kind == PortEventKind.Lost).Count);
        Assert.Equal(2, run.Censuses.Count);
        Assert.Empty(run.Reported);
        run.Report(new RecorderInput.TooLong(4));
        run.Report(new RecorderInput.Stopping());
        Assert.Equal([3, 4], run.Written.Where(static one => one.Kind == PortEventKind.Lost).Select(static one => one.Count));
    }

    [Fact]
    public void ASegmentThatIsGoneIsFollowedByAnotherThatBeginsWithAWholeCensus()
    {
        var run = new Play(new RecordLimits(null, null));
        run.Report(new RecorderInput.Started());
        run.Report(new RecorderInput.CensusRead(Census(0)));
        for (var count = 0; count < 40; count++)
            run.Report(new RecorderInput.Happened(Failure(count)));
        run.Report(new RecorderInput.Removed("a.jsonl", "/d"));
        Assert.Equal(2, run.Opened);
        run.Now = TimeSpan.FromSeconds(10);
        run.Report(new RecorderInput.CensusRead(Census(0)));
        Assert.Equal("a.jsonl is no longer in /d: recording goes on in a new file", Assert.Single(run.Reported));
        Assert.Equal(40, Assert.Single(run.Written, static one => one.Kind == PortEventKind.Lost).Count);
        Assert.NotNull(run.Censuses[^1]);
    }

    [Theory]
    [InlineData(3600, "forward by 1 h 0 min")]
    [InlineData(-90, "back by 1 min 30 s")]
    public void AClockThatJumpsIsToldAtTheNextCensus(int seconds, string text)
    {
        var run = new Play(new RecordLimits(null, null));
        run.Report(new RecorderInput.Started());
        run.Report(new RecorderInput.CensusRead(Census(0)));
        run.Jump = TimeSpan.FromSeconds(seconds);
        run.Now = TimeSpan.FromSeconds(10);
        run.Report(new RecorderInput.CensusRead(Census(0)));
        run.Now = TimeSpan.FromSeconds(20);
        run.Report(new RecorderInput.CensusRead(Census(0)));
        Assert.Contains(text, Assert.Single(run.Written, static one => one.Kind == PortEventKind.ClockChanged).Summary,
            StringComparison.Ordinal);
    }

    [Fact]
    public void TheOldestClosedSegmentsGoWithTheirIndexes()
    {
        var run = new Play(new RecordLimits(250, null));
        run.Report(new RecorderInput.Started());
        ImmutableArray<StoredFile> files =
        [
            new("a.jsonl.gz", Start.AddDays(-3), 90), new("a.idx", Start.AddDays(-3), 30), new("b.jsonl.gz", Start.AddDays(-2), 100),
            new("c.jsonl", Start, 100), new("lock", null, 0),
        ];
        run.Report(new RecorderInput.Listed(files));
        Assert.Equal(["a.jsonl.gz", "a.idx"], run.Dropped);
    }

    [Fact]
    public void OldSegmentsGoByTheTimeOfTheNext()
    {
        var run = new Play(new RecordLimits(null, TimeSpan.FromDays(2)));
        run.Report(new RecorderInput.Started());
        run.Report(new RecorderInput.Listed(
        [
            new("a", Start.AddDays(-9), 1), new("b", Start.AddDays(-3), 1), new("c", Start.AddDays(-1), 1), new("d", Start, 1),
        ]));
        Assert.Equal(["a"], run.Dropped);
    }

    // A year that has not passed.
    [Fact]
    public void AClockThatIsSetForwardDropsNothingUntilItHasRunOn()
    {
        var run = new Play(new RecordLimits(null, TimeSpan.FromDays(2))) { Files = Dated(-20, -10, -1, 0) };
        run.Report(new RecorderInput.Started());
        run.Jump = TimeSpan.FromDays(365);
        run.LookFor(TimeSpan.FromHours(1));
        Assert.Empty(run.Dropped);
        run.Jump = TimeSpan.Zero;
        run.LookFor(TimeSpan.FromHours(12));
        Assert.Empty(run.Dropped);
        // That was a mistake; this is not.
        run.Jump = TimeSpan.FromDays(365);
        run.LookFor(TimeSpan.FromHours(5.9));
        Assert.Empty(run.Dropped);
        run.LookFor(TimeSpan.FromHours(0.2));
        Assert.Equal(["-20", "-10", "-1"], run.Dropped.Distinct());
    }

    [Fact]
    public void AClockThatIsWrongAtTheStartDropsNothingUntilItHasRunOn()
    {
        var run = new Play(new RecordLimits(null, TimeSpan.FromDays(2)))
        {
            Files = Dated(-40, -30, -1, 365 * 24),
            Jump = TimeSpan.FromDays(365),
        };
        run.Report(new RecorderInput.Started());
        run.LookFor(TimeSpan.FromHours(5.9));
        Assert.Empty(run.Dropped);
        run.LookFor(TimeSpan.FromHours(0.2));
        Assert.Equal(["-40", "-30"], run.Dropped.Distinct());
    }

    [Fact]
    public void WhatIsTooOldAtTheStartGoesAtOnce()
    {
        var run = new Play(new RecordLimits(null, TimeSpan.FromDays(2))) { Files = Dated(-90, -80, -1, 0) };
        run.Report(new RecorderInput.Started());
        Assert.Equal(["-90"], run.Dropped);
    }

    // As on a machine whose clock is slow, and is corrected each hour.
    [Fact]
    public void AClockThatIsSetForwardAgainAndAgainDropsAllTheSame()
    {
        var run = new Play(new RecordLimits(null, TimeSpan.FromDays(2))) { Files = Dated(-40, -1, 0) };
        run.Report(new RecorderInput.Started());
        for (var hour = 0; hour < 48; hour++)
        {
            run.Jump += TimeSpan.FromSeconds(2);
            run.LookFor(TimeSpan.FromHours(1));
        }
        Assert.Equal("-40", run.Dropped.Distinct().Single());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AFileThatIsGoneLeavesAGapInTheNextOneBeforeAnythingElse(bool isFull)
    {
        var run = new Play(new RecordLimits(null, null));
        run.Report(new RecorderInput.Started());
        run.Report(new RecorderInput.CensusRead(Census(0)));
        run.IsFull = isFull;
        if (isFull)
        {
            for (var count = 0; count < 3; count++)
                run.Report(new RecorderInput.Happened(Failure(count)));
        }
        (run.IsFull, run.IsRemoved) = (false, true);
        run.LookFor(TimeSpan.FromMinutes(1));
        Assert.Equal("a.jsonl is no longer in /d: recording goes on in a new file", run.Reported[^1]);
        Assert.Equal((PortEventKind.Lost, isFull ? 3 : 1, 2), (run.Written[^1].Kind, run.Written[^1].Count, run.WrittenIn[^1]));
        Assert.Equal((RecorderPhase.Recording, 0), (run.State.Phase, run.State.Lost));
    }

    [Fact]
    public void AFileThatIsGoneWhereNoOtherCanBeMadeLeavesAGapAsSoonAsOneCan()
    {
        var run = new Play(new RecordLimits(null, null));
        run.Report(new RecorderInput.Started());
        run.Report(new RecorderInput.CensusRead(Census(0)));
        run.IsFull = true;
        run.Report(new RecorderInput.Removed("a.jsonl", "/d"));
        run.Report(new RecorderInput.Listed([]));
        run.IsFull = false;
        run.LookFor(TimeSpan.FromSeconds(10));
        Assert.Equal(1, Assert.Single(run.Written, static one => one.Kind == PortEventKind.Lost).Count);
        Assert.Equal(2, run.Reported.Count);
        Assert.StartsWith("cannot write to /d: no space left on device", run.Reported[0], StringComparison.Ordinal);
        Assert.Equal("a.jsonl is no longer in /d: recording goes on in a new file", run.Reported[1]);
    }

    [Fact]
    public void WhateverIsRefusedIsCountedAndTheOpenSegmentStays()
    {
        var steps = Gen.ArrayOf(Gen.Choose(0, 9));
        Prop.ForAll(steps.ToArbitrary(), static script =>
        {
            var run = new Play(new RecordLimits(100, TimeSpan.FromMinutes(1)));
            run.Report(new RecorderInput.Started());
            var happened = 0;
            foreach (var step in script)
            {
                run.Now += TimeSpan.FromSeconds(5);
                run.IsFull = step is 3 or 4;
                if (step < 5)
                {
                    happened++;
                    run.Report(new RecorderInput.Happened(Failure(step)));
                }
                else if (step < 9)
                    run.Report(new RecorderInput.CensusRead(Census(step)));
                else
                    run.Report(new RecorderInput.Listed([new("old", Start.AddDays(-1), 500), new("open", Start, 500)]));
            }
            run.IsFull = false;
            run.Report(new RecorderInput.Stopping());
            var told = run.Written.Where(static one => one.Kind == PortEventKind.Lost).Sum(static one => one.Count);
            var written = run.Written.Count(static one => one.Kind == PortEventKind.BindFailed);
            return happened == written + told && !run.Dropped.Contains("open") && run.State.Phase == RecorderPhase.Stopped;
        }).Holds();
    }

    // Named by how many hours after the start they begin.
    private static ImmutableArray<StoredFile> Dated(params int[] hours) =>
        [.. hours.Select(static hour => new StoredFile($"{hour}", Start.AddHours(hour), 1))];

    private static PortEvent Failure(int number) => new()
    {
        Time = Start.AddSeconds(number),
        Kind = PortEventKind.BindFailed,
        Protocol = Protocol.Tcp,
        Call = PortEventCall.Bind,
        Address = "0.0.0.0:8080",
        Result = "EADDRINUSE",
        ProcessId = 7,
    };

    private static HostCensus Census(int holder) => new()
    {
        TakenAt = Start,
        Sockets = [new CensusSocket(new HeldSocket { Protocol = Protocol.Tcp, State = TcpSocketState.Listen },
            new CensusHolder(holder, "x", 0))],
    };

    private static HostCensus Changing(int second) => new()
    {
        TakenAt = Start.AddSeconds(second),
        NetworkNamespace = 1,
        // Each is there for twenty looks, of another process halfway.
        Sockets = [.. Enumerable.Range(second, 20).Select(number => new CensusSocket(new HeldSocket
        {
            Protocol = Protocol.Tcp,
            State = TcpSocketState.Listen,
            Cookie = (ulong)number,
            Local = new IpEndpoint(IpAddress.AnyIPv4, (ushort)(1024 + (number % 50000))),
        }, new CensusHolder(number - second < 10 ? number : number + 1, "x", 0)))],
        TimeWaits = [new PortTimeWaits((ushort)(1 + (second % 60000)), second % 2 == 0 ? 2000 : 1, 1000)],
    };

    /// <summary>Carries effects out on lists.</summary>
    private sealed class Play(RecordLimits limits)
    {
        private readonly Queue<RecorderEffect> _effects = new();

        public RecorderState State { get; private set; } = new(limits);

        public TimeSpan Now { get; set; }

        public TimeSpan Jump { get; set; }

        public bool IsFull { get; set; }

        /// <summary>Somebody has removed the open file.</summary>
        public bool IsRemoved { get; set; }

        /// <summary>What stands in the directory.</summary>
        public ImmutableArray<StoredFile> Files { get; init; } = [];

        /// <summary>What was written is kept, to be looked at.</summary>
        public bool Keeps { get; init; } = true;

        public List<PortEvent> Written { get; } = [];

        /// <summary>In which file, by its number.</summary>
        public List<int> WrittenIn { get; } = [];

        public List<CensusFacts?> Censuses { get; } = [];

        public List<string> Reported { get; } = [];

        public List<string> Dropped { get; } = [];

        public int Opened { get; private set; }

        public int Listed { get; private set; }

        public void Report(RecorderInput input)
        {
            if (IsRemoved && input is not RecorderInput.Removed)
                Report(new RecorderInput.Removed("a.jsonl", "/d"));
            Take(input);
            while (_effects.TryDequeue(out var effect))
                CarryOut(effect);
        }

        /// <summary>Looks for so long, each ten seconds.</summary>
        public void LookFor(TimeSpan time)
        {
            for (var end = Now + time; Now < end;)
            {
                Now += TimeSpan.FromSeconds(10);
                Report(new RecorderInput.CensusRead(Census(0)));
            }
        }

        private void Take(RecorderInput input)
        {
            (State, var effects) = RecorderMachine.Step(State, input, new RecorderMoment(Start + Now + Jump, Now));
            foreach (var effect in effects)
                _effects.Enqueue(effect);
        }

        private void CarryOut(RecorderEffect effect)
        {
            switch (effect)
            {
                case RecorderEffect.Append { Event: var happened }:
                    if (!IsFull && Keeps)
                    {
                        Written.Add(happened);
                        WrittenIn.Add(Opened);
                    }
                    Answer(happened.Count);
                    break;
                case RecorderEffect.AppendCensus { Facts: var facts }:
                    if (!IsFull && Keeps)
                        Censuses.Add(facts);
                    Answer(0);
                    break;
                case RecorderEffect.Open:
                    Opened++;
                    IsRemoved = false;
                    break;
                case RecorderEffect.List:
                    Listed++;
                    Take(new RecorderInput.Listed(Files));
                    break;
                case RecorderEffect.Drop { Name: var name }:
                    Dropped.Add(name);
                    break;
                case RecorderEffect.Report { Line: var line }:
                    Reported.Add(line);
                    break;
            }
        }

        private void Answer(long events) =>
            Take(IsFull ? new RecorderInput.Refused(events, "/d", "no space left on device") : new RecorderInput.Written(100));
    }
}

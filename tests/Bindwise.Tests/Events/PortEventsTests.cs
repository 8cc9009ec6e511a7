using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Runtime.Versioning;
using System.Text.Json;
using Bindwise.Linux.Events;
using Bindwise.Model.Events;

namespace Bindwise.Tests.Events;

[SupportedOSPlatform("linux")]
public sealed class PortEventsTests
{
    private static readonly DateTimeOffset Time = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static PortEvent Happened(PortEventKind kind, int pid = 1) => new() { Time = Time, Kind = kind, ProcessId = pid };

    [Fact]
    public async Task Follow_TellsWhatHappens_InOrder_UntilItIsCancelled()
    {
        using var source = new ListedEvents([Happened(PortEventKind.Bind, 1), Happened(PortEventKind.BindFailed, 2), Happened(PortEventKind.Closed, 3)]);
        using var stop = new CancellationTokenSource();
        var seen = new List<int>();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var one in PortEvents.FollowAsync(() => source, new PortEventsOptions(), stop.Token))
            {
                seen.Add(one.ProcessId);
                if (seen.Count == 3)
                    await stop.CancelAsync();
            }
        });
        Assert.Equal([1, 2, 3], seen);
        Assert.True(source.IsDisposed);
    }

    [Fact]
    public async Task Follow_LeftEarly_ClosesTheSource()
    {
        using var source = new ListedEvents([Happened(PortEventKind.Bind), Happened(PortEventKind.Listen)]);
        await foreach (var one in PortEvents.FollowAsync(() => source, new PortEventsOptions(), CancellationToken.None))
        {
            Assert.Equal(PortEventKind.Bind, one.Kind);
            break;
        }
        Assert.True(source.IsDisposed);
    }

    [Fact]
    public async Task Follow_OfFailuresOnly_LeavesOutTheRest_AndCountsThemByCause()
    {
        var counted = new List<(long Count, object? Cause)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, own) =>
            {
                if (instrument.Name == BindwiseTelemetry.HostBindFailures)
                    own.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) => counted.Add((count, tags[0].Value)));
        listener.Start();
        using var source = new ListedEvents(
        [
            Happened(PortEventKind.Bind),
            Happened(PortEventKind.BindFailed) with { Cause = "listener", Count = 7 },
            Happened(PortEventKind.BindFailed),
        ]);
        var seen = 0;
        await foreach (var one in PortEvents.FollowAsync(() => source, new PortEventsOptions { FailuresOnly = true }, CancellationToken.None))
        {
            Assert.Equal(PortEventKind.BindFailed, one.Kind);
            if (++seen == 2)
                break;
        }
        Assert.Equal([(7, "listener"), (1, "unknown")], counted);
    }

    [Fact]
    public async Task Follow_ByASlowReader_CountsWhatItCouldNotKeep()
    {
        using var source = new ListedEvents([.. Enumerable.Range(1, 100).Select(pid => Happened(PortEventKind.Bind, pid))]);
        var seen = new List<PortEvent>();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        await foreach (var one in PortEvents.FollowAsync(() => source, new PortEventsOptions { Capacity = 4 }, limit.Token))
        {
            if (seen.Count == 0)
                Assert.True(source.Reported.WaitOne(TimeSpan.FromMinutes(4)));
            seen.Add(one);
            // The first may have been read while the source still told: then what was lost by then is told apart from the rest.
            if (seen.Sum(static one => one.Count) >= 100)
                break;
        }
        Assert.Equal(100, seen.Sum(static one => one.Count));
        Assert.Contains(seen, static one => one.Kind == PortEventKind.Lost);
    }

    [Fact]
    public async Task Follow_OfASourceThatFails_SaysWhy()
    {
        using var source = new ListedEvents([]) { Fault = new TableUnreadException("no sock_diag") };
        var exception = await Assert.ThrowsAsync<PortQueryException>(async () =>
        {
            await foreach (var _ in PortEvents.FollowAsync(() => source, new PortEventsOptions(), CancellationToken.None))
                Assert.Fail("nothing happened");
        });
        Assert.Equal("no sock_diag", exception.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1024 * 1024 + 1)]
    public void Follow_WithACapacityOutOfRange_IsRefusedAtOnce(int capacity) =>
        Assert.Throws<ArgumentException>(() => PortEvents.FollowAsync(new PortEventsOptions { Capacity = capacity }));

    [Fact]
    public void ToJson_OfAnEvent_IsTheDocument()
    {
        using var document = JsonDocument.Parse(Happened(PortEventKind.Listen, 12).ToJson());
        Assert.Equal(("bindwise.event/1", "listen", 12), (document.RootElement.GetProperty("schema").GetString(),
            document.RootElement.GetProperty("event").GetString(), document.RootElement.GetProperty("pid").GetInt32()));
    }

    /// <summary>Tells a list, and then looks at the host until it is cancelled.</summary>
    private sealed class ListedEvents(ImmutableArray<PortEvent> events) : IPortEventSource
    {
        public ManualResetEvent Reported { get; } = new(false);

        public Exception? Fault { get; init; }

        public bool IsDisposed { get; private set; }

        public ImmutableArray<string> Limits => [];

        public void Run(IPortEventSink sink, CancellationToken cancellation)
        {
            foreach (var one in events)
                sink.Happened(one);
            Reported.Set();
            if (Fault is not null)
                throw Fault;
            while (!cancellation.WaitHandle.WaitOne(10))
                sink.CensusRead(new HostCensus { TakenAt = Time });
        }

        public void Dispose() => IsDisposed = true;
    }
}

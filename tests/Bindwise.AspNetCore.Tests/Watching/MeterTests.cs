using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using IsolatedProcess;

namespace Bindwise.AspNetCore.Tests.Watching;

/// <summary>The instruments of the meter Bindwise, as a listener of meters sees them.</summary>
public sealed class MeterTests
{
    [IsolatedFact]
    public Task Binds_Failures_AndRetries_AreCounted() => Body.RunAsync(static async () =>
    {
        using var seen = new Seen();
        await using (var web = await Web.StartAsync("http://localhost:5000;http://127.0.0.1:5001"))
            Assert.Equal(2, seen.Sum("bindwise.binds"));
        using var taken = Web.Occupy(IPAddress.Loopback, 5000);
        await using (var failing = Web.Make("http://127.0.0.1:5000"))
            await Assert.ThrowsAsync<StartupBindException>(() => failing.App.StartAsync());
        Assert.Equal((1, 0, 2), (seen.Sum("bindwise.bind.failures", "listener"), seen.Sum("bindwise.bind.retries"), seen.Sum("bindwise.binds")));
        // It goes when it is waited for.
        var leaving = BindRetryOptions.For(TimeSpan.FromMinutes(10), BindRetryReasons.OtherListeners) with { OnRetry = _ => taken.Dispose() };
        await using var waiting = await Web.StartAsync("http://127.0.0.1:5000", options => options.Retry = leaving);
        Assert.Equal((1, 1, 3), (seen.Sum("bindwise.bind.failures", "listener"), seen.Sum("bindwise.bind.retries"), seen.Sum("bindwise.binds")));
    });

    [IsolatedFact]
    public Task Retries_BeforeAFallback_AreCounted() => Body.RunAsync(static async () =>
    {
        using var seen = new Seen();
        using var taken = Web.Occupy(IPAddress.Loopback, 5000);
        var waits = 0;
        var retry = BindRetryOptions.For(TimeSpan.FromMinutes(10), BindRetryReasons.OtherListeners) with { OnRetry = _ => waits++, TimeProvider = new Minutes() };
        await using var web = await Web.StartAsync("http://127.0.0.1:5000", options => (options.Retry, options.Fallback) = (retry, PortPolicy.Exactly(5001)));
        Assert.Equal(["http://127.0.0.1:5001"], web.Urls);
        Assert.True(waits > 0);
        Assert.Equal((waits, 1, 0), (seen.Sum("bindwise.bind.retries"), seen.Sum("bindwise.binds"), seen.Sum("bindwise.bind.failures", "listener")));
    });

    [IsolatedFact]
    public Task PortUsage_IsObserved() => Body.RunAsync(static async () =>
    {
        await File.WriteAllTextAsync("/proc/sys/net/ipv4/ip_local_port_range", "40000 40099");
        using var one = Web.Occupy(IPAddress.Loopback, 40001);
        using var seen = new Seen();
        await using var web = await Web.StartAsync("http://127.0.0.1:5000");
        seen.Collect();
        Assert.Equal((2, 1, 100, 0), (seen.Last("bindwise.listeners"), seen.Last("bindwise.ephemeral.usage"), seen.Last("bindwise.ephemeral.limit"), seen.Last("bindwise.time_wait")));
        Assert.All(seen.Instruments, static instrument => Assert.True(instrument is { Unit: ['{', ..], Description.Length: > 10 }, instrument.Name));
        Assert.All(seen.Instruments, static instrument => Assert.Equal(BindwiseTelemetry.Version, instrument.Meter.Version));
        Assert.Equal(
            ["bindwise.bind.failures", "bindwise.bind.retries", "bindwise.binds", "bindwise.ephemeral.limit", "bindwise.ephemeral.usage", "bindwise.listeners", "bindwise.time_wait"],
            seen.Instruments.Select(static instrument => instrument.Name).Order(StringComparer.Ordinal));
    });

    /// <summary>A clock on which a minute passes from one look to the next.</summary>
    private sealed class Minutes : TimeProvider
    {
        private long _minutes;

        public override long GetTimestamp() => Interlocked.Increment(ref _minutes) * 60 * TimestampFrequency;
    }

    private sealed class Seen : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentQueue<(string Name, long Value, string? Cause)> _values = new();

        public Seen()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name != "Bindwise")
                    return;
                Instruments.Enqueue(instrument);
                listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => _values.Enqueue((instrument.Name, value, Cause(tags))));
            _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => _values.Enqueue((instrument.Name, value, Cause(tags))));
            _listener.Start();
        }

        public ConcurrentQueue<Instrument> Instruments { get; } = new();

        public void Collect() => _listener.RecordObservableInstruments();

        public long Sum(string name, string? cause = null) => _values.Where(one => one.Name == name && one.Cause == cause).Sum(static one => one.Value);

        public long Last(string name) => _values.Last(one => one.Name == name).Value;

        public void Dispose() => _listener.Dispose();

        private static string? Cause(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            foreach (var (key, value) in tags)
            {
                if (key == "bindwise.cause")
                    return (string?)value;
            }
            return null;
        }
    }
}

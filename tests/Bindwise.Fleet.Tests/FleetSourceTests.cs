using System.Diagnostics;
using System.Text.Json;
using Bindwise.Dashboard.Fleet;

namespace Bindwise.Fleet.Tests;

/// <summary>Prometheus is asked once for all who want to know.</summary>
public class FleetSourceTests
{
    private const string Nothing = """{"status":"success","data":{"resultType":"vector","result":[]}}""";

    /// <summary>Of a fleet without hosts; one with hosts takes a few more.</summary>
    private const int Queries = 11;

    [IsolatedFact]
    public Task Read_ByManyAtOnce_AsksOnce_AndSharesTheAnswerForAWhile() =>
        Body.RunAsync(static async () =>
        {
            var gate = new TaskCompletionSource();
            using var prometheus = new RawServer($"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {Nothing.Length}\r\n\r\n{Nothing}", after: gate.Task);
            var clock = new ClockOfTest();
            using var source = new FleetSource(new PrometheusClient(prometheus.Address), clock);
            source.Begin();
            using var leaving = new CancellationTokenSource();
            var left = source.ReadAsync(leaving.Token);
            var all = Enumerable.Range(0, 20).Select(_ => source.ReadAsync(default)).ToList();
            // Whoever goes away ends his own wait alone.
            await leaving.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
            await AskedAsync(prometheus);
            clock.Now += TimeSpan.FromSeconds(1);
            gate.SetResult();
            var documents = await Task.WhenAll(all);
            Assert.Equal(Queries, prometheus.Requests.Count);
            Assert.All(documents, one => Assert.True(one.Span.SequenceEqual(documents[0].Span)));

            // It took a second: for eight it is shared, as long as Prometheus is there.
            clock.Now += TimeSpan.FromSeconds(7);
            var shared = await source.ReadAsync(default);
            Assert.Equal((Queries + 1, AsOf(documents[0])), (prometheus.Requests.Count, AsOf(shared)));
            clock.Now += TimeSpan.FromSeconds(1);
            Assert.Equal(clock.Now, AsOf(await source.ReadAsync(default)));
            Assert.Equal(2 * Queries + 1, prometheus.Requests.Count);
            // That one took no time at all, and is not kept.
            await source.ReadAsync(default);
            Assert.Equal(3 * Queries + 1, prometheus.Requests.Count);
        });

    [IsolatedFact]
    public Task Read_WhilePrometheusIsAway_FailsAtOnce_AlsoWhatCouldBeShared() =>
        Body.RunAsync(static async () =>
        {
            var gate = new TaskCompletionSource();
            var prometheus = new RawServer($"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {Nothing.Length}\r\n\r\n{Nothing}", after: gate.Task);
            var clock = new ClockOfTest();
            using var source = new FleetSource(new PrometheusClient(prometheus.Address), clock);
            var first = source.ReadAsync(default);
            await AskedAsync(prometheus);
            clock.Now += TimeSpan.FromHours(1);
            gate.SetResult();
            await first;
            await source.ReadAsync(default);
            prometheus.Dispose();
            await Assert.ThrowsAsync<PrometheusException>(() => source.ReadAsync(default));
            clock.Now += TimeSpan.FromHours(1);
            await Assert.ThrowsAsync<PrometheusException>(() => source.ReadAsync(default));
        });

    private static async Task AskedAsync(RawServer prometheus)
    {
        for (var began = Stopwatch.StartNew(); prometheus.Requests.Count < Queries; await Task.Delay(20))
            Assert.True(began.Elapsed < TimeSpan.FromMinutes(4), $"{prometheus.Requests.Count} queries came");
    }

    private static DateTimeOffset AsOf(ReadOnlyMemory<byte> document) => JsonDocument.Parse(document).RootElement.GetProperty("asOf").GetDateTimeOffset();

    private sealed class ClockOfTest : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;

        // The deadline of an answer does not come: it is not what these tests are about, and a busy machine would meet it.
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }
}

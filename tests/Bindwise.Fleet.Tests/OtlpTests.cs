using System.Collections.Concurrent;
using System.Diagnostics;
using Bindwise.Dashboard.Metrics;

namespace Bindwise.Fleet.Tests;

/// <summary>Metrics by OTLP: what is sent, and what is said while nobody takes it.</summary>
public class OtlpTests
{
    private const string Taken = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    private const string Refused = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";

    [IsolatedFact]
    public Task Otlp_SendsWhatTheMetricsSay() =>
        Body.RunAsync(static async () =>
        {
            using var receiver = new RawServer(Taken);
            Environment.SetEnvironmentVariable("OTEL_METRIC_EXPORT_INTERVAL", "200");
            var lines = new ConcurrentQueue<string>();
            await using var server = await ServerOfTest.StartAsync(settings => settings with { Otlp = receiver.Address }, lines.Enqueue);
            await UntilAsync(() => Task.FromResult(receiver.Requests.Any(static one => one.Contains("bindwise_sockets", StringComparison.Ordinal)
                && one.Contains("LISTEN", StringComparison.Ordinal) && one.Contains("bindwise_listen_overflows", StringComparison.Ordinal))));

            var request = receiver.Requests[^1];
            Assert.StartsWith("POST /v1/metrics HTTP/1.1\r\n", request, StringComparison.Ordinal);
            Assert.Contains("Content-Type: application/x-protobuf", request, StringComparison.Ordinal);
            // None has failed, but for one that the machine held up for longer than the server waits: that is told.
            Assert.True(await FailedAsync(server) == 0 || !lines.IsEmpty);
            Assert.All(lines, static line => Assert.Matches("it does not answer in time|^metrics reach ", line));
        });

    [IsolatedFact]
    public Task Otlp_ReceiverThatIsGoneRefusesAndReturns_IsToldOnceAndCounted() =>
        Body.RunAsync(static async () =>
        {
            Environment.SetEnvironmentVariable("OTEL_METRIC_EXPORT_INTERVAL", "200");
            var lines = new ConcurrentQueue<string>();
            const int Port = 4318;
            await using var server = await ServerOfTest.StartAsync(static settings => settings with { Otlp = new Uri($"http://reader:secret@127.0.0.1:{Port}/v1/metrics") },
                lines.Enqueue);
            // Nobody is there, again and again; then somebody who takes nothing.
            await UntilAsync(async () => await FailedAsync(server) >= 3);
            Assert.Contains("Connection refused", Assert.Single(lines), StringComparison.Ordinal);
            Assert.StartsWith($"metrics cannot be sent to http://127.0.0.1:{Port}: ", lines.First(), StringComparison.Ordinal);
            using (var refusing = new RawServer(Refused, Port))
            {
                await UntilAsync(() => Task.FromResult(refusing.Requests.Count >= 2));
                Assert.All(refusing.Requests, static one => Assert.Contains("Authorization: Basic cmVhZGVyOnNlY3JldA==\r\n", one, StringComparison.Ordinal));
            }
            Assert.Single(lines);

            using (new RawServer(Taken, Port))
                await UntilAsync(() => Task.FromResult(lines.Count == 2));
            Assert.Equal($"metrics reach http://127.0.0.1:{Port} again", lines.Last());
            var failed = await FailedAsync(server);
            await UntilAsync(async () => await FailedAsync(server) > failed);
            Assert.Equal(2, lines.Count);
        });

    [Fact]
    public async Task ReceiverThatClosesTheConnection_IsReportedWithTheReason()
    {
        using var closing = new RawServer("");
        var lines = new List<string>();
        using var client = new HttpClient(new WatchedExports(new ExportWatch(closing.Address, lines.Add, new ClockOfTest())));

        await Assert.ThrowsAsync<HttpRequestException>(() => client.PostAsync(closing.Address, new StringContent("metrics")));

        Assert.Contains("The response ended prematurely", Assert.Single(lines), StringComparison.Ordinal);
    }

    [Fact]
    public void Watch_TellsEachFailureThatLastsAgainAfterAPause()
    {
        var (clock, lines) = (new ClockOfTest(), new List<string>());
        var watch = new ExportWatch(new Uri("http://collector:4318/v1/metrics"), lines.Add, clock);
        watch.Exported(null);
        watch.Exported("Connection refused");
        watch.Exported("Connection refused");
        Assert.Equal(["metrics cannot be sent to http://collector:4318: Connection refused; it is tried again each time"], lines);
        clock.Now += ExportWatch.Pause;
        watch.Exported("it answers HTTP status 503");
        watch.Exported(null);
        watch.Exported(null);
        Assert.Equal((3, "metrics reach http://collector:4318 again"), (lines.Count, lines[^1]));
        // One that comes and goes fills no log.
        for (var i = 0; i < 100; i++)
            watch.Exported(i % 2 == 0 ? "Connection refused" : null);
        Assert.Equal((3, 53), (lines.Count, watch.Failed));
        watch.End();
        clock.Now += ExportWatch.Pause;
        watch.Exported("Connection refused");
        Assert.Equal(3, lines.Count);
    }

    private static async Task<double> FailedAsync(ServerOfTest server) => (await server.MetricsAsync())["bindwise_otlp_export_failures_total"];

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var began = Stopwatch.StartNew(); !await holds(); await Task.Delay(100))
            Assert.True(began.Elapsed < TimeSpan.FromMinutes(4), "it never came");
    }

    private sealed class ClockOfTest : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using IsolatedProcess;

namespace Bindwise.Tests.Telemetry;

/// <summary>The activities of binds and connects, as a listener of the source sees them.</summary>
[Trait("Lane", "second")]
public sealed class ActivityTests
{
    [IsolatedFact]
    public Task Binds_AreActivities_WithTheirAttributes() => Body.RunAsync(static async () =>
    {
        using var seen = new Seen();
        using (var first = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080)))
        {
            Assert.Equal("bind Unset network.transport=tcp network.type=ipv4 server.address=127.0.0.1 server.port=8080", seen.Only());
            Assert.Throws<BindException>(static () => Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080)));
            const string Failed = "bind Error bindwise.cause=listener error.type=EADDRINUSE network.transport=tcp network.type=ipv4 server.address=127.0.0.1 server.port=8080";
            Assert.Equal(Failed, seen.Only());
            await Assert.ThrowsAsync<BindException>(static async () => await Listener.BindAsync(ListenRequest.On(IPAddress.Loopback, 8080)));
            Assert.Equal(Failed, seen.Only());
        }
        await using var chosen = await Listener.BindAsync(ListenRequest.OnAny(0) with { Transports = Transports.Udp });
        Assert.Equal($"bind Unset network.transport=udp network.type=ipv6 server.address=:: server.port={chosen.Port}", seen.Only());
        using var path = Listener.Bind(ListenRequest.OnUnixSocket("@bindwise"));
        Assert.Equal("bind Unset network.transport=unix server.address=@bindwise", seen.Only());
    });

    [Fact]
    public void Version_IsThatOfThePackage_WithoutTheCommit() => Assert.StartsWith(typeof(Listener).Assembly.GetName().Version!.ToString(3), BindwiseTelemetry.Version, StringComparison.Ordinal);

    [IsolatedFact]
    public Task Source_HasTheVersion() => Body.RunAsync(static () =>
    {
        ActivitySource? heard = null;
        using var listener = new ActivityListener
        {
            ShouldListenTo = source =>
            {
                if (source.Name == BindwiseTelemetry.ActivitySourceName)
                    heard = source;
                return heard == source;
            },
        };
        ActivitySource.AddActivityListener(listener);
        using var bound = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080));
        Assert.Equal(BindwiseTelemetry.Version, heard?.Version);
        Assert.DoesNotContain('+', BindwiseTelemetry.Version);
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task Connects_AreActivities_WithTheirAttributes() => Body.RunAsync(static async () =>
    {
        using var listener = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080));
        using var connector = new OutgoingConnector();
        using var seen = new Seen();
        using (await connector.ConnectAsync(new IPEndPoint(IPAddress.Loopback, 8080)))
            Assert.Equal("connect Unset network.transport=tcp network.type=ipv4 server.address=127.0.0.1 server.port=8080", seen.Only());
        await Assert.ThrowsAnyAsync<System.Net.Sockets.SocketException>(async () => await connector.ConnectAsync(new IPEndPoint(IPAddress.Loopback, 8081)));
        Assert.Equal("connect Error error.type=ECONNREFUSED network.transport=tcp network.type=ipv4 server.address=127.0.0.1 server.port=8081", seen.Only());
    });

    private sealed class Seen : IDisposable
    {
        private readonly ConcurrentQueue<string> _ended = new();
        private readonly ActivityListener _listener;

        public Seen()
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = static source => source.Name == BindwiseTelemetry.ActivitySourceName,
                Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
                ActivityStopped = activity => _ended.Enqueue(
                    $"{activity.OperationName} {activity.Status} {string.Join(' ', activity.TagObjects.OrderBy(static tag => tag.Key, StringComparer.Ordinal).Select(static tag => $"{tag.Key}={tag.Value}"))}"),
            };
            ActivitySource.AddActivityListener(_listener);
        }

        /// <summary>The one that ended since the last call.</summary>
        public string Only()
        {
            var only = Assert.Single(_ended);
            _ended.Clear();
            return only;
        }

        public void Dispose() => _listener.Dispose();
    }
}

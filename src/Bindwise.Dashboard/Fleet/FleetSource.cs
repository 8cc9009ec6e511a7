using System.Buffers;

namespace Bindwise.Dashboard.Fleet;

/// <summary>
/// What a Prometheus knows of the fleet. All who ask at the same time get one answer, and those who ask soon after get it again: many open
/// pages cost Prometheus no more than one. Thread-safe.
/// </summary>
/// <param name="prometheus">Whom to ask; ends with this.</param>
internal sealed class FleetSource(PrometheusClient prometheus, TimeProvider clock) : IDisposable
{
    internal static readonly TimeSpan Deadline = TimeSpan.FromSeconds(9);

    // Prometheus is asked for at most this share of the time, and a small fleet, whose answers cost nothing, at each request.
    private const int Share = 8;
    private static readonly TimeSpan LongestKept = TimeSpan.FromSeconds(15);

    private readonly Lock _gate = new();
    private Task<ReadOnlyMemory<byte>>? _asking;
    private ReadOnlyMemory<byte> _kept;
    private DateTimeOffset _keptUntil;

    /// <summary>Whom to ask about something else.</summary>
    public PrometheusClient Prometheus => prometheus;

    /// <summary>Asks for the first time, before anybody waits for it.</summary>
    public void Begin() => _ = Asking();

    /// <summary>The document of <c>/api/v1/fleet</c>.</summary>
    /// <param name="cancellation">Ends the wait; the answer goes on for others.</param>
    /// <exception cref="PrometheusException">Prometheus does not answer as it should.</exception>
    /// <exception cref="OperationCanceledException">Cancelled, or it took too long.</exception>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellation)
    {
        if (Kept() is not { } kept)
            return await Asking().WaitAsync(cancellation);
        // That Prometheus has gone since is told at once.
        await prometheus.AskAsync("vector(1)", clock.GetUtcNow(), cancellation);
        return kept;
    }

    public void Dispose() => prometheus.Dispose();

    private ReadOnlyMemory<byte>? Kept()
    {
        lock (_gate)
            return clock.GetUtcNow() < _keptUntil ? _kept : (ReadOnlyMemory<byte>?)null;
    }

    private Task<ReadOnlyMemory<byte>> Asking()
    {
        lock (_gate)
            return _asking ??= Task.Run(AskAsync);
    }

    private async Task<ReadOnlyMemory<byte>> AskAsync()
    {
        try
        {
            using var late = new CancellationTokenSource(Deadline, clock);
            var began = clock.GetUtcNow();
            var facts = await FleetQueries.AskAsync(prometheus, began, late.Token);
            var document = new ArrayBufferWriter<byte>();
            FleetJson.Write(document, FleetReporting.Of(facts));
            var now = clock.GetUtcNow();
            var keep = TimeSpan.FromTicks(Math.Min(LongestKept.Ticks, Share * Math.Max(0, (now - began).Ticks)));
            lock (_gate)
                (_kept, _keptUntil) = (document.WrittenMemory, now + keep);
            return document.WrittenMemory;
        }
        finally
        {
            lock (_gate)
                _asking = null;
        }
    }
}

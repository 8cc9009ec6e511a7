using System.Diagnostics;
using System.Threading.RateLimiting;

namespace Bindwise.Dashboard.Guarding;

/// <summary>
/// The requests that are being answered. Where all places are taken, a client that leaves its answer unread loses its own to one that asks.
/// </summary>
/// <param name="places">How many.</param>
internal sealed class RequestPlaces(int places) : IDisposable
{
    // Who reads has an answer of megabytes long before.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly ConcurrencyLimiter _limiter = new(new ConcurrencyLimiterOptions { PermitLimit = places, QueueLimit = places });
    private readonly LinkedList<Place> _taken = [];
    private readonly Lock _gate = new();

    /// <summary>Takes a place for a request.</summary>
    /// <returns>The place, to be disposed at the request's end; null where none is to be had.</returns>
    public async ValueTask<IDisposable?> TakeAsync(HttpContext context)
    {
        var lease = _limiter.AttemptAcquire();
        if (!lease.IsAcquired)
        {
            if (!DropAnUnread())
                return null;
            lease = await WaitAsync();
        }
        if (lease is not { IsAcquired: true })
            return null;
        var place = new Place(this, context, lease);
        lock (_gate)
            _taken.AddLast(place);
        return place;
    }

    /// <inheritdoc/>
    public void Dispose() => _limiter.Dispose();

    // The one that was dropped ends on a thread of its own.
    private async ValueTask<RateLimitLease?> WaitAsync()
    {
        using var late = new CancellationTokenSource(Patience);
        try
        {
            return await _limiter.AcquireAsync(1, late.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    // Under the lock: a request that has ended meanwhile is another's by now.
    private bool DropAnUnread()
    {
        lock (_gate)
        {
            foreach (var place in _taken)
            {
                if (!place.IsLeftUnread)
                    continue;
                place.Drop();
                return true;
            }
            return false;
        }
    }

    private void Leave(Place place)
    {
        lock (_gate)
            _taken.Remove(place);
    }

    private sealed class Place(RequestPlaces places, HttpContext context, RateLimitLease lease) : IDisposable
    {
        private readonly long _taken = Stopwatch.GetTimestamp();
        private bool _isDropped;

        public bool IsLeftUnread => !_isDropped && context.Response.HasStarted && Stopwatch.GetElapsedTime(_taken) > Patience;

        public void Drop()
        {
            _isDropped = true;
            context.Abort();
        }

        public void Dispose()
        {
            places.Leave(this);
            lease.Dispose();
        }
    }
}

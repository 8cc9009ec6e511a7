using System.Diagnostics;
using System.Threading.RateLimiting;
using Bindwise.Dashboard.Answers;

namespace Bindwise.Dashboard.Guarding;

/// <summary>
/// The requests that are being answered, and those that wait for a place. A client that leaves its answer unread loses its place to one
/// that waits; one that reads on, however slowly, keeps it.
/// </summary>
/// <param name="places">How many are answered at the same time.</param>
/// <param name="waiting">How many may wait.</param>
internal sealed class RequestPlaces(int places, int waiting) : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    // Who reads has taken the next piece of the answer long before.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly ConcurrencyLimiter _limiter = new(new ConcurrencyLimiterOptions { PermitLimit = places, QueueLimit = waiting });
    private readonly LinkedList<Place> _taken = [];
    private readonly Lock _gate = new();

    /// <summary>Takes a place for a request.</summary>
    /// <returns>The place, to be disposed at the request's end; null where none is to be had.</returns>
    public async ValueTask<IDisposable?> TakeAsync(HttpContext context)
    {
        var lease = _limiter.AttemptAcquire();
        if (!lease.IsAcquired)
            lease = await WaitAsync(context.RequestAborted);
        if (lease is not { IsAcquired: true })
            return null;
        var place = new Place(this, context, lease);
        context.Features.Set<IAnswerProgress>(place);
        lock (_gate)
            _taken.AddLast(place);
        return place;
    }

    /// <inheritdoc/>
    public void Dispose() => _limiter.Dispose();

    private async ValueTask<RateLimitLease?> WaitAsync(CancellationToken aborted)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        late.CancelAfter(LongestWait);
        var lease = _limiter.AcquireAsync(1, late.Token).AsTask();
        try
        {
            using var patience = new PeriodicTimer(Patience);
            do
                DropAnUnread();
            while (await Task.WhenAny(lease, patience.WaitForNextTickAsync(CancellationToken.None).AsTask()) != lease);
            return await lease;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    // Under the lock: a request that has ended meanwhile is another's by now.
    private void DropAnUnread()
    {
        lock (_gate)
            _taken.FirstOrDefault(static place => place.IsLeftUnread)?.Drop();
    }

    private void Leave(Place place)
    {
        lock (_gate)
            _taken.Remove(place);
    }

    private sealed class Place(RequestPlaces places, HttpContext context, RateLimitLease lease) : IAnswerProgress, IDisposable
    {
        private long _advanced = Stopwatch.GetTimestamp();
        private bool _isDropped;

        public bool IsLeftUnread => !_isDropped && context.Response.HasStarted
            && Stopwatch.GetElapsedTime(Volatile.Read(ref _advanced)) > Patience;

        public void Advance() => Volatile.Write(ref _advanced, Stopwatch.GetTimestamp());

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

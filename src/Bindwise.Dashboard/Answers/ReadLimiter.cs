using System.Threading.RateLimiting;

namespace Bindwise.Dashboard.Answers;

/// <summary>Work that takes a thread: a few at a time, a bounded number in wait.</summary>
internal sealed class ReadLimiter(int mostAtOnce) : IDisposable
{
    /// <summary>So many in wait; more are refused.</summary>
    public const int MostWaiting = 60;

    private readonly ConcurrencyLimiter _turns = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = mostAtOnce,
        QueueLimit = MostWaiting,
    });

    /// <param name="cancellation">Ends the wait at once; the turn is over only when the work is.</param>
    /// <exception cref="ProblemException">Too many wait already.</exception>
    public async Task<T> RunAsync<T>(Func<CancellationToken, T> work, CancellationToken cancellation)
    {
        var turn = await _turns.AcquireAsync(1, cancellation);
        if (!turn.IsAcquired)
            throw new ProblemException(Problem.Busy, $"{MostWaiting} requests are waiting already");
        var running = Task.Run(() =>
        {
            using (turn)
            {
                // Of a request that nobody waits for any more nothing is read: the server may have reused it.
                cancellation.ThrowIfCancellationRequested();
                return work(cancellation);
            }
        }, CancellationToken.None);
        // What it says when nobody waits any more is no error that anybody failed to observe.
        _ = running.ContinueWith(static left => _ = left.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted,
            TaskScheduler.Default);
        return await running.WaitAsync(cancellation);
    }

    public void Dispose() => _turns.Dispose();
}

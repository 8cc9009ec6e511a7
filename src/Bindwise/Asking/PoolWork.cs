namespace Bindwise;

/// <summary>Work that blocks, on a thread of the pool.</summary>
internal static class PoolWork
{
    /// <summary>Runs it. When it is cancelled nobody waits for it any more: it must end by itself, and leave nothing open.</summary>
    public static Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        var running = Task.Run(work, cancellationToken);
        if (!cancellationToken.CanBeCanceled)
            return running;
        // What it says when nobody waits any more is no error that anybody failed to observe.
        _ = running.ContinueWith(static left => _ = left.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return running.WaitAsync(cancellationToken);
    }
}

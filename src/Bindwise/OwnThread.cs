using Bindwise.Linux.Threads;

namespace Bindwise;

/// <summary>
/// Runs what blocks on a thread of its own: a pool that is busy would hold it up, and it the pool. A process that is out of threads or
/// descriptors gets none; the runtime says that by an exception of its own, which no caller expects.
/// </summary>
internal static class OwnThread
{
    /// <summary>Runs it, or fails with what <paramref name="fault"/> makes of the reason: one clause, without a full stop.</summary>
    public static Task RunAsync(Action work, Func<string, Exception> fault)
    {
        try
        {
            return Start(work);
        }
        catch (TaskSchedulerException exception)
        {
            return Task.FromException(fault(ReasonOf(exception)));
        }
    }

    /// <inheritdoc cref="RunAsync(Action, Func{string, Exception})"/>
    public static Task<T> RunAsync<T>(Func<T> work, Func<string, Exception> fault, CancellationToken cancellationToken = default)
    {
        try
        {
            return Task.Factory.StartNew(work, cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        catch (TaskSchedulerException exception)
        {
            return Task.FromException<T>(fault(ReasonOf(exception)));
        }
    }

    /// <summary>What must be done, on the calling thread where there is no other.</summary>
    public static Task RunOrBlockAsync(Action work)
    {
        try
        {
            return Start(work);
        }
        catch (TaskSchedulerException)
        {
            work();
            return Task.CompletedTask;
        }
    }

    private static Task Start(Action work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static string ReasonOf(TaskSchedulerException exception) =>
        (OperatingSystem.IsLinux() ? ResourceShortage.Behind(exception) : null) ?? "this process gets no further thread";
}

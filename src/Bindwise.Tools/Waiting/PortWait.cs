namespace Bindwise.Tools;

/// <summary>
/// Waits until ports can be bound, until somebody listens, or until nobody does, as <c>bindwise wait</c>. Stateless; thread-safe.
/// </summary>
/// <remarks>
/// On Linux the kernel's own messages wake it when a socket in the way is closed; what comes without a message (a new listener, the end of
/// a TIME_WAIT) is looked for some 50 times a second by narrow questions, less often where those are expensive: under 1 % of a core.
/// </remarks>
public static class PortWait
{
    /// <summary>Waits on the calling thread.</summary>
    /// <param name="request">What to wait for.</param>
    /// <param name="cancellationToken">Ends the waiting, within some 100 ms.</param>
    /// <returns>How it ended; a timeout is no exception.</returns>
    /// <exception cref="ArgumentException">The request contradicts itself.</exception>
    /// <exception cref="PortQueryException">The system cannot answer, for instance for an unknown host.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static WaitReport Run(WaitRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Check();
        return new PortWaiter(request, null, cancellationToken).Run();
    }

    /// <summary>The same on a thread of its own.</summary>
    /// <param name="request">What to wait for.</param>
    /// <param name="cancellationToken">Ends the waiting, within some 100 ms.</param>
    /// <returns>How it ended; a timeout is no exception.</returns>
    /// <exception cref="ArgumentException">The request contradicts itself.</exception>
    /// <exception cref="PortQueryException">The system cannot answer, for instance for an unknown host.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static Task<WaitReport> RunAsync(WaitRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Check();
        return Task.Factory.StartNew(() => new PortWaiter(request, null, cancellationToken).Run(), cancellationToken,
            TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }
}

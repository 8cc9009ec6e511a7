using Bindwise.Model.Restarting;

namespace Bindwise;

/// <summary>
/// Runs a program with sockets of this process, passed as systemd does (LISTEN_FDS, sd_listen_fds(3)), and starts it again as the options
/// say. The server keeps copies of the sockets until it has ended: meanwhile connections wait for the next child, and none is refused.
/// Linux only. Thread-safe.
/// </summary>
/// <remarks>
/// posix_spawn(3) starts the child: descriptors 0, 1 and 2 are this process's, 3 and up are the sockets, then the end of a pipe by which
/// the kernel tells the child that this process has ended (<see cref="ChildServerOptions.OnParentExit"/>); there are no others. The child
/// is in this process's group, so Ctrl+C reaches both. If this process accepts asynchronously on a socket, the socket is non-blocking in
/// the child too: both share O_NONBLOCK.
/// </remarks>
[SupportedOSPlatform("linux")]
public sealed class ChildServer : IAsyncDisposable
{
    private readonly ChildStart _start;
    private readonly ChildServerOptions _options;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<int?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly List<ChildProcess> _alive = [];
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ChildProcess _current;
    private int _restarts;

    private ChildServer(ChildStart start)
    {
        _start = start;
        _options = start.Options;
        _current = Follow(start.Run());
        _ = Task.Run(SuperviseAsync);
    }

    /// <summary>The process id of the child that serves: the one in its LISTEN_PID. A restart changes it.</summary>
    public int Id => Current.Id;

    /// <summary>How often a child was started again or replaced.</summary>
    public int Restarts => Volatile.Read(ref _restarts);

    /// <summary>Starts the program.</summary>
    /// <param name="options">The program, its sockets, and what happens when it ends.</param>
    /// <exception cref="ArgumentNullException">The options, or their environment, are null.</exception>
    /// <exception cref="ArgumentException">No sockets or too many, or an invalid name, argument, variable or time.</exception>
    /// <exception cref="FileNotFoundException">The program (or the shell that
    /// <see cref="ChildServerOptions.TellsProcessId"/> needs) is not there.</exception>
    /// <exception cref="ObjectDisposedException">A socket is closed.</exception>
    /// <exception cref="IOException">The system refused to start it.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static ChildServer Start(ChildServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException("A child server needs Linux: other systems have no LISTEN_FDS.");
        var start = new ChildStart(options);
        try
        {
            return new ChildServer(start);
        }
        catch
        {
            start.Dispose();
            throw;
        }
    }

    /// <summary>Waits until a child is ready; returns at once if <see cref="ChildServerOptions.ExpectsReady"/> is false.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="IOException">The child ended before it was ready, and is not started again.</exception>
    /// <exception cref="TimeoutException">It was not ready in time, and is not started again.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task WaitUntilReadyAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            ChildProcess current;
            Task next;
            lock (_gate)
                (current, next) = (_current, _next.Task);
            if (await current.Ready.WaitAsync(cancellationToken).ConfigureAwait(false) is not { } failure)
                return;
            if (await Task.WhenAny(next, _ended.Task).WaitAsync(cancellationToken).ConfigureAwait(false) == _ended.Task)
                throw failure;
        }
    }

    /// <summary>Waits until the server has ended: a child ended and is not started again. A restart does not end it.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The last child's exit code; 128 plus the signal's number if a signal ended it; null if this process ignores SIGCHLD,
    /// because the system then keeps no exit code.</returns>
    /// <exception cref="IOException">The last restart failed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<int?> WaitForExitAsync(CancellationToken cancellationToken = default) => _ended.Task.WaitAsync(cancellationToken);

    /// <summary>
    /// Replaces the child: starts a new one, waits until it is ready, and only then stops the old one. Both accept from the same sockets
    /// meanwhile. If the new one fails, the old one goes on.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait for the new child, which is then stopped, or for the end of the old one.</param>
    /// <exception cref="IOException">The new child cannot be started, or ended before it was ready.</exception>
    /// <exception cref="TimeoutException">The new child was not ready in time.</exception>
    /// <exception cref="InvalidOperationException">The server has ended.</exception>
    /// <exception cref="OperationCanceledException">Cancelled, or the server is being stopped.</exception>
    public async Task RestartAsync(CancellationToken cancellationToken = default)
    {
        ChildProcess former;
        EnsureRunning();
        using (var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop.Token))
        {
            await _turn.WaitAsync(linked.Token).ConfigureAwait(false);
            try
            {
                EnsureRunning();
                var next = Follow(_start.Run());
                await AwaitReadyAsync(next, linked.Token).ConfigureAwait(false);
                former = Swap(next);
            }
            finally
            {
                _turn.Release();
            }
        }
        await former.StopAsync(_options.StopGracePeriod, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Ends the server: SIGTERM to the child, and SIGKILL if it has not ended after the grace period. Connections that wait are then lost
    /// with the last copy of the socket.
    /// </summary>
    /// <param name="gracePeriod">The time between both, not negative or infinite.</param>
    /// <param name="cancellationToken">Ends the wait; the child may then run on, and a second call or <see cref="DisposeAsync"/> ends
    /// it.</param>
    /// <returns>As <see cref="WaitForExitAsync"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The grace period is negative.</exception>
    /// <exception cref="IOException">The system refused the signal, for instance for a child of another user; or the last restart
    /// failed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<int?> StopAsync(TimeSpan gracePeriod, CancellationToken cancellationToken = default)
    {
        if (gracePeriod != Timeout.InfiniteTimeSpan)
            ArgumentOutOfRangeException.ThrowIfLessThan(gracePeriod, TimeSpan.Zero);
        await _stop.CancelAsync().ConfigureAwait(false);
        // No child is started from here on: whoever has the turn sees the stop, and gives it up.
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        var alive = Alive;
        _turn.Release();
        await Task.WhenAll(alive.Select(child => child.StopAsync(gracePeriod, cancellationToken))).ConfigureAwait(false);
        return await WaitForExitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Kills the child (SIGKILL), which the restart options then see as a failure. Connections that it had accepted are lost; those still
    /// waiting are not.
    /// </summary>
    /// <exception cref="IOException">The system refused, for instance for a child of another user.</exception>
    public void Kill() => Current.Kill();

    /// <summary>Ends the server, with the grace period of <see cref="ChildServerOptions.StopGracePeriod"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _ = await StopAsync(_options.StopGracePeriod).ConfigureAwait(false);
        }
        catch (Exception) when (_ended.Task.IsFaulted)
        {
            // WaitForExitAsync told it: no child runs any more.
            _start.Dispose();
        }
    }

    private ChildProcess Current
    {
        get
        {
            lock (_gate)
                return _current;
        }
    }

    private List<ChildProcess> Alive
    {
        get
        {
            lock (_gate)
                return [.. _alive];
        }
    }

    private void EnsureRunning()
    {
        if (_ended.Task.IsCompleted)
            throw new InvalidOperationException("The server has ended: start another.");
    }

    private ChildProcess Follow(ChildProcess child)
    {
        lock (_gate)
            _alive.Add(child);
        _ = child.Ended.ContinueWith(
            _ =>
            {
                lock (_gate)
                    _alive.Remove(child);
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        try
        {
            _options.OnStarted?.Invoke(child.Id);
            return child;
        }
        catch
        {
            // Nobody would know of it, and it would serve on beside the next one.
            child.TryKill();
            throw;
        }
    }

    private ChildProcess Swap(ChildProcess next)
    {
        TaskCompletionSource completed;
        ChildProcess former;
        lock (_gate)
        {
            (former, _current) = (_current, next);
            (completed, _next) = (_next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            _restarts++;
        }
        completed.SetResult();
        return former;
    }

    private async Task AwaitReadyAsync(ChildProcess next, CancellationToken cancellationToken)
    {
        var isReady = false;
        try
        {
            if (await next.Ready.WaitAsync(cancellationToken).ConfigureAwait(false) is { } failure)
                throw failure;
            isReady = true;
        }
        finally
        {
            if (!isReady)
                await next.StopAsync(_stop.IsCancellationRequested ? TimeSpan.Zero : _options.StopGracePeriod, CancellationToken.None)
                    .ConfigureAwait(false);
        }
    }

    private async Task SuperviseAsync()
    {
        var attempt = 0;
        try
        {
            while (!_ended.Task.IsCompleted)
            {
                var current = Current;
                var exitCode = await current.Ended.ConfigureAwait(false);
                // Before the wait for a restart that is under way.
                var age = current.Age;
                await _turn.WaitAsync().ConfigureAwait(false);
                try
                {
                    if (current != Current)
                        continue;
                    attempt = _options.Restart is { } restart && age >= restart.StableAfter ? 0 : attempt;
                    var next = await AgainAsync(current, exitCode, () => ++attempt).ConfigureAwait(false);
                    if (next is null)
                        _ended.SetResult(exitCode);
                    else
                        _ = Swap(next);
                }
                catch (Exception exception)
                {
                    // Of a restart that failed for good, or of the application's own callbacks: whoever waits gets it.
                    Alive.ForEach(static one => one.TryKill());
                    _ended.SetException(exception);
                }
                finally
                {
                    _turn.Release();
                }
            }
        }
        finally
        {
            _start.Dispose();
        }
    }

    // The next child; null for none.
    private async Task<ChildProcess?> AgainAsync(ChildProcess former, int? exitCode, Func<int> nextAttempt)
    {
        var failure = former.Ready.IsCompletedSuccessfully ? former.Ready.Result : null;
        var reason = exitCode == 0 && failure is not TimeoutException ? ChildRestartReasons.Success : ChildRestartReasons.Failure;
        if (_options.Restart is not { } restart || (restart.RestartOn & reason) == 0)
            return null;
        var startFailure = (IOException?)null;
        while (!_stop.IsCancellationRequested)
        {
            var attempt = nextAttempt();
            if (attempt > restart.MaxAttempts)
                return startFailure is null ? null : throw startFailure;
            var delay = RestartBackoff.Of(restart.InitialDelay, restart.MaxDelay, attempt);
            restart.OnRestart?.Invoke(new ChildRestartContext
            {
                ProcessId = former.Id,
                ExitCode = exitCode,
                Failure = startFailure ?? failure,
                Attempt = attempt,
                Delay = delay
            });
            if (!await PassesAsync(delay).ConfigureAwait(false))
                break;
            ChildProcess next;
            try
            {
                next = _start.Run();
            }
            catch (IOException exception)
            {
                startFailure = exception;
                continue;
            }
            return Follow(next);
        }
        return null;
    }

    // False when the server was stopped meanwhile.
    private async Task<bool> PassesAsync(TimeSpan delay)
    {
        // A timer counts whole milliseconds.
        if (delay < TimeSpan.FromMilliseconds(1))
            return !_stop.IsCancellationRequested;
        using var timer = new PeriodicTimer(delay);
        try
        {
            return await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}

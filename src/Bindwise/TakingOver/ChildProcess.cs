using Bindwise.Linux.Notifying;

namespace Bindwise;

/// <summary>One start of a child server. Thread-safe.</summary>
[SupportedOSPlatform("linux")]
internal sealed class ChildProcess
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<int?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Exception?> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SafeFileDescriptor? _lifeline;
    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private bool _isReaped;

    /// <summary>Watches a child that was just started.</summary>
    /// <param name="id">Its process id.</param>
    /// <param name="lifeline">What tells it of this process's end by being closed; null for nothing.</param>
    /// <param name="notifications">Where it says that it is ready; null: it is ready now.</param>
    /// <param name="options">For the times.</param>
    internal ChildProcess(int id, SafeFileDescriptor? lifeline, ReadyNotification? notifications, ChildServerOptions options)
    {
        Id = id;
        _lifeline = lifeline;
        if (notifications is null)
            _ready.SetResult(null);
        new Thread(AwaitEnd) { IsBackground = true, Name = "bindwise child" }.Start();
        if (notifications is null)
            return;
        new Thread(() => AwaitReady(notifications)) { IsBackground = true, Name = "bindwise ready" }.Start();
        _ = LimitAsync(options);
    }

    internal int Id { get; }

    internal TimeSpan Age => Stopwatch.GetElapsedTime(_startedAt);

    /// <summary>Completes when it has ended, with its exit code as <see cref="ChildServer.WaitForExitAsync"/> gives it.</summary>
    internal Task<int?> Ended => _ended.Task;

    /// <summary>Completes with null when it is ready, or with why it never will be.</summary>
    internal Task<Exception?> Ready => _ready.Task;

    /// <summary>SIGTERM, and SIGKILL after the grace period.</summary>
    internal async Task StopAsync(TimeSpan gracePeriod, CancellationToken cancellationToken)
    {
        Send(SignalCall.Terminate);
        try
        {
            _ = await Ended.WaitAsync(gracePeriod, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Kill();
            _ = await Ended.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>SIGKILL; nothing if it has ended.</summary>
    internal void Kill() => Send(SignalCall.Kill);

    /// <summary>SIGKILL; where the system refuses, as for a child of another user, it runs on.</summary>
    internal void TryKill() => _ = TrySend(SignalCall.Kill);

    private void Send(int signal)
    {
        if (TrySend(signal) is var errno and not (Errno.None or Errno.ESRCH))
            throw new IOException($"Cannot send process {Id} a signal: {errno}.");
    }

    // Its number may be another process's once it was reaped: no signal goes there.
    private Errno TrySend(int signal)
    {
        lock (_gate)
            return _isReaped ? Errno.None : SignalCall.SendToChild(Id, signal);
    }

    private void AwaitEnd()
    {
        var errno = ChildWaitCall.AwaitEnd(Id, out var exitCode);
        lock (_gate)
        {
            _ = ChildWaitCall.TryReap(Id);
            _isReaped = true;
        }
        _lifeline?.Dispose();
        var told = errno == Errno.None ? string.Create(CultureInfo.InvariantCulture, $" with exit code {exitCode}") : "";
        _ = _ready.TrySetResult(
            new IOException($"Process {Id} ended{told} before it was ready (READY=1, sd_notify(3)): see what it wrote to its output."));
        _ended.SetResult(errno == Errno.None ? exitCode : null);
    }

    private void AwaitReady(ReadyNotification notifications)
    {
        using (notifications)
        {
            if (notifications.Await(Id, Ended))
                _ = _ready.TrySetResult(null);
        }
    }

    private async Task LimitAsync(ChildServerOptions options)
    {
        try
        {
            _ = await Ready.WaitAsync(options.ReadyTimeout).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            var seconds = options.ReadyTimeout.TotalSeconds.ToString(CultureInfo.InvariantCulture);
            if (_ready.TrySetResult(
                new TimeoutException(
                    $"Process {Id} was not ready within {seconds} s: it must send READY=1 to NOTIFY_SOCKET (sd_notify(3)), as "
                        + "ServiceNotifier.Ready() does.")))
                await StopAsync(options.StopGracePeriod, CancellationToken.None).ConfigureAwait(false);
        }
    }
}

/// <summary>Where one child says that it is ready: a socket of its own.</summary>
[SupportedOSPlatform("linux")]
internal sealed class ReadyNotification : IDisposable
{
    private static readonly TimeSpan WithoutHandle = TimeSpan.FromMilliseconds(250);

    private readonly NotifySocket _socket;

    private ReadyNotification(NotifySocket socket) => _socket = socket;

    /// <summary>The child's NOTIFY_SOCKET.</summary>
    internal string Address => _socket.Address;

    /// <exception cref="IOException">The system refused.</exception>
    internal static ReadyNotification Open() => NotifySocket.Open(out var socket) is not Errno.None and var errno
        ? throw new IOException($"Cannot open a socket for the child's NOTIFY_SOCKET: {errno}.")
        : new ReadyNotification(socket!);

    /// <summary>Waits until the child, or a process that it started, says READY=1.</summary>
    internal bool Await(int child, Task ended)
    {
        // Before Linux 5.3 there is no handle on a process: a look now and then takes its place.
        var hasHandle = PidFdGetFd.OpenProcess(child, 0, out var handle) == Errno.None;
        using (handle)
        {
            while (true)
            {
                var patience = hasHandle ? Timeout.InfiniteTimeSpan : WithoutHandle;
                if (_socket.Due is { } due && (hasHandle || due < patience))
                    patience = due > TimeSpan.Zero ? due : TimeSpan.Zero;
                _ = PollCall.WaitUntilAnyReadable([_socket.Number, hasHandle ? handle.Number : -1], patience, out var happened);
                if (_socket.Take(child, isOwnUserEnough: false).Exists(static text => Array.IndexOf(text.Split('\n'), "READY=1") >= 0))
                    return true;
                if ((happened & 2) != 0 || ended.IsCompleted)
                    return false;
            }
        }
    }

    public void Dispose() => _socket.Dispose();
}

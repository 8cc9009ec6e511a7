using System.Runtime.Versioning;
using Bindwise.Linux.Native;

namespace Bindwise;

/// <summary>A child that was started with sockets of this process. Thread-safe.</summary>
[SupportedOSPlatform("linux")]
public sealed class HandedOverProcess
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<int?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isReaped;

    internal HandedOverProcess(int id)
    {
        Id = id;
        new Thread(AwaitEnd) { IsBackground = true, Name = "bindwise child" }.Start();
    }

    /// <summary>Its process id: the one in its LISTEN_PID.</summary>
    public int Id { get; }

    /// <summary>
    /// Ends when it has ended, with its exit code; 128 and the signal's number where a signal ended it; null where this process ignores SIGCHLD,
    /// so that the system keeps none.
    /// </summary>
    public Task<int?> Ended => _ended.Task;

    /// <summary>Asks it to end (SIGTERM); nothing when it has ended.</summary>
    /// <exception cref="IOException">The system refused, as for a child of another user.</exception>
    public void Terminate() => Send(SignalCall.Terminate);

    /// <summary>Ends it at once (SIGKILL); nothing when it has ended. Connections that it had accepted are lost, those that wait are not.</summary>
    /// <exception cref="IOException">The system refused, as for a child of another user.</exception>
    public void Kill() => Send(SignalCall.Kill);

    // Its number may be another process's once it was reaped: no signal goes there.
    private void Send(int signal)
    {
        lock (_gate)
        {
            var errno = _isReaped ? Errno.None : SignalCall.SendToChild(Id, signal);
            if (errno is not (Errno.None or Errno.ESRCH))
                throw new IOException($"The process {Id} cannot be sent a signal: {errno}.");
        }
    }

    private void AwaitEnd()
    {
        var errno = ChildWaitCall.AwaitEnd(Id, out var exitCode);
        lock (_gate)
        {
            _ = ChildWaitCall.TryReap(Id);
            _isReaped = true;
        }
        _ended.SetResult(errno == Errno.None ? exitCode : null);
    }
}

using System.Runtime.Versioning;
using Bindwise.Linux.Native;

namespace Bindwise;

/// <summary>A child started with sockets of this process. Thread-safe.</summary>
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
    /// Completes when the child has ended, with its exit code; 128 plus the signal's number if a signal ended it; null if this process ignores
    /// SIGCHLD, because the system then keeps no exit code.
    /// </summary>
    public Task<int?> Ended => _ended.Task;

    /// <summary>Asks it to stop (SIGTERM); does nothing if it has ended.</summary>
    /// <exception cref="IOException">The system refused, for instance for a child of another user.</exception>
    public void Terminate() => Send(SignalCall.Terminate);

    /// <summary>Kills it (SIGKILL); does nothing if it has ended. Connections that it had accepted are lost; those still waiting are not.</summary>
    /// <exception cref="IOException">The system refused, for instance for a child of another user.</exception>
    public void Kill() => Send(SignalCall.Kill);

    // Its number may be another process's once it was reaped: no signal goes there.
    private void Send(int signal)
    {
        lock (_gate)
        {
            var errno = _isReaped ? Errno.None : SignalCall.SendToChild(Id, signal);
            if (errno is not (Errno.None or Errno.ESRCH))
                throw new IOException($"Cannot send process {Id} a signal: {errno}.");
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

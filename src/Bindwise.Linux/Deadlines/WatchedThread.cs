using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Bindwise.Linux.Native;
using Bindwise.Linux.Proc;

namespace Bindwise.Linux.Deadlines;

/// <summary>One thread of a <see cref="BoundedRun"/>: what it reads now, and whether it is stuck at it.</summary>
internal sealed class WatchedThread
{
    private const int StatusBytes = 4096;

    private readonly Lock _lock = new();
    private readonly byte[] _statusPath;
    private ForeignTarget _target;
    private int _turns;
    private bool _isLost;

    // Of the watcher alone.
    private int _turnsSeen = -1;
    private long _seenAt;
    private long _switches = -1;

    /// <summary>For the calling thread.</summary>
    internal WatchedThread()
    {
        Span<byte> link = stackalloc byte[64];
        // "1234/task/5678"; without procfs nothing of a process is read, and no thread gets stuck at it.
        _statusPath = ReadLinkAt.Read(OpenAt.WorkingDirectory, "/proc/thread-self\0"u8, link, out var length) == Errno.None
            ? [.. "/proc/"u8, .. link[..length], .. "/status\0"u8]
            : [0];
    }

    /// <summary>How long it has been at the same target, as far as the watcher has seen.</summary>
    internal TimeSpan Waiting => _turnsSeen < 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(_seenAt);

    /// <summary>Turns to another target.</summary>
    /// <returns>The one before.</returns>
    internal ForeignTarget Turn(ForeignTarget target)
    {
        lock (_lock)
        {
            var before = _target;
            if (_isLost)
                LostReads.Remove(before);
            _isLost = false;
            _target = target;
            _turns++;
            return before;
        }
    }

    /// <summary>
    /// Looks at the thread from another one. It is stuck when it has been at one target for the given time, sleeps, and has not been awake between two
    /// looks: a thread that only waits for a processor runs, and one that makes progress sleeps and wakes.
    /// </summary>
    /// <param name="limit">The time.</param>
    /// <param name="target">At what it is stuck; from now on <see cref="LostReads"/> holds that too, until the thread comes back.</param>
    internal bool IsStuck(TimeSpan limit, out ForeignTarget target)
    {
        int turns;
        lock (_lock)
            (target, turns) = (_target, _turns);
        if (target == default || _isLost)
        {
            _turnsSeen = -1;
            return false;
        }
        if (turns != _turnsSeen)
        {
            (_turnsSeen, _seenAt, _switches) = (turns, Stopwatch.GetTimestamp(), -1);
            return false;
        }
        if (Waiting < limit)
            return false;
        var before = _switches;
        var isAsleep = IsAsleep(out _switches);
        if (!isAsleep || before != _switches)
            return false;
        lock (_lock)
        {
            if (_turns != turns)
                return false;
            _isLost = true;
            LostReads.Add(target);
            return true;
        }
    }

    /// <summary>State and context switches by /proc/self/task/TID/status (proc_pid_status(5)).</summary>
    private bool IsAsleep(out long switches)
    {
        switches = 0;
        Span<byte> status = stackalloc byte[StatusBytes];
        if (ProcFile.Read(OpenAt.WorkingDirectory, _statusPath, status, out var length) != Errno.None)
            return true;
        status = status[..length];
        switches = Number(status, "\nvoluntary_ctxt_switches:\t"u8) + Number(status, "\nnonvoluntary_ctxt_switches:\t"u8);
        var at = status.IndexOf("\nState:\t"u8);
        return at >= 0 && status[at..].Length > 8 && status[at + 8] is not (byte)'R';
    }

    private static long Number(ReadOnlySpan<byte> status, ReadOnlySpan<byte> name)
    {
        var at = status.IndexOf(name);
        return at >= 0 && Utf8Parser.TryParse(status[(at + name.Length)..], out long value, out _) ? value : 0;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Encoding.ASCII.GetString(_statusPath)}: {_target}");
}

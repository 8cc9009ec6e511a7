using System.Buffers.Text;
using System.Diagnostics;

namespace Bindwise.Linux.Deadlines;

/// <summary>One thread of a <see cref="BoundedRun"/>: what it reads now, and whether it is stuck at it.</summary>
internal sealed class WatchedThread
{
    private const int StatusBytes = 4096;

    /// <summary>
    /// So many looks one after the other find a stuck thread as the look before has left it. One would not do: a virtual machine whose host
    /// takes one of its processors away for some ten milliseconds wakes no thread there in time.
    /// </summary>
    private const int ChecksAsleep = 4;

    private static readonly AsyncLocal<bool> Here = new();

    private readonly Lock _lock = new();
    private readonly byte[] _statusPath;
    private ForeignTarget _target;
    private int _turns;
    private bool _isLost;

    // Of the watcher alone.
    private int _turnsSeen = -1;
    private long _seenAt;
    private long _switches = -1;
    private int _checksAsleep;
    private long _checkedAt;
    private TimeSpan _asleep;

    /// <summary>The calling thread is watched, or was started by one that is.</summary>
    internal static bool IsHere => Here.Value;

    internal WatchedThread()
    {
        Here.Value = true;
        Span<byte> link = stackalloc byte[64];
        // "1234/task/5678"; without procfs nothing of a process is read, and no thread gets stuck at it.
        _statusPath = ReadLinkAt.Read(OpenAt.WorkingDirectory, "/proc/thread-self\0"u8, link, out var length) == Errno.None
            ? [.. "/proc/"u8, .. link[..length], .. "/status\0"u8]
            : [0];
    }

    /// <summary>How long it has been at the same target, as far as the watcher has seen.</summary>
    internal TimeSpan Waiting => _turnsSeen < 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(_seenAt);

    internal ForeignTarget Turn(ForeignTarget target) => Turn(target, out _);

    /// <param name="wasLost">It was given up at the one before: others have gone on without it.</param>
    internal ForeignTarget Turn(ForeignTarget target, out bool wasLost)
    {
        lock (_lock)
        {
            var before = _target;
            wasLost = _isLost;
            if (_isLost)
                LostReads.Remove(before);
            _isLost = false;
            _target = target;
            _turns++;
            return before;
        }
    }

    /// <summary>
    /// Looks at the thread from another one. It is stuck when it has been at one target for the given time, sleeps, and has not been awake
    /// between the last looks: a thread that only waits for a processor runs, and one that makes progress sleeps and wakes. Whoever answers
    /// drop by drop keeps it asleep all the same.
    /// </summary>
    /// <param name="target">At what it is stuck; from now on <see cref="LostReads"/> holds that too, until the thread comes back.</param>
    /// <param name="sleepLimit">It is stuck, however often it wakes, when it slept so long at one target; null for never.</param>
    internal bool IsStuck(TimeSpan limit, out ForeignTarget target, TimeSpan? sleepLimit = null)
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
            (_turnsSeen, _seenAt, _switches, _checksAsleep) = (turns, Stopwatch.GetTimestamp(), -1, 0);
            (_checkedAt, _asleep) = (_seenAt, TimeSpan.Zero);
            return false;
        }
        if (Waiting < limit / 2)
            return false;
        var before = _switches;
        var isAsleep = IsAsleep(out _switches);
        _checksAsleep = isAsleep && before == _switches ? _checksAsleep + 1 : 0;
        var checkedAt = _checkedAt;
        _checkedAt = Stopwatch.GetTimestamp();
        _asleep += isAsleep ? Stopwatch.GetElapsedTime(checkedAt, _checkedAt) : TimeSpan.Zero;
        if (!(_asleep > sleepLimit) && (_checksAsleep < ChecksAsleep || Waiting < limit))
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
        if (SmallFile.Read(OpenAt.WorkingDirectory, _statusPath, status, out var length) != Errno.None)
            return true;
        status = status[..length];
        switches = Number(status, "\nvoluntary_ctxt_switches:"u8) + Number(status, "\nnonvoluntary_ctxt_switches:"u8);
        return ProcessStatus.TryFind(status, "\nState:"u8, out var state) && state is [not (byte)'R', ..];
    }

    private static long Number(ReadOnlySpan<byte> status, ReadOnlySpan<byte> name) =>
        ProcessStatus.TryFind(status, name, out var text) && Utf8Parser.TryParse(text, out long value, out _) ? value : 0;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Encoding.ASCII.GetString(_statusPath)}: {_target}");
}

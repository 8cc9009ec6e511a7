using System.Buffers.Text;
using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Bindwise.Linux.Deadlines;

/// <summary>
/// Answers a question that reads what other processes control, on threads that may be lost. A read that a process or a file system holds up
/// is given up after 300 ms: its thread is left behind, and the question is asked anew without that process. All such waits together take a
/// second; after that only processes that are known to answer are read. The calling thread waits where a cancellation reaches it.
/// </summary>
internal sealed class BoundedRun
{
    internal static readonly TimeSpan ReadLimit = TimeSpan.FromMilliseconds(300);
    internal static readonly TimeSpan TotalLimit = TimeSpan.FromSeconds(1);

    /// <summary>How long a question may take in all: ten times what the largest host that was measured needs.</summary>
    internal static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(60);

    private const int StackBytes = 1024 * 1024;
    private const int FirstLookMilliseconds = 100;
    private const int NextLookMilliseconds = 25;

    private static readonly AsyncLocal<BoundedRun?> CurrentRun = new();

    [ThreadStatic]
    private static (BoundedRun Run, WatchedThread Thread)? s_thisThread;

    private readonly Lock _lock = new();
    private readonly ImmutableHashSet<ForeignTarget> _stuck;
    private readonly Allowance _allowance;
    private readonly IReadOnlySet<int> _answering;
    private readonly List<WatchedThread> _threads = [];
    private readonly HashSet<ForeignTarget> _refused = [];
    private volatile bool _isGivenUp;

    private BoundedRun(ImmutableHashSet<ForeignTarget> stuck, Allowance allowance, IReadOnlySet<int> answering)
    {
        _stuck = stuck;
        _allowance = allowance;
        _answering = answering;
    }

    private enum Allowance
    {
        /// <summary>Everything but what is stuck.</summary>
        Everything,

        /// <summary>Of processes those that answered a moment ago, and no files.</summary>
        AnsweringProcesses,

        Nothing,
    }

    /// <summary>The run to which the calling thread belongs; null for none.</summary>
    internal static BoundedRun? Current => CurrentRun.Value;

    /// <summary>Processes were seen to be stuck: what tells of them without touching them is worth its price.</summary>
    internal bool HasStuckProcess => !_stuck.IsEmpty;

    /// <summary>What was not read in this run.</summary>
    internal ImmutableArray<ForeignTarget> Refused
    {
        get
        {
            lock (_lock)
                return [.. _refused];
        }
    }

    /// <summary>Answers the question; within another run it is watched by that one.</summary>
    /// <param name="question">
    /// Has no lasting effect but its answer, since it may be asked again. Its token is cancelled with <paramref name="cancellation"/>, and
    /// when the run is given up.
    /// </param>
    /// <param name="cancellation">Ends the waiting at once.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="InspectionException">It did not end within <see cref="EndLimit"/>.</exception>
    internal static T Run<T>(Func<CancellationToken, T> question, CancellationToken cancellation)
    {
        if (Current is not null)
            return question(cancellation);
        var stuck = LostReads.Current;
        var allowance = Allowance.Everything;
        IReadOnlySet<int>? answering = null;
        long started = 0;
        while (true)
        {
            var run = new BoundedRun(stuck, allowance, answering ?? ImmutableHashSet<int>.Empty);
            if (run.TryAnswer(question, cancellation, out var answer, out var found))
                return answer;
            started = started == 0 ? Stopwatch.GetTimestamp() : started;
            stuck = stuck.Union(found);
            if (answering is null && found.Exists(static target => target.Kind == ForeignKind.Process))
            {
                var roll = ResponsiveProcesses.Call(stuck, cancellation);
                (answering, stuck) = (roll.Answering, stuck.Union(roll.Stuck));
            }
            if (Stopwatch.GetElapsedTime(started) > TotalLimit)
                allowance = allowance == Allowance.Everything ? Allowance.AnsweringProcesses : Allowance.Nothing;
        }
    }

    /// <summary>Runs work on threads of its own, watched, without any question: for <see cref="ResponsiveProcesses"/>.</summary>
    internal static BoundedRun Begin(ImmutableHashSet<ForeignTarget> stuck) =>
        new(stuck, Allowance.Everything, ImmutableHashSet<int>.Empty);

    /// <returns>False when this process gets no further thread.</returns>
    internal bool TryStart(Action work)
    {
        try
        {
            new Thread(() =>
            {
                // Threads that this one starts inherit it.
                CurrentRun.Value = this;
                work();
            }, StackBytes)
            { IsBackground = true, Name = "bounded run" }.UnsafeStart();
            return true;
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            return false;
        }
    }

    /// <summary>Whether the target may be read; what may not is kept among <see cref="Refused"/>.</summary>
    internal bool Allows(ForeignTarget target)
    {
        if (_allowance == Allowance.Everything && _stuck.IsEmpty && !_isGivenUp)
            return true;
        var isAllowed = !_isGivenUp && !_stuck.Contains(target) && _allowance switch
        {
            Allowance.Everything => true,
            Allowance.AnsweringProcesses =>
                target.Kind is ForeignKind.Process or ForeignKind.Memory && _answering.Contains(target.ProcessId),
            _ => false,
        };
        if (!isAllowed)
        {
            lock (_lock)
                _refused.Add(target);
        }
        return isAllowed;
    }

    /// <summary>The calling thread, watched from now on.</summary>
    internal WatchedThread ThisThread()
    {
        if (s_thisThread is { } known && known.Run == this)
            return known.Thread;
        var thread = new WatchedThread();
        s_thisThread = (this, thread);
        lock (_lock)
            _threads.Add(thread);
        return thread;
    }

    /// <returns>At what they are stuck, each told once.</returns>
    internal List<ForeignTarget> FindStuck(TimeSpan limit)
    {
        var found = new List<ForeignTarget>();
        foreach (var thread in Threads())
        {
            if (thread.IsStuck(limit, out var target))
                found.Add(target);
        }
        return found;
    }

    /// <summary>How many threads have been at one target for so long that others should go on with the rest.</summary>
    internal int CountWaiting(TimeSpan time) => Threads().Count(thread => thread.Waiting > time);

    /// <summary>Nothing more is read in this run.</summary>
    internal void GiveUp() => _isGivenUp = true;

    private WatchedThread[] Threads()
    {
        lock (_lock)
            return [.. _threads];
    }

    private bool TryAnswer<T>(Func<CancellationToken, T> question, CancellationToken cancellation, out T answer,
        out List<ForeignTarget> stuck)
    {
        var cancel = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var outcome = new Outcome<T>();
        stuck = [];
        answer = default!;
        var hasStarted = TryStart(() =>
        {
            try
            {
                outcome.Answer = question(cancel.Token);
            }
            catch (Exception exception)
            {
                // It goes on where the question was asked; here it would end the process.
                outcome.Fault = ExceptionDispatchInfo.Capture(exception);
            }
            outcome.Done.Set();
        });
        if (!hasStarted)
        {
            // A process that gets no further thread has its answer all the same, unwatched.
            answer = question(cancellation);
            return true;
        }
        var started = Stopwatch.GetTimestamp();
        try
        {
            for (var wait = FirstLookMilliseconds; !outcome.Done.Wait(wait, cancellation); wait = NextLookMilliseconds)
            {
                stuck = FindStuck(ReadLimit);
                if (stuck.Count > 0)
                {
                    GiveUp();
                    cancel.Cancel();
                    return false;
                }
                if (Stopwatch.GetElapsedTime(started) > EndLimit)
                {
                    GiveUp();
                    cancel.Cancel();
                    throw new InspectionException("reading this system's state took longer than a minute: please report it");
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It ends by itself where nothing holds it up, and closes what it has open.
            GiveUp();
            _ = outcome.Done.Wait(ReadLimit);
            throw;
        }
        outcome.Fault?.Throw();
        answer = outcome.Answer!;
        return true;
    }

    private sealed class Outcome<T>
    {
        public ManualResetEventSlim Done { get; } = new(initialState: false, spinCount: 0);
        public T? Answer { get; set; }
        public ExceptionDispatchInfo? Fault { get; set; }
    }
}

/// <summary>One thread of a <see cref="BoundedRun"/>: what it reads now, and whether it is stuck at it.</summary>
internal sealed class WatchedThread
{
    private const int StatusBytes = 4096;

    /// <summary>
    /// So many looks one after the other find a stuck thread as the look before has left it. One would not do: a virtual machine whose host
    /// takes one of its processors away for some ten milliseconds wakes no thread there in time.
    /// </summary>
    private const int LooksAsleep = 4;

    private readonly Lock _lock = new();
    private readonly byte[] _statusPath;
    private ForeignTarget _target;
    private int _turns;
    private bool _isLost;

    // Of the watcher alone.
    private int _turnsSeen = -1;
    private long _seenAt;
    private long _switches = -1;
    private int _looksAsleep;

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
    /// between the last looks: a thread that only waits for a processor runs, and one that makes progress sleeps and wakes.
    /// </summary>
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
            (_turnsSeen, _seenAt, _switches, _looksAsleep) = (turns, Stopwatch.GetTimestamp(), -1, 0);
            return false;
        }
        if (Waiting < limit / 2)
            return false;
        var before = _switches;
        var isAsleep = IsAsleep(out _switches);
        _looksAsleep = isAsleep && before == _switches ? _looksAsleep + 1 : 0;
        if (_looksAsleep < LooksAsleep || Waiting < limit)
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

using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Bindwise.Linux.Deadlines;

/// <summary>
/// Answers a question that reads what other processes control, on threads that may be lost. A read that a process or a file system holds up
/// is given up after 300 ms, one that goes on drop by drop after a second: its thread is left behind, and the question is asked anew
/// without that process. All such waits together take a second; after that only processes that are known to answer are read. The calling
/// thread waits where a cancellation reaches it.
/// </summary>
internal sealed class BoundedRun
{
    internal static readonly TimeSpan ReadLimit = TimeSpan.FromMilliseconds(300);
    internal static readonly TimeSpan TotalLimit = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a question may take in all: ten times what the largest host that was measured needs. Then it is asked once more, without
    /// anything of others.
    /// </summary>
    internal static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(60);

    private const int StackBytes = 1024 * 1024;
    private const int FirstCheckMilliseconds = 100;
    private const int NextCheckMilliseconds = 25;

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

    private BoundedRun(ImmutableHashSet<ForeignTarget> stuck, Allowance allowance, IReadOnlySet<int> answering) =>
        (_stuck, _allowance, _answering) = (stuck, allowance, answering);

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
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="InspectionException">
    /// It did not end within <see cref="EndLimit"/>, not even without what others control.
    /// </exception>
    internal static T Run<T>(Func<CancellationToken, T> question, CancellationToken cancellation) => Run(question, EndLimit, cancellation);

    /// <inheritdoc cref="Run{T}(Func{CancellationToken, T}, CancellationToken)"/>
    internal static T Run<T>(Func<CancellationToken, T> question, TimeSpan endLimit, CancellationToken cancellation)
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
            if (run.TryAnswer(question, endLimit, cancellation, out var answer, out var found))
                return answer;
            if (found.Count == 0)
            {
                // It took too long, whatever it was at.
                allowance = Allowance.Nothing;
                continue;
            }
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

    /// <summary>The kernel's name of the threads that do it (proc_pid_comm(5)): a bind() of one is a probe.</summary>
    internal const string ThreadName = "bindwise probe";

    /// <returns>False when this process gets no further thread.</returns>
    internal bool TryStart(Action work) => BackgroundThread.TryStart(ThreadName, StackBytes, () =>
    {
        // Threads that this one starts inherit it.
        CurrentRun.Value = this;
        work();
    });

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
            if (thread.IsStuck(limit, out var target, TotalLimit))
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

    /// <param name="stuck">At what it was given up; nothing where it only took too long.</param>
    private bool TryAnswer<T>(Func<CancellationToken, T> question, TimeSpan endLimit, CancellationToken cancellation, out T answer,
        out List<ForeignTarget> stuck)
    {
        var outcome = new Outcome<T>(cancellation);
        stuck = [];
        answer = default!;
        if (!TryStart(() => outcome.Find(question)))
        {
            outcome.Dispose();
            // A process that gets no further thread has its answer all the same, unwatched.
            answer = question(cancellation);
            return true;
        }
        var started = Stopwatch.GetTimestamp();
        try
        {
            for (var wait = FirstCheckMilliseconds; !outcome.Done.Wait(wait, cancellation); wait = NextCheckMilliseconds)
            {
                stuck = FindStuck(ReadLimit);
                if (stuck.Count == 0 && Stopwatch.GetElapsedTime(started) <= endLimit)
                    continue;
                GiveUp();
                outcome.Cancel();
                return stuck.Count > 0 || _allowance != Allowance.Nothing ? false
                    : throw new InspectionException("reading this system's state took longer than a minute: please report it");
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

    private sealed class Outcome<T>(CancellationToken cancellation) : IDisposable
    {
        // Stands in the list of what the asker's cancellation reaches until it is disposed of: by its thread, also by one that is lost.
        private readonly CancellationTokenSource _cancel = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        private readonly Lock _lock = new();
        private bool _hasEnded;

        public ManualResetEventSlim Done { get; } = new(initialState: false, spinCount: 0);
        public T? Answer { get; private set; }
        public ExceptionDispatchInfo? Fault { get; private set; }

        public void Find(Func<CancellationToken, T> question)
        {
            try
            {
                Answer = question(_cancel.Token);
            }
            catch (Exception exception)
            {
                // It goes on where the question was asked; here it would end the process.
                Fault = ExceptionDispatchInfo.Capture(exception);
            }
            Dispose();
            Done.Set();
        }

        public void Cancel()
        {
            lock (_lock)
            {
                if (!_hasEnded)
                    _cancel.Cancel();
            }
        }

        public void Dispose()
        {
            lock (_lock)
            {
                _hasEnded = true;
                _cancel.Dispose();
            }
        }
    }
}

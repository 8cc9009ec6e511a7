using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Bindwise.Linux.Deadlines;

/// <summary>Whose files are read: a process's, or those at a path.</summary>
/// <param name="ProcessId">The process; 0 for a path.</param>
/// <param name="Path">The path; null for a process.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ForeignTarget(ForeignKind Kind, int ProcessId, string? Path = null);

/// <summary>
/// A span in which the calling thread reads what another process controls. Within a <see cref="BoundedRun"/> it is watched: a thread that
/// is stuck in it is given up. Spans may be nested. Without a run nothing is watched: only threads that are lost in another way do so
/// (<see cref="WatchedThread"/>), and those who use the library's parts by themselves, as tests do.
/// </summary>
/// <example><code>
/// using var access = ForeignAccess.To(ForeignKind.Process, pid);
/// if (!access.IsAllowed)
///     return null; // it was stuck before
/// </code></example>
internal readonly ref struct ForeignAccess
{
    private static bool s_isRunRequired;

    private readonly WatchedThread? _thread;
    private readonly ForeignTarget _before;

    private ForeignAccess(bool isAllowed, WatchedThread? thread, ForeignTarget before) =>
        (IsAllowed, _thread, _before) = (isAllowed, thread, before);

    /// <summary>It may be read; false where a thread was given up at it, and where the time for such reads has run out.</summary>
    internal bool IsAllowed { get; }

    /// <summary>From now on a read that nobody watches fails at once, as a fault of this program: where that is built for tests.</summary>
    [Conditional("DEBUG")]
    internal static void RequireRun() => s_isRunRequired = true;

    internal static ForeignAccess To(ForeignKind kind, int processId) =>
        processId == Environment.ProcessId ? new ForeignAccess(isAllowed: true, null, default) : To(new ForeignTarget(kind, processId));

    internal static ForeignAccess ToPath(string path) => To(new ForeignTarget(ForeignKind.Path, 0, path));

    public void Dispose() => _thread?.Turn(_before);

    private static ForeignAccess To(ForeignTarget target)
    {
        if (BoundedRun.Current is not { } run)
        {
            return !s_isRunRequired || WatchedThread.IsHere ? new ForeignAccess(isAllowed: true, null, default)
                : throw new InvalidOperationException($"{target} is read without a BoundedRun");
        }
        if (!run.Allows(target))
            return default;
        var thread = run.ThisThread();
        return new ForeignAccess(isAllowed: true, thread, thread.Turn(target));
    }
}

/// <summary>
/// At what threads of this program are stuck right now. A thread in the kernel cannot be called back: as long as it waits nothing else is
/// sent after it, so that a program that asks again and again loses one thread for it, not one a question.
/// </summary>
internal static class LostReads
{
    private static readonly Lock Guard = new();
    private static readonly Dictionary<ForeignTarget, int> Threads = [];

    /// <summary>All targets at which a thread is stuck.</summary>
    internal static ImmutableHashSet<ForeignTarget> Current
    {
        get
        {
            lock (Guard)
                return [.. Threads.Keys];
        }
    }

    internal static void Add(ForeignTarget target)
    {
        lock (Guard)
            Threads[target] = Threads.GetValueOrDefault(target) + 1;
    }

    internal static void Remove(ForeignTarget target)
    {
        lock (Guard)
        {
            if (Threads.GetValueOrDefault(target) is var left && left <= 1)
                Threads.Remove(target);
            else
                Threads[target] = left - 1;
        }
    }
}

/// <summary>
/// Which processes answer at all. Called when one is stuck: somebody who wants to hide behind stuck processes makes many of them, and to
/// find them one by one would take 300 ms each. So all are asked side by side, by more and more threads.
/// </summary>
internal sealed class ResponsiveProcesses
{
    private const int ThreadLimit = 64;
    private const int FirstThreads = 4;
    private const int CheckMilliseconds = 10;

    private static readonly TimeSpan TimeLimit = TimeSpan.FromMilliseconds(600);
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(15);

    internal IReadOnlySet<int> Answering { get; private init; } = ImmutableHashSet<int>.Empty;

    /// <summary>Processes that did not, beside those that were known.</summary>
    internal ImmutableHashSet<ForeignTarget> Stuck { get; private init; } = [];

    /// <summary>Asks all processes of /proc.</summary>
    /// <param name="known">Those that are known to be stuck; they are not asked.</param>
    internal static ResponsiveProcesses Call(ImmutableHashSet<ForeignTarget> known, CancellationToken cancellation)
    {
        var pids = new List<int>();
        _ = ProcFile.ListNumbers(OpenAt.WorkingDirectory, "/proc\0"u8, ProcFile.ProcessLimit, pids);
        pids.RemoveAll(pid => known.Contains(new ForeignTarget(ForeignKind.Process, pid)));

        var run = BoundedRun.Begin(known);
        var waiting = new ConcurrentQueue<int>(pids);
        var answering = new ConcurrentDictionary<int, bool>();
        var stuck = new HashSet<ForeignTarget>();
        var (threads, ended, lost) = (0, 0, 0);
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var wanted = threads == 0 ? FirstThreads : Math.Min(ThreadLimit, lost + run.CountWaiting(Patience) + FirstThreads);
            while (threads < wanted && !waiting.IsEmpty && run.TryStart(Work))
                threads++;
            if (Volatile.Read(ref ended) + lost >= threads || Stopwatch.GetElapsedTime(started) > TimeLimit)
                break;
            cancellation.WaitHandle.WaitOne(CheckMilliseconds);
            cancellation.ThrowIfCancellationRequested();
            var found = run.FindStuck(BoundedRun.ReadLimit);
            lost += found.Count;
            stuck.UnionWith(found);
        }
        run.GiveUp();
        // Nobody had the time to ask these; they are passed over like those that do not answer.
        stuck.UnionWith(pids.Where(pid => !answering.ContainsKey(pid)).Select(static pid => new ForeignTarget(ForeignKind.Process, pid)));
        return new ResponsiveProcesses { Answering = answering.Keys.ToHashSet(), Stuck = [.. stuck] };

        void Work()
        {
            while (waiting.TryDequeue(out var pid))
            {
                using var access = ForeignAccess.To(ForeignKind.Process, pid);
                if (!access.IsAllowed)
                    break;
                Ask(pid);
                answering[pid] = true;
            }
            Interlocked.Increment(ref ended);
        }
    }

    /// <summary>The link asks for the lock of execve(), whoever may read it.</summary>
    private static void Ask(int pid)
    {
        Span<byte> link = stackalloc byte[64];
        var path = new PathWriter(stackalloc byte[PathWriter.SizeBytes]).Append("/proc/"u8).Append(pid).Append("/ns/net"u8).Terminated();
        _ = ReadLinkAt.Read(OpenAt.WorkingDirectory, path, link, out _);
    }
}

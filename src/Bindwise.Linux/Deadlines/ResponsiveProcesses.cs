using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using Bindwise.Linux.Native;
using Bindwise.Linux.Proc;

namespace Bindwise.Linux.Deadlines;

/// <summary>
/// Which processes answer at all. Called when one is stuck: somebody who wants to hide behind stuck processes makes many of them, and to find them
/// one by one would take 300 ms each. So all are asked side by side, by more and more threads.
/// </summary>
internal sealed class ResponsiveProcesses
{
    private const int ThreadLimit = 64;
    private const int FirstThreads = 4;
    private const int LookMilliseconds = 10;

    private static readonly TimeSpan TimeLimit = TimeSpan.FromMilliseconds(600);
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(15);

    /// <summary>Processes that answered.</summary>
    internal IReadOnlySet<int> Answering { get; private init; } = ImmutableHashSet<int>.Empty;

    /// <summary>Processes that did not, beside those that were known.</summary>
    internal ImmutableHashSet<ForeignTarget> Stuck { get; private init; } = [];

    /// <summary>Asks all processes of /proc.</summary>
    /// <param name="known">Those that are known to be stuck; they are not asked.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    internal static ResponsiveProcesses Call(ImmutableHashSet<ForeignTarget> known, CancellationToken cancellation)
    {
        var pids = new List<int>();
        if (OpenAt.Open(OpenAt.WorkingDirectory, "/proc\0"u8, out var directory) != Errno.None)
            return new ResponsiveProcesses();
        _ = ProcFile.ListNumbers(directory, ".\0"u8, ProcFile.ProcessLimit, pids);
        CloseDescriptor.Close(directory);
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
            cancellation.WaitHandle.WaitOne(LookMilliseconds);
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

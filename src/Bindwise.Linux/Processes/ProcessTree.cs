using System.Runtime.InteropServices;

namespace Bindwise.Linux.Processes;

/// <summary>Who started a process: its parents, up to where a terminal's keeper or a service manager stands.</summary>
internal static class ProcessTree
{
    internal const int DepthLimit = 64;

    private const int StatBytes = 1024;

    // As comm shows them: at most 15 bytes.
    private static readonly ImmutableArray<string> Multiplexers = ["byobu", "dtach", "screen", "tmux", "tmux: server", "zellij"];

    private static readonly ImmutableArray<string> ServiceManagers =
        ["conmon", "containerd-shim", "dinit", "init", "initd", "launchd", "openrc-run", "procd", "runsv", "s6-supervise",
            "supervise-daemo", "supervisord", "systemd"];

    /// <summary>The line of /proc/PID/stat; null where the process is gone, or may not be looked at.</summary>
    internal static StatLine? StatOf(int process)
    {
        using var access = ForeignAccess.To(ForeignKind.Process, process);
        if (!access.IsAllowed)
            return null;
        Span<byte> line = stackalloc byte[StatBytes];
        var path = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat\0"));
        return SmallFile.Read(OpenAt.WorkingDirectory, path, line, out var length) == Errno.None
            && StatLine.TryParse(line[..length], out var stat) ? stat : null;
    }

    /// <summary>
    /// Reads processes and their ancestors, each once, up to and including the terminal multiplexer or service manager under which they
    /// run. A shell is a step on the way, not the end: after it stand the remote login, the editor or the multiplexer that it was started
    /// from.
    /// </summary>
    /// <param name="read">Reads a process; null when it is gone.</param>
    /// <returns>
    /// By id; at most <see cref="DepthLimit"/> parents of each. Who is gone is missing, and above a parent that is younger than its child
    /// (a reused pid) nothing is read.
    /// </returns>
    internal static ImmutableArray<ProcessRecord> Read(IEnumerable<int> pids, Func<int, ProcessRecord?> read)
    {
        _ = pids.TryGetNonEnumeratedCount(out var count);
        var known = new Dictionary<int, ProcessRecord?>(count);
        ProcessRecord? Once(int pid)
        {
            if (!known.TryGetValue(pid, out var record))
                known[pid] = record = read(pid);
            return record;
        }

        var climbed = new HashSet<int>(count);
        foreach (var pid in pids)
        {
            // No parent twice: a thousand processes may have the same, and a circle has no end.
            var child = Once(pid);
            for (var depth = 0; depth < DepthLimit && child is { ParentId: > 0 } && climbed.Add(child.Id); depth++)
                child = Once(child.ParentId) is { } parent && parent.StartTicks <= child.StartTicks && !IsEnd(parent) ? parent : null;
        }

        return [.. known.Values.OfType<ProcessRecord>().OrderBy(record => record.Id)];
    }

    internal static bool IsEnd(ProcessRecord process) =>
        process.Id == 1
        || process.ParentId == 0
        || Multiplexers.Contains(process.Name)
        || ServiceManagers.Contains(process.Name);
}

/// <summary>What one thread of the search does: look into one process after the other, and count what it could not see.</summary>
internal sealed class ProcessWalk(int procDirectory, InodeSet wanted)
{
    private readonly DescriptorWalk _walk = new(procDirectory, wanted);
    private readonly ThreadTables _threads = new(procDirectory, pidsAreOurs: false);

    internal List<Holder> Found => _walk.Found;
    internal HolderCount Count => _walk.Count;

    internal OwnerTally Tally { get; } = new();

    internal void Walk(ProcessShare share)
    {
        while (true)
        {
            var pids = share.Take();
            if (pids.IsEmpty)
                return;
            foreach (var pid in pids)
                Walk(pid);
        }
    }

    private void Walk(int pid)
    {
        using var access = ForeignAccess.To(ForeignKind.Process, pid);
        // It is told as one that could not be looked at, not as one that refused.
        if (!access.IsAllowed)
            return;
        var outcome = _walk.Walk(pid);
        // A leader that has ended shows an empty table, or to a plain user none at all: its directory belongs to root then.
        var mayHaveEnded = outcome == WalkOutcome.Read ? _walk.LastWasEmpty : outcome == WalkOutcome.Unreadable && HasNoMemory(pid);
        if (mayHaveEnded && _threads.HasOthers(pid))
            outcome = _threads.WalkFirstLiving(_walk, pid);
        if (_walk.LastMissedFlags)
            Tally.FlagsMissed.Add(pid);

        switch (outcome)
        {
            case WalkOutcome.Vanished:
                Tally.Vanished++;
                break;
            case WalkOutcome.Exhausted:
                Tally.Exhausted.Add(pid);
                break;
            case WalkOutcome.Unreadable:
                Tally.Refused.Add(pid);
                Tally.Unreadable += MayHoldDescriptors(pid) ? 1 : 0;
                break;
            case WalkOutcome.Failed:
                Tally.Fail(pid, _walk.LastError);
                break;
            default:
                break;
        }
    }

    // Kernel threads and zombies have no descriptors, unless other threads of the process live on.
    private bool MayHoldDescriptors(int pid) => !HasNoMemory(pid) || _threads.HasOthers(pid);

    private bool HasNoMemory(int pid)
    {
        Span<byte> sizes = stackalloc byte[32];
        var path = new PathWriter(stackalloc byte[PathWriter.SizeBytes]).Append(pid).Append("/statm"u8).Terminated();
        var errno = SmallFile.Read(procDirectory, path, sizes, out var length);
        return errno is Errno.ENOENT or Errno.ESRCH || (errno == Errno.None && sizes[..length].StartsWith("0 "u8));
    }
}

/// <summary>Shares processes out among threads, a few at a time: big and small ones even out.</summary>
internal sealed class ProcessShare(List<int> pids)
{
    private const int ChunkSize = 8;

    private int _next;

    /// <summary>Takes the next few processes; empty when all are taken.</summary>
    internal ReadOnlySpan<int> Take()
    {
        var start = Interlocked.Add(ref _next, ChunkSize) - ChunkSize;
        return start >= pids.Count
            ? []
            : CollectionsMarshal.AsSpan(pids).Slice(start, Math.Min(ChunkSize, pids.Count - start));
    }
}

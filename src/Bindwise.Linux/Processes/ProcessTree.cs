using System.Collections.Immutable;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.Processes;

/// <summary>Who started a process: its parents, up to where a terminal's keeper or a service manager stands.</summary>
internal static class ProcessTree
{
    /// <summary>The most parents that are looked at.</summary>
    internal const int DepthLimit = 64;

    // As comm shows them: at most 15 bytes.
    private static readonly ImmutableArray<string> Multiplexers = ["byobu", "dtach", "screen", "tmux", "tmux: server", "zellij"];

    private static readonly ImmutableArray<string> ServiceManagers =
        ["conmon", "containerd-shim", "dinit", "init", "initd", "launchd", "openrc-run", "procd", "runsv", "s6-supervise", "supervise-daemo", "supervisord", "systemd"];

    /// <summary>
    /// The parents of a process, the nearest first, up to and including the terminal multiplexer or service manager under which it runs.
    /// A shell is a step on the way, not the end: behind it stand the remote login, the editor or the multiplexer that it was started from.
    /// </summary>
    /// <param name="process">Where to begin; not part of the answer.</param>
    /// <param name="read">Reads a process; null when it is gone.</param>
    /// <returns>At most <see cref="DepthLimit"/> parents. It ends early at a parent that is gone, seen before, or younger than its child (a reused pid).</returns>
    internal static ImmutableArray<ProcessRecord> Ancestors(ProcessRecord process, Func<int, ProcessRecord?> read)
    {
        var chain = ImmutableArray.CreateBuilder<ProcessRecord>();
        var seen = new HashSet<int> { process.Id };
        var child = process;
        while (chain.Count < DepthLimit && child.ParentId > 0 && seen.Add(child.ParentId))
        {
            if (read(child.ParentId) is not { } parent || parent.StartTicks > child.StartTicks)
                break;
            chain.Add(parent);
            if (IsEnd(parent))
                break;
            child = parent;
        }

        return chain.DrainToImmutable();
    }

    /// <summary>Reads processes and all their ancestors, each once.</summary>
    /// <param name="pids">The holders.</param>
    /// <param name="read">Reads a process; null when it is gone.</param>
    /// <returns>By id. Holders that are gone are missing.</returns>
    internal static ImmutableArray<ProcessRecord> Read(IEnumerable<int> pids, Func<int, ProcessRecord?> read)
    {
        var known = new Dictionary<int, ProcessRecord?>();
        ProcessRecord? Once(int pid)
        {
            if (!known.TryGetValue(pid, out var record))
                known[pid] = record = read(pid);
            return record;
        }

        foreach (var pid in pids)
        {
            if (Once(pid) is { } record)
                Ancestors(record, Once);
        }

        return [.. known.Values.OfType<ProcessRecord>().OrderBy(record => record.Id)];
    }

    /// <summary>Whether a chain of parents ends here.</summary>
    internal static bool IsEnd(ProcessRecord process) =>
        process.Id == 1
        || process.ParentId == 0
        || Multiplexers.Contains(process.Name)
        || ServiceManagers.Contains(process.Name);
}

using Bindwise.Linux.Deadlines;
using Bindwise.Linux.Native;
using Bindwise.Linux.Proc;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.Processes;

/// <summary>What one thread of the search does: look into one process after the other, and count what it could not see.</summary>
internal sealed class ProcessWalk(int procDirectory, InodeSet wanted)
{
    private readonly DescriptorWalk _walk = new(procDirectory, wanted);
    private readonly ThreadTables _threads = new(procDirectory, pidsAreOurs: false);

    /// <summary>What was found.</summary>
    internal List<Holder> Found => _walk.Found;

    /// <summary>What was found beyond that.</summary>
    internal HolderCount Count => _walk.Count;

    /// <summary>What was counted.</summary>
    internal OwnerTally Tally { get; } = new();

    /// <summary>Looks into processes until none is left.</summary>
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
        var errno = ProcFile.Read(procDirectory, path, sizes, out var length);
        return errno is Errno.ENOENT or Errno.ESRCH || (errno == Errno.None && sizes[..length].StartsWith("0 "u8));
    }
}

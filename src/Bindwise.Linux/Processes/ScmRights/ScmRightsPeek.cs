using Bindwise.Linux.Deadlines;
using Bindwise.Linux.Native;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.Processes.ScmRights;

/// <summary>
/// Where the kernel's walk is not to be had: looks at the first message in the queues in which descriptors wait, without taking it
/// (<see cref="PeekCall"/>). Tells of a socket that it is there; never that it is nowhere.
/// </summary>
internal static class ScmRightsPeek
{
    /// <summary>The most queues that are looked at.</summary>
    internal const int QueueLimit = 64;

    /// <summary>Looks into the queues.</summary>
    /// <param name="waiting">Where descriptors wait; listening sockets, whose connections cannot be peeked at, fail and are passed over.</param>
    /// <param name="wanted">The sockets.</param>
    /// <returns>The queues in which one of them was seen.</returns>
    internal static List<ScmRightsInFlight> Find(IEnumerable<ScmRightsInFlight> waiting, InodeSet wanted)
    {
        var found = new List<ScmRightsInFlight>();
        Span<ulong> inodes = stackalloc ulong[PeekCall.MaximumDescriptors];
        foreach (var queue in waiting.Where(static queue => queue.ProcessId != 0).Take(QueueLimit))
        {
            using var access = ForeignAccess.To(ForeignKind.Process, queue.ProcessId);
            if (!access.IsAllowed)
                continue;
            var errno = PidFdGetFd.OpenProcess(queue.ProcessId, 0, out var process);
            using (process)
            {
                if (errno != Errno.None || PeekCall.Sockets(process, queue.Descriptor, inodes, out var count) != Errno.None)
                    continue;
                foreach (var inode in inodes[..count])
                {
                    if (wanted.Contains(inode))
                        found.Add(queue with { Carried = inode });
                }
            }
        }

        return found;
    }
}

namespace Bindwise.Linux.Processes.ScmRights;

/// <summary>
/// From the queues in which sockets wait to the processes that can receive them: who holds the receiving end and who the sending one.
/// A receiving end may itself be on its way; then the one in whose queue it waits counts, and so on.
/// </summary>
/// <param name="find">Finds the holders of sockets among the processes' descriptors.</param>
/// <param name="pids">The processes that may be looked into.</param>
internal sealed class ScmRightsResolver(int procDirectory, Func<IReadOnlyCollection<ulong>, IReadOnlyCollection<Holder>> find,
    IReadOnlyList<int> pids)
{
    // Linux lets descriptors nest four deep (MAX_RECURSION_LEVEL of unix_attach_fds() before 6.10).
    private const int DepthLimit = 5;

    private const int InfoBytes = 512;

    /// <summary>Sockets whose processes were found.</summary>
    internal List<Holder> Holders { get; } = [];

    internal List<ScmRightsInFlight> Records { get; } = [];

    /// <summary>The queues were looked into, all of them and to their ends.</summary>
    internal bool IsComplete { get; private set; }

    /// <summary>A socket that was seen in a queue is no longer there: its receiver has it by now.</summary>
    internal bool HasLanded { get; private set; }

    /// <returns>False when the kernel does not let us look into the queues.</returns>
    internal bool Resolve(InodeSet wanted)
    {
        IsComplete = true;
        var carriers = wanted.Sorted.ToArray().ToDictionary(static inode => inode, static inode => new HashSet<ulong> { inode });
        for (var depth = 0; depth < DepthLimit && carriers.Count > 0; depth++)
        {
            if (ScmRightsSearch.Find(procDirectory, new InodeSet(carriers.Keys), pids, out var isCut) is not { } rows)
                return depth > 0;
            IsComplete &= !isCut;
            carriers = Take(rows, carriers);
        }

        return true;
    }

    // What waits in a socket that nobody holds is looked for once more: in whose queue does that one wait?
    private Dictionary<ulong, HashSet<ulong>> Take(List<ScmRightsRow> rows, Dictionary<ulong, HashSet<ulong>> carriers)
    {
        var ends = rows.SelectMany(static row => new[] { EndOf(row), row.Sender }).Where(static inode => inode != 0).Distinct().ToList();
        var holders = (ends.Count == 0 ? [] : find(ends)).ToLookup(static holder => holder.Inode);
        var next = new Dictionary<ulong, HashSet<ulong>>();
        foreach (var row in rows)
        {
            var end = EndOf(row);
            var senders = holders[row.Sender].Select(static holder => holder.ProcessId).Distinct().Order();
            var record = new ScmRightsInFlight
            {
                ProcessId = 0,
                Descriptor = -1,
                Inode = end,
                Count = 0,
                Carried = row.Carried,
                IsUnaccepted = row.Receiver == 0,
                SenderInode = row.Sender,
                Senders = row.Sender == 0 ? [] : [.. senders],
                SenderUserId = row.User,
            };
            var receivers = end == 0 ? [] : holders[end].ToList();
            foreach (var receiver in receivers)
            {
                var count = CountOf(receiver);
                // Received since, or never there: what /proc denies is not claimed.
                if (count == 0 && !record.IsUnaccepted)
                {
                    HasLanded = true;
                    continue;
                }
                Records.Add(record with { ProcessId = receiver.ProcessId, Descriptor = receiver.Descriptor, Count = count ?? 0 });
                foreach (var carried in carriers[row.Carried])
                    Holders.Add(receiver with { Inode = carried, Way = HoldingWay.InFlight, ThreadId = receiver.ThreadId });
            }
            if (receivers.Count > 0)
                continue;
            Records.Add(record);
            if (end == 0)
                continue;
            if (!next.TryGetValue(end, out var all))
                next.Add(end, all = []);
            all.UnionWith(carriers[row.Carried]);
        }

        return next;
    }

    private static ulong EndOf(ScmRightsRow row) => row.Receiver != 0 ? row.Receiver : row.Listener;

    private int? CountOf(Holder receiver)
    {
        using var access = ForeignAccess.To(ForeignKind.Process, receiver.ProcessId);
        if (!access.IsAllowed)
            return null;
        Span<byte> info = stackalloc byte[InfoBytes];
        var path = new PathWriter(stackalloc byte[PathWriter.SizeBytes]).Append(receiver.ProcessId, receiver.ThreadId);
        var errno = SmallFile.Read(procDirectory, path.Append("/fdinfo/"u8).Append(receiver.Descriptor).Terminated(), info, out var length);
        return errno == Errno.None ? DescriptorInfo.WaitingDescriptors(info[..length]) : null;
    }
}

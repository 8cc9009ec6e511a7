using System.Runtime.InteropServices;
using Bindwise.Linux.Processes;
using Bindwise.Model.Events;

namespace Bindwise.Linux.Censuses;

/// <summary>
/// Who holds the listed sockets: the processes are searched for sockets that are new, and each look asks of some of the others whether
/// their holder has them still.
/// </summary>
internal sealed class HolderSearch
{
    /// <summary>So many holders are asked for in one look, one after the other in turn.</summary>
    private const int ConfirmedAtOnce = 512;

    /// <summary>A socket whose holder is not found is sought again after 1, 2, 4 … looks, at most after 2 to the power of this.</summary>
    private const int LargestPower = 6;

    private readonly Dictionary<int, string> _names = [];
    private int _turn;

    /// <summary>Brings the holders up to date.</summary>
    /// <param name="sockets">The sockets of this look.</param>
    /// <param name="look">The look's number.</param>
    /// <param name="cancellation">Ends it at once.</param>
    /// <exception cref="InspectionException">It did not end in time.</exception>
    internal void Complete(IReadOnlyList<ListedSocket> sockets, long look, CancellationToken cancellation)
    {
        var asked = Turn(sockets);
        var sought = sockets.Where(one => one is { Holder: null, Socket.Inode: not 0 } && one.NextSearch <= look).ToList();
        if (asked.Count == 0 && sought.Count == 0)
            return;
        var (lost, holders) = BoundedRun.Run(
            _ =>
            {
                var gone = asked.Where(static one => !HasStill(one)).ToList();
                return (gone, Find([.. sought, .. gone]));
            },
            cancellation);
        foreach (var one in lost)
            (one.Holder, one.Searches) = (null, 0);
        foreach (var one in sought.Concat(lost))
        {
            if (holders.TryGetValue(one.Socket.Inode, out var holder))
                (one.Holder, one.Descriptor, one.Searches) = (holder.Who, holder.Descriptor, 0);
            else
                one.NextSearch = look + (1L << Math.Min(one.Searches++, LargestPower));
        }
        _names.Clear();
    }

    private List<ListedSocket> Turn(IReadOnlyList<ListedSocket> sockets)
    {
        var asked = new List<ListedSocket>();
        var count = Math.Min(sockets.Count, ConfirmedAtOnce);
        for (var i = 0; i < count; i++)
        {
            var one = sockets[(_turn + i) % sockets.Count];
            if (one.Holder is not null)
                asked.Add(one);
        }
        _turn = sockets.Count == 0 ? 0 : (_turn + count) % sockets.Count;
        return asked;
    }

    private static bool HasStill(ListedSocket one)
    {
        var pid = one.Holder!.ProcessId;
        using var access = ForeignAccess.To(ForeignKind.Process, pid);
        if (!access.IsAllowed)
            return true;
        var path = new PathWriter(stackalloc byte[PathWriter.SizeBytes]).Append("/proc/"u8).Append(pid).Append("/fd/"u8)
            .Append(one.Descriptor);
        Span<byte> link = stackalloc byte[SocketLink.SizeBytes];
        var errno = ReadLinkAt.Read(OpenAt.WorkingDirectory, path.Terminated(), link, out var length);
        return errno is Errno.EACCES or Errno.EPERM
            || (errno == Errno.None && SocketLink.TryParse(link[..length], out var inode) && inode == one.Socket.Inode);
    }

    private Dictionary<ulong, (CensusHolder Who, int Descriptor)> Find(List<ListedSocket> sockets)
    {
        var found = new Dictionary<ulong, (CensusHolder Who, int Descriptor)>();
        if (sockets.Count == 0)
            return found;
        // As found in passing: a socket without a holder is not worth a search through all threads and queues each second.
        var findings = OwnerSearch.Find([], besides: [.. sockets.Select(static one => one.Socket.Inode)], withFlags: false);
        var omitted = findings.Omitted.ToDictionary(static one => one.Inode, static one => one.Omitted);
        foreach (var holders in findings.Holders.GroupBy(static holder => holder.Inode))
        {
            var first = holders.MinBy(static holder => (holder.ProcessId, holder.Descriptor))!;
            var others = holders.Select(static holder => holder.ProcessId).Distinct().Count() - 1 + omitted.GetValueOrDefault(holders.Key);
            found[holders.Key] = (new CensusHolder(first.ProcessId, NameOf(first.ProcessId), others), first.Descriptor);
        }
        return found;
    }

    private string NameOf(int pid)
    {
        ref var name = ref CollectionsMarshal.GetValueRefOrAddDefault(_names, pid, out _);
        return name ??= ThreadFile.Name(pid);
    }
}

using System.Diagnostics;
using System.Runtime.InteropServices;
using Bindwise.Linux.Processes;
using Bindwise.Model.Diagnosing.Provenance;
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

    /// <summary>
    /// A search through very many descriptors is followed by the next only so many times its processor time later: what is new has no
    /// holder until then. Not of its time by the clock: on a loaded host that says nothing of what it costs.
    /// </summary>
    private const int RestPerCost = 25;

    // What rests less than a look does need not rest.
    private static readonly TimeSpan LeastRest = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(10);

    private int _turn;
    private long _searchedAt;
    private TimeSpan _rest;

    /// <summary>Brings the holders up to date.</summary>
    internal void Complete(IReadOnlyList<FollowedSocket> sockets, long scan, CancellationToken cancellation)
    {
        var asked = Turn(sockets);
        var mayFind = Stopwatch.GetElapsedTime(_searchedAt) >= _rest;
        var sought = mayFind ? sockets.Where(one => one is { Holder: null, Socket.Inode: not 0 } && one.NextSearch <= scan).ToList() : [];
        if (asked.Count == 0 && sought.Count == 0)
            return;
        var (lost, holders) = Search(asked, sought, mayFind, cancellation);
        foreach (var one in lost)
            (one.Holder, one.Searches) = (null, 0);
        if (!mayFind)
            return;
        foreach (var one in sought.Concat(lost))
        {
            if (holders.TryGetValue(one.Socket.Inode, out var holder))
                (one.Holder, one.Descriptor, one.Searches) = (holder.Who, holder.Descriptor, 0);
            else
                one.NextSearch = scan + (1L << Math.Min(one.Searches++, LargestPower));
        }
    }

    private (List<FollowedSocket> Lost, Dictionary<ulong, (CensusHolder Who, int Descriptor)> Holders) Search(
        List<FollowedSocket> asked, List<FollowedSocket> sought, bool mayFind, CancellationToken cancellation)
    {
        try
        {
            return BoundedRun.Run(
                _ =>
                {
                    var released = asked.Where(static one => !HasStill(one)).ToList();
                    return (released, mayFind ? Find([.. sought, .. released]) : []);
                },
                cancellation);
        }
        catch (InspectionException)
        {
            // It takes longer than a minute here: the sockets are told without their holders, which are sought again some looks later.
            return ([], []);
        }
    }

    private List<FollowedSocket> Turn(IReadOnlyList<FollowedSocket> sockets)
    {
        var asked = new List<FollowedSocket>();
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

    private static bool HasStill(FollowedSocket one)
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

    private Dictionary<ulong, (CensusHolder Who, int Descriptor)> Find(List<FollowedSocket> sockets)
    {
        var found = new Dictionary<ulong, (CensusHolder Who, int Descriptor)>();
        if (sockets.Count == 0)
            return found;
        _searchedAt = Stopwatch.GetTimestamp();
        // Not kept: a thread that was given up here and comes back writes into its own.
        var names = new Dictionary<int, string>();
        var ran = ClockCall.ThreadNanoseconds();
        // As found in passing: a socket without a holder is not worth a search through all threads and queues each second.
        var findings = OwnerSearch.Find([], besides: [.. sockets.Select(static one => one.Socket.Inode)], withFlags: false);
        var omitted = findings.Omitted.ToDictionary(static one => one.Inode, static one => one.Omitted);
        foreach (var holders in findings.Holders.GroupBy(static holder => holder.Inode))
        {
            // A bindwise that shares it only keeps it for the program that it runs.
            var first = holders.MinBy(static holder => (holder.ProcessId, holder.Descriptor))!;
            if (Keepers.AreCalled(NameOf(first.ProcessId, names)))
                first = holders.Where(holder => !Keepers.AreCalled(NameOf(holder.ProcessId, names)))
                    .MinBy(static holder => (holder.ProcessId, holder.Descriptor)) ?? first;
            var others = holders.Select(static holder => holder.ProcessId).Distinct().Count() - 1 + omitted.GetValueOrDefault(holders.Key);
            found[holders.Key] = (new CensusHolder(first.ProcessId, NameOf(first.ProcessId, names), others), first.Descriptor);
        }
        var rest = TimeSpan.FromMicroseconds((ClockCall.ThreadNanoseconds() - ran) / 1000.0) * RestPerCost;
        _rest = rest < LeastRest ? TimeSpan.Zero : rest < LongestRest ? rest : LongestRest;
        return found;
    }

    private static string NameOf(int pid, Dictionary<int, string> names)
    {
        ref var name = ref CollectionsMarshal.GetValueRefOrAddDefault(names, pid, out _);
        return name ??= ThreadFile.Name(pid);
    }
}

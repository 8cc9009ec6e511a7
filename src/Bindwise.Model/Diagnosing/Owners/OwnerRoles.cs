using System.Collections.Frozen;
using System.Collections.Immutable;
using Bindwise.Model.Diagnosing.Provenance;

namespace Bindwise.Model.Diagnosing.Owners;

/// <summary>
/// Tells the maker of a socket from those that inherited the descriptor. The kernel does not record it; what is claimed
/// here follows from who is whose parent, from who started first, and from programs that never open a socket themselves.
/// </summary>
internal static class OwnerRoles
{
    /// <summary>Programs without a call to listen(): what they hold, they inherited.</summary>
    private static readonly FrozenSet<string> NeverListen = FrozenSet.Create(
        StringComparer.Ordinal,
        "sleep", "tail", "cat", "tee", "sh", "dash", "bash", "less", "more", "nano", "grep", "sed", "yes", "watch", "timeout", "env",
        "nohup", "setsid", "xargs", "find", "sudo", "su", "top", "htop", "man", "pause", "head", "sort", "tr", "cut", "time", "dd", "rm");

    /// <summary>The owners of one socket, its maker first, then by start.</summary>
    public static ImmutableArray<Owner> Assign(ulong inode, OwnerIndex owners)
    {
        var held = owners.HoldersOf(inode).ToLookup(static h => h.ProcessId);
        var descriptors =
            held.SelectMany(static h => h).Where(static h => h.IsOwnDescriptor).ToLookup(static h => h.ProcessId, static h => h.Descriptor);
        var holders = held.Select(h => owners.ProcessOf(h.Key)).OfType<ProcessRecord>()
            .OrderBy(static p => p.StartTicks).ThenBy(static p => p.Id).ToList();
        // Who only has yet to receive it neither made nor inherited it.
        var receivers = holders.Where(p => held[p.Id].All(static h => h.Way == HoldingWay.InFlight)).ToHashSet();
        var candidates = holders.Where(p => held[p.Id].All(static h => h.IsInferred)).ToHashSet();
        var keepers = holders.Where(p => !receivers.Contains(p) && !candidates.Contains(p) && Keepers.Is(p)).ToHashSet();
        var having = holders.Where(p => !receivers.Contains(p) && !candidates.Contains(p) && !keepers.Contains(p)).ToList();
        var creator = owners.IsCut(inode) ? null : CreatorOf(having, owners);
        return
        [
            .. holders
                .Select(p => new Owner
                {
                    Process = p,
                    Role = receivers.Contains(p) ? OwnerRole.Receiver
                        : candidates.Contains(p) ? OwnerRole.Candidate : keepers.Contains(p) ? OwnerRole.Keeper
                        : RoleOf(p, creator, having, descriptors),
                    Descriptors = [.. descriptors[p.Id].Order()],
                    Ways = [.. held[p.Id].Select(static h => h.Way).Distinct().Order()],
                    ThreadId = held[p.Id].Select(static h => h.ThreadId).FirstOrDefault(static id => id is not null),
                    Call = held[p.Id].Select(static h => h.Call).FirstOrDefault(static call => call is not null),
                    StartedFrom = owners.OriginOf(p, inode),
                })
                .OrderBy(Rank),
        ];
    }

    /// <summary>Whom a list names first: the maker; last who only keeps the socket for the others.</summary>
    public static int Rank(Owner owner) => owner.Role switch { OwnerRole.Creator => 0, OwnerRole.Keeper => 2, _ => 1 };

    /// <summary>The owners of one socket, for who asks about few.</summary>
    public static ImmutableArray<Owner> Assign(ulong inode, Snapshot snapshot) => new OwnerIndex(snapshot).OwnersOf(inode);

    /// <summary>Nobody among the holders made the socket: its maker died or let go.</summary>
    public static bool IsCreatorGone(ImmutableArray<Owner> owners) =>
        owners.Length > 0 && owners.All(static o => o.Role == OwnerRole.Inherited);

    private static ProcessRecord? CreatorOf(List<ProcessRecord> holders, OwnerIndex owners)
    {
        if (holders.Count == 0)
            return null;
        var able = holders.Where(static p => !CannotListen(p)).ToList();
        if (able.Count == 0)
            return null;
        var first = able[0];
        if (able.Count == 1)
            return holders.Count == 1 && IsOrphan(first) ? null : first;
        return able.Skip(1).Any(p => IsAncestor(first, p, owners)) ? first : null;
    }

    private static OwnerRole RoleOf(ProcessRecord process, ProcessRecord? creator, List<ProcessRecord> holders,
        ILookup<int, int> descriptors)
    {
        if (creator is not null)
            return process == creator ? OwnerRole.Creator : OwnerRole.Inherited;
        if (CannotListen(process) || MasterPrograms.IsLostWorker(process))
            return OwnerRole.Inherited;
        // Fork leaves a socket with several children and no common holder above them only when their parent died;
        // it keeps the descriptor's number, which a descriptor passed through a UNIX socket rarely has.
        var hasOrphanedSiblings = IsOrphan(process)
            && holders.Exists(p => p != process && p.ParentId == process.ParentId && p.GroupId == process.GroupId
                && descriptors[p.Id].Intersect(descriptors[process.Id]).Any());
        return hasOrphanedSiblings ? OwnerRole.Inherited : OwnerRole.Holder;
    }

    /// <summary>Its parent died, and its process group's leader with it.</summary>
    private static bool IsOrphan(ProcessRecord process) => process.ParentId == 1 && process.GroupId != process.Id;

    private static bool IsAncestor(ProcessRecord elder, ProcessRecord process, OwnerIndex owners)
    {
        const int limit = 64;
        var parent = process.ParentId;
        for (var depth = 0; depth < limit && parent > 0; depth++)
        {
            if (parent == elder.Id)
                return true;
            parent = owners.ProcessOf(parent)?.ParentId ?? 0;
        }
        // A worker whose parent died was handed to pid 1, but stays in its maker's process group.
        return process.ParentId <= 1 && process.GroupId == elder.GroupId && elder.GroupId == elder.Id;
    }

    private static bool CannotListen(ProcessRecord process) => NeverListen.Contains(ProcessNames.ProgramOf(process));
}

using Bindwise.Model.Diagnosing.Provenance;

namespace Bindwise.Model.Diagnosing.Owners;

/// <summary>
/// Tells the maker of a socket from those that inherited the descriptor. The kernel does not record it; what is claimed here follows from
/// who is whose parent, from who started first, and from programs that never open a socket themselves.
/// </summary>
internal static class OwnerRoles
{
    /// <summary>Programs without a call to listen(): what they hold, they inherited.</summary>
    private static readonly HashSet<string> NeverListen =
    [
        "sleep", "tail", "cat", "tee", "sh", "dash", "bash", "less", "more", "nano", "grep", "sed", "yes", "watch", "timeout", "env",
        "nohup", "setsid", "xargs", "find", "sudo", "su", "top", "htop", "man", "pause", "head", "sort", "tr", "cut", "time", "dd", "rm",
    ];

    private static readonly ImmutableArray<HoldingWay> ByDescriptor = [HoldingWay.Descriptor];

    /// <summary>The owners of one socket, its maker first, then by start.</summary>
    public static ImmutableArray<Owner> Assign(ulong inode, OwnerIndex owners)
    {
        var holders = owners.HoldersOf(inode);
        if (holders is [var only])
            return owners.ProcessOf(only.ProcessId) is { } process ? [OfOnly(new Holding(process, holders), inode, owners)] : [];
        return AssignShared(inode, holders, owners);
    }

    // Apart, so that the closures are made for such a socket alone.
    private static ImmutableArray<Owner> AssignShared(ulong inode, List<Holder> holders, OwnerIndex owners)
    {
        var held = holders.GroupBy(static h => h.ProcessId)
            .Select(group => owners.ProcessOf(group.Key) is { } process ? new Holding(process, [.. group]) : null).OfType<Holding>()
            .OrderBy(static one => one.Process.StartTicks).ThenBy(static one => one.Process.Id).ToList();
        // What starts bindwise may leak it a descriptor; it has ended before anybody can act on the answer. One that keeps the socket for
        // what it runs has it from there.
        if (held.Count > 1 && held.Find(one => one.RoleByItself is null && owners.IsAskingProgram(one.Process)) is { } asking)
            held.RemoveAll(one => one.RoleByItself is null
                && (owners.IsAskingProgram(one.Process) || IsOfItsJob(one.Process, asking.Process, owners)));
        var having = held.FindAll(static one => one.RoleByItself is null);
        var creator = owners.IsCut(inode) ? null : CreatorOf(having.ConvertAll(static one => one.Process), owners);
        return [.. held.Select(one => Of(one, RoleOf(one, creator, having, owners), inode, owners)).OrderBy(Rank)];
    }

    // Most sockets have one descriptor in one process.
    private static Owner OfOnly(Holding one, ulong inode, OwnerIndex owners) => Of(one,
        owners.IsCut(inode) || CannotListen(one.Process) || IsOrphan(one.Process) || MasterPrograms.IsWorker(one.Process)
            ? RoleOf(one, null, [one], owners) : OwnerRole.Creator,
        inode, owners);

    private static Owner Of(Holding one, OwnerRole role, ulong inode, OwnerIndex owners) => new()
    {
        Process = one.Process,
        Role = one.RoleByItself ?? role,
        Descriptors = one.Descriptors,
        Ways = one.Ways,
        ThreadId = one.Holders.Find(static h => h.ThreadId is not null)?.ThreadId,
        Call = one.Holders.Find(static h => h.Call is not null)?.Call,
        StartedFrom = owners.OriginOf(one.Process, inode),
    };

    /// <summary>Whom a list names first: the maker; last who only keeps the socket for the others.</summary>
    public static int Rank(Owner owner) => owner.Role switch { OwnerRole.Creator => 0, OwnerRole.Keeper => 2, _ => 1 };

    /// <summary>The owners of one socket, for who asks about few.</summary>
    public static ImmutableArray<Owner> Assign(ulong inode, Snapshot snapshot) => new OwnerIndex(snapshot).OwnersOf(inode);

    /// <summary>Nobody among the holders made the socket: its maker died or let go.</summary>
    public static bool HasCreatorEnded(ImmutableArray<Owner> owners) =>
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
            return (holders.Count == 1 && IsOrphan(first)) || HasItFromAbove(first, holders, owners) ? null : first;
        return able.Skip(1).Any(p => IsAncestor(first, p, owners)) ? first : null;
    }

    /// <summary>A shell that holds it has it from somebody, and who was started from there has it from the shell.</summary>
    private static bool HasItFromAbove(ProcessRecord process, List<ProcessRecord> holders, OwnerIndex owners) =>
        holders.Exists(other => other != process && CannotListen(other) && IsAncestor(other, process, owners));

    /// <summary>What stands in one pipeline with it (<c>bindwise why 80 | less</c>), for which a shell makes a group.</summary>
    private static bool IsOfItsJob(ProcessRecord process, ProcessRecord asking, OwnerIndex owners) =>
        process.GroupId == asking.GroupId && asking.GroupId != 0
        && owners.ProcessOf(asking.ParentId) is { } shell && shell.GroupId != asking.GroupId;

    private static OwnerRole RoleOf(Holding one, ProcessRecord? creator, List<Holding> all, OwnerIndex owners)
    {
        var process = one.Process;
        if (creator is not null)
            return process == creator ? OwnerRole.Creator : OwnerRole.Inherited;
        if (CannotListen(process) || IsLostWorker(process, owners)
            || HasItFromAbove(process, all.ConvertAll(static other => other.Process), owners))
            return OwnerRole.Inherited;
        return IsOrphan(process) && HasSiblings(one, all) ? OwnerRole.Inherited : OwnerRole.Holder;
    }

    /// <summary>
    /// Fork leaves a socket with several children of one program and no common holder above them only when their parent died; it keeps the
    /// descriptor's number, which a descriptor passed through a UNIX socket rarely has.
    /// </summary>
    private static bool HasSiblings(Holding one, List<Holding> all) => all.Exists(other => other != one
        && other.Process.ParentId == one.Process.ParentId && other.Process.GroupId == one.Process.GroupId
        && ProcessNames.AreOfTheSameProgram(other.Process, one.Process) && other.Descriptors.Intersect(one.Descriptors).Any());

    /// <summary>
    /// Its parent has ended: the master whose worker it is, or the script that started it. In a container process 1 leads a group, and may
    /// be either of them itself.
    /// </summary>
    private static bool IsOrphan(ProcessRecord process) => process.ParentId == 1 && process.GroupId != process.Id && process.GroupId != 1;

    /// <summary>A worker whose master has ended: process 1, which is no master itself, has taken it over.</summary>
    private static bool IsLostWorker(ProcessRecord process, OwnerIndex owners) => process.ParentId == 1 && MasterPrograms.IsWorker(process)
        && !(owners.ProcessOf(1) is { } first && ProcessNames.AreOfTheSameProgram(process, first));

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

    /// <summary>It was executed with the descriptor: such a program opens no listening socket.</summary>
    public static bool CannotListen(ProcessRecord process) => NeverListen.Contains(ProcessNames.ProgramOf(process));

    /// <summary>In what ways a process has the socket.</summary>
    private sealed class Holding(ProcessRecord process, List<Holder> holders)
    {
        internal ProcessRecord Process { get; } = process;
        internal List<Holder> Holders { get; } = holders;

        internal ImmutableArray<int> Descriptors { get; } =
            holders is [{ IsOwnDescriptor: true, Descriptor: var descriptor }] ? [descriptor]
            : [.. holders.Where(static h => h.IsOwnDescriptor).Select(static h => h.Descriptor).Order()];

        internal ImmutableArray<HoldingWay> Ways { get; } = holders is [{ Way: HoldingWay.Descriptor }] ? ByDescriptor
            : [.. holders.Select(static h => h.Way).Distinct().Order()];

        /// <summary>Its role whoever else has the socket: who only has yet to receive it neither made nor inherited it.</summary>
        internal OwnerRole? RoleByItself { get; } = holders.TrueForAll(static h => h.Way == HoldingWay.InFlight) ? OwnerRole.Receiver
            : holders.TrueForAll(static h => h.IsInferred) ? OwnerRole.Candidate
            : Keepers.Is(process) ? OwnerRole.Keeper : null;
    }
}

using System.Collections.Frozen;
using Bindwise.Model.Diagnosing.Provenance;

namespace Bindwise.Model.Diagnosing.Owners;

/// <summary>The snapshot's holders by socket and its processes by id, ordered once for all questions of one diagnosis.</summary>
internal sealed class OwnerIndex
{
    private readonly Dictionary<ulong, List<Holder>> _holders = [];
    private readonly Dictionary<int, ProcessRecord> _processes;
    private readonly HashSet<ulong> _cut;
    private readonly Snapshot _snapshot;
    private readonly ProcessAncestry _ancestry;
    private readonly Dictionary<ulong, HeldSocket> _sockets = [];
    private readonly Dictionary<ulong, ImmutableArray<Owner>> _owners = [];
    private readonly Dictionary<int, ProcessProvenance> _origins = [];

    public OwnerIndex(Snapshot snapshot)
    {
        _snapshot = snapshot;
        _ancestry = new ProcessAncestry(snapshot.Processes);
        foreach (var socket in snapshot.Sockets)
            _sockets.TryAdd(socket.Inode, socket);
        foreach (var holder in snapshot.Holders)
        {
            if (_holders.TryGetValue(holder.Inode, out var known))
                known.Add(holder);
            else
                _holders.Add(holder.Inode, [holder]);
        }
        _processes = [];
        foreach (var process in snapshot.Processes)
            _processes.TryAdd(process.Id, process);
        _cut = [.. snapshot.HoldersOmitted.Select(static t => t.Inode)];
    }

    /// <summary>The owners of a socket, its maker first; none for inode 0.</summary>
    public ImmutableArray<Owner> OwnersOf(ulong inode)
    {
        if (inode == 0)
            return [];
        if (!_owners.TryGetValue(inode, out var owners))
            _owners.Add(inode, owners = OwnerRoles.Assign(inode, this));
        return owners;
    }

    /// <summary>What the snapshot lists of a socket's holders.</summary>
    public IReadOnlyList<Holder> HoldersOf(ulong inode) => _holders.GetValueOrDefault(inode) ?? [];

    /// <summary>The socket has more holders than are listed: its maker may be among the others.</summary>
    public bool IsCut(ulong inode) => _cut.Contains(inode);

    /// <summary>Where a holder of a socket was started.</summary>
    public ProcessProvenance OriginOf(ProcessRecord process, ulong inode)
    {
        // A service manager and an engine's proxy hold each socket for another; for all others it is the same whatever the socket.
        if (SocketActivators.IsSystemd(process) || ContainerProxies.EngineOf(process) is not null)
            return ProvenanceFinder.Of(process, _sockets.GetValueOrDefault(inode), _ancestry, _snapshot);
        if (!_origins.TryGetValue(process.Id, out var origin))
            _origins.Add(process.Id, origin = ProvenanceFinder.Of(process, _sockets.GetValueOrDefault(inode), _ancestry, _snapshot));
        return origin;
    }

    /// <summary>The parents of a process, the nearest first.</summary>
    public IReadOnlyList<ProcessRecord> ParentsOf(ProcessRecord process) => _ancestry.Of(process);

    /// <summary>A process; null when the snapshot does not know it.</summary>
    public ProcessRecord? ProcessOf(int id) => _processes.GetValueOrDefault(id);
}

/// <summary>The other ends of connections as far as they stand in the table of this host.</summary>
internal sealed class LocalPeers
{
    /// <summary>Of so many other ends the owners are looked for: each may be another process, of which a dozen files are read.</summary>
    public const int MaximumLookups = 64;

    private readonly Dictionary<(IpEndpoint Local, IpEndpoint Remote), HeldSocket> _connections = [];

    /// <summary>Indexes the TCP connections among these sockets by their two ends.</summary>
    public LocalPeers(ImmutableArray<HeldSocket> sockets)
    {
        foreach (var socket in sockets)
        {
            if (IsConnection(socket))
                _connections.TryAdd((Plain(socket.Local), Plain(socket.Remote)), socket);
        }
    }

    /// <summary>
    /// The other end of a socket's connection; null when it is not on this host, or there is no connection, or both ends are one socket.
    /// </summary>
    public HeldSocket? Of(HeldSocket socket) =>
        IsConnection(socket) && socket.Local != socket.Remote
            ? _connections.GetValueOrDefault((Plain(socket.Remote), Plain(socket.Local)))
            : null;

    /// <summary>The inodes at the other ends of the sockets in question, those of the first <see cref="MaximumLookups"/>.</summary>
    public static ImmutableArray<ulong> InodesBehind(IReadOnlyList<HeldSocket> asked, ImmutableArray<HeldSocket> table)
    {
        var peers = new LocalPeers(table);
        return [.. asked.Select(peers.Of).OfType<HeldSocket>().Select(static peer => peer.Inode).Where(static inode => inode != 0)
            .Distinct().Take(MaximumLookups)];
    }

    private static bool IsConnection(HeldSocket socket) => socket.Protocol == Protocol.Tcp && socket.Remote.Port != 0;

    /// <summary>One end may be an IPv6 socket with a mapped address, the other an IPv4 socket.</summary>
    private static IpEndpoint Plain(IpEndpoint endpoint) => endpoint with { Address = endpoint.Address.AsIPv4 ?? endpoint.Address };
}

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
        var holders = owners.HoldersOf(inode);
        if (holders is [var only])
            return owners.ProcessOf(only.ProcessId) is { } process ? [OfOnly(new Holding(process, [only]), inode, owners)] : [];
        var held = holders.GroupBy(static h => h.ProcessId)
            .Select(group => owners.ProcessOf(group.Key) is { } process ? new Holding(process, [.. group]) : null).OfType<Holding>()
            .OrderBy(static one => one.Process.StartTicks).ThenBy(static one => one.Process.Id).ToList();
        var having = held.FindAll(static one => one.RoleByItself is null);
        var creator = owners.IsCut(inode) ? null : CreatorOf(having.ConvertAll(static one => one.Process), owners);
        return [.. held.Select(one => Of(one, RoleOf(one, creator, having), inode, owners)).OrderBy(Rank)];
    }

    // Most sockets have one descriptor in one process.
    private static Owner OfOnly(Holding one, ulong inode, OwnerIndex owners) => Of(one,
        owners.IsCut(inode) || CannotListen(one.Process) || IsOrphan(one.Process) ? RoleOf(one, null, [one]) : OwnerRole.Creator,
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

    private static OwnerRole RoleOf(Holding one, ProcessRecord? creator, List<Holding> all)
    {
        var process = one.Process;
        if (creator is not null)
            return process == creator ? OwnerRole.Creator : OwnerRole.Inherited;
        if (CannotListen(process) || MasterPrograms.IsLostWorker(process))
            return OwnerRole.Inherited;
        // Fork leaves a socket with several children and no common holder above them only when their parent died;
        // it keeps the descriptor's number, which a descriptor passed through a UNIX socket rarely has.
        var hasOrphanedSiblings = IsOrphan(process)
            && all.Exists(other => other != one && other.Process.ParentId == process.ParentId && other.Process.GroupId == process.GroupId
                && other.Descriptors.Intersect(one.Descriptors).Any());
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

    /// <summary>In what ways a process has the socket.</summary>
    private sealed class Holding(ProcessRecord process, List<Holder> holders)
    {
        internal ProcessRecord Process { get; } = process;
        internal List<Holder> Holders { get; } = holders;

        internal ImmutableArray<int> Descriptors { get; } =
            holders is [{ IsOwnDescriptor: true, Descriptor: var descriptor }] ? [descriptor]
            : [.. holders.Where(static h => h.IsOwnDescriptor).Select(static h => h.Descriptor).Order()];

        internal ImmutableArray<HoldingWay> Ways { get; } = holders is [{ Way: var way }] ? [way]
            : [.. holders.Select(static h => h.Way).Distinct().Order()];

        /// <summary>Its role whoever else has the socket: who only has yet to receive it neither made nor inherited it.</summary>
        internal OwnerRole? RoleByItself { get; } = holders.TrueForAll(static h => h.Way == HoldingWay.InFlight) ? OwnerRole.Receiver
            : holders.TrueForAll(static h => h.IsInferred) ? OwnerRole.Candidate
            : Keepers.Is(process) ? OwnerRole.Keeper : null;
    }
}

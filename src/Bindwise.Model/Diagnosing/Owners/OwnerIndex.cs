using System.Runtime.InteropServices;
using Bindwise.Model.Diagnosing.Provenance;

namespace Bindwise.Model.Diagnosing.Owners;

/// <summary>The snapshot's holders by socket and its processes by id, ordered once for all questions of one diagnosis.</summary>
internal sealed class OwnerIndex
{
    private readonly Dictionary<ulong, List<Holder>> _holders;
    private readonly HashSet<ulong> _cut;
    private readonly ProcessAncestry _ancestry;
    private readonly ProvenanceFinder _provenance;
    private readonly Dictionary<ulong, HeldSocket> _sockets;
    private readonly Dictionary<ulong, ImmutableArray<Owner>> _owners;
    private readonly Dictionary<int, ProcessProvenance?> _origins;
    private readonly Caller _caller;

    public OwnerIndex(Snapshot snapshot)
    {
        _caller = snapshot.Caller;
        _ancestry = new ProcessAncestry(snapshot.Processes);
        _provenance = new ProvenanceFinder(snapshot, _ancestry);
        _sockets = new Dictionary<ulong, HeldSocket>(snapshot.Sockets.Length);
        _owners = new Dictionary<ulong, ImmutableArray<Owner>>(snapshot.Sockets.Length);
        _origins = new Dictionary<int, ProcessProvenance?>(snapshot.Processes.Length);
        foreach (var socket in snapshot.Sockets)
            _sockets.TryAdd(socket.Inode, socket);
        _holders = new Dictionary<ulong, List<Holder>>(snapshot.Sockets.Length);
        foreach (var holder in snapshot.Holders)
        {
            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_holders, holder.Inode, out _);
            (known ??= new List<Holder>(1)).Add(holder);
        }
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
    public List<Holder> HoldersOf(ulong inode) => _holders.GetValueOrDefault(inode) ?? [];

    /// <summary>The socket has more holders than are listed: its maker may be among the others.</summary>
    public bool IsCut(ulong inode) => _cut.Contains(inode);

    /// <summary>Where a holder of a socket was started.</summary>
    public ProcessProvenance OriginOf(ProcessRecord process, ulong inode)
    {
        if (!_origins.TryGetValue(process.Id, out var origin))
        {
            // A service manager and an engine's proxy hold each socket for another; for all others it is the same whatever the socket.
            var isSame = !SocketActivators.IsSystemd(process) && ContainerProxies.EngineOf(process) is null;
            _origins.Add(process.Id, origin = isSame ? _provenance.Of(process, _sockets.GetValueOrDefault(inode)) : null);
        }
        return origin ?? _provenance.Of(process, _sockets.GetValueOrDefault(inode));
    }

    /// <summary>The parents of a process, the nearest first.</summary>
    public IReadOnlyList<ProcessRecord> ParentsOf(ProcessRecord process) => _ancestry.Of(process);

    public ProcessRecord? ProcessOf(int id) => _ancestry.Find(id);

    /// <summary>
    /// It is the command line program that asks, and not a user's program with the library in it; or one that runs what asks.
    /// </summary>
    public bool IsAskingProgram(ProcessRecord process) =>
        _caller.IsOrRuns(process.Id) && Keepers.AreProgram(process);
}

/// <summary>The other ends of connections as far as they stand in the table of this host.</summary>
internal sealed class LocalPeers
{
    /// <summary>Of so many other ends the owners are looked for: each may be another process, of which a dozen files are read.</summary>
    public const int MaximumLookups = 64;

    // Unmapped: one end may be an IPv6 socket with a mapped address, the other an IPv4 socket.
    private readonly Dictionary<(IpEndpoint Local, IpEndpoint Remote), HeldSocket> _connections = [];

    /// <summary>Indexes the TCP connections among these sockets by their two ends.</summary>
    public LocalPeers(ImmutableArray<HeldSocket> sockets)
    {
        foreach (var socket in sockets)
        {
            if (IsConnection(socket))
                _connections.TryAdd((socket.Local.Unmapped, socket.Remote.Unmapped), socket);
        }
    }

    /// <summary>
    /// The other end of a socket's connection; null when it is not on this host, or there is no connection, or both ends are one socket.
    /// </summary>
    public HeldSocket? Of(HeldSocket socket) =>
        IsConnection(socket) && socket.Local != socket.Remote
            ? _connections.GetValueOrDefault((socket.Remote.Unmapped, socket.Local.Unmapped))
            : null;

    /// <summary>The inodes at the other ends of the sockets in question, those of the first <see cref="MaximumLookups"/>.</summary>
    public static ImmutableArray<ulong> InodesBehind(IReadOnlyList<HeldSocket> asked, ImmutableArray<HeldSocket> table)
    {
        var peers = new LocalPeers(table);
        return [.. asked.Select(peers.Of).OfType<HeldSocket>().Select(static peer => peer.Inode).Where(static inode => inode != 0)
            .Distinct().Take(MaximumLookups)];
    }

    private static bool IsConnection(HeldSocket socket) => socket.Protocol == Protocol.Tcp && socket.Remote.Port != 0;
}

using System.Diagnostics;
using Bindwise.Linux.Processes;

namespace Bindwise.Linux.NetworkNamespaces;

/// <summary>Looks for sockets in the network namespaces beside the calling thread's.</summary>
internal static class ElsewhereReader
{
    private const int SocketLimit = 64;

    private static readonly TimeSpan TimeLimit = TimeSpan.FromMilliseconds(60);

    /// <summary>Looks for sockets on a port; the calling thread stays where it is.</summary>
    /// <param name="protocol">TCP: listeners; UDP: every socket.</param>
    /// <param name="port">The port, not 0.</param>
    /// <param name="callersNetwork">The inode of bindwise's own namespace, when the calling thread is in another; else 0.</param>
    /// <param name="ahead">The search for namespaces that was begun before; null where none was.</param>
    internal static ElsewhereSurvey Read(Protocol protocol, ushort port, ulong callersNetwork, Func<uint, string?> userName,
        NamespacesAhead? ahead = null) =>
        Read((network, sockets) => ForeignSockets.TryRead(network, protocol, port, sockets), callersNetwork, userName, ahead);

    /// <param name="look">Reads them of one namespace, on a thread that is spent afterwards; false when they could not be read.</param>
    /// <param name="callersNetwork">The inode of bindwise's own namespace, when the calling thread is in another; else 0.</param>
    /// <param name="ahead">The search for namespaces that was begun before; null where none was.</param>
    internal static ElsewhereSurvey Read(Func<ForeignNetwork, List<HeldSocket>, bool> look, ulong callersNetwork,
        Func<uint, string?> userName, NamespacesAhead? ahead = null)
    {
        var enumeration = ahead?.Take() ?? NamespaceEnumeration.Take();
        var networks = enumeration.Networks.ToList();
        var found = new List<(ForeignNetwork Network, HeldSocket Socket)>();
        var unread = 0;
        if (networks.Count > 0)
        {
            // Entering namespaces changes the thread.
            var hasRun = IsolatedThread.TryRun("other network namespaces", () =>
            {
                // From here: on a loaded machine the thread itself may begin late, and then none would be looked into.
                var started = Stopwatch.GetTimestamp();
                for (var index = 0; index < networks.Count; index++)
                {
                    var network = networks[index];
                    var sockets = new List<HeldSocket>();
                    if ((index > 0 && Stopwatch.GetElapsedTime(started) > TimeLimit) || !look(network, sockets))
                        unread++;
                    found.AddRange(sockets.Take(SocketLimit - found.Count).Select(socket => (network, socket)));
                }
            });
            unread = hasRun ? unread : networks.Count;
        }
        return new ElsewhereSurvey
        {
            Namespaces = networks.Count - unread,
            Unread = unread,
            IsPartial = enumeration.IsCut || !enumeration.HasSeenProcesses,
            Sockets = Describe(found, callersNetwork, new ProcessReader(userName)),
        };
    }

    private static ImmutableArray<ElsewhereRecord> Describe(List<(ForeignNetwork Network, HeldSocket Socket)> found, ulong callersNetwork,
        ProcessReader reader)
    {
        if (found.Count == 0)
            return [];
        var holders = FindHolders(found);
        var read = new Dictionary<int, ProcessRecord?>();
        return
        [
            .. found.Select(pair =>
            {
                var (network, socket) = pair;
                int? holder = holders.TryGetValue(socket.Inode, out var pid) ? pid : null;
                return new ElsewhereRecord
                {
                    Socket = socket,
                    NetworkNamespace = network.Inode,
                    NetworkName = network.Name,
                    IsCallers = network.Inode != 0 && network.Inode == callersNetwork,
                    Process = (holder ?? network.Processes.FirstOrDefault()) is > 0 and var someone ? Once(someone) : null,
                    IsHolder = holder is not null,
                };
            }),
        ];

        ProcessRecord? Once(int pid)
        {
            if (!read.TryGetValue(pid, out var record))
                read[pid] = record = reader.Read(pid);
            return record;
        }
    }

    /// <summary>Who holds them, among the processes of their namespaces; the eldest number of several.</summary>
    private static Dictionary<ulong, int> FindHolders(List<(ForeignNetwork Network, HeldSocket Socket)> found)
    {
        var holders = new Dictionary<ulong, int>();
        if (OpenAt.Open(OpenAt.WorkingDirectory, "/proc\0"u8, out var directory) != Errno.None)
            return holders;
        try
        {
            var walk = new DescriptorWalk(directory, new InodeSet(found.Select(static pair => pair.Socket.Inode)));
            foreach (var pid in found.Select(static pair => pair.Network).Distinct().SelectMany(static network => network.Processes))
                walk.Walk(pid);
            foreach (var holder in walk.Found.OrderBy(static holder => holder.ProcessId))
                holders.TryAdd(holder.Inode, holder.ProcessId);
            return holders;
        }
        finally
        {
            CloseDescriptor.Close(directory);
        }
    }
}

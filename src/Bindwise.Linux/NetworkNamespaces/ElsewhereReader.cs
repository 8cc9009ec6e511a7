using System.Diagnostics;
using Bindwise.Linux.Processes;
using Bindwise.Linux.Routing;

namespace Bindwise.Linux.NetworkNamespaces;

/// <summary>Looks for sockets in the network namespaces beside the calling thread's.</summary>
internal static class ElsewhereReader
{
    private const int SocketLimit = 64;
    private const int NetworkLimit = 4;

    private static readonly TimeSpan TimeLimit = TimeSpan.FromMilliseconds(60);

    /// <summary>Looks for sockets on a port; the calling thread stays where it is.</summary>
    /// <param name="protocol">TCP: listeners; UDP: every socket.</param>
    /// <param name="port">The port, not 0.</param>
    /// <param name="callersNetwork">The inode of bindwise's own namespace, when the calling thread is in another; else 0.</param>
    /// <param name="ahead">The search for namespaces that was begun before; null where none was.</param>
    internal static ElsewhereSurvey Read(Protocol protocol, ushort port, ulong callersNetwork, Func<uint, string?> userName,
        NamespacesAhead? ahead = null) =>
        Read((network, sockets) => ForeignSockets.TryRead(network, protocol, port, sockets), callersNetwork, userName, ahead);

    /// <param name="visit">Reads them of one namespace, on a thread that is spent afterwards; false when they could not be read.</param>
    /// <param name="callersNetwork">The inode of bindwise's own namespace, when the calling thread is in another; else 0.</param>
    /// <param name="ahead">The search for namespaces that was begun before; null where none was.</param>
    internal static ElsewhereSurvey Read(Func<ForeignNetwork, List<HeldSocket>, bool> visit, ulong callersNetwork,
        Func<uint, string?> userName, NamespacesAhead? ahead = null)
    {
        var enumeration = ahead?.Take() ?? NamespaceEnumeration.Take();
        var networks = enumeration.Networks.ToList();
        var found = new List<(ForeignNetwork Network, HeldSocket Socket)>();
        var unread = Walk(networks, network =>
        {
            var sockets = new List<HeldSocket>();
            var isRead = visit(network, sockets);
            found.AddRange(sockets.Take(SocketLimit - found.Count).Select(socket => (network, socket)));
            return isRead;
        });
        return new ElsewhereSurvey
        {
            Namespaces = networks.Count - unread,
            Unread = unread,
            IsPartial = enumeration.IsCut || !enumeration.HasSeenProcesses,
            Sockets = Describe(found, callersNetwork, new ProcessReader(userName)),
        };
    }

    /// <summary>Looks for the namespaces that have an address; the calling thread stays where it is.</summary>
    /// <param name="callersNetwork">The inode of bindwise's own namespace, when the calling thread is in another; else 0.</param>
    internal static ElsewhereSurvey ReadNetworks(IpAddress address, ulong callersNetwork, Func<uint, string?> userName)
    {
        var enumeration = NamespaceEnumeration.Take();
        var networks = enumeration.Networks.ToList();
        var found = new List<ForeignNetwork>();
        var unread = Walk(networks, network =>
        {
            if (!ForeignSockets.TryEnter(network) || RouteClient.TryOpen(out var client) != Errno.None || client is null)
                return false;
            using (client)
            {
                var outcome = client.ReadInterfaces(out var interfaces);
                if (interfaces.Any(link => link.Addresses.Any(own => own.Address == address)))
                    found.Add(network);
                return outcome.IsComplete;
            }
        });
        var reader = new ProcessReader(userName);
        return new ElsewhereSurvey
        {
            Namespaces = networks.Count - unread,
            Unread = unread,
            IsPartial = enumeration.IsCut || !enumeration.HasSeenProcesses,
            WithAddress =
            [
                .. found.Take(NetworkLimit).Select(network =>
                {
                    var process = network.Processes.FirstOrDefault() is > 0 and var someone ? reader.Read(someone) : null;
                    return new ElsewhereNetwork
                    {
                        Name = network.Name,
                        ProcessId = process?.Id,
                        ProcessName = process?.Name,
                        Container = process?.Container,
                        IsCallers = network.Inode != 0 && network.Inode == callersNetwork,
                    };
                }),
            ],
        };
    }

    /// <summary>Looks into one after the other, on a thread that is spent afterwards: entering namespaces changes it.</summary>
    /// <param name="networks">Those that end meanwhile are taken out.</param>
    /// <param name="visit">False for one that could not be read.</param>
    /// <returns>How many could not be read, or not in time.</returns>
    private static int Walk(List<ForeignNetwork> networks, Func<ForeignNetwork, bool> visit)
    {
        if (networks.Count == 0)
            return 0;
        var unread = 0;
        var ended = new List<ForeignNetwork>();
        var hasRun = IsolatedThread.TryRun("other network namespaces", () =>
        {
            // From here: on a loaded machine the thread itself may begin late, and then none would be looked into.
            var started = Stopwatch.GetTimestamp();
            for (var index = 0; index < networks.Count; index++)
            {
                if (index > 0 && Stopwatch.GetElapsedTime(started) > TimeLimit)
                    unread++;
                else if (!visit(networks[index]))
                {
                    if (NamespaceEnumeration.HasEnded(networks[index]))
                        ended.Add(networks[index]);
                    else
                        unread++;
                }
            }
        });
        if (!hasRun)
            return networks.Count;
        networks.RemoveAll(ended.Contains);
        return unread;
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
        using var directory = OpenAt.TryOpen("/proc\0"u8);
        if (directory is null)
            return holders;
        var walk = new DescriptorWalk(directory.Number, new InodeSet(found.Select(static pair => pair.Socket.Inode)));
        foreach (var pid in found.Select(static pair => pair.Network).Distinct().SelectMany(static network => network.Processes))
            walk.Walk(pid);
        foreach (var holder in walk.Found.OrderBy(static holder => holder.ProcessId))
            holders.TryAdd(holder.Inode, holder.ProcessId);
        return holders;
    }
}

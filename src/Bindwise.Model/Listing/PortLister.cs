using Bindwise.Model.Diagnosing.Owners;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Snapshots;
using static System.FormattableString;

namespace Bindwise.Model.Listing;

/// <summary>Makes a listing of what was seen: one line for each server on each port. Pure.</summary>
internal sealed class PortLister
{
    private static readonly Comparer<HeldSocket> ByPlace = Comparer<HeldSocket>.Create(static (one, other) =>
        ComparePlaces(one, other) is var order and not 0 ? order : CompareInPlace(one, other));

    private static readonly List<ListedPort> Nobody = [];

    private readonly PortSurvey _survey;
    private readonly Snapshot _snapshot;
    private readonly OwnerIndex _owners;
    private readonly ServerGroups _groups;
    private readonly Dictionary<ulong, int> _omitted;
    private readonly Dictionary<ulong, CreatorHint> _hints = [];
    private readonly ILookup<(Protocol, ushort), ConnectionTally> _tallies;

    private PortLister(PortSurvey survey)
    {
        _survey = survey;
        _snapshot = survey.Snapshot;
        _owners = new OwnerIndex(_snapshot);
        _groups = new ServerGroups(_owners);
        _omitted = _snapshot.HoldersOmitted.ToDictionary(static tally => tally.Inode, static tally => tally.Omitted);
        foreach (var hint in _snapshot.Hints)
            _hints.TryAdd(hint.Inode, hint);
        _tallies = survey.Tallies.ToLookup(static tally => (tally.Protocol, tally.Port));
    }

    public static PortListing List(PortSurvey survey, PortFilter filter)
    {
        var lister = new PortLister(survey);
        var listed = lister.Listed();
        if (survey.AllConnections)
        {
            listed.AddRange(lister.ConnectionsAlone(filter));
            // Those that were there are in this order already, and stay as they stand.
            listed = [.. listed.OrderBy(static port => port.Protocol).ThenBy(static port => port.Port ?? 0)
                .ThenBy(static port => port.Sockets.IsEmpty)];
        }
        var caller = survey.Snapshot.Caller.UserId;
        var ofAnyOwner = filter.OfAnyOwner;
        var mayMatch = ofAnyOwner is null ? 0
            : listed.Count(port => port is { IsOwnerHidden: true, Name: null } && !filter.Matches(port, caller)
                && ofAnyOwner.Matches(port, caller));
        if (!filter.IsEmpty)
            listed.RemoveAll(port => !filter.Matches(port, caller));
        ImmutableArray<ListedPort> ports = [.. listed];
        return new PortListing
        {
            Ports = ports,
            TakenAt = survey.Snapshot.TakenAt,
            Processes = survey.Snapshot.Processes,
            Interfaces = survey.Snapshot.Interfaces,
            MayMatch = mayMatch,
            ArePortsOfVrfsShared = survey.Snapshot.Settings.TcpL3mdevAccept == true,
            Notes = [.. lister.NotesOn(ports)],
        };
    }

    private bool MayBeHidden => _snapshot.Coverage is { UnreadableProcesses: > 0 } or { ProcessesHidden: true };

    /// <summary>By protocol, then by port; UNIX addresses by name.</summary>
    private List<ListedPort> Listed()
    {
        ImmutableArray<HeldSocket> sockets = [.. _snapshot.Sockets.Order(ByPlace)];
        var listed = new List<ListedPort>(sockets.Length);
        for (int from = 0, end; from < sockets.Length; from = end)
        {
            for (end = from + 1; end < sockets.Length && ComparePlaces(sockets[from], sockets[end]) == 0;)
                end++;
            if (end == from + 1)
            {
                listed.Add(Alone([sockets[from]]));
                continue;
            }
            // UNIX sockets of one name and different types do not meet.
            foreach (var type in sockets.Slice(from, end - from).GroupBy(static socket => socket.SocketType))
                AddServers(listed, [.. type]);
        }
        return listed;
    }

    // The kernel gives the newest first, and one family after the other.
    private static int CompareInPlace(HeldSocket one, HeldSocket other) =>
        one.Local.Address.Family != other.Local.Address.Family ? (int)one.Local.Address.Family - (int)other.Local.Address.Family
        : one.Inode.CompareTo(other.Inode);

    private static int ComparePlaces(HeldSocket one, HeldSocket other) =>
        one.Protocol != other.Protocol ? (int)one.Protocol - (int)other.Protocol
        : one.Protocol == Protocol.Unix ? string.CompareOrdinal(one.Path, other.Path)
        : one.Local.Port.CompareTo(other.Local.Port);

    private void AddServers(List<ListedPort> listed, ImmutableArray<HeldSocket> port)
    {
        var groups = _groups.Of(port);
        if (groups is [var only])
        {
            listed.Add(Alone(only));
            return;
        }
        var servers = groups.ConvertAll(sockets => Describe(sockets, new CountedConnections(null, [], null)));
        foreach (var server in servers)
        {
            var beside = servers.FindAll(other => other != server);
            var count = Count(server.Sockets, beside);
            listed.Add(WithWarnings(server with { Connections = count.Connections, States = count.States }, beside, count));
        }
    }

    /// <summary>The only server on its port.</summary>
    private ListedPort Alone(ImmutableArray<HeldSocket> sockets)
    {
        var count = Count(sockets, Nobody);
        return WithWarnings(Describe(sockets, count), Nobody, count);
    }

    private ListedPort WithWarnings(ListedPort port, List<ListedPort> beside, in CountedConnections count)
    {
        var warnings = PortWarnings.Of(port, beside, _snapshot.Settings, _snapshot.Interfaces, count.FromOutside);
        return warnings.IsEmpty ? port : port with { Warnings = warnings };
    }

    private ListedPort Describe(ImmutableArray<HeldSocket> sockets, CountedConnections count)
    {
        var first = sockets[0];
        var owners = sockets.Length == 1 ? _owners.OwnersOf(first.Inode)
            : [.. sockets.SelectMany(socket => _owners.OwnersOf(socket.Inode)).OrderBy(OwnerRoles.Rank)
                .DistinctBy(static owner => owner.Process.Id)];
        ushort? port = first.Protocol == Protocol.Unix ? null : first.Local.Port;
        if (owners.IsEmpty)
        {
            var hint = sockets.Select(socket => _hints.GetValueOrDefault(socket.Inode)).FirstOrDefault(static hint => hint is not null);
            return new ListedPort
            {
                Protocol = first.Protocol,
                Port = port,
                Sockets = sockets,
                AreQueuesUnknown = _survey.AreQueuesUnknown,
                Name = KernelOwners.Of(first, _snapshot)?.Label,
                IsOwnerHidden = MayBeHidden,
                UserId = first.UserId,
                UserName = hint?.UserName,
                Unit = hint?.Unit,
                Container = hint?.Container is { } id ? ContainerRecord.ShortId(id) : null,
                Connections = count.Connections,
                States = count.States,
            };
        }
        var omitted = _omitted.Count == 0 ? 0 : sockets.Max(socket => _omitted.GetValueOrDefault(socket.Inode));
        return Owned(owners, omitted, first.Protocol, port, sockets, count);
    }

    /// <param name="omitted">How many more owners there are.</param>
    private ListedPort Owned(ImmutableArray<Owner> owners, int omitted, Protocol protocol, ushort? port, ImmutableArray<HeldSocket> sockets,
        CountedConnections count)
    {
        var main = owners[0];
        var origin = main.StartedFrom;
        return new ListedPort
        {
            Protocol = protocol,
            Port = port,
            Sockets = sockets,
            AreQueuesUnknown = _survey.AreQueuesUnknown,
            Connections = count.Connections,
            States = count.States,
            Name = ProcessNames.Plain(main.Process),
            Owners = owners,
            OwnerCount = owners.Length + omitted,
            UserId = main.Process.UserId,
            UserName = main.Process.UserName,
            Since = main.Process.StartedAt,
            ProjectFolder = origin?.ProjectFolder,
            Container = origin?.Container is { } container ? container.Name ?? ContainerRecord.ShortId(container.Id) : null,
            Unit = origin?.SocketUnit?.Name ?? origin?.Unit,
        };
    }

    /// <summary>A server's connections; of those that another server shares by address nobody can tell whose they are.</summary>
    private CountedConnections Count(ImmutableArray<HeldSocket> sockets, List<ListedPort> beside)
    {
        var isListening = sockets.Any(static socket => socket.State == TcpSocketState.Listen);
        if (!isListening && !_survey.AllConnections)
            return new CountedConnections(null, [], null);
        var protocol = sockets[0].Protocol;
        var tallies = _tallies[(protocol, protocol == Protocol.Unix ? (ushort)0 : sockets[0].Local.Port)];
        return beside.Count == 0 && !tallies.Any() ? isListening ? new CountedConnections(0, [], 0) : new CountedConnections(null, [], null)
            : Count(sockets, beside, tallies, isListening);
    }

    private CountedConnections Count(ImmutableArray<HeldSocket> sockets, List<ListedPort> beside, IEnumerable<ConnectionTally> tallies,
        bool isListening)
    {
        var nothing = new CountedConnections(null, [], null);
        var (isUnix, path) = (sockets[0].Protocol == Protocol.Unix, sockets[0].Path);
        var addresses = sockets.Select(static socket => socket.Local.Address).ToHashSet();
        if (!isUnix && beside.Exists(other => other.Sockets.Any(socket => addresses.Contains(socket.Local.Address))))
            return nothing;
        var mine = tallies.Where(tally => isUnix ? tally.Path == path : tally.Listener is { } listener && addresses.Contains(listener))
            .ToList();
        // Of what accepts none only those are counted that are there, as UDP's connected to one client each.
        if (!isListening && mine.Count == 0)
            return nothing;
        var states = Summed(mine);
        return new CountedConnections(states.Where(static one => one.State != TcpSocketState.TimeWait).Sum(static one => one.Count),
            _survey.AllConnections ? states : [], mine.Sum(static tally => tally.FromOutside));
    }

    /// <param name="Connections">Without TIME_WAIT; null where they were not, or cannot be, counted.</param>
    /// <param name="States">By state; empty unless all connections were asked for.</param>
    /// <param name="FromOutside">How many do not come from loopback; null where they were not counted.</param>
    private readonly record struct CountedConnections(int? Connections, ImmutableArray<StateCount> States, int? FromOutside);

    /// <summary>Ports that only connections use. In the ephemeral range those are mostly clients': one line for all of them.</summary>
    private IEnumerable<ListedPort> ConnectionsAlone(PortFilter filter)
    {
        foreach (var protocol in _survey.Tallies.Where(static tally => tally.IsWithoutListener).GroupBy(static tally => tally.Protocol))
        {
            var inRange = new List<ConnectionTally>();
            foreach (var port in protocol.GroupBy(static tally => tally.Port))
            {
                if (HasLine(port.Key, filter, _snapshot.Settings))
                    yield return WithOwners(ConnectionsOf(protocol.Key, [.. port]), port);
                else
                    inRange.AddRange(port);
            }
            if (inRange.Count > 0)
                yield return ConnectionsOf(protocol.Key, inRange);
        }
    }

    /// <summary>Whether a port that only connections use has a line, and an owner, of its own.</summary>
    public static bool HasLine(ushort port, PortFilter filter, HostSettings settings) =>
        !filter.Ports.IsEmpty || !filter.Numbers.IsEmpty || !settings.IsEphemeral(port);

    private ListedPort WithOwners(ListedPort connections, IEnumerable<ConnectionTally> tallies)
    {
        ImmutableArray<Owner> owners = [.. tallies.SelectMany(tally => _owners.OwnersOf(tally.Inode)).OrderBy(OwnerRoles.Rank)
            .DistinctBy(static owner => owner.Process.Id)];
        return owners.IsEmpty ? connections with { IsOwnerHidden = MayBeHidden && tallies.Any(static tally => tally.Inode != 0) }
            : Owned(owners, omitted: 0, connections.Protocol, connections.Port, [], new(connections.Connections, connections.States, null));
    }

    private static ListedPort ConnectionsOf(Protocol protocol, List<ConnectionTally> tallies)
    {
        var states = Summed(tallies);
        var (first, last) = (tallies.Min(static tally => tally.Port), tallies.Max(static tally => tally.Port));
        return new ListedPort
        {
            Protocol = protocol,
            Port = first,
            LastPort = first == last ? null : last,
            PortCount = tallies.Select(static tally => tally.Port).Distinct().Count(),
            Connections = states.Where(static one => one.State != TcpSocketState.TimeWait).Sum(static one => one.Count),
            States = states,
        };
    }

    private static ImmutableArray<StateCount> Summed(List<ConnectionTally> tallies) =>
    [
        .. tallies.SelectMany(static tally => tally.States).GroupBy(static one => one.State)
            .Select(static group => new StateCount(group.Key, group.Sum(static one => one.Count)))
            .OrderBy(static one => one.State == TcpSocketState.TimeWait).ThenByDescending(static one => one.Count)
            .ThenBy(static one => one.State),
    ];

    private IEnumerable<string> NotesOn(ImmutableArray<ListedPort> ports)
    {
        var coverage = _snapshot.Coverage;
        foreach (var note in coverage.Notes)
            yield return note;
        if (!coverage.StuckProcesses.IsEmpty)
            yield return coverage.StuckProcesses.Length == 1 ? "1 process could not be inspected: it does not respond"
                : Invariant($"{coverage.StuckProcesses.Length} processes could not be inspected: they do not respond");
        var unseen = ports.Where(static port => port is { Owners.IsEmpty: true, Sockets.IsEmpty: false, Name: null }).ToList();
        if (unseen.Count == 0 || !coverage.OwnersRead)
            yield break;
        var counted = unseen.Count == 1 ? "1 line has" : Invariant($"{unseen.Count} lines have");
        if (MayBeHidden && _snapshot.Caller.UserId == 0)
            yield return $"{counted} no owner: a process that may have it cannot be inspected from here, even as root.";
        else if (MayBeHidden)
            yield return $"{counted} no owner: {Hidden(unseen)}.";
        else if (unseen.Find(static port => port.Port is not null) is { } one)
            yield return $"{counted} no owner: no process shows the socket. bindwise why {PortColumns.Target(one)} looks further.";
        else
            yield return $"{counted} no owner: no process shows the socket.";
    }

    private string Hidden(List<ListedPort> unseen)
    {
        var own = unseen.Count(port => UnseenHolder.IsProbablyOwn(port.Sockets[0], _snapshot.Caller));
        return (unseen.Count, own) switch
        {
            (1, 0) => "it is another user's process, which you may not inspect",
            (1, _) => $"it is a process that you may not inspect, probably your own ({UnseenHolder.WhyOwn})",
            (_, 0) => "they are other users' processes, which you may not inspect",
            var (all, _) when all == own => $"they are processes that you may not inspect, probably your own ({UnseenHolder.WhyOwn})",
            _ => $"they are processes that you may not inspect, other users' and probably your own ({UnseenHolder.WhyOwn})",
        } + $". With sudo you see {(unseen.Count == 1 ? "its name, pid, project and start" : "their names, pids, projects and starts")}";
    }
}

/// <summary>What a look at all ports of a host gives: what <see cref="PortLister"/> makes a listing of.</summary>
/// <param name="Snapshot">The listening and bound sockets, their holders and settings.</param>
/// <param name="AllConnections">TIME_WAIT and the connections of ports without a listener were counted as well.</param>
internal sealed record PortSurvey(Snapshot Snapshot, ImmutableArray<ConnectionTally> Tallies, bool AllConnections)
{
    /// <summary>The sockets were read where nobody tells how many connections wait for accept(): by .NET.</summary>
    public bool AreQueuesUnknown { get; init; }
}

/// <param name="Port">The local port; 0 for UNIX.</param>
/// <param name="Listener">The listening address that accepted them; null where nothing listens.</param>
/// <param name="Path">The UNIX address; null for TCP.</param>
/// <param name="FromOutside">How many of them come from another host, or from an address of this one that is not loopback.</param>
/// <param name="Inode">Where nothing listens, one of them that a process may have; 0 for none.</param>
internal sealed record ConnectionTally(Protocol Protocol, ushort Port, IpAddress? Listener, ImmutableArray<StateCount> States,
    string? Path = null, int FromOutside = 0, ulong Inode = 0)
{
    public bool IsWithoutListener => this is { Listener: null, Path: null };
}

/// <summary>
/// Tells which sockets of one port belong to one server: those that a process shares with another, and those of processes that one program
/// forked (a pre-fork server's workers with SO_REUSEPORT). Of sockets without a visible process those of one user and cgroup count as one.
/// </summary>
internal sealed class ServerGroups(OwnerIndex owners)
{
    private const int MaximumDepth = 16;

    private readonly Dictionary<int, int> _families = [];

    private readonly record struct Key(int Family, uint User, ulong Cgroup);

    /// <summary>The sockets of one port by server, in the order of their first sockets.</summary>
    public List<ImmutableArray<HeldSocket>> Of(ImmutableArray<HeldSocket> sockets)
    {
        if (sockets.Length == 1)
            return [sockets];
        var groupOf = new int[sockets.Length];
        var known = new Dictionary<Key, int>();
        for (var i = 0; i < sockets.Length; i++)
        {
            groupOf[i] = i;
            foreach (var key in KeysOf(sockets[i]))
            {
                if (known.TryGetValue(key, out var other))
                    groupOf[RootOf(groupOf, i)] = RootOf(groupOf, other);
                else
                    known.Add(key, i);
            }
        }
        return [.. Enumerable.Range(0, sockets.Length).GroupBy(i => RootOf(groupOf, i))
            .Select(group => group.Select(i => sockets[i]).ToImmutableArray())];
    }

    private IEnumerable<Key> KeysOf(HeldSocket socket)
    {
        var holders = owners.OwnersOf(socket.Inode);
        return holders.IsEmpty ? [new Key(0, socket.UserId ?? uint.MaxValue, socket.CgroupId)]
            : holders.Select(owner => new Key(FamilyOf(owner.Process), 0, 0));
    }

    /// <summary>The topmost process above that runs the same program and script: what forked it.</summary>
    private int FamilyOf(ProcessRecord process)
    {
        if (_families.TryGetValue(process.Id, out var known))
            return known;
        var top = process;
        var name = ProcessNames.Plain(process);
        for (var depth = 0; depth < MaximumDepth && top.Executable is not null; depth++)
        {
            if (owners.ProcessOf(top.ParentId) is not { } parent || parent.Executable != top.Executable
                || ProcessNames.Plain(parent) != name)
                break;
            top = parent;
        }
        _families.Add(process.Id, top.Id);
        return top.Id;
    }

    private static int RootOf(int[] groupOf, int socket)
    {
        while (groupOf[socket] != socket)
        {
            groupOf[socket] = groupOf[groupOf[socket]];
            socket = groupOf[socket];
        }
        return socket;
    }
}

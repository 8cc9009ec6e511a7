using Bindwise.Linux.Accounts;
using Bindwise.Linux.Containers;
using Bindwise.Linux.Netlink;
using Bindwise.Linux.Processes;
using Bindwise.Linux.Processes.StartedFrom;
using Bindwise.Linux.Processes.TaskFiles;
using Bindwise.Linux.Routing;
using Bindwise.Linux.SockDiag;
using Bindwise.Linux.Sysctls;
using Bindwise.Linux.Threads;
using Bindwise.Linux.Units;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Listing;

namespace Bindwise.Linux.Inspecting;

/// <summary>
/// Looks at every port of the calling thread's network namespace: listening and bound sockets, who holds them, and how many connections
/// each has. The kernel is asked for TIME_WAIT only where all connections are wanted; of processes
/// only those are read that hold a listed socket.
/// </summary>
internal sealed class PortSurveyReader
{
    /// <summary>So many holders of listed sockets are looked up; on a host with more the rest has no owner in the listing.</summary>
    private const int MaximumHolders = 16 * 1024;

    private const int HintedSockets = 16;

    /// <summary>Of so many ports of a service manager the units are read: each takes a look at all unit files.</summary>
    private const int ActivatedPorts = 16;

    private readonly PortFilter _filter;
    private readonly bool _allConnections;
    private readonly CancellationToken _cancellation;
    private readonly Dictionary<uint, string?> _userNames = [];
    private readonly UserNames _accounts = new();
    private readonly List<string> _notes = [];
    private readonly List<ConnectionTally> _tallies = [];
    private readonly List<HeldSocket> _sockets = [];
    private readonly HashSet<ulong> _sought = [];
    private readonly HostSettings _settings = HostSettingsReader.Read(SettingParts.EphemeralRange);
    private readonly ProcessReader _reader;
    private readonly TcpSurvey _tcp;
    private List<int>? _listed;

    private PortSurveyReader(PortFilter filter, bool allConnections, TcpSurvey tcp, CancellationToken cancellation)
    {
        _filter = filter;
        _allConnections = allConnections;
        _cancellation = cancellation;
        _reader = new ProcessReader(NameOf);
        _tcp = tcp;
    }

    /// <param name="filter">Which protocols and ports are read; its words are left to who makes the listing.</param>
    /// <param name="allConnections">Counts TIME_WAIT, and the connections of ports without a listener, as well.</param>
    /// <param name="cancellation">Ends it between two of its stages.</param>
    /// <exception cref="TableUnreadException">The socket table cannot be read.</exception>
    /// <exception cref="InspectionException">It did not end in time.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static PortSurvey Read(PortFilter filter, bool allConnections, CancellationToken cancellation) =>
        BoundedRun.Run(token =>
        {
            using var tcp = new TcpSurvey(filter.ReadPorts, allConnections);
            return new PortSurveyReader(filter, allConnections, tcp, token).Read();
        }, cancellation);

    private PortSurvey Read()
    {
        var isBusy = SharedWork.IsHostBusy();
        // Who starts a thread waits until it runs, which takes milliseconds where no processor is idle: so both are there before one has
        // work, and what takes longest begins first.
        var hasBegun = new ManualResetEventSlim(initialState: false, spinCount: 0);
        // Over all processes, beside the dumps: which sockets matter is known only after them.
        var walk = isBusy ? EarlyWalk.Begin(userName: NameOf, after: hasBegun) : null;
        if (isBusy && _filter.ReadProtocols.Contains(Protocol.Tcp))
            _tcp.Begin();
        hasBegun.Set();
        ReadSockets();
        _cancellation.ThrowIfCancellationRequested();
        // While the kernel walks: a list of a thousand processes takes it a millisecond. And what its walk tells of owners can be asked for
        // more sockets later, those that are bound only; mostly there are none.
        var listed = walk is null ? null : OwnerSearch.ListProcesses();
        var isAhead = listed is not null && walk!.IsWorthUsing();
        _listed = isAhead ? listed : null;
        if (!isAhead)
            TakeRestOfTcp();
        var owners = ReadOwners(walk, Unsought(0), new OwnerFindings());
        var snapshot = With(owners);
        var known = _sockets.Count;
        if (isAhead)
        {
            var isMore = TakeRestOfTcp();
            var inodes = Unsought(known);
            if (isMore || inodes.Count > 0)
            {
                owners = ReadOwners(walk, inodes, owners.Found);
                snapshot = With(owners);
            }
        }
        snapshot = KernelServiceStage.CompleteAll(snapshot with
        {
            Coverage = snapshot.Coverage with { Notes = [.. _notes.Concat(owners.Found.Notes).Distinct()] },
        });
        return new PortSurvey(snapshot, [.. _tallies], _allConnections);
    }

    private void ReadSockets()
    {
        using var client = SockDiagClient.Open();
        foreach (var protocol in _filter.ReadProtocols)
        {
            _cancellation.ThrowIfCancellationRequested();
            if (protocol == Protocol.Unix)
                ReadUnix(client);
            else
                ReadPorts(client, protocol);
        }
    }

    private void ReadPorts(SockDiagClient client, Protocol protocol)
    {
        if (protocol == Protocol.Tcp)
        {
            Take(_tcp.ReadListeners(client, out var listeners));
            _sockets.AddRange(listeners);
            return;
        }
        var wanted = new SocketPortFilter(_filter.ReadPorts, DiagRequests.Mask(TcpSocketState.Close), SocketDump.MaximumSockets);
        Take(client.ReadListing(protocol, wanted));
        NoteOmitted(wanted.Omitted);
        // A socket without a port is not bound.
        _sockets.AddRange(wanted.Sockets.Where(static socket => socket.Local.Port != 0));
        foreach (var family in _allConnections ? (IpFamily[])[IpFamily.IPv4, IpFamily.IPv6] : [])
        {
            var connected = new ConnectionCounter(protocol, wanted.Sockets, _allConnections);
            Take(client.CountConnectedUdp(family, connected));
            AddTallies(connected.Finish());
        }
    }

    /// <returns>Whether there are sockets that were not known before.</returns>
    private bool TakeRestOfTcp()
    {
        if (!_filter.ReadProtocols.Contains(Protocol.Tcp))
            return false;
        Take(_tcp.End(out var bound, out var omitted, out var tallies));
        NoteOmitted(omitted);
        AddTallies(tallies);
        var before = _sockets.Count;
        _sockets.AddRange(bound.Where(static socket => socket.Local.Port != 0));
        return _sockets.Count > before;
    }

    private void NoteOmitted(int count)
    {
        if (count > 0)
            _notes.Add($"more than {SocketDump.MaximumSockets} sockets: {Wording.Count(count, "is", "are")} left out");
    }

    private void AddTallies(IEnumerable<ConnectionTally> tallies) =>
        _tallies.AddRange(tallies.Where(tally => _filter.ReadPorts.IsEmpty || _filter.ReadPorts.Any(range => range.Contains(tally.Port))));

    private void ReadUnix(SockDiagClient client)
    {
        if (!_filter.ReadPorts.IsEmpty)
            return;
        var names = new UnixNames();
        Take(client.ReadUnixNames(names));
        _sockets.AddRange(names.Sockets);
        _tallies.AddRange(names.Finish());
    }

    private void Take(DumpOutcome outcome)
    {
        if (outcome.Status == DumpStatus.Failed)
            throw SockDiagClient.Unread($"{outcome}", outcome.Errno);
        if (!outcome.IsComplete)
            _notes.Add($"sockets may be missing: the table changed, or could not be read completely ({outcome})");
    }

    /// <summary>The sockets from here on, and one of each port that only connections use, whose owners were not sought yet.</summary>
    private HashSet<ulong> Unsought(int from)
    {
        var inodes = new HashSet<ulong>(_sockets.Count - from);
        for (var i = from; i < _sockets.Count; i++)
            inodes.Add(_sockets[i].Inode);
        foreach (var tally in _tallies)
        {
            if (tally.IsWithoutListener && PortLister.HasLine(tally.Port, _filter, _settings) && _sought.Add(tally.Inode))
                inodes.Add(tally.Inode);
        }
        inodes.Remove(0);
        return inodes;
    }

    /// <param name="found">What was found of other sockets.</param>
    private (OwnerFindings Found, ImmutableArray<ProcessRecord> Processes, TaskProcesses? Tasks) ReadOwners(
        EarlyWalk? walk, HashSet<ulong> inodes, OwnerFindings found)
    {
        if (inodes.Count > 0 || found.Processes == 0)
        {
            // None of them is worth the wider search that a single port is: `why` makes it.
            var more = OwnerSearch.Find([], besides: inodes, early: walk, listed: _listed, withFlags: false);
            found = more with
            {
                Holders = [.. found.Holders, .. more.Holders],
                Omitted = [.. found.Omitted, .. more.Omitted],
                Notes = [.. found.Notes, .. more.Notes],
            };
        }
        _cancellation.ThrowIfCancellationRequested();
        ImmutableArray<int> pids = [.. found.Holders.Select(static holder => holder.ProcessId).Distinct().Take(MaximumHolders)];
        var tasks = found.ByTaskFiles && TaskProcesses.IsWorthwhile(pids.Length, found.Processes)
            ? walk?.TakeProcesses() ?? TaskProcesses.Begin(_reader, NameOf) : null;
        return (found, tasks?.Read(pids) ?? ReadProcesses(pids), tasks);
    }

    private Snapshot With((OwnerFindings Found, ImmutableArray<ProcessRecord> Processes, TaskProcesses? Tasks) owners)
    {
        var (found, processes, tasks) = owners;
        var holders = found.Holders;
        var held = Holder.InodesOf(holders);
        if (found.Unreadable > 0 && _sockets.Exists(socket => !held.Contains(socket.Inode)))
        {
            // Docker's proxies are root's, but say on their command line what they publish.
            var proxies = new ProxySearch(_reader.Read).Find(
                _sockets.Where(socket => socket.Protocol != Protocol.Unix && !held.Contains(socket.Inode)));
            holders = [.. holders, .. proxies.Select(static proxy => proxy.Holder)];
            processes = [.. processes.Concat(ProcessTree.Read(proxies.Select(static proxy => proxy.Process.Id), _reader.Read))
                .DistinctBy(static process => process.Id)];
            held.UnionWith(proxies.Select(static proxy => proxy.Holder.Inode));
        }
        ImmutableArray<InterfaceRecord> interfaces =
            _sockets.Exists(static socket => socket.DeviceIndex != 0) ? RouteClient.Interfaces() : [];
        var snapshot = new Snapshot
        {
            TakenAt = DateTimeOffset.Now,
            Sockets = [.. _sockets],
            Settings = HostSettingsReader.WithVrfSwitch(_settings, interfaces),
            Caller = new Caller { UserId = EffectiveIds.User(), ProcessId = Environment.ProcessId },
            Interfaces = interfaces,
            Holders = holders,
            HoldersOmitted = found.Omitted,
            Processes = processes,
            Hints = Hints([.. _sockets.Where(socket => !held.Contains(socket.Inode))]),
        };
        var provenance = new ProvenanceReader(maximumHolders: MaximumHolders, withSignals: false,
            sharesMounts: tasks is null ? null : tasks.SharesMounts);
        snapshot = WithSocketUnits(provenance.Complete(snapshot, port: null, _notes.Add));
        return snapshot with
        {
            Coverage = new Coverage
            {
                OwnersRead = ProcMountReader.IsOwn,
                Proc = ProcMountReader.State,
                Processes = found.Processes,
                UnreadableProcesses = found.Unreadable,
                ProcessesHidden = found.Hidden,
                StuckProcesses = KernelReader.StuckProcesses(),
            },
        };
    }

    /// <summary>The units for which a service manager holds ports; of UNIX sockets they were read with the rest.</summary>
    private static Snapshot WithSocketUnits(Snapshot snapshot)
    {
        var found = snapshot.SocketUnits.ToList();
        foreach (var manager in snapshot.Processes.Where(SocketActivators.IsSystemd))
        {
            var held = snapshot.Holders.Where(holder => holder.ProcessId == manager.Id).Select(static holder => holder.Inode).ToHashSet();
            var ports = snapshot.Sockets.Where(socket => socket.Protocol != Protocol.Unix && held.Contains(socket.Inode))
                .Select(static socket => socket.Local.Port).Distinct();
            foreach (var port in ports.Take(ActivatedPorts))
                found.AddRange(new SocketUnitReader().Read(manager, port, ImmutableHashSet<string>.Empty));
        }
        return snapshot with { SocketUnits = [.. found.DistinctBy(static unit => (unit.ManagerId, unit.Name))] };
    }

    /// <summary>The holders and their parents, each by /proc: the most expensive part.</summary>
    private ImmutableArray<ProcessRecord> ReadProcesses(ImmutableArray<int> pids)
    {
        var known = new ProcessRecord?[pids.Length];
        SharedWork.Run(pids.Length, () => new ProcessReader(NameOf), (own, at) => known[at] = own.Read(pids[at]));
        var byId = new Dictionary<int, ProcessRecord?>(pids.Length);
        for (var i = 0; i < pids.Length; i++)
            byId[pids[i]] = known[i];
        return ProcessTree.Read(pids, pid => byId.TryGetValue(pid, out var record) ? record : _reader.Read(pid));
    }

    // Units and containers are found by a walk over cgroups, so of a few sockets only.
    private ImmutableArray<CreatorHint> Hints(IReadOnlyList<HeldSocket> sockets)
    {
        var hints = new CreatorHints(NameOf);
        var hinted = hints.Of(sockets.Take(HintedSockets)).ToDictionary(static hint => hint.Inode);
        return [.. sockets.DistinctBy(static socket => socket.Inode)
            .Select(socket => hinted.GetValueOrDefault(socket.Inode) ?? hints.OfUser(socket))];
    }

    private string? NameOf(uint user)
    {
        lock (_userNames)
        {
            if (!_userNames.TryGetValue(user, out var name))
                _userNames.Add(user, name = _accounts.Find(user));
            return name;
        }
    }
}

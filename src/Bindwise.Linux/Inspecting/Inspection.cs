using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Bindwise.Linux.Accounts;
using Bindwise.Linux.Callers;
using Bindwise.Linux.Containers;
using Bindwise.Linux.Deadlines;
using Bindwise.Linux.Netlink;
using Bindwise.Linux.NetworkNamespaces;
using Bindwise.Linux.Options;
using Bindwise.Linux.Processes;
using Bindwise.Linux.Processes.StartedFrom;
using Bindwise.Linux.Routing;
using Bindwise.Linux.SockDiag;
using Bindwise.Linux.Sysctls;
using Bindwise.Model.Addresses;
using Bindwise.Model.Diagnosing.Owners;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Rules;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;
using Bindwise.Model.Targets;

namespace Bindwise.Linux.Inspecting;

/// <summary>One question under way: the snapshot as far as it was read, and the readers that widen it.</summary>
internal sealed partial class Inspection : IDisposable
{
    /// <summary>Owned sockets whose options are read; a port with more has workers that are all alike.</summary>
    private const int MaximumOptionReads = 256;

    /// <summary>Connections that are asked which end opened them.</summary>
    private const int MaximumConnectionReads = 64;

    /// <summary>Milliseconds between two looks at a table that did not explain the kernel's refusal.</summary>
    private const int PauseMilliseconds = 4;

    private readonly Target _target;
    private readonly ProgramOptions _options;
    private readonly InspectionOptions _how;
    private readonly CancellationToken _cancellation;
    private readonly UserNames _userNames = new();
    private readonly List<string> _notes = [];
    private readonly List<StageTiming> _timings = [];
    private SockDiagClient? _table;
    private OwnersAhead? _ahead;
    private HashSet<ulong>? _listenersFirst;

    public Inspection(Target target, ImmutableArray<NameLookup> names, ProgramOptions options, InspectionOptions how, CancellationToken cancellation)
    {
        _target = target;
        _options = options;
        _how = how;
        _cancellation = cancellation;
        Snapshot = new Snapshot { TakenAt = DateTimeOffset.Now, Names = names };
        Plan = new RequestPlan();
    }

    /// <summary>What is known so far.</summary>
    public Snapshot Snapshot { get; private set; }

    /// <summary>The binds in question.</summary>
    public RequestPlan Plan { get; private set; }

    /// <summary>--verbose: read also what the answer does not need.</summary>
    public bool Everything => _how.Everything;

    /// <summary>The rules already refuse one of the binds that were asked about.</summary>
    public bool IsAnythingRefused => Plan.Asked.Any(r => BindRules.Decide(r, Snapshot).Outcome == Outcome.Blocked);

    /// <summary>Settings, caller, names, and interfaces where an address or a device is in question.</summary>
    public void ReadHost() => Timed("host", () =>
    {
        var kernel = KernelRelease.Read();
        Snapshot = Snapshot with
        {
            Kernel = kernel,
            Coverage = Snapshot.Coverage with { BoundOnlySeen = KernelRelease.ShowsBoundSockets(kernel) },
            Settings = HostSettingsReader.Read(_target.Protocol == Protocol.Unix ? SettingParts.None : SettingParts.All),
            Caller = CallerReader.Read(_userNames) with { As = _how.As?.Record },
        };
        if (_target.Host is not (null or "*" or "+") || _target.Scope is not null || _options.Device is not null)
            ReadInterfaces();
        Plan = RequestPlan.From(_target, _options, Snapshot);
        if (Plan.Asked.IsEmpty)
            throw new InspectionException($"no address was found for {_target.Host}: give an address, such as 127.0.0.1:{_target.Port}");
    });

    public void ReadListeners() => Timed("listeners", () =>
    {
        var sockets = new List<HeldSocket>();
        var outcome = Table().ReadListeners(Plan.Port!.Value, sockets, BeginNearby());
        Take(outcome, sockets, c => c with { ListenersRead = true });
        _listenersFirst = [.. sockets.Select(static s => s.Cookie)];
    });

    public void ReadAllStates() => Timed("all states", () =>
    {
        var sockets = new List<HeldSocket>();
        var nearby = _nearby?.Shortlist();
        var outcome = Table().ReadAllStates(Plan.Port!.Value, sockets, out var tallies, out _, nearby);
        Take(outcome, sockets, c => c with { ListenersRead = true, AllStatesRead = true });
        TakeNearby(outcome, nearby);
        Snapshot = Snapshot with
        {
            Tallies = tallies,
            TakenAt = DateTimeOffset.Now,
            Settings = Snapshot.Settings with { TimerSlackMilliseconds = TimerWheel.TimeWaitSlackMilliseconds() ?? 0 },
        };
        if (sockets.Exists(static s => s.DeviceIndex != 0) && Snapshot.Interfaces.IsEmpty)
            ReadInterfaces();
    });

    public void ReadEphemeralUse() => Timed("ephemeral range", () =>
    {
        Snapshot = Snapshot with { Settings = Snapshot.Settings with { TimeWaitReuse = HostSettingsReader.Read(SettingParts.TimeWaitReuse).TimeWaitReuse } };
        var outcome = Table().ReadEphemeral(_target.Protocol, Snapshot.Settings, out var use, Plan.Destinations);
        Snapshot = Snapshot with { Ephemeral = use, TakenAt = DateTimeOffset.Now };
        Take(outcome, [], c => c);
        ReadOwnersOf(
            [.. use.Groups.Select(static g => g.SampleInode).Concat(use.Destinations.Select(static d => d.SampleInode)).Where(static i => i != 0).Distinct()]);
    });

    /// <summary>Begins the search for owners beside what follows: it is certain by now that somebody stands in the way.</summary>
    public void BeginOwners() => _ahead ??= OwnersAhead.Begin([.. Snapshot.Sockets.Select(static s => s.Inode).Where(static i => i != 0).Distinct()], _userNames.Find);

    /// <summary>Waits for a search that nobody needs any more.</summary>
    public void EndOwners()
    {
        _ = _ahead?.Take([], out _);
        _ahead = null;
    }

    /// <summary>Who holds the sockets on the port, and who opened the connections among them.</summary>
    public void ReadOwners() => Timed("owners", () =>
    {
        ReadMultipath();
        var onPort = Snapshot.Sockets.Where(IsOnPort).ToList();
        ReadOwnersOf(
            [.. onPort.Concat(Snapshot.UdpOnPort).Select(static s => s.Inode).Where(static i => i != 0).Distinct()],
            LocalPeers.InodesBehind(onPort, Snapshot.Sockets),
            onPort.Where(static s => s.Remote.Port != 0 || s is { Protocol: Protocol.Unix, State: TcpState.Established }).Select(static s => s.Inode));
        Snapshot = KernelServiceStage.Complete(Snapshot, onPort);
        Snapshot = PendingUseStage.Complete(Snapshot, onPort, _userNames.Find, found => new ProvenanceReader().Complete(found, Plan.Port, Note));
        var asked = 0;
        Snapshot = Snapshot with
        {
            Sockets = [.. Snapshot.Sockets.Select(s => IsOnPort(s) && IsConnection(s) && asked++ < MaximumConnectionReads ? s with { OpenedHere = Table().ReadOpenedHere(s) } : s)],
        };
    });

    /// <summary>Options of owned sockets, from a duplicate of one holder's descriptor.</summary>
    public void ReadOptions() => Timed("options", () =>
    {
        var holders = Snapshot.Holders.ToLookup(static h => h.Inode);
        var read = 0;
        Snapshot = Snapshot with { Sockets = [.. Snapshot.Sockets.Select(s => IsOnPort(s) && s.Inode != 0 && read++ < MaximumOptionReads ? SocketOptionReader.ReadFromAny(s, holders[s.Inode]) : s)] };
    });

    /// <summary>What beside the socket table refuses the program for which it is answered.</summary>
    public void ReadProgramPolicies() => Timed("the program's policies", () => Snapshot = PolicyStage.OfProgram(Plan, Snapshot));

    /// <summary>Who holds the port in other network namespaces: where it is free here, that may be what confuses.</summary>
    public void ReadElsewhere()
    {
        if (Plan.Port is not { } port || port == 0 || !(Everything || ProbePlan.IsConfirmed(Plan, Snapshot)))
            return;
        var own = Snapshot.Caller.As is { IsOtherNetwork: true } ? _how.As!.CallersNetwork : 0;
        Timed("other network namespaces", () => Snapshot = Snapshot with { Elsewhere = ElsewhereReader.Read(_target.Protocol, port, own, _userNames.Find) });
    }

    /// <summary>Before another look: what was read of sockets and probes no longer holds together.</summary>
    public void ForgetAnswers() => Snapshot = Snapshot with
    {
        Probes = [],
        Permitted = [],
        Sockets = [],
        Tallies = [],
        Holders = [],
        HoldersOmitted = [],
        DescriptorsInFlight = [],
        Hints = [],
        Processes = [],
        KernelSurvey = null,
        FreeNearby = null,
        UdpOnPort = [],
    };

    /// <summary>From here on the table is not asked again, and nothing that it might hold is denied.</summary>
    public void GiveUpTheTable(string reason)
    {
        Note(reason);
        ForgetAnswers();
        Snapshot = Snapshot with { Coverage = Snapshot.Coverage with { SocketsUnread = true } };
    }

    public void Pause(int look)
    {
        _cancellation.ThrowIfCancellationRequested();
        _ = _cancellation.WaitHandle.WaitOne(PauseMilliseconds * look);
    }

    /// <summary>The snapshot with what the search cost.</summary>
    public Snapshot Finish()
    {
        foreach (var target in BoundedRun.Current?.Refused ?? [])
        {
            if (target.Kind is ForeignKind.Files)
                Note(string.Create(CultureInfo.InvariantCulture, $"the files of process {target.ProcessId} were not looked at: their file system does not answer"));
            else if (target.Kind is ForeignKind.Path)
                Note($"{target.Path} was not looked at: its file system does not answer");
        }
        return Snapshot with
        {
            FreeNearby = IsWantedNearby() ? Snapshot.FreeNearby : null,
            Coverage = Snapshot.Coverage with { Notes = [.. _notes.Distinct()], Timings = [.. _timings], StuckProcesses = StuckProcesses() },
        };
    }

    private static ImmutableArray<int> StuckProcesses() => BoundedRun.Current is not { Refused: var refused } ? []
        : [.. refused.Where(static t => t.Kind is ForeignKind.Process or ForeignKind.Memory).Select(static t => t.ProcessId).Distinct().Order()];

    public void Dispose() => _table?.Dispose();

    private static bool IsConnection(HeldSocket socket) =>
        socket.Protocol == Protocol.Tcp && socket.State is TcpState.Established or TcpState.SynSent or TcpState.SynReceived;

    private bool IsBoundOnPort(HeldSocket socket) => IsOnPort(socket) && socket.Remote.Port == 0
        && (socket.Protocol == Protocol.Udp || socket.State is TcpState.Listen or TcpState.Close or TcpState.Bound);

    private bool IsOnPort(HeldSocket socket) => socket.Protocol == Protocol.Unix || socket.Local.Port == Plan.Port;

    private SockDiagClient Table()
    {
        if (_table is not null)
            return _table;
        var errno = SockDiagClient.TryOpen(out _table);
        return _table ?? throw new TableUnreadException($"the kernel's socket table cannot be read (sock_diag: {errno})");
    }

    private void Take(DumpOutcome outcome, List<HeldSocket> sockets, Func<Coverage, Coverage> read)
    {
        if (outcome.Status == DumpStatus.Failed)
            throw new TableUnreadException($"the kernel's socket table cannot be read ({outcome})");
        if (outcome.Status == DumpStatus.Malformed)
            Note($"the kernel's answer could not be read completely ({outcome})");
        Snapshot = Snapshot with
        {
            Sockets = [.. sockets],
            Coverage = read(Snapshot.Coverage) with { SocketsPartial = !outcome.IsComplete },
        };
    }

    private void ReadOwnersOf(ImmutableArray<ulong> inodes, ImmutableArray<ulong> besides = default, IEnumerable<ulong>? sampled = null)
    {
        if (inodes.IsEmpty && besides.IsDefaultOrEmpty)
            return;
        var (ahead, processes) = (_ahead, ImmutableArray<ProcessRecord>.Empty);
        _ahead = null;
        if ((besides.IsDefaultOrEmpty ? ahead?.Take(inodes, out processes) : null) is not { } found)
        {
            _ = ahead?.Take([], out _);
            found = OwnerSearch.Find(inodes, besides.IsDefaultOrEmpty ? null : besides, early: ahead?.Walk, sampled: sampled);
            processes = OwnersAhead.ReadProcesses(found, _userNames.Find);
        }
        foreach (var note in found.Notes)
            Note(note);
        var holders = found.Holders;
        AddProxies(ref holders, ref processes, found);
        var holding = holders.Select(static h => h.Inode).ToHashSet();
        Snapshot = Snapshot with
        {
            Holders = holders,
            HoldersOmitted = found.Omitted,
            DescriptorsInFlight = found.InFlight,
            Hints = new CreatorHints(_userNames.Find).Of(Snapshot.Sockets.Where(s => inodes.Contains(s.Inode) && !holding.Contains(s.Inode))),
            Processes = processes,
            Caller = processes.IsEmpty ? Snapshot.Caller : Snapshot.Caller with { AncestorIds = CallerAncestry.Read() },
            Coverage = Snapshot.Coverage with
            {
                // Where /proc showed nobody, nobody was looked into.
                OwnersRead = found.Processes > 0,
                Processes = found.Processes,
                UnreadableProcesses = found.Unreadable,
                ProcessesHidden = found.Hidden,
                QueuesRead = found.QueuesRead,
            },
        };
        Snapshot = new ProvenanceReader().Complete(Snapshot, Plan.Port, Note);
    }

    /// <summary>Docker's proxies, where root's descriptors are out of sight.</summary>
    private void AddProxies(ref ImmutableArray<Holder> holders, ref ImmutableArray<ProcessRecord> processes, OwnerFindings found)
    {
        if (found.Unreadable == 0)
            return;
        var known = holders.Select(static h => h.Inode).ToHashSet();
        var reader = new ProcessReader(_userNames.Find);
        var proxies = new ProxySearch(reader.Read).Find(Snapshot.Sockets.Where(s => IsOnPort(s) && !known.Contains(s.Inode)));
        if (proxies.Count == 0)
            return;
        holders = [.. holders, .. proxies.Select(static p => p.Holder)];
        processes = [.. processes.Concat(ProcessTree.Read(proxies.Select(static p => p.Process.Id), reader.Read)).DistinctBy(static p => p.Id)];
    }

    /// <summary>The interfaces, and what the routes say of the address in question.</summary>
    private void ReadInterfaces()
    {
        var errno = RouteClient.TryOpen(out var client);
        if (client is null)
        {
            Note($"the interfaces could not be read (rtnetlink: {errno})");
            return;
        }
        using (client)
        {
            var outcome = client.ReadInterfaces(out var interfaces);
            if (!outcome.IsComplete)
                Note($"the interfaces could not be read completely ({outcome})");
            var named = Snapshot.Names.SelectMany(static n => n.Addresses).Concat(_target.Address is { } address ? [address] : []);
            Snapshot = Snapshot with
            {
                Interfaces = interfaces,
                AddressFacts = [.. named.Where(static a => a.AsIPv4 is not null).Select(client.ReadAddress)],
            };
        }
    }

    private void Note(string note) => _notes.Add(note);

    private void Timed(string stage, Action work)
    {
        _cancellation.ThrowIfCancellationRequested();
        var started = Stopwatch.GetTimestamp();
        work();
        _timings.Add(new StageTiming(stage, (long)Stopwatch.GetElapsedTime(started).TotalMicroseconds));
    }
}

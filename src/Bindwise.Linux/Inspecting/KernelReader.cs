using System.Diagnostics;
using Bindwise.Linux.Accounts;
using Bindwise.Linux.Callers;
using Bindwise.Linux.Containers;
using Bindwise.Linux.Netlink;
using Bindwise.Linux.NetworkNamespaces;
using Bindwise.Linux.Options;
using Bindwise.Linux.Processes;
using Bindwise.Linux.Processes.StartedFrom;
using Bindwise.Linux.Routing;
using Bindwise.Linux.SockDiag;
using Bindwise.Linux.Subjects;
using Bindwise.Linux.Sysctls;
using Bindwise.Model.Diagnosing.Owners;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Inspecting;
using Bindwise.Model.Sockets;

namespace Bindwise.Linux.Inspecting;

/// <summary>Asks the running kernel. <see cref="HostSearch"/> says what comes next, and keeps the answers.</summary>
internal sealed partial class KernelReader : IHostReader, IDisposable
{
    /// <summary>Owned sockets whose options are read; a port with more has workers that are all alike.</summary>
    private const int MaximumOptionReads = 256;

    /// <summary>Connections that are asked which end opened them.</summary>
    private const int MaximumConnectionReads = 64;

    /// <summary>Milliseconds between two looks at a table that did not explain the kernel's refusal.</summary>
    private const int PauseMilliseconds = 4;

    private readonly Target _target;
    private readonly int? _asker;
    private readonly SubjectProgram? _program;
    private readonly CancellationToken _cancellation;
    private readonly UserNames _userNames = new();
    private readonly List<string> _notes = [];
    private readonly List<StageTiming> _timings = [];
    private SockDiagClient? _table;
    private OwnersAhead? _ahead;
    private NamespacesAhead? _namespaces;

    /// <param name="program">The program for which it is answered; null for the caller itself.</param>
    /// <param name="cancellation">Ends the search between two of its stages.</param>
    public KernelReader(InspectionRequest request, SubjectProgram? program, CancellationToken cancellation) =>
        (_target, _asker, _program, _cancellation) = (request.Target, request.Asker, program, cancellation);

    public Snapshot ReadHost(Snapshot known, bool withInterfaces) => Timed("host", () =>
    {
        var kernel = RunningKernel.ReadName();
        known = known with
        {
            Kernel = kernel,
            Coverage = known.Coverage with { BoundOnlySeen = KernelRelease.OfOrDocumented(kernel).Has(KernelChanges.BoundSocketsListed) },
            Settings = HostSettingsReader.Read(_target.Protocol == Protocol.Unix ? SettingParts.None : SettingParts.All),
            Caller = CallerReader.Read(_userNames, _asker) with
            {
                As = _program?.Record,
                Device = _program is null && _target.Protocol != Protocol.Unix ? SocketDevice.OfNew() : null,
                Process = _asker is { } asker && new ProcessReader(_userNames.Find).Read(asker) is { } process
                    ? process with { BuiltFor = ExecutableMarks.Of(process) } : null,
            },
        };
        return withInterfaces || known.Caller.Device is not null ? WithInterfaces(known) : known;
    });

    public Snapshot ReadListeners(Snapshot known, RequestPlan plan) => Timed("listeners", () =>
    {
        var sockets = new List<HeldSocket>();
        var outcome = Table().ReadListeners(plan.Port!.Value, sockets);
        return WithDevices(With(known, outcome, sockets, c => c with { ListenersRead = true }));
    });

    public Snapshot ReadAllStates(Snapshot known, RequestPlan plan) => Timed("all states", () =>
    {
        var sockets = new List<HeldSocket>();
        var outcome = Table().ReadAllStates(plan.Port!.Value, sockets, out var tallies, out _);
        known = With(known, outcome, sockets, c => c with { ListenersRead = true, AllStatesRead = true });
        known = known with
        {
            Tallies = tallies,
            TakenAt = DateTimeOffset.Now,
            Settings = known.Settings with
            {
                TimerSlackMilliseconds = ClockCall.TickNanoseconds() is { } tick
                ? TimerWheel.SlackMilliseconds(TimerWheel.TimeWaitMilliseconds, tick) : 0
            },
        };
        return WithDevices(known);
    });

    public Snapshot ReadUnlisted(Snapshot known, RequestPlan plan) => Timed("unlisted sockets", () =>
    {
        var all = new List<HeldSocket>();
        if (!Table().ReadEverything(all).IsComplete)
            return known;
        var found = UnlistedSockets.Find(plan.Port!.Value, all.Select(static s => s.Inode).ToHashSet(), out var isComplete);
        return known with
        {
            Sockets = [.. known.Sockets, .. found],
            Coverage = known.Coverage with { BoundOnlySeen = isComplete },
        };
    });

    public Snapshot ReadEphemeralUse(Snapshot known, RequestPlan plan) => Timed("ephemeral range", () =>
    {
        var reuse = HostSettingsReader.Read(SettingParts.TimeWaitReuse);
        known = known with
        {
            Settings = known.Settings with { TimeWaitReuse = reuse.TimeWaitReuse, TimeWaitReuseDelay = reuse.TimeWaitReuseDelay },
        };
        // A socket that is bound to an interface takes that one's route.
        var routed = plan.Sources.IsEmpty && plan.Asked.All(static asked => asked.Device is null)
            ? RoutedSources(plan.Destinations, _target.Protocol, known.Caller.BinderId) : [];
        var outcome = Table().ReadEphemeral(_target.Protocol, known.Settings, out var use, plan.Destinations,
            plan.Sources.IsEmpty ? routed : plan.Sources, plan.IsSourcePortBound);
        use = use with { RoutedSources = routed };
        known = With(known with { Ephemeral = use, TakenAt = DateTimeOffset.Now }, outcome, [], c => c);
        return WithOwnersOf(
            known,
            plan,
            [.. use.Groups.SelectMany(static g => g.Samples)
                .Concat(use.Destinations.SelectMany(static d => d.Samples)).Distinct()]);
    });

    // Unless they are known for all of them, those of the others are in question as well.
    private static ImmutableArray<IpAddress> RoutedSources(ImmutableArray<IpEndpoint> destinations, Protocol protocol, uint user)
    {
        if (destinations.IsEmpty || RouteClient.TryOpen(out var client) != Errno.None || client is null)
            return [];
        using (client)
        {
            var sources = destinations.Select(one => client.ReadSource(one, protocol, user)).ToList();
            return sources.Contains(null) ? [] : [.. sources.OfType<IpAddress>().Distinct()];
        }
    }

    public void BeginOwners(Snapshot known, bool areAll) =>
        _ahead ??= OwnersAhead.Begin([.. known.Sockets.Select(static s => s.Inode).Where(static i => i != 0).Distinct()], areAll,
            _userNames.Find);

    public void EndOwners()
    {
        _ = _ahead?.Take([], out _);
        _ahead = null;
    }

    public Snapshot ReadOwners(Snapshot known, RequestPlan plan) => Timed("owners", () =>
    {
        known = WithMultipath(known, plan);
        var onPort = known.Sockets.Where(plan.IsOnPort).ToList();
        known = WithOwnersOf(
            known,
            plan,
            [.. onPort.Concat(known.UdpOnPort).Select(static s => s.Inode).Where(static i => i != 0).Distinct()],
            LocalPeers.InodesBehind(onPort, known.Sockets),
            onPort.Where(static s => s.Remote.Port != 0 || s is { Protocol: Protocol.Unix, HoldsItsName: false })
                .Select(static s => s.Inode));
        // UDP beside a TCP port that is free: then no TCP socket is in question.
        known = KernelServiceStage.Complete(known, known.UdpOnPort.IsEmpty ? onPort : known.UdpOnPort);
        known = PendingUseStage.Complete(known, onPort, _userNames.Find, found => new ProvenanceReader().Complete(found, plan.Port, Note));
        if (_target.Protocol == Protocol.Unix)
            known = WithOtherFiles(known);
        var asked = 0;
        return known with
        {
            Sockets = [.. known.Sockets.Select(s => plan.IsOnPort(s) && IsConnection(s) && asked++ < MaximumConnectionReads
                ? s with { OpenedHere = Table().ReadOpenedHere(s) } : s)],
        };
    });

    public Snapshot ReadOptions(Snapshot known, RequestPlan plan) => Timed("options", () =>
    {
        var holders = known.Holders.ToLookup(static h => h.Inode);
        var read = 0;
        return known with
        {
            Sockets = [.. known.Sockets.Select(s =>
            plan.IsOnPort(s) && s.Inode != 0 && read++ < MaximumOptionReads ? SocketOptionReader.ReadFromAny(s, holders[s.Inode]) : s)]
        };
    });

    public void BeginElsewhere() => _namespaces ??= NamespacesAhead.Begin();

    public Snapshot ReadElsewhere(Snapshot known, RequestPlan plan) => Timed("other network namespaces", () => known with
    {
        Elsewhere = ElsewhereReader.Read(_target.Protocol, plan.Port!.Value, CallersNetwork(known), _userNames.Find, _namespaces),
    });

    public Snapshot ReadNetworksWith(Snapshot known, IpAddress address) => Timed("other network namespaces", () => known with
    {
        Elsewhere = ElsewhereReader.ReadNetworks(address, CallersNetwork(known), _userNames.Find) with
        {
            Sockets = known.Elsewhere?.Sockets ?? [],
        },
    });

    public IReadOnlyList<HeldSocket>? ReadAgain(RequestPlan plan, bool withBoundOnly) => Timed("second read", () =>
    {
        var sockets = new List<HeldSocket>();
        var port = plan.Port!.Value;
        var outcome = _target.Protocol == Protocol.Udp ? Table().ReadUdp(port, sockets)
            : withBoundOnly ? Table().ReadAllStates(port, sockets, out _, out _)
            : Table().ReadListeners(port, sockets);
        return outcome.IsComplete ? sockets : null;
    });

    public void Pause(int attempt)
    {
        _cancellation.ThrowIfCancellationRequested();
        _ = _cancellation.WaitHandle.WaitOne(PauseMilliseconds * attempt);
    }

    /// <summary>What is known in the end, with what the search cost.</summary>
    public Snapshot Finish(Snapshot known)
    {
        foreach (var target in BoundedRun.Current?.Refused ?? [])
        {
            if (target.Kind is ForeignKind.Files)
                Note(string.Create(CultureInfo.InvariantCulture,
                    $"the files of process {target.ProcessId} could not be inspected: their file system does not answer"));
            else if (target.Kind is ForeignKind.Path)
                Note($"{target.Path} could not be inspected: its file system does not answer");
        }
        return known with
        {
            Coverage = known.Coverage with { Notes = [.. _notes.Distinct()], Timings = [.. _timings], StuckProcesses = StuckProcesses() },
        };
    }

    internal static ImmutableArray<int> StuckProcesses() => BoundedRun.Current is not { Refused: var refused } ? []
        : [.. refused.Where(static t => t.Kind is ForeignKind.Process or ForeignKind.Memory).Select(static t => t.ProcessId).Distinct()
            .Order()];

    public void Dispose() => _table?.Dispose();

    private static bool IsConnection(HeldSocket socket) =>
        socket.Protocol == Protocol.Tcp
            && socket.State is TcpSocketState.Established or TcpSocketState.SynSent or TcpSocketState.SynReceived;

    /// <summary>The inode of bindwise's own namespace, when it is answered for a program in another; else 0.</summary>
    private ulong CallersNetwork(Snapshot known) => known.Caller.As is { IsOtherNetwork: true } ? _program!.CallersNetwork : 0;

    private SockDiagClient Table() => _table ??= SockDiagClient.Open();

    private Snapshot With(Snapshot known, DumpOutcome outcome, List<HeldSocket> sockets, Func<Coverage, Coverage> read)
    {
        if (outcome.Status == DumpStatus.Failed)
            throw SockDiagClient.Unread($"{outcome}", outcome.Errno);
        if (outcome.Status == DumpStatus.Malformed)
            Note($"the kernel's answer could not be read completely ({outcome})");
        return known with
        {
            Sockets = [.. sockets],
            Coverage = read(known.Coverage) with { SocketsPartial = !outcome.IsComplete },
        };
    }

    private Snapshot WithOwnersOf(Snapshot known, RequestPlan plan, ImmutableArray<ulong> inodes, ImmutableArray<ulong> besides = default,
        IEnumerable<ulong>? sampled = null)
    {
        if (inodes.IsEmpty && besides.IsDefaultOrEmpty)
            return known;
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
        AddProxies(known, plan, ref holders, ref processes, found);
        var holding = Holder.InodesOf(holders);
        known = known with
        {
            Holders = holders,
            HoldersOmitted = found.Omitted,
            DescriptorsInFlight = found.InFlight,
            Hints = new CreatorHints(_userNames.Find).Of(known.Sockets.Where(s => inodes.Contains(s.Inode) && !holding.Contains(s.Inode))),
            Processes = processes,
            Caller = processes.IsEmpty ? known.Caller
                : known.Caller with { AncestorIds = CallerAncestry.Read(known.Caller.ProcessId) },
            Coverage = known.Coverage with
            {
                // Where /proc showed nobody, nobody was looked into.
                OwnersRead = found.Processes > 0,
                Proc = ProcMountReader.State,
                Processes = found.Processes,
                UnreadableProcesses = found.Unreadable,
                ProcessesHidden = found.Hidden,
                QueuesRead = found.QueuesRead,
            },
        };
        return new ProvenanceReader().Complete(known, plan.Port, Note);
    }

    /// <summary>Docker's proxies, where root's descriptors are out of sight.</summary>
    private void AddProxies(Snapshot known, RequestPlan plan, ref ImmutableArray<Holder> holders,
        ref ImmutableArray<ProcessRecord> processes, OwnerFindings found)
    {
        if (found.Unreadable == 0)
            return;
        var holding = Holder.InodesOf(holders);
        var reader = new ProcessReader(_userNames.Find);
        var proxies = new ProxySearch(reader.Read).Find(known.Sockets.Where(s => plan.IsOnPort(s) && !holding.Contains(s.Inode)));
        if (proxies.Count == 0)
            return;
        holders = [.. holders, .. proxies.Select(static p => p.Holder)];
        processes = [.. processes.Concat(ProcessTree.Read(proxies.Select(static p => p.Process.Id), reader.Read))
            .DistinctBy(static p => p.Id)];
    }

    /// <summary>The interfaces, where a socket is bound to one and they are not known yet.</summary>
    private Snapshot WithDevices(Snapshot known) =>
        known.Interfaces.IsEmpty && known.Sockets.Any(static s => s.DeviceIndex != 0) ? WithInterfaces(known) : known;

    /// <summary>The interfaces, and what the routes say of the address in question.</summary>
    private Snapshot WithInterfaces(Snapshot known)
    {
        var errno = RouteClient.TryOpen(out var client);
        if (client is null)
        {
            Note($"the interfaces could not be read (rtnetlink: {errno})");
            return known;
        }
        using (client)
        {
            var outcome = client.ReadInterfaces(out var interfaces);
            if (!outcome.IsComplete)
                Note($"the interfaces could not be read completely ({outcome})");
            var named = known.Names.SelectMany(static n => n.Addresses).Concat(_target.Address is { } address ? [address] : []);
            return known with
            {
                Settings = HostSettingsReader.WithVrfSwitch(known.Settings, interfaces),
                Interfaces = LacksIPv6(interfaces) ? [.. interfaces.Select(HostSettingsReader.WithIPv6Switch)] : interfaces,
                AddressFacts = [.. named.Where(static a => a.AsIPv4 is not null).Select(client.ReadAddress)],
            };
        }
    }

    /// <summary>An IPv6 address that is asked about is not there; for connect() that of loopback tells whether any is.</summary>
    private bool LacksIPv6(ImmutableArray<InterfaceRecord> interfaces) =>
        (_target.Destination is null ? _target.Address : IpAddress.LoopbackIPv6)
            is { Family: IpFamily.IPv6, IsAny: false, AsIPv4: null } address
        && !interfaces.Any(link => link.Addresses.Any(own => own.Address == address));

    public void Note(string note) => _notes.Add(note);

    private T Timed<T>(string stage, Func<T> work)
    {
        _cancellation.ThrowIfCancellationRequested();
        var started = Stopwatch.GetTimestamp();
        var result = work();
        var took = (long)Stopwatch.GetElapsedTime(started).TotalMicroseconds;
        // One stage may ask several things, as one bind after the other.
        if (_timings is [.., var last] && last.Stage == stage)
            _timings[^1] = last with { Microseconds = last.Microseconds + took };
        else
            _timings.Add(new StageTiming(stage, took));
        return result;
    }
}

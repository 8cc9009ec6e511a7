using System.Collections.Immutable;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Inspecting;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Targets;
using Bindwise.Model.Tests.Diagnosing;
using Bindwise.Model.Tests.Rules;

namespace Bindwise.Model.Tests.Inspecting;

public class HostSearchTests
{
    [Fact]
    public void Run_ListenerThatRefusesEveryBind_WalksNoOtherStateAndProbesWhatTheRulesLeaveOpen()
    {
        var host = new ListedHost(Hosts.With("tcp 0.0.0.0 LISTEN"));

        Search(host, Hosts.PortTarget("0.0.0.0"));

        Assert.Equal(["host", "listeners", "again", "owners of these begin", "owners", "options"], host.Asked.Take(6));
        Assert.DoesNotContain("all states", host.Asked);
        // What the port remembers of SO_REUSEPORT, no table shows.
        var open = Assert.Single(host.Probed, static request => request.Port == SocketLine.Port);
        Assert.True(open.ReusePort);
    }

    [Fact]
    public void Run_ListenerWithoutReuseAddress_ReadsWhatItLeavesBehind()
    {
        var host = new ListedHost(Hosts.With("tcp 0.0.0.0 LISTEN")) { ReuseAddress = Fact.No };

        Search(host, Hosts.PortTarget("0.0.0.0"));

        Assert.Equal(["owners", "options", "owners begin", "all states", "again", "owners", "options"], host.Asked.Skip(4).Take(7));
    }

    [Fact]
    public void Run_ListenerAndAPlainBind_ReadsWhatItLeavesBehind()
    {
        var host = new ListedHost(Hosts.With("tcp 0.0.0.0 LISTEN"));

        Search(host, new InspectionRequest { Target = Hosts.PortTarget("0.0.0.0"), Options = new ProgramOptions { ReuseAddress = false } });

        Assert.Contains("all states", host.Asked);
    }

    // On other addresses others may be in the way of the wildcard too.
    [Theory]
    [InlineData("tcp 127.0.0.1 LISTEN", "0.0.0.0", true)]
    [InlineData("tcp 127.0.0.1 LISTEN", "127.0.0.1", false)]
    public void Run_ListenerOnOneAddress_ReadsWhatElseIsInTheWayOfTheWildcard(string listener, string asked, bool readsAll)
    {
        var host = new ListedHost(Hosts.With(listener));

        Search(host, Hosts.PortTarget(asked));

        Assert.Equal(readsAll, host.Asked.Contains("all states"));
    }

    [Fact]
    public void Run_ListenerInTheWay_TriesThePortBesideItOnBothFamilies()
    {
        var host = new ListedHost(Hosts.With("tcp 0.0.0.0 LISTEN"));

        Search(host, Hosts.PortTarget("0.0.0.0"));

        var tried = Assert.Single(host.Probed, static request => request.Port != SocketLine.Port);
        Assert.Equal((SocketLine.Port + 1, IpAddress.AnyIPv6, (bool?)false), ((int)tried.Port, tried.Address, tried.V6Only));
        Assert.False(tried.ReuseAddress || tried.ReusePort);
        Assert.Equal(tried.Port, host.Snapshot.FreeNearby);
    }

    [Fact]
    public void NearbyPorts_AreNeverAProtocolsOwn()
    {
        Assert.Equal((null, "DNS", "HTTP", "HTTPS", "SSH", "SMTP"), (ProtocolPorts.NameOf(8080), ProtocolPorts.NameOf(53), ProtocolPorts.NameOf(80), ProtocolPorts.NameOf(443), ProtocolPorts.NameOf(22), ProtocolPorts.NameOf(25)));
        Assert.Equal((null, "Geneve", "SSH", null, "DNS", "DNS"), (ProtocolPorts.NameOf(6081, Protocol.Tcp), ProtocolPorts.NameOf(6081, Protocol.Udp), ProtocolPorts.NameOf(22, Protocol.Tcp), ProtocolPorts.NameOf(22, Protocol.Udp), ProtocolPorts.NameOf(53, Protocol.Tcp), ProtocolPorts.NameOf(53, Protocol.Udp)));
        foreach (var port in Enumerable.Range(1, 9000))
            Assert.All(NearbyPorts.Of((ushort)port, new HostSettings(), mayBindPrivileged: true), near => Assert.Null(ProtocolPorts.NameOf(near)));
    }

    [Fact]
    public void Run_Verbose_WalksEveryStateBesideTheSearchForOwners()
    {
        var host = new ListedHost(Hosts.With("tcp 0.0.0.0 LISTEN"));

        Search(host, new InspectionRequest { Target = Hosts.PortTarget("0.0.0.0"), Verbose = true });

        Assert.Equal(["host", "listeners", "again", "owners begin", "all states"], host.Asked.Take(5));
    }

    [Fact]
    public void Run_FreePort_AsksForPermissionAndLooksForNoOwner()
    {
        var host = new ListedHost(Hosts.With());

        Search(host, Hosts.PortTarget("0.0.0.0"));

        Assert.Equal(["host", "listeners", "elsewhere begins", "all states", "permission", "owners end", "listen", "programs", "elsewhere"], host.Asked);
    }

    [Fact]
    public void Run_MayNotProbe_BindsNothing()
    {
        var host = new ListedHost(Hosts.With());

        Search(host, new InspectionRequest { Target = Hosts.PortTarget("0.0.0.0"), MayProbe = false });

        Assert.Empty(host.Asked.Intersect(["permission", "probe", "policy", "listen", "lock"]));
    }

    [Fact]
    public void Run_TableUnread_ProbesAndReadsNoOwner()
    {
        var host = new ListedHost(Hosts.With()) { IsTableUnread = true };

        Search(host, Hosts.PortTarget("0.0.0.0"));

        Assert.True(host.Snapshot.Coverage.SocketsUnread);
        Assert.Equal(["host", "listeners", "note", "lock", "probe"], host.Asked.Take(5));
        Assert.DoesNotContain("owners", host.Asked);
    }

    [Fact]
    public void Run_TableUnreadForAPath_CannotAnswer()
    {
        var host = new ListedHost(Hosts.With()) { IsTableUnread = true };

        Assert.Throws<InspectionException>(() => Search(host, new Target { Text = "/run/a", Protocol = Protocol.Unix, Path = "/run/a" }));
    }

    // From the first time that the port is asked about again, or only right before the probe.
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    public void Run_SocketComesAndGoesAtEachLook_GivesUpAndPutsNothingInItsWay(int changesFrom, int searches)
    {
        var host = new ListedHost(Hosts.With("tcp 0.0.0.0 LISTEN")) { ChangesFrom = changesFrom };

        Search(host, Hosts.PortTarget("0.0.0.0"));

        Assert.Equal(4, host.Asked.Count(static call => call == "listeners"));
        Assert.Equal(3, host.Asked.Count(static call => call == "pause"));
        Assert.Single(host.Asked, "note");
        Assert.DoesNotContain("probe", host.Asked);
        Assert.Equal((searches, searches, searches), (Times("owners"), Times("options"), Times("lock")));

        int Times(string call) => host.Asked.Count(asked => asked == call);
    }

    // Its file may be held by whoever looks at it for an instant longer than by the server that closed it.
    [Theory]
    [InlineData(Fact.Unknown, 0, 1)]
    [InlineData(Fact.Unknown, 1, 2)]
    [InlineData(Fact.Yes, 0, 0)]
    [InlineData(Fact.Yes, 1, 2)]
    public void Run_SocketThatMayBeClosed_IsLeftTimeToGoBeforeTheProbe(Fact option, int missed, int pauses)
    {
        var listed = Hosts.With("tcp 0.0.0.0 LISTEN");
        var host = new ListedHost(listed with { Sockets = [.. listed.Sockets.Select(static socket => socket with { Inode = 77, ReuseAddress = Fact.Unknown })] })
        {
            Missed = missed,
            ReuseAddress = option,
        };

        Search(host, Hosts.PortTarget("0.0.0.0"));

        Assert.Equal(pauses, host.Asked.Count(static call => call == "pause"));
        Assert.Equal(pauses == 0 ? "options" : "pause", host.Asked[host.Asked.IndexOf("lock") - 1]);
        Assert.Equal(["lock", "again", "probe"], host.Asked.SkipWhile(static call => call != "lock").Take(3));
    }

    // While processes were read one after the other, its owner handed it on to one that had been read.
    [Theory]
    [InlineData(1, 2)]
    [InlineData(9, 2)]
    [InlineData(0, 1)]
    public void Run_NobodyHoldsTheSocketAlthoughAllWereSeen_LooksOnceMore(int missed, int looks)
    {
        var listed = Hosts.With("tcp 0.0.0.0 LISTEN");
        var host = new ListedHost(listed with { Sockets = [.. listed.Sockets.Select(static socket => socket with { Inode = 77 })] }) { Missed = missed };

        Search(host, Hosts.PortTarget("0.0.0.0"));

        Assert.Equal(looks, host.Asked.Count(static call => call == "owners"));
        Assert.Equal(missed < looks, host.Snapshot.Holders.Length == 1);
        Assert.DoesNotContain("note", host.Asked);
    }

    [Fact]
    public void Run_Path_IsNeverProbed()
    {
        var host = new ListedHost(Hosts.With());

        Search(host, new Target { Text = "/run/a", Protocol = Protocol.Unix, Path = "/run/a" });

        Assert.Equal(["host", "path", "path's server", "owners", "policy"], host.Asked);
    }

    [Fact]
    public void Run_KernelThatDoesNotListBoundSockets_LooksForWhatRefusesByItsHolders()
    {
        var host = new ListedHost(Hosts.With() with { Kernel = "6.1.0-40-amd64" }) { Hidden = Hosts.With("tcp 0.0.0.0 BOUND").Sockets, ReuseAddress = Fact.No };

        Search(host, Hosts.PortTarget("0.0.0.0"));

        Assert.Equal(["unlisted", "owners", "options"], host.Asked.SkipWhile(static asked => asked != "unlisted").Where(static asked => asked is "unlisted" or "owners" or "options"));
        Assert.Equal(TcpSocketState.Bound, Assert.Single(host.Snapshot.Sockets).State);
        Assert.DoesNotContain("pause", host.Asked);
    }

    [Fact]
    public void Run_KernelThatListsAll_AsksNobodyForDescriptors()
    {
        var host = new ListedHost(Hosts.With());

        Search(host, Hosts.PortTarget("0.0.0.0"));

        Assert.DoesNotContain("unlisted", host.Asked);
    }

    [Fact]
    public void Run_LooksOnceMore_KeepsNothingOfTheLookThatDidNotHoldTogether()
    {
        var listed = Hosts.With("tcp 0.0.0.0 LISTEN");
        var host = new ListedHost(listed with { Sockets = [.. listed.Sockets.Select(static socket => socket with { Inode = 77 })] })
        {
            Missed = 1,
            SeenAtFirst = [new ContainerRecord { Id = "c0ffee" }],
        };

        Search(host, Hosts.PortTarget("0.0.0.0"));

        Assert.Equal(2, host.Asked.Count(static call => call == "owners"));
        Assert.Empty(host.Snapshot.Containers);
    }

    [Theory]
    [InlineData("10.9.9.9", true)]
    [InlineData("127.9.9.9", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("224.0.0.1", false)]
    public void Run_AddressThatIsMissingHere_LooksForItInOtherNetworkNamespaces(string address, bool isSought)
    {
        var host = new ListedHost(Hosts.With()) { Refusal = 99 }; // EADDRNOTAVAIL

        Search(host, Hosts.PortTarget(address));

        Assert.Equal(isSought, host.Asked.Contains($"networks with {address}"));
    }

    private static void Search(ListedHost host, Target target) => Search(host, new InspectionRequest { Target = target });

    private static void Search(ListedHost host, InspectionRequest request) => host.Snapshot = HostSearch.Run(request, host, host.Snapshot);

    /// <summary>A host with these sockets, which lists what it is asked. Every bind succeeds.</summary>
    private sealed class ListedHost(Snapshot full) : IHostReader
    {
        private const int InUse = 98; // EADDRINUSE

        public List<string> Asked { get; } = [];

        public bool IsTableUnread { get; init; }

        /// <summary>From the time on that the port is asked about again, it has changed; null for never.</summary>
        public int? ChangesFrom { get; init; }

        public Fact ReuseAddress { get; init; } = Fact.Yes;

        /// <summary>What is known before the search, and after it.</summary>
        public Snapshot Snapshot { get; set; } = full with { Sockets = [], Coverage = new Coverage() };

        public Snapshot ReadHost(Snapshot known, bool withInterfaces) => Noted(known, "host");

        public Snapshot ReadProgramPolicies(Snapshot known, int processId, BindRequest request) => Noted(known, "program's policies");

        public Snapshot ReadListeners(Snapshot known, RequestPlan plan) => Read(known, "listeners");

        public Snapshot ReadAllStates(Snapshot known, RequestPlan plan) => Read(known, "all states");

        public Snapshot ReadUdp(Snapshot known, RequestPlan plan) => Read(known, "udp");

        public Snapshot ReadUnix(Snapshot known) => Read(known, "path");

        public Snapshot ReadUnixServer(Snapshot known, RequestPlan plan) => Noted(known, "path's server");

        /// <summary>What every bind gives; null where it succeeds.</summary>
        public int? Refusal { get; init; }

        /// <summary>Sockets that no list shows, and that refuse every bind.</summary>
        public ImmutableArray<HeldSocket> Hidden { get; init; } = [];

        public Snapshot ReadUnlisted(Snapshot known, RequestPlan plan)
        {
            Asked.Add("unlisted");
            return known with { Sockets = [.. known.Sockets, .. Hidden], Coverage = known.Coverage with { BoundOnlySeen = true } };
        }

        public Snapshot ReadEphemeralUse(Snapshot known, RequestPlan plan) => Read(known, "range");

        public Snapshot ReadUdpBeside(Snapshot known, RequestPlan plan) => Noted(known, "udp beside");

        public IReadOnlyList<HeldSocket>? ReadAgain(RequestPlan plan, bool withBoundOnly)
        {
            Asked.Add("again");
            return Asked.Count(static call => call == "again") >= ChangesFrom ? [] : full.Sockets;
        }

        public void BeginOwners(Snapshot known, bool areAll) => Asked.Add(areAll ? "owners of these begin" : "owners begin");

        public void EndOwners() => Asked.Add("owners end");

        /// <summary>So many searches see every process, and nobody who holds the socket; null where not every process is seen.</summary>
        public int? Missed { get; set; }

        /// <summary>What the first search for owners finds of containers.</summary>
        public ImmutableArray<ContainerRecord> SeenAtFirst { get; init; } = [];

        public Snapshot ReadOwners(Snapshot known, RequestPlan plan)
        {
            Asked.Add("owners");
            var seen = Asked.Count(static call => call == "owners") == 1 ? SeenAtFirst : [];
            return Missed is null ? known : known with
            {
                Containers = [.. known.Containers, .. seen],
                Holders = Missed-- > 0 ? [] : [new Holder(known.Sockets[0].Inode, 1, 3)],
                Coverage = known.Coverage with { OwnersRead = true },
            };
        }

        public Snapshot ReadOptions(Snapshot known, RequestPlan plan)
        {
            Asked.Add("options");
            return known with { Sockets = [.. known.Sockets.Select(socket => socket with { ReuseAddress = ReuseAddress })] };
        }

        public IDisposable? LockPort(ushort port)
        {
            Asked.Add("lock");
            return null;
        }

        public ProbeAnswer AskPermission(Snapshot known, BindRequest request, bool isKnownFree) => new(Succeed("permission", request));

        public Fact RunsProgramAtBind(IpFamily family) => Fact.No;

        public List<BindRequest> Probed { get; } = [];

        public ProbeAnswer Probe(Snapshot known, BindRequest request)
        {
            Probed.Add(request);
            return new ProbeAnswer(Succeed("probe", request));
        }

        public ProbeResult? AskPolicy(Snapshot known, BindRequest request, bool isKnownTaken) => Succeed("policy", request);

        public ProbeResult AskListen(BindRequest request) => Succeed("listen", request);

        public Snapshot ReadPrograms(Snapshot known, RequestPlan plan) => Noted(known, "programs");

        public Snapshot ReadPolicies(Snapshot known, BindRequest request, ProbedCall refused) => Noted(known, "policies");

        public void BeginElsewhere() => Asked.Add("elsewhere begins");

        public Snapshot ReadElsewhere(Snapshot known, RequestPlan plan) => Noted(known, "elsewhere");

        public Snapshot ReadNetworksWith(Snapshot known, IpAddress address) => Noted(known, $"networks with {address}");

        public void Pause(int look) => Asked.Add("pause");

        public void Note(string note) => Asked.Add("note");

        private ProbeResult Succeed(string call, BindRequest request)
        {
            Asked.Add(call);
            return new ProbeResult(request, Refusal ?? (Hidden.IsEmpty ? 0 : InUse));
        }

        private Snapshot Noted(Snapshot known, string what)
        {
            Asked.Add(what);
            return known;
        }

        private Snapshot Read(Snapshot known, string what)
        {
            Asked.Add(what);
            if (IsTableUnread)
                throw new TableUnreadException("the table cannot be read");
            return known with { Sockets = full.Sockets, Coverage = full.Coverage with { BoundOnlySeen = Hidden.IsEmpty, OwnersRead = false } };
        }
    }
}

using System.Collections.Immutable;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Inspecting;
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

        Assert.Equal(["host", "listeners", "again", "owners begin", "owners", "options"], host.Asked.Take(6));
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
        foreach (var port in Enumerable.Range(1, 9000))
            Assert.All(NearbyPorts.Of((ushort)port, new HostSettings(), mayBindPrivileged: true), near => Assert.Null(ProtocolPorts.NameOf(near)));
    }

    [Fact]
    public void Run_Verbose_WalksEveryStateBesideTheSearchForOwners()
    {
        var host = new ListedHost(Hosts.With("tcp 0.0.0.0 LISTEN"));

        HostSearch.Run(new InspectionRequest { Target = Hosts.PortTarget("0.0.0.0"), Verbose = true }, host);

        Assert.Equal(["host", "listeners", "again", "owners begin", "all states"], host.Asked.Take(5));
    }

    [Fact]
    public void Run_FreePort_AsksForPermissionAndLooksForNoOwner()
    {
        var host = new ListedHost(Hosts.With());

        Search(host, Hosts.PortTarget("0.0.0.0"));

        Assert.Equal(["host", "listeners", "all states", "permission", "owners end", "listen", "programs", "elsewhere"], host.Asked);
    }

    [Fact]
    public void Run_MayNotProbe_BindsNothing()
    {
        var host = new ListedHost(Hosts.With());

        HostSearch.Run(new InspectionRequest { Target = Hosts.PortTarget("0.0.0.0"), MayProbe = false }, host);

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

    [Fact]
    public void Run_SocketComesAndGoesAtEachLook_GivesUpAndPutsNothingInItsWay()
    {
        var host = new ListedHost(Hosts.With("tcp 0.0.0.0 LISTEN")) { KeepsChanging = true };

        Search(host, Hosts.PortTarget("0.0.0.0"));

        Assert.Equal(4, host.Asked.Count(static call => call == "listeners"));
        Assert.Equal(3, host.Asked.Count(static call => call == "pause"));
        Assert.Single(host.Asked, "note");
        Assert.Empty(host.Asked.Intersect(["probe", "owners", "options"]));
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

        Assert.Equal(["host", "path", "path's server", "owners"], host.Asked);
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

    private static void Search(ListedHost host, Target target) => HostSearch.Run(new InspectionRequest { Target = target }, host);

    /// <summary>A host with these sockets, which lists what it is asked. Every bind succeeds.</summary>
    private sealed class ListedHost(Snapshot full) : IHostReader
    {
        private const int InUse = 98; // EADDRINUSE

        public List<string> Asked { get; } = [];

        public bool IsTableUnread { get; init; }

        public bool KeepsChanging { get; init; }

        public Fact ReuseAddress { get; init; } = Fact.Yes;

        public Snapshot Snapshot { get; set; } = full with { Sockets = [], Coverage = new Coverage() };

        public RequestPlan Plan { get; set; } = new();

        public void ReadHost(bool withInterfaces) => Asked.Add("host");

        public void ReadProgramPolicies(int processId, BindRequest request) => Asked.Add("program's policies");

        public void ReadListeners() => Read("listeners");

        public void ReadAllStates() => Read("all states");

        public void ReadUdp() => Read("udp");

        public void ReadUnix() => Read("path");

        public void ReadUnixServer() => Asked.Add("path's server");

        /// <summary>Sockets that no list shows, and that refuse every bind.</summary>
        public ImmutableArray<HeldSocket> Hidden { get; init; } = [];

        public void ReadUnlisted()
        {
            Asked.Add("unlisted");
            Snapshot = Snapshot with { Sockets = [.. Snapshot.Sockets, .. Hidden], Coverage = Snapshot.Coverage with { BoundOnlySeen = true } };
        }

        public void ReadEphemeralUse() => Read("range");

        public void ReadUdpBeside() => Asked.Add("udp beside");

        public IReadOnlyList<HeldSocket>? ReadAgain(bool withBoundOnly)
        {
            Asked.Add("again");
            return KeepsChanging ? [] : full.Sockets;
        }

        public void BeginOwners() => Asked.Add("owners begin");

        public void EndOwners() => Asked.Add("owners end");

        /// <summary>So many searches see every process, and nobody who holds the socket; null where not every process is seen.</summary>
        public int? Missed { get; set; }

        public void ReadOwners()
        {
            Asked.Add("owners");
            if (Missed is null)
                return;
            Snapshot = Snapshot with
            {
                Holders = Missed-- > 0 ? [] : [new Holder(Snapshot.Sockets[0].Inode, 1, 3)],
                Coverage = Snapshot.Coverage with { OwnersRead = true },
            };
        }

        public void ReadOptions()
        {
            Asked.Add("options");
            Snapshot = Snapshot with { Sockets = [.. Snapshot.Sockets.Select(socket => socket with { ReuseAddress = ReuseAddress })] };
        }

        public IDisposable? LockPort(ushort port)
        {
            Asked.Add("lock");
            return null;
        }

        public ProbeResult? AskPermission(BindRequest request, bool isKnownFree) => Succeed("permission", request);

        public Fact RunsProgramAtBind(IpFamily family) => Fact.No;

        public List<BindRequest> Probed { get; } = [];

        public ProbeResult? Probe(BindRequest request)
        {
            Probed.Add(request);
            return Succeed("probe", request);
        }

        public ProbeResult? AskPolicy(BindRequest request, bool isKnownTaken) => Succeed("policy", request);

        public ProbeResult AskListen(BindRequest request) => Succeed("listen", request);

        public void ReadPrograms() => Asked.Add("programs");

        public void ReadPolicies(BindRequest request, ProbedCall refused) => Asked.Add("policies");

        public void ReadElsewhere() => Asked.Add("elsewhere");

        public void Pause(int look) => Asked.Add("pause");

        public void Note(string note) => Asked.Add("note");

        private ProbeResult Succeed(string call, BindRequest request)
        {
            Asked.Add(call);
            return new ProbeResult(request, Hidden.IsEmpty ? 0 : InUse);
        }

        private void Read(string what)
        {
            Asked.Add(what);
            if (IsTableUnread)
                throw new TableUnreadException("the table cannot be read");
            Snapshot = Snapshot with { Sockets = full.Sockets, Coverage = full.Coverage with { BoundOnlySeen = Hidden.IsEmpty, OwnersRead = false } };
        }
    }
}

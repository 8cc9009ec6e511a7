using Bindwise.Model.Rules;
using Bindwise.Model.Tests.Diagnosing;

namespace Bindwise.Model.Tests.Rules;

/// <summary>What only snapshots hold, and scenarios never do: facts that nobody could read, and addresses in all their states.</summary>
public sealed class SnapshotRulesTests
{
    [Theory]
    [InlineData("udp 0.0.0.0", Outcome.Allowed, "BW001", "tcp 0.0.0.0 LISTEN")]
    [InlineData("udp 0.0.0.0 ra", Outcome.Undetermined, "BW022", "udp 0.0.0.0 UNCONN ra?")]
    [InlineData("udp 0.0.0.0 ra", Outcome.Blocked, "BW022", "udp 0.0.0.0 UNCONN ra?", "udp 0.0.0.0 UNCONN")]
    [InlineData("udp 0.0.0.0 ra rp", Outcome.Undetermined, "BW022", "udp 0.0.0.0 UNCONN ra? rp?", "udp 0.0.0.0 UNCONN")]
    [InlineData("udp 0.0.0.0 ra rp", Outcome.Undetermined, "BW022", "udp 0.0.0.0 UNCONN ra?", "udp 0.0.0.0 UNCONN rp")]
    [InlineData("tcp 0.0.0.0 ra", Outcome.Blocked, "BW005", "tcp 127.0.0.1 BOUND", "tcp 127.0.0.2 TIME_WAIT ra? rp? uid?")]
    [InlineData("tcp 0.0.0.0 ra", Outcome.Blocked, "BW005", "tcp 127.0.0.2 TIME_WAIT ra? rp? uid?", "tcp 127.0.0.1 BOUND")]
    internal void Bind_OverFactsThatNobodyKnows_IsDecidedWhereOneIsCertain(string want, Outcome outcome, string rule, params string[] held)
    {
        var decision = ConflictRules.Decide(SocketLine.Want(want), [.. held.Select(SocketLine.Held)]);

        Assert.Equal((outcome, rule), (decision.Outcome, decision.Rule.Id.Value));
    }

    [Theory]
    [InlineData("tcp 127.0.0.1", "tcp 127.0.0.1 LISTEN", Outcome.Blocked, "EADDRINUSE")]
    [InlineData("tcp 127.0.0.1 ra", "tcp 127.0.0.1 TIME_WAIT ra?", Outcome.Undetermined, null)]
    [InlineData("tcp 127.0.0.2", "tcp 127.0.0.1 LISTEN", Outcome.Allowed, null)]
    [InlineData("udp 127.0.0.1", "udp 127.0.0.1 UNCONN", Outcome.Blocked, "EADDRINUSE")]
    [InlineData("udp 127.0.0.1 ra", "udp 127.0.0.1 UNCONN ra?", Outcome.Undetermined, null)]
    [InlineData("tcp 127.0.0.1", "tcp 127.0.0.1 UNCONN", Outcome.Blocked, "EADDRINUSE")] // bound only, as sock_diag tells it
    internal void Bind_ThatIsRefusedForCertain_HasAnErrno(string want, string held, Outcome outcome, string? errno)
    {
        var decision = ConflictRules.Decide(SocketLine.Want(want), [SocketLine.Held(held)]);

        Assert.Equal((outcome, errno), (decision.Outcome, decision.Errno));
    }

    [Theory]
    [InlineData("tcp 127.0.0.1 LISTEN")]
    [InlineData("udp 127.0.0.1 UNCONN")]
    public void Bind_BesideASocketOfAnotherPort_MeetsNothing(string held)
    {
        var other = SocketLine.Held(held);
        other = other with { Local = other.Local with { Port = SocketLine.Port + 1 } };

        var decision = ConflictRules.Decide(SocketLine.Want(held.Split(' ')[0] + " 127.0.0.1"), [other]);

        Assert.Equal((Outcome.Allowed, "BW001"), (decision.Outcome, decision.Rule.Id.Value));
    }

    [Fact]
    public void Bind_BesideAHandshakeUnderWay_MeetsNothing()
    {
        var request = SocketLine.Held("tcp 127.0.0.1 LISTEN") with { State = TcpSocketState.NewSynReceived };

        Assert.Equal(Outcome.Allowed, ConflictRules.Decide(SocketLine.Want("tcp 127.0.0.1"), [request]).Outcome);
    }

    [Theory]
    [InlineData("BW005", "tcp :: LISTEN v6only?", "tcp 127.0.0.1 BOUND")] // what is certain names the rule, whatever is first
    [InlineData("BW005", "tcp 127.0.0.1 BOUND", "tcp :: LISTEN v6only?")]
    [InlineData("BW004", "tcp :: LISTEN v6only?", "tcp ::1 TIME_WAIT v6only?")] // among equals the listener does
    [InlineData("BW004", "tcp ::1 TIME_WAIT v6only?", "tcp :: LISTEN v6only?")]
    [InlineData("BW004", "tcp 127.0.0.1 BOUND", "tcp 0.0.0.0 LISTEN")]
    [InlineData("BW004", "tcp 0.0.0.0 LISTEN", "tcp 127.0.0.1 BOUND")]
    public void Bucket_SeveralInTheWay_NamesTheRuleThatSaysMost(string rule, params string[] held)
    {
        var bucket = new PortBucket<HeldSocket>();
        foreach (var socket in held.Select(SocketLine.Held))
            bucket.Add(socket, HeldTraits.Of(socket));

        Assert.Equal(rule, bucket.Decide(SocketLine.Want("tcp 0.0.0.0")).Rule.Id.Value);
    }

    [Theory]
    [InlineData("tcp 127.0.0.1 rp", true, Outcome.Blocked)]
    [InlineData("tcp 127.0.0.1 rp", false, Outcome.Undetermined)]
    [InlineData("tcp 127.0.0.1", false, Outcome.Blocked)]
    internal void Bucket_WhoseMemoryNobodyKnows_LeavesReusePortOpen(string want, bool isKnown, Outcome outcome)
    {
        var held = SocketLine.Held("tcp 127.0.0.1 BOUND");
        var bucket = isKnown ? new PortBucket<HeldSocket>() : new PortBucket<HeldSocket> { IsHistoryKnown = false };
        bucket.Add(held, HeldTraits.Of(held));

        Assert.Equal(outcome, bucket.Decide(SocketLine.Want(want)).Outcome);
    }

    [Theory]
    [InlineData("udp 127.0.0.1 ra", "udp 127.0.0.1 UNCONN ra?", Outcome.Undetermined, "BW022")] // its own list
    [InlineData("udp 127.0.0.1 ra", "udp 0.0.0.0 UNCONN ra?", Outcome.Undetermined, "BW022")] // that of the wildcards
    [InlineData("udp 127.0.0.1", "udp 127.0.0.1 UNCONN ra?", Outcome.Blocked, "BW022")]
    [InlineData("udp 0.0.0.0", "udp 0.0.0.0 UNCONN", Outcome.Blocked, "BW022")] // both lists say so
    [InlineData("udp 0.0.0.0", "udp 127.0.0.1 UNCONN", Outcome.Undetermined, "BW022")]
    [InlineData("udp 127.0.0.1", "udp 127.0.2.1 UNCONN", Outcome.Allowed, "BW002")]
    internal void UdpBind_InACrowdedSlot_IsDecidedByTheListsThatItAsks(string want, string held, Outcome outcome, string rule)
    {
        // Ten more on addresses of their own, which a wildcard with SO_REUSEADDR meets and passes over.
        var isWildcard = want.Contains("0.0.0.0", StringComparison.Ordinal);
        var crowd = Enumerable.Range(1, 10).Select(n => SocketLine.Held($"udp 127.0.1.{n} UNCONN")).Where(_ => !isWildcard || !held.Contains("127", StringComparison.Ordinal));
        List<HeldSocket> sockets = [SocketLine.Held(held), .. crowd, .. isWildcard ? Enumerable.Repeat(SocketLine.Held(held), 10) : []];

        var decision = ConflictRules.Decide(SocketLine.Want(want), sockets);

        Assert.Equal((outcome, rule), (decision.Outcome, decision.Rule.Id.Value));
    }

    [Theory]
    [InlineData(AddressKind.Local, null)]
    [InlineData(AddressKind.Broadcast, null)]
    [InlineData(AddressKind.Elsewhere, "EADDRNOTAVAIL")]
    [InlineData(AddressKind.Unknown, "EADDRNOTAVAIL")] // then the interfaces tell
    internal void Bind_OfAnAddressThatTheRoutesWereAskedFor_BelievesThem(AddressKind kind, string? errno)
    {
        var host = Hosts.With() with { AddressFacts = [new AddressFact(Hosts.Address("10.7.7.8"), AddressKind.Local), new AddressFact(Hosts.Address("10.7.7.7"), kind)] };

        Assert.Equal(errno, BindRules.Decide(Hosts.Request("10.7.7.7"), host).Errno);
    }

    [Fact]
    public void Bind_OfALoopbackAddressThatTheRoutesSendElsewhere_BelievesThem()
    {
        var host = Hosts.With() with { AddressFacts = [new AddressFact(Hosts.Address("127.7.7.7"), AddressKind.Elsewhere)] };

        Assert.Equal("EADDRNOTAVAIL", BindRules.Decide(Hosts.Request("127.7.7.7"), host).Errno);
        Assert.Null(BindRules.Decide(Hosts.Request("127.7.7.8"), host).Errno);
    }

    [Theory]
    [InlineData("10.9.9.1", 30, "10.9.9.3", null)] // the broadcast address of a network of four
    [InlineData("10.9.9.0", 31, "10.9.9.1", "EADDRNOTAVAIL")] // networks of two and of one have none (RFC 3021)
    [InlineData("10.9.9.1", 32, "10.9.9.2", "EADDRNOTAVAIL")]
    [InlineData("10.9.9.1", 1, "127.255.255.255", null)]
    [InlineData("127.0.0.1", 1, "1.2.3.4", null)] // a loopback address owns its whole network
    [InlineData("127.0.0.1", 0, "1.2.3.4", "EADDRNOTAVAIL")]
    [InlineData("::a09:901", 24, "10.9.9.255", "EADDRNOTAVAIL")] // the bits alone are no address
    public void Bind_WithinANetwork_MeetsItsBroadcastAddress(string own, int prefix, string asked, string? errno)
    {
        var host = Hosts.With() with { Interfaces = [] };
        host = host with
        {
            Interfaces = host.Interfaces
                .Plus("va", isUp: true, new InterfaceAddress(Hosts.Address(own), prefix))
                .Plus("vb", isUp: true, new InterfaceAddress(Hosts.Address("10.8.8.8"), 32)),
        };

        Assert.Equal(errno, BindRules.Decide(Hosts.Request(asked), host).Errno);
    }

    [Theory]
    [InlineData(false, false, null)]
    [InlineData(true, false, "EADDRNOTAVAIL")]
    [InlineData(false, true, "EADDRNOTAVAIL")]
    public void Bind_OfAnIPv6Address_WaitsForDuplicateAddressDetection(bool isTentative, bool isDuplicate, string? errno)
    {
        var host = Hosts.With();
        host = host with
        {
            Interfaces = host.Interfaces.Plus("va", isUp: true, new InterfaceAddress(Hosts.Address("fd00::5"), 64, IsTentative: isTentative,
                IsDuplicate: isDuplicate))
        };

        Assert.Equal(errno, BindRules.Decide(Hosts.Request("fd00::5"), host).Errno);
    }

    [Fact]
    public void Bind_WhereNoInterfaceHasAnIPv4Address_IsLeftToTheProbe()
    {
        var host = Hosts.With() with
        {
            Interfaces = [new InterfaceRecord { Index = 1, Name = "lo", IsUp = true, Addresses = [new(IpAddress.LoopbackIPv6, 128)] }]
        };

        var decision = BindRules.Decide(Hosts.Request("10.9.9.1"), host);

        Assert.Equal((Outcome.Undetermined, "BW031"), (decision.Outcome, decision.Rule.Id.Value));
    }

    [Theory]
    [InlineData("va", null)]
    [InlineData("2", null)] // by its number
    [InlineData("lo", "EADDRNOTAVAIL")]
    [InlineData("3", "ENODEV")]
    public void Bind_OfALinkLocalAddress_LooksOnTheInterfaceThatTheScopeNames(string scope, string? errno)
    {
        var host = Hosts.With();
        host = host with
        {
            Interfaces = host.Interfaces.Plus("va", isUp: true, new InterfaceAddress(Hosts.Address("fe80::5"), 64))
        };

        Assert.Equal(errno, BindRules.Decide(Hosts.Request("fe80::5") with { Scope = scope }, host).Errno);
    }

    [Theory]
    [InlineData(1023, null, Fact.No, Outcome.Blocked, "BW030")]
    [InlineData(1024, null, Fact.No, Outcome.Allowed, "BW001")]
    [InlineData(80, null, Fact.Yes, Outcome.Allowed, "BW001")]
    [InlineData(80, null, Fact.Unknown, Outcome.Undetermined, "BW030")]
    [InlineData(80, 80, Fact.No, Outcome.Allowed, "BW001")]
    [InlineData(79, 80, Fact.No, Outcome.Blocked, "BW030")]
    internal void Bind_BelowTheFirstFreePort_NeedsAPrivilege(int port, int? firstFree, Fact privileged, Outcome outcome, string rule)
    {
        var host = Hosts.With();
        host = host with { Settings = host.Settings with { UnprivilegedPortStart = firstFree }, Caller = host.Caller with { MayBindPrivilegedPorts = privileged } };

        var decision = BindRules.Decide(Hosts.Request("127.0.0.1") with { Port = (ushort)port }, host);

        Assert.Equal((outcome, rule), (decision.Outcome, decision.Rule.Id.Value));
    }
}

using Bindwise.Model.Diagnosing;
using Bindwise.Model.Runtimes;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Targets;
using static Bindwise.Model.Tests.Diagnosing.Hosts;

namespace Bindwise.Model.Tests.Diagnosing;

/// <summary>What is said when the ephemeral range runs out: for port 0, and for connect() to one destination.</summary>
public sealed class PortExhaustionTests
{
    private static readonly IpEndpoint There = new(Address("10.0.0.5"), 443);

    private static Target Port0 => PortTarget(port: 0);

    private static Target Connecting => Port0 with
    {
        Destination = new Destination
        {
            Host = "10.0.0.5",
            Address = There.Address,
            Port = There.Port,
        }
    };

    private static EphemeralDestination To(int count, int timeWait, IpEndpoint? remote = null) => new(remote ?? There, Address("10.0.0.2"), count, timeWait, 7);

    private static Snapshot Host(int closed, int? timeWaitReuse, params EphemeralDestination[] destinations)
    {
        var host = Of();
        return host with
        {
            Settings = host.Settings with { LocalPortFirst = 40000, LocalPortLast = 40099, TimeWaitReuse = timeWaitReuse },
            Ephemeral = new EphemeralUse { Usable = 100, Used = 100, ClosedToAsked = closed, Destinations = [.. destinations] },
            Processes = [Process(9, "python3")],
            Holders = [new Holder(7, 9, 3)],
        };
    }

    private static Snapshot Refused(Snapshot host)
    {
        foreach (var address in new[] { "0.0.0.0", "::" })
            host = host.Probed(Request(address) with { Port = 0 }, 98);
        return host;
    }

    // 40000 to 40002: TCP tries two of the three.
    [Fact]
    public void Port0_OfARangeWithAnOddNumber_HasOnePortFewer()
    {
        var host = Host(closed: 2, 2, To(2, 0)) with { Ephemeral = new EphemeralUse { Usable = 3, Used = 2, ClosedToAsked = 2, Destinations = [To(2, 0)] } };
        host = host with { Settings = host.Settings with { LocalPortLast = 40002 } };

        Assert.Equal(Verdict.Undetermined, Ask(Port0, host).Verdict);
        Assert.Equal("Port 0 fails (EADDRINUSE): every port of the ephemeral range is in use, but for one: of an odd number the kernel tries one fewer.",
            Ask(Port0, Refused(host)).Summary);
        Assert.Equal("A connection to 10.0.0.5:443 may get no source port: 2 of 3 are used for it, and of an odd number of ports the kernel tries one fewer.",
            Ask(Connecting, Refused(host)).Summary);
        Assert.Equal(Verdict.Free, Ask(Port0, host with { Ephemeral = host.Ephemeral with { Used = 1 } }).Verdict);
        Assert.Equal(Verdict.Free, Ask(Port0 with { Protocol = Protocol.Udp }, host).Verdict);
    }

    // The kernel refuses a range that begins below net.ipv4.ip_unprivileged_port_start.
    [Fact]
    public void Port0_WidenedRange_BeginsWhereEveryUserMayBind()
    {
        var host = Bound(5, 6);
        var remedy = Ask(Port0, host with { Settings = host.Settings with { UnprivilegedPortStart = 20000 } }).Remedies.Single(static r => r.Id == "widen-range");

        Assert.EndsWith("=\"20000 64999\"", remedy.Command, StringComparison.Ordinal);
    }

    // connect() of an IPv6 socket to a mapped address is one of IPv4.
    [Fact]
    public void Connect_ToAMappedAddress_IsAskedOfTheIPv4One()
    {
        var mapped = Connecting with { Destination = Connecting.Destination! with { Host = "::ffff:10.0.0.5", Address = There.Address.AsIPv6 } };

        Assert.Equal(Ask(Connecting, Refused(Host(100, 2, To(100, 0)))).Verdict, Ask(mapped, Refused(Host(100, 2, To(100, 0)))).Verdict);
        Assert.Contains("100 of 100 are used for it", Ask(mapped, Refused(Host(100, 2, To(100, 0)))).Summary, StringComparison.Ordinal);
    }

    private static Diagnosis Ask(Target target, Snapshot snapshot) => Diagnoser.Diagnose(target, ProgramOptions.None, snapshot);

    private static Snapshot Bound(params int[] owners)
    {
        var host = Host(0, 2);
        return Refused(host with
        {
            Ephemeral = new EphemeralUse
            {
                Usable = owners.Length,
                Used = owners.Length,
                Groups = [new EphemeralGroup("LISTEN", 0, null, owners.Length, 100) { Samples = [.. owners.Select(static (_, i) => 100ul + (ulong)i)] }],
            },
            Processes = [.. owners.Where(static id => id > 0).Distinct().Select(static id => Process(id, "srv"))],
            Holders = [.. owners.Select(static (id, i) => new Holder(100ul + (ulong)i, id, 3)).Where(static held => held.ProcessId > 0)],
        });
    }

    // 0 is a socket whose owner is not seen.
    [Theory]
    [InlineData("11 12 13 14", "4 listening sockets: 1 of srv (pid 11), 1 of srv (pid 12), 1 of srv (pid 13) and 1 of srv (pid 14).", "", null)]
    [InlineData("11 12 12 12", "4 listening sockets: 3 of srv (pid 12) and 1 of srv (pid 11).", "srv (pid 12)", "kill 12")]
    [InlineData("11 12 12 0 0 0", "6 listening sockets: 2 of srv (pid 12), 1 of srv (pid 11) and 3 of others.", "", "kill 12")]
    [InlineData("11 11 11", "3 listening sockets, of srv (pid 11).", "srv (pid 11)", "kill 11")]
    public void Port0_BoundByPrograms_CountsThemByOwner(string owners, string users, string most, string? kill)
    {
        var answer = Ask(Port0, Bound([.. owners.Split(' ').Select(int.Parse)]));

        Assert.EndsWith(users, answer.Why[0], StringComparison.Ordinal);
        Assert.EndsWith(most.Length == 0 ? "is in use." : $"is in use, most by {most}.", answer.Summary, StringComparison.Ordinal);
        Assert.Equal(kill, answer.Remedies.FirstOrDefault(static r => r.Id == "end-port-holder")?.Command);
    }

    [Fact]
    public void Port0_BoundByAServerWithWorkers_NamesAllOfThem()
    {
        var host = Bound(11, 11, 11);
        host = host with
        {
            Processes = host.Processes.Add(Process(12, "srv", parent: 11)),
            Holders = [.. host.Holders, .. host.Holders.Select(static held => held with { ProcessId = 12 })],
        };

        // To end what the question came from would end the session.
        var within = host with { Caller = host.Caller with { ProcessId = 60, AncestorIds = [11, 1] } };
        Assert.Equal(["end-starter", "end-port-holder"], Ask(Port0, within).Remedies.Take(2).Select(static one => one.Id));
        Assert.Equal("kill 12", Ask(Port0, within).Remedies[1].Command);

        var remedy = Ask(Port0, host).Remedies.Single(static r => r.Id == "end-port-holder");

        Assert.Equal(("kill 11 12", "Stop srv (pid 11) and its worker; they hold the most of them (3 sockets)."), (remedy.Command, remedy.Text));
    }

    // Where nobody has more than all others, or who has them is not seen, they are to be looked at.
    [Theory]
    [InlineData("11 12", 0, "bindwise ls :40000-40099")]
    [InlineData("0 0", 1000, "sudo bindwise ls :40000-40099")]
    [InlineData("11 11", 0, null)]
    public void Port0_BoundByNobodyInParticular_ShowsWhoHasThem(string owners, int user, string? command)
    {
        var host = Bound([.. owners.Split(' ').Select(int.Parse)]);
        if (user != 0)
            host = host with { Caller = host.Caller with { UserId = (uint)user }, Coverage = host.Coverage with { UnreadableProcesses = 3 } };
        var answer = Ask(Port0, host);

        Assert.Equal(command, answer.Remedies.FirstOrDefault(static r => r.Id == "see-port-holders")?.Command);
        if (command is not null)
            Assert.Equal("see-port-holders", answer.Remedies[0].Id);
    }

    // What connections can share, sockets of their own cannot.
    [Fact]
    public void Port0_OfUdp_HasNoAdviceAboutConnections() =>
        Assert.DoesNotContain(Ask(PortTarget(port: 0, protocol: Protocol.Udp), Bound(11)).Remedies, static r => r.Id is "bind-late" or "keep-alive" or "more-source-addresses");

    // Four ports, of which one has five listeners by SO_REUSEPORT.
    [Fact]
    public void Port0_ManySocketsOnOnePort_AreNotManyPorts()
    {
        var host = Bound(11, 11, 11, 11, 11, 12, 12, 13);
        var answer = Ask(Port0, host with { Ephemeral = host.Ephemeral! with { Usable = 4, Used = 4 } });

        Assert.EndsWith("is in use.", answer.Summary, StringComparison.Ordinal);
        Assert.DoesNotContain(answer.Remedies, static r => r.Id == "end-port-holder");
    }

    [Fact]
    public void Port0_TheOnlyPort_IsSaidToBeOne()
    {
        Assert.StartsWith("The one port that the system may give out (40000 to 40099) is in use: ", Ask(Port0, Bound(11)).Why[0], StringComparison.Ordinal);
        var host = Bound(11);
        Assert.StartsWith("1 of the 2 ports that the system may give out (40000 to 40099) is in use: ",
            Ask(Connecting, host with { Ephemeral = host.Ephemeral! with { Usable = 2 } }).Why[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Port0_BoundAndOneSampleAlone_ClaimsNoMoreThanThat()
    {
        var host = Host(0, 2);
        var answer = Ask(Port0, Refused(host with
        {
            Ephemeral = new EphemeralUse { Usable = 100, Used = 100, Groups = [new EphemeralGroup("BOUND", 0, null, 100, 7)] },
        }));

        Assert.EndsWith("100 bound sockets, one of them of python3 (pid 9).", answer.Why[0], StringComparison.Ordinal);
        Assert.DoesNotContain(answer.Remedies, static r => r.Id == "end-port-holder");
    }

    [Fact]
    public void Port0_ClosedConnectionsOfNobody_AreSaidToEndByThemselves()
    {
        var answer = Ask(Port0, Refused(Host(0, 2, To(100, 20) with { SampleInode = 0, Ending = 80 })));

        Assert.EndsWith("20 of them in TIME_WAIT, 80 of them closed here and held by no process (FIN_WAIT, LAST_ACK), which the kernel ends by itself, mostly within a minute.",
            answer.Why[0], StringComparison.Ordinal);
        Assert.Equal("keep-alive", answer.Remedies[0].Id);
    }

    // A file may say any numbers.
    [Theory]
    [InlineData(int.MaxValue, int.MinValue)]
    [InlineData(int.MinValue, int.MaxValue)]
    public void Counts_ThatNoKernelGives_AreAnsweredToo(int count, int timeWait)
    {
        var snapshot = Host(0, 2, To(count, timeWait));
        foreach (var target in new[] { Port0, Connecting })
            Assert.NotEmpty(Ask(target, Refused(snapshot)).Remedies);
    }

    [Fact]
    public void Port0_RefusedByTheKernel_TellsTheDestinationsAndTheirOwner()
    {
        var answer = Ask(Port0, Refused(Host(0, 2, To(60, 10), To(30, 30, new IpEndpoint(Address("10.0.0.6"), 80)))));

        Assert.Equal((Verdict.Blocked, "EADDRINUSE", "ports-exhausted"), (answer.Verdict, answer.Errno, answer.Cause.Id()));
        // Who has the most stands first.
        Assert.EndsWith(" are in use: 60 of 100 ports: from 10.0.0.2 to 10.0.0.5:443, 10 of them in TIME_WAIT, one of them held by python3 (pid 9).", answer.Why[0], StringComparison.Ordinal);
        Assert.Contains("30 of 100 ports: from 10.0.0.2 to 10.0.0.6:80, all in TIME_WAIT, one of them held by python3 (pid 9).", answer.Why);
        Assert.Equal(2, answer.PortUse!.Destinations.Length);
    }

    [Theory]
    [InlineData(100, 0, 2, "more-source-addresses widen-range keep-alive")]
    [InlineData(100, 80, 2, "keep-alive reuse-time-wait more-source-addresses widen-range")]
    [InlineData(100, 80, 1, "keep-alive more-source-addresses widen-range")]
    [InlineData(20, 20, 2, "bind-late widen-range keep-alive")]
    public void Remedies_OfExhaustion_FitWhatUsesThePorts(int count, int timeWait, int reuse, string ids)
    {
        var answer = Ask(Port0, Refused(Host(0, reuse, To(count, timeWait))));

        Assert.Equal(ids, string.Join(' ', answer.Remedies.Select(static r => r.Id)));
        Assert.All(answer.Remedies.Where(static r => r.Language is not null), static r => Assert.Equal(Runtime.Python, r.Language));
    }

    [Theory]
    [InlineData(40000, 40099, "15000 64999")]
    [InlineData(1024, 60999, "1024 64999")]
    [InlineData(20000, 65535, "15000 65535")]
    [InlineData(1024, 65535, null)]
    public void WiderRange_NeverTakesPortsAway(int first, int last, string? wide)
    {
        var host = Host(0, 0, To(100, 0));

        var answer = Ask(Port0, Refused(host with { Settings = host.Settings with { LocalPortFirst = first, LocalPortLast = last } }));

        Assert.Equal(wide is null ? null : $"sysctl -w net.ipv4.ip_local_port_range=\"{wide}\"",
            answer.Remedies.FirstOrDefault(static r => r.Id == "widen-range")?.Command);
    }

    [Fact]
    public void TimeWaitReuse_ForLoopbackAlone_IsNotAdvisedForLoopback()
    {
        var answer = Ask(Port0, Refused(Host(0, 2, To(100, 100, new IpEndpoint(IpAddress.LoopbackIPv4, 80)))));

        Assert.DoesNotContain(answer.Remedies, static r => r.Id == "reuse-time-wait");
    }

    [Theory]
    [InlineData(100, Verdict.Blocked, "EADDRNOTAVAIL")]
    [InlineData(99, Verdict.Undetermined, null)]
    public void Connect_WhereBindZeroFails_IsBlockedOnlyWhereEveryPortIsClosedToIt(int closed, Verdict verdict, string? errno)
    {
        var answer = Ask(Connecting, Refused(Host(closed, 2, To(99, 0))));

        Assert.Equal((verdict, errno, "ports-exhausted", "BW065"), (answer.Verdict, answer.Errno, answer.Cause.Id(), answer.Rule!.Id.Value));
        Assert.StartsWith("A connection to 10.0.0.5:443 ", answer.Summary, StringComparison.Ordinal);
        Assert.Contains("99 of 100 are used for it", answer.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void Connect_WhereTimeWaitIsOldEnough_SaysThatItIsTakenOver()
    {
        var host = Host(0, 1, To(100, 100));

        var answer = Ask(Connecting, Refused(host with { Ephemeral = host.Ephemeral! with { ReusableByAsked = 100 } }));

        Assert.Equal(Verdict.Undetermined, answer.Verdict);
        Assert.Equal("A connection to 10.0.0.5:443 gets a source port now, unless bind() chose those in use: 100 of 100 are used for it; connect() "
            + "takes over the 100 that are in TIME_WAIT for over 1 s.", answer.Summary);
        Assert.Contains(answer.Limits, static limit => limit.Text.StartsWith("The socket table does not show whether bind() or connect() chose a port", StringComparison.Ordinal));
    }

    [Fact]
    public void Connect_WhereAPortIsFree_FindsIt()
    {
        var host = Host(60, 2, To(60, 60)).Probed(Request("0.0.0.0") with { Port = 0 }, 0);
        // Ports that are bound on other addresses are none for connect().
        Assert.Equal(Verdict.Undetermined, Ask(Connecting, host).Verdict);

        var answer = Ask(Connecting, host with { Ephemeral = host.Ephemeral! with { Used = 60 } });

        Assert.Equal("A connection to 10.0.0.5:443 can get a source port now: 60 of 100 are used for it.", answer.Summary);
        // It failed a while ago, and half of the range is still used.
        Assert.Equal("keep-alive", answer.Remedies[0].Id);
    }

    [Fact]
    public void Connect_ToLoopbackIPv6WhereThatIsOff_IsNoMatterOfPorts()
    {
        var host = Host(0, 2);
        host = host with { Settings = host.Settings with { DisableIPv6 = true }, Interfaces = [] };

        var answer = Ask(Port0 with
        {
            Destination = new Destination
            {
                Host = "::1",
                Address = IpAddress.LoopbackIPv6,
                Port = 5432,
            }
        }, host);

        Assert.Equal((Verdict.Blocked, "EADDRNOTAVAIL", "ipv6-disabled"), (answer.Verdict, answer.Errno, answer.Cause.Id()));
        Assert.Equal("A connection to [::1]:5432 cannot be opened (EADDRNOTAVAIL): IPv6 is switched off here.", answer.Summary);
    }

    // Measured with connect(): ip6_route_get_saddr() takes any address of the host, ::1 too; net.ipv6.ip_nonlocal_bind gives none.
    [Theory]
    [InlineData("2001:db8::1", null, null, "free", null, "can get a source port now")]
    [InlineData("2001:db8::1", true, null, "ipv6-disabled", "EADDRNOTAVAIL", "IPv6 is switched off here", "enable-ipv6", "use-ipv4")]
    [InlineData("::1", true, null, "ipv6-disabled", "EADDRNOTAVAIL", "IPv6 is switched off on lo, so it does not have ::1", "enable-ipv6", "use-ipv4")]
    [InlineData("::1", true, "2001:db8::5", "ipv6-disabled", "ENETUNREACH", "IPv6 is switched off on lo, so it does not have ::1", "enable-ipv6", "use-ipv4")]
    [InlineData("2001:db8::1", true, "2001:db8::5", "free", null, "can get a source port now")]
    [InlineData("2001:db8::1", false, null, "address-not-local", "EADDRNOTAVAIL", "no interface of this host has an IPv6 address that it could come from")]
    [InlineData("::1", false, null, "address-not-local", "EADDRNOTAVAIL", "no interface of this host has ::1")]
    public void Connect_OverIPv6_NeedsAnAddressOfTheHost(string to, bool? isOff, string? other, string cause, string? errno, string said, params string[] remedies)
    {
        var host = Host(0, 2);
        if (isOff is { } off)
            host = host with { Interfaces = [host.Interfaces[0] with { Addresses = [new(IpAddress.LoopbackIPv4, 8)], IsIPv6Off = off }] };
        if (other is not null)
            host = host with { Interfaces = host.Interfaces.Plus("eth0", true, new InterfaceAddress(Address(other), 64)) };
        host = host with { Ephemeral = new EphemeralUse { Usable = 100 }, Settings = host.Settings with { NonLocalBindIPv6 = true } };

        var answer = Ask(Port0 with { Destination = new Destination { Host = to, Address = Address(to), Port = 443 } }, host);

        Assert.Equal((cause, errno), (answer.Cause.Id(), answer.Errno));
        Assert.Contains(said, answer.Summary, StringComparison.Ordinal);
        if (errno is not null)
            Assert.Equal(remedies, answer.Remedies.Select(static one => one.Id));
    }

    [Fact]
    public void Connect_ToANameOfBothFamilies_GoesOverIPv4WhereIPv6IsOff()
    {
        var host = Host(0, 2);
        host = host with
        {
            Interfaces = [host.Interfaces[0] with { Addresses = [new(IpAddress.LoopbackIPv4, 8)], IsIPv6Off = true }],
            Ephemeral = new EphemeralUse { Usable = 100 },
            Names = [new NameLookup(NameKind.Host, "localhost", [IpAddress.LoopbackIPv6, IpAddress.LoopbackIPv4])],
        };

        var answer = Ask(Port0 with { Destination = new Destination { Host = "localhost", Port = 443 } }, host);

        Assert.Equal(Verdict.Free, answer.Verdict);
        Assert.Contains(answer.Limits, static one => one.Id == "family-missing");
    }

    [Fact]
    public void Connect_Code_IsInTheLanguageOfThePastedError()
    {
        var target = Connecting with { Pasted = new PastedError { Runtime = "Go", Errno = "EADDRNOTAVAIL" } };

        var answer = Ask(target, Refused(Host(100, 1, To(100, 0))));

        Assert.Equal(Runtime.Go, answer.Remedies.First(static r => r.Id == "keep-alive").Language);
    }

    private static Snapshot Reserved(int first, int last, int usable)
    {
        var host = Host(0, 2);
        return Refused(host with
        {
            Settings = host.Settings with { ReservedPorts = [new PortRange(8080, 8080), new PortRange(first, last)] },
            Ephemeral = new EphemeralUse { Usable = usable, Used = usable },
        });
    }

    [Fact]
    public void Port0_AllReserved_NamesTheSysctlAndShortensIt()
    {
        var answer = Ask(Port0, Reserved(39990, 40109, usable: 0));

        Assert.Equal("Port 0 fails (EADDRINUSE): net.ipv4.ip_local_reserved_ports reserves every port of the ephemeral range (40000 to 40099).",
            answer.Summary);
        Assert.Equal(["shorten-reserved-ports", "widen-range"], answer.Remedies.Select(static r => r.Id));
        Assert.EndsWith("sysctl -w net.ipv4.ip_local_reserved_ports=8080,39990-39999,40100-40109", answer.Remedies[0].Command,
            StringComparison.Ordinal);
        Assert.DoesNotContain(answer.Why, static sentence => sentence.Contains("are in use", StringComparison.Ordinal));
    }

    [Fact]
    public void Connect_AllReserved_NamesTheSysctlToo()
    {
        var answer = Ask(Connecting, Reserved(40000, 40099, usable: 0));

        Assert.Equal((Verdict.Blocked, "EADDRNOTAVAIL"), (answer.Verdict, answer.Errno));
        Assert.Equal("A connection to 10.0.0.5:443 gets no source port (EADDRNOTAVAIL): net.ipv4.ip_local_reserved_ports reserves every "
            + "port of the ephemeral range (40000 to 40099).", answer.Summary);
        Assert.Equal("shorten-reserved-ports", answer.Remedies[0].Id);
    }

    [Fact]
    public void Port0_MostReserved_SaysHowManyAndShortensTheListFirst()
    {
        var answer = Ask(Port0, Reserved(40000, 40089, usable: 10));

        Assert.EndsWith("every port of the ephemeral range is reserved or in use: net.ipv4.ip_local_reserved_ports reserves 90 of the 100 "
            + "ports of the ephemeral range (40000 to 40099).", answer.Summary, StringComparison.Ordinal);
        Assert.Equal("10 of the 10 ports that the system may give out (40000 to 40099 without the 90 in net.ipv4.ip_local_reserved_ports) are "
            + "in use.", answer.Why[0]);
        Assert.Equal("shorten-reserved-ports", answer.Remedies[0].Id);
    }

    [Fact]
    public void Port0_OneServersPortReserved_IsNotTheCause()
    {
        var answer = Ask(Port0, Reserved(40000, 40000, usable: 99));

        Assert.EndsWith("every port of the ephemeral range is in use.", answer.Summary, StringComparison.Ordinal);
        Assert.DoesNotContain(answer.Remedies, static r => r.Id == "shorten-reserved-ports");
    }

    // As a snapshot from elsewhere may have them.
    [Theory]
    [InlineData(int.MaxValue, int.MinValue, true)]
    [InlineData(int.MinValue, int.MaxValue, false)]
    public void PortLeft_OfAnyNumbers_IsTold(int usable, int used, bool isLeft) =>
        Assert.Equal(isLeft, Bindwise.Model.Rules.BindRules.IsPortLeft(Protocol.Tcp, With() with { Ephemeral = new EphemeralUse { Usable = usable, Used = used } }));
}

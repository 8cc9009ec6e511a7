using Bindwise.Model.Diagnosing;
using Bindwise.Model.Targets;
using Bindwise.Model.Tests.Rules;
using static Bindwise.Model.Tests.Diagnosing.Hosts;

namespace Bindwise.Model.Tests.Diagnosing;

/// <summary>Steps that have to work where they are told, and others that would not.</summary>
public sealed class FirstStepTests
{
    private static Diagnosis Ask(Snapshot snapshot, Target target) => Diagnoser.Diagnose(target, ProgramOptions.None, snapshot);

    [Theory]
    [InlineData("udp 0.0.0.0 CLOSE ra rp", 5353, 1000u, "set-reuse-address end-process")] // mDNS: meant to be shared
    [InlineData("udp 0.0.0.0 CLOSE ra rp", 5353, 0u, "set-reuse-address end-process")]
    [InlineData("udp 0.0.0.0 CLOSE ra", 8080, 0u, "end-process set-reuse-address other-port")]
    [InlineData("udp 0.0.0.0 CLOSE", 5353, 0u, "end-process share-multicast")]
    [InlineData("udp 224.0.0.251 CLOSE", 8080, 0u, "end-process share-multicast", "224.0.0.251")]
    [InlineData("udp 0.0.0.0 CLOSE", 8080, 0u, "end-process other-port")]
    public void UdpPort_IsSharedByTheOptionThatWorksNow(string held, int port, uint user, string remedies, string? host = null)
    {
        var socket = SocketLine.Held(held);
        socket = socket with { Local = socket.Local with { Port = (ushort)port }, UserId = user };
        var snapshot = Of(socket).HeldBy(Process(5, "srv"));

        var answer = Ask(snapshot, PortTarget(host, Protocol.Udp, (ushort)port));

        Assert.Equal(remedies, string.Join(' ', answer.Remedies.Select(static r => r.Id)));
    }

    [Theory]
    [InlineData(7, 8)]
    [InlineData(8, 7)]
    public void HiddenListenerBesideAVisibleOne_IsTheNextOneInTheWay(ulong seen, ulong hidden)
    {
        var host = Of(SocketLine.Held("tcp 127.0.0.1 LISTEN") with { Inode = seen }, SocketLine.Held("tcp 127.0.0.2 LISTEN") with { Inode = hidden });
        host = host with
        {
            Sockets = seen < hidden ? host.Sockets : [host.Sockets[1], host.Sockets[0]],
            Processes = [Process(5, "srv") with { UserId = 1000 }],
            Holders = [new Holder(seen, 5, 3)],
            Caller = host.Caller with { UserId = 1000 },
            Coverage = host.Coverage with { UnreadableProcesses = 3 },
        };

        var answer = Ask(host, PortTarget());

        Assert.Contains("srv (pid 5)", answer.Summary, StringComparison.Ordinal);
        Assert.Contains("a process of another user", answer.Summary, StringComparison.Ordinal);
        Assert.Equal(["ask-as-root", "end-process"], answer.Remedies.Select(static r => r.Id).Where(static id => id is "ask-as-root" or "end-process").Order());
        Assert.Equal("kill 5", answer.Remedies.First(static r => r.Id == "end-process").Command);
    }

    // Root may share with root: what it would be told is another answer.
    [Theory]
    [InlineData(Protocol.Tcp, "tcp 0.0.0.0 LISTEN rp?", true, "nobody", "sudo bindwise why 8080 --reuse-port --user nobody")]
    [InlineData(Protocol.Tcp, "tcp 0.0.0.0 LISTEN rp?", true, null, "sudo bindwise why 8080 --reuse-port --user 65534")]
    [InlineData(Protocol.Udp, "udp 0.0.0.0 CLOSE rp?", true, "nobody", "sudo bindwise why 8080/udp --reuse-port --user nobody")]
    [InlineData(Protocol.Tcp, "tcp 0.0.0.0 LISTEN rp?", false, "nobody", "sudo bindwise why 8080")]
    public void HiddenHolder_IsAskedForAsTheSameUser(Protocol protocol, string held, bool reusePort, string? user, string command)
    {
        var host = With(held);
        host = host with
        {
            Caller = host.Caller with { UserId = 65534, UserName = user },
            Coverage = host.Coverage with { UnreadableProcesses = 3 },
        };

        var answer = Diagnoser.Diagnose(PortTarget(null, protocol), ProgramOptions.None with { ReusePort = reusePort ? true : null }, host);

        Assert.Equal(command, answer.Remedies.First(static r => r.Id == "ask-as-root").Command);
        if (reusePort)
            Assert.Equal("SO_REUSEPORT shares a port only between sockets of the same user.", answer.Why[0]);
    }

    [Theory]
    [InlineData(1000u)]
    [InlineData(0u)]
    public void HolderOutsideThePidNamespace_IsAskedForOnTheHost(uint user)
    {
        var host = With("tcp 0.0.0.0 LISTEN");
        host = host with { Caller = host.Caller with { UserId = user, InInitialPidNamespace = Fact.No } };

        var remedy = Ask(host, PortTarget()).Remedies[0];

        Assert.Equal(("ask-there", "Ask on the host (bindwise why 8080): no process of this PID namespace holds it.", null), (remedy.Id, remedy.Text, remedy.Command));
    }

    [Fact]
    public void CapabilityOutsideTheBoundingSet_IsNotGivenByAFile()
    {
        var host = With() with { Caller = new Caller { UserId = 0, MayBindPrivilegedPorts = Fact.No, MayGainPrivilegedPorts = Fact.No } };

        Assert.Equal(["other-port", "add-capability", "lower-start"], Ask(host, PortTarget(port: 80)).Remedies.Select(static r => r.Id));
        // The setting is the container's network namespace's: sysctl on the host would lower the host's.
        Assert.Equal("--sysctl net.ipv4.ip_unprivileged_port_start=80", Ask(host, PortTarget(port: 80)).Remedies[2].Command);
        host = host with { Caller = host.Caller with { MayGainPrivilegedPorts = Fact.Yes } };
        Assert.Contains(Ask(host, PortTarget(port: 80)).Remedies, static r => r.Id == "grant-capability");
    }

    [Fact]
    public void CapabilityOfAFile_DoesNotHelpUnderNoNewPrivileges()
    {
        var host = With() with { Caller = new Caller { UserId = 1000, MayBindPrivilegedPorts = Fact.No }, Policies = new PolicySurvey { ProcessId = 9, NoNewPrivileges = Fact.Yes } };

        Assert.Equal(["other-port", "without-no-new-privileges", "grant-in-unit"], Ask(host, PortTarget(port: 80)).Remedies.Select(static r => r.Id).Take(3));
    }

    // Whoever holds the port has to go first, and nobody looks for a protocol on another one.
    [Theory]
    [InlineData(80, "ask-as-root grant-capability")]
    [InlineData(700, "ask-as-root other-port")]
    public void PrivilegedPortThatIsTaken_IsAskedForAsRootFirst(int port, string first)
    {
        var listener = SocketLine.Held("tcp 0.0.0.0 LISTEN");
        var host = Of(listener with { Local = new IpEndpoint(IpAddress.AnyIPv4, (ushort)port) }) with { Caller = new Caller { UserId = 1000, MayBindPrivilegedPorts = Fact.No } };

        var remedies = Ask(host, PortTarget(port: (ushort)port)).Remedies;

        Assert.Equal(first, string.Join(' ', remedies.Select(static r => r.Id).Take(2)));
        Assert.Equal(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"sudo bindwise why {port}"), remedies[0].Command);
    }

    [Theory]
    [InlineData(Fact.Yes)]
    [InlineData(Fact.No)]
    public void LimitThatWasRaised_IsGivenItsDefaultAgain(Fact mayGain)
    {
        var host = With() with { Caller = new Caller { UserId = 1000, MayBindPrivilegedPorts = Fact.No, MayGainPrivilegedPorts = mayGain } };
        host = host with { Settings = host.Settings with { UnprivilegedPortStart = 9000 } };

        var answer = Ask(host, PortTarget(port: 8080));

        Assert.Equal(("lower-start", "sudo sysctl -w net.ipv4.ip_unprivileged_port_start=1024"), (answer.Remedies[0].Id, answer.Remedies[0].Command));
        Assert.Single(answer.Remedies, static r => r.Id == "lower-start");
    }

    [Fact]
    public void StoppedByADebugger_IsLeftToTheDebugger()
    {
        var answer = Ask(With("tcp 0.0.0.0 LISTEN").HeldBy(Process(5, "srv", state: 't') with { Tracer = new TracerRecord(9, "gdb") }), PortTarget());

        Assert.StartsWith("srv (pid 5) is stopped by gdb (pid 9), which would get the signal", answer.Remedies[0].Text, StringComparison.Ordinal);
        Assert.DoesNotContain(answer.Remedies, static r => r.Command?.Contains("kill", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void LoopbackWithoutIPv6_GetsItBack()
    {
        var host = With();
        host = host with { Interfaces = [host.Interfaces[0] with { Addresses = [new(IpAddress.LoopbackIPv4, 8)], IsIPv6Off = true }] };

        var answer = Ask(host, PortTarget("::1"));

        Assert.Equal("[::1]:8080/tcp cannot be bound (EADDRNOTAVAIL): IPv6 is switched off on lo, so it does not have ::1.", answer.Summary);
        Assert.Equal("sysctl -w net.ipv6.conf.lo.disable_ipv6=0", answer.Remedies[0].Command);
        Assert.DoesNotContain(answer.Remedies, static r => r.Id == "allow-nonlocal");
    }

    [Theory]
    [InlineData(true, "ipv6-disabled", "sysctl -w net/ipv6/conf/eth0.5/disable_ipv6=0")] // a dot of its name
    [InlineData(false, "address-not-local", "ip -brief address")]
    public void OnlyInterfaceWithoutIPv6_IsWhyItLacksTheAddress(bool isOff, string cause, string command)
    {
        var host = With();
        host = host with { Interfaces = host.Interfaces.Plus("eth0.5", isUp: true).SetItem(1, new InterfaceRecord { Index = 2, Name = "eth0.5", IsUp = true, IsIPv6Off = isOff }) };

        var answer = Ask(host, PortTarget("2001:db8::1"));

        Assert.Equal((cause, command), (answer.Cause.Id(), answer.Remedies[0].Command));
    }

    [Theory]
    [InlineData(0, "ip -6 -brief address")]
    [InlineData(1, "bindwise why '[fe80::5%eth0]:8080'")]
    [InlineData(2, "bindwise why '[fe80::5%eth0]:8080'", "bindwise why '[fe80::5%eth1]:8080'")]
    public void LinkLocalAddress_GetsTheScopesThatHaveIt(int count, params string[] commands)
    {
        var host = With();
        for (var at = 0; at < count; at++)
            host = host with { Interfaces = host.Interfaces.Plus($"eth{at}", isUp: true, new InterfaceAddress(Address("fe80::5"), 64)) };

        Assert.Equal(commands, Ask(host, PortTarget("fe80::5")).Remedies.Select(static r => r.Command));
    }

    [Fact]
    public void LinkAtAPath_IsFollowedToWhoServesThere()
    {
        var served = Link(0) with { IsServed = Fact.Yes, Server = Process(5, "srv") };
        Assert.Equal(("/run/x.sock is taken (EADDRINUSE): a symbolic link to y.sock is there, and srv (pid 5) serves there.", "other-path remove-link"), AskLink(served));
        Assert.Equal(("/run/x.sock is taken (EADDRINUSE): a symbolic link to y.sock is there.", "other-path remove-link"), AskLink(Link(111)));
        Assert.Equal(("/run/x.sock is taken (EADDRINUSE): a symbolic link to y.sock is there, and nothing is at its end.", "remove-link"), AskLink(Link(2)));
    }

    private static UnixPathRecord Link(int errno) =>
        new() { Path = "/run/x.sock", Exists = true, Kind = "symbolic link", LinkTarget = "y.sock", ConnectErrno = errno };

    private static (string Summary, string Remedies) AskLink(UnixPathRecord link)
    {
        var answer = Ask(With() with { UnixPath = link }, UnixTarget(link.Path));
        return (answer.Summary, string.Join(' ', answer.Remedies.Select(static r => r.Id)));
    }

    [Theory]
    [InlineData(108, "only a raw bind() without a closing NUL takes all.")]
    [InlineData(109, "longer than the 107 bytes that a UNIX address holds.")]
    public void PathThatIsTooLong_SaysForWhom(int length, string end)
    {
        var path = "/run/" + new string('x', length - 5);

        var answer = Ask(With() with { UnixPath = new UnixPathRecord { Path = path, ParentErrno = 22 } }, UnixTarget(path));

        Assert.EndsWith(end, answer.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadOnlyFileSystem_IsShownByItsMount()
    {
        var answer = Ask(With() with { UnixPath = new UnixPathRecord { Path = "/ro/x.sock", ParentErrno = 30 } }, UnixTarget("/ro/x.sock"));

        Assert.Equal([null, "findmnt --target /ro"], answer.Remedies.Select(static r => r.Command));
    }

    [Theory]
    [InlineData(2, "ENOENT", "proc")]
    [InlineData(1, "EPERM", "sysfs")]
    public void FileSystemWithoutSockets_IsTheReason(int errno, string name, string kind)
    {
        var answer = Ask(With() with { UnixPath = new UnixPathRecord { Path = "/x/y", ParentErrno = errno, FileSystem = kind } }, UnixTarget("/x/y"));

        Assert.Equal($"/x/y cannot be bound ({name}): its folder is on a file system that takes no sockets ({kind}).", answer.Summary);
        Assert.Equal("other-path", Assert.Single(answer.Remedies).Id);
    }

    private static Target UnixTarget(string path) => new() { Text = path, Protocol = Protocol.Unix, Path = path };
}

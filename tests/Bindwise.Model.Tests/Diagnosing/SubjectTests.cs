using Bindwise.Model.Diagnosing;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Targets;
using Bindwise.Model.Tests.Rules;

namespace Bindwise.Model.Tests.Diagnosing;

public class SubjectTests
{
    [Theory]
    [InlineData("/usr/bin/node", "server.js", true, false)]
    [InlineData("/usr/bin/python3.12", "app.py", null, null)]
    [InlineData("/usr/bin/python3.12", "/srv/venv/bin/gunicorn", true, null)]
    [InlineData("/usr/bin/python3.12", "http.server", true, null)]
    [InlineData("/usr/lib/jvm/bin/java", "-jar", true, null)]
    [InlineData("/usr/share/dotnet/dotnet", "web.dll", true, false)]
    [InlineData("/usr/sbin/nginx", "", true, null)]
    [InlineData("/usr/sbin/apache2", "", true, null)]
    [InlineData("/usr/sbin/php-fpm8.2", "", true, null)]
    [InlineData("/usr/sbin/haproxy", "", true, true)]
    [InlineData("/usr/bin/redis-server", "", true, null)]
    [InlineData("/srv/own", "", null, null)]
    public void Of_ProcessByItsExecutable_BindsAsItsRuntimeDoes(string executable, string argument, bool? reuseAddress, bool? reusePort)
    {
        var process = Hosts.Process(7, "x") with { Executable = executable, Arguments = [executable, argument] };
        var known = ProgramDefaults.Of(Hosts.PortTarget(), As(Hosts.Of(), new Subject { Asked = "--pid 7", Process = process }));
        Assert.Equal((reuseAddress, reusePort), (known?.SetsReuseAddress, known?.SetsReusePort));
    }

    [Fact]
    public void Of_GoInTheExecutable_IsOneDualStackSocketAtTheWildcard()
    {
        var program = new Subject { Asked = "--pid 7", Process = Hosts.Process(7, "server"), Runtime = "Go" };
        var plan = RequestPlan.From(Hosts.PortTarget("0.0.0.0"), ProgramOptions.None, As(Hosts.Of(), program));
        Assert.Equal((IpAddress.AnyIPv6, true), (Assert.Single(plan.Asked).Address, plan.Asked[0].ReuseAddress));
    }

    [Fact]
    public void Of_ListenersThatDiffer_TellOnlyWhereTheyAgreeOrOnTheVeryPort()
    {
        var reusing = Listener(9000, Fact.Yes);
        var plain = Listener(9001, Fact.No);
        Assert.Null(Options(reusing, plain)?.SetsReuseAddress);
        Assert.True(Options(reusing, Listener(9002, Fact.Yes))?.SetsReuseAddress);
        Assert.False(Options(reusing, Listener(SocketLine.Port, Fact.No))?.SetsReuseAddress);
        Assert.Null(Options(Listener(9000, Fact.Unknown))?.SetsReuseAddress);

        static PastedError? Options(params HeldSocket[] listeners) =>
            ProgramDefaults.Of(Hosts.PortTarget(), As(Hosts.Of(), new Subject { Asked = "--pid 7", Listeners = [.. listeners] }));
    }

    [Theory]
    [InlineData(1000u, "not root", "sudo bindwise why 127.0.0.1:8080 --user root", "only a probe can tell.")]
    [InlineData(0u, "in another namespace", null, "only a probe can tell.")]
    [InlineData(0u, null, "bindwise why 127.0.0.1:8080 --user root", "a probe (without --no-probe) can tell.")]
    public void Diagnose_NoProbeInTheProgramsPlace_IsAskedOfWhoMayProbe(uint caller, string? obstacle, string? command, string limit)
    {
        var program = new Subject { Asked = "--user root", UserId = 0, IsUserTold = true, ProbeObstacle = obstacle };
        var host = As(Hosts.Of(Hosts.TimeWait()), program);

        var answer = Diagnoser.Diagnose(Hosts.PortTarget("127.0.0.1"), ProgramOptions.None, host with { Caller = host.Caller with { UserId = caller } });

        Assert.Equal((Verdict.Undetermined, command), (answer.Verdict, answer.Remedies.SingleOrDefault(static r => r.Id == "ask-with-probe")?.Command));
        Assert.EndsWith(limit, answer.Limits.Single(static one => one.Id == "undetermined").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Diagnose_OptionsTold_GoBeforeThePastedErrorAndThatBeforeTheProgram()
    {
        var program = new Subject { Asked = "--pid 7", Process = Hosts.Process(7, "node") with { Executable = "/usr/bin/node" } };
        var snapshot = As(Hosts.Of(), program);
        Assert.True(Asked(Hosts.PortTarget(), ProgramOptions.None));
        Assert.False(Asked(Hosts.PortTarget(), new ProgramOptions { ReuseAddress = false }));
        Assert.False(Asked(Hosts.PortTarget() with { Pasted = new PastedError { SetsReuseAddress = false } }, ProgramOptions.None));

        bool Asked(Target target, ProgramOptions options) => RequestPlan.From(target, options, snapshot).Asked[0].ReuseAddress;
    }

    [Fact]
    public void Diagnose_AsAUserWithoutRights_GoesByItsRightsNotTheCallers()
    {
        var program = new Subject { Asked = "--user www-data", UserId = 33, UserName = "www-data", IsUserTold = true, MayBindPrivilegedPorts = Fact.No };
        var diagnosis = Diagnoser.Diagnose(Hosts.PortTarget(port: 80), ProgramOptions.None, As(Hosts.Of(), program));
        Assert.Equal((Verdict.Blocked, "EACCES", Cause.PrivilegedPort), (diagnosis.Verdict, diagnosis.Errno, diagnosis.Cause));
        Assert.All(diagnosis.Attempts, attempt => Assert.Equal(33u, attempt.Request.UserId));
    }

    [Fact]
    public void Diagnose_RemediesForAnotherNamespace_RunInIt()
    {
        var program = new Subject
        {
            Asked = "--netns blue",
            IsOtherNetwork = true,
            NetworkName = "blue",
            NetworkPath = "/run/netns/blue",
            MayBindPrivilegedPorts = Fact.No,
        };
        var remedies = Diagnoser.Diagnose(Hosts.PortTarget(port: 80), ProgramOptions.None, As(Hosts.Of(), program)).Remedies;
        Assert.Equal("nsenter --net=/run/netns/blue sysctl -w net.ipv4.ip_unprivileged_port_start=80", remedies.Single(r => r.Id == "lower-start").Command);
    }

    [Theory]
    [InlineData("www.service", null, "systemctl edit www.service")]
    [InlineData(null, "0123456789abcdef", null)]
    public void Diagnose_LowPortOfAUnitOrContainer_GetsItsRightFromWhatStartsIt(string? unit, string? container, string? command)
    {
        var program = new Subject { Asked = "-", UserId = 33, Unit = unit, Container = container, MayBindPrivilegedPorts = Fact.No };
        var remedies = Diagnoser.Diagnose(Hosts.PortTarget(port: 80), ProgramOptions.None, As(Hosts.Of(), program)).Remedies;
        Assert.Equal(command, remedies.Single(r => r.Id == "grant-capability").Command);
        Assert.DoesNotContain(remedies, static r => r.Id == "grant-in-unit");
    }

    [Theory]
    [InlineData(null, "the line AmbientCapabilities=CAP_NET_BIND_SERVICE.")]
    [InlineData(~0ul, "the line AmbientCapabilities=CAP_NET_BIND_SERVICE.")]
    [InlineData(~(1ul << 10), "the lines CapabilityBoundingSet=CAP_NET_BIND_SERVICE and AmbientCapabilities=CAP_NET_BIND_SERVICE.")]
    public void Diagnose_LowPortOfAUnit_IsGivenTheLinesThatItLacks(ulong? most, string lines)
    {
        var program = new Subject { Asked = "-", UserId = 33, Unit = "www.service", BoundingSet = most, MayBindPrivilegedPorts = Fact.No };
        var remedies = Diagnoser.Diagnose(Hosts.PortTarget(port: 80), ProgramOptions.None, As(Hosts.Of(), program)).Remedies;
        Assert.EndsWith("under [Service] " + lines, remedies.Single(r => r.Id == "grant-capability").Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, true, Verdict.Free)]
    [InlineData(false, true, Verdict.Blocked)]
    [InlineData(false, false, Verdict.Free)]
    public void Diagnose_RulesOfTheUnit_AllowBeforeTheyDeny(bool allows, bool denies, Verdict verdict)
    {
        var rules = new[]
        {
            new SocketBindRule(false, null, Protocol.Tcp, denies ? null : new PortRange(1, 2), "SocketBindDeny=tcp"),
            new SocketBindRule(true, IpFamily.IPv4, null, allows ? new PortRange(SocketLine.Port, SocketLine.Port) : new PortRange(1, 2),
                "SocketBindAllow="),
        };
        var snapshot = As(Hosts.Of(), new Subject { Asked = "--unit www", Unit = "www.service", MayBindPrivilegedPorts = Fact.Yes, BindRules = [.. rules] });
        var diagnosis = Diagnoser.Diagnose(Hosts.PortTarget("127.0.0.1"), ProgramOptions.None, snapshot);
        Assert.Equal(verdict, diagnosis.Verdict);
        if (verdict == Verdict.Blocked)
            Assert.Equal(("EPERM", Cause.DeniedByPolicy), (diagnosis.Errno, diagnosis.Cause));
    }

    [Fact]
    public void Diagnose_HeldElsewhere_IsANoteAndARemedyOnlyForAPastedError()
    {
        var record = new ElsewhereRecord { Socket = SocketLine.Held("tcp 127.0.0.1 LISTEN"), NetworkNamespace = 5, Process = Hosts.Process(123, "web"), IsHolder = true };
        var snapshot = Hosts.Of() with { Elsewhere = new ElsewhereSurvey { Namespaces = 1, Sockets = [record] } };
        var typed = Diagnoser.Diagnose(Hosts.PortTarget(), ProgramOptions.None, snapshot);
        Assert.Equal((Verdict.Free, 1, 0), (typed.Verdict, typed.Warnings.Count(w => w.Id == "held-elsewhere"), typed.Remedies.Length));
        var pasted = Diagnoser.Diagnose(Hosts.PortTarget() with { Pasted = new PastedError { Errno = "EADDRINUSE" } }, ProgramOptions.None, snapshot);
        Assert.EndsWith("--netns 123", Assert.Single(pasted.Remedies).Command, StringComparison.Ordinal);
        Assert.Empty(Diagnoser.Diagnose(Hosts.PortTarget("127.0.0.2"), ProgramOptions.None, snapshot).Elsewhere);
    }

    [Theory]
    [InlineData("EADDRINUSE", 1)]
    [InlineData(null, 0)]
    public void Diagnose_NamespacesThatCouldNotBeRead_AreALimitWhereTheyMatter(string? errno, int expected)
    {
        var snapshot = Hosts.Of() with { Elsewhere = new ElsewhereSurvey { Unread = 2 } };
        var diagnosis = Diagnoser.Diagnose(Hosts.PortTarget() with { Pasted = new PastedError { Errno = errno } }, ProgramOptions.None, snapshot);
        Assert.Equal(expected, diagnosis.Limits.Count(limit => limit.Id == "namespaces-unread"));
    }

    private static Snapshot As(Snapshot snapshot, Subject program) => snapshot with { Caller = snapshot.Caller with { As = program } };

    private static HeldSocket Listener(ushort port, Fact reuseAddress) => new()
    {
        Protocol = Protocol.Tcp,
        State = TcpSocketState.Listen,
        Local = new IpEndpoint(IpAddress.AnyIPv4, port),
        ReuseAddress = reuseAddress,
        ReusePort = Fact.No,
    };
}

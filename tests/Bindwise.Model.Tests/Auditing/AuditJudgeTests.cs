using System.Collections.Immutable;
using Bindwise.Model.Auditing;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Diagnosing.Snippets;

namespace Bindwise.Model.Tests.Auditing;

public class AuditJudgeTests
{
    private static readonly IpEndpoint Here = new(IpAddress.LoopbackIPv4, 8080);
    private static readonly AuditOptions Plain = new(false, false, null, false);
    private static readonly AuditOptions Reusing = new(true, false, null, false);

    [Fact]
    public void Judge_AnOrderlyServer_FindsNothing() =>
        Assert.Empty(Find(Option(1, "SO_REUSEADDR", 1, Plain), Bind(1, Here, Reusing), Listen(1, Here, Reusing)));

    [Fact]
    public void Judge_OptionAfterBind_IsThatAloneAndSaysTheLineOfCode()
    {
        var finding = Assert.Single(Judge(Bind(1, Here, Plain), Option(1, "SO_REUSEADDR", 1, Plain), Listen(1, Here, Reusing)));
        Assert.Equal((AuditRuleBook.OptionAfterBind, AuditSeverity.Warning), (finding.Rule, finding.Severity));
        Assert.Equal((Runtime.Python, "sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)"), (finding.Language, finding.Code));
    }

    [Fact]
    public void Judge_OptionSetAgainToWhatItIs_IsNotLate() =>
        Assert.Empty(Find(Bind(1, Here, Reusing), Option(1, "SO_REUSEADDR", 1, Reusing), Listen(1, Here, Reusing)));

    // The kernel reads IP_TRANSPARENT for each packet too; IP_FREEBIND decides of no wildcard.
    [Theory]
    [InlineData("IP_TRANSPARENT", "127.0.0.1", false)]
    [InlineData("IP_FREEBIND", "127.0.0.1", true)]
    [InlineData("IP_FREEBIND", "0.0.0.0", false)]
    public void Judge_OptionForForeignAddresses_IsLateWhereBindReadsIt(string option, string address, bool isFound)
    {
        Assert.True(IpAddress.TryParse(address, out var at));
        var there = new IpEndpoint(at, 8080);
        Assert.Equal(isFound ? [AuditRuleBook.OptionAfterBind.Id] : [], Find(Bind(1, there, Reusing), Option(1, option, 1, Reusing), Listen(1, there, Reusing)));
    }

    [Theory]
    [InlineData("/usr/bin/perl", null)]
    [InlineData("/usr/bin/ruby3.1", "sock.setsockopt(:SOCKET, :REUSEADDR, true)")]
    [InlineData("/usr/local/bin/srv", "setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));")]
    public void Judge_Code_IsInTheProgramsWordsOrNone(string executable, string? code)
    {
        var language = RuntimeSigns.OrWordless(new ProcessRecord { Id = 1, Executable = executable, Arguments = [executable] });
        Assert.Equal(code, Assert.Single(Judge(Bind(1, Here, Plain) with { Language = language }, Listen(1, Here, Plain) with { Language = language })).Code);
    }

    [Fact]
    public void Judge_ReuseAddressClearedAfterBind_IsNotToBeSetBefore()
    {
        var finding = Assert.Single(Judge(Option(1, "SO_REUSEADDR", 1, Plain), Bind(1, Here, Reusing), Option(1, "SO_REUSEADDR", 0, Reusing), Listen(1, Here, Plain)));
        Assert.Equal((AuditRuleBook.WithoutReuseAddress, null), (finding.Rule, finding.Code));
        Assert.StartsWith("Do not clear SO_REUSEADDR after bind()", finding.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void Judge_ListenersOnOneAddress_CountItsConnectionsOnce()
    {
        var record = Record(Bind(1, Here, Reusing), Listen(1, Here, Reusing), Bind(2, Here, Reusing) with { At = Time(2) }, Listen(2, Here, Reusing) with { At = Time(2) });
        Assert.Equal(1, Assert.Single(AuditJudge.Judge(record with { Connections = [new EndedConnections(Here, 2, 2)] })).Count);
    }

    [Fact]
    public void Judge_SocketThatAProgramInherits_SaysTheLineOfTheLanguageThatPassesItOn()
    {
        var execution = new AuditEvent { At = Time(2), Act = AuditAct.Execute, Process = 7, Language = Runtime.Python, File = "/bin/true", Inherits = [new PassedListener(3, 1, Here)] };
        Assert.Equal("sock.set_inheritable(False)", Assert.Single(Judge(Bind(1, Here, Reusing), Listen(1, Here, Reusing), execution)).Code);
    }

    [Fact]
    public void Judge_PortOfTheKernel_NeedsNoReuseAddress() =>
        Assert.Empty(Find(Bind(1, Here with { Port = 0 }, Plain) with { Local = Here }, Listen(1, Here, Plain)));

    [Fact]
    public void Judge_SeveralSocketsWithReusePort_NeedIt()
    {
        var shared = Reusing with { ReusePort = true };
        Assert.Empty(Find(Bind(1, Here, shared), Listen(1, Here, shared), Bind(2, Here, shared), Listen(2, Here, shared)));
        Assert.Equal([AuditRuleBook.ReusePortWithoutNeed.Id], Find(Bind(1, Here, shared), Listen(1, Here, shared)));
    }

    [Fact]
    public void Judge_WorkersThatDoTheSame_AreOneFinding()
    {
        var finding = Assert.Single(Judge(Bind(1, Here, Plain), Listen(1, Here, Plain), Bind(2, Here, Plain), Listen(2, Here, Plain)));
        Assert.Equal(2, finding.Count);
    }

    [Fact]
    public void Judge_BindThatFailedAndWasTriedAgain_IsNotIgnored()
    {
        var failed = Bind(1, Here, Reusing) with { Error = "EADDRINUSE", Local = null };
        Assert.Empty(Find(failed, Bind(1, Here, Reusing), Listen(1, Here, Reusing)));
        Assert.Equal([AuditRuleBook.ErrorIgnored.Id], Find(failed, Listen(1, Here with { Port = 40_000 }, Reusing)));
    }

    [Fact]
    public void Judge_BindOfAClient_IsNoOtherAddressOfTheServer()
    {
        var failed = Bind(1, Here, Reusing) with { Error = "EADDRINUSE", Local = null };
        var record = Record(failed, Bind(2, Here with { Port = 0 }, Reusing) with { At = Time(3) }) with { End = AuditEnd.ByItself, ExitCode = 0, Process = failed.Process };
        Assert.DoesNotContain(AuditJudge.Judge(record), static one => one.Rule == AuditRuleBook.ErrorIgnored);
        record = record with { Connected = record.Connected.Add(2, new IpEndpoint(IpAddress.LoopbackIPv4, 9000)) };
        Assert.Contains(AuditJudge.Judge(record), static one => one.Rule == AuditRuleBook.ErrorIgnored);
    }

    [Theory]
    [InlineData(false, "0.0.0.0", true)]
    [InlineData(false, "127.0.0.1", true)]
    [InlineData(null, "0.0.0.0", true)]
    [InlineData(true, "0.0.0.0", false)] // it leaves IPv4 alone: somebody else is in the way
    [InlineData(false, "::1", false)]
    public void Judge_BothFamiliesOnOnePort_NeedV6Only(bool? isV6Only, string first, bool isFound)
    {
        Assert.True(IpAddress.TryParse(first, out var address));
        var own = new IpEndpoint(address, 8080);
        var failed = Bind(2, new IpEndpoint(IpAddress.AnyIPv6, 8080), Reusing with { V6Only = isV6Only }) with { Error = "EADDRINUSE", Local = null, At = Time(3) };
        var record = Record(Bind(1, own, Reusing), Listen(1, own, Reusing), failed);
        var found = AuditJudge.Judge(record).Where(static one => one.Rule == AuditRuleBook.V6OnlyByDefault).ToList();
        Assert.Equal(isFound ? [AuditSeverity.Error] : [], found.Select(static one => one.Severity));
        Assert.All(found, static one => Assert.Equal("sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)", one.Code));
        Assert.DoesNotContain(AuditJudge.Judge(record with { Closed = record.Closed.Add(1, Time(2)) }), static one => one.Rule == AuditRuleBook.V6OnlyByDefault);
    }

    // The other order: what leaves IPv4 alone had to be set on the first of the two, of which nothing else is said then.
    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void Judge_BothFamiliesOnOnePort_TheIPv6OneFirst_NeedV6Only(bool isV6Only, bool isFound)
    {
        var every = new IpEndpoint(IpAddress.AnyIPv6, 8080);
        var failed = Bind(2, new IpEndpoint(IpAddress.AnyIPv4, 8080), Reusing) with { Error = "EADDRINUSE", Local = null, At = Time(3) };
        var record = Record(Bind(1, every, Reusing with { V6Only = isV6Only }), Listen(1, every, Reusing with { V6Only = isV6Only }), failed);
        Assert.Equal(isFound ? [AuditSeverity.Error] : [], AuditJudge.Judge(record).Where(static one => one.Rule == AuditRuleBook.V6OnlyByDefault && one.Severity == AuditSeverity.Error).Select(static one => one.Severity));
        var first = Bind(1, every, Reusing with { V6Only = isV6Only }) with { Family = IpFamily.IPv6 };
        record = Record(first, Listen(1, every, Reusing with { V6Only = isV6Only }) with { Family = IpFamily.IPv6 }, failed);
        Assert.Equal(isFound ? AuditSeverity.Error : AuditSeverity.Note, Assert.Single(AuditJudge.Judge(record), static one => one.Rule == AuditRuleBook.V6OnlyByDefault).Severity);
    }

    // bind() succeeds beside another socket with SO_REUSEADDR that does not listen yet; listen() then fails.
    [Fact]
    public void Judge_ListenThatFailed_IsIgnoredUnlessTheProgramHasAnother()
    {
        var failed = Listen(1, Here, Reusing) with { Error = "EADDRINUSE" };
        var record = Record(Bind(1, Here, Reusing), failed) with { End = AuditEnd.ByItself, ExitCode = 0, Process = failed.Process };
        Assert.Equal("listen() on 127.0.0.1:8080/tcp failed with EADDRINUSE, and the program ended with 0", AuditJudge.Judge(record).Single(static one => one.Rule == AuditRuleBook.ErrorIgnored).Message);
        Assert.DoesNotContain(AuditJudge.Judge(record with { ExitCode = 1 }), static one => one.Rule == AuditRuleBook.ErrorIgnored);
        var next = Here with { Port = 8081 };
        record = Record(Bind(1, Here, Reusing), failed, Bind(2, next, Reusing), Listen(2, next, Reusing) with { At = Time(3) }) with { End = AuditEnd.ByItself, ExitCode = 0, Process = failed.Process };
        Assert.DoesNotContain(AuditJudge.Judge(record), static one => one.Rule == AuditRuleBook.ErrorIgnored);
    }

    [Fact]
    public void Judge_RestartOfAServerOnItsPort_IsNoSearch()
    {
        var record = Record(Bind(1, Here, Reusing), Listen(1, Here, Reusing), Bind(2, Here, Reusing) with { At = Time(9) }, Listen(2, Here, Reusing) with { At = Time(9) });
        Assert.Empty(AuditJudge.Judge(record with { Closed = record.Closed.Add(1, Time(5)) }));
    }

    // Node's usual search for a free port: listen(), close, and listen() again.
    [Theory]
    [InlineData(1.02, 1.04, 7, null, true)]
    [InlineData(1.02, 1.04, 7, 1.05, true)]
    [InlineData(1.02, 1.04, 7, 1.01, false)]
    [InlineData(1.02, 1.04, 7, 1.04, false)]
    [InlineData(1.02, 1.04, 8, null, false)]
    // A server that closes and listens again.
    [InlineData(1.5, 1.52, 7, null, false)]
    [InlineData(1.02, 1.5, 7, null, false)]
    public void Judge_ListenerThatOnlyTriedItsPort_IsASearch(double closed, double next, int process, double? connected, bool isFound)
    {
        var at = TimeSpan.FromSeconds(next);
        var record = Record(Bind(1, Here, Reusing), Listen(1, Here, Reusing),
            Bind(2, Here, Reusing) with { At = at, Process = process }, Listen(2, Here, Reusing) with { At = at, Process = process });
        if (connected is { } seconds)
            record = record with { Connections = [new EndedConnections(Here, 1, 0, TimeSpan.FromSeconds(seconds))] };
        Assert.Equal(isFound ? [AuditRuleBook.PortSearchedByBind.Id] : [],
            AuditJudge.Judge(record with { Closed = record.Closed.Add(1, TimeSpan.FromSeconds(closed)) }).Select(static one => one.Rule.Id));
    }

    [Fact]
    public void Judge_PortFoundAndBoundAgain_IsASearchAndNotTheRange()
    {
        var there = Here with { Port = 40_000 };
        var record = Record(Bind(1, Here with { Port = 0 }, Plain) with { Local = there }, Bind(2, there, Reusing) with { At = Time(9) }, Listen(2, there, Reusing) with { At = Time(9) });
        Assert.Equal([AuditRuleBook.PortSearchedByBind.Id], AuditJudge.Judge(record with { Closed = record.Closed.Add(1, Time(5)) }).Select(static one => one.Rule.Id));
    }

    [Fact]
    public void Judge_PortOfTheKernel_OnAnotherSocketWhileTheFirstIsOpen_IsTheKernelsToo()
    {
        var there = Here with { Port = 40_000 };
        var second = Bind(2, there, Plain) with { At = Time(2), OpenOnPort = [1] };
        // The first one is gone by now, and the third has its number from the second.
        var third = Bind(3, there, Plain) with { At = Time(4), OpenOnPort = [2] };
        var record = Record(Bind(1, Here with { Port = 0 }, Plain) with { Local = there }, second, Listen(2, there, Plain), third with { Protocol = Protocol.Udp });
        Assert.Empty(AuditJudge.Judge(record with { Closed = record.Closed.Add(1, Time(3)).Add(2, Time(9)) }));
    }

    [Theory]
    [InlineData(32768, true)]
    [InlineData(60999, true)]
    [InlineData(45000, false)]
    [InlineData(61000, false)]
    [InlineData(32767, false)]
    public void Judge_PortOfTheEphemeralRange_UnlessItIsReserved(ushort port, bool isFound)
    {
        var there = Here with { Port = port };
        Assert.Equal(isFound ? [AuditRuleBook.InEphemeralRange.Id] : [], Find(Bind(1, there, Reusing), Listen(1, there, Reusing)));
    }

    [Theory]
    [InlineData(4096, false)]
    [InlineData(4097, true)]
    [InlineData(int.MaxValue, false)]
    [InlineData(-1, false)]
    public void Judge_BacklogAboveTheLimit_UnlessItMeansAsManyAsAllowed(int backlog, bool isFound) =>
        Assert.Equal(isFound ? [AuditRuleBook.BacklogCut.Id] : [], Find(Bind(1, Here, Reusing), Listen(1, Here, Reusing) with { Backlog = backlog }));

    [Fact]
    public void Judge_ConnectionsOfTheServersPort_TellWhoClosedAndFromWhere()
    {
        var everywhere = new IpEndpoint(IpAddress.AnyIPv4, 8080);
        var record = Record(Bind(1, everywhere, Reusing), Listen(1, everywhere, Reusing)) with { Connections = [new EndedConnections(Here, 5, 2), new EndedConnections(Here with { Port = 9 }, 7, 7)] };
        var found = AuditJudge.Judge(record);
        Assert.Equal([AuditRuleBook.WildcardForLoopback.Id, AuditRuleBook.ClosesFirst.Id], found.Select(static one => one.Rule.Id));
        Assert.Equal("2 in TIME_WAIT at the end, of 5 connections", Assert.Single(found[1].Evidence));
        var outside = new EndedConnections(new IpEndpoint(new IpAddress(IpFamily.IPv4, 0xc0000201), 8080), 1, 0);
        Assert.Equal([AuditRuleBook.ClosesFirst.Id], AuditJudge.Judge(record with { Connections = record.Connections.Add(outside) }).Select(static one => one.Rule.Id));
    }

    // The connection is to 127.0.0.1:8080: a listener of that address comes before a wildcard, 0.0.0.0 before [::].
    [Theory]
    [InlineData("0.0.0.0", "127.0.0.1", false)]
    [InlineData("0.0.0.0", "127.0.0.2", true)]
    [InlineData("::", "0.0.0.0", false)]
    [InlineData("::", "::1", true)]
    [InlineData("0.0.0.0", "::", true)]
    public void Judge_ConnectionThatAMoreSpecificListenerTook_IsNotTheWildcards(string wildcard, string other, bool isTheWildcards)
    {
        var (everywhere, there) = (At(wildcard), At(other));
        var record = Record(Bind(1, everywhere, Reusing), Listen(1, everywhere, Reusing)) with { Connections = [new EndedConnections(Here, 5, 2)] };
        var own = record with { Events = [.. record.Events, Bind(2, there, Reusing), Listen(2, there, Reusing)] };
        foreach (var one in (AuditRecord[])[record with { OtherListeners = [there] }, own])
            Assert.Equal(isTheWildcards, AuditJudge.Judge(one).Any(finding => finding.Rule == AuditRuleBook.ClosesFirst && finding.Message.StartsWith($"{everywhere}/", StringComparison.Ordinal)));
        Assert.Equal(isTheWildcards, AuditJudge.Judge(record with { OtherListeners = [there] }).Any(static one => one.Rule == AuditRuleBook.WildcardForLoopback));

        static IpEndpoint At(string address) => IpAddress.TryParse(address, out var parsed) ? new(parsed, 8080) : throw new ArgumentException(address, nameof(address));
    }

    [Fact]
    public void Judge_ConnectionOverIPv6_IsNotOfTheIPv4Wildcard()
    {
        var everywhere = new IpEndpoint(IpAddress.AnyIPv4, 8080);
        var record = Record(Bind(1, everywhere, Reusing), Listen(1, everywhere, Reusing));
        Assert.Empty(AuditJudge.Judge(record with { Connections = [new EndedConnections(new IpEndpoint(IpAddress.LoopbackIPv6, 8080), 5, 2)] }));
    }

    // Whoever runs nginx does not change its code.
    [Theory]
    [InlineData("/usr/sbin/nginx", "nginx: master process nginx", "In nginx: listen 127.0.0.1:8080;")]
    [InlineData("/usr/bin/redis-server", "redis-server *:8080", "In redis-server: bind 127.0.0.1")]
    [InlineData("/usr/bin/redis-check-rdb", "redis-server *:8080", "In redis-server: bind 127.0.0.1")]
    [InlineData("/usr/sbin/sshd", "sshd", "In sshd: ListenAddress 127.0.0.1")]
    [InlineData("/usr/bin/python3.12", "python3 -m http.server 8080", "In python -m http.server: --bind 127.0.0.1")]
    [InlineData("/usr/bin/php8.4", "php -S 0.0.0.0:8080", "In php -S: -S 127.0.0.1:8080")]
    public void Judge_ServerThatIsUsedAsItIs_NamesItsSettingAndNoCode(string executable, string command, string setting)
    {
        var process = new ProcessRecord { Id = 5, Name = Path.GetFileName(executable), Executable = executable, Arguments = [.. command.Split(' ')] };
        var packaged = PackagedServers.NameOf(process);
        var everywhere = new IpEndpoint(IpAddress.AnyIPv4, 8080);
        var record = Record(Bind(1, everywhere, Reusing) with { Packaged = packaged }, Listen(1, everywhere, Reusing) with { Packaged = packaged });
        var found = AuditJudge.Judge(record with { Connections = [new EndedConnections(Here, 5, 2)] });
        Assert.Equal([AuditRuleBook.WildcardForLoopback.Id, AuditRuleBook.ClosesFirst.Id], found.Select(static one => one.Rule.Id));
        Assert.EndsWith(setting, found[0].Advice, StringComparison.Ordinal);
        Assert.All(found, static one => Assert.Null(one.Code));
    }

    [Fact]
    public void Judge_QueueThatDroppedNothing_WasNotFull()
    {
        var record = Record(Bind(1, Here, Reusing), Listen(1, Here, Reusing));
        Assert.Empty(AuditJudge.Judge(record with { Queues = [new QueueTally(1, 1, 2, 0)] }));
        Assert.Equal([AuditRuleBook.BacklogOverflow.Id], AuditJudge.Judge(record with { Queues = [new QueueTally(1, 1, 2, 3)] }).Select(static one => one.Rule.Id));
    }

    // TCP_DEFER_ACCEPT counts a drop for each connection; a full queue may have emptied between two looks. Without a count from before the queue itself tells.
    [Theory]
    [InlineData(0, 0U, false)]
    [InlineData(0, 2U, false)]
    [InlineData(1, 0U, true)]
    [InlineData(null, 0U, false)]
    [InlineData(null, 2U, true)]
    public void Judge_QueueWhoseListenerDropped_WasFullIfAnOverflowWasCountedOrItWasSeenFull(int? overflows, uint most, bool isFull)
    {
        var record = Record(Bind(1, Here, Reusing), Listen(1, Here, Reusing)) with { Queues = [new QueueTally(1, 1, most, 3)], Overflows = overflows };
        Assert.Equal(isFull ? [AuditRuleBook.BacklogOverflow.Id] : [], AuditJudge.Judge(record).Select(static one => one.Rule.Id));
    }

    [Fact]
    public void Judge_SourcePortWithNoPortOption_IsFine()
    {
        var bind = Bind(1, Here with { Port = 0 }, Plain);
        var remote = ImmutableDictionary<ulong, IpEndpoint>.Empty.Add(1, Here);
        Assert.Equal(AuditSeverity.Note, Assert.Single(AuditJudge.Judge(Record(bind) with { Connected = remote })).Severity);
        Assert.Equal(AuditSeverity.Warning, Assert.Single(AuditJudge.Judge(Record(Bind(1, Here, Plain)) with { Connected = remote })).Severity);
        Assert.Empty(AuditJudge.Judge(Record(bind with { Options = Plain with { AddressWithoutPort = true } }) with { Connected = remote }));
        Assert.Empty(AuditJudge.Judge(Record(bind)));
    }

    [Fact]
    public void Judge_ProcessThatWasLookedAt_IsJudgedByWhatIsThere()
    {
        var record = Record(Listen(1, Here, Plain)) with { End = AuditEnd.Running, Inheritable = [new PassedListener(3, 1, Here)] };
        Assert.Equal([AuditRuleBook.WithoutReuseAddress.Id, AuditRuleBook.Inherited.Id], AuditJudge.Judge(record).Select(static one => one.Rule.Id));
        var there = Here with { Port = 40_000 };
        Assert.Equal([AuditSeverity.Note], AuditJudge.Judge(Record(Listen(1, there, Plain)) with { End = AuditEnd.Running }).Select(static one => one.Severity));
    }

    [Fact]
    public void Judge_EachRule_HasAPlaceInTheBook() => Assert.Equal(14, AuditRuleBook.All.DistinctBy(static rule => rule.Id).Count());

    private static IEnumerable<RuleId> Find(params ImmutableArray<AuditEvent> events) => Judge(events).Select(static one => one.Rule.Id);

    private static ImmutableArray<AuditFinding> Judge(params ImmutableArray<AuditEvent> events) => AuditJudge.Judge(Record(events));

    private static AuditRecord Record(params ImmutableArray<AuditEvent> events) => new()
    {
        Command = "server",
        Events = events,
        MostBacklog = 4096,
        Settings = new HostSettings { LocalPortFirst = 32768, LocalPortLast = 60999, ReservedPorts = [new PortRange(45000, 45000)] },
        ExitCode = 0,
    };

    private static AuditEvent Bind(ulong socket, IpEndpoint asked, AuditOptions options) => About(AuditAct.Bind, socket, options) with { Asked = asked, Local = asked };

    private static AuditEvent Listen(ulong socket, IpEndpoint local, AuditOptions options) => About(AuditAct.Listen, socket, options) with { Local = local, Backlog = 16 };

    private static AuditEvent Option(ulong socket, string name, int value, AuditOptions options) => About(AuditAct.Option, socket, options) with { Option = name, Value = value };

    private static AuditEvent About(AuditAct act, ulong socket, AuditOptions options) => new()
    {
        At = Time(1),
        Act = act,
        Process = 7,
        Program = "python3",
        Language = Runtime.Python,
        Socket = socket,
        Protocol = Protocol.Tcp,
        Family = IpFamily.IPv4,
        Options = options,
    };

    private static TimeSpan Time(int seconds) => TimeSpan.FromSeconds(seconds);
}

using Bindwise.Model.Rules;

namespace Bindwise.Rendering.Tests;

/// <summary>Diagnoses made by hand, one of each sort.</summary>
internal static class Samples
{
    public static readonly DateTimeOffset TakenAt = new(2026, 7, 1, 16, 2, 30, 250, TimeSpan.FromHours(2));

    public static readonly ProcessRecord Init = new() { Id = 1, Name = "systemd", State = 'S' };

    public static readonly ProcessRecord Node = new()
    {
        Id = 4121,
        ParentId = 812,
        Name = "node",
        Arguments = ["node", "server.js"],
        Executable = "/usr/bin/node",
        WorkingDirectory = "/home/alice/app",
        UserId = 1000,
        UserName = "alice",
        StartedAt = TakenAt.AddHours(-2).ToUniversalTime(),
        State = 'S',
    };

    private static readonly ProcessRecord Shell = new() { Id = 812, ParentId = 700, Name = "bash", State = 'S' };
    private static readonly ProcessRecord Login = new() { Id = 700, ParentId = 1, Name = "sshd", State = 'S' };

    private static readonly ProcessProvenance Ssh = new() { Terminal = "pts/3", Session = "ssh", ProjectFolder = "/home/alice/app", Branch = "feature/\u202eshop" };

    private static readonly Attempt[] UsualWays =
    [
        Try(IpAddress.AnyIPv4, "EADDRINUSE", null, RuleBook.HeldByListener, asked: true, probed: true),
        Try(IpAddress.AnyIPv6, "EADDRINUSE", null, RuleBook.HeldByListener, asked: true),
        Try(IpAddress.AnyIPv4, "EADDRINUSE", null, RuleBook.HeldByListener, reuseAddress: true),
        Try(IpAddress.AnyIPv6, "EADDRINUSE", null, RuleBook.HeldByListener, reuseAddress: true),
        Try(IpAddress.AnyIPv4, "ok", "EADDRINUSE", RuleBook.ListenChecksAgain, reusePort: true),
        Try(IpAddress.AnyIPv6, null, null, null, reusePort: true),
    ];

    // After the fields that the samples use: they are set in the order written.
    public static IReadOnlyDictionary<string, Diagnosis> All { get; } = new Dictionary<string, Diagnosis>
    {
        ["listener"] = Listener(),
        ["workers"] = Workers(),
        ["time-wait"] = TimeWait(),
        ["connection"] = Connection(),
        ["ports-exhausted"] = PortsExhausted(),
        ["owner-hidden"] = HiddenOwner(),
        ["in-flight"] = HoldingSamples.InFlight(),
        ["out-of-sight"] = HoldingSamples.OutOfSight(),
        ["hostile"] = Hostile(),
        ["inherited"] = Inherited(),
        ["unix"] = UnixFile(),
        ["udp"] = Udp(),
        ["free"] = Free(),
        ["undetermined"] = Undetermined(),
        ["portable"] = Portable(),
        ["disagreement"] = Disagreement(),
        ["kernel"] = BesideProcesses.KernelSocket(),
        ["policy"] = BesideProcesses.Policies(),
        ["as-that-program"] = ActingSample.Program,
        ["socket-unit"] = SocketUnit(),
        ["container"] = Container(),
    };

    private static Diagnosis Listener() => Blocked("8080", Cause.DualStackListener, RuleBook.HeldByListener) with
    {
        Factors = [Cause.Listener],
        Summary = "0.0.0.0:8080/tcp is taken (EADDRINUSE): node (pid 4121) listens on it",
        Why = ["node (pid 4121) listens on [::]:8080, dual-stack, so it covers IPv4 too.", "SO_REUSEADDR does not help against a listener."],
        Attempts = [.. UsualWays],
        Blockers = [new Blocker
        {
            Socket = ListeningSocket,
            Owners = [new Owner
            {
                Process = Node,
                Role = OwnerRole.Creator,
                Descriptors = [18],
                StartedFrom = Ssh,
            }],
            Rule = RuleBook.HeldByListener,
        }],
        Processes = [Node, Shell, Login, Init],
        Interfaces = [new InterfaceRecord { Index = 2, Name = "eth0" }],
        Remedies =
        [
            new Remedy("stop", "Stop node.", "kill -TERM 4121", "the server ends", "its clients lose their connections"),
            new Remedy("other-port", "Take another port; 8081 is free.", null, "", "none"),
        ],
        Coverage = new Coverage
        {
            ListenersRead = true,
            OwnersRead = true,
            Processes = 212,
            UnreadableProcesses = 3,
            Notes = ["/proc/99: gone while it was read"],
            Timings = [new StageTiming("socket table", 312), new StageTiming("owners", 1250)],
        },
    };

    private static Diagnosis Workers()
    {
        var master = new ProcessRecord
        {
            Id = 100,
            ParentId = 1,
            Name = "nginx",
            Arguments = ["nginx: master process /usr/sbin/nginx", "", ""],
            Executable = "/usr/sbin/nginx",
            UserId = 0,
            UserName = "root",
            Unit = "nginx.service",
            StartedAt = TakenAt.AddDays(-3),
            State = 'S',
        };
        var workers = Enumerable.Range(4000, 200).Select(id => master with
        {
            Id = id,
            ParentId = 100,
            Arguments = ["nginx: worker process"],
            UserId = 33,
            UserName = "www-data",
        }).ToList();
        return Blocked("80", Cause.Listener, RuleBook.HeldByListener) with
        {
            Summary = "0.0.0.0:80/tcp is taken (EADDRINUSE): nginx (pid 100) and 200 others listen on it",
            Why = ["nginx (pid 100) and 200 others listen on 0.0.0.0:80."],
            Blockers =
            [
                new Blocker
                {
                    Socket = ListeningSocket with { Family = IpFamily.IPv4, Local = new IpEndpoint(IpAddress.AnyIPv4, 80), ReceiveQueue = 7 },
                    Owners = [new Owner
                    {
                        Process = master,
                        Role = OwnerRole.Creator,
                        Descriptors = [6],
                    }, .. workers.Select(worker => new Owner
                    {
                        Process = worker,
                        Role = OwnerRole.Inherited,
                        Descriptors = [6],
                    })],
                    Rule = RuleBook.HeldByListener,
                },
            ],
            Processes = [master, .. workers, Init],
        };
    }

    private static Diagnosis TimeWait() => Blocked("127.0.0.1:8080", Cause.TimeWait, RuleBook.HeldExclusively) with
    {
        Summary = "127.0.0.1:8080/tcp is taken for 41 more seconds (EADDRINUSE): 500 connections in TIME_WAIT",
        Why = ["500 connections of a server that is gone wait out their 60 s.", "The old server had not set SO_REUSEADDR, so setting it now does not help before 16:03:12."],
        Blockers =
        [
            .. Enumerable.Range(0, 500).Select(i => new Blocker
            {
                Socket = new HeldSocket
                {
                    Protocol = Protocol.Tcp, State = TcpSocketState.TimeWait, Local = new IpEndpoint(IpAddress.LoopbackIPv4, 8080),
                    Remote = new IpEndpoint(IpAddress.LoopbackIPv4, (ushort)(40001 + i)), MillisecondsLeft = 1000 + (i * 80),
                },
                Owners = [],
                Rule = RuleBook.HeldExclusively,
            }),
        ],
        Tallies =
        [
            new SocketTally(TcpSocketState.TimeWait, IpFamily.IPv4, IpAddress.LoopbackIPv4, 0, 100_500, 40_920),
            new SocketTally(TcpSocketState.Established, IpFamily.IPv4, IpAddress.LoopbackIPv4, 0, 3, null),
        ],
        ClosedFirst = ClosedFirst.Local,
        FreeAt = TakenAt.AddMilliseconds(40920),
        Remedies = [new Remedy("wait", "Wait until the port is free.", "bindwise why 127.0.0.1:8080 --follow", "nothing", "none")],
    };

    private static Diagnosis Connection()
    {
        var server = Node with { Id = 4300, Name = "python3", Arguments = ["python3", "serve.py"], Executable = "/usr/bin/python3.12" };
        var client = Node with { Id = 77, ParentId = 1, Name = "psql", Arguments = ["psql", "-h", "localhost"], Executable = "/usr/bin/psql", WorkingDirectory = "/root", UserId = 0, UserName = "root" };
        var socket = new HeldSocket
        {
            Protocol = Protocol.Tcp,
            State = TcpSocketState.Established,
            Local = new IpEndpoint(IpAddress.LoopbackIPv4, 8080),
            Remote = new IpEndpoint(IpAddress.LoopbackIPv4, 40001),
            Inode = 90,
            UserId = 1000,
            V6Only = Fact.No,
        };
        return Blocked("8080", Cause.SurvivingConnection, RuleBook.HeldExclusively) with
        {
            Summary = "8080/tcp is taken (EADDRINUSE): python3 (pid 4300) has a connection to 127.0.0.1:40001 in ESTABLISHED.",
            Why = ["The other end is psql (pid 77), on this host."],
            Blockers =
            [
                new Blocker
                {
                    Socket = socket,
                    Owners = [new Owner { Process = server, Role = OwnerRole.Creator, Descriptors = [4] }],
                    Rule = RuleBook.HeldExclusively,
                    Peer = new Peer
                    {
                        Socket = socket with { Local = socket.Remote, Remote = socket.Local, Inode = 91 },
                        Owners = [new Owner
                        {
                            Process = client,
                            Role = OwnerRole.Creator,
                            Descriptors = [3],
                        }],
                    },
                },
            ],
            Remedies =
            [
                new Remedy("close-after-end", "Close the connection when reading tells its end.", "if not conn.recv(65536):\n    conn.close()", "the program's code", "none") { Language = Runtime.Python },
                new Remedy("set-reuse-address", "Set SO_REUSEADDR. Node.js does so by itself.", null, "the program that starts", "none") { Language = Runtime.Node },
            ],
            Processes = [server, client, Init],
        };
    }

    private static Diagnosis PortsExhausted() => new()
    {
        Target = new Target
        {
            Text = "connect db.example:5432",
            Protocol = Protocol.Tcp,
            Port = 0,
            Destination = new Destination
            {
                Host = "db.example",
                Address = null,
                Port = 5432,
            }
        },
        Port = 0,
        Verdict = Verdict.Blocked,
        Errno = "EADDRNOTAVAIL",
        Cause = Cause.PortsExhausted,
        Rule = ConnectionRuleBook.ConnectPortsExhausted,
        Summary = "A connection to db.example:5432 finds no port of its own (EADDRNOTAVAIL): 28232 of 28232 are used for it.",
        Why = ["28232 of 28232 from 10.0.0.2 to 10.0.0.5:5432, 28000 of them in TIME_WAIT, one of them held by node (pid 4121)."],
        PortUse = new PortUse
        {
            First = 32768,
            Last = 60999,
            Usable = 28232,
            Used = 28232,
            Destinations = [new DestinationUse
            {
                Remote = new IpEndpoint(IpAddress.FromBytes([10, 0, 0, 5]), 5432),
                Local = IpAddress.FromBytes([10, 0, 0, 2]),
                Count = 28232,
                TimeWait = 28000,
                Owners = [new Owner
                {
                    Process = Node,
                    Role = OwnerRole.Creator,
                    Descriptors = [9],
                }],
            }],
        },
        Processes = [Node],
        TakenAt = TakenAt,
    };

    private static Diagnosis HiddenOwner() => Blocked("22", Cause.OwnerHidden, RuleBook.HeldByListener) with
    {
        Summary = "0.0.0.0:22/tcp is taken (EADDRINUSE): a process of another user listens on it (run with sudo to see which)",
        Why = ["A listening socket keeps its port to itself."],
        Blockers =
        [
            new Blocker
            {
                Socket = ListeningSocket with { Local = new IpEndpoint(IpAddress.AnyIPv4, 22), UserId = 0, Inode = 9021 },
                Owners = [],
                Rule = RuleBook.HeldByListener,
                Hint = new CreatorHint { Inode = 9021, UserName = "root", Cgroup = "/system.slice/ssh.service", Unit = "ssh.service" },
            },
            new Blocker
            {
                Socket = ListeningSocket with { Local = new IpEndpoint(IpAddress.AnyIPv6, 22), Inode = 0, UserId = 0 },
                Owners = [],
                Rule = RuleBook.HeldByListener,
            },
            new Blocker
            {
                Socket = ListeningSocket with { State = TcpSocketState.LastAck, Remote = new IpEndpoint(IpAddress.LoopbackIPv4, 1), Inode = 0 },
                Owners = [],
                Rule = RuleBook.HeldExclusively,
            },
        ],
        Limits = [new Remark
        {
            Id = "processes-unreadable",
            Text = "The descriptors of 143 of 160 processes could not be read; root would see them: sudo bindwise why 22",
        }],
    };

    private static Diagnosis Hostile()
    {
        var evil = Node with
        {
            Name = "\u001b[2Jevil",
            Arguments = ["/tmp/\u202egpj.exe", "--x=$(rm -rf ~)", "a\nb", "it's", "", "\\xff\\xfe", "世界"],
            Executable = "/tmp/evil\u2028file",
            ExecutableDeleted = true,
            WorkingDirectory = "/tmp/" + new string('w', 300),
            UserName = null,
            Container = "3f2a91bc04de55aa77",
            State = 'Z',
            LivingThreads = 2,
            ParentId = 4121,
            StartedAt = TakenAt.AddSeconds(5),
        };
        return Blocked("8080", Cause.ZombieProcess, RuleBook.HeldByListener) with
        {
            Summary = "0.0.0.0:8080/tcp is taken (EADDRINUSE): \u001b[2Jevil (pid 4121) listens on it",
            Why = ["\u001b]0;owned\u0007evil\r\n(pid 4121) listens."],
            Blockers = [new Blocker
            {
                Socket = ListeningSocket,
                Owners = [new Owner
                {
                    Process = evil,
                    Role = OwnerRole.Holder,
                    Descriptors = [3],
                }],
                Rule = RuleBook.HeldByListener,
            }],
            Processes = [evil],
            Remedies = [new Remedy("stop", "Stop \u202eevil.", "kill 4121 # \u001b[31m", "the server ends", "\u0007")],
        };
    }

    private static Diagnosis Inherited()
    {
        var server = Node with { State = 'T', Unit = "user@1000.service" };
        var sleeper = Node with { Id = 4200, ParentId = 1, Name = "sleep", Arguments = ["sleep", "3600"], Executable = "/usr/bin/sleep", StartedAt = TakenAt.AddMinutes(-20) };
        return Blocked("8080", Cause.InheritedDescriptor, RuleBook.HeldByListener) with
        {
            Summary = "0.0.0.0:8080/tcp is taken (EADDRINUSE): sleep (pid 4200) keeps a server's socket",
            Why = ["sleep (pid 4200) inherited the listening socket."],
            Blockers =
            [
                new Blocker
                {
                    Socket = ListeningSocket,
                    Owners = [new Owner
                    {
                        Process = sleeper,
                        Role = OwnerRole.Inherited,
                        Descriptors = [3],
                    }, new Owner
                    {
                        Process = server,
                        Role = OwnerRole.Creator,
                        Descriptors = [3, 4],
                    }],
                    Rule = RuleBook.HeldByListener,
                },
                new Blocker
                {
                    Socket = ListeningSocket with { State = TcpSocketState.Established, Inode = 78, Remote = new IpEndpoint(IpAddress.LoopbackIPv6, 55000) },
                    Owners = [new Owner { Process = server, Role = OwnerRole.Holder, Descriptors = [9] }],
                    Rule = RuleBook.HeldExclusively,
                },
            ],
            Processes = [server, sleeper, Shell, Login, Init],
        };
    }

    private static Diagnosis UnixFile() => new()
    {
        Target = new Target { Text = "/run/app.sock", Protocol = Protocol.Unix, Path = "/run/app.sock" },
        Verdict = Verdict.Blocked,
        Errno = "EADDRINUSE",
        Cause = Cause.UnixSocketFile,
        Rule = RuleBook.UnixPathExists,
        Summary = "/run/app.sock is taken (EADDRINUSE): a dead server's file is left over",
        Why = ["The file stands there, and no socket is bound to it any more."],
        Attempts = [new Attempt
        {
            Request = new BindRequest { Protocol = Protocol.Unix, Path = "/run/app.sock" },
            Bind = new CallResult("EADDRINUSE", false),
            Listen = null,
            IsAsked = true,
            Rule = RuleBook.UnixPathExists,
        }],
        Blockers = [new Blocker
        {
            Socket = new HeldSocket { Protocol = Protocol.Unix, State = TcpSocketState.Listen, Path = "/run/app.sock", Inode = 5 },
            Owners = [],
            Rule = RuleBook.UnixPathExists,
        }],
        Remedies = [new Remedy("remove-file", "Remove the file.", "rm /run/app.sock", "the name is free again", "none")],
        TakenAt = TakenAt,
    };

    private static Diagnosis Udp() => Blocked("53", Cause.UdpSocket, RuleBook.UdpHeld) with
    {
        Target = new Target { Text = "localhost:53/udp", Protocol = Protocol.Udp, Host = "localhost", Port = 53 },
        Summary = "127.0.0.1:53/udp is taken (EADDRINUSE): systemd-resolve (pid 300) holds it",
        Why = ["systemd-resolve (pid 300) is bound to 127.0.0.1:53."],
        Blockers =
        [
            new Blocker
            {
                Socket = new HeldSocket
                {
                    Protocol = Protocol.Udp, State = TcpSocketState.Close, Local = new IpEndpoint(IpAddress.LoopbackIPv4, 53), DeviceIndex = 2, UserId = 101,
                    Inode = 7, Cookie = 8, V6Only = Fact.No, ReuseAddress = Fact.Yes,
                },
                Owners = [new Owner
            {
                Process = Node with { Id = 300, Name = "systemd-resolve", Arguments = [], Executable = null, StartedAt = null, WorkingDirectory = null, UserName = null, UserId = 101 },
                Role = OwnerRole.Creator,
                Descriptors = [12],
            }],
                Rule = RuleBook.UdpHeld,
            },
        ],
        Interfaces = [new InterfaceRecord { Index = 2, Name = "lo\u200b2" }],
    };

    private static Diagnosis Free() => new()
    {
        Target = new Target { Text = "[fe80::1%eth0]:45000", Protocol = Protocol.Tcp, Host = "fe80::1", Scope = "eth0", Port = 45000 },
        Port = 45000,
        Verdict = Verdict.Free,
        Cause = Cause.Free,
        Rule = RuleBook.NothingInTheWay,
        Summary = "[fe80::1%eth0]:45000/tcp is free",
        Warnings = [new Remark
        {
            Id = "ephemeral-range",
            Text = "Port 45000 lies inside net.ipv4.ip_local_port_range (32768 to 60999): any outgoing connection may take it.",
        }, new Remark
        {
            Id = "shadowed",
            Text = "A listener on 127.0.0.1:45000 gets the traffic of that address.",
        }],
        Remedies = [new Remedy("reserve-port", "Reserve the port.", "sysctl -w net.ipv4.ip_local_reserved_ports=45000", "no outgoing connection takes it", "none")],
        TakenAt = TakenAt,
    };

    private static Diagnosis Undetermined() => new()
    {
        Target = new Target { Text = "8080", Protocol = Protocol.Tcp, Port = 8080 },
        Port = 8080,
        Verdict = Verdict.Undetermined,
        Cause = Cause.TimeWait,
        Summary = "whether 0.0.0.0:8080/tcp can be bound could not be told",
        TakenAt = TakenAt,
        Attempts = [Try(IpAddress.AnyIPv4, null, null, null, reuseAddress: true, asked: true)],
    };

    private static Diagnosis Portable() => new()
    {
        Target = new Target { Text = "5000", Protocol = Protocol.Tcp, Port = 5000 },
        Port = 5000,
        Verdict = Verdict.Blocked,
        Errno = "EADDRINUSE",
        Cause = Cause.Listener,
        Summary = "5000/tcp is taken (EADDRINUSE, 48 on macOS): 2 sockets listen on 0.0.0.0:5000 and [::]:5000.",
        Why = ["A bind() to 0.0.0.0:5000 has just failed: that is this system's own answer."],
        Attempts = [Try(IpAddress.AnyIPv4, "EADDRINUSE", null, null, asked: true, probed: true)],
        Remedies = [new Remedy("see-owner", "See who holds it.", "lsof -nP -iTCP:5000 -sTCP:LISTEN", "nothing", "none")],
        Limits = [new Remark { Id = "portable", Text = "portable answer: no owners." }],
        Portable = new PortableRecord
        {
            System = HostSystem.MacOS,
            Seen =
            [
                new SeenSocket(Protocol.Tcp, TcpSocketState.Listen, new IpEndpoint(IpAddress.AnyIPv4, 5000), default),
                new SeenSocket(Protocol.Tcp, TcpSocketState.Listen, new IpEndpoint(IpAddress.AnyIPv6, 5000), default),
                .. Enumerable.Range(50001, 5).Select(static port =>
                    new SeenSocket(Protocol.Tcp, TcpSocketState.TimeWait, new IpEndpoint(IpAddress.LoopbackIPv4, 5000), new IpEndpoint(IpAddress.LoopbackIPv4, (ushort)port))),
            ],
        },
        TakenAt = TakenAt,
    };

    private static Diagnosis Disagreement() => Free() with
    {
        Disagreement = "old = tcp 127.0.0.1:8080 listen  -> ok\nnew = tcp 127.0.0.1:8080  -> ok\u001b[2J\n",
        Warnings = [],
        Remedies = [],
    };

    private static Diagnosis SocketUnit()
    {
        var manager = Init with { Arguments = ["/sbin/init"], Executable = "/usr/lib/systemd/systemd", UserId = 0, UserName = "root", Unit = "init.scope" };
        var origin = new ProcessProvenance
        {
            Unit = "init.scope",
            SocketUnit = new SocketUnitUse
            {
                Name = "cups.socket",
                Service = "cups.service",
                IsUsers = false,
                Others = ["lpd\u001b.socket"],
            }
        };
        return Blocked("631", Cause.SocketActivation, RuleBook.HeldByListener) with
        {
            Summary = "631/tcp is taken (EADDRINUSE): systemd (pid 1) listens on [::]:631, on behalf of cups.service (cups.socket).",
            Blockers = [new Blocker
            {
                Socket = ListeningSocket,
                Owners = [new Owner
                {
                    Process = manager,
                    Role = OwnerRole.Creator,
                    Descriptors = [30],
                    StartedFrom = origin,
                }],
                Rule = RuleBook.HeldByListener,
            }],
            Processes = [manager],
        };
    }

    private static Diagnosis Container()
    {
        const string id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
        var proxy = Node with { Id = 166, ParentId = 1, Name = "docker-proxy", Arguments = ["/usr/bin/docker-proxy", "-host-port", "8080", "-container-ip", "172.17.0.2"], WorkingDirectory = "/" };
        var inside = Node with { Id = 219, ParentId = 1, Name = "nginx", Executable = "/usr/sbin/nginx", Arguments = ["java", "-cp", new string('c', 5000), "Main"], Container = id, WorkingDirectory = "/" };
        var forward = new ProcessProvenance
        {
            Container = new ContainerUse
            {
                Id = id,
                Name = "shop-web-1",
                Engine = "docker",
                Image = "shop\u202e:1",
                UserId = null,
                Port = 80,
            },
            Compose = new ComposeUse { Project = "shop", Service = "web" },
        };
        var pod = new ProcessProvenance
        {
            Container = new ContainerUse { Id = id, Name = "nginx", Engine = "containerd", Image = null, UserId = 1000 },
            Pod = new PodUse { Name = "web-0", Namespace = "shop", Uid = "2a1c0de0-1111-2222-3333-444455556666" },
            Editor = "VS Code",
            Terminal = "pts/3",
            Tool = new StartingTool { Command = "npm run dev", ProcessId = 30, GroupId = 30, Kind = ToolKind.Runner },
            ProjectFolder = "/srv/shop",
        };
        return Blocked("8080", Cause.PublishedContainerPort, RuleBook.HeldByListener) with
        {
            Summary = "8080/tcp is taken (EADDRINUSE): docker-proxy (pid 166) listens on [::]:8080, for container shop-web-1.",
            Blockers = [new Blocker
            {
                Socket = ListeningSocket,
                Owners = [new Owner
                {
                    Process = proxy,
                    Role = OwnerRole.Creator,
                    Descriptors = [4],
                    StartedFrom = forward,
                }, new Owner
                {
                    Process = inside,
                    Role = OwnerRole.Holder,
                    Descriptors = [5],
                    StartedFrom = pod,
                }],
                Rule = RuleBook.HeldByListener,
            }],
            Processes = [proxy, inside, Init],
        };
    }

    internal static HeldSocket ListeningSocket => new()
    {
        Protocol = Protocol.Tcp,
        Family = IpFamily.IPv6,
        State = TcpSocketState.Listen,
        Local = new IpEndpoint(IpAddress.AnyIPv6, 8080),
        V6Only = Fact.No,
        ReuseAddress = Fact.Yes,
        UserId = 1000,
        Inode = 77,
        Cookie = 12,
        CgroupId = 4,
        SendQueue = 511,
        DeviceIndex = 2,
    };

    internal static Diagnosis Blocked(string text, Cause cause, Rule rule) => new()
    {
        Target = new Target { Text = text, Protocol = Protocol.Tcp, Port = 8080 },
        Port = 8080,
        Verdict = Verdict.Blocked,
        Errno = "EADDRINUSE",
        Cause = cause,
        Rule = rule,
        Summary = "",
        TakenAt = TakenAt,
    };

    private static Attempt Try(IpAddress address, string? bind, string? listen, Rule? rule, bool asked = false, bool probed = false, bool reuseAddress = false, bool reusePort = false) =>
        new()
        {
            Request = new BindRequest { Protocol = Protocol.Tcp, Address = address, Port = 8080, ReuseAddress = reuseAddress, ReusePort = reusePort },
            Bind = new CallResult(bind, probed),
            Listen = bind == "ok" ? new CallResult(listen, false) : null,
            IsAsked = asked,
            Rule = rule,
        };
}

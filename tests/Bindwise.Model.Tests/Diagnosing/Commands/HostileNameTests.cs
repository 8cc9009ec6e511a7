using Bindwise.Model.Diagnosing;
using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Targets;
using Bindwise.Model.Tests.Rules;
using static Bindwise.Model.Tests.Diagnosing.Hosts;

namespace Bindwise.Model.Tests.Diagnosing.Commands;

/// <summary>
/// Whatever a process, unit, container or supervisor is called: a real shell that runs the printed command gives the tools the arguments that
/// were meant, and no name becomes an option, "all", or a second target.
/// </summary>
[Trait("Lane", "second")]
public sealed class HostileNameTests
{
    private const string Id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private static readonly string[] Hostile =
    [
        "-x", "--host=tcp://evil:1", "--all", "-", "--", "all", "ALL:*", "*", "web:*", "web other", "web\tother", "web\nother", "web'other", "web\"other", "$(touch canary)", "`touch canary`", "; touch canary",
        "web;touch canary", "|touch canary", "> canary", "", ".", "..", "../../etc", "/etc/passwd", "0", "#0", "~root", "!!", "{a,b}", "web\\", "w\u00e9b", "\u202ebew", "web\u001b[2J", "web\u0007", "=x", "a=b",
        "%h", "@", "web.json", "json", new string('a', 20_000),
    ];

    /// <summary>Where a name of others gets into the snapshot; the name that fits is what the command holds by rights.</summary>
    private static readonly Dictionary<string, (string Fits, Func<string, Diagnosis> Ask)> Places = new()
    {
        ["unit"] = ("web.service", static n => Held(Process(5, "web") with { Unit = n + ".service", Cgroup = "/system.slice/" + n + ".service" })),
        ["a user's unit"] = ("web.service", static n => Held(Process(5, "web") with { UserId = 1000, UserName = "alice", Unit = n + ".service", Cgroup = "/user.slice/user-1000.slice/user@1000.service/app.slice/" + n + ".service" })),
        ["user"] = ("web", static n => Held(Process(5, "web") with { UserId = 1000, UserName = n, Unit = "web.service", Cgroup = "/user.slice/user-1000.slice/user@1000.service/app.slice/web.service" })),
        ["socket unit"] = ("web.socket", static n => SocketUnit(n + ".socket", "web.service")),
        ["service of a socket unit"] = ("web.service", static n => SocketUnit("web.socket", n + ".service")),
        ["frozen unit"] = ("web.service", static n => Frozen("/system.slice/" + n + ".service")),
        ["frozen unit of a user"] = ("web.service", static n => Frozen("/user.slice/user-1000.slice/user@1000.service/app.slice/" + n + ".service")),
        ["frozen cgroup"] = ("/sys/fs/cgroup/x/web/cgroup.freeze", static n => Frozen("/x/" + n)),
        ["container of Docker"] = ("web", static n => Contained("docker", n)),
        ["container of Podman"] = ("web", static n => Contained("podman", n)),
        ["container of a user's Docker"] = ("web", static n => Contained("docker", n, user: 1000)),
        ["container of a user's Podman"] = ("web", static n => Contained("podman", n, user: 1000)),
        ["id of a container of containerd"] = (Id, static n => Held(InContainer(n, "/kubepods.slice/cri-containerd-" + n + ".scope"))),
        ["id of a container of Docker"] = (Id, static n => Held(InContainer(n, "/system.slice/docker-" + n + ".scope"))),
        ["container of LXC"] = ("web", static n => Held(InContainer(n, "/lxc.payload." + n))),
        ["machine"] = ("web", static n => Held(InContainer(n, "/machine.slice/machine-" + n + ".scope"))),
        ["compose project"] = ("web", static n => Contained("docker", "c", project: n, service: "web")),
        ["compose service"] = ("web", static n => Contained("docker", "c", project: "shop", service: n)),
        ["compose of a user"] = ("web", static n => Contained("docker", "c", project: n, service: "web", user: 1000)),
        ["pod"] = ("web", static n => Contained("containerd", "c", pod: n, space: "shop")),
        ["namespace of a pod"] = ("web", static n => Contained("containerd", "c", pod: "web", space: n)),
        ["conmon's name"] = ("web", static n => Held(Process(5, "conmon") with { UserId = 1000, Arguments = ["/usr/bin/conmon", "-c", Id, "-n", n] })),
        ["conmon's id"] = (Id, static n => Held(Process(5, "conmon") with { UserId = 1000, Arguments = ["/usr/bin/conmon", "-c", n] })),
        ["supervisord"] = ("web", static n => Below("supervisord", n, 0)),
        ["a user's supervisord"] = ("web", static n => Below("supervisord", n, 1000)),
        ["PM2"] = ("web", static n => Below("PM2 v5: God Daem", n, 1000)),
        ["file of supervisord"] = ("/srv/web.conf", static n => Below("supervisord", "web", 0, ["-c", "/srv/" + n + ".conf"])),
        ["folder of a service of runit"] = ("/srv/web", static n => Below("runsv", "web", 0, folder: "/srv/" + n)),
        ["folder of a service of s6"] = ("/srv/web", static n => Below("s6-supervise", "web", 0, folder: "/srv/" + n)),
        ["OpenRC"] = ("web", static n => Below("supervise-daemo", n, 0)),
        ["file"] = ("/run/web.sock", static n => File("/run/" + n + ".sock", null)),
        ["file of another namespace"] = ("/run/web.sock", static n => File("/run/" + n + ".sock", Process(7, "web"))),
        ["target"] = ("web:8080", static n => Diagnoser.Diagnose(PortTarget() with { Host = n.Length == 0 ? null : n, Address = IpAddress.LoopbackIPv4 }, ProgramOptions.None, With("tcp 127.0.0.1 TIME_WAIT ra? rp? uid?") with { Caller = new Caller { UserId = 1000 } })),
        ["named namespace"] = ("web", static n => Elsewhere(new ElsewhereRecord { NetworkName = n, Socket = With("tcp 127.0.0.1 LISTEN").Sockets[0] })),
        ["interface that is down"] = ("web", Down),
        ["unit of a policy"] = ("web.service", static n => Denied(n + ".service")),
        ["program's unit"] = ("web.service", static n => As(new Subject { Asked = "--unit " + n + ".service", UserId = 33, Unit = n + ".service" })),
        ["program's namespace"] = ("/run/netns/web", static n => As(new Subject { Asked = "--netns /run/netns/" + n, UserId = 33, IsOtherNetwork = true, NetworkPath = "/run/netns/" + n })),
        ["program's file"] = ("/usr/bin/web", static n => As(new Subject { Asked = "--pid 7", UserId = 33, Process = Process(7, "web") with { Executable = "/usr/bin/" + n } })),
    };

    /// <summary>Names of what the kernel holds, kind by kind.</summary>
    private static readonly KernelServiceKind[] Kinds =
    [
        KernelServiceKind.Vxlan, KernelServiceKind.WireGuard, KernelServiceKind.L2tp, KernelServiceKind.Tipc, KernelServiceKind.Rxe, KernelServiceKind.NfsMount,
        KernelServiceKind.SmbMount, KernelServiceKind.IscsiTarget, KernelServiceKind.NvmeTarget, KernelServiceKind.NvmeHost,
    ];

    /// <summary>Options that the commands have of their own.</summary>
    private static readonly HashSet<string> Own =
    [
        "-H", "-u", "-s", "-C", "-c", "--user", "-n", "-p", "stop", "--name", "--format", "--filter", "-w", "--all", "-ld", "-K", "-t", "-CONT", "--netns", "--plain", "--follow", "--verbose", "--stdin", "--pid", "--unit",
        "-d", "-k", "-iE", "-brief", "-6", "-o", "-r", "--shutdown", "-a", "-m", "-all",
    ];

    private static IEnumerable<string> AllPlaces => Places.Keys.Concat(Kinds.Select(static k => "kernel: " + k));

    public static TheoryData<string> PlaceNames => [.. AllPlaces];

    [Theory]
    [MemberData(nameof(PlaceNames))]
    public void PrintedCommand_GivesToolsWhatWasMeant(string place)
    {
        var (_, ask) = Of(place);
        var asked = Hostile.SelectMany(name => CommandsOf(ask(name)).Select(command => (Name: name, Command: command))).ToList();
        foreach (var shell in new[] { "bash", "sh" })
        {
            // dash 0.5.12 does not read $'…'.
            var lines = asked.Where(a => shell == "bash" || !a.Command.Contains("$'", StringComparison.Ordinal)).ToList();
            var ran = Shell.Run(shell, [.. lines.Select(static a => a.Command)]);
            Assert.Equal(lines.Count, ran.Count);
            foreach (var ((name, command), calls) in lines.Zip(ran))
            {
                Assert.NotEmpty(calls);
                Assert.All(calls, call => AssertMeant(place, name, command, call));
                // Where the name is in it, it is in one argument, whole and unchanged.
                if (name.Length > 2 && command.Contains(name, StringComparison.Ordinal))
                    Assert.Contains(calls.SelectMany(static call => call), argument => argument.Contains(name, StringComparison.Ordinal));
            }
        }
    }

    [Theory]
    [MemberData(nameof(PlaceNames))]
    public void NameThatFits_StandsInTheCommand(string place)
    {
        var (fits, ask) = Of(place);
        var commands = CommandsOf(ask(StemOf(fits)));
        var expected = fits == Id ? Id[..12] : fits;
        Assert.Contains(commands, command => command.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void EveryGrammar_IsMetByAPlace()
    {
        var texts = AllPlaces.Select(Of).SelectMany(static place => CommandsOf(place.Ask(StemOf(place.Fits)))).ToList();
        Assert.All(NameGrammar.All, grammar => Assert.Contains(texts, text => grammar.Tools.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries).Any(tool => text.Contains(tool, StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("unit", "-x", "end-process")]
    [InlineData("container of Docker", "--host=tcp://evil:1", "stop-container")]
    [InlineData("container of LXC", "--host=tcp://evil:1", "end-process")]
    [InlineData("supervisord", "all", "end-process")]
    [InlineData("PM2", "all", "end-process")]
    [InlineData("PM2", "0", "end-process")]
    public void NameThatDoesNotFit_FallsBackAndSaysWhy(string place, string name, string remedy)
    {
        var first = Of(place).Ask(place == "unit" ? "web other" : name).Remedies[0];
        Assert.Equal(remedy, first.Id);
        Assert.Contains(remedy == "end-process" ? "does not take, so no command with that name is shown" : "by its id; its name is none that docker takes", first.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void UnitThatBeginsWithAMinus_StandsAfterTheEndOfOptions() =>
        Assert.Equal("systemctl stop -- --now.service", Of("unit").Ask("--now").Remedies[0].Command);

    [Theory]
    [InlineData("a user's unit", "runuser -s /usr/bin/env alice -- XDG_RUNTIME_DIR=/run/user/1000 systemctl --user stop web.service")]
    [InlineData("container of a user's Docker", "sudo -H -u '#1000' DOCKER_HOST=unix:///run/user/1000/docker.sock docker stop web")]
    [InlineData("container of a user's Podman", "sudo -H -u '#1000' env -C / XDG_RUNTIME_DIR=/run/user/1000 podman stop web")]
    [InlineData("compose of a user", "sudo -H -u '#1000' DOCKER_HOST=unix:///run/user/1000/docker.sock docker compose -p web stop web")]
    [InlineData("conmon's name", "sudo -H -u '#1000' env -C / XDG_RUNTIME_DIR=/run/user/1000 podman stop web")]
    [InlineData("a user's supervisord", "sudo -H -u '#1000' supervisorctl stop web")]
    public void WhatBelongsToAUser_IsStoppedAsThatUser(string place, string command) => Assert.Equal(command, Of(place).Ask("web").Remedies[0].Command);

    [Fact]
    public void ProgramThatAnOrdinaryUserCallsDockerProxy_DoesNotNameTheSystemsContainer()
    {
        var proxy = Process(5, "docker-proxy") with { UserId = 1000, Arguments = ["docker-proxy", "-host-ip", "0.0.0.0", "-host-port", "8080", "-container-ip", "172.17.0.2", "-container-port", "80"] };
        var container = new ContainerRecord { Id = Id, Name = "database", Engine = "docker", Addresses = [Address("172.17.0.2")] };
        var answer = Diagnoser.Diagnose(PortTarget(), ProgramOptions.None, With("tcp 0.0.0.0 LISTEN").HeldBy(proxy) with { Containers = [container] });
        Assert.DoesNotContain(answer.Remedies, static r => r.Command?.Contains("database", StringComparison.Ordinal) == true);
        Assert.Equal("sudo -H -u '#1000' DOCKER_HOST=unix:///run/user/1000/docker.sock docker ps --filter publish=8080", answer.Remedies[0].Command);
    }

    [Fact]
    public void ServiceOfASupervisorThatAnOrdinaryUserRuns_IsNotStoppedAsRoot()
    {
        Assert.Equal("sudo -H -u '#1000' sv stop /proc/30/cwd", Below("runsv", "sshd", 1000).Remedies[0].Command);
        var answer = Below("supervise-daemo", "sshd", 1000);
        Assert.DoesNotContain(answer.Remedies, static r => r.Command?.Contains("sshd", StringComparison.Ordinal) == true);
        Assert.Contains("ordinary user", answer.Remedies[0].Text, StringComparison.Ordinal);
    }

    private static (string Fits, Func<string, Diagnosis> Ask) Of(string place) => Places.TryGetValue(place, out var found) ? found
        : Enum.Parse<KernelServiceKind>(place["kernel: ".Length..]) is var kind
            ? (kind switch
            {
                KernelServiceKind.NfsMount or KernelServiceKind.SmbMount => "/mnt/web",
                KernelServiceKind.L2tp or KernelServiceKind.NvmeTarget => "7",
                KernelServiceKind.IscsiTarget => "iqn.2001-04.com.example:web",
                KernelServiceKind.NvmeHost => "nvme3",
                _ => "web",
            }, name => Kernel(kind, kind is KernelServiceKind.NfsMount or KernelServiceKind.SmbMount && !name.StartsWith('/') ? "/mnt/" + name : name))
            : default;

    private static string StemOf(string fits) => fits.EndsWith(".service", StringComparison.Ordinal) || fits.EndsWith(".socket", StringComparison.Ordinal) || fits.StartsWith('/') || fits.Contains(":8080", StringComparison.Ordinal) ? "web" : fits;

    private static List<string> CommandsOf(Diagnosis answer) => [.. answer.Remedies.Where(static r => r is { Command: not null, Language: null } && !IsCode(r.Id)).Select(static r => r.Command!)];

    // Lines of a unit or of code, which are not for a shell.
    private static bool IsCode(string id) => id is "grant-in-unit" or "allow-in-ruleset" or "other-tunnel-port";

    private static void AssertMeant(string place, string name, string command, string[] call)
    {
        Assert.True(command.Length <= 2_000, $"{place}: {command.Length} characters");
        Assert.DoesNotContain(command, static c => char.IsControl(c) || c == '\u202e');
        var told = $"{place}, {name}: {command}";
        var pieces = name.Split((char[])[' ', '\t', '\n', ';', '|', '>'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(p => p != name && p != "web").ToHashSet();
        var end = Array.IndexOf(call, "--");
        for (var i = 1; i < call.Length; i++)
        {
            var argument = call[i];
            Assert.False(pieces.Contains(argument), told);
            if (argument == "rm /sys/kernel/config/nvmet/ports/ID/subsystems/*" || argument == "rm /sys/kernel/config/nvmet/ports/0/subsystems/*")
                continue;
            Assert.False(argument is "all" or "." or ".." || (argument is "*" or "ALL:*" or "web:*" && call[0] != "bindwise"), told);
            if (argument.StartsWith('-') && argument != "--" && (end < 0 || i < end))
                Assert.True(Own.Contains(argument) || argument.StartsWith("--net=/run/netns/", StringComparison.Ordinal) || argument.StartsWith("--device=nvme", StringComparison.Ordinal), told);
            if ((argument is "json" or "stdin" or "0" || argument.EndsWith(".json", StringComparison.Ordinal)) && call.Contains("pm2"))
                Assert.Fail(told);
        }
    }

    private static Diagnosis Held(ProcessRecord process) => Diagnoser.Diagnose(PortTarget(), ProgramOptions.None, With("tcp 0.0.0.0 LISTEN").HeldBy(process));

    private static ProcessRecord InContainer(string id, string cgroup) => Process(5, "nginx") with { Container = id, Cgroup = cgroup };

    private static Diagnosis Frozen(string cgroup) => Held(Process(5, "web") with { Cgroup = cgroup, Freeze = new CgroupFreeze { Path = cgroup, Files = ["/sys/fs/cgroup" + cgroup + "/cgroup.freeze"] } });

    private static Diagnosis Contained(string engine, string name, uint? user = null, string? project = null, string? service = null, string? pod = null, string? space = null) =>
        Diagnoser.Diagnose(PortTarget(), ProgramOptions.None, With("tcp 0.0.0.0 LISTEN").HeldBy(InContainer(Id, "/x/" + Id)) with
        {
            Containers = [new ContainerRecord { Id = Id, Name = name, Engine = engine, UserId = user, ComposeProject = project, ComposeService = service, PodName = pod, PodNamespace = space }],
        });

    private static Diagnosis SocketUnit(string name, string service) =>
        Diagnoser.Diagnose(PortTarget(), ProgramOptions.None, With("tcp :: LISTEN").HeldBy(Process(1, "systemd", parent: 0) with { Executable = "/usr/lib/systemd/systemd" }) with
        {
            SocketUnits = [new SocketUnitRecord { Name = name, Service = service, Listens = [new SocketUnitListen(SocketUnitKind.Stream, "8080")], ManagerId = 1 }],
        });

    private static Diagnosis Below(string supervisor, string name, uint user, string[]? arguments = null, string? folder = null)
    {
        var above = Process(30, supervisor, parent: 1) with { UserId = user, Arguments = [supervisor, .. arguments ?? [name]], WorkingDirectory = folder };
        var process = Process(40, "node", parent: 30) with { UserId = user, SupervisedAs = name };
        var host = With("tcp 0.0.0.0 LISTEN");
        return Diagnoser.Diagnose(PortTarget(), ProgramOptions.None, host with { Processes = [process, above], Holders = [new Holder(host.Sockets[0].Inode, 40, 3)] });
    }

    private static Diagnosis File(string path, ProcessRecord? server)
    {
        var target = new Target { Text = path, Protocol = Protocol.Unix, Path = path };
        return Diagnoser.Diagnose(target, ProgramOptions.None, With() with
        {
            UnixPath = new UnixPathRecord { Path = path, Exists = true, IsSocket = true, Kind = "socket", UserId = 0, IsServed = server is null ? Fact.No : Fact.Yes, Server = server },
        });
    }

    private static Diagnosis Elsewhere(ElsewhereRecord record) => Diagnoser.Diagnose(
        PortTarget("127.0.0.1") with { Pasted = new PastedError { Errno = "EADDRINUSE" } }, ProgramOptions.None, With() with { Elsewhere = new ElsewhereSurvey { Sockets = [record] } });

    private static Diagnosis Down(string name) => Diagnoser.Diagnose(PortTarget("127.0.0.2"), ProgramOptions.None, With() with
    {
        AddressFacts = [new AddressFact(Address("127.0.0.2"), AddressKind.Elsewhere)],
        Interfaces = [new InterfaceRecord { Index = 1, Name = name, IsUp = false, Addresses = [new(IpAddress.LoopbackIPv4, 8)] }],
    });

    private static Diagnosis Denied(string unit)
    {
        const int EPERM = 1;
        return Diagnoser.Diagnose(PortTarget("0.0.0.0"), ProgramOptions.None, With().Probed(Request("0.0.0.0"), EPERM) with
        {
            Policies = new PolicySurvey
            {
                Found = [new PolicyRecord(PolicyKind.CgroupBpf, Name: "sd_bind4", Where: "/system.slice/" + unit,
                Denies: Fact.Yes)]
            },
        });
    }

    private static Diagnosis As(Subject program) => Diagnoser.Diagnose(PortTarget(port: 80), ProgramOptions.None, With() with
    {
        Caller = new Caller { UserId = 0, As = program with { MayBindPrivilegedPorts = Fact.No } },
    });

    private static Diagnosis Kernel(KernelServiceKind kind, string name)
    {
        var protocol = kind is KernelServiceKind.IscsiTarget or KernelServiceKind.NvmeTarget ? Protocol.Tcp : Protocol.Udp;
        if (kind is not (KernelServiceKind.NfsMount or KernelServiceKind.SmbMount or KernelServiceKind.NvmeHost))
        {
            var held = SocketLine.Held(protocol == Protocol.Tcp ? "tcp 0.0.0.0 LISTEN" : "udp 0.0.0.0 CLOSE") with { Inode = 7, Cookie = 70 };
            return Ask(held, new KernelService(kind, protocol, Name: name, Port: SocketLine.Port));
        }
        var remote = new IpEndpoint(Address("192.0.2.9"), 2049);
        var connection = SocketLine.Held("tcp 192.0.2.1 ESTABLISHED") with { Inode = 7, Cookie = 70, Remote = remote, OpenedHere = Fact.Yes };
        return Ask(connection, new KernelService(kind, Protocol.Tcp, Name: name, Remote: remote));

        static Diagnosis Ask(HeldSocket held, KernelService service) =>
            Diagnoser.Diagnose(PortTarget(protocol: held.Protocol), ProgramOptions.None, Hosts.Of(held) with { KernelSurvey = new KernelSurvey { Services = [service] } });
    }
}

using Bindwise.Model.Diagnosing;
using Bindwise.Model.Diagnosing.Freeing;
using Bindwise.Model.Diagnosing.Owners;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Targets;
using static Bindwise.Model.Tests.Diagnosing.Hosts;

namespace Bindwise.Model.Tests.Diagnosing;

/// <summary>Where the owner was started, and how it is ended in the terms of what started it.</summary>
public sealed class ProvenanceTests
{
    private const string Id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private static readonly ContainerRecord Web = new()
    {
        Id = Id,
        Name = "shop-web-1",
        Engine = "docker",
        Image = "shop:1",
        ComposeProject = "shop",
        ComposeService = "web",
        Published = [new PublishedPort(Protocol.Tcp, IpAddress.AnyIPv4, 8080, 80)],
        Addresses = [Address("172.17.0.2")],
    };

    [Fact]
    public void SocketUnit_IsNamedWithItsService()
    {
        var answer = Ask(With("tcp :: LISTEN").HeldBy(Manager()) with { SocketUnits = [Unit("shop.socket", "8080") with { Service = "shop-web.service" }] });
        Assert.Equal("socket-activation", answer.Cause.Id());
        Assert.Contains("systemd (pid 1) listens on [::]:8080, IPv6 and IPv4, on behalf of shop-web.service (shop.socket).", answer.Summary, StringComparison.Ordinal);
        Assert.Contains(answer.Why, w => w == "systemd holds the socket for shop.socket, and starts shop-web.service when a client connects.");
        Assert.Equal(("stop-socket-unit", "systemctl stop shop.socket shop-web.service"), (answer.Remedies[0].Id, answer.Remedies[0].Command));
        Assert.DoesNotContain(answer.Remedies, r => r.Id == "end-process");
    }

    [Fact]
    public void SocketUnit_OfAUser_IsStoppedByTheUsersManager()
    {
        var manager = Manager() with { Id = 900, ParentId = 1, Arguments = ["/lib/systemd/systemd", "--user"] };
        var answer = Ask(With("tcp :: LISTEN").HeldBy(manager) with { SocketUnits = [Unit("shop.socket", "8080") with { ManagerId = 900 }] });
        Assert.Equal("systemctl --user stop shop.socket shop.service", answer.Remedies[0].Command);
        var another = manager with { UserId = 1000, UserName = "alice" };
        answer = Ask(With("tcp :: LISTEN").HeldBy(another) with { SocketUnits = [Unit("shop.socket", "8080") with { ManagerId = 900 }] });
        Assert.Equal("runuser -s /usr/bin/env alice -- XDG_RUNTIME_DIR=/run/user/1000 systemctl --user stop shop.socket shop.service", answer.Remedies[0].Command);
        // A unit whose file lies elsewhere.
        Assert.StartsWith("Find the socket unit and stop it (runuser -s /usr/bin/env alice -- XDG_RUNTIME_DIR=/run/user/1000 systemctl --user stop NAME.socket)", Ask(With("tcp :: LISTEN").HeldBy(another)).Remedies[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void SocketUnit_WithOneServiceAConnection_IsStoppedAlone()
    {
        var answer = Ask(With("tcp :: LISTEN").HeldBy(Manager()) with { SocketUnits = [Unit("echo.socket", "8080") with { Service = "echo@.service", Accepts = true }] });
        Assert.Equal("systemctl stop echo.socket", answer.Remedies[0].Command);
    }

    [Fact]
    public void SocketUnits_ThatListTheSameAddress_AreBothNamedUnlessOneIsEnabled()
    {
        var host = With("tcp :: LISTEN").HeldBy(Manager()) with { SocketUnits = [Unit("b.socket", "8080"), Unit("a.socket", "8080")] };
        var answer = Ask(host);
        Assert.EndsWith("on behalf of a.socket or b.socket.", answer.Summary, StringComparison.Ordinal);
        Assert.Equal("find-socket-unit", answer.Remedies[0].Id);
        answer = Ask(host with { SocketUnits = [Unit("a.socket", "8080"), Unit("b.socket", "8080") with { IsEnabled = true }] });
        Assert.EndsWith("on behalf of b.service (b.socket).", answer.Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("8080", "tcp :: LISTEN", null, true)]
    [InlineData("8080", "tcp 0.0.0.0 LISTEN", null, true)] // a host without IPv6
    [InlineData("8080", "tcp 127.0.0.1 LISTEN", null, false)]
    [InlineData("0.0.0.0:8080", "tcp 0.0.0.0 LISTEN", null, true)]
    [InlineData("127.0.0.1:8080", "tcp 127.0.0.1 LISTEN", null, true)]
    [InlineData("127.0.0.1:8080", "tcp 127.0.0.2 LISTEN", null, false)]
    [InlineData("[::1]:8080", "tcp ::1 LISTEN", null, true)]
    [InlineData("[fe80::1%eth0]:8080", "tcp fe80::1 LISTEN", null, true)]
    [InlineData("8081", "tcp :: LISTEN", null, false)]
    [InlineData("vsock:2:8080", "tcp :: LISTEN", null, false)]
    [InlineData("8080", "tcp :: LISTEN v6only", true, true)]
    [InlineData("8080", "tcp :: LISTEN v6only", false, false)]
    [InlineData("", "tcp :: LISTEN", null, false)]
    [InlineData(":8080", "tcp :: LISTEN", null, false)]
    public void ListenStream_ListsTheSocketsThatSystemdOpensForIt(string listen, string socket, bool? v6Only, bool lists) =>
        Assert.Equal(lists, SocketUnitProvenance.Lists(new SocketUnitListen(SocketUnitKind.Stream, listen), v6Only, With(socket.Replace(" v6only", "", StringComparison.Ordinal)).Sockets[0] with
        {
            V6Only = socket.EndsWith("v6only", StringComparison.Ordinal) ? Fact.Yes : Fact.No,
        }));

    [Fact]
    public void ListenDatagram_IsUdp_AndAPathIsAPath()
    {
        var tcp = With("tcp :: LISTEN").Sockets[0];
        Assert.False(SocketUnitProvenance.Lists(new SocketUnitListen(SocketUnitKind.Datagram, "8080"), null, tcp));
        Assert.True(SocketUnitProvenance.Lists(new SocketUnitListen(SocketUnitKind.Datagram, "8080"), null, tcp with { Protocol = Protocol.Udp, State = TcpSocketState.Close }));
        var unix = new HeldSocket { Protocol = Protocol.Unix, State = TcpSocketState.Listen, Path = "/run/a.sock" };
        Assert.True(SocketUnitProvenance.Lists(new SocketUnitListen(SocketUnitKind.Stream, "/run/a.sock"), null, unix));
        Assert.False(SocketUnitProvenance.Lists(new SocketUnitListen(SocketUnitKind.Stream, "8080"), null, unix));
    }

    [Fact]
    public void DockerProxy_IsMappedToTheContainerByItsAddress()
    {
        var other = Web with { Id = "ff", Name = "other", Addresses = [Address("172.17.0.3")], ComposeProject = null };
        var answer = Ask(With("tcp 0.0.0.0 LISTEN").HeldBy(Proxy("172.17.0.2")) with { Containers = [other, Web] });
        Assert.Equal("published-container-port", answer.Cause.Id());
        Assert.EndsWith("docker-proxy (pid 5) listens on 0.0.0.0:8080, for container shop-web-1 (port 80 in it) of compose project shop.", answer.Summary, StringComparison.Ordinal);
        Assert.Equal(("stop-container", "docker compose -p shop stop web"), (answer.Remedies[0].Id, answer.Remedies[0].Command));
        Assert.DoesNotContain(answer.Remedies, r => r.Id == "end-process");
        answer = Ask(With("tcp 0.0.0.0 LISTEN").HeldBy(Proxy("172.17.0.3")) with { Containers = [other, Web] });
        Assert.Equal("docker stop other", answer.Remedies[0].Command);
    }

    [Fact]
    public void DockerProxy_OfAnEngineThatTellsNothing_IsLookedForByThePort()
    {
        var answer = Ask(With("tcp 0.0.0.0 LISTEN").HeldBy(Proxy("172.17.0.2")));
        Assert.Equal(("find-container", "docker ps --filter publish=8080"), (answer.Remedies[0].Id, answer.Remedies[0].Command));
        Assert.EndsWith("for a container.", answer.Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rootlessport")]
    [InlineData("slirp4netns")]
    [InlineData("pasta.avx2")]
    public void RootlessProxy_IsMappedByThePortThatIsPublished(string name)
    {
        var host = With("tcp 0.0.0.0 LISTEN").HeldBy(Process(5, name) with { UserId = 1000 });
        var web = Web with { Engine = "podman", UserId = 1000, ComposeProject = null, ComposeService = null, Addresses = [] };
        var answer = Ask(host with { Containers = [web] });
        Assert.Equal("sudo -H -u '#1000' env -C / XDG_RUNTIME_DIR=/run/user/1000 podman stop shop-web-1", answer.Remedies[0].Command);
        // Two that fit: none is claimed.
        Assert.Null(Ask(host with { Containers = [web, web with { Id = "ff" }] }).Blockers[0].Owners[0].StartedFrom!.Container);
        Assert.Null(Ask(host with { Containers = [web with { Published = [new PublishedPort(Protocol.Udp, null, 8080, 80)] }] }).Blockers[0].Owners[0].StartedFrom!.Container);
    }

    [Fact]
    public void Conmon_NamesItsContainerItself()
    {
        var conmon = Process(5, "conmon") with { Arguments = ["/usr/bin/conmon", "--api-version", "1", "-c", Id, "-u", Id, "-n", "web", "--full-attach"] };
        var answer = Ask(With("tcp 0.0.0.0 LISTEN").HeldBy(conmon));
        Assert.Equal("podman stop web", answer.Remedies[0].Command);
        var inside = Process(6, "nginx", parent: 5) with { Container = Id, Cgroup = "/machine.slice/libpod-" + Id + ".scope" };
        answer = Ask(With("tcp 0.0.0.0 LISTEN").HeldBy(inside) with { Processes = [conmon, inside] });
        Assert.Equal("web", answer.Blockers[0].Owners[0].StartedFrom!.Container!.Name);
    }

    [Fact]
    public void Pod_IsDeletedByName()
    {
        var process = Process(5, "nginx") with { Container = Id, Cgroup = "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod2a1c0de0_1111_2222_3333_444455556666.slice/cri-containerd-" + Id + ".scope" };
        var pod = new ContainerRecord { Id = Id, Engine = "containerd", Name = "nginx", PodName = "web-0", PodNamespace = "shop" };
        var answer = Ask(With("tcp 0.0.0.0 LISTEN").HeldBy(process) with { Containers = [pod] });
        Assert.Equal(["kubectl delete pod -n shop web-0", "crictl stop 0123456789ab"], answer.Remedies.Take(2).Select(r => r.Command));
        var told = Ask(With("tcp 0.0.0.0 LISTEN").HeldBy(process)).Blockers[0].Owners[0].StartedFrom!.Pod;
        Assert.Equal(new PodUse { Name = null, Namespace = null, Uid = "2a1c0de0-1111-2222-3333-444455556666" }, told);
    }

    [Theory]
    [InlineData("/kubepods/burstable/pod2a1c0de0-1111-2222-3333-444455556666/0123", "2a1c0de0-1111-2222-3333-444455556666")]
    [InlineData("/kubepods.slice/kubepods-pod2a1c0de0_1111_2222_3333_444455556666.slice/crio-1", "2a1c0de0-1111-2222-3333-444455556666")]
    [InlineData("/kubepods/besteffort/pod0123456789abcdef0123456789abcdef/1", "0123456789abcdef0123456789abcdef")]
    [InlineData("/kubepods/tripod2a1c0de0-1111-2222-3333-444455556666/1", null)]
    [InlineData("/kubepods/podX/1", null)]
    [InlineData("/docker/pod2a1c0de0-1111-2222-3333-444455556666", null)]
    public void PodUid_StandsInTheCgroup(string cgroup, string? uid) => Assert.Equal(uid, ContainerProvenance.PodUidOf(cgroup));

    [Fact]
    public void PackageScript_InTmux_IsStoppedWhereItRuns()
    {
        var answer = Ask(Chain(Process(40, "node", parent: 30) with { Terminal = "pts/3", ProjectFolder = "/srv/shop" },
            Process(30, "npm run dev", parent: 20, group: 30) with { Arguments = ["npm run dev"] }, Shell(20, 10), Process(10, "tmux: server", parent: 1)));
        var origin = answer.Blockers[0].Owners[0].StartedFrom!;
        Assert.Equal(("npm run dev", "tmux", "pts/3", "/srv/shop"), (origin.Tool!.Command, origin.Session, origin.Terminal, origin.ProjectFolder));
        // In the background of its terminal: no key there reaches it.
        Assert.Equal(("stop-tool", "Stop npm run dev.", "kill 30 40"), (answer.Remedies[0].Id, answer.Remedies[0].Text, answer.Remedies[0].Command));
        Assert.DoesNotContain(answer.Remedies, static r => r.Id == "end-process");
    }

    [Fact]
    public void PackageScript_InTheForeground_IsStoppedByCtrlCAsWell()
    {
        var answer = Ask(Chain(Process(40, "node", parent: 35) with { Terminal = "pts/3", IsInForeground = true }, Process(35, "sh", parent: 30) with { Arguments = ["sh", "-c", "node s.js"], IsInForeground = true },
            Process(30, "npm run dev", parent: 20, group: 30) with { Arguments = ["npm run dev"], IsInForeground = true }, Shell(20, 10), Process(10, "tmux: server", parent: 1)));
        Assert.Equal(("Stop npm run dev, with Ctrl+C in tmux (pts/3) or from here.", "kill 30 40"), (answer.Remedies[0].Text, answer.Remedies[0].Command));
    }

    [Fact]
    public void ScriptThatRunsTheServer_IsStoppedWithIt_UnlessBindwiseRunsInItToo()
    {
        var host = Chain(Process(40, "srv", parent: 30), Process(30, "sh", parent: 20) with { Arguments = ["sh", "forever.sh"] }, Shell(20, 10), Process(10, "sshd", parent: 1));
        Assert.Equal("kill 30 40", Ask(host).Remedies[0].Command);
        Assert.Equal("kill 40", Ask(host with { Caller = host.Caller with { AncestorIds = [30, 20] } }).Remedies[0].Command);
        var inContainer = Chain(Process(40, "srv", parent: 1), Process(1, "sh", parent: 0) with { Arguments = ["sh", "-c", "srv; sleep 1"] });
        Assert.Equal("kill 40", Ask(inContainer).Remedies[0].Command);
    }

    [Fact]
    public void JobWithAProcessGroupOfItsOwn_GetsTheSignalAsOne()
    {
        var host = Chain(Process(40, "node", parent: 35, group: 30), Process(35, "sh", parent: 30, group: 30) with { Arguments = ["sh", "-c", "node s.js"] },
            Process(30, "npm run dev", parent: 20, group: 30) with { Arguments = ["npm run dev"] }, Shell(20, 10), Process(10, "sshd", parent: 1));
        Assert.Equal("kill -- -30", Ask(host).Remedies[0].Command);
    }

    // dev.sh with "server 7001 & server 7002 & wait": the group of the script has both, and one is in the way.
    [Fact]
    public void ScriptInAGroupOfItsOwn_IsEndedWithTheServerAlone()
    {
        var host = Chain(Process(40, "srv", parent: 30, group: 30), Process(30, "bash", parent: 20, group: 30) with { Arguments = ["/bin/bash", "./dev.sh"] }, Shell(20, 10), Process(10, "sshd", parent: 1));
        Assert.Equal(("Stop srv (pid 40) and the script that runs it.", "kill 30 40"), (Ask(host).Remedies[0].Text, Ask(host).Remedies[0].Command));
    }

    // What a text does is seen in it: without a loop nothing is started again, and what it does after the server may happen.
    [Theory]
    [InlineData("kill 40", "bash", "-c", "srv; true")]
    [InlineData("kill 40", "sh", "-ec", "cd /srv && srv")]
    [InlineData("kill 40", "bash", "-o", "pipefail", "-c", "srv | tee log", "name")]
    [InlineData("kill 30 40", "bash", "-c", "while :; do srv; done")]
    [InlineData("kill 30 40", "sh", "-c", "until srv;do :;done")]
    [InlineData("kill 30 40", "bash", "-c", ". ./env; srv")]
    [InlineData("kill 30 40", "bash", "run.sh", "-c", "srv")]
    public void ShellAboveTheServer_IsEndedWithItOnlyWhereItMayStartItAgain(string command, params string[] arguments)
    {
        foreach (var isFirst in new[] { false, true })
        {
            // Process 1 of a PID namespace below: no signal but SIGKILL reaches it.
            var shell = Process(30, arguments[0], parent: 20) with { Arguments = [.. arguments], NamespacePid = isFirst ? 1 : null, Signals = new SignalMasks(0, 0, 0) };
            var host = Chain(Process(40, "srv", parent: 30), shell, Shell(20, 10), Process(10, "sshd", parent: 1));

            Assert.Equal(isFirst && command != "kill 40" ? "kill -KILL 30" : command, Ask(host).Remedies[0].Command);
            if (command == "kill 40")
                Assert.Equal(["send SIGTERM to srv (pid 40)"], FreePlanner.Of(PortTarget(), ProgramOptions.None, host, new FreeRights()).Actions.Select(static action => action.Text));
        }
    }

    [Fact]
    public void RunnerThatIsProcess1_EndsWithItsServer()
    {
        var runner = Process(30, "npm start", parent: 20) with { Arguments = ["npm start"], Executable = "/usr/bin/node", NamespacePid = 1, Signals = new SignalMasks(0, 0, 0) };
        var host = Chain(Process(40, "node", parent: 30), runner, Shell(20, 10), Process(10, "sshd", parent: 1));

        Assert.Equal("kill 40", Ask(host).Remedies[0].Command);
        Assert.Equal([40], FreePlanner.Of(PortTarget(), ProgramOptions.None, host, new FreeRights()).Actions.Select(static action => action.Process!.Id));
    }

    [Fact]
    public void ToolThatRunsBindwiseToo_IsLeftAlone()
    {
        var host = Chain(Process(40, "node", parent: 30), Process(30, "npm run dev", parent: 20) with { Arguments = ["npm run dev"] }, Shell(20, 10), Process(10, "sshd", parent: 1));
        Assert.Equal("kill 30 40", Ask(host).Remedies[0].Command);
        Assert.Equal("kill 40", Ask(host with { Caller = host.Caller with { AncestorIds = [30] } }).Remedies[0].Command);
    }

    // As multiprocessing of Python does: only the child has the socket.
    [Fact]
    public void ParentThatForkedIt_IsTheSecondStep_AndFreeEndsItFirst()
    {
        string[] command = ["python3", "pool.py"];
        var host = Chain(Process(40, "python3", parent: 30) with { Arguments = [.. command] },
            Process(30, "python3", parent: 20) with { Arguments = [.. command] }, Shell(20, 10), Process(10, "sshd", parent: 1));
        var answer = Ask(host);
        Assert.Equal(["kill 40", "kill 30 40"], answer.Remedies.Take(2).Select(static r => r.Command));
        Assert.Equal("If it comes back, its parent pool.py (python3, pid 30) restarts it; stop that too.", answer.Remedies[1].Text);
        Assert.Equal([30, 40], FreePlanner.Of(PortTarget(), ProgramOptions.None, host, new FreeRights()).Actions.Select(static action => action.Process!.Id));
    }

    // Each worker has a socket of its own: all of them have to end with the parent.
    [Fact]
    public void ParentOfSeveralHolders_EndsWithAllOfThem()
    {
        string[] command = ["python3", "pool.py"];
        var host = Chain(Process(40, "python3", parent: 30) with { Arguments = [.. command] },
            Process(30, "python3", parent: 20) with { Arguments = [.. command] }, Shell(20, 10), Process(10, "sshd", parent: 1));
        var first = host.Sockets[0];
        host = host with
        {
            Sockets = [first with { ReusePort = Fact.Yes }, first with { Inode = first.Inode + 1, Cookie = first.Cookie + 1, ReusePort = Fact.Yes }],
            Processes = [.. host.Processes, host.Processes[0] with { Id = 41 }],
            Holders = [.. host.Holders, host.Holders[0] with { Inode = first.Inode + 1, ProcessId = 41 }],
        };
        Assert.Equal(["kill 40 41", "kill 30 40 41"], Ask(host).Remedies.Take(2).Select(static r => r.Command));
    }

    [Fact]
    public void ParentThatMayStartItAgain_IsTheSecondStep()
    {
        var answer = Ask(Chain(Process(40, "srv", parent: 30), Process(30, "python3", parent: 20) with { Arguments = ["python3", "keeper.py"] }, Shell(20, 10), Process(10, "sshd", parent: 1)));
        Assert.Equal(["kill 40", "kill 30 40"], answer.Remedies.Take(2).Select(static r => r.Command));
        Assert.Equal("end-parent", answer.Remedies[1].Id);
    }

    [Theory]
    [InlineData("sudo")]
    [InlineData("su")]
    [InlineData("doas")]
    [InlineData("runuser")]
    [InlineData("timeout")]
    [InlineData("time")]
    [InlineData("nice")]
    [InlineData("env")]
    [InlineData("setsid")]
    [InlineData("stdbuf")]
    [InlineData("flock")]
    [InlineData("xargs")]
    [InlineData("script")]
    [InlineData("strace")]
    [InlineData("ltrace")]
    [InlineData("perf")]
    [InlineData("unshare")]
    [InlineData("bwrap")]
    [InlineData("dumb-init")]
    public void Wrapper_BetweenAServerAndWhoStartsItAgain_IsClimbedOver(string wrapper)
    {
        var server = Process(40, "srv", parent: 35);
        var script = Process(30, "bash", parent: 20) with { Arguments = ["bash", "dev.sh"] };
        var answer = Ask(Chain(server, Process(35, wrapper, parent: 30), script, Shell(20, 10), Process(10, "sshd", parent: 1)));
        Assert.Equal(("Stop srv (pid 40) and the script that runs it.", "kill 30 40"), (answer.Remedies[0].Text, answer.Remedies[0].Command));

        var supervisor = Process(30, "python3", parent: 20) with { Arguments = ["python3", "keeper.py"] };
        var host = Chain(server, Process(35, wrapper, parent: 30), supervisor, Shell(20, 10), Process(10, "sshd", parent: 1));
        answer = Ask(host);
        Assert.Equal(["kill 40", "kill 30 40"], answer.Remedies.Take(2).Select(static remedy => remedy.Command));
        Assert.Equal("If it comes back, keeper.py (python3, pid 30) restarts it; stop that too.", answer.Remedies[1].Text);
        var plan = FreePlanner.Of(PortTarget(), ProgramOptions.None, host, new FreeRights());
        Assert.Equal(["send SIGTERM to srv (pid 40)", "send SIGTERM to keeper.py (python3, pid 30)"], plan.Actions.Select(static action => action.Text));
        Assert.True(plan.Actions[1].IsIfTakenAgain);
        // Nobody above it starts it again.
        Assert.DoesNotContain(Ask(Chain(server, Process(35, wrapper, parent: 20) with { HasReapedChildren = true }, Shell(20, 10), Process(10, "sshd", parent: 1))).Remedies,
            static remedy => remedy.Id == "end-parent");
    }

    [Fact]
    public void ShellOfASupervisor_IsClimbedOver()
    {
        var answer = Ask(Chain(Process(40, "srv", parent: 35), Process(35, "sh", parent: 30) with { Arguments = ["sh", "-c", "cd /tmp && srv; true"] },
            Process(30, "node", parent: 20) with { Arguments = ["node", "keeper.js"] }, Shell(20, 10), Process(10, "sshd", parent: 1)));
        Assert.Equal(["kill 40", "kill 30 40"], answer.Remedies.Take(2).Select(static remedy => remedy.Command));
        Assert.Equal("If it comes back, keeper.js (node, pid 30) restarts it; stop that too.", answer.Remedies[1].Text);
    }

    [Fact]
    public void ServerThatIsBack_WasStartedByWhoWasThereBefore()
    {
        var server = Process(50, "srv", parent: 45);
        var script = Process(30, "bash", parent: 20) with { Arguments = ["bash", "dev.sh"] };
        ProcessRecord[] through = [Process(45, "sudo", parent: 44), Process(44, "sh", parent: 30) with { Arguments = ["sh", "-c", "sudo srv; true"] }];
        Assert.Equal(script, Restarters.Of(server, [.. through, script, Shell(20, 10)], [script, Shell(20, 10)]));
        Assert.Null(Restarters.Of(server, [.. through, script, Shell(20, 10)], [Process(99, "srv")]));
        // What else was started in the same session was started by itself.
        Assert.Null(Restarters.Of(server, [Process(44, "sh", parent: 10) with { Arguments = ["sh", "-c", "srv; true"] }, Process(10, "tmux: server", parent: 1)], [Process(10, "tmux: server", parent: 1)]));
        Assert.Null(Restarters.Of(server, [Process(44, "launcher", parent: 30), script], [script]));
        // A tool ends with what it runs.
        Assert.Equal(script, Restarters.Of(server, [Process(44, "make", parent: 30), script], [script]));
    }

    [Fact]
    public void Watcher_IsStoppedWithItsChild()
    {
        var answer = Ask(Chain(Process(40, "Shop", parent: 30), Process(30, "dotnet", parent: 20) with { Arguments = ["dotnet", "watch", "run"] }, Shell(20, 10), Process(10, "sshd", parent: 1)));
        Assert.Equal(("Stop dotnet watch run.", "kill 30 40"), (answer.Remedies[0].Text, answer.Remedies[0].Command));
        Assert.Equal("dotnet watch run may start it again", answer.Remedies[0].Risk);
    }

    [Fact]
    public void Supervisor_IsAskedToStopIt()
    {
        var answer = Ask(Chain(Process(40, "node", parent: 30) with { SupervisedAs = "shop:web" }, Process(30, "supervisord", parent: 1)));
        Assert.Equal("supervisorctl stop shop:web", answer.Remedies[0].Command);
        Assert.DoesNotContain(answer.Remedies, r => r.Id == "end-process");
        answer = Ask(Chain(Process(40, "node", parent: 30) with { SupervisedAs = "a b" }, Process(30, "PM2 v5: God Daem", parent: 1)));
        Assert.Equal("pm2 stop 'a b'", answer.Remedies[0].Command);
        answer = Ask(Chain(Process(40, "node", parent: 30), Process(30, "PM2 v5: God Daem", parent: 1) with { UserId = 1000 }));
        Assert.Equal("sudo -H -u '#1000' pm2 stop NAME", answer.Remedies[0].Command);
    }

    [Fact]
    public void Supervisor_OfSeveral_HasItsOwnNameForEach()
    {
        ProcessRecord[] served = [Process(40, "node", parent: 30), Process(41, "node", parent: 30) with { SupervisedAs = "web" }, Process(42, "node", parent: 30) with { SupervisedAs = "api" }, Process(43, "node", parent: 30)];
        var owners = new OwnerIndex(new Snapshot { TakenAt = default, Processes = [.. served, Process(30, "supervisord", parent: 1)] });
        Assert.Equal([null, "web", "api", null], served.Select(process => owners.OriginOf(process, 7).Tool!.Service));
    }

    [Fact]
    public void Parents_OfSiblings_AreOneList()
    {
        var ancestry = new ProcessAncestry([Process(40, "node", parent: 30), Process(41, "node", parent: 30), Process(30, "sh", parent: 20), Process(20, "sshd", parent: 9)]);
        Assert.Equal([30, 20], ancestry.Of(Process(40, "node", parent: 30)).Select(static parent => parent.Id));
        Assert.Same(ancestry.Of(Process(40, "node", parent: 30)), ancestry.Of(Process(41, "node", parent: 30)));
        Assert.Empty(ancestry.Of(Process(50, "node", parent: 0)));
    }

    [Fact]
    public void Parents_InACircle_EndBeforeTheProcessItself()
    {
        ProcessRecord[] circle = [Process(1, "a", parent: 3), Process(2, "b", parent: 1), Process(3, "c", parent: 2)];
        var ancestry = new ProcessAncestry([.. circle]);
        Assert.Equal(["3 2", "1 3", "2 1"], circle.Select(process => string.Join(' ', ancestry.Of(process).Select(static parent => parent.Id))));
        Assert.Equal([3, 2, 1], ancestry.Of(Process(9, "d", parent: 3)).Select(static parent => parent.Id));
    }

    [Fact]
    public void Editor_AmongTheParents_IsNamed()
    {
        var answer = Ask(Chain(Process(40, "node", parent: 20) with { Terminal = "pts/5" }, Shell(20, 10), Process(10, "node", parent: 1) with { Executable = "/home/alice/.vscode-server/bin/1/node" }));
        Assert.Equal(("VS Code", "pts/5"), (answer.Blockers[0].Owners[0].StartedFrom!.Editor, answer.Blockers[0].Owners[0].StartedFrom!.Terminal));
    }

    [Fact]
    public void Parents_InACircle_EndTheSearch()
    {
        var host = With("tcp 0.0.0.0 LISTEN") with { Holders = [new Holder(With("tcp 0.0.0.0 LISTEN").Sockets[0].Inode, 40, 3)], Processes = [Process(40, "a", parent: 41), Process(41, "b", parent: 40)] };
        Assert.Null(Ask(host).Blockers[0].Owners[0].StartedFrom!.Tool);
    }

    private static Diagnosis Ask(Snapshot snapshot) => Diagnoser.Diagnose(PortTarget(), ProgramOptions.None, snapshot);

    private static ProcessRecord Manager() => Process(1, "systemd", parent: 0) with { Executable = "/usr/lib/systemd/systemd" };

    private static ProcessRecord Shell(int id, int parent) => Process(id, "zsh", parent) with { Arguments = ["-zsh"] };

    private static ProcessRecord Proxy(string address) => Process(5, "docker-proxy") with
    {
        Arguments = ["/usr/bin/docker-proxy", "-proto", "tcp", "-host-ip", "0.0.0.0", "-host-port", "8080", "-container-ip", address, "-container-port", "80"],
    };

    private static SocketUnitRecord Unit(string name, string listen) => new()
    {
        Name = name,
        Service = name.Replace(".socket", ".service", StringComparison.Ordinal),
        Listens = [new SocketUnitListen(SocketUnitKind.Stream, listen)],
        ManagerId = 1,
    };

    // The first one holds the socket; the others are its parents.
    private static Snapshot Chain(params ProcessRecord[] processes)
    {
        var host = With("tcp 0.0.0.0 LISTEN");
        return host with { Holders = [new Holder(host.Sockets[0].Inode, processes[0].Id, 3)], Processes = [.. processes] };
    }
}

using Bindwise.Model.Diagnosing;
using Bindwise.Model.Diagnosing.Freeing;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Targets;
using static Bindwise.Model.Tests.Diagnosing.Hosts;

namespace Bindwise.Model.Tests.Diagnosing;

/// <summary>Ports that lead into a container or a virtual machine and are held by the engine or the hypervisor, which is not ended for one port.</summary>
public sealed class ForwardedPortTests
{
    private const string DesktopUnit = "docker-desktop.service";

    private static readonly ContainerRecord Web = new()
    {
        Id = "aa",
        Name = "web",
        Engine = "docker",
        Published = [new PublishedPort(Protocol.Tcp, null, 8080, 80)],
    };

    // "userland-proxy": false in daemon.json.
    [Fact]
    public void PortThatDockerdHoldsItself_IsMappedToItsContainer()
    {
        var host = With("tcp 0.0.0.0 LISTEN").HeldBy(Engine("dockerd", "docker.service")) with { Containers = [Web, Web with { Id = "bb", Name = "other", Published = [] }] };

        var answer = Ask(host);

        Assert.Equal(("published-container-port", "docker stop web"), (answer.Cause.Id(), answer.Remedies[0].Command));
        Assert.EndsWith("dockerd (pid 5) listens on 0.0.0.0:8080, for container web.", answer.Summary, StringComparison.Ordinal);
        Assert.Equal("stop container web (docker stop web)", Assert.Single(Plan(host).Actions).Text);
    }

    [Theory]
    [InlineData("dockerd", "docker.service", "docker ps --filter publish=8080")]
    [InlineData("docker-proxy", "docker.service", "docker ps --filter publish=8080")]
    [InlineData("com.docker.backend", DesktopUnit, "docker --context desktop-linux ps --filter publish=8080")]
    [InlineData("com.docker.back", DesktopUnit, "docker --context desktop-linux ps --filter publish=8080")] // comm, where the executable may not be read
    public void PortOfAContainerThatIsNotKnown_IsLookedForAndTheEngineLeft(string program, string unit, string command)
    {
        var host = With("tcp 0.0.0.0 LISTEN").HeldBy(Engine(program, unit));

        Assert.Equal([("find-container", command)], Ask(host).Remedies.Where(static r => r.Command is not null).Select(static r => (r.Id, r.Command!)));
        Assert.Equal("container-unknown", Plan(host).Refusal?.Reason);
        Assert.Empty(Plan(host).Actions);
    }

    [Fact]
    public void UdpPortOfAContainer_IsAskedForByItsProtocol()
    {
        var answer = Diagnoser.Diagnose(PortTarget(protocol: Protocol.Udp), ProgramOptions.None, With("udp 0.0.0.0 UNCONN").HeldBy(Engine("docker-proxy", "docker.service")));

        Assert.Equal("docker ps --filter publish=8080/udp", answer.Remedies[0].Command);
    }

    [Theory]
    [InlineData(2375, "dockerd")]
    [InlineData(2377, "dockerd")]
    [InlineData(4243, "dockerd|-H|fd://|-H|tcp://0.0.0.0:4243")]
    [InlineData(4243, "dockerd|--host=tcp://[::]:4243/")]
    [InlineData(9100, "dockerd|--metrics-addr|127.0.0.1:9100")]
    public void PortOfTheEngineItself_IsNoContainers(ushort port, string arguments)
    {
        var host = With("tcp 0.0.0.0 LISTEN");
        host = (host with { Sockets = [.. host.Sockets.Select(s => s with { Local = s.Local with { Port = port } })] })
            .HeldBy(Engine("dockerd", "docker.service") with { Arguments = [.. arguments.Split('|')] });

        var answer = Diagnoser.Diagnose(PortTarget(port: port), ProgramOptions.None, host);

        Assert.Equal(("listener", "systemctl stop docker.service"), (answer.Cause.Id(), answer.Remedies[0].Command));
    }

    [Theory]
    [InlineData("VBoxHeadless", "VBoxManage list runningvms")]
    [InlineData("VirtualBoxVM", "VBoxManage list runningvms")]
    [InlineData("qemu-system-x86_64", null)]
    [InlineData("qemu-kvm", null)]
    [InlineData("vmware-vmx", null)]
    public void PortOfAVirtualMachine_IsNotFreedByAPowerCut(string program, string? command)
    {
        var host = With("tcp 0.0.0.0 LISTEN").HeldBy(Engine(program, "shop-vm.service"));

        var remedy = Assert.Single(Ask(host).Remedies, static r => r.Id is "shut-down-guest" or "end-process" or "stop-unit");
        Assert.Equal(("shut-down-guest", command), (remedy.Id, remedy.Command));
        Assert.StartsWith("Shut the guest down from inside, or take the port out of its forwarding", remedy.Text, StringComparison.Ordinal);
        Assert.Equal("virtual-machine", Plan(host).Refusal?.Reason);
        Assert.Empty(Plan(host).Actions);
    }

    [Theory]
    [InlineData("docker-proxy")]
    [InlineData("dockerd")]
    [InlineData("VBoxHeadless")]
    public void ForwardBesideAServer_IsNotEndedWithIt(string program)
    {
        var host = With("tcp 127.0.0.1 LISTEN", "tcp 127.0.0.2 LISTEN");
        host = host with
        {
            Sockets = [host.Sockets[0], host.Sockets[1] with { Inode = 8 }],
            Processes = [Process(4, "srv"), Process(5, program)],
            Holders = [new Holder(host.Sockets[0].Inode, 4, 3), new Holder(8, 5, 3)],
        };

        Assert.DoesNotContain(Ask(host).Remedies, static r => r.Command?.Contains(" 5", StringComparison.Ordinal) == true);
    }

    private static ProcessRecord Engine(string name, string unit) => Process(5, name, parent: 1) with { Unit = unit, Cgroup = "/system.slice/" + unit };

    private static Diagnosis Ask(Snapshot snapshot) => Diagnoser.Diagnose(PortTarget(), ProgramOptions.None, snapshot);

    private static FreePlan Plan(Snapshot snapshot) => FreePlanner.Of(PortTarget(), ProgramOptions.None, snapshot, new FreeRights { MayEndOthers = true });
}

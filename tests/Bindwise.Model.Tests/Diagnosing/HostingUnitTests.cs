using Bindwise.Model.Diagnosing;
using Bindwise.Model.Diagnosing.Freeing;
using Bindwise.Model.Targets;
using static Bindwise.Model.Tests.Diagnosing.Hosts;

namespace Bindwise.Model.Tests.Diagnosing;

/// <summary>A unit's cgroup holds what others run in it, too: a cron job's server is not stopped by stopping cron.</summary>
public sealed class HostingUnitTests
{
    [Theory]
    [InlineData("cron.service", "cron")]
    [InlineData("crond.service", "crond")]
    [InlineData("cronie.service", "crond")]
    [InlineData("atd.service", "atd")]
    [InlineData("ssh.service", "sshd")]
    [InlineData("sshd.service", "sshd")]
    [InlineData("dropbear.service", "dropbear")]
    [InlineData("getty@tty1.service", "agetty")]
    [InlineData("serial-getty@ttyS0.service", "login")]
    [InlineData("gdm3.service", "gdm3")]
    [InlineData("gdm.service", "Xorg")]
    [InlineData("lightdm.service", "lightdm")]
    [InlineData("docker.service", "dockerd")]
    [InlineData("containerd.service", "containerd")]
    [InlineData("gitlab-runner.service", "gitlab-runner")]
    [InlineData("buildkite-agent.service", "buildkite-agent")]
    [InlineData("actions.runner.shop-web.build1.service", "Runner.Listener")]
    [InlineData("jenkins.service", "java", "java|-Djava.awt.headless=true|-jar|/usr/share/java/jenkins.war|--httpPort=8080")]
    [InlineData("code-server@alice.service", "node", "/usr/lib/code-server/lib/node|/usr/lib/code-server/out/node/entry")]
    [InlineData("jupyterhub.service", "python3", "/usr/bin/python3|/usr/bin/jupyterhub|-f|config.py")]
    public void StrayServer_IsEndedAndTheServiceLeft(string unit, string program, string? arguments = null)
    {
        var service = In(unit, Process(30, program, parent: 1) with { Arguments = [.. (arguments ?? program).Split('|')], HasReapedChildren = true });
        var stray = In(unit, Process(40, "srv", parent: 30));

        var host = Held(stray, service);
        Assert.Equal(["kill 40"], Ask(host).Remedies.Select(static r => r.Command).OfType<string>().Where(static c => c.Contains("kill", StringComparison.Ordinal)));
        Assert.DoesNotContain(Ask(host).Remedies, static r => r.Id is "stop-unit" or "end-parent");
        Assert.Equal(["send SIGTERM to srv (pid 40)"], Plan(host).Actions.Select(static a => a.Text));

        // dockerd's own port: of the others it holds only those of containers.
        var own = Held(program == "dockerd" ? service with { Arguments = ["dockerd", "-H", "tcp://0.0.0.0:8080"] } : service);
        Assert.Equal("systemctl stop " + unit, Ask(own).Remedies[0].Command);
        Assert.Equal(unit, Assert.Single(Plan(own).Actions).Unit);
    }

    [Theory]
    [InlineData("jenkins.service", "java", "java|-jar|app.jar")]
    [InlineData("code-server@alice.service", "node", "node|server.js")]
    [InlineData("jupyterhub.service", "python3", "python3|-m|http.server")]
    [InlineData("ssh.service", "sshd-session", "sshd-session: alice@pts/0")] // ssh -R
    [InlineData("ssh.service", "sshd", "sshd: alice@pts/0")] // the same before OpenSSH 9.8
    public void StrayServer_OfTheSameInterpreterOrName_IsEndedToo(string unit, string program, string arguments)
    {
        var answer = Ask(Held(In(unit, Process(40, program, parent: 30) with { Arguments = [.. arguments.Split('|')] })));

        Assert.Equal("kill 40", answer.Remedies[0].Command);
    }

    [Fact]
    public void ProgramOfAnotherUnit_IsStoppedThereWhateverItsName()
    {
        Assert.Equal("systemctl stop cronicle.service", Ask(Held(In("cronicle.service", Process(40, "srv", parent: 1)))).Remedies[0].Command);
        Assert.Equal("systemctl stop ssh-tunnel.service", Ask(Held(In("ssh-tunnel.service", Process(40, "ssh", parent: 1)))).Remedies[0].Command);
    }

    [Fact]
    public void StrayChildThatInheritedTheSocket_GetsASignalBesideTheStopOfTheUnit()
    {
        var host = Held(In("ssh.service", Process(30, "sshd", parent: 1)));
        host = host with
        {
            Processes = [.. host.Processes, In("ssh.service", Process(40, "srv", parent: 30))],
            Holders = [.. host.Holders, new Holder(host.Sockets[0].Inode, 40, 3)],
        };

        Assert.Equal(["stop ssh.service (systemctl stop ssh.service)", "send SIGTERM to srv (pid 40), which only inherited the socket"],
            Plan(host).Actions.Select(static a => a.Text));
    }

    // From a cron job that asks: its own server is a program of the job, and cron no manager of it.
    [Fact]
    public void AncestorInAHostingUnit_IsLeftToWhoStartedIt()
    {
        var host = Held(In("cron.service", Process(40, "job", parent: 30)), Process(60, "bindwise", parent: 40));
        host = host with { Caller = host.Caller with { ProcessId = 60, AncestorIds = [40, 30, 1] } };

        Assert.Equal("end-starter", Ask(host).Remedies[0].Id);
    }

    private static ProcessRecord In(string unit, ProcessRecord process) => process with { Unit = unit, Cgroup = "/system.slice/" + unit };

    // The first one holds the socket.
    private static Snapshot Held(params ProcessRecord[] processes)
    {
        var host = With("tcp 0.0.0.0 LISTEN");
        return host with { Holders = [new Holder(host.Sockets[0].Inode, processes[0].Id, 3)], Processes = [.. processes] };
    }

    private static Diagnosis Ask(Snapshot snapshot) => Diagnoser.Diagnose(PortTarget(), ProgramOptions.None, snapshot);

    private static FreePlan Plan(Snapshot snapshot) => FreePlanner.Of(PortTarget(), ProgramOptions.None, snapshot, new FreeRights { MayEndOthers = true });
}

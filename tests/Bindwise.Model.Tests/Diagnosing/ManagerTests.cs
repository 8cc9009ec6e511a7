using Bindwise.Model.Diagnosing;
using Bindwise.Model.Diagnosing.Freeing;
using Bindwise.Model.Targets;
using static Bindwise.Model.Tests.Diagnosing.Hosts;

namespace Bindwise.Model.Tests.Diagnosing;

/// <summary>Managers that hold a socket themselves for what they run: one program is stopped, and never the manager.</summary>
public sealed class ManagerTests
{
    private const string Pm2 = "PM2 v7.0.4: God";

    private static readonly FreeRights Everything = new() { MayEndOthers = true, Destroys = true, Forces = true };

    [Fact]
    public void Pm2InClusterMode_IsAskedToStopTheApp()
    {
        var pm2 = Process(10, Pm2, parent: 1) with { SupervisedAs = "web", Executable = "/usr/bin/node", Arguments = [Pm2 + " Daemon (/root/.pm2)"] };
        var (remedy, refusal) = Ask(pm2);

        Assert.Equal(("stop-supervised", "pm2 stop web"), (remedy.Id, remedy.Command));
        Assert.Equal("Stop the program with pm2, which holds the socket for it; a kill would end everything that pm2 runs.", remedy.Text);
        Assert.Equal(("supervised", "PM2 v7.0.4: God Daemon (pid 10) holds it for what it runs, all of which would end with it: pm2 stop web"), refusal);
    }

    [Fact]
    public void Pm2WithSeveralClusters_LeavesTheNameOpen()
    {
        var (remedy, refusal) = Ask(Process(10, "node", parent: 1) with { Arguments = ["node", "/usr/bin/pm2-runtime", "start", "apps.config.js"] });

        Assert.Equal("pm2 stop NAME", remedy.Command);
        Assert.EndsWith("; pm2 list shows its name.", remedy.Text, StringComparison.Ordinal);
        Assert.Equal("supervised", refusal.Reason);
    }

    // What is killed for want of a name that PM2 takes is never PM2.
    [Fact]
    public void Pm2WithAnAppOfAnotherName_IsNotKilled() => Assert.Equal("pm2 stop NAME", Ask(Process(10, Pm2, parent: 1) with { SupervisedAs = "all" }).First.Command);

    [Fact]
    public void Pm2BesideAnotherServer_IsNotKilledWithIt()
    {
        var host = With("tcp 127.0.0.1 LISTEN", "tcp :: LISTEN v6only");
        host = host with
        {
            Sockets = [.. host.Sockets.Select(static (socket, at) => socket with { Inode = 70 + (ulong)at })],
            Holders = [new Holder(70, 11, 3), new Holder(71, 10, 3)],
            Processes = [Process(11, "srv"), Process(10, Pm2, parent: 1)],
        };

        Assert.DoesNotContain(Diagnoser.Diagnose(PortTarget(), ProgramOptions.None, host).Remedies, static remedy => remedy.Command?.Split(' ').Contains("10") == true);
    }

    [Fact]
    public void Pm2sOwnSocket_IsNoApps()
    {
        const string path = "/root/.pm2/rpc.sock";
        var host = With() with
        {
            UnixPath = new UnixPathRecord { Path = path, Exists = true, IsSocket = true, Kind = "socket" },
            Sockets = [new HeldSocket { Protocol = Protocol.Unix, State = TcpSocketState.Listen, Path = path, Inode = 5 }],
        };
        host = host.HeldBy(Process(10, Pm2, parent: 1));
        var target = new Target { Text = path, Protocol = Protocol.Unix, Path = path };

        var plan = FreePlanner.Of(target, ProgramOptions.None, host, Everything);

        Assert.Equal("supervised", plan.Refusal?.Reason);
        Assert.Contains("pm2 kill", plan.Refusal!.Text, StringComparison.Ordinal);
    }

    // The socket of a fcgi-program closes with the last of its processes.
    [Fact]
    public void SupervisordWithItsPrograms_IsAskedToStopThem()
    {
        var (remedy, refusal) = Ask(Process(10, "supervisord", parent: 1),
            Process(11, "php-cgi", parent: 10) with { SupervisedAs = "php:php_00" }, Process(12, "php-cgi", parent: 10) with { SupervisedAs = "php:php_01" });

        Assert.Equal("supervisorctl stop php:php_00 php:php_01", remedy.Command);
        Assert.Equal("supervised", refusal.Reason);
    }

    [Fact]
    public void SupervisordAlone_ListensForItsOwnCommand()
    {
        var (remedy, refusal) = Ask(Process(10, "supervisord", parent: 1));

        Assert.Null(remedy.Command);
        Assert.Contains("[inet_http_server]", remedy.Text, StringComparison.Ordinal);
        Assert.Equal(("supervised", remedy.Text), refusal);
    }

    [Theory]
    [InlineData("inetd", "Take its line out of /etc/inetd.conf, and have inetd read that again: kill -HUP 10")]
    [InlineData("xinetd", "Disable it in /etc/xinetd.d, and have xinetd read that again: kill -HUP 10")]
    [InlineData("circusd", "Take the socket out of circusd's configuration, and start circusd again: it keeps its sockets as long as it runs")]
    public void ServerOfSeveralServices_IsNeverEnded(string name, string text)
    {
        var (remedy, refusal) = Ask(Process(10, name, parent: 1) with { Unit = name + ".service" }, Process(11, "worker", parent: 10));

        Assert.Equal(("close-service", text + "."), (remedy.Id, remedy.Text));
        Assert.Equal("service-manager", refusal.Reason);
        Assert.EndsWith(text + ".", refusal.Text, StringComparison.Ordinal);
    }

    // pm2-root.service stands for every app.
    [Theory]
    [InlineData("pm2-root.service", "pm2 stop web", "supervised")]
    [InlineData("web.service", "systemctl stop web.service", null)]
    public void UnitOfASupervisor_IsNotStoppedForOneOfItsPrograms(string unit, string command, string? reason)
    {
        var host = With("tcp 0.0.0.0 LISTEN");
        host = host with
        {
            Holders = [new Holder(host.Sockets[0].Inode, 11, 3)],
            Processes = [Process(11, "node", parent: 10) with { SupervisedAs = "web", Unit = unit }, Process(10, Pm2, parent: 1) with { Unit = "pm2-root.service" }],
        };

        Assert.Equal(command, Diagnoser.Diagnose(PortTarget(), ProgramOptions.None, host).Remedies[0].Command);
        var plan = FreePlanner.Of(PortTarget(), ProgramOptions.None, host, Everything);
        Assert.Equal(reason, plan.Refusal?.Reason);
        Assert.Equal(reason is null ? 1 : 0, plan.Actions.Count(action => action.Unit == unit));
    }

    // The command that is pasted in another folder reaches the supervisor that runs it, and no other one.
    [Theory]
    [InlineData("supervisord", "/usr/bin/python3|/usr/bin/supervisord|-c|/etc/s.conf", "/", "supervisorctl -c /etc/s.conf stop web")]
    [InlineData("supervisord", "/usr/bin/python3|/usr/bin/supervisord|-nc|s.conf", "/srv/shop", "supervisorctl -c /srv/shop/s.conf stop web")]
    [InlineData("supervisord", "supervisord|-cconf/s.conf", "/srv/my shop", "supervisorctl -c '/srv/my shop/conf/s.conf' stop web")]
    [InlineData("supervisord", "supervisord|-n|--configuration=s.conf", "/", "supervisorctl -c /s.conf stop web")]
    [InlineData("supervisord", "supervisord|--configuration|s.conf", null, "supervisorctl -c /proc/10/cwd/s.conf stop web")]
    [InlineData("supervisord", "supervisord|-n", "/srv/shop", "env -C /srv/shop supervisorctl stop web")]
    [InlineData("supervisord", "supervisord|-n", "/", "supervisorctl stop web")]
    [InlineData("supervisord", "supervisord|-n", null, "supervisorctl stop web")]
    [InlineData(Pm2, Pm2 + " Daemon (/root/.pm2)", "/", "pm2 stop web")]
    [InlineData(Pm2, Pm2 + " Daemon (/srv/my shop)", "/", "PM2_HOME='/srv/my shop' pm2 stop web")]
    [InlineData(Pm2, Pm2 + " Daemon (/srv/sh", "/", "env \"$(grep -z ^PM2_HOME= /proc/10/environ | tr -d '\\0')\" pm2 stop web")]
    [InlineData("runsv", "runsv|web", "/etc/sv/web", "sv stop /etc/sv/web")]
    [InlineData("runsv", "runsv|services/web", "/srv/services/web", "sv stop /srv/services/web")]
    [InlineData("s6-supervise", "s6-supervise|web", "/run/service/web", "s6-svc -d /run/service/web")]
    [InlineData("supervise", "supervise|web", "/service/web", "svc -d /service/web")]
    [InlineData("supervise-daemo", "supervise-daemon|web|--start", "/", "rc-service web stop")]
    public void Supervisor_IsReachedFromAnyFolder(string name, string arguments, string? folder, string command)
    {
        var above = Process(10, name, parent: 1) with { Arguments = [.. arguments.Split('|')], WorkingDirectory = folder };

        var (remedy, refusal) = Ask([Process(11, "node", parent: 10) with { SupervisedAs = "web" }], above);

        Assert.Equal(("stop-supervised", command), (remedy.Id, remedy.Command));
        Assert.Equal("supervised", refusal.Reason);
        Assert.EndsWith(": " + command, refusal.Text, StringComparison.Ordinal);
        // Of a user it is reached by that user, to whom the home of root is none.
        var ofUser = Ask([Process(11, "node", parent: 10) with { SupervisedAs = "web", UserId = 1000 }], above with { UserId = 1000 }, mayAct: true);
        Assert.Equal(name == "supervise-daemo" ? "kill 11" : $"sudo -H -u '#1000' {(command == "pm2 stop web" ? "PM2_HOME=/root/.pm2 " : "")}{command}", ofUser.First.Command);
    }

    [Theory]
    [InlineData("web", "-c|/etc/s.conf", "supervisorctl cannot stop it (supervisord has no control socket): take [program:web] out of /etc/s.conf, and have that read again with kill -HUP 10.")]
    [InlineData("web:web_00", "-n", "supervisorctl cannot stop it (supervisord has no control socket): take the section of web:web_00 out of supervisord's configuration, and have that read again with kill -HUP 10.")]
    public void SupervisordWithoutAControlSocket_IsToldByItsConfiguration(string name, string arguments, string text)
    {
        var (remedy, refusal) = Ask([Process(11, "node", parent: 10) with { SupervisedAs = name, IsWithoutSupervisorControl = true }],
            Process(10, "supervisord", parent: 1) with { Arguments = ["supervisord", .. arguments.Split('|')], WorkingDirectory = "/" });

        Assert.Equal((text, null), (remedy.Text, remedy.Command));
        Assert.Equal("supervised", refusal.Reason);
        Assert.Contains(text, refusal.Text, StringComparison.Ordinal);
    }

    private static (Remedy First, (string Reason, string Text) Refusal) Ask(ProcessRecord[] holders, ProcessRecord above, bool mayAct = false)
    {
        var host = With("tcp 0.0.0.0 LISTEN").HeldBy(holders);
        host = host with { Processes = [.. holders, above] };
        var plan = FreePlanner.Of(PortTarget(), ProgramOptions.None, host, Everything);
        Assert.True(mayAct || plan.Actions.IsEmpty);
        return (Diagnoser.Diagnose(PortTarget(), ProgramOptions.None, host).Remedies[0], (plan.Refusal?.Reason ?? "", plan.Refusal?.Text ?? ""));
    }

    private static (Remedy First, (string Reason, string Text) Refusal) Ask(params ProcessRecord[] processes)
    {
        var host = With("tcp 0.0.0.0 LISTEN").HeldBy(processes);
        var plan = FreePlanner.Of(PortTarget(), ProgramOptions.None, host, Everything);
        Assert.Empty(plan.Actions);
        return (Diagnoser.Diagnose(PortTarget(), ProgramOptions.None, host).Remedies[0], (plan.Refusal!.Reason, plan.Refusal.Text));
    }
}

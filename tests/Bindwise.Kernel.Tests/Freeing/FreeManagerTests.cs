using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Freeing;

/// <summary>`bindwise free` has a service manager stop what it started: a real systemd, and a program of that name that only records.</summary>
[Trait("Lane", "second")]
public sealed class FreeManagerTests
{
    private const string Listens = "tcp 127.0.0.1 8080 reuseaddr listen";

    private const string Units = """
        mount -t tmpfs none /etc/systemd/system
        cd /etc/systemd/system
        printf "[Unit]\nDefaultDependencies=no\nRequires=shop.socket web.service\n" > default.target
        printf "[Unit]\nDefaultDependencies=no\n[Socket]\nListenStream=8080\nService=shop-web.service\n" > shop.socket
        printf "[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=/bin/sleep 1000\n" > shop-web.service
        printf "[Unit]\nDefaultDependencies=no\n[Service]\nRestart=always\nExecStart=SERVER tcp 0.0.0.0 8090 reuseaddr listen\n" > web.service
        export container=other
        exec /lib/systemd/systemd --system --log-target=null --show-status=no
        """;

    [KernelFact("systemctl", "pgrep")]
    public async Task Free_AServiceOfARealServiceManager_IsStoppedThereAndDoesNotComeBack()
    {
        await using var host = await TestHost.OpenAsync();
        await using var sandbox = await StartAsync(host);
        await host.Sockets.UntilSomeAsync(8090, "LISTEN");
        var manager = await sandbox.PidOfAsync("systemd");
        var told = await UntilToldAsync(() => sandbox.RunAsync(manager, Programs.Bindwise, "free", "8090", "--dry-run"), "Restart=always");
        Assert.True(told.ExitCode == 0 && told.Output.Contains("would stop web.service (systemctl stop web.service)", StringComparison.Ordinal), told.ToString());

        var answer = FreeAnswer.Of(await sandbox.RunAsync(manager, [Programs.Bindwise, .. FreeVerb.Patient("8090 --yes --json")])).Is("freed", null, "free", 0);
        Assert.Equal(("stop-unit", "web.service", "done"), Assert.Single(answer.Actions) switch { var a => (a.Kind, a.Unit, a.Result) });
        var state = await sandbox.RunAsync(manager, "systemctl", "is-active", "web.service");
        Assert.Equal("inactive", state.Output.Trim());
    }

    [KernelFact("systemctl", "pgrep")]
    public async Task Free_ASocketUnitOfARealServiceManager_IsStoppedWithItsService()
    {
        await using var host = await TestHost.OpenAsync();
        await using var sandbox = await StartAsync(host);
        await host.Sockets.UntilSomeAsync(8080, "LISTEN");
        await host.Sockets.UntilSomeAsync(8090, "LISTEN");
        var manager = await sandbox.PidOfAsync("systemd");
        // Its socket listens before it takes commands.
        await Patience.UntilAsync(() => sandbox.RunAsync(manager, "systemctl", "show", "--property=Version").GetAwaiter().GetResult().ExitCode == 0, "the manager's answer");
        var answer = FreeAnswer.Of(await sandbox.RunAsync(manager, [Programs.Bindwise, .. FreeVerb.Patient("8080 --yes --json")])).Is("freed", null, "free", 0);
        Assert.Equal("stop shop.socket and shop-web.service (systemctl stop shop.socket shop-web.service)", Assert.Single(answer.Actions).Text);
    }

    [KernelFact]
    public async Task Free_AUnit_IsStoppedByTheProgramOnThePathWithoutAShell()
    {
        await using var host = await TestHost.OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, "system.slice/bindwise-demo.service");
        var server = await host.StartScriptAsync("hold.py", Listens);
        await group.PutAsync(server.Pid);
        // It ends before what it stops does.
        var record = await StandInAsync(host, "systemctl", $"[ \"$1\" = stop ] && {{ (sleep 0.5; kill {server.Pid}) >/dev/null 2>&1 & }}; [ \"$1\" = show ] && echo TriggeredBy=demo.socket demo.path; true");
        await UntilToldAsync(() => RunAsync(host, 0, "--dry-run"), "demo.socket starts bindwise-demo.service again");
        Assert.True(host.Lives(server.Pid));

        FreeAnswer.Of(await RunAsync(host, 0, "--yes --json")).Is("freed", null, "free", 0);
        Assert.Contains("stop bindwise-demo.service", await File.ReadAllLinesAsync(record));
    }

    [KernelFact]
    public async Task Free_AUnitThatDoesNotStop_IsSaidAndNoSignalIsSent()
    {
        await using var host = await TestHost.OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, "system.slice/bindwise-demo.service");
        var server = await host.StartScriptAsync("hold.py", Listens);
        await group.PutAsync(server.Pid);
        await StandInAsync(host, "systemctl", "[ \"$1\" = show ] || { echo 'Failed to stop: Connection timed out' >&2; exit 1; }");
        var answer = FreeAnswer.Of(await RunAsync(host, 0, "--yes --json --force")).Is("failed", "command-failed", "blocked", 1);
        Assert.Equal("Failed to stop: Connection timed out", Assert.Single(answer.Actions).Detail);
        Assert.True(host.Lives(server.Pid));
    }

    [KernelFact]
    public async Task Free_AUnitOfTheSystem_IsNotStoppedByAnOrdinaryUser()
    {
        await using var host = await TestHost.OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, "system.slice/bindwise-demo.service");
        var server = await host.StartScriptAsAsync(TestHost.Nobody, "hold.py", Listens);
        await group.PutAsync(server.Pid);
        FreeAnswer.Of(await RunAsync(host, TestHost.Nobody, "--yes --json")).Is("refused", "needs-root", "blocked", 1);
    }

    [KernelFact]
    public async Task Free_TheUnitInWhichItRunsItself_IsNotStopped()
    {
        await using var host = await TestHost.OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, "system.slice/bindwise-runner.service");
        var server = await host.StartScriptAsync("hold.py", Listens);
        await group.PutAsync(server.Pid);
        // As a step of a CI job, which runs in the unit of the runner.
        var answer = FreeAnswer.Of(await host.RunAsync("/bin/sh", "-c", $"echo $$ > {group.Processes}; exec {Programs.Bindwise} free 127.0.0.1:8080 --grace 3m --yes --json")).Is("freed", null, "free", 0);
        Assert.Equal([(server.Pid, "SIGTERM")], answer.Sent);
    }

    [KernelFact]
    public async Task Free_AServerThatACronJobLeft_GetsASignalAndTheSchedulerIsNotStopped()
    {
        await using var host = await TestHost.OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, "system.slice/fcron.service");
        var server = await host.StartScriptAsync("hold.py", Listens);
        await group.PutAsync(server.Pid);
        var record = await StandInAsync(host, "systemctl", "true");
        var answer = FreeAnswer.Of(await RunAsync(host, 0, "--yes --json")).Is("freed", null, "free", 0);
        Assert.Equal([(server.Pid, "SIGTERM")], answer.Sent);
        Assert.Empty(await File.ReadAllTextAsync(record));
    }

    [KernelFact]
    public async Task Free_AContainerWithoutAName_IsStoppedByItsIdAndItsEngine()
    {
        const string Id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
        await using var host = await TestHost.OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, "system.slice/docker-" + Id + ".scope");
        var server = await host.StartScriptAsync("hold.py", Listens);
        await group.PutAsync(server.Pid);
        var record = await StandInAsync(host, "docker", $"kill {server.Pid}");
        var answer = FreeAnswer.Of(await RunAsync(host, 0, "--yes --json")).Is("freed", null, "free", 0);
        Assert.Equal(("stop-container", "done"), Assert.Single(answer.Actions) switch { var a => (a.Kind, a.Result) });
        Assert.Equal(["stop " + Id[..12]], await File.ReadAllLinesAsync(record));
    }

    [KernelFact]
    public async Task Free_AProxyWhoseContainerIsNotKnown_IsNotEnded()
    {
        await using var host = await TestHost.OpenAsync();
        var program = Path.Combine(host.Folder, "docker-proxy");
        ProgramCopy.Make((await host.RunAsync("/bin/sh", "-c", "readlink -f $(command -v python3)")).Output.Trim(), program);
        var server = host.Start(0, program, "-B", "-S", Programs.Script("hold.py"), "tcp", "127.0.0.1", "8080", "reuseaddr", "listen");
        await server.ReadyAsync();
        (await host.FreeAsync("127.0.0.1:8080 --yes --force")).Is("refused", "container-unknown", "blocked", 1);
        Assert.True(host.Lives(server.Pid));
    }

    // The manager is given little time to tell what it knows: asked again where a busy machine had none.
    private static async Task<Outcome> UntilToldAsync(Func<Task<Outcome>> dryRun, string note)
    {
        Outcome? told = null;
        await Patience.UntilAsync(() =>
        {
            told = dryRun().GetAwaiter().GetResult();
            Assert.True(told.ExitCode == 0, told.ToString());
            return told.Output.Contains(note, StringComparison.Ordinal);
        }, note);
        return told!;
    }

    private static Task<Sandbox> StartAsync(TestHost host) =>
        Sandbox.StartAsync(host, ownProcesses: true, Units.Replace("SERVER", $"/usr/bin/env python3 -B -S {Programs.Script("hold.py")}", StringComparison.Ordinal));

    /// <summary>A program that writes down its arguments and then runs a script; gives the file with one line a call.</summary>
    private static async Task<string> StandInAsync(TestHost host, string name, string script)
    {
        var folder = Path.Combine(host.Folder, "bin");
        Directory.CreateDirectory(folder);
        var record = Path.Combine(host.Folder, name + ".calls");
        await File.WriteAllTextAsync(record, "");
        var text = Path.Combine(host.Folder, name + ".text");
        await File.WriteAllTextAsync(text, $"#!/bin/sh\necho \"$@\" >> {record}\n{script}\n");
        File.SetUnixFileMode(text, (UnixFileMode)0b111_101_101);
        ProgramCopy.Make(text, Path.Combine(folder, name));
        File.SetUnixFileMode(record, (UnixFileMode)0b110_110_110);
        return record;
    }

    private static Task<Outcome> RunAsync(TestHost host, int user, string words) =>
        host.RunAsAsync(user, null, ["env", $"PATH={Path.Combine(host.Folder, "bin")}:/usr/sbin:/usr/bin:/sbin:/bin", Programs.Bindwise, .. FreeVerb.Patient($"127.0.0.1:8080 {words}")]);
}

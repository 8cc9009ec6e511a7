using System.Globalization;
using System.Text.RegularExpressions;
using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Freeing;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>A real Docker daemon; compiled only where one is installed (see the project file).</summary>
[Trait("Lane", "second")]
public sealed partial class DockerTests
{
    private static readonly string Nobody = TestHost.Nobody.ToString(CultureInfo.InvariantCulture);

    [KernelFact("dockerd", "docker", "pgrep")]
    public async Task Why_PortThatARealDockerPublishes_IsMappedToItsContainer()
    {
        await using var host = await TestHost.OpenAsync();
        await using var sandbox = await StartAsync(host);
        var daemon = await ImportAsync(host, sandbox);
        var container = await sandbox.RunAsync(daemon, "docker", "run", "--detach", "--name", "shop-web-1", "--pids-limit", "0", "--label", "com.docker.compose.project=shop",
            "--label", "com.docker.compose.service=web", "--publish", "127.0.0.1:8080:80", "--volume", "/usr:/usr:ro", "sandbox:1", "/usr/bin/sleep", "1000");
        Assert.True(container.ExitCode == 0, container + sandbox.Program.Error);

        var answer = await WhyAsync(sandbox, daemon, Programs.Bindwise, "why", "127.0.0.1:8080", "--json");
        answer.Is("blocked", "EADDRINUSE", "published-container-port");
        var origin = Assert.Single(answer.Owners).StartedFrom;
        Assert.Equal(new AnswerContainer(container.Output.Trim(), "shop-web-1", "docker", "sandbox:1", 80), origin.Container);
        Assert.Equal(new AnswerCompose("shop", "web"), origin.Compose);
        Assert.Equal("docker compose -p shop stop web", answer.Remedies[0].Command);
        Assert.DoesNotContain(answer.Remedies, static remedy => remedy.Command?.Contains("kill", StringComparison.Ordinal) == true);

        // A member of the docker group: root's descriptors are out of sight, and the daemon answers.
        string[] member = ["setpriv", "--reuid", Nobody, "--regid", Nobody, "--clear-groups", "--", Programs.Bindwise, "why", "127.0.0.1:8080", "--json"];
        var seen = await WhyAsync(sandbox, daemon, member);
        seen.Is("blocked", "EADDRINUSE", "published-container-port");
        Assert.Equal(origin.Container, Assert.Single(seen.Owners).StartedFrom.Container);
        Assert.Equal("docker compose -p shop stop web", seen.Remedies[0].Command);
        // Who may not ask it is told which program has the port all the same.
        var stranger = await WhyAsync(sandbox, daemon, [.. member.Select(static word => word == Nobody ? "1" : word)]);
        stranger.Is("blocked", "EADDRINUSE", "published-container-port").Has(stranger.Summary.Contains("docker-proxy", StringComparison.Ordinal), "the proxy");
        Assert.Equal("sudo docker ps --filter publish=8080", stranger.Remedies[0].Command);
    }

    [KernelFact("dockerd", "docker", "pgrep", "perl")]
    public async Task Why_PortOfAContainerThatARealDockerPaused_IsFreedByTheThawThatIsTold()
    {
        await using var host = await TestHost.OpenAsync();
        await using var sandbox = await StartAsync(host);
        var daemon = await ImportAsync(host, sandbox);
        // It handles SIGTERM, as servers do: nothing ends it while it is frozen.
        var started = await sandbox.RunAsync(daemon, "docker", "run", "--detach", "--name", "web", "--network", "host", "--pids-limit", "0", "--volume", "/usr:/usr:ro", "sandbox:1",
            "/usr/bin/perl", "-MIO::Socket::INET", "-e", "$SIG{TERM} = sub { exit }; $s = IO::Socket::INET->new(LocalAddr => q(127.0.0.1:8080), Listen => 5) or die; sleep 1 while 1");
        Assert.True(started.ExitCode == 0, started + sandbox.Program.Error);
        await host.Sockets.UntilAsync(8080, "LISTEN");
        var paused = await sandbox.RunAsync(daemon, "docker", "pause", "web");
        Assert.True(paused.ExitCode == 0, paused.ToString());

        var answer = await WhyAsync(sandbox, daemon, Programs.Bindwise, "why", "127.0.0.1:8080", "--json");
        answer.Is("blocked", "EADDRINUSE", "frozen-process").Has(answer.Summary.Contains("the container web is frozen", StringComparison.Ordinal), "what is frozen");
        Assert.Equal(("thaw-and-stop", "docker unpause web && docker stop web"), (answer.Remedies[0].Id, answer.Remedies[0].Command));
        Assert.Equal("docker unpause web", answer.Remedies[1].Command);
        var freed = await sandbox.RunAsync(daemon, "/bin/sh", "-c", answer.Remedies[0].Command!);
        Assert.True(freed.ExitCode == 0, freed.ToString());
        Assert.Equal("free", (await WhyAsync(sandbox, daemon, Programs.Bindwise, "why", "127.0.0.1:8080", "--json")).Verdict);
    }

    [KernelFact("dockerd", "docker", "pgrep")]
    public async Task Free_PortThatARealDockerPublishes_HasItsContainerStopped()
    {
        await using var host = await TestHost.OpenAsync();
        await using var sandbox = await StartAsync(host);
        var daemon = await ImportAsync(host, sandbox);
        var container = await sandbox.RunAsync(daemon, "docker", "run", "--detach", "--name", "web", "--stop-timeout", "1", "--restart", "always", "--pids-limit", "0", "--publish", "127.0.0.1:8080:80",
            "--volume", "/usr:/usr:ro", "sandbox:1", "/usr/bin/sleep", "1000");
        Assert.True(container.ExitCode == 0, container + sandbox.Program.Error);

        var answer = FreeAnswer.Of(await sandbox.RunAsync(daemon, [Programs.Bindwise, .. FreeVerb.Patient("127.0.0.1:8080 --yes --json")])).Is("freed", null, "free", 0);
        Assert.Equal(("stop-container", "web", "stop container web (docker stop web)", "done"), Assert.Single(answer.Actions) switch { var a => (a.Kind, a.Container, a.Text, a.Result) });
        var state = await sandbox.RunAsync(daemon, "docker", "inspect", "--format", "{{.State.Status}}", "web");
        Assert.Equal("exited", state.Output.Trim());
    }

    // Without docker-proxy the daemon has the host's socket itself.
    [KernelFact("dockerd", "docker", "pgrep")]
    public async Task Free_PortThatARealDaemonHoldsItself_HasTheContainerStoppedAndNotTheDaemon()
    {
        await using var host = await TestHost.OpenAsync();
        await using var sandbox = await StartAsync(host, "--userland-proxy=false");
        var daemon = await ImportAsync(host, sandbox);
        var container = await sandbox.RunAsync(daemon, "docker", "run", "--detach", "--name", "web", "--stop-timeout", "1", "--pids-limit", "0", "--publish", "8080:80", "--volume", "/usr:/usr:ro", "sandbox:1",
            "/usr/bin/sleep", "1000");
        Assert.True(container.ExitCode == 0, container + sandbox.Program.Error);

        var answer = await WhyAsync(sandbox, daemon, Programs.Bindwise, "why", "0.0.0.0:8080", "--json");
        answer.Is("blocked", "EADDRINUSE", "published-container-port");
        Assert.Equal(daemon, Assert.Single(answer.Owners).Pid);
        Assert.Equal("docker stop web", answer.Remedies[0].Command);
        var freed = FreeAnswer.Of(await sandbox.RunAsync(daemon, [Programs.Bindwise, .. FreeVerb.Patient("8080 --yes --json")])).Is("freed", null, "free", 0);
        Assert.Equal("stop container web (docker stop web)", Assert.Single(freed.Actions).Text);
        var state = await sandbox.RunAsync(daemon, "docker", "inspect", "--format", "{{.State.Status}}", "web");
        Assert.Equal("exited", state.Output.Trim());
    }

    // Who was given a part of the tree of cgroups names the groups there: the name of somebody's container makes no container of a program.
    [KernelFact("dockerd", "docker", "pgrep", "perl", "setpriv")]
    public async Task Free_PortOfAnOrdinaryUserInAGroupNamedAfterAContainer_LeavesThatContainerAlone()
    {
        await using var host = await TestHost.OpenAsync();
        await using var sandbox = await StartAsync(host);
        var daemon = await ImportAsync(host, sandbox);
        var container = await sandbox.RunAsync(daemon, "docker", "run", "--detach", "--name", "shop", "--network", "none", "--pids-limit", "0", "--volume", "/usr:/usr:ro", "sandbox:1", "/usr/bin/sleep", "1000");
        Assert.True(container.ExitCode == 0, container + sandbox.Program.Error);
        var named = $"/sys/fs/cgroup/job/docker-{container.Output.Trim()}.scope";
        var listens = $"mkdir {named} && echo $$ > {named}/cgroup.procs && exec perl -MIO::Socket::INET -e \"@s = IO::Socket::INET->new(LocalAddr => q(127.0.0.1:8080), Listen => 5) or die; system q(echo listens); sleep 1 while 1\"";
        var delegated = $"mkdir /sys/fs/cgroup/job && chown {Nobody} /sys/fs/cgroup/job /sys/fs/cgroup/job/cgroup.procs && echo $$ > /sys/fs/cgroup/job/cgroup.procs && exec setpriv --reuid {Nobody} --regid {Nobody} --clear-groups /bin/sh -c '{listens}'";
        var server = host.Start(0, "nsenter", "--target", daemon.ToString(CultureInfo.InvariantCulture), "--mount", "--pid", "--", "/bin/sh", "-c", delegated);
        Assert.Equal("listens", await server.LineAsync());

        var why = await WhyAsync(sandbox, daemon, Programs.Bindwise, "why", "127.0.0.1:8080", "--json");
        Assert.Null(Assert.Single(why.Owners).StartedFrom?.Container);
        Assert.DoesNotContain(why.Remedies, static remedy => remedy.Command?.Contains("docker", StringComparison.Ordinal) == true);
        var freed = FreeAnswer.Of(await sandbox.RunAsync(daemon, [Programs.Bindwise, .. FreeVerb.Patient("127.0.0.1:8080 --yes --json")])).Is("freed", null, "free", 0);
        Assert.Equal("signal", Assert.Single(freed.Actions).Kind);
        var state = await sandbox.RunAsync(daemon, "docker", "inspect", "--format", "{{.State.Status}}", "shop");
        Assert.Equal("running", state.Output.Trim());
    }

    // Docker's own seccomp profile allows pidfd_getfd() only with that capability.
    [KernelTheory("dockerd", "docker", "pgrep")]
    [InlineData("SYS_PTRACE", "1")]
    [InlineData("KILL", "0")]
    public async Task Run_ByDockerExec_SupervisesOrSaysThatItCannot(string capability, string reuseAddress)
    {
        await using var host = await TestHost.OpenAsync();
        await using var sandbox = await StartAsync(host);
        var daemon = await ImportAsync(host, sandbox);
        var container = await sandbox.RunAsync(daemon, "docker", "run", "--detach", "--name", "web", "--cap-add", capability, "--pids-limit", "0", "--volume", "/usr:/usr:ro",
            "--volume", $"{Path.GetDirectoryName(Programs.Bindwise)}:/opt:ro", "sandbox:1", "/usr/bin/sleep", "1000");
        Assert.True(container.ExitCode == 0, container + sandbox.Program.Error);

        const string Program = "import socket; s = socket.socket(); s.bind(('127.0.0.1', 8080)); print(s.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR)); raise SystemExit(6)";
        var outcome = await sandbox.RunAsync(daemon, "docker", "exec", "web", "/opt/bindwise", "run", "--", "/usr/bin/python3", "-B", "-S", "-c", Program);
        Assert.True(outcome.ExitCode == 6 && outcome.Output == reuseAddress + "\n", outcome.ToString());
        Assert.Equal(reuseAddress == "0", outcome.Error.Contains("this run adds nothing to the program", StringComparison.Ordinal));
    }

    // The recipe's base image would be fetched: the program is in another one here, with the options that stand at the head of the recipe.
    [KernelFact("dockerd", "docker", "pgrep", "curl")]
    public async Task Serve_InAContainerByTheRecipesOptions_SeesTheHostAndOtherContainers()
    {
        await using var host = await TestHost.OpenAsync();
        await using var sandbox = await StartAsync(host);
        var daemon = await ImportAsync(host, sandbox);
        var recipe = await File.ReadAllTextAsync(Programs.Sample("Containerfile"));
        var options = RecipeOptions().Match(recipe.Replace("\\\n#", "", StringComparison.Ordinal)).Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(static word => word.Contains(',', StringComparison.Ordinal) ? word.Split(',').SelectMany(static one => new[] { "--cap-add", one }).Skip(1) : [word]);
        var server = await sandbox.RunAsync(daemon, ["docker", "run", "--detach", "--pids-limit", "0", "--volume", "/usr:/usr:ro", "--volume", $"{Path.GetDirectoryName(Programs.Bindwise)}:/opt:ro",
            .. options, "sandbox:1", "/opt/bindwise", "serve", "--all-namespaces"]);
        Assert.True(server.ExitCode == 0, server + sandbox.Program.Error);
        await UntilToldAsync("^bindwise_bind_failures_seen 1");

        const string Failing = "import socket, time\ntry: socket.socket().bind(('192.0.2.7', 8080))\nexcept OSError: time.sleep(1000)";
        var other = await sandbox.RunAsync(daemon, "docker", "run", "--detach", "--network", "none", "--pids-limit", "0", "--volume", "/usr:/usr:ro", "sandbox:1", "/usr/bin/python3", "-B", "-S", "-c", Failing);
        Assert.True(other.ExitCode == 0, other.ToString());
        await UntilToldAsync($$"""^bindwise_namespace_bind_failures_total{container="{{other.Output[..12]}}",pod="",cause="address-not-local",program="python3"} 1""");
        await UntilToldAsync("""^bindwise_listener_sockets{address="127.0.0.1",port="9876",program="bindwise"} 1""");

        async Task UntilToldAsync(string line)
        {
            var waited = await sandbox.RunAsync(daemon, "/bin/sh", "-c", $"for i in $(seq 1800); do curl -sf http://127.0.0.1:9876/metrics | grep -q '{line}' && exit 0; sleep 0.1; done; curl -s http://127.0.0.1:9876/metrics; docker logs {server.Output.Trim()}; exit 1");
            Assert.True(waited.ExitCode == 0, waited.ToString());
        }
    }

    [GeneratedRegex("podman run (.*) bindwise\n")]
    private static partial Regex RecipeOptions();

    // The engine is given little time to tell what it knows: asked again where a busy machine had none.
    private static async Task<Answer> WhyAsync(Sandbox sandbox, int daemon, params string[] command)
    {
        Outcome outcome;
        do
            outcome = await sandbox.RunAsync(daemon, command);
        while (outcome.Output.Contains("no answer in time", StringComparison.Ordinal));
        return Assert.Single(Asking.Answers(outcome));
    }

    /// <summary>A daemon of the host's own.</summary>
    private static Task<Sandbox> StartAsync(TestHost host, string options = "") => Sandbox.StartAsync(host, ownProcesses: false, $"""
        mkdir -p /var/lib/docker
        mount -t tmpfs none /var/lib/docker
        exec dockerd --group {TestHost.Nobody} --storage-driver vfs --exec-opt native.cgroupdriver=cgroupfs {options}
        """);

    /// <summary>Gives it an image of nothing but links into /usr, which is the sandbox's: nothing is fetched. Gives the daemon's process.</summary>
    private static async Task<int> ImportAsync(TestHost host, Sandbox sandbox)
    {
        var image = Path.Combine(host.Folder, "image");
        await host.SetUpAsync($"mkdir {image} {image}/usr");
        foreach (var link in new[] { "bin", "lib", "lib64" })
            await host.SetUpAsync($"ln -s usr/{link} {image}/{link}");
        await host.SetUpAsync($"tar -C {image} -cf {image}.tar .");
        var daemon = await sandbox.PidOfAsync("dockerd");
        var imported = await sandbox.RunAsync(daemon, "/bin/sh", "-c", $"for i in $(seq 1800); do docker version >/dev/null 2>&1 && break; sleep 0.1; done; docker import {image}.tar sandbox:1");
        Assert.True(imported.ExitCode == 0, imported + sandbox.Program.Error);
        return daemon;
    }
}

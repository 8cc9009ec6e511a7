using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>As a systemd unit or a container would: by the unit's files, by the cgroup of what runs.</summary>
[Trait("Lane", "second")]
public sealed class UnitProgramTests
{
    private const string Hold = "hold.py";
    private const string Container = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [KernelTheory]
    [InlineData("[Service]|User=nobody", "80", "blocked", "EACCES", "privileged-port")]
    [InlineData("[Service]|User=65534", "80", "blocked", "EACCES", "privileged-port")]
    [InlineData("[Service]|User=nobody", "8080", "free", null, "free")]
    [InlineData("[Service]|ExecStart=/bin/true", "80", "free", null, "free")]
    [InlineData("[Service]|User=nobody|AmbientCapabilities=CAP_NET_BIND_SERVICE", "80", "free", null, "free")]
    [InlineData("[Service]|User=nobody|AmbientCapabilities=CAP_NET_BIND_SERVICE|CapabilityBoundingSet=CAP_CHOWN", "80", "blocked", "EACCES", "privileged-port")]
    [InlineData("[Service]|CapabilityBoundingSet=~CAP_NET_BIND_SERVICE", "80", "blocked", "EACCES", "privileged-port")]
    [InlineData("[Service]|CapabilityBoundingSet=", "80", "blocked", "EACCES", "privileged-port")]
    [InlineData("[Service]|DynamicUser=yes", "80", "blocked", "EACCES", "privileged-port")]
    [InlineData("[Service]|SocketBindDeny=any", "8080", "blocked", "EPERM", "denied-by-policy")]
    [InlineData("[Service]|SocketBindDeny=any|SocketBindAllow=tcp:8080", "8080", "free", null, "free")]
    [InlineData("[Service]|SocketBindDeny=any|SocketBindAllow=tcp:8080", "8080/udp", "blocked", "EPERM", "denied-by-policy")]
    [InlineData("[Service]|SocketBindDeny=ipv4:tcp:8000-8100", "[::]:8080 --v6-only", "free", null, "free")]
    [InlineData("[Service]|SocketBindDeny=ipv4:tcp:8000-8100", "0.0.0.0:8080", "blocked", "EPERM", "denied-by-policy")]
    [InlineData("[Service]|SocketBindDeny=any|SocketBindDeny=", "8080", "free", null, "free")]
    public async Task Why_AsAUnitThatDoesNotRun_GoesByItsFiles(string file, string target, string verdict, string? errno, string cause)
    {
        await using var host = await OpenAsync();
        await WriteAsync(host, "/run/systemd/system/bindwise-demo.service", file);
        var answer = await AskAsync(host, target + " --unit bindwise-demo");
        answer.Is(verdict, errno, cause).Has(answer.As is { Unit: "bindwise-demo.service", Pid: null }, "as the unit");
        if (cause != "denied-by-policy")
            return;
        var line = file.Split('|')[1];
        answer.Has(answer.Summary.EndsWith($"cannot be bound (EPERM): {line} of bindwise-demo.service refuses it.", StringComparison.Ordinal), "the line of the unit")
            .Has(answer.Policies is [{ Kind: "cgroup-bpf", Certain: true } policy] && policy.Name == line, "the policy")
            .Has(answer.Remedies.Any(static one => one.Id == "allow-in-unit"), "the command");
    }

    [KernelTheory]
    [InlineData("bindwise-demo.service", "8080", "tcp")]
    [InlineData("bindwise-demo.service", "8080/udp", "udp")]
    [InlineData("bindwise-demo.socket", "8080", "tcp")]
    public async Task Why_DeniedByAUnitsFile_IsAllowedByTheCommandThatIsTold(string unit, string target, string protocol)
    {
        await using var host = await OpenAsync();
        await host.SetUpAsync("mount -t tmpfs none /etc/systemd");
        await WriteAsync(host, $"/run/systemd/system/{unit}", unit.EndsWith(".socket", StringComparison.Ordinal) ? "[Socket]|ListenStream=8080|SocketBindDeny=any" : "[Service]|SocketBindDeny=any");
        // What the user has edited stays as it is.
        var edited = $"/etc/systemd/system/{unit}.d/override.conf";
        await WriteAsync(host, edited, "[Unit]|Description=mine");
        var answer = (await AskAsync(host, $"{target} --unit {unit}")).Is("blocked", "EPERM", "denied-by-policy");

        var command = answer.Remedies.Single(static one => one.Id == "allow-in-unit").Command!;
        var ran = await host.RunAsync("/bin/sh", "-c", $"systemctl() {{ echo \"systemctl $*\"; }}; {command}");
        Assert.Equal($"[{(unit.EndsWith(".socket", StringComparison.Ordinal) ? "Socket" : "Service")}]\nSocketBindAllow={protocol}:8080\nsystemctl daemon-reload\nsystemctl restart {unit}\n", ran.Output);
        (await AskAsync(host, $"{target} --unit {unit}")).Is("free", null, "free");
        Assert.Equal("[Unit]\nDescription=mine\n", (await host.RunAsync("cat", edited)).Output);
    }

    [KernelFact]
    public async Task Why_AsAUnitWithDropIns_TakesTheLastWordAndResets()
    {
        await using var host = await OpenAsync();
        await WriteAsync(host, "/run/systemd/system/bindwise-demo@.service", "[Service]|User=nobody|AmbientCapabilities=CAP_CHOWN \\|  CAP_NET_BIND_SERVICE");
        (await AskAsync(host, "80 --unit bindwise-demo@1")).Is("free", null, "free");
        await WriteAsync(host, "/run/systemd/system/bindwise-demo@.service.d/10-less.conf", "[Service]|# nothing at all|AmbientCapabilities=");
        (await AskAsync(host, "80 --unit bindwise-demo@1")).Is("blocked", "EACCES", "privileged-port");
        await WriteAsync(host, "/run/systemd/system/bindwise-.service.d/20-root.conf", "[Service]|User=");
        (await AskAsync(host, "80 --unit bindwise-demo@1.service")).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_AsAUnitWithANetworkOfItsOwnThatDoesNotRun_IsAskedInAFreshOne()
    {
        await using var host = await OpenAsync();
        await host.StartScriptAsync(Hold, "tcp 0.0.0.0 8080 listen");
        await WriteAsync(host, "/run/systemd/system/bindwise-demo.service", "[Service]|PrivateNetwork=yes");
        (await AskAsync(host, "8080 --unit bindwise-demo")).Is("free", null, "free");
        (await AskAsync(host, "192.0.2.7:8080 --unit bindwise-demo")).Is("blocked", "EADDRNOTAVAIL", "address-not-local");
        var outcome = await host.RunAsAsync(TestHost.Nobody, null, Programs.Bindwise, "why", "8080", "--unit", "bindwise-demo");
        Assert.True(outcome.ExitCode == 2 && outcome.Error.StartsWith("bindwise: the unit has its own network namespace", StringComparison.Ordinal), outcome.ToString());
    }

    [KernelFact]
    public async Task Why_AsAUnitWithANamedNetwork_IsAskedThere()
    {
        await using var host = await OpenAsync();
        await host.SetUpAsync("ip netns add blue");
        await host.StartScriptAsync(Hold, "tcp 0.0.0.0 8080 listen");
        await WriteAsync(host, "/run/systemd/system/bindwise-demo.service", "[Service]|NetworkNamespacePath=/run/netns/blue");
        var answer = await AskAsync(host, "8080 --unit bindwise-demo");
        answer.Is("free", null, "free").Has(answer.As is { OtherNetwork: true, Network: "/run/netns/blue" }, "in blue");
    }

    [KernelFact]
    public async Task Why_AsAUnitThatRuns_TakesTheNetworkOfItsMainProcessAndTheUserOfItsFiles()
    {
        await using var host = await OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, "system.slice/bindwise-running.service");
        // It was started as root and has given up its rights since.
        var program = await host.StartInAnotherNetworkAsync(Hold, "tcp 0.0.0.0 8080 reuseaddr listen", user: TestHost.Nobody);
        await group.PutAsync(program.Pid);
        await WriteAsync(host, "/run/systemd/system/bindwise-running.service", "[Service]|ExecStart=/bin/true");
        var answer = await AskAsync(host, "8080 --unit bindwise-running");
        answer.Is("blocked", "EADDRINUSE", "listener").Has(answer.As is { OtherNetwork: true, UserId: 0 } && answer.As.Pid == program.Pid, "the main process, started as root");
        Assert.Contains("SO_REUSEADDR", answer.Attempts.First(static attempt => attempt.Asked).Options);
        (await AskAsync(host, "80 --unit bindwise-running")).Is("free", null, "free");
        (await host.WhyAsync("8080")).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_AsAUnitWithoutAFile_IsAsItRuns()
    {
        await using var host = await OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, "system.slice/bindwise-running.service");
        var program = await host.StartScriptAsAsync(TestHost.Nobody, Hold, "tcp 0.0.0.0 9000 listen");
        await group.PutAsync(program.Pid);
        var answer = await AskAsync(host, "80 --unit bindwise-running.service");
        answer.Is("blocked", "EACCES", "privileged-port").Has(answer.As?.Pid == program.Pid, "its process");
    }

    [KernelFact]
    public async Task Why_AsASocketUnit_BindsAsTheServiceManagerDoes()
    {
        await using var host = await OpenAsync();
        await WriteAsync(host, "/run/systemd/system/bindwise-demo.socket", "[Socket]|ListenStream=80|ReusePort=yes|BindIPv6Only=ipv6-only");
        var answer = await AskAsync(host, "[::]:80 --unit bindwise-demo.socket");
        answer.Is("free", null, "free");
        Assert.Equal(["SO_REUSEADDR", "SO_REUSEPORT", "IPV6_V6ONLY"], answer.Attempts.Single(static attempt => attempt.Asked).Options);
    }

    [KernelTheory]
    [InlineData("bindwise-nothing", "no unit bindwise-nothing.service")]
    [InlineData("web@.service", "web@.service is a template, which never runs")]
    [InlineData("backup.timer", "--unit takes a service or a socket")]
    [InlineData("a/b", "'a/b' is not the name of a unit")]
    public async Task Why_AsAUnitThatIsNone_IsOneLineAndExitCode2(string unit, string error)
    {
        await using var host = await OpenAsync();
        await FailsAsync(host, "--unit", unit, error);
    }

    [KernelFact]
    public async Task Why_AsAContainer_IsAskedInIt()
    {
        await using var host = await OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, $"system.slice/docker-{Container}.scope");
        var program = await host.StartInAnotherNetworkAsync(Hold, "tcp 0.0.0.0 8080 listen", user: TestHost.Nobody);
        await group.PutAsync(program.Pid);
        foreach (var id in new[] { Container, Container[..12], "0123" })
        {
            var answer = await AskAsync(host, "8080 --container " + id);
            answer.Is("blocked", "EADDRINUSE", "listener").Has(answer.As is { OtherNetwork: true, Container: Container } subject && subject.Pid == program.Pid, "its main process");
        }
        (await AskAsync(host, "80 --container 0123")).Is("blocked", "EACCES", "privileged-port");
        var here = await host.WhyAsync("8080");
        Assert.Equal(Container, Assert.Single(here.Elsewhere).Container);
        await FailsAsync(host, "--container", "fedc", "no container 'fedc' runs here");
    }

    [KernelFact]
    public async Task Why_AsAContainerWhoseIdAnotherUserTook_IsNeverThatUsersProcess()
    {
        await using var host = await OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, $"system.slice/docker-{Container}.scope");
        await using var delegated = await Cgroup.MakeAsync(host, $"system.slice/job.service/{Container}");
        await host.SetUpAsync($"chown {TestHost.Nobody} {Path.GetDirectoryName(delegated.Folder)}");
        var program = await host.StartInAnotherNetworkAsync(Hold, "tcp 0.0.0.0 8080 listen");
        await group.PutAsync(program.Pid);
        var other = await host.StartScriptAsAsync(TestHost.Nobody, Hold, "tcp 127.0.0.1 8081 listen");
        await delegated.PutAsync(other.Pid);
        var answer = await AskAsync(host, "8080 --container " + Container);
        answer.Has(answer.As?.Pid == program.Pid, "the container's process");

        // Below a user's own manager all names are that user's.
        await using var managed = await Cgroup.MakeAsync(host, $"user.slice/user-1000.slice/user@1000.service/user.slice/libpod-{Container}.scope");
        await managed.PutAsync(other.Pid);
        await FailsAsync(host, "--container", Container, "groups of the system and of user 1000 bear the id 0123456789ab: give the container's main process with --pid");
    }

    [KernelFact]
    public async Task Why_AsAContainerByItsName_IsFoundByTheEnginesFiles()
    {
        await using var host = await OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, $"system.slice/docker-{Container}.scope");
        var program = await host.StartInAnotherNetworkAsync(Hold, "tcp 0.0.0.0 8080 listen");
        await group.PutAsync(program.Pid);
        await host.SetUpAsync("mount -t tmpfs none /var/lib");
        await WriteAsync(host, $"/var/lib/docker/containers/{Container}/config.v2.json", $$"""{"ID":"{{Container}}","Name":"/web","Config":{"Image":"nginx"} }""");
        var answer = await AskAsync(host, "8080 --container web");
        answer.Is("blocked", "EADDRINUSE", "listener").Has(answer.As?.Pid == program.Pid && answer.As.Text.Contains("of container web", StringComparison.Ordinal), "by its name");
        await host.SignalAsync(program.Pid, "KILL");
        await host.UntilStateAsync(program.Pid, '-');
        await FailsAsync(host, "--container", "web", "the container 'web' (0123456789ab) has no process: it is not running");
    }

    private static async Task<TestHost> OpenAsync()
    {
        var host = await TestHost.OpenAsync();
        // The machine's own units stay out of it, and out of harm.
        await host.SetUpAsync("mount -t tmpfs none /run");
        return host;
    }

    private static async Task WriteAsync(TestHost host, string path, string lines)
    {
        var outcome = await host.RunAsAsync(0, lines.Replace('|', '\n') + "\n", "/bin/sh", "-c", $"mkdir -p {Path.GetDirectoryName(path)} && cat > {path}");
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
    }

    private static async Task FailsAsync(TestHost host, string option, string value, string error)
    {
        var outcome = await host.RunAsync(Programs.Bindwise, "why", "8080", option, value);
        Assert.True(outcome is { ExitCode: 2, OutputBytes.Length: 0 } && outcome.Error.StartsWith("bindwise: " + error, StringComparison.Ordinal)
            && outcome.Error.Trim().Split('\n').Length == 1, outcome.ToString());
    }

    private static async Task<Answer> AskAsync(TestHost host, string words) =>
        Assert.Single(Asking.Answers(await host.RunAsync([Programs.Bindwise, "why", .. words.Split(' '), "--json"])));
}

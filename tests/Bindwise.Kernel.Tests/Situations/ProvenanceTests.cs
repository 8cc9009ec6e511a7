using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;
using IsolatedProcess;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>What stands around the owner: parents, service manager, container, user.</summary>
[Trait("Lane", "second")]
public sealed class ProvenanceTests
{
    private const string Container = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [KernelTheory]
    [InlineData("system.slice/bindwise-demo.service", "bindwise-demo.service", null)]
    [InlineData("system.slice/docker-" + Container + ".scope", null, Container)]
    [InlineData("bindwise-docker/" + Container, null, Container)]
    public async Task Why_OwnerInACgroup_NamesUnitOrContainer(string cgroup, string? unit, string? container)
    {
        await using var host = await TestHost.OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, cgroup);
        var program = await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 listen");
        await group.PutAsync(program.Pid);
        var answer = await host.WhyAsync("8080");
        answer.Has(answer is { Verdict: "blocked", Errno: "EADDRINUSE" }, "blocked");
        var owner = Assert.Single(answer.Owners);
        answer.Has(owner.Container == container, container ?? "no container");
        answer.Has(unit is null || owner.Unit == unit, $"unit {unit}");
    }

    [KernelFact]
    public async Task Why_SocketMadeInACgroupByAProcessThatLeftIt_StillFindsTheOwner()
    {
        // The socket keeps the cgroup of its birth: a search that trusts it alone looks in the wrong place.
        await using var host = await TestHost.OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, "bindwise-left");
        await using var other = await Cgroup.MakeAsync(host, "bindwise-now");
        var program = host.Start(0, "/bin/sh", "-c", $"echo $$ > {group.Processes}; exec python3 -B -S {Programs.Script("hold.py")} tcp 0.0.0.0 8080 listen");
        await program.ReadyAsync();
        await other.PutAsync(program.Pid);
        var answer = await host.WhyAsync("8080");
        answer.Is("blocked", "EADDRINUSE", "listener");
        Assert.Equal(program.Pid, Assert.Single(answer.Owners).Pid);
    }

    [KernelFact]
    public async Task Why_ProxyOfAContainerEngine_IsAPublishedContainerPort()
    {
        await using var host = await TestHost.OpenAsync();
        var copy = Path.Combine(host.Folder, "docker-proxy");
        ProgramCopy.Make(Needs.Find("python3")!, copy);
        var program = host.Start(0, copy, "-B", "-S", Programs.Script("hold.py"), "tcp", "0.0.0.0", "8080", "listen");
        await program.ReadyAsync();
        (await host.WhyAsync("8080")).Is("blocked", "EADDRINUSE", "published-container-port");
    }

    [KernelFact]
    public async Task Why_ServerStartedByAShell_TellsTheChainOfParents()
    {
        await using var host = await TestHost.OpenAsync();
        var began = DateTimeOffset.UtcNow;
        var program = host.Start(0, "/bin/sh", "-c", $"cd {host.Folder} && python3 -B -S {Programs.Script("hold.py")} tcp 0.0.0.0 8080 listen; true");
        await program.ReadyAsync();
        var answer = await host.WhyAsync("8080");
        var owner = Assert.Single(answer.Owners);
        Assert.Equal(program.Pid, owner.Pid);
        Assert.Equal("sh", owner.Parents![0].Name);
        Assert.Equal(host.Folder, owner.WorkingDirectory);
        // The kernel counts from the boot, whose moment is known to a second or so.
        Assert.InRange(owner.StartedAt!.Value, began.AddSeconds(-3), DateTimeOffset.UtcNow.AddSeconds(3));
    }

    [KernelFact]
    public async Task Why_UserWithoutAName_IsTheNumber()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsAsync(54321, "hold.py", "tcp 0.0.0.0 8080 listen");
        var answer = await host.WhyAsync("8080");
        Assert.Equal(54321, Assert.Single(answer.Blockers).UserId);
        answer.Has(answer.Owners.Single().User is null or "54321", "no name");
    }

    [KernelFact]
    public async Task Why_SocketInTheTableOfOneThread_IsFound()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("thread_table.py", "tcp 0.0.0.0 8080 listen");
        var answer = await host.WhyAsync("8080");
        answer.Has(answer is { Verdict: "blocked", Cause: "listener" or "hidden-descriptor" }, "blocked by a listener");
        Assert.Equal(program.Pid, Assert.Single(answer.Owners).Pid);
    }

    [KernelFact]
    public async Task Why_ProcessesThatComeAndGo_DoNotDisturbTheSearch()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("churn.py", "");
        var program = await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 listen");
        for (var i = 0; i < 5; i++)
        {
            var answer = await host.WhyAsync("8080");
            answer.Is("blocked", "EADDRINUSE", "listener");
            Assert.Equal(program.Pid, Assert.Single(answer.Owners).Pid);
            Assert.Equal("", answer.Outcome.Error);
        }
    }

    [KernelFact]
    public async Task Why_SocketOfTheServiceManager_IsSocketActivation()
    {
        await using var host = await TestHost.OpenAsync();
        var copy = Path.Combine(host.Folder, "systemd");
        ProgramCopy.Make(Needs.Find("python3")!, copy);
        // Left by the shell that started it, it is a child of pid 1, as a user's service manager is.
        var manager = host.Start(0, "/bin/sh", "-c", $"{copy} -B -S {Programs.Script("hold.py")} tcp 0.0.0.0 8080 listen & exit");
        await manager.ReadyAsync();
        await Patience.UntilAsync(() => manager.HasEnded, "the end of the shell");
        var answer = await host.WhyAsync("8080");
        answer.Is("blocked", "EADDRINUSE", "socket-activation");
        answer.Has(answer.Remedies[0].Command?.StartsWith("kill", StringComparison.Ordinal) != true, "nobody ends the service manager");
    }

    [KernelFact]
    public async Task Why_ServiceName_IsItsPort()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 80 listen");
        var answer = await host.WhyAsync("http");
        answer.Is("blocked", "EADDRINUSE", "listener");
        Assert.Equal(80, answer.Target.Port);
        Assert.Equal(program.Pid, Assert.Single(answer.Owners).Pid);
    }
}

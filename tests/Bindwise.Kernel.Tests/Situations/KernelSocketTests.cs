using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>The kernel itself has the port: VXLAN is what this kernel can do of all that opens sockets by itself.</summary>
public sealed class KernelSocketTests
{
    [KernelTheory]
    [InlineData("id 1 dstport 4789")]
    [InlineData("external dstport 4789")]
    public async Task Why_PortOfAVxlanInterface_NamesTheInterface(string how)
    {
        await using var host = await TestHost.OpenAsync();
        await VxlanAsync(host, "vx0", how);
        var answer = await host.WhyAsync("4789/udp");
        answer.Is("blocked", "EADDRINUSE", "kernel-socket");
        Assert.Contains("udp-socket", answer.Factors);
        Assert.Empty(answer.Owners);
        Assert.All(answer.Blockers, blocker => answer.Has(blocker.KernelService is { Kind: "vxlan", Names: ["vx0"] }, "vx0"));
        answer.Has(answer.Summary.Contains("the VXLAN interface vx0", StringComparison.Ordinal), "its name in the first line");
        answer.Has(answer.Remedies[0].Command == "ip link set dev vx0 down", "the interface set down");
        answer.Has(!answer.Limits.Any(static limit => limit.Id == "owner-not-found"), "nothing is left open");
    }

    [KernelTheory]
    [InlineData(0)]
    [InlineData(TestHost.Nobody)]
    public async Task Why_TcpPortOfAVxlanInterface_NamesTheInterfaceOnItsUdpPort(int user)
    {
        await using var host = await TestHost.OpenAsync();
        await VxlanAsync(host, "vx0", "id 1 dstport 4789");
        var told = await host.RunAsAsync(user, null, Programs.Bindwise, "why", "4789");
        Assert.True(told.ExitCode == 0 && told.Output.ReplaceLineEndings(" ").Contains("UDP port 4789 is taken by the VXLAN interface vx0", StringComparison.Ordinal), told.ToString());
    }

    [KernelFact]
    public async Task Why_PortThatTwoVxlanInterfacesShare_NamesBoth()
    {
        await using var host = await TestHost.OpenAsync();
        await VxlanAsync(host, "vx0", "id 1 dstport 4789");
        await VxlanAsync(host, "vx1", "id 2 dstport 4789");
        var answer = await host.WhyAsync("4789/udp");
        Assert.Equal(["vx0", "vx1"], Assert.Single(answer.Blockers).KernelService!.Names);
        await host.SetUpAsync("ip link set vx0 down");
        answer = await host.WhyAsync("4789/udp");
        Assert.Equal(["vx1"], Assert.Single(answer.Blockers).KernelService!.Names);
        await host.SetUpAsync("ip link set vx1 down");
        (await host.WhyAsync("4789/udp")).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_PortOfAVxlanInterfaceAsAnotherUser_NamesItToo()
    {
        await using var host = await TestHost.OpenAsync();
        await VxlanAsync(host, "vx0", "id 1 dstport 4789");
        var answer = await host.WhyAsAsync(TestHost.Nobody, "4789/udp");
        answer.Is("blocked", "EADDRINUSE", "kernel-socket");
        Assert.Equal(["vx0"], Assert.Single(answer.Blockers).KernelService!.Names);
    }

    [KernelFact]
    public async Task Why_ProcessOnAPortThatVxlanWouldLike_IsTheProcess()
    {
        await using var host = await TestHost.OpenAsync();
        await VxlanAsync(host, "vx0", "id 1 dstport 4788");
        var program = await host.StartScriptAsync("hold.py", "udp 127.0.0.1 4789");
        var answer = await host.WhyAsync("4789/udp");
        answer.Is("blocked", "EADDRINUSE", "udp-socket");
        Assert.Null(Assert.Single(answer.Blockers).KernelService);
        Assert.Equal(program.Pid, Assert.Single(answer.Owners).Pid);
    }

    [KernelFact("lsns")]
    public async Task Why_SocketOfAVxlanInterfaceThatWasMovedAway_IsToldByItsHandler()
    {
        await using var host = await TestHost.OpenAsync();
        await VxlanAsync(host, "vx0", "id 1 dstport 4789");
        var elsewhere = host.Start(0, "unshare", "--net", "sh", "-c", "echo $$; ip link set lo up; exec cat");
        var pid = await elsewhere.LineAsync();
        await host.SetUpAsync($"ip link set vx0 netns {pid}");
        await host.SetUpAsync($"nsenter --target {pid} --net ip link set vx0 up");
        var answer = await host.WhyAsync("4789/udp");
        answer.Is("blocked", "EADDRINUSE", "kernel-socket");
        answer.Has(Assert.Single(answer.Blockers).KernelService is { Kind: "vxlan", Names: [] }, "a VXLAN interface, which has no name here");
        Assert.Equal("find-interface", answer.Remedies[0].Id);
        Assert.Contains("vx0", (await host.RunAsync("/bin/sh", "-c", answer.Remedies[0].Command!)).Output, StringComparison.Ordinal);
    }

    [KernelFact("lsns")]
    public async Task Why_SocketOfAVxlanInterfaceInANamespaceWithoutAProcess_IsFoundByTheCommandThatIsTold()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetUpAsync("mount -t tmpfs none /run");
        await host.SetUpAsync("ip netns add blue");
        await VxlanAsync(host, "vx0", "id 1 dstport 4789");
        await host.SetUpAsync("ip link set vx0 netns blue");
        await host.SetUpAsync("ip netns exec blue ip link set vx0 up");
        var remedy = (await host.WhyAsync("4789/udp")).Remedies[0];
        Assert.Equal("find-interface", remedy.Id);
        Assert.Contains("vx0", (await host.RunAsync("/bin/sh", "-c", remedy.Command!)).Output, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Why_KernelSocketAsRoot_TellsItsFunctionAndItsOptions()
    {
        await using var host = await TestHost.OpenAsync();
        await VxlanAsync(host, "vx0", "id 1 dstport 4789");
        var answer = await host.WhyAsync("4789/udp");
        var blocker = Assert.Single(answer.Blockers);
        Assert.StartsWith("vxlan_rcv", blocker.KernelService!.Handler, StringComparison.Ordinal);
        // Nobody lends a descriptor of it: the socket itself told.
        Assert.Equal("EADDRINUSE", answer.ResultWith("0.0.0.0", "SO_REUSEADDR"));
        Assert.Equal("EADDRINUSE", answer.ResultWith("0.0.0.0", "SO_REUSEPORT"));
    }

    [KernelFact]
    public async Task LsAndPlan_PortOfAVxlanInterface_NameTheInterface()
    {
        await using var host = await TestHost.OpenAsync();
        await VxlanAsync(host, "vx0", "id 1 dstport 4789");
        var listed = await host.RunAsync(Programs.Bindwise, "ls", ":4789");
        Assert.Contains("the VXLAN interface vx0", listed.Output, StringComparison.Ordinal);
        Assert.Equal("", listed.Error);
        await File.WriteAllTextAsync(Path.Combine(host.Folder, "compose.yaml"), "services: {a: {image: x, ports: ['4789:4789/udp']}}\n");
        var planned = await host.RunAsync(Programs.Bindwise, "plan", "--here", host.Folder);
        Assert.Contains("the VXLAN interface vx0 has ", planned.Output, StringComparison.Ordinal);
    }

    private static async Task VxlanAsync(TestHost host, string name, string how)
    {
        await host.SetUpAsync($"ip link add {name} type vxlan {how}");
        await host.SetUpAsync($"ip link set {name} up");
    }
}

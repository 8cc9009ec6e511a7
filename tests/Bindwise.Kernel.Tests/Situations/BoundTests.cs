using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>Sockets that hold a port without listening, and interfaces that keep sockets apart.</summary>
public sealed class BoundTests
{
    [KernelFact]
    public async Task Why_BoundAndNotListening_NamesTheSocketThatSsDoesNotShow()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8080");
        var answer = await host.WhyAsync("127.0.0.1:8080");
        answer.Is("blocked", "EADDRINUSE", "bound-not-listening");
        var blocker = Assert.Single(answer.Blockers);
        Assert.Equal(("BOUND", program.Big("inode")), (blocker.State, blocker.Inode));
        Assert.Equal(program.Pid, Assert.Single(blocker.Owners).Pid);
    }

    [KernelFact]
    public async Task Why_BoundWithReuseAddress_LetsAnotherListenBesideIt()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 reuseaddr");
        (await host.WhyAsync("0.0.0.0:8080 --plain")).Is("blocked", "EADDRINUSE", "bound-not-listening");
        (await host.WhyAsync("0.0.0.0:8080")).Is("free", null, "bound-not-listening");
        var answer = await host.WhyAsync("0.0.0.0:8080 --reuse-address");
        answer.Is("free", null, "free");
        answer.Has(answer.Warnings.Count > 0, "a warning: only one of the two may listen");
    }

    [KernelTheory]
    [InlineData("v0", "v1", "free", "free")]
    [InlineData("v0", "v0", "blocked", "listener")]
    [InlineData("v0", "", "blocked", "listener")]
    [InlineData("", "v0", "blocked", "listener")]
    public async Task Why_Devices_KeepSocketsApartOnlyWhenBothAreBoundToOne(string held, string asked, string verdict, string cause)
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetUpAsync("ip link add v0 type veth peer name v1");
        await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 listen" + (held.Length > 0 ? " device=" + held : ""));
        var answer = await host.WhyAsync("0.0.0.0:8080" + (asked.Length > 0 ? " --device " + asked : ""));
        answer.Is(verdict, verdict == "free" ? null : "EADDRINUSE", cause);
    }

    [KernelTheory]
    [InlineData("tcp 0.0.0.0 8080 listen device=v0", "0.0.0.0:8080")]
    [InlineData("tcp 0.0.0.0 8080 reuseaddr listen device=v0", "8080")]
    [InlineData("tcp 0.0.0.0 8080 device=v0", "0.0.0.0:8080 --plain")]
    [InlineData("udp 0.0.0.0 8080 device=v0", "0.0.0.0:8080/udp")]
    public async Task Why_SocketOfADevice_IsSaidToBeOnThatOnly(string held, string asked)
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetUpAsync("ip link add v0 type veth peer name v1");
        await host.StartScriptAsync("hold.py", held);
        var answer = await host.WhyAsync(asked);
        answer.Has(answer.Verdict == "blocked" && answer.Summary.Contains(", on interface v0 only", StringComparison.Ordinal), "on which interface");
    }

    [KernelFact]
    public async Task Why_DeviceThatDoesNotExist_IsADeviceMismatch()
    {
        await using var host = await TestHost.OpenAsync();
        (await host.WhyAsync("0.0.0.0:8080 --device nosuch0")).Is("blocked", "ENODEV", "device-mismatch");
    }
}

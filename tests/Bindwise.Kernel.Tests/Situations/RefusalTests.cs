using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>bind() fails with another errno than EADDRINUSE: no socket is to blame.</summary>
public sealed class RefusalTests
{
    [KernelFact]
    public async Task Why_LowPortWithoutRights_IsPrivileged()
    {
        await using var host = await TestHost.OpenAsync();
        var answer = await host.WhyAsAsync(TestHost.Nobody, "80");
        answer.Is("blocked", "EACCES", "privileged-port");
        Assert.Empty(answer.Factors);
        (await host.WhyAsync("80")).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_LowPortWithoutRightsAndTaken_SaysBoth()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 80 listen");
        var answer = await host.WhyAsAsync(TestHost.Nobody, "80");
        answer.Is("blocked", "EACCES", "privileged-port");
        Assert.Contains("listener", answer.Factors);
        Assert.NotEmpty(answer.Blockers);
    }

    [KernelFact]
    public async Task Why_LowPortBelowALoweredStart_IsFreeForEverybody()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv4.ip_unprivileged_port_start", "80");
        (await host.WhyAsAsync(TestHost.Nobody, "80")).Is("free", null, "free");
        (await host.WhyAsAsync(TestHost.Nobody, "79")).Is("blocked", "EACCES", "privileged-port");
    }

    [KernelFact]
    public async Task Why_LowPortWithTheCapabilityAlone_IsFree()
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsync(
            "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--inh-caps", "+net_bind_service", "--ambient-caps", "+net_bind_service",
            "--", Programs.Bindwise, "why", "80", "--json");
        Assert.Single(Asking.Answers(outcome)).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_LowPortAsRootOfAUserNamespace_IsFree()
    {
        await using var host = await TestHost.OpenAsync(ownUsers: true);
        (await host.WhyAsync("80")).Is("free", null, "free");
    }

    [KernelTheory]
    [InlineData("192.0.2.7:8080")]
    [InlineData("[2001:db8::7]:8080")]
    [InlineData("192.0.2.7:8080/udp")]
    public async Task Why_AddressOfNoInterface_IsNotLocal(string target)
    {
        await using var host = await TestHost.OpenAsync();
        var answer = await host.WhyAsync(target);
        answer.Is("blocked", "EADDRNOTAVAIL", "address-not-local");
        Assert.Empty(answer.Blockers);
    }

    [KernelFact]
    public async Task Why_AddressOfNoInterfaceWithNonLocalBind_IsFree()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv4.ip_nonlocal_bind", "1");
        (await host.WhyAsync("192.0.2.7:8080")).Is("free", null, "free");
        (await host.WhyAsync("[2001:db8::7]:8080")).Is("blocked", "EADDRNOTAVAIL", "address-not-local");
    }

    [KernelFact]
    public async Task Why_AddressOfAnInterfaceThatIsDown_IsWhatTheKernelMakesOfIt()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetUpAsync("ip link add v0 type veth peer name v1");
        await host.SetUpAsync("ip address add 192.0.2.7/24 dev v0");
        // Linux keeps an IPv4 address of an interface that is down, and lets it be bound.
        (await host.WhyAsync("192.0.2.7:8080")).Is("free", null, "free");
    }

    [KernelTheory]
    [InlineData("[::1]:8080")]
    [InlineData("[::1]:8080/udp")]
    public async Task Why_LoopbackWithIPv6SwitchedOff_SaysSo(string target)
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv6.conf.all.disable_ipv6", "1");
        (await host.WhyAsync(target)).Is("blocked", "EADDRNOTAVAIL", "ipv6-disabled");
    }

    [KernelFact]
    public async Task Why_LinkLocalAddress_NeedsItsInterface()
    {
        await using var host = await TestHost.OpenAsync();
        await VethAsync(host);
        (await host.WhyAsync("[fe80::7]:8080")).Is("blocked", "EINVAL", "scope-missing");
        (await host.WhyAsync("[fe80::7%v0]:8080")).Is("free", null, "free");
        (await host.WhyAsync("[fe80::7%v1]:8080")).Is("blocked", "EADDRNOTAVAIL", "device-mismatch");
        (await host.WhyAsync("[fe80::8%v0]:8080")).Is("blocked", "EADDRNOTAVAIL", "address-not-local");
    }

    [KernelFact]
    public async Task Why_AddressUnderDuplicateDetection_IsTentative()
    {
        await using var host = await TestHost.OpenAsync();
        await VethAsync(host);
        // A detection that waits for its first answer longer than this test lasts.
        await host.SetAsync("net.ipv6.conf.v0.dad_transmits", "3600");
        await host.SetUpAsync("ip -6 address add 2001:db8::7/64 dev v0");
        (await host.WhyAsync("[2001:db8::7]:8080")).Is("blocked", "EADDRNOTAVAIL", "address-tentative");
    }

    [KernelFact]
    public async Task Why_MappedAddressOnV6Only_IsInvalid()
    {
        await using var host = await TestHost.OpenAsync();
        var answer = await host.WhyAsync("[::ffff:127.0.0.1]:8080 --v6-only");
        Assert.Equal(("blocked", "EINVAL"), (answer.Verdict, answer.Errno));
    }

    private static async Task VethAsync(TestHost host)
    {
        await host.SetUpAsync("ip link add v0 type veth peer name v1");
        await host.SetUpAsync("ip link set v0 up");
        await host.SetUpAsync("ip link set v1 up");
        await host.SetUpAsync("ip -6 address add fe80::7/64 dev v0 nodad");
    }
}

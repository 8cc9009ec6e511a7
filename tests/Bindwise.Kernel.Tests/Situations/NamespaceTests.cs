using System.Globalization;
using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>Other network namespaces: asked about, and beside the one in question.</summary>
[Trait("Lane", "second")]
public sealed class NamespaceTests
{
    private const string Hold = "hold.py";

    [KernelFact]
    public async Task Why_PortHeldInAnotherNetworkNamespace_IsTakenThereAndFreeHere()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartInAnotherNetworkAsync(Hold, "tcp 127.0.0.1 8080 listen");
        var there = await AskAsync(host, $"8080 --netns {program.Pid}");
        there.Is("blocked", "EADDRINUSE", "listener").Has(there.As is { OtherNetwork: true }, "in another network namespace");
        Assert.Equal(program.Pid, Assert.Single(there.Owners).Pid);
        await Answers.Kernel.AgreesAsync(host, 0, there, Within(program));
        var here = await host.WhyAsync("8080");
        here.Is("free", null, "free");
        var other = Assert.Single(here.Elsewhere);
        Assert.Equal((program.Pid, true, "127.0.0.1:8080", there.As!.NetworkNamespace), (other.Pid, other.Holds, other.Local, other.NetworkNamespace));
        here.Has(here.Warnings.Any(static warning => warning.Id == "held-elsewhere"), "a note that says so");
    }

    [KernelTheory]
    [InlineData("tcp 127.0.0.1 8080 listen", "127.0.0.2:8080", 0)]
    [InlineData("tcp 127.0.0.1 8080 listen", "8081", 0)]
    [InlineData("tcp 127.0.0.1 8080 listen", "8080/udp", 0)]
    [InlineData("udp 0.0.0.0 8080", "127.0.0.1:8080/udp", 1)]
    [InlineData("tcp :: 8080 listen", "10.0.0.1:8080 --no-probe", 1)]
    public async Task Why_SocketInAnotherNetworkNamespace_IsToldWhereItWouldBeInTheWay(string words, string target, int expected)
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetUpAsync("ip address add 10.0.0.1/32 dev lo");
        await host.StartInAnotherNetworkAsync(Hold, words);
        var answer = await AskAsync(host, target);
        answer.Is("free", null, "free");
        Assert.Equal(expected, answer.Elsewhere.Count);
    }

    [KernelFact]
    public async Task Why_PastedErrorOfAProgramInAnotherNetworkNamespace_LeadsThere()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartInAnotherNetworkAsync(Hold, "tcp 0.0.0.0 8080 listen");
        var answer = await host.WhyPastedAsync("nginx: [emerg] bind() to 0.0.0.0:8080 failed (98: Address already in use)");
        answer.Is("free", null, "free");
        var command = answer.Remedies[0].Command!;
        Assert.Equal(("ask-there", $"bindwise why 0.0.0.0:8080 --netns {program.Pid}"), (answer.Remedies[0].Id, command));
        (await AskAsync(host, command["bindwise why ".Length..])).Is("blocked", "EADDRINUSE", "listener");
    }

    // Without any address, not even loopback's, there is no table of own ones, and bind() takes every address of IPv4.
    [KernelFact("unshare")]
    public async Task Why_InANetworkNamespaceThatNeverHadAnAddress_TakesEachForItsOwn()
    {
        await using var host = await TestHost.OpenAsync();
        var program = host.Start(0, "unshare", "--net", "--", "python3", "-B", "-S", Programs.Script(Hold), "tcp", "127.0.0.1", "8080", "listen");
        await program.ReadyAsync();
        var taken = await AskAsync(host, $"127.0.0.1:8080 --netns {program.Pid}");
        taken.Is("blocked", "EADDRINUSE", "listener");
        Assert.Equal(program.Pid, Assert.Single(taken.Owners).Pid);
        var other = await AskAsync(host, $"192.0.2.1:8080 --netns {program.Pid}");
        other.Is("free", null, "free");
        await Answers.Kernel.AgreesAsync(host, 0, other, Within(program));
        var six = await AskAsync(host, $"[::1]:8080 --netns {program.Pid}");
        six.Is("blocked", "EADDRNOTAVAIL", "address-not-local");
    }

    [KernelFact]
    public async Task Why_AddressThatOnlyAnotherNetworkNamespaceHas_LeadsThere()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartInAnotherNetworkAsync(Hold, "tcp 0.0.0.0 8080 listen");
        await host.SetUpAsync(string.Create(CultureInfo.InvariantCulture, $"nsenter --target {program.Pid} --net ip address add 10.9.9.9/32 dev lo"));
        var answer = await host.WhyAsync("10.9.9.9:8080");
        answer.Is("blocked", "EADDRNOTAVAIL", "address-not-local");
        var command = answer.Remedies[0].Command!;
        Assert.Equal(("ask-there", $"bindwise why 10.9.9.9:8080 --netns {program.Pid}"), (answer.Remedies[0].Id, command));
        (await AskAsync(host, command["bindwise why ".Length..])).Is("blocked", "EADDRINUSE", "listener");
    }

    [KernelFact]
    public async Task Why_WithoutRights_StillSeesThatThePortIsHeldElsewhere()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartInAnotherNetworkAsync(Hold, "tcp 127.0.0.1 8080 listen");
        var answer = await host.WhyAsAsync(TestHost.Nobody, "8080");
        answer.Is("free", null, "free");
        var other = Assert.Single(answer.Elsewhere);
        Assert.Equal((program.Pid, false, "127.0.0.1:8080"), (other.Pid, other.Holds, other.Local));
    }

    [KernelFact]
    public async Task Why_BlockedHere_DoesNotLookElsewhereUnlessVerbose()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync(Hold, "tcp 0.0.0.0 8080 listen");
        await host.StartInAnotherNetworkAsync(Hold, "tcp 0.0.0.0 8080 listen");
        Assert.Empty((await host.WhyAsync("8080")).Elsewhere);
        Assert.Single((await host.WhyAsync("8080 --verbose")).Elsewhere);
    }

    [KernelFact]
    public async Task Why_FromAnotherNetworkNamespace_TellsWhatIsHeldInOnesOwn()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync(Hold, "tcp 0.0.0.0 8080 listen");
        var program = await host.StartInAnotherNetworkAsync(Hold, "tcp 127.0.0.1 9000 listen");
        var answer = await AskAsync(host, $"8080 --netns {program.Pid}");
        answer.Is("free", null, "free").Has(answer.Warnings.Any(static warning => warning.Text.Contains("of bindwise itself", StringComparison.Ordinal)), "one's own namespace");
        Assert.Single(answer.Elsewhere);
    }

    [KernelFact]
    public async Task Why_SysctlsAndAddressesOfAnotherNetworkNamespace_Decide()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartInAnotherNetworkAsync(
            Hold, "tcp 127.0.0.1 9000 listen", "echo 80 > /proc/sys/net/ipv4/ip_unprivileged_port_start && ip address add 192.0.2.7/32 dev lo");
        (await AskAsync(host, "80 --user nobody")).Is("blocked", "EACCES", "privileged-port");
        var free = await AskAsync(host, $"80 --user nobody --netns {program.Pid}");
        free.Is("free", null, "free").Has(free.Attempts[0].Bind.Permitted, "permitted");
        await Answers.Kernel.AgreesAsync(host, 0, free, [.. Within(program), "setpriv", "--reuid", "65534", "--clear-groups", "--"]);
        (await AskAsync(host, $"79 --user nobody --netns {program.Pid}")).Is("blocked", "EACCES", "privileged-port");
        (await AskAsync(host, "192.0.2.7:8080")).Is("blocked", "EADDRNOTAVAIL", "address-not-local");
        (await AskAsync(host, $"192.0.2.7:8080 --netns {program.Pid}")).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_RemedyForAnotherNetworkNamespace_WorksThere()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartInAnotherNetworkAsync(Hold, "tcp 127.0.0.1 9000 listen");
        var words = $"80 --user nobody --netns {program.Pid}";
        var command = (await AskAsync(host, words)).Remedies.Single(static remedy => remedy.Id == "lower-start").Command!;
        await host.SetUpAsync(command);
        (await AskAsync(host, words)).Is("free", null, "free");
        (await AskAsync(host, "80 --user nobody")).Is("blocked", "EACCES", "privileged-port");
    }

    [KernelFact]
    public async Task Why_AbstractNameInAnotherNetworkNamespace_IsTakenThereOnly()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartInAnotherNetworkAsync(Hold, "unix @bindwise-there listen");
        (await AskAsync(host, $"@bindwise-there --netns {program.Pid}")).Is("blocked", "EADDRINUSE", "unix-socket-listener");
        (await AskAsync(host, "@bindwise-there")).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_NamedNetworkNamespace_IsFoundByNameAndPath()
    {
        await using var host = await TestHost.OpenAsync();
        // /run is the machine's own otherwise.
        await host.SetUpAsync("mount -t tmpfs none /run");
        await host.SetUpAsync("ip netns add blue");
        await host.SetUpAsync("ip netns exec blue ip link set lo up");
        var program = host.Start(0, "ip", "netns", "exec", "blue", "python3", "-B", "-S", Programs.Script(Hold), "tcp", "127.0.0.1", "8080", "listen");
        await program.ReadyAsync();
        foreach (var name in new[] { "blue", "/run/netns/blue" })
        {
            var answer = await AskAsync(host, "8080 --netns " + name);
            answer.Is("blocked", "EADDRINUSE", "listener").Has(answer.As?.Network == name, "by that name");
            Assert.Equal(program.Pid, Assert.Single(answer.Owners).Pid);
        }
        Assert.Equal(("blue", program.Pid), Assert.Single((await host.WhyAsync("8080")).Elsewhere) is var other ? (other.Network, other.Pid!.Value) : default);
        await host.SignalAsync(program.Pid, "KILL");
        await host.UntilStateAsync(program.Pid, '-');
        (await AskAsync(host, "8080 --netns blue")).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_NetworkNamespaceOfAnotherUserWithoutRights_IsOneLineAndExitCode2()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartInAnotherNetworkAsync(Hold, "tcp 127.0.0.1 8080 listen");
        var pid = program.Pid.ToString(CultureInfo.InvariantCulture);
        foreach (var option in new[] { "--netns", "--pid" })
        {
            var outcome = await host.RunAsAsync(TestHost.Nobody, null, Programs.Bindwise, "why", "8080", option, pid);
            Assert.True(outcome is { ExitCode: 2, OutputBytes.Length: 0 }
                && outcome.Error.StartsWith($"bindwise: the network namespace of process {pid} may not be opened by this user: run with sudo", StringComparison.Ordinal), outcome.ToString());
        }
    }

    [KernelFact]
    public async Task Why_ProcessOfAnotherUserInTheSameNetworkWithoutRights_IsPredicted()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsAsync(TestHost.Daemon, Hold, "tcp 0.0.0.0 9000 listen");
        var answer = await AskAsync(host, $"8080 --pid {program.Pid}", TestHost.Nobody);
        answer.Is("free", null, "free").Has(answer.As is { UserId: TestHost.Daemon, OtherNetwork: false } && answer.Limits.Any(static limit => limit.Id == "not-probed-as"), "predicted");
    }

    private static string[] Within(TestProgram program) => ["nsenter", "--target", program.Pid.ToString(CultureInfo.InvariantCulture), "--net", "--"];

    private static async Task<Answer> AskAsync(TestHost host, string words, int user = 0) =>
        Assert.Single(Asking.Answers(await host.RunAsAsync(user, null, [Programs.Bindwise, "why", .. words.Split(' '), "--json"])));
}

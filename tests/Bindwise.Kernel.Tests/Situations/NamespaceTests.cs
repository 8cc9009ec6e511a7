using System.Globalization;
using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Staging;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>Other network namespaces: asked about, and beside the one in question.</summary>
[Trait("Program", "both")]
public sealed class NamespaceTests
{
    private const string Hold = "hold.py";

    [KernelFact]
    public async Task Why_PortHeldInAnotherNetworkNamespace_IsTakenThereAndFreeHere()
    {
        await using var stage = await Stage.OpenAsync();
        var actor = await stage.ActInAnotherNetworkAsync(Hold, "tcp 127.0.0.1 8080 listen");
        var there = await AskAsync(stage, $"8080 --netns {actor.Pid}");
        there.Is("blocked", "EADDRINUSE", "listener").Has(there.As is { OtherNetwork: true }, "in another network namespace");
        Assert.Equal(actor.Pid, Assert.Single(there.Owners).Pid);
        await Answers.Kernel.AgreesAsync(stage, 0, there, Within(actor));
        var here = await stage.WhyAsync("8080");
        here.Is("free", null, "free");
        var other = Assert.Single(here.Elsewhere);
        Assert.Equal((actor.Pid, true, "127.0.0.1:8080", there.As!.NetworkNamespace), (other.Pid, other.Holds, other.Local, other.NetworkNamespace));
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
        await using var stage = await Stage.OpenAsync();
        await stage.SetUpAsync("ip address add 10.0.0.1/32 dev lo");
        await stage.ActInAnotherNetworkAsync(Hold, words);
        var answer = await AskAsync(stage, target);
        answer.Is("free", null, "free");
        Assert.Equal(expected, answer.Elsewhere.Count);
    }

    [KernelFact]
    public async Task Why_PastedErrorOfAProgramInAnotherNetworkNamespace_LeadsThere()
    {
        await using var stage = await Stage.OpenAsync();
        var actor = await stage.ActInAnotherNetworkAsync(Hold, "tcp 0.0.0.0 8080 listen");
        var answer = await stage.WhyPastedAsync("nginx: [emerg] bind() to 0.0.0.0:8080 failed (98: Address already in use)");
        answer.Is("free", null, "free");
        var command = answer.Remedies[0].Command!;
        Assert.Equal(("ask-there", $"bindwise why 0.0.0.0:8080 --netns {actor.Pid}"), (answer.Remedies[0].Id, command));
        (await AskAsync(stage, command["bindwise why ".Length..])).Is("blocked", "EADDRINUSE", "listener");
    }

    [KernelFact]
    public async Task Why_WithoutRights_StillSeesThatThePortIsHeldElsewhere()
    {
        await using var stage = await Stage.OpenAsync();
        var actor = await stage.ActInAnotherNetworkAsync(Hold, "tcp 127.0.0.1 8080 listen");
        var answer = await stage.WhyAsAsync(Stage.Nobody, "8080");
        answer.Is("free", null, "free");
        var other = Assert.Single(answer.Elsewhere);
        Assert.Equal((actor.Pid, false, "127.0.0.1:8080"), (other.Pid, other.Holds, other.Local));
    }

    [KernelFact]
    public async Task Why_BlockedHere_DoesNotLookElsewhereUnlessVerbose()
    {
        await using var stage = await Stage.OpenAsync();
        await stage.ActAsync(Hold, "tcp 0.0.0.0 8080 listen");
        await stage.ActInAnotherNetworkAsync(Hold, "tcp 0.0.0.0 8080 listen");
        Assert.Empty((await stage.WhyAsync("8080")).Elsewhere);
        Assert.Single((await stage.WhyAsync("8080 --verbose")).Elsewhere);
    }

    [KernelFact]
    public async Task Why_FromAnotherNetworkNamespace_TellsWhatIsHeldInOnesOwn()
    {
        await using var stage = await Stage.OpenAsync();
        await stage.ActAsync(Hold, "tcp 0.0.0.0 8080 listen");
        var actor = await stage.ActInAnotherNetworkAsync(Hold, "tcp 127.0.0.1 9000 listen");
        var answer = await AskAsync(stage, $"8080 --netns {actor.Pid}");
        answer.Is("free", null, "free").Has(answer.Warnings.Any(static warning => warning.Text.Contains("of bindwise itself", StringComparison.Ordinal)), "one's own namespace");
        Assert.Single(answer.Elsewhere);
    }

    [KernelFact]
    public async Task Why_SysctlsAndAddressesOfAnotherNetworkNamespace_Decide()
    {
        await using var stage = await Stage.OpenAsync();
        var actor = await stage.ActInAnotherNetworkAsync(
            Hold, "tcp 127.0.0.1 9000 listen", "echo 80 > /proc/sys/net/ipv4/ip_unprivileged_port_start && ip address add 192.0.2.7/32 dev lo");
        (await AskAsync(stage, "80 --user nobody")).Is("blocked", "EACCES", "privileged-port");
        var free = await AskAsync(stage, $"80 --user nobody --netns {actor.Pid}");
        free.Is("free", null, "free").Has(free.Attempts[0].Bind.Permitted, "permitted");
        await Answers.Kernel.AgreesAsync(stage, 0, free, [.. Within(actor), "setpriv", "--reuid", "65534", "--clear-groups", "--"]);
        (await AskAsync(stage, $"79 --user nobody --netns {actor.Pid}")).Is("blocked", "EACCES", "privileged-port");
        (await AskAsync(stage, "192.0.2.7:8080")).Is("blocked", "EADDRNOTAVAIL", "address-not-local");
        (await AskAsync(stage, $"192.0.2.7:8080 --netns {actor.Pid}")).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_RemedyForAnotherNetworkNamespace_WorksThere()
    {
        await using var stage = await Stage.OpenAsync();
        var actor = await stage.ActInAnotherNetworkAsync(Hold, "tcp 127.0.0.1 9000 listen");
        var words = $"80 --user nobody --netns {actor.Pid}";
        var command = (await AskAsync(stage, words)).Remedies.Single(static remedy => remedy.Id == "lower-start").Command!;
        await stage.SetUpAsync(command["sudo ".Length..]);
        (await AskAsync(stage, words)).Is("free", null, "free");
        (await AskAsync(stage, "80 --user nobody")).Is("blocked", "EACCES", "privileged-port");
    }

    [KernelFact]
    public async Task Why_AbstractNameInAnotherNetworkNamespace_IsTakenThereOnly()
    {
        await using var stage = await Stage.OpenAsync();
        var actor = await stage.ActInAnotherNetworkAsync(Hold, "unix @bindwise-there listen");
        (await AskAsync(stage, $"@bindwise-there --netns {actor.Pid}")).Is("blocked", "EADDRINUSE", "unix-socket-listener");
        (await AskAsync(stage, "@bindwise-there")).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_NamedNetworkNamespace_IsFoundByNameAndPath()
    {
        await using var stage = await Stage.OpenAsync();
        // /run is the machine's own otherwise.
        await stage.SetUpAsync("mount -t tmpfs none /run");
        await stage.SetUpAsync("ip netns add blue");
        await stage.SetUpAsync("ip netns exec blue ip link set lo up");
        var actor = stage.Start(0, "ip", "netns", "exec", "blue", "python3", "-B", "-S", Programs.Script(Hold), "tcp", "127.0.0.1", "8080", "listen");
        await actor.ReadyAsync();
        foreach (var name in new[] { "blue", "/run/netns/blue" })
        {
            var answer = await AskAsync(stage, "8080 --netns " + name);
            answer.Is("blocked", "EADDRINUSE", "listener").Has(answer.As?.Network == name, "by that name");
            Assert.Equal(actor.Pid, Assert.Single(answer.Owners).Pid);
        }
        Assert.Equal(("blue", actor.Pid), Assert.Single((await stage.WhyAsync("8080")).Elsewhere) is var other ? (other.Network, other.Pid!.Value) : default);
        await stage.SignalAsync(actor.Pid, "KILL");
        await stage.UntilStateAsync(actor.Pid, '-');
        (await AskAsync(stage, "8080 --netns blue")).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_NetworkNamespaceOfAnotherUserWithoutRights_IsOneLineAndExitCode2()
    {
        await using var stage = await Stage.OpenAsync();
        var actor = await stage.ActInAnotherNetworkAsync(Hold, "tcp 127.0.0.1 8080 listen");
        var pid = actor.Pid.ToString(CultureInfo.InvariantCulture);
        foreach (var option in new[] { "--netns", "--pid" })
        {
            var outcome = await stage.RunAsAsync(Stage.Nobody, null, Programs.Bindwise, "why", "8080", option, pid);
            Assert.True(outcome is { ExitCode: 2, OutputBytes.Length: 0 }
                && outcome.Error.StartsWith($"bindwise: the network namespace of process {pid} may not be opened by this user: run with sudo", StringComparison.Ordinal), outcome.ToString());
        }
    }

    [KernelFact]
    public async Task Why_ProcessOfAnotherUserInTheSameNetworkWithoutRights_IsPredicted()
    {
        await using var stage = await Stage.OpenAsync();
        var actor = await stage.ActAsAsync(Stage.Daemon, Hold, "tcp 0.0.0.0 9000 listen");
        var answer = await AskAsync(stage, $"8080 --pid {actor.Pid}", Stage.Nobody);
        answer.Is("free", null, "free").Has(answer.As is { UserId: Stage.Daemon, OtherNetwork: false } && answer.Limits.Any(static limit => limit.Id == "not-probed-as"), "predicted");
    }

    private static string[] Within(Actor actor) => ["nsenter", "--target", actor.Pid.ToString(CultureInfo.InvariantCulture), "--net", "--"];

    private static async Task<Answer> AskAsync(Stage stage, string words, int user = 0) =>
        Assert.Single(Asking.Answers(await stage.RunAsAsync(user, null, [Programs.Bindwise, "why", .. words.Split(' '), "--json"])));
}

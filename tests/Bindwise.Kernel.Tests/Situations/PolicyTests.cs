using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Staging;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>Policies that refuse a bind() which no socket is in the way of.</summary>
public sealed class PolicyTests
{
    [KernelFact]
    public async Task Why_BpfProgramOnTheCgroup_IsNamedWithItsCgroup()
    {
        await using var stage = await Stage.OpenAsync();
        await using var group = await Cgroup.MakeAsync(stage, "bindwise-deny");
        await stage.ActAsync("deny_bind.py", $"{group.Folder} 8080 deny_web");
        var answer = await InAsync(stage, group, "8080");
        answer.Is("blocked", "EPERM", "denied-by-policy");
        var policy = Assert.Single(answer.Policies);
        Assert.Equal(("cgroup-bpf", "deny_web4", true), (policy.Kind, policy.Name, policy.Certain));
        answer.Has(policy.Where!.EndsWith("/bindwise-deny", StringComparison.Ordinal), "the cgroup that carries it");
        answer.Has(answer.Summary.Contains("deny_web4", StringComparison.Ordinal), "its name in the first line");
        (await InAsync(stage, group, "8081")).Is("free", null, "free");
        // Outside of the cgroup nobody refuses.
        (await stage.WhyAsync("8080")).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_BpfProgramOnACgroupAbove_NamesTheOneAbove()
    {
        await using var stage = await Stage.OpenAsync();
        await using var group = await Cgroup.MakeAsync(stage, "bindwise-above/inner");
        await stage.ActAsync("deny_bind.py", $"{Path.GetDirectoryName(group.Folder)} 8080 deny_web");
        var answer = await InAsync(stage, group, "[::1]:8080");
        answer.Is("blocked", "EPERM", "denied-by-policy");
        var policy = Assert.Single(answer.Policies);
        Assert.Equal("deny_web6", policy.Name);
        answer.Has(policy.Where!.EndsWith("/bindwise-above", StringComparison.Ordinal), "the cgroup that carries it");
    }

    [KernelTheory]
    [InlineData("8080", "errno=98", "EADDRINUSE")]
    [InlineData("0", "errno=98", "EADDRINUSE")]
    [InlineData("8080", "errno=13", "EACCES")]
    public async Task Why_BpfProgramThatAnswersWithAnErrno_IsNotTakenForASocket(string port, string word, string errno)
    {
        // Port 0 stands for all ports.
        await using var stage = await Stage.OpenAsync();
        await using var group = await Cgroup.MakeAsync(stage, "bindwise-deny");
        await stage.ActAsync("deny_bind.py", $"{group.Folder} {port} deny_web {word}");
        foreach (var user in new[] { "", "setpriv --reuid 65534 --regid 65534 --clear-groups -- " })
        {
            var answer = await InAsync(stage, group, "0.0.0.0:8080", user);
            answer.Is("blocked", errno, "denied-by-policy");
            answer.Has(answer is { Blockers.Count: 0, Warnings.Count: 0 }, "no socket is blamed, and no disagreement");
            answer.Has(user.Length > 0 || answer.Policies.Any(static p => p is { Kind: "cgroup-bpf", Name: "deny_web4" }), "the program");
        }
    }

    [KernelFact]
    public async Task Why_BpfProgramThatRefusesOnlyAfterThePortIsTaken_IsMet()
    {
        await using var stage = await Stage.OpenAsync();
        await using var group = await Cgroup.MakeAsync(stage, "bindwise-deny");
        await stage.ActAsync("deny_bind.py", $"{group.Folder} 8080 deny_web late");
        (await InAsync(stage, group, "0.0.0.0:8080")).Is("blocked", "EPERM", "denied-by-policy");
        (await InAsync(stage, group, "0.0.0.0:8081")).Is("free", null, "free");
    }

    [KernelTheory]
    [InlineData("deny=0:6:8000:100", "SocketBindDeny=tcp:8000-8099")]
    [InlineData("deny=0:0:0:0", "SocketBindDeny=any")]
    [InlineData("deny=2:6:8080:1", "SocketBindDeny=ipv4:tcp:8080")]
    public async Task Why_SocketBindDenyOfAUnit_IsToldWithItsRuleAndTheUnit(string rule, string setting)
    {
        // What systemd attaches for SocketBindDeny=, made by hand: the systemd of this machine is built without its BPF programs.
        await using var stage = await Stage.OpenAsync();
        await using var group = await Cgroup.MakeAsync(stage, "bindwise-web.service");
        await stage.ActAsync("deny_bind.py", $"{group.Folder} 8080 sd_bind {rule}");
        var answer = await InAsync(stage, group, "127.0.0.1:8080");
        answer.Is("blocked", "EPERM", "denied-by-policy");
        var policy = Assert.Single(answer.Policies);
        Assert.Equal(("sd_bind4", true), (policy.Name, policy.Certain));
        answer.Has(policy.Detail!.Contains(setting, StringComparison.Ordinal), setting);
        answer.Has(answer.Remedies.Any(static r => r.Command?.Contains("SocketBindAllow=tcp:8080", StringComparison.Ordinal) == true
            && r.Command.Contains("bindwise-web.service", StringComparison.Ordinal)), "a drop-in of the unit");
    }

    [KernelFact]
    public async Task Why_SocketBindDenyOfAnotherProcess_IsAnsweredForThatProcessAlone()
    {
        await using var stage = await Stage.OpenAsync();
        await using var group = await Cgroup.MakeAsync(stage, "bindwise-web.service");
        await stage.ActAsync("deny_bind.py", $"{group.Folder} 8080 sd_bind deny=0:6:8080:1");
        var inside = stage.Start(0, "/bin/sh", "-c", $"echo $$ >{group.Folder}/cgroup.procs; exec python3 -B -S {Programs.Script("hold.py")} tcp 127.0.0.1 9090 listen");
        await inside.ReadyAsync();
        (await stage.WhyAsync("127.0.0.1:8080")).Is("free", null, "free");
        var answer = await AsAsync(stage, $"127.0.0.1:8080 --pid {inside.Pid}");
        answer.Is("blocked", "EPERM", "denied-by-policy");
        Assert.Equal(("sd_bind4", true), (Assert.Single(answer.Policies).Name, answer.Policies[0].Certain));
        (await AsAsync(stage, $"127.0.0.1:8081 --pid {inside.Pid}")).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_SocketBindRulesThatFitAnotherPort_AreNotBlamed()
    {
        await using var stage = await Stage.OpenAsync();
        await using var group = await Cgroup.MakeAsync(stage, "bindwise-web.service");
        // The program refuses 8080, its rules speak of 9090: a lie that systemd would not tell, and that must not become a claim.
        await stage.ActAsync("deny_bind.py", $"{group.Folder} 8080 sd_bind deny=0:6:9090:1");
        var answer = await InAsync(stage, group, "127.0.0.1:8080");
        answer.Is("blocked", "EPERM", "denied-by-policy");
        Assert.DoesNotContain(answer.Policies, static policy => policy.Kind == "cgroup-bpf");
    }

    [KernelFact]
    public async Task Why_BpfProgramOnTheCgroupWithoutRights_IsPossibleAndSaidToBeUnread()
    {
        await using var stage = await Stage.OpenAsync();
        await using var group = await Cgroup.MakeAsync(stage, "bindwise-deny");
        await stage.ActAsync("deny_bind.py", $"{group.Folder} 8080 deny_web");
        var answer = await InAsync(stage, group, "8080", "setpriv --reuid 65534 --regid 65534 --clear-groups -- ");
        answer.Is("blocked", "EPERM", "denied-by-policy");
        Assert.Contains(answer.Policies, static policy => policy is { Kind: "cgroup-bpf", Certain: false });
        Assert.Contains(answer.Limits, static limit => limit.Id == "policies-unread");
    }

    [KernelTheory]
    [InlineData(13, "EACCES")]
    [InlineData(1, "EPERM")]
    [InlineData(98, "EADDRINUSE")]
    [InlineData(38, "ENOSYS")]
    public async Task Why_SeccompFilterOnBind_IsProvenWhateverItsAnswer(int number, string errno)
    {
        await using var stage = await Stage.OpenAsync();
        var words = new[] { "python3", "-B", "-S", Programs.Script("filter.py"), $"{number}", Programs.Bindwise, "why", "8080", "--json" };
        var answer = Assert.Single(Asking.Answers(await stage.RunAsync(words)));
        answer.Is("blocked", errno, "denied-by-policy");
        var policy = Assert.Single(answer.Policies);
        Assert.Equal(("seccomp", true), (policy.Kind, policy.Certain));
        Assert.Equal("BW060", answer.Rule!.Id);
        answer.Has(answer.Warnings.Count == 0, "no disagreement between rules and kernel");
    }

    [KernelFact]
    public async Task Why_LandlockRuleset_IsWhatIsLeft()
    {
        await using var stage = await Stage.OpenAsync();
        var answer = await LandlockedAsync(stage, "8080");
        answer.Is("blocked", "EACCES", "denied-by-policy");
        Assert.Contains(answer.Policies, static policy => policy.Kind == "landlock");
        (await LandlockedAsync(stage, "8081")).Is("free", null, "free");
        // Landlock knows TCP alone.
        (await LandlockedAsync(stage, "8080/udp")).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_LowPortWithoutTheCapability_NamesIt()
    {
        await using var stage = await Stage.OpenAsync();
        var answer = await stage.WhyAsAsync(Stage.Nobody, "80");
        answer.Is("blocked", "EACCES", "privileged-port");
        var policy = Assert.Single(answer.Policies);
        Assert.Equal(("capability", "CAP_NET_BIND_SERVICE", true), (policy.Kind, policy.Name, policy.Certain));
    }

    [KernelFact]
    public async Task Why_LowPortInAUserNamespaceThatDoesNotOwnTheNetwork_SaysThatTheCapabilityDoesNotCount()
    {
        await using var stage = await Stage.OpenAsync();
        var outcome = await stage.RunAsync("unshare", "--user", "--map-root-user", Programs.Bindwise, "why", "80", "--json");
        var answer = Assert.Single(Asking.Answers(outcome));
        answer.Is("blocked", "EACCES", "privileged-port");
        Assert.Equal("user-namespace", Assert.Single(answer.Policies).Kind);
        answer.Has(!answer.Remedies.Any(static r => r.Command?.Contains("setcap", StringComparison.Ordinal) == true), "no capability that would not count");
    }

    [KernelFact]
    public async Task Why_LowPortOutsideOfTheBoundingSet_SaysThatNothingCanGetIt()
    {
        await using var stage = await Stage.OpenAsync();
        var outcome = await stage.RunAsync("setpriv", "--bounding-set", "-net_bind_service", "--inh-caps", "-net_bind_service", Programs.Bindwise, "why", "80", "--json");
        var answer = Assert.Single(Asking.Answers(outcome));
        answer.Is("blocked", "EACCES", "privileged-port");
        answer.Has(Assert.Single(answer.Policies).Detail!.Contains("bounding set", StringComparison.Ordinal), "the bounding set");
    }

    private static async Task<Answer> InAsync(Stage stage, Cgroup group, string target, string as_ = "")
    {
        var outcome = await stage.RunAsync("/bin/sh", "-c", $"echo $$ > {group.Processes}; exec {as_}{Programs.Bindwise} why {target} --json");
        return Assert.Single(Asking.Answers(outcome));
    }

    // What the program is answered, which a bind() of the test's own cannot confirm.
    private static async Task<Answer> AsAsync(Stage stage, string words) =>
        Assert.Single(Asking.Answers(await stage.RunAsync([Programs.Bindwise, "why", .. words.Split(' '), "--json"])));

    private static async Task<Answer> LandlockedAsync(Stage stage, string target) =>
        Assert.Single(Asking.Answers(await stage.RunAsync("python3", "-B", "-S", Programs.Script("landlock.py"), "8081", Programs.Bindwise, "why", target, "--json")));
}

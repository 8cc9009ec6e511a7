using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>Policies that refuse a bind() which no socket is in the way of.</summary>
[Trait("Lane", "second")]
public sealed class PolicyTests
{
    [KernelFact]
    public async Task Why_BpfProgramOnTheCgroup_IsNamedWithItsCgroup()
    {
        await using var host = await TestHost.OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, "bindwise-deny");
        await host.StartScriptAsync("deny_bind.py", $"{group.Folder} 8080 deny_web");
        var answer = await InAsync(host, group, "8080");
        answer.Is("blocked", "EPERM", "denied-by-policy");
        var policy = Assert.Single(answer.Policies);
        Assert.Equal(("cgroup-bpf", "deny_web4", true), (policy.Kind, policy.Name, policy.Certain));
        answer.Has(policy.Where!.EndsWith("/bindwise-deny", StringComparison.Ordinal), "the cgroup that carries it");
        answer.Has(answer.Summary.Contains("deny_web4", StringComparison.Ordinal), "its name in the first line");
        (await InAsync(host, group, "8081")).Is("free", null, "free");
        // Outside of the cgroup nobody refuses.
        (await host.WhyAsync("8080")).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_BpfProgramOnACgroupAbove_NamesTheOneAbove()
    {
        await using var host = await TestHost.OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, "bindwise-above/inner");
        await host.StartScriptAsync("deny_bind.py", $"{Path.GetDirectoryName(group.Folder)} 8080 deny_web");
        var answer = await InAsync(host, group, "[::1]:8080");
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
        await using var host = await TestHost.OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, "bindwise-deny");
        await host.StartScriptAsync("deny_bind.py", $"{group.Folder} {port} deny_web {word}");
        foreach (var user in new[] { "", "setpriv --reuid 65534 --regid 65534 --clear-groups -- " })
        {
            var answer = await InAsync(host, group, "0.0.0.0:8080", user);
            answer.Is("blocked", errno, "denied-by-policy");
            answer.Has(answer is { Blockers.Count: 0, Warnings.Count: 0 }, "no socket is blamed, and no disagreement");
            answer.Has(user.Length > 0 || answer.Policies.Any(static p => p is { Kind: "cgroup-bpf", Name: "deny_web4" }), "the program");
        }
    }

    [KernelFact]
    public async Task Why_BpfProgramThatRefusesOnlyAfterThePortIsTaken_IsMet()
    {
        await using var host = await TestHost.OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, "bindwise-deny");
        await host.StartScriptAsync("deny_bind.py", $"{group.Folder} 8080 deny_web hook=post");
        (await InAsync(host, group, "0.0.0.0:8080")).Is("blocked", "EPERM", "denied-by-policy");
        (await InAsync(host, group, "0.0.0.0:8081")).Is("free", null, "free");
    }

    [KernelTheory]
    [InlineData("deny=0:6:8000:100", "SocketBindDeny=tcp:8000-8099")]
    [InlineData("deny=0:0:0:0", "SocketBindDeny=any")]
    [InlineData("deny=2:6:8080:1", "SocketBindDeny=ipv4:tcp:8080")]
    public async Task Why_SocketBindDenyOfAUnit_IsToldWithItsRuleAndTheUnit(string rule, string setting)
    {
        // What systemd attaches for SocketBindDeny=, made by hand: the systemd of this machine is built without its BPF programs.
        await using var host = await TestHost.OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, "bindwise-web.service");
        await host.StartScriptAsync("deny_bind.py", $"{group.Folder} 8080 sd_bind {rule}");
        var answer = await InAsync(host, group, "127.0.0.1:8080");
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
        await using var host = await TestHost.OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, "bindwise-web.service");
        await host.StartScriptAsync("deny_bind.py", $"{group.Folder} 8080 sd_bind deny=0:6:8080:1");
        var inside = host.Start(0, "/bin/sh", "-c", $"echo $$ >{group.Folder}/cgroup.procs; exec python3 -B -S {Programs.Script("hold.py")} tcp 127.0.0.1 9090 listen");
        await inside.ReadyAsync();
        (await host.WhyAsync("127.0.0.1:8080")).Is("free", null, "free");
        var answer = await AsAsync(host, $"127.0.0.1:8080 --pid {inside.Pid}");
        answer.Is("blocked", "EPERM", "denied-by-policy");
        Assert.Equal(("sd_bind4", true), (Assert.Single(answer.Policies).Name, answer.Policies[0].Certain));
        (await AsAsync(host, $"127.0.0.1:8081 --pid {inside.Pid}")).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_SocketBindRulesThatFitAnotherPort_AreNotBlamed()
    {
        await using var host = await TestHost.OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, "bindwise-web.service");
        // The program refuses 8080, its rules speak of 9090: a lie that systemd would not tell, and that must not become a claim.
        await host.StartScriptAsync("deny_bind.py", $"{group.Folder} 8080 sd_bind deny=0:6:9090:1");
        var answer = await InAsync(host, group, "127.0.0.1:8080");
        answer.Is("blocked", "EPERM", "denied-by-policy");
        Assert.DoesNotContain(answer.Policies, static policy => policy.Kind == "cgroup-bpf");
    }

    [KernelFact]
    public async Task Why_BpfProgramOnTheCgroupWithoutRights_IsPossibleAndSaidToBeUnread()
    {
        await using var host = await TestHost.OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, "bindwise-deny");
        await host.StartScriptAsync("deny_bind.py", $"{group.Folder} 8080 deny_web");
        var answer = await InAsync(host, group, "8080", "setpriv --reuid 65534 --regid 65534 --clear-groups -- ");
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
        await using var host = await TestHost.OpenAsync();
        var words = new[] { "python3", "-B", "-S", Programs.Script("filter.py"), $"{number}", Programs.Bindwise, "why", "8080", "--json" };
        var answer = Assert.Single(Asking.Answers(await host.RunAsync(words)));
        answer.Is("blocked", errno, "denied-by-policy");
        var policy = Assert.Single(answer.Policies);
        Assert.Equal(("seccomp", true), (policy.Kind, policy.Certain));
        Assert.Equal("BW060", answer.Rule!.Id);
        answer.Has(answer.Warnings.Count == 0, "no disagreement between rules and kernel");
    }

    // As under SystemCallFilter=@system-service, of which none is part.
    [KernelTheory]
    [InlineData("bpf")]
    [InlineData("pidfd_getfd")]
    [InlineData("lsm_list_modules")]
    [InlineData("landlock_create_ruleset")]
    [InlineData("seccomp")]
    public async Task Why_SeccompFilterThatEndsWhoMakesACall_DoesWithoutIt(string call)
    {
        await using var host = await TestHost.OpenAsync();
        var holder = await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 listen");
        string[] within = ["python3", "-B", "-S", Programs.Script("filter.py"), $"end@{call}", Programs.Bindwise];
        var taken = Assert.Single(Asking.Answers(await host.RunAsync([.. within, "why", "8080", "--json"])));
        taken.Is("blocked", "EADDRINUSE", "listener").Has(taken.Owners.Any(owner => owner.Pid == holder.Pid), "the holder");
        Assert.Single(Asking.Answers(await host.RunAsync([.. within, "why", "8081", "--json"]))).Is("free", null, "free");
        Assert.Equal(0, (await host.RunAsync([.. within, "free", "8080", "--dry-run"])).ExitCode);
        Assert.Equal(0, (await host.RunAsync([.. within, "run", "--", "true"])).ExitCode);
    }

    [KernelFact]
    public async Task Why_LandlockRuleset_IsWhatIsLeft()
    {
        await using var host = await TestHost.OpenAsync();
        var answer = await LandlockedAsync(host, "8080");
        answer.Is("blocked", "EACCES", "denied-by-policy");
        Assert.Contains(answer.Policies, static policy => policy.Kind == "landlock");
        (await LandlockedAsync(host, "8081")).Is("free", null, "free");
        // Landlock knows TCP alone.
        (await LandlockedAsync(host, "8080/udp")).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_LowPortWithoutTheCapability_NamesIt()
    {
        await using var host = await TestHost.OpenAsync();
        var answer = await host.WhyAsAsync(TestHost.Nobody, "80");
        answer.Is("blocked", "EACCES", "privileged-port");
        var policy = Assert.Single(answer.Policies);
        Assert.Equal(("capability", "CAP_NET_BIND_SERVICE", true), (policy.Kind, policy.Name, policy.Certain));
    }

    [KernelFact]
    public async Task Why_LowPortInAUserNamespaceThatDoesNotOwnTheNetwork_SaysThatTheCapabilityDoesNotCount()
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsync("unshare", "--user", "--map-root-user", Programs.Bindwise, "why", "80", "--json");
        var answer = Assert.Single(Asking.Answers(outcome));
        answer.Is("blocked", "EACCES", "privileged-port");
        Assert.Equal("user-namespace", Assert.Single(answer.Policies).Kind);
        answer.Has(!answer.Remedies.Any(static r => r.Command?.Contains("setcap", StringComparison.Ordinal) == true), "no capability that would not count");
    }

    [KernelFact]
    public async Task Why_LowPortOutsideOfTheBoundingSet_SaysThatNothingCanGetIt()
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsync("setpriv", "--bounding-set", "-net_bind_service", "--inh-caps", "-net_bind_service", Programs.Bindwise, "why", "80", "--json");
        var answer = Assert.Single(Asking.Answers(outcome));
        answer.Is("blocked", "EACCES", "privileged-port");
        answer.Has(Assert.Single(answer.Policies).Detail!.Contains("bounding set", StringComparison.Ordinal), "the bounding set");
    }

    [KernelTheory]
    [InlineData("8080", "listener")]
    [InlineData("127.0.0.1:8080", "listener")]
    [InlineData("[::]:8080", "dual-stack-listener")]
    public async Task Why_LandlockRulesetAndAHolder_TellsBothWithTheErrnoThatBindReallyGives(string target, string holding)
    {
        // Landlock by port, the ruleset's own allowed port; and one that allows only port 0.
        foreach (var allowed in new[] { "8081", "0" })
        {
            await using var host = await TestHost.OpenAsync();
            await host.StartScriptAsync("hold.py", holding == "listener" ? "tcp 0.0.0.0 8080 listen" : "tcp :: 8080 dual listen");
            string[] within = ["python3", "-B", "-S", Programs.Script("landlock.py"), allowed];
            var answer = Assert.Single(Asking.Answers(await host.RunAsync([.. within, Programs.Bindwise, "why", target, "--json"])));
            answer.Is("blocked", "EACCES", "denied-by-policy");
            Assert.Contains(answer.Policies, static policy => policy.Kind == "landlock");
            answer.Has(answer.Blockers.Count == 1 && answer.Summary.Contains("it is also taken", StringComparison.Ordinal), "the holder");
            await Answers.Kernel.AgreesAsync(host, 0, answer, within);
        }
    }

    [KernelTheory]
    [InlineData("tcp", "8080")]
    [InlineData("tcp", "[::]:8080")]
    [InlineData("udp", "0.0.0.0:8080/udp")]
    public async Task Why_BpfProgramOnTheCgroupAndAHolder_TellsBothWithTheErrnoThatBindReallyGives(string protocol, string target)
    {
        await using var host = await TestHost.OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, "bindwise-deny");
        await host.StartScriptAsync("deny_bind.py", $"{group.Folder} 8080 deny_web");
        var holder = await host.StartScriptAsync("hold.py", protocol == "tcp" ? "tcp :: 8080 dual listen" : "udp 0.0.0.0 8080");
        var answer = await InAsync(host, group, target);
        answer.Is("blocked", "EPERM", "denied-by-policy").Has(answer.Owners.Any(owner => owner.Pid == holder.Pid), "the holder");
        Assert.All(answer.Policies, static policy => Assert.True(policy is { Kind: "cgroup-bpf", Certain: true }));
        answer.Has(answer.Remedies.Any(r => r.Command == $"kill {holder.Pid}"), "how to stop the holder, too");
        await Answers.Kernel.AgreesAsync(host, 0, answer, Within(group));
        // Another port, of another holder, is refused by the holder alone.
        await host.StartScriptAsync("hold.py", protocol == "tcp" ? "tcp :: 8081 dual listen" : "udp 0.0.0.0 8081");
        var other = await InAsync(host, group, target.Replace("8080", "8081", StringComparison.Ordinal));
        other.Has(other is { Errno: "EADDRINUSE", Policies.Count: 0 }, "the holder alone");
    }

    // The bind of [::] that takes IPv4 along is one of IPv6 to the hooks, and port 0 is refused too.
    [KernelTheory]
    [InlineData("")]
    [InlineData(" hook=post")]
    public async Task Why_BpfProgramThatRefusesIPv4Alone_IsMetByAPortWithoutAnAddress(string words)
    {
        await using var host = await TestHost.OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, "bindwise-deny");
        await host.StartScriptAsync("deny_bind.py", $"{group.Folder} 0 deny_all only=4{words}");
        foreach (var target in (string[])["8080", "0", "8080/udp", "0.0.0.0:8080"])
            (await InAsync(host, group, target)).Is("blocked", "EPERM", "denied-by-policy");
        Assert.Equal("free", (await InAsync(host, group, "[::1]:8080")).Verdict);
    }

    // Policies are asked before the address is looked at.
    [KernelFact]
    public async Task Why_AddressOfNoInterfaceBehindAPolicy_IsRefusedByThePolicy()
    {
        await using var host = await TestHost.OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, "bindwise-deny");
        await host.StartScriptAsync("deny_bind.py", $"{group.Folder} 0 deny_all");
        var inGroup = await InAsync(host, group, "192.0.2.9:8080");
        inGroup.Is("blocked", "EPERM", "denied-by-policy");
        await Answers.Kernel.AgreesAsync(host, 0, inGroup, Within(group));
        string[] filtered = ["python3", "-B", "-S", Programs.Script("filter.py"), "1"];
        foreach (var target in (string[])["192.0.2.9:8080", "[fe80::1]:8080"])
            Assert.Single(Asking.Answers(await host.RunAsync([.. filtered, Programs.Bindwise, "why", target, "--json"])))
                .Is("blocked", "EPERM", "denied-by-policy");
    }

    [KernelTheory]
    [InlineData("13", "EACCES", "bind()")]
    [InlineData("1@listen", "EPERM", "listen()")]
    public async Task Why_SeccompFilterAndAUnixAddress_IsNotCalledFree(string filter, string errno, string call)
    {
        await using var host = await TestHost.OpenAsync();
        string[] within = ["python3", "-B", "-S", Programs.Script("filter.py"), filter];
        foreach (var target in (string[])[Path.Combine(host.Folder, "new.sock"), "@bindwise-new"])
        {
            var answer = Assert.Single(Asking.Answers(await host.RunAsync([.. within, Programs.Bindwise, "why", target, "--json"])));
            answer.Is("blocked", errno, "denied-by-policy").Has(answer.Attempts[0].Bind.Result == (call == "bind()" ? errno : "ok"), call);
            Assert.Equal("seccomp", Assert.Single(answer.Policies).Kind);
        }
    }

    [KernelFact]
    public async Task Why_BpfProgramThatRefusesSockets_TellsThatSocketFailsAndWhoHasThePort()
    {
        await using var host = await TestHost.OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, "bindwise-create");
        await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 listen");
        await host.StartScriptAsync("deny_bind.py", $"{group.Folder} 8080 deny_all hook=create");
        foreach (var (target, blockers) in new[] { ("127.0.0.1:8080", 1), ("127.0.0.1:8081", 0) })
        {
            var answer = await InAsync(host, group, target);
            answer.Is("blocked", "EPERM", "denied-by-policy").Has(answer.Blockers.Count == blockers, $"{blockers} in the way");
            Assert.Equal(("cgroup-bpf", "deny_all", true), (Assert.Single(answer.Policies).Kind, answer.Policies[0].Name, answer.Policies[0].Certain));
            answer.Has(answer.Summary.Contains("socket() fails (EPERM)", StringComparison.Ordinal), "the call");
            await Answers.Kernel.AgreesAsync(host, 0, answer, Within(group));
        }
    }

    [KernelFact]
    public async Task Why_BpfProgramThatIsAskedAfterTheConflictCheck_IsTheRefusalOfAFreePortAndAWarningOfATakenOne()
    {
        await using var host = await TestHost.OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, "bindwise-post");
        await host.StartScriptAsync("deny_bind.py", $"{group.Folder} 8080 deny_late hook=post");
        var free = await InAsync(host, group, "127.0.0.1:8080");
        free.Is("blocked", "EPERM", "denied-by-policy");
        Assert.Equal(("cgroup-bpf", "deny_late4", true), (Assert.Single(free.Policies).Kind, free.Policies[0].Name, free.Policies[0].Certain));
        await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8080 listen");
        var taken = await InAsync(host, group, "127.0.0.1:8080");
        taken.Is("blocked", "EADDRINUSE", "listener")
            .Has(taken.Warnings.Any(static w => w.Id == "policy-afterwards" && w.Text.Contains("deny_late4", StringComparison.Ordinal)), "the program that is asked next");
        await Answers.Kernel.AgreesAsync(host, 0, taken, Within(group));
    }

    [KernelTheory]
    [InlineData("")]
    [InlineData("tcp 0.0.0.0 8080 listen")]
    public async Task Why_BpfProgramThatBindsAnotherPort_IsNamedWithThatPort(string holder)
    {
        await using var host = await TestHost.OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, "bindwise-elsewhere");
        await host.StartScriptAsync("deny_bind.py", $"{group.Folder} 8080 move_web to=9090");
        if (holder.Length > 0)
            await host.StartScriptAsync("hold.py", holder);
        foreach (var target in new[] { "0.0.0.0:8080", "8080", "127.0.0.1:8080" })
        {
            var answer = await InAsync(host, group, target);
            answer.Is("free", null, "free").Has(answer.Summary.Contains(":9090 instead", StringComparison.Ordinal), "where it is bound");
            answer.Has(answer.Summary.Contains("move_web", StringComparison.Ordinal) && answer.Policies.Count > 0, "the program");
            answer.Has(answer.Warnings.Count == 0, "no disagreement between rules and kernel");
            await Answers.Kernel.AgreesAsync(host, 0, answer, Within(group));
        }
        // And where that port is taken.
        await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 9090 listen");
        var taken = await InAsync(host, group, "0.0.0.0:8080");
        taken.Has(taken is { Verdict: "blocked", Errno: "EADDRINUSE", Warnings.Count: 0 }, "taken, without a disagreement");
        taken.Has(holder.Length > 0 || taken is { Cause: "denied-by-policy", Policies: [{ Name: "move_web4" }] }, "the program that chose another port");
        await Answers.Kernel.AgreesAsync(host, 0, taken, Within(group));
        // Outside of the cgroup nothing is rewritten.
        var outside = await host.WhyAsync("0.0.0.0:8080");
        outside.Has(!outside.Summary.Contains("9090", StringComparison.Ordinal), "the port itself");
    }

    [KernelTheory]
    [InlineData(1, "EPERM")]
    [InlineData(13, "EACCES")]
    [InlineData(38, "ENOSYS")]
    public async Task Why_SeccompFilterOnListenAlone_IsNamedAsSuch(int number, string errno)
    {
        await using var host = await TestHost.OpenAsync();
        string[] within = ["python3", "-B", "-S", Programs.Script("filter.py"), $"{number}@listen"];
        var answer = Assert.Single(Asking.Answers(await host.RunAsync([.. within, Programs.Bindwise, "why", "8080", "--json"])));
        answer.Is("blocked", errno, "denied-by-policy");
        Assert.Equal(("seccomp", true), (Assert.Single(answer.Policies).Kind, answer.Policies[0].Certain));
        answer.Has(answer.Summary.Contains($"listen() fails ({errno})", StringComparison.Ordinal), "the call");
        answer.Has(answer.Attempts.All(a => a.Bind.Result == "ok" && a.Listen?.Result == errno), "bind() that succeeds");
        await Answers.Kernel.AgreesAsync(host, 0, answer, within);
        // UDP has no listen(), and a filter of nothing refuses nothing.
        Assert.Equal("free", Assert.Single(Asking.Answers(await host.RunAsync([.. within, Programs.Bindwise, "why", "8080/udp", "--json"]))).Verdict);
    }

    // Of one family alone, as RestrictAddressFamilies= of systemd does it, and container engines: the other calls of socket() have to succeed.
    [KernelTheory]
    [InlineData(1, "EPERM", "127.0.0.1:8080")]
    [InlineData(38, "ENOSYS", "127.0.0.1:8080")]
    [InlineData(97, "EAFNOSUPPORT", "127.0.0.1:8080")]
    [InlineData(97, "EAFNOSUPPORT", "8080")]
    [InlineData(97, "EAFNOSUPPORT", "[::1]:8080")]
    public async Task Why_SeccompFilterOnSocketOfTheInternet_IsNoLackOfTheFamily(int number, string errno, string target)
    {
        await using var host = await TestHost.OpenAsync();
        string[] within = ["python3", "-B", "-S", Programs.Script("filter.py"), $"{number}@internet"];
        foreach (var isTaken in (bool[])[false, true])
        {
            if (isTaken)
                await host.StartScriptAsync("hold.py", $"tcp {(target[0] == '[' ? "::1" : "127.0.0.1")} 8080 listen");
            var answer = Assert.Single(Asking.Answers(await host.RunAsync([.. within, Programs.Bindwise, "why", target, "--json"])));
            answer.Is("blocked", errno, "denied-by-policy");
            answer.Has(answer.Summary.Contains($"socket() fails ({errno})", StringComparison.Ordinal), "the call");
            answer.Has(answer.Summary.Contains("it is also taken", StringComparison.Ordinal) == isTaken, "the holder");
            Assert.Equal(("seccomp", true), (Assert.Single(answer.Policies).Kind, answer.Policies[0].Certain));
        }
    }

    // As a server of IPv4 alone is hardened (RestrictAddressFamilies=AF_INET AF_UNIX): what asks for no address falls back to the other family.
    [KernelTheory]
    [InlineData("ipv6", "0.0.0.0", "[::]:8080")]
    [InlineData("ipv4", "[::]", "0.0.0.0:8080")]
    public async Task Why_SeccompFilterOnOneFamily_AsksForTheOther(string refused, string open, string explicitly)
    {
        await using var host = await TestHost.OpenAsync();
        string[] within = ["python3", "-B", "-S", Programs.Script("filter.py"), $"97@{refused}"];
        var free = Assert.Single(Asking.Answers(await host.RunAsync([.. within, Programs.Bindwise, "why", "8080", "--json"]))).Is("free", null, "free");
        Assert.Contains(free.Limits, static limit => limit.Id == "family-missing");
        Assert.True((await host.RunAsync([.. within, Programs.Bindwise, "wait", "8080", "--timeout", "1m"])).ExitCode == 0);
        // One that is bound only: no bug is reported of a socket() that is refused.
        await host.StartScriptAsync("hold.py", $"tcp {open.Trim('[', ']')} 8080");
        Assert.Single(Asking.Answers(await host.RunAsync([.. within, Programs.Bindwise, "why", "8080", "--json"]))).Is("blocked", "EADDRINUSE", "bound-not-listening");
        Assert.Single(Asking.Answers(await host.RunAsync([.. within, Programs.Bindwise, "why", explicitly, "--json"]))).Is("blocked", "EAFNOSUPPORT", "denied-by-policy");
    }

    // Who sets no option is not refused one.
    [KernelFact]
    public async Task Why_SeccompFilterOnSetsockopt_IsNoAnswerToBind()
    {
        await using var host = await TestHost.OpenAsync();
        string[] within = ["python3", "-B", "-S", Programs.Script("filter.py"), "1@setsockopt"];
        Assert.Single(Asking.Answers(await host.RunAsync([.. within, Programs.Bindwise, "why", "8080", "--json"]))).Is("free", null, "free");
        await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8080 listen");
        var taken = Assert.Single(Asking.Answers(await host.RunAsync([.. within, Programs.Bindwise, "why", "127.0.0.1:8080", "--json"])));
        taken.Has(taken.Policies.Count == 0 && taken.Verdict != "free", "no policy is blamed");
    }

    [KernelFact]
    public async Task Why_SeccompFilterOnBindAndAHolder_TellsBoth()
    {
        await using var host = await TestHost.OpenAsync();
        var holder = await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 listen");
        string[] within = ["python3", "-B", "-S", Programs.Script("filter.py"), "13"];
        var answer = Assert.Single(Asking.Answers(await host.RunAsync([.. within, Programs.Bindwise, "why", "8080", "--json"])));
        answer.Is("blocked", "EACCES", "denied-by-policy").Has(answer.Owners.Any(owner => owner.Pid == holder.Pid), "the holder");
        Assert.Equal(("seccomp", true), (Assert.Single(answer.Policies).Kind, answer.Policies[0].Certain));
        await Answers.Kernel.AgreesAsync(host, 0, answer, within);
    }

    [KernelTheory]
    [InlineData("1")]
    [InlineData("1@listen")]
    [InlineData("1@none")]
    public async Task Why_AsAProcessBehindASeccompFilter_IsNotCalledFreeUnlessItListensAlready(string filter)
    {
        await using var host = await TestHost.OpenAsync();
        // It has no socket: nothing tells what its filter answers.
        var silent = host.Start(0, "python3", "-B", "-S", Programs.Script("filter.py"), filter, "python3", "-B", "-S", Programs.Script("wait.py"));
        await silent.ReadyAsync();
        var answer = await AsAsync(host, $"8080 --pid {silent.Pid}");
        answer.Is("undetermined", null, "denied-by-policy").Has(answer.Outcome.ExitCode == 3, "exit code 3");
        Assert.Equal(("seccomp", false), (Assert.Single(answer.Policies).Kind, answer.Policies[0].Certain));
        Assert.Contains(answer.Limits, static limit => limit.Id == "policy-unknown");
        var told = await host.ReportAsync($"8080 --pid {silent.Pid}");
        Assert.Contains("runs under a seccomp filter", told.Output, StringComparison.Ordinal);
        // What a socket refuses is refused, filter or not.
        await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8081 listen");
        (await AsAsync(host, $"8081 --pid {silent.Pid}")).Is("blocked", "EADDRINUSE", "listener");
        if (filter != "1@none")
            return;
        var server = host.Start(0, "python3", "-B", "-S", Programs.Script("filter.py"), filter, "python3", "-B", "-S", Programs.Script("hold.py"), "tcp", "127.0.0.1", "9090", "listen");
        await server.ReadyAsync();
        var listening = await AsAsync(host, $"8080 --pid {server.Pid}");
        listening.Is("free", null, "free").Has(listening.Limits.Any(static l => l.Id == "filter-untried" && l.Text.Contains("127.0.0.1:9090", StringComparison.Ordinal)), "what its filter let pass");
        Assert.Contains("limit The process runs under a seccomp filter.", (await host.ReportAsync($"8080 --pid {server.Pid}")).Output, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Why_AsALandlockedProcess_SaysThatItsRulesetCannotBeKnown()
    {
        await using var host = await TestHost.OpenAsync();
        var program = host.Start(0, "python3", "-B", "-S", Programs.Script("landlock.py"), "9090", "python3", "-B", "-S", Programs.Script("hold.py"), "tcp", "127.0.0.1", "9090", "listen");
        await program.ReadyAsync();
        var answer = await AsAsync(host, $"8080 --pid {program.Pid}");
        answer.Is("free", null, "free").Has(answer.Limits.Any(static l => l.Id == "landlock-unseen"), "the limit");
        Assert.Contains("Landlock", (await host.ReportAsync($"8080 --pid {program.Pid}")).Output, StringComparison.Ordinal);
        // Landlock has no word on UDP.
        Assert.DoesNotContain((await AsAsync(host, $"8080/udp --pid {program.Pid}")).Limits, static l => l.Text.Contains("Landlock", StringComparison.Ordinal));
    }

    [KernelTheory]
    [InlineData("")]
    [InlineData(" hook=post")]
    [InlineData(" to=9091")]
    public async Task Why_AsAProcessUnderABpfProgram_IsNotCalledFreeUnlessTheProbeMetTheSameProgram(string words)
    {
        await using var host = await TestHost.OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, "bindwise-deny");
        await host.StartScriptAsync("deny_bind.py", $"{group.Folder} 8080 deny_web{words}");
        var inside = await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 9090 listen");
        await group.PutAsync(inside.Pid);
        foreach (var target in new[] { "127.0.0.1:8080", "127.0.0.1:8082" })
        {
            var answer = await AsAsync(host, $"{target} --pid {inside.Pid}");
            answer.Is("undetermined", null, "denied-by-policy").Has(answer.Summary.Contains("deny_web4", StringComparison.Ordinal), "the program");
        }
        // Asked in the same cgroup, the probe meets the program: what it lets pass is free, and what it refuses is not known to be refused there for the same reason.
        Assert.Equal("free", (await InAsync(host, group, $"127.0.0.1:8082 --pid {inside.Pid}")).Verdict);
        Assert.Equal("undetermined", (await InAsync(host, group, $"127.0.0.1:8080 --pid {inside.Pid}")).Verdict);
    }

    [KernelFact]
    public async Task Why_AsAProcess_FromASandboxOfItsOwn_DoesNotGiveItsOwnRefusalForTheProcess()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 9090 listen");
        string[] within = ["python3", "-B", "-S", Programs.Script("filter.py"), "13"];
        var answer = Assert.Single(Asking.Answers(await host.RunAsync([.. within, Programs.Bindwise, "why", "8080", "--pid", $"{program.Pid}", "--json"])));
        answer.Is("free", null, "free").Has(answer.Limits.Any(static l => l.Id == "not-probed-as"), "no probe in its place");
    }

    private static string[] Within(Cgroup group) => ["/bin/sh", "-c", $"echo $$ > {group.Processes}; exec \"$@\"", "sh"];

    private static async Task<Answer> InAsync(TestHost host, Cgroup group, string target, string as_ = "")
    {
        var outcome = await host.RunAsync("/bin/sh", "-c", $"echo $$ > {group.Processes}; exec {as_}{Programs.Bindwise} why {target} --json");
        return Assert.Single(Asking.Answers(outcome));
    }

    // What the program is answered, which a bind() of the test's own cannot confirm.
    private static async Task<Answer> AsAsync(TestHost host, string words) =>
        Assert.Single(Asking.Answers(await host.RunAsync([Programs.Bindwise, "why", .. words.Split(' '), "--json"])));

    private static async Task<Answer> LandlockedAsync(TestHost host, string target) =>
        Assert.Single(Asking.Answers(await host.RunAsync("python3", "-B", "-S", Programs.Script("landlock.py"), "8081", Programs.Bindwise, "why", target, "--json")));
}

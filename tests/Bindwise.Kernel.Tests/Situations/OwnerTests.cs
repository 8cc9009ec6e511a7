using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;
using IsolatedProcess;

namespace Bindwise.Kernel.Tests.Situations;

public sealed class OwnerTests
{
    [KernelFact]
    public async Task Why_ServerDeadAndSleepKeepsItsSocket_IsAnInheritedDescriptor()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("leave_heir.py", "tcp 0.0.0.0 8080 listen");
        await host.UntilStateAsync(program.Pid, '-');
        var answer = await host.WhyAsync("8080");
        answer.Is("blocked", "EADDRINUSE", "inherited-descriptor");
        var owner = Assert.Single(answer.Owners);
        Assert.Equal((program.Number("heir"), "inherited"), (owner.Pid, owner.Role));
        answer.Has(owner.Command!.Contains("sleep 600", StringComparison.Ordinal), "the full command line");
    }

    [KernelFact]
    public async Task Why_ServerAliveAndSleepHasItsSocketToo_TellsThemApart()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("keep_heir.py", "tcp 0.0.0.0 8080 listen");
        var answer = await host.WhyAsync("8080");
        answer.Is("blocked", "EADDRINUSE", "listener");
        Assert.Equal(
            [(program.Pid, "creator"), (program.Number("heir"), "inherited")],
            answer.Owners.Select(static owner => (owner.Pid!.Value, owner.Role)));
    }

    [KernelFact]
    public async Task Why_PreforkServer_ItsParentIsTheCreator()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("prefork.py", "3 share tcp 0.0.0.0 8080 listen");
        var answer = await host.WhyAsync("8080");
        answer.Is("blocked", "EADDRINUSE", "listener");
        Assert.Equal((program.Pid, "creator"), (answer.Owners.First().Pid, answer.Owners.First().Role));
        Assert.Equal(program.Numbers("workers"), answer.Owners.Skip(1).Select(static owner => owner.Pid!.Value).Order());
    }

    [KernelFact]
    public async Task Why_PreforkServerWhoseParentWasKilled_NamesTheWorkersAsHeirs()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("prefork.py", "3 share tcp 0.0.0.0 8080 listen");
        await host.SignalAsync(program.Pid, "KILL");
        await host.UntilStateAsync(program.Pid, '-');
        var answer = await host.WhyAsync("8080");
        answer.Is("blocked", "EADDRINUSE", "inherited-descriptor");
        Assert.Equal(program.Numbers("workers"), answer.Owners.Select(static owner => owner.Pid!.Value).Order());
        Assert.All(answer.Owners, static owner => Assert.Equal("inherited", owner.Role));
    }

    [KernelFact]
    public async Task Why_SocketPassedToAnotherProcess_NamesBothHolders()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("pass_on.py", "keep tcp 0.0.0.0 8080 listen");
        var answer = await host.WhyAsync("8080");
        answer.Has(answer is { Verdict: "blocked", Cause: "listener" }, "blocked by a listener");
        Assert.Equal(new[] { program.Pid, program.Number("receiver") }.Order(), answer.Owners.Select(static owner => owner.Pid!.Value).Order());
    }

    [KernelFact]
    public async Task Why_SocketPassedOnAndClosed_NamesTheReceiver()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("pass_on.py", "close tcp 0.0.0.0 8080 listen");
        var answer = await host.WhyAsync("8080");
        answer.Has(answer is { Verdict: "blocked", Errno: "EADDRINUSE" }, "blocked");
        Assert.Equal(program.Number("receiver"), Assert.Single(answer.Owners).Pid);
    }

    [KernelFact]
    public async Task Why_OwnerInAPidNamespaceBelow_IsNamedByTheNumberHere()
    {
        await using var host = await TestHost.OpenAsync();
        var inner = host.Start(0, "unshare", "--pid", "--fork", "--mount-proc", "python3", "-B", "-S", Programs.Script("hold.py"), "tcp", "0.0.0.0", "8080", "listen");
        await inner.ReadyAsync();
        Assert.Equal(1, inner.Pid);
        var answer = await host.WhyAsync("8080");
        answer.Is("blocked", "EADDRINUSE", "listener");
        var owner = Assert.Single(answer.Owners);
        answer.Has(owner.Pid > 1 && owner.Command!.Contains("hold.py", StringComparison.Ordinal), "the pid by which it can be ended from here");
    }

    [KernelFact]
    public async Task Why_OwnerInAPidNamespaceAbove_IsNotGuessed()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 listen");
        var outcome = await host.RunAsync("unshare", "--pid", "--fork", "--mount-proc", Programs.Bindwise, "why", "8080", "--json");
        var answer = Assert.Single(Asking.Answers(outcome));
        answer.Is("blocked", "EADDRINUSE", "listener");
        Assert.Empty(answer.Owners);
        Assert.NotEmpty(answer.Limits);
    }

    [KernelFact]
    public async Task Why_ServerDeadAndSleepKeepsItsConnection_IsASurvivingConnectionOfAnHeir()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("leave_connection.py", "8080");
        await host.UntilStateAsync(program.Pid, '-');
        var answer = await host.WhyAsync("0.0.0.0:8080");
        answer.Is("blocked", "EADDRINUSE", "surviving-connection");
        Assert.Contains("inherited-descriptor", answer.Factors);
        var owner = Assert.Single(answer.Owners);
        Assert.Equal((program.Number("heir"), "inherited"), (owner.Pid, owner.Role));
    }

    [KernelFact]
    public async Task Why_StoppedProcess_SaysSoAndLetsItGoOn()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 listen");
        await host.SignalAsync(program.Pid, "STOP");
        await host.UntilStateAsync(program.Pid, 'T');
        var answer = await host.WhyAsync("8080");
        answer.Is("blocked", "EADDRINUSE", "stopped-process");
        Assert.Equal(program.Pid, Assert.Single(answer.Owners).Pid);
        answer.Has(answer.Remedies[0].Command?.Contains("CONT", StringComparison.Ordinal) == true, "kill -CONT first");
    }

    [KernelFact]
    public async Task Why_ZombieLeaderWithALivingThread_IsTheOwner()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("zombie_leader.py", "tcp 0.0.0.0 8080 listen");
        await host.UntilStateAsync(program.Pid, 'Z');
        var answer = await host.WhyAsync("8080");
        answer.Is("blocked", "EADDRINUSE", "zombie-process");
        Assert.Equal(program.Pid, Assert.Single(answer.Owners).Pid);
    }

    [KernelFact]
    public async Task Why_OwnerOfAnotherUserAskedWithoutRights_SaysThatItIsHidden()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 listen");
        var answer = await host.WhyAsAsync(TestHost.Nobody, "8080");
        answer.Is("blocked", "EADDRINUSE", "owner-hidden");
        Assert.Contains("listener", answer.Factors);
        Assert.Equal(0, Assert.Single(answer.Blockers).UserId);
        Assert.Empty(answer.Owners);
        answer.Has(answer.Limits.Any(static limit => limit.Id == "processes-unreadable"), "how many processes could not be read");
    }

    [KernelFact]
    public async Task Why_OwnProcessAskedWithoutRights_IsSeen()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsAsync(TestHost.Nobody, "hold.py", "tcp 0.0.0.0 8080 listen");
        var answer = await host.WhyAsAsync(TestHost.Nobody, "8080");
        answer.Is("blocked", "EADDRINUSE", "listener");
        Assert.Equal(program.Pid, Assert.Single(answer.Owners).Pid);
    }

    [KernelFact]
    public async Task Why_NobodyOnTimeWaitAskedWithoutRights_IsNotCalledHidden()
    {
        await Passing.PlayAsync("connect.py", "tcp 0.0.0.0 8080 then server.close client.close listener.close", "TIME_WAIT", async host =>
        {
            (await host.WhyAsAsync(TestHost.Nobody, "0.0.0.0:8080")).Is("blocked", "EADDRINUSE", "time-wait");
        });
    }

    [KernelFact]
    public async Task Why_HiddenProcesses_AreToldAsHidden()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 listen");
        await host.SetUpAsync("mount -t proc -o hidepid=2 proc /proc");
        var answer = await host.WhyAsAsync(TestHost.Nobody, "8080");
        answer.Is("blocked", "EADDRINUSE", "owner-hidden");
    }

    [KernelFact]
    public async Task Why_ExecutableDeletedSinceItStarted_IsNamedAndSaidToBeDeleted()
    {
        await using var host = await TestHost.OpenAsync();
        var copy = Path.Combine(host.Folder, "my-server");
        ProgramCopy.Make(Needs.Find("python3")!, copy);
        var program = host.Start(0, copy, "-B", "-S", Programs.Script("hold.py"), "tcp", "0.0.0.0", "8080", "listen");
        await program.ReadyAsync();
        File.Delete(copy);
        var answer = await host.WhyAsync("8080");
        answer.Is("blocked", "EADDRINUSE", "listener");
        var owner = Assert.Single(answer.Owners);
        Assert.Equal((copy, true), (owner.Executable, owner.ExecutableDeleted));
        Assert.Contains("deleted", (await host.ReportAsync("8080")).Output, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Why_HostileProcessName_LeavesNoControlBytesInAnyOutput()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("hostile_name.py", "8080");
        var answer = await host.WhyAsync("8080");
        answer.Is("blocked", "EADDRINUSE", "listener");
        Assert.Equal(program.Pid, Assert.Single(answer.Owners).Pid);
        AssertHarmless(answer.Outcome);
        foreach (var words in new[] { "8080", "8080 --verbose", "8080 --quiet" })
            AssertHarmless(await host.ReportAsync(words));
    }

    [KernelFact]
    public async Task Why_ManyProcesses_FindsTheOneOwner()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("crowd.py", "600");
        var program = await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 listen");
        var answer = await host.WhyAsync("8080");
        answer.Is("blocked", "EADDRINUSE", "listener");
        Assert.Equal(program.Pid, Assert.Single(answer.Owners).Pid);
    }

    [KernelFact]
    public async Task Why_UserNamespaceOfItsOwn_RootThereSeesItsOwners()
    {
        await using var host = await TestHost.OpenAsync(ownUsers: true);
        var program = await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 80 listen");
        var answer = await host.WhyAsync("80");
        answer.Is("blocked", "EADDRINUSE", "listener");
        Assert.Equal(program.Pid, Assert.Single(answer.Owners).Pid);
    }

    private static void AssertHarmless(Outcome outcome)
    {
        // U+FFFD would be an invalid byte that was replaced instead of escaped.
        char[] format = ['\u202E', '\u2028', '\uFFFD'];
        Assert.True(!outcome.Output.Any(c => (char.IsControl(c) && c != '\n') || format.Contains(c)), outcome.ToString());
    }
}

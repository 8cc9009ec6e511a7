using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>Every way to hold a socket that /proc/PID/fd does not show, by name and with who it is.</summary>
public sealed class HolderTests
{
    private const string Listener = "tcp 0.0.0.0 8080 listen";

    [KernelFact]
    public async Task Why_ListenerThatOnlyAMappingHolds_NamesItsProcess()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("map_hold.py", Listener);
        var answer = await host.WhyAsync("8080");
        answer.Is("blocked", "EADDRINUSE", "hidden-descriptor");
        var owner = Assert.Single(answer.Owners);
        Assert.Equal((program.Pid, "mapping"), (owner.Pid!.Value, Assert.Single(owner.Holds)));
        Assert.Contains("held through a memory mapping (its descriptor is closed)", (await host.ReportAsync("8080")).Output, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Why_MappingInheritedByAChild_NamesBoth()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("map_hold.py", "fork tcp 0.0.0.0 8080");
        var answer = await host.WhyAsync("8080");
        answer.Is("blocked", "EADDRINUSE", "bound-not-listening");
        Assert.Contains("hidden-descriptor", answer.Factors);
        Assert.Equal(new[] { program.Pid, program.Number("child") }.Order(), answer.Owners.Select(static owner => owner.Pid!.Value).Order());
        Assert.All(answer.Owners, static owner => Assert.Equal(["mapping"], owner.Holds));
    }

    [KernelFact]
    public async Task Why_MappingOfTheAskersOwnProcess_IsSeenWithoutRoot()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsAsync(TestHost.Nobody, "map_hold.py", Listener);
        var answer = await host.WhyAsAsync(TestHost.Nobody, "8080");
        answer.Is("blocked", "EADDRINUSE", "hidden-descriptor");
        Assert.Equal((program.Pid, "mapping"), (answer.Owners.Single().Pid!.Value, answer.Owners.Single().Holds[0]));
    }

    [KernelTheory]
    [InlineData("stream", true)]
    [InlineData("datagram", true)]
    [InlineData("packets", true)]
    [InlineData("gone", false)]
    [InlineData("behind", true)]
    [InlineData("unaccepted", true)]
    [InlineData("nested", true)]
    [InlineData("elsewhere", true)]
    public async Task Why_ListenerInFlight_NamesReceiverQueueAndSender(string manner, bool isSenderThere)
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("fly.py", $"{manner} {Listener}");
        if (!isSenderThere)
            await host.UntilStateAsync(program.Pid, '-');
        var answer = await host.WhyAsync("8080");
        answer.Is("blocked", "EADDRINUSE", "descriptor-in-flight");
        Assert.Contains("listener", answer.Factors);
        var owner = Assert.Single(answer.Owners);
        Assert.Equal((program.Number("receiver"), "receiver"), (owner.Pid!.Value, owner.Role));
        Assert.Equal(["in-flight"], owner.Holds);
        var flight = answer.Blockers[0].InFlight!;
        answer.Has(flight.Accepted == (manner != "unaccepted"), "whether the connection was accepted");
        // Of a nested flight the first queue is that of a socket which itself waits.
        answer.Has(manner == "nested" || flight.Inode == program.Big("carrier"), "the queue");
        answer.Has(flight.Senders.SequenceEqual(isSenderThere ? [program.Pid] : []), "the sender, if it is there");
        answer.Has(answer.Remedies[0].Id == "receive-descriptor", "first let it be received");
        answer.Has(answer.Remedies.Any(remedy => remedy.Command == $"kill {program.Number("receiver")}"), "or end the receiver");
        answer.Has(answer.Limits.All(static limit => limit.Id != "owner-not-found"), "nothing left open");
    }

    [KernelFact]
    public async Task Why_ReceiverIsStopped_IsToldToLetItGoOn()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("fly.py", $"stopped {Listener}");
        await host.UntilStateAsync(program.Number("receiver"), 'T');
        var answer = await host.WhyAsync("8080");
        answer.Is("blocked", "EADDRINUSE", "descriptor-in-flight");
        Assert.Contains("stopped-process", answer.Factors);
        Assert.Equal($"kill -CONT {program.Number("receiver")}", answer.Remedies[0].Command);
    }

    [KernelFact]
    public async Task Why_UdpSocketInFlight_IsNotSaidToHaveAnOwner()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("fly.py", "stream udp 0.0.0.0 5353");
        var answer = await host.WhyAsync("5353/udp");
        answer.Is("blocked", "EADDRINUSE", "descriptor-in-flight");
        Assert.Equal("receiver", Assert.Single(answer.Owners).Role);
        Assert.Equal(program.Number("receiver"), answer.Owners.Single().Pid);
    }

    [KernelFact]
    public async Task Why_FlightEndsWithItsReceiver_ThePortIsFree()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("fly.py", $"stream {Listener}");
        (await host.WhyAsync("8080")).Is("blocked", "EADDRINUSE", "descriptor-in-flight");
        await host.SignalAsync(program.Number("receiver"), "TERM");
        await host.UntilStateAsync(program.Number("receiver"), 'Z');
        (await host.WhyAsync("8080")).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_InFlightToTheAskersOwnProcess_IsSeenWithoutRootAndStillReceived()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsAsync(TestHost.Nobody, "fly_home.py", Listener);
        for (var i = 0; i < 3; i++)
        {
            var answer = await host.WhyAsAsync(TestHost.Nobody, "8080");
            answer.Is("blocked", "EADDRINUSE", "descriptor-in-flight");
            var owner = Assert.Single(answer.Owners);
            Assert.Equal((program.Pid, "receiver"), (owner.Pid!.Value, owner.Role));
            Assert.Equal(program.Big("carrier"), answer.Blockers[0].InFlight!.Inode);
        }
        program.EndInput();
        Assert.Equal($"x 1 {program.Big("inode")}", await program.LineAsync());
        (await host.WhyAsAsync(TestHost.Nobody, "8080")).Is("blocked", "EADDRINUSE", "listener");
    }

    [KernelFact]
    public async Task Why_InFlightBetweenOthersAskedWithoutRights_IsOnlyHidden()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("fly.py", $"stream {Listener}");
        var answer = await host.WhyAsAsync(TestHost.Nobody, "8080");
        answer.Is("blocked", "EADDRINUSE", "owner-hidden");
        Assert.Null(answer.Blockers[0].InFlight);
        Assert.Equal("root", answer.Blockers[0].Hint!.User);
    }

    [KernelFact]
    public async Task Why_SocketInOneThreadsTable_SaysWhich()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("thread_table.py", Listener);
        var answer = await host.WhyAsync("8080");
        answer.Is("blocked", "EADDRINUSE", "hidden-descriptor");
        Assert.Equal(["thread-table"], Assert.Single(answer.Owners).Holds);
        Assert.Contains($"held only by its thread {program.Number("thread")}", (await host.ReportAsync("8080")).Output, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Why_SocketOfARing_IsHeldByIoUring()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("ring_hold.py", Listener);
        var answer = await host.WhyAsync("8080");
        answer.Is("blocked", "EADDRINUSE", "hidden-descriptor");
        var owner = Assert.Single(answer.Owners);
        Assert.Equal((program.Pid, "io-uring"), (owner.Pid!.Value, Assert.Single(owner.Holds)));
    }

    [KernelFact]
    public async Task Why_PlainDescriptor_IsHeldByIt()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", Listener);
        var answer = await host.WhyAsync("8080");
        Assert.Equal(["descriptor"], Assert.Single(answer.Owners).Holds);
        Assert.Null(answer.Blockers[0].InFlight);
        Assert.Null(answer.Blockers[0].Hint);
        Assert.Equal(false, answer.Blockers[0].Multipath);
        Assert.Null(answer.Owners.Single().NamespacePid);
    }

    [KernelTheory]
    [InlineData(0)]
    [InlineData(TestHost.Nobody)]
    public async Task Why_EndedLeaderWithThreadsOfTheirOwnTables_IsTheOwner(int user)
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsAsync(user, "zombie_tables.py", Listener);
        await host.UntilStateAsync(program.Pid, 'Z');
        var answer = await host.WhyAsAsync(user, "8080");
        answer.Is("blocked", "EADDRINUSE", "zombie-process");
        var owner = Assert.Single(answer.Owners);
        Assert.Equal((program.Pid, "zombie"), (owner.Pid!.Value, owner.State));
        Assert.Contains($"held by its thread {program.Number("thread")}, a zombie with 3 threads still running", (await host.ReportAsync("8080")).Flat, StringComparison.Ordinal);
    }

    [KernelTheory]
    [InlineData("listen", "listener")]
    [InlineData("bound", "bound-not-listening")]
    [InlineData("connected", "surviving-connection")]
    public async Task Why_MultipathSocket_IsNamedAsSuchWithItsOwner(string manner, string cause)
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("multipath.py", $"{manner} 8080");
        var answer = await host.WhyAsync("127.0.0.1:8080");
        answer.Is("blocked", "EADDRINUSE", cause);
        Assert.Equal((program.Big("inode"), true), (answer.Blockers[0].Inode, answer.Blockers[0].Multipath));
        Assert.Equal(program.Number("server"), answer.Blockers[0].Owners.Single().Pid);
        Assert.Contains("MPTCP", (await host.ReportAsync("127.0.0.1:8080 --verbose")).Output, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Why_MultipathListenerOfSomebodyElse_IsNamedAsSuchWithoutRights()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("multipath.py", "listen 8080");
        var answer = await host.WhyAsAsync(TestHost.Nobody, "127.0.0.1:8080");
        answer.Is("blocked", "EADDRINUSE", "owner-hidden");
        Assert.Equal(true, answer.Blockers[0].Multipath);
    }

    [KernelFact]
    public async Task Why_OwnerInAPidNamespaceBelow_IsNamedByBothNumbers()
    {
        await using var host = await TestHost.OpenAsync();
        var inner = host.Start(0, "unshare", "--pid", "--fork", "--mount-proc", "python3", "-B", "-S", Programs.Script("hold.py"), "tcp", "0.0.0.0", "8080", "listen");
        await inner.ReadyAsync();
        var answer = await host.WhyAsync("8080");
        Assert.Equal(1, Assert.Single(answer.Owners).NamespacePid);
        Assert.Contains("(pid 1 in its namespace)", (await host.ReportAsync("8080 --verbose")).Flat, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Why_HolderOutsideOfThisPidNamespace_SaysWhereToAsk()
    {
        await using var host = await TestHost.OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, "bindwiseoutside.slice/bindwise-outside.service");
        var program = host.Start(0, "/bin/sh", "-c", $"echo $$ > {group.Processes}; exec python3 -B -S {Programs.Script("hold.py")} {Listener}");
        await program.ReadyAsync();
        var outcome = await host.RunAsync("unshare", "--pid", "--fork", "--mount-proc", Programs.Bindwise, "why", "8080", "--json");
        var answer = Assert.Single(Asking.Answers(outcome));
        answer.Is("blocked", "EADDRINUSE", "listener");
        Assert.Empty(answer.Owners);
        answer.Has(answer.Limits.Any(static limit => limit is { Id: "owner-not-found" } && limit.Text.Contains("outside", StringComparison.Ordinal)
            && limit.Text.Contains("bindwise why 8080 on the host", StringComparison.Ordinal)), "outside, and where to ask");
        var hint = answer.Blockers[0].Hint!;
        Assert.Equal(("root", "bindwise-outside.service"), (hint.User, hint.Unit));
        answer.Has(answer.Limits.Any(static limit => limit is { Id: "creator-hint" } && limit.Text.Contains("bindwise-outside.service", StringComparison.Ordinal)), "the hint, called one");
    }

    [KernelFact]
    public async Task Why_ListenerOfAServiceAskedWithoutRights_HintsAtUserAndUnit()
    {
        await using var host = await TestHost.OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, "bindwisehint.slice/bindwise-hint.service");
        var program = host.Start(0, "/bin/sh", "-c", $"echo $$ > {group.Processes}; exec setpriv --reuid 1 --regid 1 --clear-groups python3 -B -S {Programs.Script("hold.py")} {Listener}");
        await program.ReadyAsync();
        var answer = await host.WhyAsAsync(TestHost.Nobody, "8080");
        answer.Is("blocked", "EADDRINUSE", "owner-hidden");
        var hint = answer.Blockers[0].Hint!;
        Assert.Equal(("daemon", "bindwise-hint.service"), (hint.User, hint.Unit));
        answer.Has(answer.Limits.Any(static limit => limit.Id == "processes-unreadable"), "the coverage");
        Assert.Contains("A hint, not proof", (await host.RunAsAsync(TestHost.Nobody, null, Programs.Bindwise, "why", "8080", "--verbose")).Flat, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Why_HundredsOfHoldersOfManyConnections_IsBounded()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("crowded_server.py", "200 300 8080");
        var answer = await host.WhyAsync("0.0.0.0:8080 --verbose");
        answer.Is("blocked", "EADDRINUSE", "listener");
        Assert.Equal(201, answer.Blockers[0].Owners.Count);
        Assert.Equal((program.Pid, "creator"), (answer.Blockers[0].Owners[0].Pid!.Value, answer.Blockers[0].Owners[0].Role));
        Assert.InRange(answer.Owners.Count(), 300, 4000);
        answer.Has(answer.Limits.Any(static limit => limit.Id == "holders-cut"), "what is left out");
        Assert.All(answer.Blockers.Skip(1).SelectMany(static blocker => blocker.Owners), static owner => Assert.NotEqual("creator", owner.Role));
    }
}

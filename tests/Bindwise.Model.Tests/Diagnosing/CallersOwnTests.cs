using Bindwise.Model.Diagnosing;
using Bindwise.Model.Diagnosing.Freeing;
using Bindwise.Model.Targets;
using static Bindwise.Model.Tests.Diagnosing.Hosts;

namespace Bindwise.Model.Tests.Diagnosing;

/// <summary>A listener that who asks has inherited, or that stands above who asks: nothing of it is ended from within.</summary>
public sealed class CallersOwnTests
{
    private const int Asker = 60;

    [Fact]
    public void ShellThatInheritedIt_ClosesItAndIsNotEnded()
    {
        var host = Inherited(Shell("bash"), Bindwise());

        var answer = Ask(host);

        Assert.Equal("8080/tcp is taken (EADDRINUSE): bash (pid 50) listens on 0.0.0.0:8080, through a descriptor it inherited.", answer.Summary);
        Assert.Equal([50], answer.Blockers[0].Owners.Select(static o => o.Process.Id));
        Assert.Equal(("close-in-shell", "Close the socket in bash (pid 50), the shell that you are in, which inherited it.", "exec 3<&-"),
            (answer.Remedies[0].Id, answer.Remedies[0].Text, answer.Remedies[0].Command));
        DoesNotKill(answer);
        Assert.EndsWith("is never ended; to close the socket in it: exec 3<&-", Plan(host).Refusal?.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void ProgramThatStartedTheShell_IsNotEndedFromWithinIt()
    {
        var host = Inherited(Process(40, "ide", parent: 1), Shell("bash"), Bindwise());

        var answer = Ask(host);

        Assert.Equal([40, 50], answer.Blockers[0].Owners.Select(static o => o.Process.Id));
        Assert.Equal([("end-starter", null), ("close-in-shell", "exec 3<&-")], answer.Remedies.Take(2).Select(static r => (r.Id, r.Command)));
        DoesNotKill(answer);
        Assert.EndsWith("is never ended.", Plan(host).Refusal?.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void OthersThatInheritedItToo_AreStoppedAllTheSame()
    {
        var answer = Ask(Inherited(Shell("bash"), Process(55, "srv", parent: 50), Bindwise()));

        Assert.Equal(["exec 3<&-", "kill 55"], answer.Remedies.Take(2).Select(static r => r.Command));
        Assert.All(answer.Blockers[0].Owners, static o => Assert.Equal(OwnerRole.Inherited, o.Role));
    }

    [Theory]
    [InlineData("bash", 12, "exec 12<&-")]
    [InlineData("dash", 9, "exec 9<&-")]
    [InlineData("dash", 12, null)] // two digits would be the name of a program
    [InlineData("fish", 3, null)]
    public void DescriptorOfTheShell_IsClosedAsThatShellDoesIt(string shell, int descriptor, string? command)
    {
        var host = Inherited(Shell(shell), Bindwise());

        var answer = Ask(host with { Holders = [.. host.Holders.Select(h => h.ProcessId == 50 ? h with { Descriptor = descriptor } : h)] });

        Assert.Equal(command, answer.Remedies.First(static r => r.Id == "close-in-shell").Command);
    }

    [Fact]
    public void PagerBesideBindwise_IsNoHolderToBeEnded()
    {
        var host = Inherited(Shell("bash"), Bindwise(), Process(61, "less", parent: 50, group: Asker));

        Assert.Equal([50], Ask(host).Blockers[0].Owners.Select(static o => o.Process.Id));
    }

    [Fact]
    public void BindwiseThatRunsBindwise_IsNoHolderEither()
    {
        var host = Inherited(Shell("bash"), Process(55, "bindwise", parent: 50) with { Arguments = ["bindwise", "wait", "1", "--", "sh"] }, Bindwise());
        host = host with { Caller = host.Caller with { AncestorIds = [55, 50, 40, 1] } };

        Assert.Equal([50], Ask(host).Blockers[0].Owners.Select(static o => o.Process.Id));
    }

    // A shell with jobs, and systemd, make bindwise run the leader of a group that its program is in.
    [Fact]
    public void ProgramOfAHeldRun_IsTheHolder_AlsoInTheGroupThatBindwiseLeads()
    {
        var host = Inherited(Bindwise() with { Arguments = ["bindwise", "run", "--hold", "--", "app"] }, Process(61, "app", parent: Asker, group: Asker));
        host = host with { Processes = host.Processes.Add(Shell("bash")) };

        Assert.Equal([(61, OwnerRole.Creator), (Asker, OwnerRole.Keeper)], Ask(host).Blockers[0].Owners.Select(static o => (o.Process.Id, o.Role)));
    }

    [Fact]
    public void BindwiseAlone_HasItOnlyAsLongAsItRuns()
    {
        var host = Inherited(Bindwise());

        Assert.Equal("ask-again", Ask(host).Remedies[0].Id);
        Assert.Equal("Only bindwise itself has it: it is free when bindwise ends.", Plan(host).Refusal?.Text);
    }

    [Fact]
    public void LibraryInAProgram_StillSpeaksOfThisProcess()
    {
        var host = Inherited(Process(Asker, "app", parent: 50));

        Assert.Equal("close-own-socket", Ask(host).Remedies[0].Id);
        Assert.Equal("This process itself holds it.", Plan(host).Refusal?.Text);
    }

    [Fact]
    public void ServerOfAUnit_IsStoppedThereAlthoughTheSessionCameFromIt()
    {
        var answer = Ask(Inherited(Process(40, "sshd", parent: 1) with { Unit = "ssh.service", Cgroup = "/system.slice/ssh.service" }, Bindwise()));

        Assert.Equal("stop-unit", answer.Remedies[0].Id);
    }

    private static void DoesNotKill(Diagnosis answer) =>
        Assert.DoesNotContain(answer.Remedies, static r => r.Command?.Contains("kill", StringComparison.Ordinal) == true);

    private static ProcessRecord Shell(string name) => Process(50, name, parent: 40);

    private static ProcessRecord Bindwise() => Process(Asker, "bindwise", parent: 50) with { Arguments = ["bindwise", "why", "8080"] };

    private static Snapshot Inherited(params ProcessRecord[] processes)
    {
        var host = With("tcp 0.0.0.0 LISTEN");
        return host with
        {
            Processes = [.. processes],
            Holders = [.. processes.Select(p => new Holder(host.Sockets[0].Inode, p.Id, 3))],
            Caller = host.Caller with { ProcessId = Asker, AncestorIds = [50, 40, 1] },
        };
    }

    private static Diagnosis Ask(Snapshot snapshot) => Diagnoser.Diagnose(PortTarget(), ProgramOptions.None, snapshot);

    private static FreePlan Plan(Snapshot snapshot) => FreePlanner.Of(PortTarget(), ProgramOptions.None, snapshot, new FreeRights());
}

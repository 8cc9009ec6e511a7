using Bindwise.Model.Diagnosing;
using Bindwise.Model.Targets;
using Bindwise.Model.Tests.Rules;
using static Bindwise.Model.Tests.Diagnosing.Hosts;

namespace Bindwise.Model.Tests.Diagnosing;

/// <summary>What is said of those who hold a socket: their roles, and how to have them let go.</summary>
public sealed class HolderTests
{
    private static Diagnosis Ask(Snapshot snapshot) => Diagnoser.Diagnose(PortTarget(), ProgramOptions.None, snapshot);

    [Fact]
    public void TwoListenersOfTwoPrograms_AreBothNamed()
    {
        var host = Of(SocketLine.Held("tcp 0.0.0.0 LISTEN") with { Inode = 7 }, SocketLine.Held("tcp :: LISTEN v6only") with { Inode = 8 });
        host = host with { Processes = [Process(5, "nginx"), Process(6, "node")], Holders = [new Holder(7, 5, 3), new Holder(8, 6, 3)] };

        var answer = Ask(host);

        Assert.Equal("8080/tcp is taken (EADDRINUSE): nginx (pid 5) listens on 0.0.0.0:8080, and node (pid 6) on [::]:8080, IPv6 only.", answer.Summary);
        Assert.Equal(["kill 5 6"], answer.Remedies.Where(r => r.Id == "end-process").Select(r => r.Command));
    }

    [Fact]
    public void ChildrenOfInit_WithTheSocketUnderTwoNumbers_WerePassedIt()
    {
        var host = With("tcp 0.0.0.0 LISTEN").HeldBy(Process(11, "srv", parent: 1, group: 10), Process(12, "srv", parent: 1, group: 10));
        host = host with { Holders = [host.Holders[0], host.Holders[1] with { Descriptor = 9 }] };

        var answer = Ask(host);

        Assert.Equal("listener", answer.Cause.Id());
        Assert.All(answer.Blockers[0].Owners, o => Assert.Equal(OwnerRole.Holder, o.Role));
    }

    [Fact]
    public void SocketOfTheServiceManager_IsNeverFreedByEndingIt()
    {
        var answer = Ask(With("tcp 0.0.0.0 LISTEN").HeldBy(Process(1, "systemd", parent: 0), Process(9, "srv", parent: 1)));

        Assert.Equal("socket-activation", answer.Cause.Id());
        Assert.Equal("find-socket-unit", answer.Remedies[0].Id);
        Assert.DoesNotContain(answer.Remedies, r => r.Command?.Contains("kill", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void ProxyOfAContainerEngine_IsNotEndedInPlaceOfItsContainer()
    {
        var answer = Ask(With("tcp 0.0.0.0 LISTEN").HeldBy(Process(9, "docker-proxy")));

        Assert.Equal(("published-container-port", "find-container"), (answer.Cause.Id(), answer.Remedies[0].Id));
        Assert.DoesNotContain(answer.Remedies, r => r.Id == "end-process");
    }

    [Fact]
    public void StoppedByADebugger_IsNotContinuedBySignal()
    {
        var answer = Ask(With("tcp 0.0.0.0 LISTEN").HeldBy(Process(5, "srv", state: 't')));

        Assert.Equal("stopped-process", answer.Cause.Id());
        Assert.DoesNotContain(answer.Remedies, r => r.Command?.Contains("-CONT", StringComparison.Ordinal) == true);
    }

    [Theory]
    [InlineData("/docker/", "docker stop 0123456789ab")]
    [InlineData("/machine.slice/libpod-", "podman stop 0123456789ab")]
    [InlineData("/kubepods/besteffort/pod1/", "crictl stop 0123456789ab")]
    public void Container_IsStoppedByItsOwnEngine(string cgroup, string command)
    {
        const string id = "0123456789abcdef0123456789abcdef";

        var answer = Ask(With("tcp 0.0.0.0 LISTEN").HeldBy(Process(5, "srv") with { Container = id, Cgroup = cgroup + id }));

        Assert.Equal(command, answer.Remedies[0].Command);
    }

    [Fact]
    public void OrphanedWorkers_ShowThatTheirMakerIsGone()
    {
        var answer = Ask(With("tcp 0.0.0.0 LISTEN").HeldBy(Process(11, "srv", parent: 1, group: 10), Process(12, "srv", parent: 1, group: 10)));

        Assert.Equal("inherited-descriptor", answer.Cause.Id());
        Assert.EndsWith("srv (pid 11) and srv (pid 12) listen on 0.0.0.0:8080, through a descriptor they inherited.", answer.Summary, StringComparison.Ordinal);
        Assert.Equal("kill 11 12", answer.Remedies[0].Command);
    }

    // The one was forked with the socket, the other executed with it: sentence and code are of the same case.
    [Theory]
    [InlineData("python3", "close-in-child", "From now on, have a child that does not serve the socket close it right after fork().", true)]
    [InlineData("sleep", "close-on-exec", "From now on, open the listening socket with close-on-exec, so the programs it starts do not inherit it. Python has done this by default since 3.4, so the cause is fork() without exec, pass_fds= or set_inheritable(True).", false)]
    public void InheritedSocket_IsKeptFromTheNextOneInItsOwnWay(string name, string id, string text, bool hasCode)
    {
        var host = With("tcp 0.0.0.0 LISTEN").HeldBy(Process(11, name, parent: 1, group: 10), Process(12, name, parent: 1, group: 10));
        var target = PortTarget() with { Pasted = new PastedError { Runtime = "Python" } };

        var remedy = Assert.Single(Diagnoser.Diagnose(target, ProgramOptions.None, host).Remedies, static remedy => remedy.Id.StartsWith("close-", StringComparison.Ordinal));

        Assert.Equal((id, text, hasCode ? "sock.close()  # in the child, right after os.fork()" : null, null), (remedy.Id, remedy.Text, remedy.Command, remedy.Note));
    }

    [Theory]
    [InlineData(1000u, "a process that you may not inspect, probably your own (file capabilities, setuid, or not dumpable) listens on 0.0.0.0:8080.")]
    [InlineData(0u, "a process of another user (run with sudo to see which) listens on 0.0.0.0:8080.")]
    public void UnseenHolder_OfTheCallersOwnSocket_IsNotSaidToBeAnotherUsers(uint user, string expected)
    {
        var host = With("tcp 0.0.0.0 LISTEN");
        host = host with
        {
            Sockets = [host.Sockets[0] with { UserId = user }],
            Caller = new Caller { UserId = 1000 },
            Coverage = host.Coverage with { UnreadableProcesses = 1 },
        };

        Assert.EndsWith(expected, Ask(host).Summary, StringComparison.Ordinal);
    }
}

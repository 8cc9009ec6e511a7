using System.Globalization;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Targets;
using Bindwise.Model.Targets.Errors;
using Bindwise.Model.Tests.Rules;
using static Bindwise.Model.Tests.Diagnosing.Hosts;

namespace Bindwise.Model.Tests.Diagnosing;

/// <summary>What is said of a host: verdict, cause, factors, who closed first, how long, what to do.</summary>
public sealed class DiagnoserTests
{
    private static Diagnosis Ask(Snapshot snapshot, Target? target = null, ProgramOptions? options = null) =>
        Diagnoser.Diagnose(target ?? PortTarget(), options ?? ProgramOptions.None, snapshot);

    [Fact]
    public void EmptyTable_Probed_IsFreeAndSaysWhatCanBeBound()
    {
        var answer = Ask(With().Probed(Request("::"), 0));

        Assert.Equal((Verdict.Free, "free", (string?)null), (answer.Verdict, answer.Cause.Id(), answer.Errno));
        Assert.Equal("8080/tcp is free: a server can listen on 0.0.0.0 and [::].", answer.Summary);
        Assert.All(answer.Attempts.Where(a => a.IsAsked), a => Assert.True(a.Bind.IsProbed));
        Assert.Empty(answer.Remedies);
        Assert.Empty(answer.Limits);
    }

    [Fact]
    public void Listener_IsNamedWithItsOwner()
    {
        var answer = Ask(With("tcp 127.0.0.1 LISTEN").HeldBy(Process(4121, "nginx")));

        Assert.Equal((Verdict.Blocked, "EADDRINUSE", "listener"), (answer.Verdict, answer.Errno, answer.Cause.Id()));
        Assert.Equal("8080/tcp is taken (EADDRINUSE): nginx (pid 4121) listens on 127.0.0.1:8080.", answer.Summary);
        Assert.Equal("BW004", answer.Rule!.Id.Value);
        Assert.Equal("kill 4121", answer.Remedies[0].Command);
        Assert.DoesNotContain(answer.Remedies, r => r.Command?.Contains("-9", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void DualStackListener_AskedForAnIPv4Address_IsNamedAsSuch()
    {
        var answer = Ask(With("tcp :: LISTEN").HeldBy(Process(7, "node")), PortTarget("127.0.0.1"));

        Assert.Equal("dual-stack-listener", answer.Cause.Id());
        Assert.Contains(Cause.Listener, answer.Factors);
        Assert.Contains("without IPV6_V6ONLY takes IPv4 as well", answer.Why[0], StringComparison.Ordinal);
    }

    // Java binds ::ffff:127.0.0.1 for 127.0.0.1.
    [Fact]
    public void ListenerOnAMappedAddress_HasTheIPv4One()
    {
        var answer = Ask(With("tcp ::ffff:127.0.0.1 LISTEN").HeldBy(Process(7, "java")));

        Assert.Contains("a server that binds 127.0.0.1 or every address cannot start; one that binds another address of this host can.", answer.Why[0], StringComparison.Ordinal);
    }

    // Both open a socket of both families for 0.0.0.0, which an IPv6-only one refuses.
    [Theory]
    [InlineData("Web server failed to start. Port 8080 was already in use.", "-Djava.net.preferIPv4Stack=true")]
    [InlineData("java.io.IOException: Failed to bind to 0.0.0.0/0.0.0.0:8080 Caused by: java.net.BindException: Address already in use", "-Djava.net.preferIPv4Stack=true")]
    [InlineData("listen tcp :8080: bind: address already in use", "by the network \"tcp4\"")]
    [InlineData("listen tcp 0.0.0.0:8080: bind: address already in use", "by the network \"tcp4\"")]
    public void IPv6OnlyListener_InTheWayOfARuntimeThatBindsBoth_IsAvoidedOverIPv4Alone(string pasted, string how)
    {
        var answer = Ask(With("tcp :: LISTEN v6only").HeldBy(Process(7, "node")), TargetParser.Parse(pasted).Value!);

        Assert.Contains(answer.Remedies, r => r.Id == "use-ipv4" && r.Text.Contains(how, StringComparison.Ordinal));
    }

    [Fact]
    public void IPv6Loopback_WhileTheLoopbackInterfaceIsDown_IsToBeBroughtUp()
    {
        var answer = Ask(Of() with { Interfaces = [new InterfaceRecord { Index = 1, Name = "lo" }] }, PortTarget("::1"));

        Assert.Contains("interface lo, which would have ::1, is down", answer.Summary, StringComparison.Ordinal);
        Assert.EndsWith("ip link set dev lo up", answer.Remedies[0].Command, StringComparison.Ordinal);
    }

    [Fact]
    public void DuplicateAddress_IsToBeChanged_NotWaitedFor()
    {
        var duplicate = new InterfaceAddress(Address("fd05::1"), 64, IsDuplicate: true);
        var answer = Ask(Of() with { Interfaces = [new InterfaceRecord { Index = 2, Name = "eth0", IsUp = true, Addresses = [duplicate] }] }, PortTarget("fd05::1"));

        Assert.Equal("change-duplicate-address", answer.Remedies[0].Id);
    }

    [Fact]
    public void IPv6OnlyListener_LeavesIPv4Free_ButBlocksThePortAsServersUseIt()
    {
        var host = With("tcp :: LISTEN v6only").HeldBy(Process(7, "node"));

        Assert.Equal(Verdict.Blocked, Ask(host).Verdict);
        Assert.Equal(Verdict.Free, Ask(host, PortTarget("0.0.0.0")).Verdict);
        Assert.Contains(Ask(host, PortTarget("0.0.0.0")).Warnings, w => w.Id == "shadowed-by-other-family");
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void IPv6Wildcard_BesideAnIPv4Address_LosesWhatIsSentThere_UnlessItLeavesIPv4Alone(bool v6Only, bool isShadowed)
    {
        var options = new ProgramOptions { ReuseAddress = true, ReusePort = true, V6Only = v6Only };
        var answer = Ask(With("tcp 127.0.0.1 LISTEN ra rp").HeldBy(Process(7, "vite")), PortTarget("::"), options);

        Assert.Equal(isShadowed, answer.Warnings.Any(w => w.Id == "shadowed-by-specific-address"));
    }

    [Theory]
    [InlineData(0, Verdict.Free, "free")]
    [InlineData(98, Verdict.Blocked, "time-wait")]
    [InlineData(null, Verdict.Undetermined, "time-wait")]
    public void TimeWait_WithReuseAddress_IsSettledByTheProbe(int? errno, Verdict verdict, string cause)
    {
        var host = Of(TimeWait());
        if (errno is { } e)
            host = host.Probed(Request("127.0.0.1", reuseAddress: true), e);

        var answer = Ask(host, PortTarget("127.0.0.1"), new ProgramOptions { ReuseAddress = true });

        Assert.Equal((verdict, cause), (answer.Verdict, answer.Cause.Id()));
    }

    [Fact]
    public void TimeWait_PlainBindWithoutAProbe_PromisesNothingOfSoReuseAddress()
    {
        var answer = Ask(Of(TimeWait()), PortTarget("127.0.0.1"), new ProgramOptions { ReuseAddress = false });

        Assert.Contains(answer.Remedies, static one => one.Text.EndsWith("so it helps at once if the old one had it, else from the restart after the next.", StringComparison.Ordinal));
    }

    // The countdown has ended, and the timer wheel has not come by yet.
    [Fact]
    public void TimeWait_WithoutASecondLeft_IsThereForAMoment()
    {
        var answer = Ask(Of(TimeWait() with { MillisecondsLeft = 0 }), PortTarget("127.0.0.1"), new ProgramOptions { ReuseAddress = false });

        Assert.Contains("127.0.0.1:8080/tcp is taken (EADDRINUSE) for a moment more: ", answer.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void TimeWait_PlainBind_TellsTheTimeAndWhatTheProbeRevealed()
    {
        var answer = Ask(Of(TimeWait()).Probed(Request("127.0.0.1", reuseAddress: true), 98), PortTarget("127.0.0.1"));

        Assert.Equal((ClosedFirst.Local, Now.AddSeconds(41)), (answer.ClosedFirst, answer.FreeAt));
        Assert.Contains(answer.Remedies, static one => one.Text.EndsWith("so it helps from the restart after the next.", StringComparison.Ordinal));
        Assert.Contains("for another 41 s", answer.Summary, StringComparison.Ordinal);
        Assert.Contains("The old server had not set SO_REUSEADDR, so setting it now does not help before 14:02:31.", answer.Why);
        Assert.Equal("wait", answer.Remedies[0].Id);
        Assert.DoesNotContain(answer.Remedies, r => r.Id == "set-reuse-address");
        Assert.DoesNotContain(answer.Remedies, r => r.Command?.StartsWith("kill", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void TimeWait_OldServerHadReuseAddress_TheOptionComesFirst()
    {
        var answer = Ask(Of(TimeWait()).Probed(Request("127.0.0.1", reuseAddress: true), 0), PortTarget("127.0.0.1"));

        Assert.Equal("set-reuse-address", answer.Remedies[0].Id);
        Assert.Contains(answer.Why, w => w.StartsWith("The old socket had set SO_REUSEADDR", StringComparison.Ordinal));
    }

    [Fact]
    public void TimeWait_OldServerHadReuseAddress_ABareTargetIsFreeForAServerAndNotForAPlainSocket()
    {
        var host = Of(TimeWait()).Probed(Request("127.0.0.1", reuseAddress: true), 0);
        var bare = Ask(host, PortTarget("127.0.0.1"));

        Assert.Equal((Verdict.Free, "time-wait", (string?)null), (bare.Verdict, bare.Cause.Id(), bare.Errno));
        Assert.Equal(
            "127.0.0.1:8080/tcp: only TIME_WAIT is left. Servers that set SO_REUSEADDR (Node.js, Go, Java, .NET, nginx, Python's http.server…) can start now; others in 41 s.",
            bare.Summary);
        Assert.Single(bare.Blockers);
        Assert.Equal([["SO_REUSEADDR"]], bare.Attempts.Where(static a => a.IsAsked).Select(static a => a.Request.OptionNames));

        var plain = Ask(host, PortTarget("127.0.0.1"), new ProgramOptions { ReuseAddress = false });
        Assert.Equal((Verdict.Blocked, "time-wait", "EADDRINUSE"), (plain.Verdict, plain.Cause.Id(), plain.Errno));
        Assert.Equal(
            "127.0.0.1:8080/tcp is taken (EADDRINUSE) for another 41 s: a connection to 127.0.0.1:40000 in TIME_WAIT; a server that sets SO_REUSEADDR can start now.",
            plain.Summary);

        var pasted = Ask(host, PortTarget("127.0.0.1") with { Pasted = new PastedError { Errno = "EADDRINUSE" } });
        Assert.Equal(Verdict.Blocked, pasted.Verdict);

        // A program may undo what its runtime sets: then TIME_WAIT is why it failed. What a program is known to set, it sets.
        var runtime = Ask(host, PortTarget("127.0.0.1") with { Pasted = new PastedError { Errno = "EADDRINUSE", Runtime = "Ruby", SetsReuseAddress = true } });
        Assert.Equal((bare.Verdict, bare.Cause, bare.Summary), (runtime.Verdict, runtime.Cause, runtime.Summary));
        Assert.Equal(bare.Remedies.Select(static one => one.Id), runtime.Remedies.Select(static one => one.Id));
        Assert.Equal(("Start your server now; Ruby sets SO_REUSEADDR before bind(), unless the program clears it.", null), (runtime.Remedies[0].Text, runtime.Remedies[0].Command));
        var program = Ask(host, PortTarget("127.0.0.1") with { Pasted = new PastedError { Errno = "EADDRINUSE", Program = "nginx", SetsReuseAddress = true } });
        Assert.EndsWith("The error you pasted no longer applies.", program.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void ConnectionsInSeveralStates_AreAllSpokenOf()
    {
        HeldSocket[] held =
        [
            .. new[] { "CLOSE_WAIT", "ESTABLISHED", "ESTABLISHED" }.Select(static (state, i) =>
                SocketLine.Held($"tcp 127.0.0.1 {state} ra") with { Inode = (ulong)i + 7, Remote = new IpEndpoint(IpAddress.LoopbackIPv4, (ushort)(40000 + i)) }),
        ];
        var host = Of(held).HeldBy(Process(5, "srv"));

        Assert.StartsWith(
            "127.0.0.1:8080/tcp: srv (pid 5) has a connection to 127.0.0.1:40000 in CLOSE_WAIT, and 2 more connections are on the port. Servers that set ",
            Ask(host, PortTarget("127.0.0.1")).Summary, StringComparison.Ordinal);
        Assert.EndsWith("; others have to wait until all of them are closed, and up to a minute more.", Ask(host, PortTarget("127.0.0.1")).Summary, StringComparison.Ordinal);
        Assert.Contains("in CLOSE_WAIT, and 2 more connections are on the port;", Ask(host, PortTarget("127.0.0.1"), new ProgramOptions { ReuseAddress = false }).Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void ListenersOfOneProcess_AreOneNote()
    {
        var host = With("tcp 0.0.0.0 LISTEN rp", "tcp 0.0.0.0 LISTEN rp").HeldBy(Process(5, "srv"));

        var answer = Ask(host, PortTarget("0.0.0.0"), new ProgramOptions { ReusePort = true });

        Assert.Single(answer.Warnings, static warning => warning.Id == "shares-port");
    }

    [Theory]
    [InlineData("0.0.0.0", "unicast reaches only the one that was bound last")]
    [InlineData("::", "unicast over IPv4 reaches only the socket on IPv4, and over IPv6 the other one")]
    public void DatagramSocketsThatShare_EachFamilyGoesToItsOwn(string address, string risk)
    {
        var answer = Ask(With("udp 0.0.0.0 CLOSE ra").HeldBy(Process(5, "srv")), PortTarget(address, Protocol.Udp));

        Assert.Equal(risk, answer.Remedies.Single(static one => one.Id == "set-reuse-address").Risk);
    }

    // A group has sockets with the same IPV6_V6ONLY (inet_reuseport_add_sock()).
    [Theory]
    [InlineData("tcp :: LISTEN rp", false, "shares-port")]
    [InlineData("tcp :: LISTEN rp", true, "shadowed-by-older")]
    [InlineData("tcp :: LISTEN rp v6only", false, "shadowed-by-older")]
    [InlineData("tcp :: LISTEN rp v6only", true, "shares-port")]
    public void ListenersOnBothFamiliesAndOnIPv6Alone_AreNoGroup(string socket, bool v6Only, string expected)
    {
        var answer = Ask(With(socket).HeldBy(Process(5, "srv")), PortTarget("::"), new ProgramOptions { ReusePort = true, V6Only = v6Only });

        Assert.Equal(expected, Assert.Single(answer.Warnings).Id);
    }

    // pick --hold keeps the port for a program that has it from there: whoever takes it first breaks that program.
    [Theory]
    [InlineData("tcp :: BOUND ra", Verdict.Free)]
    [InlineData("tcp :: BOUND", Verdict.Blocked)]
    public void PortThatIsPickedForAnother_IsLeftToIt(string socket, Verdict verdict)
    {
        var keeper = Process(5, "bindwise") with { Arguments = ["bindwise", "pick", "--hold-leases", "0ms", "--until-listening", "3", "npm", "8080"] };

        var answer = Ask(With(socket).HeldBy(keeper), PortTarget());

        Assert.Equal(verdict, answer.Verdict);
        Assert.Contains("bindwise (pid 5) keeps it for npm (pid 3) until that listens", answer.Summary, StringComparison.Ordinal);
        Assert.Equal(["other-port", "end-process"], answer.Remedies.Select(static r => r.Id));
        Assert.DoesNotContain(answer.Limits.Concat(answer.Warnings), static one => one.Text.Contains("bindwise (pid 5) is bound", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("tcp 127.0.0.1 BOUND ra", "is bound to 127.0.0.1:8080 without listening. Servers that set SO_REUSEADDR")]
    [InlineData("tcp 127.0.0.1 ESTABLISHED ra", "in ESTABLISHED. Servers that set SO_REUSEADDR")]
    [InlineData("tcp 127.0.0.1 CLOSE_WAIT ra", "in CLOSE_WAIT. Servers that set SO_REUSEADDR")]
    [InlineData("tcp 127.0.0.1 FIN_WAIT2 ra", "in FIN_WAIT2. Servers that set SO_REUSEADDR")]
    public void EveryStateThatReuseAddressPasses_SaysSoInTheFirstLine(string socket, string expected)
    {
        var answer = Ask(With(socket).HeldBy(Process(5, "srv")), PortTarget("127.0.0.1"));

        Assert.Equal(Verdict.Free, answer.Verdict);
        Assert.NotEqual(Cause.Free, answer.Cause);
        Assert.Contains(expected, answer.Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tcp 127.0.0.1 BOUND")]
    [InlineData("tcp 127.0.0.1 ESTABLISHED")]
    [InlineData("tcp 127.0.0.1 LISTEN ra")]
    public void WhatReuseAddressDoesNotPass_IsTakenForBareAndPlainAlike(string socket)
    {
        var host = With(socket).HeldBy(Process(5, "srv"));

        Assert.Equal(Verdict.Blocked, Ask(host, PortTarget("127.0.0.1")).Verdict);
        Assert.Equal(Verdict.Blocked, Ask(host, PortTarget("127.0.0.1"), new ProgramOptions { ReuseAddress = false }).Verdict);
    }

    [Fact]
    public void IPv6OnlyListener_SaysWhichFamilyIsTakenAndWhichIsFree()
    {
        var answer = Ask(With("tcp :: LISTEN v6only").HeldBy(Process(7, "node")));

        Assert.Equal("8080/tcp is taken on IPv6 and free on IPv4 (EADDRINUSE): node (pid 7) listens on [::]:8080, IPv6 only.", answer.Summary);
        Assert.Equal("A server that binds 0.0.0.0 can start; one that binds [::] cannot.", answer.Why[0]);
        Assert.Contains(answer.Remedies, static r => r.Id == "use-ipv4");
    }

    [Fact]
    public void WildcardOfIPv6OverAnIPv4Listener_IsToldOfV6Only()
    {
        var answer = Ask(With("tcp 0.0.0.0 LISTEN").HeldBy(Process(7, "node")), PortTarget("::"));

        Assert.Contains("takes IPv4 as well", answer.Why[0], StringComparison.Ordinal);
        Assert.Contains(answer.Remedies.Take(3), static r => r.Id == "set-v6-only-here");
    }

    [Fact]
    public void TwoListenersThatShare_AreToldOnce()
    {
        var host = With("tcp 0.0.0.0 LISTEN rp", "tcp 0.0.0.0 LISTEN rp");
        host = host with { Sockets = [host.Sockets[0] with { Inode = 21 }, host.Sockets[1] with { Inode = 22 }] };
        var one = Process(5, "srv");
        var other = Process(6, "web");
        host = host with { Processes = [one, other], Holders = [new Holder(21, 5, 3), new Holder(22, 6, 3)] };

        Assert.Equal("8080/tcp is taken (EADDRINUSE): 2 listeners of srv (pid 5) and web (pid 6) share 0.0.0.0:8080 by SO_REUSEPORT.", Ask(host).Summary);
    }

    [Theory]
    [InlineData("EADDRINUSE", 8080, "8080/tcp is free now: a server can listen on 0.0.0.0 and [::]. The error you pasted no longer applies.", "start-again")]
    [InlineData("EACCES", 80, "80/tcp is free, and you may bind it; the error you pasted (EACCES) came from a user who may not bind ports below 1024.", "grant-capability")]
    public void PastedErrorThatIsNotSeenNow_IsSpokenOf(string errno, int port, string summary, string remedy)
    {
        var answer = Ask(With(), PortTarget(port: (ushort)port) with { Pasted = new PastedError { Errno = errno } });

        Assert.Equal((Verdict.Free, summary), (answer.Verdict, answer.Summary));
        Assert.Equal(remedy, answer.Remedies[0].Id);
    }

    [Theory]
    [InlineData("127.0.0.1", "EACCES", "127.0.0.1:8080/tcp is free: a server can listen on it. The error you pasted (EACCES) came from a policy where that program runs, such as SELinux, AppArmor, Landlock, seccomp or a unit's SocketBindDeny=.", null)]
    [InlineData("127.0.0.1", "EPERM", "127.0.0.1:8080/tcp is free: a server can listen on it. The error you pasted (EPERM) came from a policy where that program runs, such as SELinux, AppArmor, Landlock, seccomp or a unit's SocketBindDeny=.", null)]
    [InlineData("::1", "EADDRNOTAVAIL", "[::1]:8080/tcp is free: a server can listen on it. The error you pasted (EADDRNOTAVAIL) does not apply here, where ::1 exists; a container without IPv6 has no such address.", "bindwise why '[::1]:8080' --plain --container NAME")]
    [InlineData("127.0.0.1", "EADDRNOTAVAIL", "127.0.0.1:8080/tcp is free: a server can listen on it. The error you pasted (EADDRNOTAVAIL) does not apply here, where 127.0.0.1 exists; a container has addresses of its own.", "bindwise why 127.0.0.1:8080 --plain --container NAME")]
    [InlineData("127.0.0.1", "unknown", "127.0.0.1:8080/tcp is free: a server can listen on it. The error you pasted is in words that are not known: it may be of another kind, or of another system, which has ports of its own.", null)]
    [InlineData("127.0.0.1", "EINVAL", "127.0.0.1:8080/tcp is free: a server can listen on it. The error you pasted (EINVAL) does not come from another socket: the address lacked its interface, or the program bound one socket twice.", null)]
    [InlineData("127.0.0.1", "ENODEV", "127.0.0.1:8080/tcp is free: a server can listen on it. The error you pasted (ENODEV) does not come from another socket: where that program ran there was no such interface.", null)]
    [InlineData(null, "EADDRNOTAVAIL", "8080/tcp is free: a server can listen on 0.0.0.0 and [::]. The error you pasted (EADDRNOTAVAIL) is about an address that no interface had where that program ran, and that the text does not name.", "bindwise why ADDRESS:8080")]
    public void PastedErrorOfAnotherPlace_IsSaidToBeThat(string? host, string errno, string summary, string? command)
    {
        var answer = Ask(With(), PortTarget(host) with { Pasted = new PastedError { Errno = errno } });

        Assert.Equal((Verdict.Free, summary), (answer.Verdict, answer.Summary));
        Assert.Equal(command, answer.Remedies.FirstOrDefault()?.Command);
        // Whose command that is nobody knows here.
        Assert.Equal(errno is "EACCES" or "EPERM", answer.Remedies.Any(static one => one.Text.Contains("bindwise run -- YOUR COMMAND", StringComparison.Ordinal)));
    }

    // Which addresses there are the interfaces tell: the sysctl alone does not make one foreign.
    [Theory]
    [InlineData("10.9.9.9", "no longer applies: no interface has 10.9.9.9, but net.ipv4.ip_nonlocal_bind lets programs bind addresses that this host does not have.", null)]
    [InlineData("2001:db8::7", "no longer applies: no interface has 2001:db8::7, but net.ipv6.ip_nonlocal_bind lets programs bind addresses that this host does not have.", null)]
    [InlineData("127.0.0.1", "does not apply here, where 127.0.0.1 exists; a container has addresses of its own.", "ask-in-container")]
    public void PastedErrorOfAnAddress_WithIpNonlocalBind_IsOverWhereNoInterfaceHasIt(string host, string end, string? remedy)
    {
        var snapshot = With();
        var answer = Ask(snapshot with
        {
            Settings = snapshot.Settings with { NonLocalBindIPv4 = true, NonLocalBindIPv6 = true },
            Interfaces = [new InterfaceRecord { Name = "lo", Index = 1, IsUp = true, Addresses = [new InterfaceAddress(IpAddress.LoopbackIPv4, 8)] }],
        }, PortTarget(host) with { Pasted = new PastedError { Errno = "EADDRNOTAVAIL" } });

        Assert.Equal((Verdict.Free, remedy), (answer.Verdict, answer.Remedies.FirstOrDefault()?.Id));
        Assert.EndsWith(end, answer.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void PastedErrorOfAnUntoldAddress_KeepsTheTransport()
    {
        var answer = Ask(With(), PortTarget(null) with { Protocol = Protocol.Udp, Pasted = new PastedError { Errno = "EADDRNOTAVAIL" } });

        Assert.Equal("bindwise why ADDRESS:8080/udp", answer.Remedies[0].Command);
    }

    [Theory]
    [InlineData("/run/x.sock", "EADDRINUSE", "/run/x.sock is free now: nothing is at that path. The error you pasted no longer applies.", null)]
    [InlineData("/run/x.sock", "EACCES", "/run/x.sock is free, and you may bind it; the error you pasted (EACCES) came from a user who may not write to the folder.", "bindwise why /run/x.sock --user NAME")]
    [InlineData("/run/x.sock", "EROFS", "/run/x.sock is free: nothing is at that path. The error you pasted does not apply here; a container or a unit may see other folders.", "bindwise why /run/x.sock --container NAME")]
    [InlineData("@x", "EINVAL", "@x is free: no stream socket has that name.", null)]
    public void PastedErrorOfAPath_ThatIsFreeHere_IsSpokenOf(string path, string errno, string summary, string? command)
    {
        var target = new Target { Text = path, Protocol = Protocol.Unix, Path = path, Pasted = new PastedError { Errno = errno } };

        var answer = Ask(With() with { UnixPath = new UnixPathRecord { Path = path } }, target);

        Assert.Equal((Verdict.Free, summary, command), (answer.Verdict, answer.Summary, answer.Remedies.FirstOrDefault()?.Command));
    }

    [Fact]
    public void PastedErrorOfNodeAboutAPath_MayBeAFolderThatIsMissing()
    {
        var target = new Target { Text = "/run/x.sock", Protocol = Protocol.Unix, Path = "/run/x.sock", Pasted = new PastedError { Errno = "EACCES", Runtime = "Node.js" } };

        Assert.EndsWith("may not write to the folder, or the folder was missing there.", Ask(With() with { UnixPath = new UnixPathRecord { Path = "/run/x.sock" } }, target).Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("EACCES", HostSystem.Windows, "came from Windows, which has ports of its own.", "On Windows: See whether 8000 is", "netsh int ipv4 show excludedportrange protocol=tcp")]
    [InlineData("EADDRINUSE", HostSystem.Windows, "came from Windows, which has ports of its own.", "On Windows: See which process", "netstat -ano | findstr :8000")]
    [InlineData("EADDRINUSE", HostSystem.MacOS, "came from macOS or a BSD, which has ports of its own.", "On macOS or a BSD: See who", "lsof -nP -iTCP:8000 -sTCP:LISTEN")]
    internal void PastedErrorOfAnotherSystem_IsAnsweredByThatOnesRules(string errno, HostSystem system, string end, string step, string command)
    {
        var target = PortTarget("127.0.0.1", port: 8000) with { Pasted = new PastedError { Errno = errno, System = system } };
        var free = Ask(With(), target);
        var taken = Ask(Of(TimeWait()) with { Sockets = [With("tcp 0.0.0.0 LISTEN").Sockets[0] with { Local = new IpEndpoint(IpAddress.AnyIPv4, 8000) }] }, target);

        Assert.StartsWith("127.0.0.1:8000/tcp is free here: a server can listen on it. The error you pasted ", free.Summary, StringComparison.Ordinal);
        Assert.EndsWith(end, free.Summary, StringComparison.Ordinal);
        Assert.StartsWith(step, free.Remedies[0].Text, StringComparison.Ordinal);
        Assert.Equal(command, free.Remedies[0].Command);
        Assert.DoesNotContain(free.Warnings, static one => one.Id == "pasted-elsewhere");
        Assert.Contains(taken.Warnings, static one => one.Id == "pasted-elsewhere");
    }

    [Theory]
    [InlineData("::", "does not apply here, where the kernel has IPv6;")]
    [InlineData("0.0.0.0", "does not apply here, where the kernel has IPv4;")]
    public void PastedErrorOfAMissingFamily_ThatIsHere_IsSpokenOf(string host, string words) =>
        Assert.Contains(words, Ask(With(), PortTarget(host) with { Pasted = new PastedError { Errno = "EAFNOSUPPORT" } }).Summary, StringComparison.Ordinal);

    // Another port may be the one that failed; or it is of a moment that is over as the error is.
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void PastedErrorThatMayStillApply_IsNotCalledOver(bool isPortAssumed, bool isPast)
    {
        var host = With();
        var answer = Ask(host with { Coverage = host.Coverage with { IsPast = isPast } },
            PortTarget(port: 53) with { Pasted = new PastedError { Errno = "EADDRINUSE", IsPortAssumed = isPortAssumed } });

        Assert.Equal("53/tcp is free: a server can listen on 0.0.0.0 and [::].", answer.Summary);
        Assert.DoesNotContain(answer.Remedies, static one => one.Id == "start-again");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void PastedErrorWithoutAPort_IsAnsweredForTheUsualOneAndSaysSo(bool isTaken)
    {
        var target = PortTarget("127.0.0.1") with { Pasted = new PastedError { Program = "dnsmasq", Errno = "EADDRINUSE", IsPortAssumed = true } };
        var answer = Ask(isTaken ? With("tcp 0.0.0.0 LISTEN") : With(), target);

        Assert.Equal(isTaken ? Verdict.Blocked : Verdict.Free, answer.Verdict);
        Assert.Contains(answer.Warnings, static one => one.Text == "The text names no port: 8080, dnsmasq's usual one, is assumed.");
    }

    // Docker keeps a book of its own, which no socket table shows.
    [Fact]
    public void PastedErrorOfDocker_WithNothingInTheWay_IsNotCalledOver()
    {
        var answer = Ask(With(), PortTarget(port: 53) with { IsProtocolAssumed = true, Pasted = new PastedError { Program = "dockerd", Errno = "EADDRINUSE" } });

        Assert.Equal("53/tcp is free: a server can listen on 0.0.0.0 and [::].", answer.Summary);
        Assert.Equal("docker ps --filter publish=53 --filter publish=53/udp", answer.Remedies[0].Command);
    }

    // The port, the remote port, and what is said of who left it.
    [Theory]
    [InlineData("TIME_WAIT", 40000, 443, "; the port was the source port of that connection.", "The old client had not set", "reserve-port")]
    [InlineData("FIN_WAIT2", 40000, 443, "; the port was the source port of that connection.", "The old socket had not set", "reserve-port")]
    [InlineData("TIME_WAIT", 40000, 50000, "; the old server had not set SO_REUSEADDR, so setting it now does not help.", "The old server had not set", "set-reuse-address-from-now client-closes-first")]
    // Beyond the range of this host is still within that of others.
    [InlineData("TIME_WAIT", 40000, 62000, "; the old server had not set SO_REUSEADDR, so setting it now does not help.", "The old server had not set", "set-reuse-address-from-now client-closes-first")]
    [InlineData("TIME_WAIT", 8080, 50000, "; the old server had not set SO_REUSEADDR, so setting it now does not help.", "The old server had not set", "set-reuse-address-from-now client-closes-first")]
    [InlineData("TIME_WAIT", 7310, 7000, "; the old program had not set SO_REUSEADDR, so setting it now does not help.", "The old program had not set", "set-reuse-address-from-now")]
    public void ClosedConnection_OfAClientAndOfAServer_AreToldApart(string state, int port, int remote, string end, string old, string preventions)
    {
        var held = TimeWait() with
        {
            State = state == "TIME_WAIT" ? TcpSocketState.TimeWait : TcpSocketState.FinWait2,
            Local = new IpEndpoint(IpAddress.LoopbackIPv4, (ushort)port),
            Remote = new IpEndpoint(IpAddress.LoopbackIPv4, (ushort)remote),
        };
        var host = Of(held).Probed(Request("127.0.0.1", reuseAddress: true) with { Port = (ushort)port }, 98);

        var answer = Ask(host, PortTarget("127.0.0.1", port: (ushort)port));

        Assert.EndsWith(end, answer.Summary, StringComparison.Ordinal);
        Assert.Contains(answer.Why, sentence => sentence.StartsWith(old, StringComparison.Ordinal));
        Assert.Equal(preventions, string.Join(' ', answer.Remedies.Select(static r => r.Id).Except(["wait", "other-port"])));
    }

    [Theory]
    [InlineData("FinWait1", false, "tcp_orphan_retries")]
    [InlineData("Closing", false, "tcp_orphan_retries")]
    [InlineData("LastAck", false, "tcp_orphan_retries")]
    [InlineData("FinWait2", false, "tcp_fin_timeout")]
    [InlineData("FinWait2", true, "no timer runs while a process holds the socket")]
    public void ClosingConnection_SaysWhatEndsIt(string state, bool isHeld, string words)
    {
        var socket = TimeWait() with { State = Enum.Parse<TcpSocketState>(state), ReuseAddress = Fact.No, ReusePort = Fact.No, Inode = isHeld ? 7u : 0 };

        var answer = Ask(Of(socket).HeldBy(Process(5, "srv")), PortTarget("127.0.0.1"));

        Assert.Contains(words, answer.Why[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1_000, 2_048, "2026-07-01T12:01:05.096Z", "12:00:01 (at most 3 s longer)")]
    // tcp_fin_timeout has no limit: this host's is 24 days or more, and the time that is shown has a day.
    [InlineData(int.MaxValue, 2_048, "2026-07-26T08:31:23.647Z", "2026-07-26 08:31:24 (at most 3 s longer)")]
    [InlineData(int.MaxValue, int.MaxValue, "2026-07-26T08:31:23.647Z", "2026-07-26 08:31:24 (at most 2147484 s longer)")]
    public void FinWait2_OfAnyTimer_TellsWhenItEndsAtTheLatest(int left, int slack, string freeAt, string until)
    {
        var socket = TimeWait() with { State = TcpSocketState.FinWait2, ReuseAddress = Fact.No, ReusePort = Fact.No, MillisecondsLeft = left };
        var host = Of(socket);
        host = host with { TakenAt = DateTimeOffset.Parse("2026-07-01T12:00:00Z", CultureInfo.InvariantCulture), Settings = host.Settings with { TimerSlackMilliseconds = slack } };

        var answer = Ask(host, PortTarget("127.0.0.1"));

        Assert.Equal(DateTimeOffset.Parse(freeAt, CultureInfo.InvariantCulture), answer.FreeAt);
        Assert.Contains($", until {until};", answer.Remedies.Single(static remedy => remedy.Id == "wait").Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(40000, "uses it as the source port of a UDP socket that is connected to 127.0.0.1:53", true)]
    [InlineData(8080, "has a UDP socket on 127.0.0.1:8080 that is connected to 127.0.0.1:53", false)]
    public void ConnectedUdpSocket_OfAnAutomaticPort_IsAClients(int port, string words, bool isReserved)
    {
        var socket = With("udp 127.0.0.1 ESTABLISHED").Sockets[0] with
        {
            Local = new IpEndpoint(IpAddress.LoopbackIPv4, (ushort)port),
            Remote = new IpEndpoint(IpAddress.LoopbackIPv4, 53),
        };

        var answer = Ask(Of(socket).HeldBy(Process(5, "dig")), PortTarget("127.0.0.1", Protocol.Udp, (ushort)port));

        Assert.EndsWith($"dig (pid 5) {words}.", answer.Summary, StringComparison.Ordinal);
        Assert.Equal(isReserved, answer.Remedies.Any(static r => r.Id == "reserve-port"));
    }

    [Fact]
    public void TimeWaitAtBothEnds_BothClosedAtOnce()
    {
        var here = TimeWait();
        var there = here with { Local = here.Remote, Remote = here.Local };

        Assert.Equal(ClosedFirst.Both, Ask(Of(here, there), PortTarget("127.0.0.1")).ClosedFirst);
        // A server on [::] names the same addresses in its own family.
        var mapped = here with
        {
            Family = IpFamily.IPv6,
            Local = new IpEndpoint(here.Local.Address.AsIPv6, here.Local.Port),
            Remote = new IpEndpoint(here.Remote.Address.AsIPv6, here.Remote.Port),
        };
        Assert.Equal(ClosedFirst.Both, Ask(Of(mapped, there), PortTarget("127.0.0.1")).ClosedFirst);
    }

    [Theory]
    [InlineData("tcp 127.0.0.1 BOUND", "bound-not-listening", null)]
    [InlineData("tcp 127.0.0.1 CLOSE_WAIT", "close-wait", ClosedFirst.Remote)]
    [InlineData("tcp 127.0.0.1 FIN_WAIT2", "fin-wait", ClosedFirst.Local)]
    public void OtherStates_AreNamedForWhatTheyAre(string socket, string cause, ClosedFirst? closedFirst)
    {
        var answer = Ask(With(socket).HeldBy(Process(5, "python3")));

        Assert.Equal((cause, closedFirst), (answer.Cause.Id(), answer.ClosedFirst));
    }

    [Theory]
    [InlineData(Fact.Yes, 5432, "outgoing-connection")]
    [InlineData(Fact.No, 5432, "surviving-connection")]
    [InlineData(Fact.Yes, 8080, "self-connection")]
    public void Connections_AreToldApartByWhoOpenedThem(Fact openedHere, int remotePort, string cause)
    {
        var socket = SocketLine.Held("tcp 127.0.0.1 ESTABLISHED") with { OpenedHere = openedHere, Remote = new IpEndpoint(IpAddress.LoopbackIPv4, (ushort)remotePort) };

        Assert.Equal(cause, Ask(Of(socket).HeldBy(Process(5, "python3"))).Cause.Id());
    }

    [Theory]
    [InlineData('T', 0, "stopped-process")]
    [InlineData('Z', 1, "zombie-process")]
    [InlineData('S', 0, "listener")]
    public void StateOfTheHolder_MakesTheCause(char state, int threads, string cause)
    {
        var answer = Ask(With("tcp 0.0.0.0 LISTEN").HeldBy(Process(5, "python3", state: state) with { LivingThreads = threads }));

        Assert.Equal(cause, answer.Cause.Id());
        if (state == 'T')
            Assert.Equal("kill -CONT 5 && kill 5", answer.Remedies[0].Command);
    }

    [Theory]
    [InlineData('T', 'S', "shared-listener", "by SO_REUSEPORT, but one (pid 5) is suspended, and clients that get there have no answer", "Resume one (pid 5) and stop one (pid 5) and other (pid 6)", "kill -CONT 5 && kill 5 6")]
    [InlineData('S', 'T', "shared-listener", "by SO_REUSEPORT, but other (pid 6) is suspended, and clients that get there have no answer", "Resume other (pid 6) and stop one (pid 5) and other (pid 6)", "kill -CONT 6 && kill 5 6")]
    [InlineData('T', 'T', "stopped-process", "by SO_REUSEPORT, but both are suspended", "Resume one (pid 5) and other (pid 6) and stop them", "kill -CONT 5 6 && kill 5 6")]
    public void OfAGroup_ThoseThatAreSuspendedAreNamed(char first, char second, string cause, string said, string remedy, string command)
    {
        var host = Of(SocketLine.Held("tcp 0.0.0.0 LISTEN rp") with { Inode = 21 }, SocketLine.Held("tcp 0.0.0.0 LISTEN rp") with { Inode = 22 }) with
        {
            Processes = [Process(5, "one", state: first), Process(6, "other", state: second)],
            Holders = [new Holder(21, 5, 3), new Holder(22, 6, 3)],
        };

        var answer = Ask(host);

        Assert.Equal(cause, answer.Cause.Id());
        Assert.Contains(said, answer.Summary, StringComparison.Ordinal);
        Assert.StartsWith(remedy, answer.Remedies[0].Text, StringComparison.Ordinal);
        Assert.Equal(command, answer.Remedies[0].Command);
    }

    [Fact]
    public void SleepHoldsADeadServersSocket_IsAnInheritedDescriptor()
    {
        var answer = Ask(With("tcp 0.0.0.0 LISTEN").HeldBy(Process(9, "sleep", parent: 1)));

        Assert.Equal("inherited-descriptor", answer.Cause.Id());
        Assert.Equal(OwnerRole.Inherited, answer.Blockers[0].Owners[0].Role);
    }

    [Fact]
    public void WorkersAndTheirMaker_AreToldApart()
    {
        var answer = Ask(With("tcp 0.0.0.0 LISTEN").HeldBy(Process(11, "nginx", parent: 10, group: 10), Process(10, "nginx", parent: 1), Process(12, "nginx", parent: 10, group: 10)));

        Assert.Equal([(10, OwnerRole.Creator), (11, OwnerRole.Inherited), (12, OwnerRole.Inherited)], answer.Blockers[0].Owners.Select(o => (o.Process.Id, o.Role)));
        Assert.Equal("listener", answer.Cause.Id());
    }

    [Fact]
    public void OpenProbes_WithReusePort_ComeLastAndTheWidestFirst()
    {
        var host = Of(TimeWait(address: "::1"));
        var open = ProbePlan.Open(RequestPlan.From(PortTarget(), ProgramOptions.None, host), host);

        Assert.Equal(["::", "0.0.0.0"], open.Where(r => r.ReusePort).Select(r => r.Address.ToString()));
        Assert.False(open[..^2].Any(r => r.ReusePort));
        Assert.Equal(0, ProbePlan.AnswerOf(Request("0.0.0.0", reusePort: true), host.Probed(Request("0.0.0.0"), 0)));
    }

    [Theory]
    [InlineData(1, "EPERM", "denied-by-policy")]
    [InlineData(22, "EINVAL", "denied-by-policy")]
    [InlineData(98, "EADDRINUSE", "owner-hidden")]
    public void ErrnoThatNoRuleKnows_IsNotLaidAtAHiddenOwnersDoor(int errno, string name, string cause)
    {
        var answer = Ask(With().Probed(Request("127.0.0.1"), errno).Probed(Request("127.0.0.1", reuseAddress: true), errno), PortTarget("127.0.0.1"));

        Assert.Equal((name, cause), (answer.Errno, answer.Cause.Id()));
    }

    [Theory]
    [InlineData("tcp 0.0.0.0 LISTEN rp", "srv (pid 5) is on 0.0.0.0:8080 too: the kernel spreads new connections over both.")]
    [InlineData("tcp 127.0.0.1 LISTEN rp", "srv (pid 5) is on 127.0.0.1:8080, a more specific address, and gets what is sent there.")]
    public void ReusePortAsked_HolderSharesThePort_IsNamed(string held, string note)
    {
        var host = With(held).HeldBy(Process(5, "srv"));

        var answer = Ask(host, PortTarget("0.0.0.0"), new ProgramOptions { ReuseAddress = true, ReusePort = true });

        Assert.Equal((Verdict.Free, note), (answer.Verdict, Assert.Single(answer.Warnings).Text));
        // Whose error it was has it, too.
        var pasted = ErrorTextReader.Read("[ALERT] (3) : Binding [h.cfg:6] for frontend f: cannot bind socket (Address already in use) for [0.0.0.0:8080]").Value!;
        Assert.Contains(note, Ask(host, pasted).Warnings.Select(static warning => warning.Text));
    }

    [Fact]
    public void ReusePortAsked_HolderLacksIt_IsAMismatch()
    {
        var host = With("tcp 127.0.0.1 LISTEN").HeldBy(Process(5, "srv"));
        var options = new ProgramOptions { ReusePort = true };

        // What the port remembers might still let it pass (BW011): the probe has the last word.
        Assert.Equal(Verdict.Undetermined, Ask(host, PortTarget("127.0.0.1"), options).Verdict);
        var answer = Ask(host.Probed(Request("127.0.0.1", reusePort: true), 98), PortTarget("127.0.0.1"), options);
        Assert.Equal(("reuseport-mismatch", Verdict.Blocked), (answer.Cause.Id(), answer.Verdict));
    }

    [Fact]
    public void TwoListenersAtOneAddress_ShareIt()
    {
        var one = SocketLine.Held("tcp 0.0.0.0 LISTEN rp");
        var answer = Ask(Of(one with { Cookie = 1 }, one with { Cookie = 2, Inode = 8 }).HeldBy(Process(5, "srv")));

        Assert.Equal("shared-listener", answer.Cause.Id());
        Assert.Contains(answer.Remedies, r => r.Id == "set-reuse-port");
    }

    [Fact]
    public void OwnerNotVisible_ProcessesUnreadable_IsHidden_NotAbsent()
    {
        var host = With("tcp 0.0.0.0 LISTEN");
        var hidden = host with { Caller = host.Caller with { UserId = 1000 }, Coverage = host.Coverage with { UnreadableProcesses = 3 } };

        var answer = Ask(hidden);

        Assert.Equal("owner-hidden", answer.Cause.Id());
        Assert.Equal("ask-as-root", answer.Remedies[0].Id);
        Assert.Contains(answer.Limits, l => l.Text.Contains("Run with sudo to see the owner", StringComparison.Ordinal));
        Assert.Equal("listener", Ask(host).Cause.Id());
    }

    [Fact]
    public void PrivilegedPort_TakenAsWell_SaysBoth()
    {
        var host = With() with { Caller = new Caller { UserId = 1000, MayBindPrivilegedPorts = Fact.No } };
        var taken = host with { Sockets = [SocketLine.Held("tcp 0.0.0.0 LISTEN") with { Local = new IpEndpoint(IpAddress.AnyIPv4, 80) }] };

        Assert.Equal(("EACCES", "privileged-port"), (Ask(host, PortTarget(port: 80)).Errno, Ask(host, PortTarget(port: 80)).Cause.Id()));
        Assert.Contains(Cause.Listener, Ask(taken.HeldBy(Process(5, "nginx")), PortTarget(port: 80)).Factors);
    }

    [Theory]
    [InlineData("blue", 77, "network namespace blue", "blue")]
    [InlineData(null, 77, "the network namespace of srv (pid 77)", "77")]
    public void Address_ThatAnotherNetworkNamespaceHas_LeadsThere(string? name, int id, string place, string option)
    {
        var host = With() with
        {
            Elsewhere = new ElsewhereSurvey { WithAddress = [new ElsewhereNetwork { Name = name, ProcessId = id, ProcessName = "srv" }] },
        };

        var answer = Ask(host, PortTarget("10.9.9.9"));

        Assert.Contains($"no interface here has 10.9.9.9, but {place} has it", answer.Summary, StringComparison.Ordinal);
        Assert.EndsWith($"bindwise why 10.9.9.9:8080 --netns {option}", answer.Remedies[0].Command, StringComparison.Ordinal);
        Assert.DoesNotContain(answer.Remedies, static remedy => remedy.Id == "allow-nonlocal");
    }

    [Fact]
    public void AddressThatOthersMayBind_TellsWhoHasIt()
    {
        var answer = Ask(With("tcp 10.9.9.9 LISTEN").HeldBy(Process(5, "srv")), PortTarget("10.9.9.9"));

        Assert.Equal("address-not-local", answer.Cause.Id());
        Assert.Equal("srv (pid 5) is on 10.9.9.9:8080 already: a server that may bind the address (IP_FREEBIND, ip_nonlocal_bind) gets EADDRINUSE.",
            Assert.Single(answer.Warnings, static one => one.Id == "also-taken").Text);
        Assert.DoesNotContain(Ask(With("tcp 127.0.0.1 LISTEN").HeldBy(Process(5, "srv")), PortTarget("10.9.9.9")).Warnings, static one => one.Id == "also-taken");
    }

    [Theory]
    [InlineData("10.9.9.9", "EADDRNOTAVAIL", "address-not-local")]
    [InlineData("127.9.9.9", null, "free")]
    [InlineData("fd00::1", "EADDRNOTAVAIL", "address-not-local")]
    [InlineData("fe80::1", "EINVAL", "scope-missing")]
    [InlineData("ff02::1", "EINVAL", "scope-missing", Protocol.Udp)]
    [InlineData("ff01::1", "EINVAL", "scope-missing", Protocol.Udp)]
    [InlineData("ff05::1", null, "free", Protocol.Udp)]
    [InlineData("ff02::1", "EINVAL", "address-not-local")]
    [InlineData("fd00::7", "EADDRNOTAVAIL", "address-tentative")]
    [InlineData("10.0.0.2", null, "free")]
    [InlineData("224.0.0.1", null, "free")]
    public void Addresses_AreCheckedAsBindDoes(string address, string? errno, string cause, Protocol protocol = Protocol.Tcp)
    {
        var host = With();
        host = host with
        {
            Interfaces = host.Interfaces
                .Plus("eth0", true, new InterfaceAddress(Address("fd00::7"), 64, IsTentative: true))
                .Plus("eth1", false, new InterfaceAddress(Address("10.0.0.2"), 24)),
        };

        var answer = Ask(host, PortTarget(address, protocol));

        Assert.Equal((errno, cause), (answer.Errno, answer.Cause.Id()));
    }

    [Fact]
    public void IPv6SwitchedOff_LoopbackAddress_IsSaidAsSuch()
    {
        var host = With();
        host = host with
        {
            Settings = host.Settings with { DisableIPv6 = true },
            Interfaces = [host.Interfaces[0] with { Addresses = [new(IpAddress.LoopbackIPv4, 8)] }]
        };

        Assert.Equal("ipv6-disabled", Ask(host, PortTarget("::1")).Cause.Id());
        Assert.Equal(Verdict.Free, Ask(host).Verdict);
    }

    [Fact]
    public void NoIPv6InTheKernel_PortWithoutAddress_SkipsItAndSaysSo()
    {
        var host = With() with { Settings = new HostSettings { HasIPv6 = false } };

        var answer = Ask(host);

        Assert.Equal(["0.0.0.0"], answer.Attempts.Where(a => a.IsAsked).Select(a => a.Request.Address.ToString()));
        Assert.Contains(answer.Limits, l => l.Id == "family-missing");
    }

    // A hardened unit's own (RestrictAddressFamilies=); of another program it says nothing.
    [Fact]
    public void IPv6RefusedByAFilter_PortWithoutAddress_SkipsItAndSaysWhy()
    {
        var host = With() with { Settings = new HostSettings { MayOpenIPv6 = false } };

        var answer = Ask(host);

        Assert.Equal(["0.0.0.0"], answer.Attempts.Where(a => a.IsAsked).Select(a => a.Request.Address.ToString()));
        Assert.Equal("A filter of system calls refuses IPv6 sockets here, so :: was skipped.", Assert.Single(answer.Limits, l => l.Id == "family-missing").Text);
        host = host with { Caller = host.Caller with { As = new Subject { Asked = "--pid 5" } } };
        Assert.DoesNotContain(Ask(host).Limits, l => l.Id == "family-missing");
    }

    // There is no /proc/sys/net/ipv6 then: sysctl could set nothing.
    [Fact]
    public void NoIPv6InTheKernel_AnIPv6Address_IsAdvisedNoSysctl()
    {
        var answer = Ask(With() with { Settings = new HostSettings { HasIPv6 = false } }, PortTarget("::1"));

        Assert.Equal(("ipv6-disabled", "EAFNOSUPPORT"), (answer.Cause.Id(), answer.Errno));
        Assert.Equal(["use-ipv4", "enable-ipv6"], answer.Remedies.Select(static r => r.Id));
        Assert.Null(answer.Remedies[1].Command);
    }

    [Fact]
    public void FreePortInTheEphemeralRange_WarnsWithTheCure()
    {
        var answer = Ask(With().Probed(Request("::") with { Port = 40000 }, 0), PortTarget(port: 40000));

        Assert.Contains(answer.Warnings, w => w.Id == "in-ephemeral-range");
        Assert.Contains("ip_local_reserved_ports=40000", answer.Remedies[0].Command, StringComparison.Ordinal);
    }

    // The old server was another program: this one sets the option already.
    [Theory]
    [InlineData("PHP")]
    [InlineData("Ruby")]
    [InlineData("Rust")]
    public void PastedErrorOfARuntimeThatSetsReuseAddress_IsNotAdvisedToSetIt(string runtime)
    {
        var pasted = PortTarget("127.0.0.1") with { Pasted = new PastedError { Errno = "EADDRINUSE", Runtime = runtime, SetsReuseAddress = true } };

        var answer = Ask(Of(TimeWait()).Probed(Request("127.0.0.1", reuseAddress: true), 98), pasted);

        Assert.Equal((Verdict.Blocked, "wait other-port client-closes-first"), (answer.Verdict, string.Join(' ', answer.Remedies.Select(static one => one.Id))));
    }

    [Fact]
    public void PastedError_SuppliesItsRuntimesDefaults_SaidAloud()
    {
        var pasted = PortTarget("127.0.0.1") with { Pasted = new PastedError { Runtime = "Go", SetsReuseAddress = true } };

        var answer = Ask(Of(TimeWait()).Probed(Request("127.0.0.1", reuseAddress: true), 0), pasted);

        Assert.Equal(Verdict.Free, answer.Verdict);
        Assert.Contains(answer.Why, w => w.Contains("Go", StringComparison.Ordinal) && w.Contains("SO_REUSEADDR", StringComparison.Ordinal));
    }

    [Fact]
    public void PastedErrorOfTheHolder_IsTheSameProgramTwice()
    {
        var pasted = PortTarget("0.0.0.0") with { Pasted = new PastedError { Program = "nginx", SetsReuseAddress = true } };

        var answer = Ask(With("tcp 0.0.0.0 LISTEN").HeldBy(Process(5, "nginx")), pasted);
        Assert.Equal("same-program-twice", answer.Cause.Id());
        // Nobody changes the code of nginx.
        Assert.DoesNotContain(answer.Remedies, static remedy => remedy.Id == "end-on-sigterm");
        Assert.Equal("listener", Ask(With("tcp 0.0.0.0 LISTEN").HeldBy(Process(5, "apache2")), pasted).Cause.Id());
    }

    // Two apps of one server program, two clusters of one database: only a script is the same program for sure.
    [Fact]
    public void PastedErrorOfAProgramKnownByItsName_IsOfAnotherOne()
    {
        var host = With("tcp 0.0.0.0 LISTEN").HeldBy(Process(5, "gunicorn") with { WorkingDirectory = "/srv/one", Arguments = ["gunicorn", "/srv/one/app.py"] });

        string Why(PastedError pasted) => Ask(host, PortTarget("0.0.0.0") with { Pasted = pasted }).Why[0];

        Assert.Equal("Another gunicorn (in /srv/one) is already running, and holds the port: the same server started twice, or one that has to run beside yours, on a port of its own.",
            Why(new PastedError { Program = "gunicorn" }));
        Assert.Equal("The program that printed this error is already running, and holds the port.", Why(new PastedError { Program = "gunicorn", Files = ["/srv/one/app.py"] }));
    }

    [Fact]
    public void PastedAddressInUseThatNoInterfaceHas_CameFromElsewhere()
    {
        var answer = Ask(With(), PortTarget("192.168.1.5") with { Pasted = new PastedError { Runtime = "Node.js", Errno = "EADDRINUSE" } });

        Assert.Equal(("address-not-local", "ask-there"), (answer.Cause.Id(), answer.Remedies[0].Id));
        Assert.Contains("on another host, in a container, or on this host before", answer.Why[0], StringComparison.Ordinal);
        Assert.DoesNotContain(answer.Remedies, static remedy => remedy.Id == "allow-nonlocal");
        Assert.Contains(Ask(With(), PortTarget("192.168.1.5")).Remedies, static remedy => remedy.Id == "allow-nonlocal");
    }

    [Fact]
    public void ProbeRefusesWhatTheRulesAllow_WhereBoundSocketsAreNotListed_IsNoDisagreement()
    {
        var snapshot = With().Probed(Request("127.0.0.1", reuseAddress: true), 98);

        var old = Ask(snapshot with { Kernel = "6.1.0", Coverage = snapshot.Coverage with { AllStatesRead = true, BoundOnlySeen = false } }, PortTarget("127.0.0.1"));
        Assert.Contains("by a socket that this kernel does not list", old.Summary, StringComparison.Ordinal);
        Assert.Null(old.Disagreement);
        Assert.Contains(old.Limits, static limit => limit.Id == "bound-only-unseen");

        Assert.NotNull(Ask(snapshot with { Coverage = snapshot.Coverage with { AllStatesRead = true } }, PortTarget("127.0.0.1")).Disagreement);
    }

    [Fact]
    public void ProbeRefusesWhatTheRulesAllow_WithAPermissionErrno_IsAPolicy()
    {
        var answer = Ask(With().Probed(Request("127.0.0.1"), 1), PortTarget("127.0.0.1"));

        Assert.Equal(("EPERM", "denied-by-policy", "BW060"), (answer.Errno, answer.Cause.Id(), answer.Rule!.Id.Value));
        Assert.Null(answer.Disagreement);
    }

    [Fact]
    public void ProbeAndRulesDisagree_TheAnswerIsTheKernelsAndItIsSaid()
    {
        var answer = Ask(With().Probed(Request("127.0.0.1"), 98).Probed(Request("127.0.0.1", reuseAddress: true), 98), PortTarget("127.0.0.1"));

        Assert.Equal((Verdict.Blocked, "EADDRINUSE"), (answer.Verdict, answer.Errno));
        Assert.Contains("new = tcp reuseaddr 127.0.0.1:8080  -> EADDRINUSE", answer.Disagreement, StringComparison.Ordinal);
        Assert.Contains(answer.Warnings, w => w.Id == "rules-and-kernel-disagree");
    }

    [Theory]
    [InlineData(0, Verdict.Free, "free")]
    [InlineData(98, Verdict.Blocked, "owner-hidden")]
    [InlineData(1, Verdict.Blocked, "denied-by-policy")]
    [InlineData(null, Verdict.Undetermined, "owner-hidden")]
    public void UnreadTable_DeniesNothing_AndLeavesTheAnswerToTheProbe(int? errno, Verdict verdict, string cause)
    {
        var host = With() with { Coverage = new Coverage { SocketsUnread = true, Notes = ["the table cannot be read"] } };
        if (errno is { } e)
            host = host.Probed(Request("127.0.0.1"), e).Probed(Request("127.0.0.1", reuseAddress: true), e);

        var answer = Ask(host, PortTarget("127.0.0.1"));

        Assert.Equal((verdict, cause), (answer.Verdict, answer.Cause.Id()));
        Assert.Null(answer.Disagreement);
        Assert.Contains(answer.Limits, l => l.Text == "the table cannot be read");
    }

    [Fact]
    public void UnixSocketFileLeftOver_IsToldApartFromAListener()
    {
        var target = new Target { Text = "/run/x.sock", Protocol = Protocol.Unix, Path = "/run/x.sock" };
        var host = With() with { UnixPath = new UnixPathRecord { Path = "/run/x.sock", Exists = true, IsSocket = true, Kind = "socket" } };
        var live = host with { Sockets = [new HeldSocket { Protocol = Protocol.Unix, State = TcpSocketState.Listen, Path = "/run/x.sock", Inode = 5 }] };

        var stale = host with { UnixPath = host.UnixPath with { IsServed = Fact.No, ConnectErrno = 111 } };
        Assert.Equal(("unix-socket-file", "rm -- /run/x.sock"), (Ask(stale, target).Cause.Id(), Ask(stale, target).Remedies[0].Command));
        Assert.Equal("unix-socket-listener", Ask(live.HeldBy(Process(5, "srv")), target).Cause.Id());
        Assert.Equal(Verdict.Free, Ask(With() with { UnixPath = new UnixPathRecord { Path = "/run/x.sock" } }, target).Verdict);
    }

    [Theory]
    [InlineData("x.sock", "bindwise why ./x.sock")]
    [InlineData("./x.sock", "bindwise why ./x.sock")]
    [InlineData("run/x.sock", "bindwise why ./run/x.sock")]
    [InlineData("/run/x.sock", "bindwise why /run/x.sock")]
    public void UnixPath_InACommand_IsReadAsThatPath(string path, string command)
    {
        var target = new Target { Text = "unix:" + path, Protocol = Protocol.Unix, Path = path };
        var host = With() with
        {
            UnixPath = new UnixPathRecord { Path = path, Exists = true, IsSocket = true, Kind = "socket" },
            Sockets = [new HeldSocket { Protocol = Protocol.Unix, State = TcpSocketState.Listen, Path = path, Inode = 5 }],
        };
        var answer = Ask(host.HeldBy(Process(5, "srv")), target);
        Assert.StartsWith($"{path} is taken", answer.Summary, StringComparison.Ordinal);
        Assert.Equal(command, answer.Remedies.Single(static one => one.Id == "ask-again").Command);
    }

    [Theory]
    [InlineData("x.sock", "ls -ld -- ./")]
    [InlineData("run/x.sock", "ls -ld -- run")]
    [InlineData("./x.sock", "ls -ld -- ./")]
    [InlineData("../x.sock", "ls -ld -- ../")]
    [InlineData("/x.sock", "ls -ld -- /")]
    public void UnixPath_InAFolderThatMayNotBeWritten_NamesThatFolder(string path, string command)
    {
        var target = new Target { Text = "unix:" + path, Protocol = Protocol.Unix, Path = path };
        var answer = Ask(With() with { UnixPath = new UnixPathRecord { Path = path, ParentErrno = 13 } }, target);
        Assert.Equal(command, answer.Remedies.Single(static one => one.Id == "look-at-folder").Command);
    }

    [Theory]
    [InlineData(Fact.Yes, 91, 0u, 0, "unix-socket-listener", null)]
    [InlineData(Fact.Yes, 91, 1000u, 0, "unix-socket-listener", "sudo bindwise why /run/x.sock")]
    [InlineData(Fact.Yes, 91, 1000u, 40, "unix-socket-listener", "sudo bindwise why /run/x.sock --netns 40")]
    [InlineData(Fact.Yes, 0, 0u, 40, "unix-socket-listener", "bindwise why /run/x.sock --netns 40")]
    [InlineData(Fact.Unknown, 13, 1000u, 0, "unix-socket-file", "sudo bindwise why /run/x.sock")]
    [InlineData(Fact.Unknown, null, 1000u, 0, "unix-socket-file", "sudo bindwise why /run/x.sock")]
    [InlineData(Fact.No, 111, 1000u, 0, "unix-socket-file", "sudo rm -- /run/x.sock")]
    public void UnixSocketFile_IsToBeRemovedOnlyWhereConnectWasRefused(Fact isServed, int? errno, uint user, int server, string cause, string? first)
    {
        var target = new Target { Text = "/run/x.sock", Protocol = Protocol.Unix, Path = "/run/x.sock" };
        var host = With() with
        {
            Caller = new Caller { UserId = user },
            UnixPath = new UnixPathRecord
            {
                Path = "/run/x.sock",
                Exists = true,
                IsSocket = true,
                Kind = "socket",
                IsServed = isServed,
                ConnectErrno = errno,
                Server = server == 0 ? null : new ProcessRecord { Id = server, Name = "dockerd" },
            },
        };
        var answer = Ask(host, target);
        Assert.Equal((cause, first), (answer.Cause.Id(), answer.Remedies[0].Command));
        Assert.Equal(isServed == Fact.No, answer.Remedies.Any(static r => r.Command?.Contains("rm ", StringComparison.Ordinal) == true));
        Assert.Equal(server != 0, answer.Summary.Contains("dockerd (pid 40)", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true, "srv accepts no connections: 2 wait, as many as a backlog of 1 allows.")]
    [InlineData(false, "The server accepts no connections: 2 wait, as many as a backlog of 1 allows.")]
    public void FullQueue_IsToldAlsoOfAPathAndOfAServerThatIsNotSeen(bool isSeen, string text)
    {
        var path = new Target { Text = "/run/x.sock", Protocol = Protocol.Unix, Path = "/run/x.sock" };
        var onPath = With() with
        {
            UnixPath = new UnixPathRecord { Path = "/run/x.sock", Exists = true, IsSocket = true, Kind = "socket" },
            Sockets = [new HeldSocket { Protocol = Protocol.Unix, State = TcpSocketState.Listen, Path = "/run/x.sock", Inode = 5, ReceiveQueue = 2, SendQueue = 1 }],
        };
        var onPort = Of(SocketLine.Held("tcp 0.0.0.0 LISTEN") with { Inode = 5, ReceiveQueue = 2, SendQueue = 1 });
        foreach (var (host, target) in new[] { (onPath, path), (onPort, PortTarget()) })
            Assert.Equal(text, Ask(isSeen ? host.HeldBy(Process(5, "srv")) : host, target).Warnings.Single(static one => one.Id == "accept-queue-full").Text);
    }

    // By SO_REUSEPORT each socket has its own queue, and the kernel gives connections to a full one as well.
    [Theory]
    [InlineData(1, "srv accepts no connections on 1 of its 3 listening sockets: 2 wait, as many as a backlog of 1 allows.")]
    [InlineData(3, "srv accepts no connections: 2 wait, as many as a backlog of 1 allows.")]
    public void FullQueue_OfSomeOfAGroup_IsToldAsThat(int full, string text)
    {
        var one = SocketLine.Held("tcp 0.0.0.0 LISTEN rp") with { SendQueue = 1 };
        var host = Of([.. Enumerable.Range(0, 3).Select(n => one with { Inode = 5 + (ulong)n, ReceiveQueue = n >= 3 - full ? 2u : 0 })]) with
        {
            Processes = [Process(5, "srv")],
            Holders = [.. Enumerable.Range(0, 3).Select(static n => new Holder(5 + (ulong)n, 5, 3 + n))],
        };
        Assert.Equal(text, Ask(host, PortTarget()).Warnings.Single(static w => w.Id == "accept-queue-full").Text);
    }

    [Fact]
    public void FullQueue_OfAServerOnAnotherAddress_IsNotToldOfTheFirst()
    {
        var host = Of(SocketLine.Held("tcp 127.0.0.1 LISTEN") with { Inode = 5, SendQueue = 1 }, SocketLine.Held("tcp 127.0.0.2 LISTEN") with { Inode = 6, ReceiveQueue = 2, SendQueue = 1 }) with
        {
            Processes = [Process(5, "first"), Process(6, "second")],
            Holders = [new Holder(5, 5, 3), new Holder(6, 6, 3)],
        };
        var answer = Ask(host, PortTarget());
        Assert.Equal(2, answer.Blockers.Length);
        var full = answer.Warnings.SingleOrDefault(static w => w.Id == "accept-queue-full");
        Assert.True(full is null || full.Text.StartsWith("second ", StringComparison.Ordinal), full?.Text);
    }

    // Between two starts the wrapper alone has the socket.
    [Fact]
    public void SocketThatIsKeptBetweenTwoStarts_NamesTheProgramForWhichItIs()
    {
        var keeper = Process(5, "bindwise") with { Arguments = ["bindwise", "run", "--hold", "--", "python3", "-u", "/srv/app.py", "8080"] };
        var answer = Ask(With("tcp 0.0.0.0 LISTEN").HeldBy(keeper), PortTarget());
        Assert.Equal("8080/tcp is taken (EADDRINUSE): bindwise (pid 5), which keeps the socket for app.py, listens on 0.0.0.0:8080.", answer.Summary);
        // The program may run already, elsewhere.
        Assert.Equal(["bindwise wait 8080", "kill 5"], answer.Remedies.Take(2).Select(static one => one.Command));
        Assert.Equal("Stop bindwise (pid 5), which keeps it, and app.py, which it runs.", answer.Remedies[1].Text);
    }

    // By the source port of a connection other connections may go elsewhere.
    [Fact]
    public void SourcePort_OfTwoConnections_NamesTheDestinationOfOne()
    {
        var one = SocketLine.Held("tcp 127.0.0.1 ESTABLISHED") with { Remote = new IpEndpoint(Address("127.0.0.1"), 8081), Inode = 7, OpenedHere = Fact.Yes };
        var host = Of(one, one with { Remote = new IpEndpoint(Address("127.0.0.1"), 8080), Inode = 8 });

        var answer = Ask(host with { Processes = [Process(5, "cli"), Process(6, "other")], Holders = [new Holder(7, 5, 3), new Holder(8, 6, 3)] }, PortTarget());

        Assert.EndsWith(": cli (pid 5) uses it as the source port of a connection to 127.0.0.1:8081, and 1 more connection uses it.", answer.Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/run/x.sock", 77u, true, "unix-socket-listener")]
    [InlineData("x.sock", 77u, true, "unix-socket-listener")]
    [InlineData("/run/x.sock", 76u, true, "unix-socket-file")]
    [InlineData("/run/x.sock", 0u, true, "unix-socket-listener")]
    [InlineData("/run/x.sock", 77u, false, "unix-socket-file")]
    public void UnixSocket_IsHeldByWhoBoundTheFileThatStandsThere(string boundAs, uint boundFile, bool isSocket, string cause)
    {
        var target = new Target { Text = "/run/x.sock", Protocol = Protocol.Unix, Path = "/run/x.sock" };
        var host = With() with
        {
            UnixPath = new UnixPathRecord { Path = "/run/x.sock", Exists = true, IsSocket = isSocket, Kind = isSocket ? "socket" : "file", FileInode = 0x1_0000_004d },
            Sockets = [new HeldSocket { Protocol = Protocol.Unix, State = TcpSocketState.Listen, Path = boundAs, Inode = 5, FileInode = boundFile }],
        };

        var answer = Ask(host.HeldBy(Process(5, "srv")), target);

        Assert.Equal(cause, answer.Cause.Id());
        Assert.Equal(cause == "unix-socket-file" && boundAs == target.Path, answer.Warnings.Any(w => w.Id == "bound-to-removed-file"));
        Assert.DoesNotContain(answer.Remedies, static r => r.Id == "remove-socket-file");
    }

    [Fact]
    public void EveryDiagnosis_IsTheSameTwice()
    {
        var host = With("tcp :: LISTEN", "tcp 127.0.0.1 TIME_WAIT ra? rp? uid?", "tcp 127.0.0.1 CLOSE_WAIT").HeldBy(Process(5, "srv"));

        Assert.Equal(Ask(host).Summary, Ask(host).Summary);
        Assert.Equal(Ask(host).Why.AsEnumerable(), Ask(host).Why.AsEnumerable());
    }
}

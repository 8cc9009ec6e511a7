using Bindwise.Model.Diagnosing;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Targets;
using Bindwise.Model.Tests.Rules;
using static Bindwise.Model.Tests.Diagnosing.Hosts;

namespace Bindwise.Model.Tests.Diagnosing;

/// <summary>What tells a case apart stands in the first line, the first reason or the first step: a short answer shows no more.</summary>
public sealed class ShortAnswerFactsTests
{
    private static Diagnosis Ask(Snapshot snapshot, ushort port = SocketLine.Port) => Diagnoser.Diagnose(PortTarget(port: port), ProgramOptions.None, snapshot);

    [Theory]
    [InlineData(0, Fact.No, ".")]
    [InlineData(2, Fact.No, ", on interface v0 only.")]
    [InlineData(0, Fact.Yes, ", by MPTCP.")]
    public void Listener_OfOneInterfaceOrOfMultipath_SaysSo(uint device, Fact multipath, string end)
    {
        var host = Of(SocketLine.Held("tcp 0.0.0.0 LISTEN") with { DeviceIndex = device, IsMultipath = multipath }).HeldBy(Process(5, "srv"));
        host = host with { Interfaces = host.Interfaces.Plus("v0", isUp: true) };

        Assert.Equal("8080/tcp is taken (EADDRINUSE): srv (pid 5) listens on 0.0.0.0:8080" + end, Ask(host).Summary);
    }

    [Theory]
    [InlineData(1, ", on interfaces lo and v0 only.")]
    [InlineData(0, ".")]
    public void ListenersOfTwoInterfaces_AreNotSaidToBeOnOneOnly(uint other, string end)
    {
        var socket = SocketLine.Held("tcp 0.0.0.0 LISTEN") with { DeviceIndex = 2 };
        var host = Of(socket, socket with { DeviceIndex = other, Inode = 8 }).HeldBy(Process(5, "srv"));
        host = host with { Interfaces = host.Interfaces.Plus("v0", isUp: true) };

        Assert.EndsWith("listens on 0.0.0.0:8080" + end, Ask(host).Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void ListenerOfAnotherProgramOnAnotherInterface_IsLeftToThatOne()
    {
        var socket = SocketLine.Held("tcp 0.0.0.0 LISTEN") with { DeviceIndex = 2 };
        var host = Of(socket, socket with { DeviceIndex = 1, Inode = 8 });
        host = host with
        {
            Interfaces = host.Interfaces.Plus("v0", isUp: true),
            Processes = [Process(5, "srv"), Process(6, "web")],
            Holders = [new Holder(7, 5, 3), new Holder(8, 6, 3)],
        };

        Assert.Equal("8080/tcp is taken (EADDRINUSE): srv (pid 5) listens on 0.0.0.0:8080, on interface v0 only, and web (pid 6) on 0.0.0.0:8080, on interface lo only.", Ask(host).Summary);
    }

    [Theory]
    [InlineData("", "Stop srv (pid 5); 1 connection in TIME_WAIT will keep the port for up to a minute more.")]
    [InlineData(" ra?", "Stop srv (pid 5); 1 connection in TIME_WAIT may keep the port for up to a minute more.")]
    // Both sides of the question set the option: what is left is not in the way.
    [InlineData(" ra", "Stop srv (pid 5).")]
    public void StoppingAListener_BesideTimeWait_SaysWhatIsLeft(string options, string step)
    {
        var host = Of(SocketLine.Held("tcp 0.0.0.0 LISTEN" + options), TimeWait()).HeldBy(Process(5, "srv"));

        Assert.Equal(step, Ask(host).Remedies.First(static r => r.Id == "end-process").Text);
    }

    // What is left on another address than the listener's is another server's: nobody knows what that one had set.
    [Theory]
    [InlineData("tcp 127.0.0.1 LISTEN ra", null, true, "Stop srv (pid 5); 1 connection in TIME_WAIT may keep the port for up to a minute more.")]
    [InlineData("tcp 127.0.0.1 LISTEN ra", "0.0.0.0", true, "Stop srv (pid 5); 1 connection in TIME_WAIT may keep the port for up to a minute more.")]
    // Bound to ::1 it is no matter of IPv4, accepted by a listener on [::] it is.
    [InlineData("tcp 127.0.0.2 BOUND", "0.0.0.0", false, "Stop srv (pid 5); 1 connection in TIME_WAIT may keep the port for up to a minute more.")]
    public void StoppingAServer_BesideTimeWaitOfAnotherAddress_SaysThatItMayStay(string held, string? asked, bool reuseAddress, string step)
    {
        var host = Of(SocketLine.Held(held), TimeWait(address: "::1")).HeldBy(Process(5, "srv"));

        var answer = Diagnoser.Diagnose(PortTarget(asked), new ProgramOptions { ReuseAddress = reuseAddress }, host);

        Assert.Equal(step, answer.Remedies.First(static r => r.Id == "end-process").Text);
        Assert.DoesNotContain(answer.Why, static why => why.Contains("[::1]", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(9ul, 0u, Fact.No, "; its 1 open connection will keep the port in TIME_WAIT for about a minute more")]
    [InlineData(9ul, 1u, Fact.No, "; its 1 open connection may keep the port in TIME_WAIT for about a minute more")]
    [InlineData(9ul, 0u, Fact.Yes, "")]
    // Nobody has accepted it: it is reset.
    [InlineData(0ul, 0u, Fact.Unknown, "")]
    public void StoppingAListener_BesideAConnection_SaysWhatIsLeft(ulong inode, uint unread, Fact resets, string left)
    {
        var connection = SocketLine.Held("tcp 127.0.0.1 ESTABLISHED") with
        {
            Remote = new IpEndpoint(IpAddress.LoopbackIPv4, 40000),
            Inode = inode,
            ReceiveQueue = unread,
            ResetsOnClose = resets,
        };
        var host = Of(SocketLine.Held("tcp 0.0.0.0 LISTEN"), connection).HeldBy(Process(5, "srv"));

        Assert.Equal($"Stop srv (pid 5){left}.", Ask(host).Remedies.First(static r => r.Id == "end-process").Text);
    }

    [Theory]
    [InlineData("FIN_WAIT2", "; 1 connection in FIN_WAIT2 will keep the port for up to a minute more")]
    [InlineData("CLOSE_WAIT", "")]
    public void StoppingAListener_BesideWhatItClosed_SaysWhatIsLeft(string state, string left)
    {
        var closed = SocketLine.Held("tcp 127.0.0.1 " + state) with { Remote = new IpEndpoint(IpAddress.LoopbackIPv4, 40000), Inode = 0 };
        var host = Of(SocketLine.Held("tcp 0.0.0.0 LISTEN"), closed).HeldBy(Process(5, "srv"));

        Assert.Equal($"Stop srv (pid 5){left}.", Ask(host).Remedies.First(static r => r.Id == "end-process").Text);
    }

    [Theory]
    [InlineData("udp :: UNCONN ra", "the kernel's table does not show whether it lets another one in.", "The table does not show")]
    [InlineData("udp :: UNCONN ra rp?", "what options it set cannot be read.", "The options of the socket there cannot be read")]
    public void UdpThatIsOpen_SaysWhy(string other, string first, string limit)
    {
        var host = Of(SocketLine.Held("udp 127.0.0.1 UNCONN ra rp"), SocketLine.Held(other)).HeldBy(Process(5, "srv"));

        var answer = Diagnoser.Diagnose(PortTarget("127.0.0.1") with { Protocol = Protocol.Udp }, new ProgramOptions { ReusePort = true }, host);

        Assert.Equal($"127.0.0.1:8080/udp may be taken: srv (pid 5) has a UDP socket on [::]:8080, and {first}", answer.Summary);
        Assert.Single(answer.Limits, remark => remark.Text.StartsWith(limit, StringComparison.Ordinal));
    }

    [Fact]
    public void PortsUsedUp_TheFirstReason_SaysByWhom()
    {
        var host = Of();
        host = host with
        {
            Settings = host.Settings with { LocalPortFirst = 40000, LocalPortLast = 40003 },
            Ephemeral = new EphemeralUse { Usable = 4, Used = 4, Groups = [new EphemeralGroup("BOUND", 0, null, 4, 7) { Samples = [7, 8, 17, 18] }] },
            Processes = [Process(9, "python3")],
            Holders = [new Holder(7, 9, 3), new Holder(8, 9, 4), new Holder(17, 9, 5), new Holder(18, 9, 6)],
        };
        foreach (var address in new[] { "0.0.0.0", "::" })
            host = host.Probed(Request(address) with { Port = 0 }, 98);

        var why = Ask(host, port: 0).Why;

        Assert.Equal("4 of the 4 ports that the system may give out (40000 to 40003) are in use: 4 bound sockets, of python3 (pid 9).", why[0]);
        Assert.Single(why, static sentence => sentence.Contains("python3", StringComparison.Ordinal));
    }
}

using System.Collections.Immutable;
using System.Diagnostics;
using Bindwise.Linux.Native;
using Bindwise.Linux.SockDiag;
using Bindwise.Linux.Tests.Kernel;
using Bindwise.Model.Addresses;

namespace Bindwise.Linux.Tests.SockDiag;

/// <summary>What sock_diag tells of sockets that the test made, each in a network namespace of its own.</summary>
[Collection(AloneCollection.Name)]
public sealed class SockDiagClientTests
{
    private const ushort Port = 8080;

    [KernelTheory]
    [InlineData("0.0.0.0", IpFamily.IPv4, Fact.No)]
    [InlineData("127.0.0.1", IpFamily.IPv4, Fact.No)]
    [InlineData("::", IpFamily.IPv6, Fact.No)]
    [InlineData("::1", IpFamily.IPv6, Fact.Yes)]
    [InlineData("::ffff:127.0.0.1", IpFamily.IPv6, Fact.No)]
    internal void Listener_AnyFamily_IsReadWhole(string address, IpFamily family, Fact v6Only) => NetworkNamespace.Run(() =>
    {
        using var listener = RawSocket.TcpListener(address, Port);
        using var other = RawSocket.TcpListener("127.0.0.1", 9090);

        var socket = Assert.Single(Listeners());

        Assert.Equal(TcpSocketState.Listen, socket.State);
        Assert.Equal(family, socket.Family);
        Assert.Equal(address, socket.Local.Address.ToString());
        Assert.Equal(Port, socket.Local.Port);
        Assert.Equal(v6Only, socket.V6Only);
        Assert.Equal(listener.Inode, socket.Inode);
        Assert.Equal(listener.Cookie, socket.Cookie);
        Assert.Equal(0u, socket.UserId);
        Assert.Equal(0u, socket.DeviceIndex);
        Assert.Equal(16u, socket.SendQueue);
        Assert.NotEqual(0ul, socket.CgroupId);
        Assert.Null(socket.MillisecondsLeft);
    });

    [KernelFact]
    public void Listener_WithWaitingConnections_CountsThem() => NetworkNamespace.Run(() =>
    {
        using var listener = RawSocket.TcpListener("127.0.0.1", Port);
        using var first = RawSocket.Tcp().Connect("127.0.0.1", Port);
        using var second = RawSocket.Tcp().Connect("127.0.0.1", Port);

        // A client is connected before its last segment, which puts it into the queue, must have come.
        Assert.Equal(2u, Until(() => Listeners().SingleOrDefault(static socket => socket.ReceiveQueue == 2)).ReceiveQueue);
    });

    [KernelTheory]
    [InlineData("0.0.0.0", Fact.No)]
    [InlineData("::1", Fact.Yes)]
    public void Bound_WithoutListening_IsSeen(string address, Fact v6Only) => NetworkNamespace.Run(() =>
    {
        using var bound = RawSocket.Tcp(address.Contains(':', StringComparison.Ordinal) ? IpFamily.IPv6 : IpFamily.IPv4).Bind(address, Port);

        var socket = Assert.Single(AllStates());

        Assert.Equal(TcpSocketState.Bound, socket.State);
        Assert.Equal(v6Only, socket.V6Only);
        Assert.Equal(bound.Inode, socket.Inode);
        Assert.Empty(Listeners());
    });

    [KernelFact]
    public void Device_OfListenerConnectionAndTimeWait_IsTheBoundOne() => NetworkNamespace.Run(() =>
    {
        using var listener = RawSocket.Tcp().BindToDevice("lo").Bind("127.0.0.1", Port).Listen();
        var client = RawSocket.Tcp().Connect("127.0.0.1", Port);
        var accepted = listener.Accept();
        Assert.All(AllStates().Where(socket => socket.Local.Port == Port), socket => Assert.Equal(1u, socket.DeviceIndex));
        Assert.Equal(0u, Single(AllStates(), client).DeviceIndex);

        accepted.Dispose();
        client.Dispose();

        Assert.Equal(1u, Until(() => AllStates().SingleOrDefault(socket => socket.State == TcpSocketState.TimeWait)).DeviceIndex);
    });

    [KernelFact]
    public void Connection_WithinTheHost_ShowsBothEndsAndWhoOpened() => NetworkNamespace.Run(() =>
    {
        using var listener = RawSocket.TcpListener("::", Port);
        using var client = RawSocket.Tcp().Connect("127.0.0.1", Port);
        using var accepted = listener.Accept();
        client.Send(100);
        accepted.Receive(100).Send(50);
        client.Receive(50);

        var sockets = AllStates();

        Assert.Equal(3, sockets.Count);
        var near = Single(sockets, accepted);
        var far = Single(sockets, client);
        Assert.Equal(TcpSocketState.Established, near.State);
        Assert.Equal("::ffff:127.0.0.1", near.Local.Address.ToString());
        Assert.Equal(Fact.No, near.V6Only);
        Assert.Equal("127.0.0.1", far.Local.Address.ToString());
        Assert.Equal(client.LocalPort, far.Local.Port);
        Assert.Equal(Fact.No, OpenedHere(near));
        Assert.Equal(Fact.Yes, OpenedHere(far));
    });

    [KernelTheory]
    [InlineData("127.0.0.2", (ushort)8080, null)]
    [InlineData("127.0.0.2", (ushort)40000, "lo")]
    public void Connection_FromAnAddressOfItsOwn_ShowsBothEndsOnce(string address, ushort port, string? device) => NetworkNamespace.Run(() =>
    {
        using var listener = RawSocket.TcpListener("127.0.0.1", Port);
        using var client = RawSocket.Tcp();
        if (device is not null)
            client.BindToDevice(device);
        client.Bind(address, port).Connect("127.0.0.1", Port);
        using var accepted = listener.Accept();

        Assert.Equal(
            new[] { listener.Inode, client.Inode, accepted.Inode }.Order(), AllStates().Select(socket => socket.Inode).Order());
    });

    [KernelFact]
    public void Connection_WhoseOtherEndWasReset_HasNoMirror() => NetworkNamespace.Run(() =>
    {
        using var listener = RawSocket.TcpListener("127.0.0.1", Port);
        using var client = RawSocket.Tcp().Bind("127.0.0.1", 40000).Connect("127.0.0.1", Port);
        using var accepted = listener.Accept();
        // A listener in the place of the client must not pass for it.
        Tool.Run("ip", "link set lo down");
        client.ResetOnClose().Dispose();
        using var other = RawSocket.Tcp().Set(1, 2, 1).Bind("0.0.0.0", 40000).Listen();

        Assert.Equal(new[] { listener.Inode, accepted.Inode }.Order(), AllStates().Select(socket => socket.Inode).Order());
    });

    [KernelFact]
    public void Connection_WithUnreadAndUnsentData_StillTellsWhoOpened() => NetworkNamespace.Run(() =>
    {
        using var listener = RawSocket.TcpListener("127.0.0.1", Port);
        using var client = RawSocket.Tcp().Set(1, 7, 1 << 22).Connect("127.0.0.1", Port);
        using var accepted = listener.Accept();
        client.Send(6_000_000 / 2);
        accepted.Send(1000);

        Assert.NotEqual(0u, Single(AllStates(), client).SendQueue);
        Assert.Equal(Fact.Yes, OpenedHere(Single(AllStates(), client)));
        Assert.Equal(Fact.No, OpenedHere(Single(AllStates(), accepted)));
    });

    [KernelTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void HalfClosed_WithOwners_TellsStatesAndWhoOpened(bool clientCloses) => NetworkNamespace.Run(() =>
    {
        using var listener = RawSocket.TcpListener("127.0.0.1", Port);
        using var client = RawSocket.Tcp().Connect("127.0.0.1", Port);
        using var accepted = listener.Accept();
        client.Send(100);
        accepted.Receive(100);

        (clientCloses ? client : accepted).ShutdownWrite();
        var first = Until(() => AllStates().SingleOrDefault(socket => socket.State == TcpSocketState.FinWait2));
        var second = Single(AllStates(), clientCloses ? accepted : client);

        Assert.Equal(TcpSocketState.CloseWait, second.State);
        Assert.Null(first.MillisecondsLeft);
        Assert.Equal(clientCloses ? Fact.Yes : Fact.No, OpenedHere(first));
        Assert.Equal(clientCloses ? Fact.No : Fact.Yes, OpenedHere(second));
    });

    [KernelFact]
    public void FinWait2_OfAClosedSocket_TellsTheTimeLeft() => NetworkNamespace.Run(() =>
    {
        using var listener = RawSocket.TcpListener("127.0.0.1", Port);
        using var client = RawSocket.Tcp().Connect("127.0.0.1", Port);
        var closed = Stopwatch.StartNew();
        listener.Accept().Dispose();

        var socket = Until(() => AllStates().SingleOrDefault(socket => socket.State == TcpSocketState.FinWait2));

        AssertLeft(socket, 60_000, closed);
        Assert.Null(socket.UserId);
        Assert.True(socket.IsWithoutProcess);
        Assert.Equal(TcpSocketState.CloseWait, Single(AllStates(), client).State);
    });

    [KernelFact]
    public void FinWait2_OfAClosedSocketWithALongTimeout_CountsBothItsStages() => NetworkNamespace.Run(() =>
    {
        File.WriteAllText("/proc/sys/net/ipv4/tcp_fin_timeout", "100");
        using var listener = RawSocket.TcpListener("127.0.0.1", Port);
        using var client = RawSocket.Tcp().Connect("127.0.0.1", Port);
        var closed = Stopwatch.StartNew();
        listener.Accept().Dispose();

        var socket = Until(() => AllStates().SingleOrDefault(socket => socket.State == TcpSocketState.FinWait2));

        AssertLeft(socket, 80_000, closed);
        Assert.True(socket.IsWithoutProcess);
    });

    [KernelFact]
    public void FinWait2_OfAClosedSocketWithTheLongestTimeout_IsReadToo() => NetworkNamespace.Run(() =>
    {
        // With a tick of 1 ms the kernel takes less, of which nothing overflows.
        if (!TryWrite("/proc/sys/net/ipv4/tcp_fin_timeout", "8000000"))
            Assert.True(TryWrite("/proc/sys/net/ipv4/tcp_fin_timeout", "2147400"));
        using var listener = RawSocket.TcpListener("127.0.0.1", Port);
        using var client = RawSocket.Tcp().Connect("127.0.0.1", Port);
        listener.Accept().Dispose();

        Until(() => AllStates().SingleOrDefault(static socket => socket is { State: TcpSocketState.FinWait2, MillisecondsLeft: > 2_000_000_000 }));

        static bool TryWrite(string file, string value)
        {
            try
            {
                File.WriteAllText(file, value);
                return true;
            }
            catch (IOException)
            {
                return false;
            }
        }
    });

    [KernelFact]
    public void Handshake_UnderWay_IsARequest() => NetworkNamespace.Run(() =>
    {
        // TCP_DEFER_ACCEPT keeps the request until data comes.
        using var listener = RawSocket.Tcp().Set(6, 9, 300).Bind("127.0.0.1", Port).Listen();
        using var client = RawSocket.Tcp().Connect("127.0.0.1", Port);

        var request = Assert.Single(AllStates(), socket => socket.Local.Port == Port && socket.State != TcpSocketState.Listen);

        Assert.Equal(TcpSocketState.NewSynReceived, request.State);
        Assert.Equal(Fact.No, OpenedHere(request));
    });

    [KernelFact]
    public void LinkLocal_Listener_IsBoundToItsInterface() => NetworkNamespace.Run(() =>
    {
        Tool.Run("ip", "address add fe80::77/64 dev lo nodad");
        using var listener = RawSocket.TcpListener("fe80::77%1", Port);

        var socket = Assert.Single(Listeners());

        Assert.Equal((1u, Fact.Yes), (socket.DeviceIndex, socket.V6Only));
    });

    [KernelFact]
    public void TimeWait_AfterTheServerClosedFirst_TellsTheTimeLeft() => NetworkNamespace.Run(() =>
    {
        var closed = Stopwatch.StartNew();
        using (var listener = RawSocket.TcpListener("127.0.0.1", Port))
        {
            using var client = RawSocket.Tcp().Connect("127.0.0.1", Port);
            listener.Accept().Dispose();
            client.Receive(1);
        }

        var socket = Until(() => AllStates().SingleOrDefault(socket => socket.State == TcpSocketState.TimeWait));

        AssertLeft(socket, 60_000, closed);
        Assert.Null(socket.UserId);
        Assert.Equal(0ul, socket.Inode);
        Assert.Equal(Fact.Unknown, OpenedHere(socket));
    });

    [KernelFact]
    public void ClosedConnection_OfASocketThatIsHeldStill_ComesBesideIt() => NetworkNamespace.Run(() =>
    {
        using var listener = RawSocket.TcpListener("127.0.0.1", 9090);
        using var client = RawSocket.Tcp().Bind("127.0.0.1", Port).Connect("127.0.0.1", 9090);
        var accepted = listener.Accept();
        // The first look gives the socket its cookie, which its TIME_WAIT takes over.
        Assert.Equal([TcpSocketState.Established], States(AllStates()));
        client.ShutdownWrite();
        accepted.Dispose();

        var held = Until(() => AllStates() is var all && States(all).Contains(TcpSocketState.TimeWait) ? all : null);
        Assert.Equal([TcpSocketState.TimeWait, TcpSocketState.Bound], States(held).Order());
        Assert.Single(held.Where(static one => one.Local.Port == Port).Select(static one => one.Cookie).Distinct());

        static IEnumerable<TcpSocketState> States(List<HeldSocket> all) => all.Where(static one => one.Local.Port == Port).Select(static one => one.State);
    });

    [KernelFact]
    public void SelfConnection_IsOneSocketThatOpenedItself() => NetworkNamespace.Run(() =>
    {
        using var self = RawSocket.Tcp().Bind("127.0.0.1", Port).Connect("127.0.0.1", Port);

        var socket = Assert.Single(AllStates());

        Assert.Equal(socket.Local, socket.Remote);
        Assert.Equal(Fact.Yes, OpenedHere(socket));
    });

    [KernelFact]
    public void Connections_TooManyAlike_AreCountedWholeBesideWhatDiffers() => NetworkNamespace.Run(() =>
    {
        const int Connections = TcpPortTable.MaximumAlike + 40;
        using var listener = RawSocket.TcpListener("127.0.0.1", Port);
        var open = new List<RawSocket>();
        for (var i = 0; i <= Connections; i++)
        {
            open.Add(RawSocket.Tcp().Connect("127.0.0.1", Port));
            open.Add(listener.Accept());
        }
        open[^2].Dispose();
        // The end has come to the other side.
        open[^1].Receive(1);

        using var diag = Client();
        var sockets = new List<HeldSocket>();
        Assert.True(diag.ReadAllStates(Port, sockets, out var tallies, out var omitted).IsComplete);
        open.ForEach(static socket => socket.Dispose());

        var onPort = sockets.Where(static socket => socket.Local.Port == Port).ToLookup(static socket => socket.State);
        Assert.Equal(
            (1, 1, TcpPortTable.MaximumAlike),
            (onPort[TcpSocketState.Listen].Count(), onPort[TcpSocketState.CloseWait].Count(), onPort[TcpSocketState.Established].Count()));
        Assert.Equal(Connections, Assert.Single(tallies, static tally => tally.State == TcpSocketState.Established).Count);
        Assert.Equal(40, omitted);
    });

    [KernelFact]
    public void TimeWait_TooManyToList_IsCountedWhole() => NetworkNamespace.Run(() =>
    {
        const int Connections = TcpPortTable.MaximumWaiting + 300;
        using var listener = RawSocket.TcpListener("127.0.0.1", Port);
        var (clients, servers) = (new List<RawSocket>(), new List<RawSocket>());
        for (var i = 0; i < Connections; i++)
        {
            // A port of its own each: a port used again would replace its TIME_WAIT.
            clients.Add(RawSocket.Tcp().Bind("127.0.0.1", (ushort)(10000 + i)).Connect("127.0.0.1", Port));
            // An end that has closed its half only waits for the other as long as it is open: no minute runs yet.
            servers.Add(listener.Accept().ShutdownWrite());
            clients[^1].Receive(1);
        }
        // One call each makes them wait: on a slow machine, too, the last does before the minute of the first is over.
        clients.ForEach(static client => client.Dispose());
        servers.ForEach(static server => server.Receive(1).Dispose());

        using var diag = Client();
        var (tallies, omitted) = (ImmutableArray<SocketTally>.Empty, 0);
        var sockets = Until(() =>
        {
            var found = new List<HeldSocket>();
            Assert.True(diag.ReadAllStates(Port, found, out tallies, out omitted).IsComplete);
            // The last clients may still wait for their last acknowledgement.
            return found.Exists(static socket => socket.State == TcpSocketState.LastAck) ? null : found;
        });

        Assert.Equal(TcpPortTable.MaximumWaiting + 1, sockets.Count);
        Assert.Equal(TcpSocketState.Listen, sockets[0].State);
        var waiting = Assert.Single(tallies, tally => tally.State == TcpSocketState.TimeWait);
        Assert.Equal(Connections - TcpPortTable.MaximumWaiting, omitted);
        Assert.Equal(Connections, waiting.Count);
        Assert.Equal(waiting.MillisecondsLeft, sockets.Max(socket => socket.MillisecondsLeft));
    });

    [KernelFact]
    public void Udp_BothFamilies_ComeInTheKernelsOrder() => NetworkNamespace.Run(() =>
    {
        using var first = RawSocket.Udp().Set(1, 2, 1).Bind("127.0.0.1", Port);
        using var second = RawSocket.Udp().Set(1, 2, 1).Bind("127.0.0.1", Port);
        using var third = RawSocket.Udp(IpFamily.IPv6).Set(1, 2, 1).Set(41, 26, 1).Bind("::", Port);
        using var connected = RawSocket.Udp().Connect("127.0.0.1", Port);

        var sockets = new List<HeldSocket>();
        using var diag = Client();
        Assert.True(diag.ReadUdp(Port, sockets).IsComplete);

        Assert.Equal([second.Inode, first.Inode, third.Inode], sockets.Select(socket => socket.Inode));
        Assert.All(sockets, socket => Assert.Equal(TcpSocketState.Close, socket.State));
        Assert.Equal("UNCONN", TcpStateNames.Of(sockets[0].State, Protocol.Udp));
        Assert.Equal([Fact.No, Fact.No, Fact.Yes], sockets.Select(socket => socket.V6Only));
    });

    [KernelTheory]
    [InlineData("@bindwise-test")]
    [InlineData("@bindwise\\x20test\\x20\\xff")]
    [InlineData("@a\\x00b\\x0a\\x00\\x00")]
    [InlineData("@back\\\\x41")]
    public void UnixAbstractName_BoundAndListening_IsFound(string shown) => NetworkNamespace.Run(() =>
    {
        byte[] name = [0, .. AbstractName.Read(shown)];
        using var listener = RawSocket.Unix().BindUnix(name).Listen(5);
        using var client = RawSocket.Unix().ConnectUnix(name);
        using var datagram = RawSocket.Unix(SocketCall.TypeDatagram).BindUnix(name);
        using var other = RawSocket.Unix().BindUnix([.. name, (byte)'x']).Listen();

        var sockets = new List<HeldSocket>();
        using var diag = Client();
        Assert.True(diag.ReadUnix(name, default, sockets).IsComplete);

        var held = Single(sockets, listener);
        Assert.Equal(TcpSocketState.Listen, held.State);
        Assert.Equal(shown, held.Path);
        Assert.Equal(1, held.SocketType);
        Assert.Equal(1u, held.ReceiveQueue);
        Assert.Equal(0u, held.UserId);
        Assert.Equal(listener.Cookie, held.Cookie);
        Assert.Equal((2, TcpSocketState.Close), (Single(sockets, datagram).SocketType, Single(sockets, datagram).State));
        Assert.DoesNotContain(sockets, socket => socket.Inode == other.Inode);
    });

    [KernelFact]
    public void UnixAbstractName_PaddedToTheWholeAddress_IsTheSameToPeople() => NetworkNamespace.Run(() =>
    {
        byte[] padded = [0, .. "bindwise-padded"u8, .. new byte[92]];
        using var listener = RawSocket.Unix().BindUnix(padded).Listen();

        var sockets = new List<HeldSocket>();
        using var diag = Client();
        Assert.True(diag.ReadUnix("\0bindwise-padded"u8.ToArray(), default, sockets).IsComplete);

        Assert.Equal("@bindwise-padded", Single(sockets, listener).Path);
    });

    [KernelFact]
    public void Ephemeral_CountsPortsAndKinds() => NetworkNamespace.Run(() =>
    {
        using var listener = RawSocket.TcpListener("127.0.0.1", Port);
        using var first = RawSocket.Tcp().Bind("127.0.0.1", 40000).Connect("127.0.0.1", Port);
        using var reserved = RawSocket.Tcp().Bind("127.0.0.1", 40001).Connect("127.0.0.1", Port);
        using var second = RawSocket.Tcp().Bind("127.0.0.1", 40006).Connect("127.0.0.1", Port);
        using var third = RawSocket.Tcp().Bind("127.0.0.1", 40004);
        using var outside = RawSocket.Tcp().Bind("127.0.0.1", 39999);
        var settings = new HostSettings { LocalPortFirst = 40000, LocalPortLast = 40009, ReservedPorts = [new PortRange(40001, 40003)] };

        using var diag = Client();
        Assert.True(diag.ReadEphemeral(Protocol.Tcp, settings, out var use).IsComplete);

        Assert.Equal(7, use.Usable);
        Assert.Equal((3, 1), (use.Used, use.Bound));
        var destination = Assert.Single(use.Destinations);
        Assert.Equal((new IpEndpoint(IpAddress.LoopbackIPv4, Port), IpAddress.LoopbackIPv4, 2, 0), (destination.Remote, destination.Local, destination.Count, destination.TimeWait));
        Assert.Contains(destination.SampleInode, new[] { (ulong)first.Inode, second.Inode });
        Assert.Equal(
            [("ESTABLISHED", (uint?)0, (ushort?)Port, 2), ("BOUND", 0, null, 1)], use.Groups.Select(static group => (group.State, group.UserId, group.RemotePort, group.Count)));
        Assert.Equal(new[] { (ulong)first.Inode, second.Inode }.Order(), use.Groups[0].Samples.Order());
        Assert.Equal(third.Inode, Assert.Single(use.Groups[1].Samples));
    });

    private static SockDiagClient Client()
    {
        Assert.Equal(Errno.None, SockDiagClient.TryOpen(out var client));
        return client!;
    }

    private static List<HeldSocket> Listeners()
    {
        using var client = Client();
        var sockets = new List<HeldSocket>();
        Assert.True(client.ReadListeners(Port, sockets).IsComplete);
        return sockets;
    }

    private static List<HeldSocket> AllStates()
    {
        using var client = Client();
        var sockets = new List<HeldSocket>();
        Assert.True(client.ReadAllStates(Port, sockets, out ImmutableArray<SocketTally> _, out var omitted).IsComplete);
        Assert.Equal(0, omitted);
        return sockets;
    }

    private static Fact OpenedHere(HeldSocket socket)
    {
        using var client = Client();
        return client.ReadOpenedHere(socket);
    }

    private static HeldSocket Single(IEnumerable<HeldSocket> sockets, RawSocket of) => Assert.Single(sockets, socket => socket.Inode == of.Inode);

    /// <summary>Of all the time as much is left as has not passed meanwhile; the kernel's timers are a few seconds late at most.</summary>
    private static void AssertLeft(HeldSocket socket, int allMilliseconds, Stopwatch passed) =>
        Assert.InRange(socket.MillisecondsLeft ?? 0, Math.Max(1, allMilliseconds - 10_000 - passed.ElapsedMilliseconds), allMilliseconds + 6_000L);

    /// <summary>Acknowledgements may take 40 ms: asks again until there is an answer.</summary>
    private static T Until<T>(Func<T?> ask)
        where T : class
    {
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < TimeSpan.FromSeconds(180); Thread.Sleep(10))
        {
            if (ask() is { } answer)
                return answer;
        }
        throw new TimeoutException("The state was not reached.");
    }
}

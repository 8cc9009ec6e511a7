using Bindwise.Linux.Netlink;
using Bindwise.Linux.Sysctls;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.SockDiag;

/// <summary>
/// Asks the kernel for its sockets (sock_diag(7)), the narrow question first. Not thread-safe. Sockets come from the
/// network namespace of the thread that opened the client. Nothing here throws for what the kernel answers.
/// </summary>
internal sealed class SockDiagClient : IDisposable
{
    private const string Udp = "SOCK_DIAG_BY_FAMILY UDP";
    private const string UdpV6 = "SOCK_DIAG_BY_FAMILY UDPv6";

    /// <summary>TCP_TIMEWAIT_LEN (include/net/tcp.h).</summary>
    private const int TimeWaitSeconds = 60;

    private readonly NetlinkSocket _socket;

    private SockDiagClient(NetlinkSocket socket) => _socket = socket;

    /// <summary>Opens a client in the calling thread's network namespace.</summary>
    /// <returns>None, or why not: EPROTONOSUPPORT where the kernel has no sock_diag.</returns>
    internal static Errno TryOpen(out SockDiagClient? client)
    {
        var errno = NetlinkSocket.TryOpen(NetlinkSocket.SockDiag, out var socket);
        client = socket is null ? null : new SockDiagClient(socket);
        return errno;
    }

    /// <summary>The same; null where there is none.</summary>
    internal static SockDiagClient? TryOpen()
    {
        _ = TryOpen(out var client);
        return client;
    }

    /// <exception cref="TableUnreadException">There is none.</exception>
    internal static SockDiagClient Open()
    {
        var errno = TryOpen(out var client);
        return client ?? throw Unread($"sock_diag: {errno}", errno);
    }

    /// <param name="detail">What was asked, and what came of it.</param>
    internal static TableUnreadException Unread(string detail, Errno errno) => new($"the kernel's socket table cannot be read ({detail})")
    {
        IsForWantOfDescriptors = errno is Errno.EMFILE or Errno.ENFILE,
    };

    public void Dispose() => _socket.Dispose();

    /// <summary>TCP listeners on a local port (null: on any), both families: cheap whatever else the host holds.</summary>
    internal DumpOutcome ReadListeners(ushort? port, List<HeldSocket> sockets)
    {
        var dump = new SocketDump(Protocol.Tcp, port, sockets);
        return Cut(DumpListeners(port ?? 0, attribute: 0, ref dump), dump.IsCut);
    }

    /// <summary>
    /// TCP sockets in every state on a local port, bound-only and TIME_WAIT included, and the other ends of their
    /// connections on this host. At most <see cref="TcpPortTable.MaximumListed"/> are listed; the tallies count all.
    /// </summary>
    /// <param name="port">The port, not 0.</param>
    /// <param name="sockets">Where to; what stands there already is not looked at.</param>
    internal DumpOutcome ReadAllStates(ushort port, List<HeldSocket> sockets, out ImmutableArray<SocketTally> tallies, out int omitted)
    {
        var table = new TcpPortTable(port);
        var dump = new TcpPortDump(table);
        var outcome = DumpTcp(DiagRequests.AllStates, port, ref dump);
        var before = sockets.Count;
        table.AppendTo(sockets);
        CompleteFinWait2(sockets, before);
        MirrorSearch.Append(_socket, sockets, before);
        tallies = table.Tallies();
        omitted = table.Omitted;
        return outcome;
    }

    /// <summary>A connection as it is now, by one exact question of some microseconds; null when it is gone.</summary>
    internal HeldSocket? ReadConnection(HeldSocket socket) =>
        MirrorSearch.Find(_socket, socket.Local.Unmapped, socket.Remote.Unmapped, socket.DeviceIndex);

    /// <summary>
    /// Whether a connection to an address and port of this host would find a listener, by one exact
    /// question; null where the kernel does not tell.
    /// </summary>
    internal bool? HasListener(IpEndpoint local) => MirrorSearch.HasListener(_socket, local.Unmapped);

    /// <summary>Ends a TCP socket, known by its cookie: a TIME_WAIT vanishes, and an orphan resets its connection.</summary>
    /// <returns>ENOENT where it is gone, also where another has its addresses by now; EPERM without CAP_NET_ADMIN, EOPNOTSUPP where the
    /// kernel has no SOCK_DESTROY.</returns>
    internal Errno Destroy(HeldSocket socket)
    {
        Span<byte> room = stackalloc byte[DiagRequests.MaximumBytes];
        var answer = default(NoAnswer);
        return _socket.Exchange("SOCK_DESTROY TCP", DiagRequests.Destroy(room, socket), isDump: false, ref answer) switch
        {
            { IsComplete: true } => Errno.None,
            { Errno: Errno.ESTALE } => Errno.ENOENT,
            { Errno: not Errno.None and var errno } => errno,
            _ => Errno.EIO,
        };
    }

    /// <summary>
    /// Every TCP and UDP socket, in every state, of both families; a socket that holds its port beside a TIME_WAIT of its own comes twice.
    /// </summary>
    internal DumpOutcome ReadEverything(List<HeldSocket> sockets)
    {
        var tcp = new WholeDump(Protocol.Tcp, sockets);
        var outcome = Cut(DumpTcp(DiagRequests.AllStates, 0, ref tcp), tcp.IsCut);
        foreach (var family in (ReadOnlySpan<IpFamily>)[IpFamily.IPv4, IpFamily.IPv6])
        {
            var udp = new WholeDump(Protocol.Udp, sockets);
            outcome = AndIfThere(outcome, Cut(DumpUdp(Udp, family, uint.MaxValue, 0, ref udp), udp.IsCut));
        }
        return outcome;
    }

    /// <summary>UDP sockets on a local port, both families, each family in the order of the kernel's list (the newest first).</summary>
    internal DumpOutcome ReadUdp(ushort port, List<HeldSocket> sockets)
    {
        var dump = new SocketDump(Protocol.Udp, port, sockets);
        var ipv4 = Cut(DumpUdp(Udp, IpFamily.IPv4, uint.MaxValue, port, ref dump), dump.IsCut);
        dump = new SocketDump(Protocol.Udp, port, sockets);
        return AndIfThere(ipv4, Cut(DumpUdp(UdpV6, IpFamily.IPv6, uint.MaxValue, port, ref dump), dump.IsCut));
    }

    /// <summary>
    /// UNIX sockets of a name (see <see cref="UnixDump"/>), accepted connections included, which bear their listener's name.
    /// </summary>
    /// <param name="name">sun_path: a path without its closing NUL, or an abstract name from its leading NUL on.</param>
    /// <param name="file">The file at the path; default to match by name alone.</param>
    /// <param name="isAnyDevice">The file's inode alone counts, whatever the device.</param>
    internal DumpOutcome ReadUnix(byte[] name, UnixFileId file, List<HeldSocket> sockets, bool isAnyDevice = false)
    {
        var dump = new UnixDump(name, file, sockets, isAnyDevice);
        return Cut(WalkUnix(ref dump), dump.IsCut);
    }

    /// <summary>Who stands on the ports that port 0 may give out, of one protocol and both families.</summary>
    internal DumpOutcome ReadEphemeral(Protocol protocol, HostSettings settings, out EphemeralUse use,
        ImmutableArray<IpEndpoint> asked = default, ImmutableArray<IpAddress> sources = default, bool isPortBound = false)
    {
        Span<byte> room = stackalloc byte[DiagRequests.MaximumBytes];
        var counter = new EphemeralPortCounter(protocol, settings, asked, sources, isPortBound);
        var dump = new EphemeralDump(counter);
        DumpOutcome outcome;
        if (protocol == Protocol.Tcp)
        {
            outcome = _socket.Exchange(
                "TCPDIAG_GETSOCK range", DiagRequests.TcpLocalPorts(room, counter.First, counter.Last), isDump: true, ref dump);
        }
        else
        {
            outcome = DumpUdp(Udp, IpFamily.IPv4, uint.MaxValue, 0, ref dump);
            outcome = AndIfThere(outcome, Cut(DumpUdp(UdpV6, IpFamily.IPv6, uint.MaxValue, 0, ref dump), counter.WasCleared));
        }
        use = counter.Finish();
        return outcome;
    }

    /// <summary>The sockets of a protocol that a listing wants, of both families.</summary>
    internal DumpOutcome ReadListing(Protocol protocol, SocketPortFilter filter)
    {
        var dump = new FilteredDump(protocol, filter);
        filter.Begin();
        if (protocol == Protocol.Unix)
            return WalkUnix(ref dump);
        if (protocol == Protocol.Tcp)
            return DumpTcp(filter.AskedStates, filter.OnlyPort, ref dump);
        var ipv4 = DumpUdp(Udp, IpFamily.IPv4, uint.MaxValue, filter.OnlyPort, ref dump);
        filter.Begin();
        return AndIfThere(ipv4, DumpUdp(UdpV6, IpFamily.IPv6, uint.MaxValue, filter.OnlyPort, ref dump));
    }

    /// <summary>The bound TCP sockets of both families that a listing wants, and the connections counted, in one walk.</summary>
    /// <param name="states">The states of connections as a mask: without TIME_WAIT the kernel passes over
    /// those, and nothing is copied for them.</param>
    /// <param name="filter">Takes bound sockets.</param>
    internal DumpOutcome ReadTcpListing(uint states, SocketPortFilter filter, Lazy<ConnectionCounter> counter)
    {
        var dump = new TcpListingDump(filter, counter);
        filter.Begin();
        return DumpTcp(states | filter.AskedStates, filter.OnlyPort, ref dump);
    }

    /// <summary>Counts the connected UDP sockets of one family; a kernel without IPv6 has none of it.</summary>
    /// <param name="counter">Where to; of this family alone, since a dump that starts again clears it.</param>
    internal DumpOutcome CountConnectedUdp(IpFamily family, ConnectionCounter counter)
    {
        var dump = new ConnectionDump(counter);
        return NoneWithoutFamily(DumpUdp(Udp, family, DiagRequests.Mask(TcpSocketState.Established), 0, ref dump));
    }

    /// <summary>The bound UNIX sockets of the network namespace.</summary>
    internal DumpOutcome ReadUnixNames(UnixNames names)
    {
        var dump = new UnixNamesDump(names);
        return Cut(WalkUnix(ref dump), names.IsCut);
    }

    /// <summary>Gives a visitor every TCP socket of both families, in one walk.</summary>
    internal DumpOutcome WalkTcp<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IMessageVisitor => DumpTcp(DiagRequests.AllStates, 0, ref visitor);

    /// <summary>Gives a visitor every TCP listener, with an attribute.</summary>
    internal DumpOutcome WalkListeners<TVisitor>(byte attribute, ref TVisitor visitor)
        where TVisitor : struct, IMessageVisitor => DumpListeners(0, attribute, ref visitor);

    /// <summary>Gives a visitor every UDP socket of a family; a kernel without IPv6 has none of it.</summary>
    internal DumpOutcome WalkUdp<TVisitor>(IpFamily family, ref TVisitor visitor)
        where TVisitor : struct, IMessageVisitor => NoneWithoutFamily(DumpUdp(Udp, family, uint.MaxValue, 0, ref visitor));

    internal DumpOutcome WalkUnix<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IMessageVisitor
    {
        Span<byte> room = stackalloc byte[DiagRequests.MaximumBytes];
        return _socket.Exchange("SOCK_DIAG_BY_FAMILY UNIX", DiagRequests.Unix(room), isDump: true, ref visitor);
    }

    /// <summary>Gives a counter every TCP socket of both families in one walk.</summary>
    internal DumpOutcome Count<TCounter>(scoped ref TCounter counter)
        where TCounter : struct, IMessageVisitor, allows ref struct => DumpTcp(DiagRequests.AllStates, 0, ref counter);

    /// <summary>Whether the connection was opened from this end (connect()); Unknown where its counters do not tell.</summary>
    internal Fact ReadOpenedHere(HeldSocket socket)
    {
        if (socket.Protocol != Protocol.Tcp)
            return Fact.Unknown;
        if (socket.State == TcpSocketState.SynSent)
            return Fact.Yes;
        if (socket.State == TcpSocketState.NewSynReceived)
            return Fact.No;
        if (!OpenedHere.IsConnection(socket.State) || !TryReadInfo(socket, out var first))
            return Fact.Unknown;
        var fact = OpenedHere.FactOf(first.State, first.Info, first.WriteQueue);
        if (first.WriteQueue == 0 || fact == Fact.Unknown)
            return fact;
        // The queue is read before the counters: with data under way only two equal readings hold together.
        return TryReadInfo(socket, out var second) && second.HasSameCounters(first) ? fact : Fact.Unknown;
    }

    /// <summary>
    /// Whether a TCP socket belongs to an MPTCP socket. Unknown of one that is only bound, which no exact question finds, and where
    /// several listeners share an address and another one answers.
    /// </summary>
    internal Fact ReadMultipath(HeldSocket socket) =>
        socket.Protocol != Protocol.Tcp || socket.State is TcpSocketState.Bound or TcpSocketState.Close
            || !TryReadInfo(socket, out var answer) ? Fact.Unknown
        : answer.IsMultipath ? Fact.Yes
        : Fact.No;

    /// <summary>The MPTCP sockets on a local port. A kernel that cannot tell them brings none, or the TCP sockets themselves.</summary>
    internal MultipathSockets ReadMultipathSockets(ushort port)
    {
        Span<byte> room = stackalloc byte[DiagRequests.MaximumBytes];
        var sockets = new MultipathSockets();
        foreach (var family in (ReadOnlySpan<IpFamily>)[IpFamily.IPv4, IpFamily.IPv6])
        {
            // An interrupted dump starts again, which must not take away the other family's.
            var ofFamily = new MultipathSockets();
            var dump = new MultipathDump(ofFamily);
            _ = _socket.Exchange("SOCK_DIAG_BY_FAMILY MPTCP", DiagRequests.Multipath(room, family, port), isDump: true, ref dump);
            sockets.Add(ofFamily);
        }
        return sockets;
    }

    /// <summary>
    /// With tcp_fin_timeout above 60 s an abandoned FIN_WAIT2 spends the excess over 60 s as a full socket, whose timer
    /// shows that part only, and then as long again as a TIME_WAIT entry (tcp_keepalive_timer(), net/ipv4/tcp_timer.c). The socket's own
    /// TCP_LINGER2 is not shown: its excess was what is left of it at least.
    /// </summary>
    private static void CompleteFinWait2(List<HeldSocket> sockets, int first)
    {
        long? excess = null;
        for (var i = first; i < sockets.Count; i++)
        {
            if (sockets[i] is not { State: TcpSocketState.FinWait2, UserId: not null, MillisecondsLeft: { } shown } socket)
                continue;
            excess ??= ((HostSettingsReader.Read(SettingParts.FinTimeout).FinTimeoutSeconds ?? TimeWaitSeconds) - TimeWaitSeconds) * 1000L;
            sockets[i] = socket with { MillisecondsLeft = (int)Math.Min(shown + Math.Max(shown, excess.Value), int.MaxValue) };
        }
    }

    private bool TryReadInfo(HeldSocket socket, out TcpInfoAnswer answer)
    {
        Span<byte> room = stackalloc byte[DiagRequests.MaximumBytes];
        answer = default;
        var outcome = _socket.Exchange("SOCK_DIAG_BY_FAMILY TCP", DiagRequests.TcpInfoOf(room, socket), isDump: false, ref answer);
        return outcome.IsComplete && answer.HasInfo;
    }

    private DumpOutcome DumpTcp<TVisitor>(uint states, ushort port, scoped ref TVisitor visitor)
        where TVisitor : struct, IMessageVisitor, allows ref struct
    {
        Span<byte> room = stackalloc byte[DiagRequests.MaximumBytes];
        return _socket.Exchange("TCPDIAG_GETSOCK", DiagRequests.Tcp(room, states, port), isDump: true, ref visitor);
    }

    private DumpOutcome DumpListeners<TVisitor>(ushort port, byte attribute, ref TVisitor visitor)
        where TVisitor : struct, IMessageVisitor
    {
        Span<byte> room = stackalloc byte[DiagRequests.MaximumBytes];
        var request = DiagRequests.Tcp(room, DiagRequests.Mask(TcpSocketState.Listen), port, attribute);
        return _socket.Exchange("TCPDIAG_GETSOCK listeners", request, isDump: true, ref visitor);
    }

    private DumpOutcome DumpUdp<TVisitor>(string operation, IpFamily family, uint states, ushort port, ref TVisitor visitor)
        where TVisitor : struct, IMessageVisitor
    {
        Span<byte> room = stackalloc byte[DiagRequests.MaximumBytes];
        var request = DiagRequests.Family(room, family, SocketCall.ProtocolUdp, states, port);
        return _socket.Exchange(operation, request, isDump: true, ref visitor);
    }

    // A kernel without IPv6 has no such sockets.
    private static DumpOutcome AndIfThere(DumpOutcome outcome, DumpOutcome ofFamily) =>
        ofFamily.Errno == Errno.ENOENT ? outcome : outcome.And(ofFamily);

    private static DumpOutcome NoneWithoutFamily(DumpOutcome outcome) =>
        outcome.Errno == Errno.ENOENT ? outcome with { Status = DumpStatus.Complete, Errno = Errno.None } : outcome;

    private static DumpOutcome Cut(DumpOutcome outcome, bool isCut) =>
        isCut && outcome.IsComplete ? outcome with { Status = DumpStatus.Partial } : outcome;

    // Nothing but the acknowledgement comes.
    private readonly struct NoAnswer : IMessageVisitor
    {
        public void Visit(in NetlinkMessage message)
        {
        }

        public void Restart()
        {
        }
    }
}

using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Bindwise.Linux.Native;
using Bindwise.Linux.SockDiag;
using FsCheck.Fluent;

namespace Bindwise.Linux.Tests.SockDiag;

/// <summary>Subflows, told and counted by the states of their MPTCP sockets.</summary>
[Trait("Seed", "any")]
public sealed class MultipathSocketsTests
{
    private const byte KeepAlive = 2;

    private static readonly IpEndpoint Here = new(IpAddress.FromBytes([10, 0, 0, 2]), 8080);

    private static readonly IpEndpoint There = new(IpAddress.FromBytes([10, 0, 0, 5]), 40000);

    private static readonly IpEndpoint Elsewhere = new(IpAddress.FromBytes([10, 0, 0, 6]), 40001);

    private static HeldSocket Subflow(IpEndpoint remote, ulong inode, TcpSocketState state = TcpSocketState.Established) =>
        new() { Protocol = Protocol.Tcp, State = state, Local = Here, Remote = remote, Inode = inode, UserId = 0, IsMultipath = Fact.Yes };

    private static Snapshot With(params HeldSocket[] sockets) => new()
    {
        TakenAt = DateTimeOffset.UnixEpoch,
        Sockets = [.. sockets],
        Tallies = [.. sockets.CountBy(static s => s.State).Select(static pair => new SocketTally(pair.Key, IpFamily.IPv4, Here.Address, 0,
            pair.Value, null))],
    };

    private static MultipathSockets Table(TcpSocketState state, uint inode, uint milliseconds = 0, bool isMapped = false)
    {
        var reply = new InetDiagReply { Family = (byte)(isMapped ? IpFamily.IPv6 : IpFamily.IPv4), State = (byte)state, Inode = inode };
        if (milliseconds != 0)
            (reply.Timer, reply.ExpiresMilliseconds) = (KeepAlive, milliseconds);
        reply.Id.LocalPortNetwork = BinaryPrimitives.ReverseEndianness(Here.Port);
        reply.Id.RemotePortNetwork = BinaryPrimitives.ReverseEndianness(There.Port);
        (isMapped ? Here.Address.AsIPv6 : Here.Address).WriteTo(reply.Id.LocalAddress);
        (isMapped ? There.Address.AsIPv6 : There.Address).WriteTo(reply.Id.RemoteAddress);
        var sockets = new MultipathSockets();
        sockets.Add(MemoryMarshal.AsBytes(new ReadOnlySpan<InetDiagReply>(in reply)));
        return sockets;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Tell_ClosedMptcpSocket_IsNobodysAndEndsByItsTimer(bool isMapped)
    {
        // The second subflow has other ends, and remembers the same inode.
        var told = Table(TcpSocketState.FinWait2, inode: 0, milliseconds: 59_000, isMapped).AddTo(With(Subflow(There, 7), Subflow(Elsewhere, 7)));

        Assert.All(told.Sockets, static s => Assert.Equal((TcpSocketState.FinWait2, TcpSocketState.Established, 0ul, 59_000), (s.State, s.SubflowState!.Value, s.Inode, s.MillisecondsLeft!.Value)));
        var tally = Assert.Single(told.Tallies);
        Assert.Equal((TcpSocketState.FinWait2, 2, 59_000), (tally.State, tally.Count, tally.MillisecondsLeft!.Value));
    }

    [Fact]
    public void Tell_OwnedMptcpSocket_IsFoundByItsInodeToo()
    {
        var told = Table(TcpSocketState.CloseWait, inode: 7).AddTo(With(Subflow(Elsewhere, 7), Subflow(Elsewhere with { Port = 1 }, 8)));

        Assert.Equal((TcpSocketState.CloseWait, 7ul, (int?)null), (told.Sockets[0].State, told.Sockets[0].Inode, told.Sockets[0].MillisecondsLeft));
        Assert.Equal((TcpSocketState.Established, (TcpSocketState?)null), (told.Sockets[1].State, told.Sockets[1].SubflowState));
        Assert.Equal([(TcpSocketState.Established, 1), (TcpSocketState.CloseWait, 1)], told.Tallies.Select(static t => (t.State, t.Count)));
    }

    [Fact]
    public void Tell_ListenersAndEntriesOfTimeWait_StayAsTheyAre()
    {
        var host = With(Subflow(default, 7, TcpSocketState.Listen), Subflow(There, 0, TcpSocketState.TimeWait) with { UserId = null, MillisecondsLeft = 5 });

        Assert.Equal(host.Sockets.AsEnumerable(), Table(TcpSocketState.CloseWait, inode: 7).AddTo(host).Sockets);
    }

    [Fact]
    public void Add_ArbitraryBytes_NeverThrows() => Prop.ForAll<byte[]>(bytes =>
    {
        var sockets = new MultipathSockets();
        sockets.Add(bytes);
        return sockets.AddTo(With(Subflow(There, 7))).Sockets.Length == 1;
    }).Holds();
}

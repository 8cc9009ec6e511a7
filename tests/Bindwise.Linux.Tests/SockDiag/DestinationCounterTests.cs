using System.Buffers.Binary;
using System.Collections.Immutable;
using Bindwise.Linux.Native;
using Bindwise.Linux.SockDiag;

namespace Bindwise.Linux.Tests.SockDiag;

/// <summary>Counting connections by destination, whatever there is to count.</summary>
public sealed class DestinationCounterTests
{
    private static readonly IpEndpoint There = new(IpAddress.FromBytes([10, 0, 0, 5]), 443);

    private static readonly IpAddress Here = IpAddress.FromBytes([10, 0, 0, 2]);

    private static DiagEntry Entry(ushort localPort, IpEndpoint remote, TcpSocketState state = TcpSocketState.Established, uint inode = 0)
    {
        var reply = new InetDiagReply { Family = (byte)remote.Address.Family, State = (byte)state, Inode = inode };
        reply.Id.LocalPortNetwork = BinaryPrimitives.ReverseEndianness(localPort);
        reply.Id.RemotePortNetwork = BinaryPrimitives.ReverseEndianness(remote.Port);
        (remote.Address.Family == IpFamily.IPv6 ? Here.AsIPv6 : Here).WriteTo(reply.Id.LocalAddress);
        remote.Address.WriteTo(reply.Id.RemoteAddress);
        return new DiagEntry { Reply = reply };
    }

    [Fact]
    public void Finish_OfBothFamilies_CountsOneDestination()
    {
        var counter = new DestinationCounter([], [], 2);
        counter.Add(Entry(40000, There));
        counter.Add(Entry(40001, There with { Address = There.Address.AsIPv6 }, TcpSocketState.TimeWait));
        counter.Add(Entry(40002, There, inode: 7));

        var only = Assert.Single(counter.Finish());

        Assert.Equal((There, Here, 3, 1, 7ul), (only.Remote, only.Local, only.Count, only.TimeWait, only.SampleInode));
        Assert.False(counter.IsCut);
    }

    [Fact]
    public void Finish_AfterMoreDestinationsThanItHolds_KeepsTheLargeOnes()
    {
        var counter = new DestinationCounter([], [], 2);
        for (var i = 0; i < 4 * DestinationCounter.MaximumKnown; i++)
        {
            counter.Add(Entry((ushort)i, new IpEndpoint(new IpAddress(IpFamily.IPv4, (UInt128)(uint)i), 80)));
            if (i % 8 == 0)
                counter.Add(Entry((ushort)i, There));
        }

        var destinations = counter.Finish();

        Assert.True(counter.IsCut);
        Assert.InRange(destinations.Length, 1, DestinationCounter.MaximumShown);
        Assert.Equal((There, DestinationCounter.MaximumKnown / 2), (destinations[0].Remote, destinations[0].Count));
    }

    [Fact]
    public void Finish_AfterMoreWaysToTheDestinationInQuestionThanItHolds_KeepsTheLargeOnes()
    {
        var counter = new DestinationCounter([There], [], 2);
        for (var i = 0; i < 4 * DestinationCounter.MaximumKnown; i++)
        {
            var reply = Entry((ushort)i, There).Reply;
            new IpAddress(IpFamily.IPv4, (UInt128)(0x7f000000 + (uint)i)).WriteTo(reply.Id.LocalAddress);
            counter.Add(new DiagEntry { Reply = reply });
            if (i % 8 == 0)
                counter.Add(Entry((ushort)i, There));
        }

        var destinations = counter.Finish();

        Assert.True(counter.IsCut);
        Assert.Equal((There, Here, DestinationCounter.MaximumKnown / 2), (destinations[0].Remote, destinations[0].Local, destinations[0].Count));
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(1, 2)]
    [InlineData(2, 3)]
    public void CountClosed_ATimeWait_IsClosedUnlessItMayBeTaken(int timeWaitReuse, int closed)
    {
        var counter = new DestinationCounter([There], [Here], timeWaitReuse);
        counter.Add(Entry(40000, There));
        counter.Add(Entry(40001, There, TcpSocketState.TimeWait));
        counter.Add(Entry(40002, new IpEndpoint(Here, 80)));
        var usable = new ulong[1024];
        var bound = new ulong[1024];
        usable[40000 >> 6] = ulong.MaxValue;
        bound[40003 >> 6] |= 1ul << (40003 & 63);

        Assert.Equal(closed, counter.CountClosed(usable, bound));
    }

    [Fact]
    public void CountClosed_OfSeveralSources_IsThatOfTheOneWithTheFewest_AndOfUnknownOnesOfNone()
    {
        var usable = new ulong[1024];
        usable[40000 >> 6] = ulong.MaxValue;
        var elsewhere = IpAddress.FromBytes([10, 0, 0, 3]);

        int Closed(params ImmutableArray<IpAddress> sources)
        {
            var counter = new DestinationCounter([There], sources, 2);
            counter.Add(Entry(40000, There));
            return counter.CountClosed(usable, new ulong[1024]);
        }

        Assert.Equal((1, 0, 0, 0), (Closed(Here), Closed(elsewhere), Closed(Here, elsewhere), Closed()));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(0, 0)]
    [InlineData(null, 0)]
    public void CountReusable_OfTimeWaits_CountsThoseThatAreOldEnoughOnPortsThatNobodyBound(int? timeWaitReuse, int reusable)
    {
        var counter = new DestinationCounter([There], [Here], timeWaitReuse);
        foreach (var (port, left) in new (ushort, uint)[] { (40000, 59_500), (40001, 58_900), (40002, 1), (40003, 1) })
        {
            var reply = Entry(port, There, TcpSocketState.TimeWait).Reply;
            (reply.Timer, reply.ExpiresMilliseconds) = (3, left);
            counter.Add(new DiagEntry { Reply = reply });
        }
        var usable = new ulong[1024];
        var bound = new ulong[1024];
        usable[40000 >> 6] = ulong.MaxValue;
        bound[40003 >> 6] |= 1ul << (40003 & 63);

        Assert.Equal(reusable, counter.CountReusable(usable, bound));
    }
}

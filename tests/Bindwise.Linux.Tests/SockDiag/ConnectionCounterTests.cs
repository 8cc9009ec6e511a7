using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Bindwise.Linux.Native;
using Bindwise.Linux.SockDiag;

namespace Bindwise.Linux.Tests.SockDiag;

/// <summary>Counting connections by the listening address that accepted them.</summary>
public sealed class ConnectionCounterTests
{
    private static readonly IpAddress Other = IpAddress.FromBytes([10, 0, 0, 2]);

    [Theory]
    [InlineData("0.0.0.0", "10.0.0.2", "0.0.0.0")]
    [InlineData("0.0.0.0 10.0.0.2", "10.0.0.2", "10.0.0.2")]
    [InlineData("0.0.0.0 10.0.0.2", "127.0.0.1", "0.0.0.0")]
    [InlineData("0.0.0.0 ::", "127.0.0.1", "0.0.0.0")]
    [InlineData("0.0.0.0 ::", "::1", "::")]
    [InlineData("::1 ::", "127.0.0.1", "::")]
    [InlineData("::1 ::", "::1", "::1")]
    [InlineData("::1 ::", "::ffff:127.0.0.1", "::")]
    [InlineData("127.0.0.1 ::", "::ffff:127.0.0.1", "127.0.0.1")]
    [InlineData("127.0.0.1 ::1", "10.0.0.2", null)]
    public void Add_OnAPortOfSeveralListeners_CountsForTheMostSpecific(string listeners, string local, string? expected)
    {
        var counter = new ConnectionCounter(Protocol.Tcp, listeners.Split(' ').Select(address => Listener(address, 80)), withRest: true);
        counter.Add(Entry(80, Parsed(local), TcpSocketState.Established));
        var tally = Assert.Single(counter.Finish());
        Assert.Equal(expected is null ? null : Parsed(expected), tally.Listener);
        Assert.Equal([new StateCount(TcpSocketState.Established, 1)], tally.States.ToArray());
    }

    [Fact]
    public void Add_OfAPortWithoutAListener_CountsOnlyWhereTheRestIsWanted()
    {
        foreach (var withRest in new[] { false, true })
        {
            var counter = new ConnectionCounter(Protocol.Tcp, [Listener("127.0.0.1", 80)], withRest);
            counter.Add(Entry(81, Other, TcpSocketState.TimeWait));
            counter.Add(Entry(81, Other, TcpSocketState.TimeWait));
            Assert.Equal(withRest ? [(81, 2)] : [], counter.Finish().Select(static tally => ((int)tally.Port, tally.States.Single().Count)));
        }
    }

    [Fact]
    public void Add_FromOutside_IsToldApartAndClearForgets()
    {
        var counter = new ConnectionCounter(Protocol.Tcp, [Listener("0.0.0.0", 80)], withRest: false);
        counter.Add(Entry(80, Other, TcpSocketState.Established));
        counter.Add(Entry(80, IpAddress.LoopbackIPv4, TcpSocketState.CloseWait, IpAddress.LoopbackIPv4));
        counter.Add(Entry(80, Other, TcpSocketState.TimeWait));
        counter.Add([1, 2, 3]);
        var tally = Assert.Single(counter.Finish());
        Assert.Equal((1, 3), (tally.FromOutside, tally.States.Sum(static one => one.Count)));
        counter.Clear();
        Assert.Empty(counter.Finish());
    }

    [Fact]
    public void Add_AHundredThousandTimeWaits_AllocatesNothing()
    {
        var counter = new ConnectionCounter(Protocol.Tcp, [Listener("0.0.0.0", 80), Listener("::1", 80)], withRest: true);
        var (known, strange) = (Entry(80, Other, TcpSocketState.TimeWait), Entry(40000, Other, TcpSocketState.TimeWait));
        // The runtime allocates on this thread too, once, when it compiles the loop anew: what counting allocates would be there in every round.
        var least = long.MaxValue;
        for (var round = 0; round < 3; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 50_000; i++)
            {
                counter.Add(known);
                counter.Add(strange);
            }
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.Equal(0, least);
        Assert.Equal(300_000, counter.Finish().Sum(static tally => tally.States.Sum(static one => one.Count)));
    }

    private static HeldSocket Listener(string address, ushort port) => new()
    {
        Protocol = Protocol.Tcp,
        Family = Parsed(address).Family,
        State = TcpSocketState.Listen,
        Local = new IpEndpoint(Parsed(address), port),
        V6Only = Fact.No,
    };

    internal static byte[] Entry(ushort port, IpAddress local, TcpSocketState state, IpAddress? remote = null)
    {
        var reply = new InetDiagReply { Family = (byte)local.Family, State = (byte)state };
        reply.Id.LocalPortNetwork = BinaryPrimitives.ReverseEndianness(port);
        reply.Id.RemotePortNetwork = BinaryPrimitives.ReverseEndianness((ushort)40001);
        local.WriteTo(reply.Id.LocalAddress);
        var peer = remote ?? Other;
        (local.Family == IpFamily.IPv6 ? peer.AsIPv6 : peer).WriteTo(reply.Id.RemoteAddress);
        return MemoryMarshal.AsBytes(new ReadOnlySpan<InetDiagReply>(in reply)).ToArray();
    }

    private static IpAddress Parsed(string text) => IpAddress.TryParse(text, out var address) ? address : throw new FormatException(text);
}

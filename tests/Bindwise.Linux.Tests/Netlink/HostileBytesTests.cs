using Bindwise.Linux.Accounts;
using Bindwise.Linux.Names;
using Bindwise.Linux.Native;
using Bindwise.Linux.Netlink;
using Bindwise.Linux.Routing;
using Bindwise.Linux.SockDiag;
using Bindwise.Linux.Sysctls;
using Bindwise.Linux.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Linux.Tests.Netlink;

/// <summary>Whatever bytes come, parsers end with an answer: no exception, no read beyond the end.</summary>
[Trait("Seed", "any")]
public sealed class HostileBytesTests
{
    /// <summary>Real answers, cut, with bytes changed: they get further into a parser than random bytes do.</summary>
    private static readonly Arbitrary<byte[]> SpoiltAnswers = Arb.From(
        from count in Gen.Choose(0, 3)
        from entries in Gen.ArrayOf(Entry(), count)
        from changes in Gen.ListOf(Gen.Zip(Gen.Choose(0, 400), Gen.Choose(0, 255)))
        from cut in Gen.Choose(0, 40)
        select Spoil([.. entries.SelectMany(entry => entry)], changes, cut));

    [Fact]
    public void Datagram_OfAnyBytes_EndsTheReading() => Prop.ForAll<byte[]>(bytes => Read(bytes)).Holds();

    [Fact]
    public void Datagram_OfSpoiltMessages_EndsTheReading() => Prop.ForAll(SpoiltAnswers, bytes => Read(bytes)).Holds();

    [Fact]
    public void Entry_OfAnyBytes_IsParsedOrRefused() => Prop.ForAll<byte[]>(bytes =>
    {
        if (DiagEntry.TryParse(bytes, out var entry))
            _ = entry.ToHeldSocket(Protocol.Tcp);
        if (UnixDump.TryParse(bytes, out var unix))
            _ = unix.ToHeldSocket(default);
        var interfaces = new InterfaceTable();
        interfaces.Add(LinkMessage.MessageNew, bytes);
        interfaces.Add(AddressMessage.MessageNew, bytes);
        _ = interfaces.Build();
    }).Holds();

    [Fact]
    public void ConfigurationFiles_OfAnyBytes_AreReadToTheirEnd() => Prop.ForAll<byte[]>(bytes =>
    {
        _ = new UserNames(bytes).Find(0);
        _ = ServiceNames.FindPort(bytes, "http", Protocol.Tcp);
        _ = HostNames.FindListed(bytes, "localhost");
        _ = HostSettingsReader.ParsePorts(bytes);
    }).Holds();

    [Fact]
    public void Text_OfAnyBytes_HoldsNoReplacementCharacter() => Prop.ForAll<byte[]>(bytes =>
        System.Text.Unicode.Utf8.IsValid(bytes) || !KernelText.Decode(bytes).Contains('\ufffd', StringComparison.Ordinal)).Holds();

    [Fact]
    public void Entry_Encoded_IsReadBack() => Prop.ForAll(Arb.From(Entry()), message =>
    {
        var reader = new NetlinkReader(message);
        Assert.True(reader.TryNext(out var first));
        Assert.True(DiagEntry.TryParse(first.Payload, out var entry));
        var socket = entry.ToHeldSocket(Protocol.Tcp);
        Span<byte> again = stackalloc byte[InetDiagReply.SizeBytes];
        System.Runtime.InteropServices.MemoryMarshal.Write(again, entry.Reply);
        return again.SequenceEqual(first.Payload[..InetDiagReply.SizeBytes])
            && socket.CgroupId == 77 && socket.Local.Port == entry.LocalPort
            && (socket.Family == IpFamily.IPv4 ? socket.V6Only == Fact.No : socket.V6Only == Fact.Yes);
    }).Holds();

    [Fact]
    public void Dumps_OfMoreSocketsThanTheyTake_AreCut()
    {
        var (whole, ofPort) = (new WholeDump(Protocol.Udp, []), new SocketDump(Protocol.Udp, null, []));
        var reply = new InetDiagReply { Family = 2 };
        for (var socket = 0; socket <= SocketDump.MaximumSockets; socket++)
        {
            Assert.False(whole.IsCut || ofPort.IsCut);
            reply.Id.CookieLow = (uint)socket;
            var message = new NetlinkMessage(default, System.Runtime.InteropServices.MemoryMarshal.AsBytes(new ReadOnlySpan<InetDiagReply>(in reply)));
            whole.Visit(message);
            ofPort.Visit(message);
        }
        Assert.True(whole.IsCut && ofPort.IsCut);
    }

    private static void Read(byte[] bytes)
    {
        var table = new TcpPortTable(8080);
        var dump = new TcpPortDump(table);
        var interrupted = false;
        _ = NetlinkSocket.ReadDatagram(bytes, 0, isDump: true, ref dump, ref interrupted, out _);
        table.AppendTo([]);
        _ = table.Tallies();
        var counter = new EphemeralPortCounter(Protocol.Tcp, new HostSettings { ReservedPorts = [new PortRange(1, 65535)] });
        var count = new EphemeralDump(counter);
        _ = NetlinkSocket.ReadDatagram(bytes, 0, isDump: true, ref count, ref interrupted, out _);
        _ = counter.Finish();
        var unix = new UnixDump("/x"u8.ToArray(), default, []);
        _ = NetlinkSocket.ReadDatagram(bytes, 0, isDump: true, ref unix, ref interrupted, out _);
        var info = new TcpInfoAnswer();
        _ = NetlinkSocket.ReadDatagram(bytes, 0, isDump: false, ref info, ref interrupted, out _);
    }

    /// <summary>A whole message with one socket, whose attributes say v6only and cgroup 77.</summary>
    private static Gen<byte[]> Entry() =>
        from family in Gen.Elements<byte>(2, 10)
        from state in Gen.Choose(1, 12)
        from bytes in Gen.ArrayOf(Gen.Choose(0, 255), InetDiagReply.SizeBytes - 2)
        select Encode([family, (byte)state, .. bytes.Select(value => (byte)value)]);

    private static byte[] Encode(byte[] reply)
    {
        // The last two bytes of a mapped address's prefix would turn the missing option into a known one.
        byte[] attributes = [5, 0, 11, 0, 1, 0, 0, 0, 12, 0, 21, 0, 77, 0, 0, 0, 0, 0, 0, 0];
        var length = NetlinkHeader.SizeBytes + reply.Length + attributes.Length;
        return [(byte)length, 0, 0, 0, 20, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, .. reply, .. attributes];
    }

    private static byte[] Spoil(byte[] bytes, IEnumerable<(int At, int Value)> changes, int cut)
    {
        foreach (var (at, value) in changes)
        {
            if (at < bytes.Length)
                bytes[at] = (byte)value;
        }
        return bytes[..Math.Max(0, bytes.Length - cut)];
    }
}

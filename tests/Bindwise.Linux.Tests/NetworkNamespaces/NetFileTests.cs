using System.Text;
using Bindwise.Linux.NetworkNamespaces;

namespace Bindwise.Linux.Tests.NetworkNamespaces;

public class NetFileTests
{
    private const string Tcp = """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 53420 1 0000000000000000 100 0 0 10 0
           1: 00000000:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 53421 1 0000000000000000 100 0 0 10 0
           2: 0100007F:1F90 0100007F:8000 01 00000000:00000000 00:00000000 00000000  1000        0 53422 1 0000000000000000 20 4 30 10 -1
        """;

    private const string Tcp6 = """
          sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000    33        0 9 1 0000000000000000 100 0 0 10 0
        """;

    [Fact]
    public void Parse_TcpFile_TakesTheListenersOfThePort()
    {
        var socket = Assert.Single(Parse(Tcp, Protocol.Tcp));
        Assert.Equal((new IpEndpoint(IpAddress.LoopbackIPv4, 8080), TcpSocketState.Listen, 53420ul, 1000u, Fact.No),
            (socket.Local, socket.State, socket.Inode, socket.UserId, socket.V6Only));
    }

    [Fact]
    public void Parse_Tcp6File_ReadsEachWordOfTheAddress()
    {
        var socket = Assert.Single(Parse(Tcp6, Protocol.Tcp));
        Assert.Equal((new IpEndpoint(IpAddress.LoopbackIPv6, 8080), Fact.Unknown), (socket.Local, socket.V6Only));
    }

    [Fact]
    public void Parse_UdpFile_TakesEverySocketOfThePort() => Assert.Equal(2, Parse(Tcp, Protocol.Udp).Count);

    [Theory]
    [InlineData(Protocol.Udp, 1 << 10, true)]
    [InlineData(Protocol.Udp, 1 << 20, false)]
    [InlineData(Protocol.Tcp, 1 << 20, true)]
    public void TryRead_FileThatIsCut_IsReadWholeOnlyOfTcp(Protocol protocol, int more, bool isWhole)
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, Tcp + "\n" + new string(' ', more));
        var sockets = new List<HeldSocket>();
        Assert.Equal(isWhole, NetFile.TryRead(Encoding.UTF8.GetBytes(file + "\0"), protocol, 8080, sockets));
        Assert.NotEmpty(sockets);
        File.Delete(file);
    }

    [Fact]
    public void Parse_AnyBytes_IsNoFault()
    {
        var random = new Random(5);
        for (var i = 0; i < 2000; i++)
        {
            var bytes = Encoding.ASCII.GetBytes(Tcp6);
            for (var change = 0; change < 8; change++)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            NetFile.Parse(bytes.AsSpan(0, random.Next(bytes.Length)), Protocol.Tcp, 8080, []);
        }
    }

    private static List<HeldSocket> Parse(string text, Protocol protocol)
    {
        var sockets = new List<HeldSocket>();
        NetFile.Parse(Encoding.ASCII.GetBytes(text), protocol, 8080, sockets);
        return sockets;
    }
}

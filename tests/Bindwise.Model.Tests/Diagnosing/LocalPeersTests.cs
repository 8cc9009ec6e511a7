using Bindwise.Model.Diagnosing.Owners;
using static Bindwise.Model.Tests.Diagnosing.Hosts;

namespace Bindwise.Model.Tests.Diagnosing;

/// <summary>The other end of a connection, found among the sockets of this host.</summary>
public sealed class LocalPeersTests
{
    private static HeldSocket Connection(string local, ushort localPort, string remote, ushort remotePort, ulong inode = 0) => new()
    {
        Protocol = Protocol.Tcp,
        State = TcpSocketState.Established,
        Local = new IpEndpoint(Address(local), localPort),
        Remote = new IpEndpoint(Address(remote), remotePort),
        Inode = inode,
    };

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", "127.0.0.1", "127.0.0.1", true)]
    [InlineData("::ffff:127.0.0.1", "::ffff:127.0.0.1", "127.0.0.1", "127.0.0.1", true)]
    [InlineData("::1", "::1", "::1", "::1", true)]
    [InlineData("127.0.0.1", "127.0.0.2", "127.0.0.2", "127.0.0.1", true)]
    [InlineData("127.0.0.1", "127.0.0.1", "127.0.0.2", "127.0.0.1", false)]
    public void Of_TheMirrorImage_IsThePeer(string local, string remote, string otherLocal, string otherRemote, bool isPeer)
    {
        var server = Connection(local, 8080, remote, 40000);
        var client = Connection(otherLocal, 40000, otherRemote, 8080);

        Assert.Equal(isPeer ? client : null, new LocalPeers([server, client]).Of(server));
    }

    [Fact]
    public void Of_AConnectionWithItself_IsNobody()
    {
        var self = Connection("127.0.0.1", 8080, "127.0.0.1", 8080);

        Assert.Null(new LocalPeers([self]).Of(self));
    }

    [Fact]
    public void Of_AListener_IsNobody()
    {
        var listener = Connection("0.0.0.0", 8080, "0.0.0.0", 0) with { State = TcpSocketState.Listen };

        Assert.Null(new LocalPeers([listener, listener]).Of(listener));
    }

    [Fact]
    public void InodesBehind_ACrowd_AreThoseOfTheFirstOnes()
    {
        HeldSocket[] servers = [.. Enumerable.Range(1, 200).Select(static i => Connection("127.0.0.1", 8080, "127.0.0.1", (ushort)(40000 + i)))];
        HeldSocket[] clients = [.. servers.Select(static (s, i) => Connection("127.0.0.1", s.Remote.Port, "127.0.0.1", 8080, (ulong)i))];

        var inodes = LocalPeers.InodesBehind(servers, [.. servers, .. clients]);

        // The first has no inode: nobody holds it.
        Assert.Equal(Enumerable.Range(1, LocalPeers.MaximumLookups).Select(static i => (ulong)i), inodes);
    }
}

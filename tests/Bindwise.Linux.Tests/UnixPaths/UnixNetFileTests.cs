using System.Text;
using Bindwise.Linux.UnixPaths;

namespace Bindwise.Linux.Tests.UnixPaths;

public sealed class UnixNetFileTests
{
    // As Linux 6.18 wrote it.
    private const string Lines = """
        Num       RefCount Protocol Flags    Type St Inode Path
        0000000000000000: 00000002 00000000 00010000 0001 01 27100 /run/app.sock
        0000000000000000: 00000003 00000000 00000000 0001 03 27101 /run/app.sock
        0000000000000000: 00000002 00000000 00000000 0002 01 27102 /run/app.sock
        0000000000000000: 00000002 00000000 00010000 0001 01 27103 /srv/run/app.sock
        0000000000000000: 00000002 00000000 00010000 0001 01 27104 /srv/my /run/app.sock
        0000000000000000: 00000002 00000000 00010000 0001 01 27105
        half a line /run/app.sock
        """;

    [Fact]
    public void Lines_OfTheName_AreTakenWithTheirStates()
    {
        var sockets = new List<HeldSocket>();
        UnixNetFile.Parse(Encoding.UTF8.GetBytes(Lines), "/run/app.sock"u8, sockets);
        Assert.Equal([(27100ul, TcpSocketState.Listen, (byte)1), (27101ul, TcpSocketState.Established, (byte)1), (27102ul, TcpSocketState.Close, (byte)2)],
            sockets.Select(static s => (s.Inode, s.State, s.SocketType)));
        Assert.All(sockets, static s => Assert.Equal("/run/app.sock", s.Path));
    }
}

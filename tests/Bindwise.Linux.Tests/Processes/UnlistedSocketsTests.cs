using System.Net;
using System.Net.Sockets;
using Bindwise.Linux.Processes;
using Bindwise.Linux.Tests.Kernel;

namespace Bindwise.Linux.Tests.Processes;

/// <summary>Sockets that before Linux 6.8 no list shows, found by their descriptors: the same on every kernel.</summary>
public sealed class UnlistedSocketsTests
{
    private static readonly IReadOnlySet<ulong> NoneListed = new HashSet<ulong>();

    [PythonFact]
    public void Find_BoundSocketOfAnotherProcess_TellsItsNameAndMaker() => NetworkNamespace.Run(() =>
    {
        using var python = PythonProcess.Start("""
            a = socket.socket()
            a.bind(('127.0.0.1', 8085))
            b = socket.socket()
            b.bind(('127.0.0.1', 8086))
            u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            u.bind(('127.0.0.1', 8085))
            say(inode(a))
            wait_for_end()
            """);

        var found = Assert.Single(UnlistedSockets.Find(8085, NoneListed, out var isComplete));

        Assert.True(isComplete);
        Assert.Equal((python.Inode(), TcpSocketState.Bound, "127.0.0.1:8085", 0u), (found.Inode, found.State, found.Local.ToString(), found.UserId));
        Assert.NotEqual(0ul, found.Cookie);
    });

    [PythonFact]
    public void Find_SocketsThatTheTablesShow_AreNotAsked() => NetworkNamespace.Run(() =>
    {
        using var python = PythonProcess.Start("""
            a = socket.socket(socket.AF_INET6)
            a.bind(('::1', 8085))
            say(inode(a))
            wait_for_end()
            """);

        Assert.Empty(UnlistedSockets.Find(8085, new HashSet<ulong> { python.Inode() }, out _));
        Assert.Equal(IpFamily.IPv6, Assert.Single(UnlistedSockets.Find(8085, NoneListed, out _)).Family);
    });

    [PythonFact]
    public void Find_SocketThatIsConnected_IsInTheTables() => NetworkNamespace.Run(() =>
    {
        using var python = PythonProcess.Start("""
            there = socket.create_server(('127.0.0.1', 8086))
            a = socket.create_connection(('127.0.0.1', 8086), source_address=('127.0.0.1', 8085))
            say('connected')
            wait_for_end()
            """);

        Assert.Empty(UnlistedSockets.Find(8085, NoneListed, out var isComplete));
        Assert.True(isComplete);
    });

    [PythonFact(NeedsRoot = true)]
    public void Find_OfProcessesThatMayNotBeLookedAt_IsNotComplete() => NetworkNamespace.Run(() =>
    {
        using var python = PythonProcess.Start("""
            a = socket.socket()
            a.bind(('127.0.0.1', 8085))
            say('bound')
            wait_for_end()
            """);
        ThreadRights.DropCapabilities();

        Assert.Empty(UnlistedSockets.Find(8085, NoneListed, out var isComplete));
        Assert.False(isComplete);
    });

    [KernelFact]
    public void Find_SocketInAnotherNetworkNamespace_IsNone()
    {
        using var outside = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        outside.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = (ushort)((IPEndPoint)outside.LocalEndPoint!).Port;

        NetworkNamespace.Run(() => Assert.Empty(UnlistedSockets.Find(port, NoneListed, out _)));
    }
}

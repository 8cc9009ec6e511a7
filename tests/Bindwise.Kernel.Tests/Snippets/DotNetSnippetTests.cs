using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Bindwise.Kernel.Tests.Isolation;
using Bindwise.Model.Diagnosing.Snippets;

namespace Bindwise.Kernel.Tests.Snippets;

/// <summary>
/// The lines of .NET code that remedies give: they stand here as code, compiled and run on ports that the system picks, and one test
/// holds this file against the table.
/// </summary>
public sealed class DotNetSnippetTests
{
    private static readonly HttpClient Client = new();

    [Fact]
    public void Table_InDotNet_GivesTheLinesOfThisFile()
    {
        var here = Plain(File.ReadAllText(Source()));
        foreach (var kind in Enum.GetValues<SnippetKind>())
        {
            if (CodeSnippets.Of(kind, new TargetLanguage(Runtime.DotNet, IsKnown: true)).Code is { } code)
                Assert.True(here.Contains(Plain(code), StringComparison.Ordinal), $"{kind} is not tested: {code}");
        }
    }

    [KernelFact]
    public Task Options_OfTcp_AreSet() => Task.Run(static () =>
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Assert.Equal(0, Option(socket, 1, 15));
        socket.SetRawSocketOption(1, 15, BitConverter.GetBytes(1));  // SOL_SOCKET, SO_REUSEPORT
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Assert.Equal((1, 1), (Option(socket, 1, 15), Option(socket, 1, 2)));
        using var twin = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        twin.SetRawSocketOption(1, 15, BitConverter.GetBytes(1));
        twin.Bind(socket.LocalEndPoint!);
        socket.Listen();
        twin.Listen();
    });

    [KernelFact]
    public Task Options_OfUdp_AreSet() => Task.Run(static () =>
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.SetRawSocketOption(1, 2, BitConverter.GetBytes(1));  // SOL_SOCKET, SO_REUSEADDR
        Assert.Equal((1, 0), (Option(socket, 1, 2), Option(socket, 1, 15)));
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        Assert.Equal(1, Option(socket, 1, 15));
    });

    [KernelFact]
    public Task Options_OfIPv6_AreSetAndCleared() => Task.Run(static () =>
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        Assert.Equal(0, Option(socket, 41, 26));
        socket.DualMode = false;
        Assert.Equal(1, Option(socket, 41, 26));
        socket.DualMode = true;
        Assert.Equal(0, Option(socket, 41, 26));
        using var listener = new TcpListener(IPAddress.IPv6Any, 0);
        using var dual = TcpListener.Create(0);
        Assert.Equal((1, 0), (Option(listener.Server, 41, 26), Option(dual.Server, 41, 26)));
    });

    [KernelFact]
    public Task BindAddressNoPort_TakesTheAddressOnly() => Task.Run(static () =>
    {
        var source = IPAddress.Parse("127.0.0.5");
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.SetRawSocketOption(0, 24, BitConverter.GetBytes(1));  // IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT
        socket.Bind(new IPEndPoint(source, 0));
        Assert.Equal(1, Option(socket, 0, 24));
        Assert.Equal("127.0.0.5:0", socket.LocalEndPoint!.ToString());
    });

    [KernelFact]
    public Task Sockets_AreClosedAfterThePeersEnd() => Task.Run(static () =>
    {
        var buffer = new byte[64];
        var (socket, client) = Pair();
        client.Send("rest"u8);
        client.Shutdown(SocketShutdown.Send);
        socket.ReceiveTimeout = 5000;
        while (socket.Receive(buffer) > 0) { }
        socket.Close();
        Assert.Equal(0, client.Receive(buffer));
        client.Dispose();

        (socket, client) = Pair();
        client.Dispose();
        if (socket.Receive(buffer) == 0)
            socket.Dispose();
        Assert.True(socket.SafeHandle.IsClosed);
    });

    [KernelFact]
    public Task File_OfAUnixSocket_IsRemoved() => Task.Run(static () =>
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("bindwise-snippet-").FullName, "socket");
        File.WriteAllText(path, "");
        File.Delete(path);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Dispose();
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    });

    [KernelFact]
    public Task SigtermHandler_CanBeSet() => Task.Run(static () =>
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => { context.Cancel = true; listener.Stop(); });
        Assert.NotNull(term);
        Assert.NotNull(Client);
    });

    private static (Socket Server, Socket Client) Pair()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(listener.LocalEndPoint!);
        return (listener.Accept(), client);
    }

    private static int Option(Socket socket, int level, int name)
    {
        Span<byte> value = stackalloc byte[4];
        socket.GetRawSocketOption(level, name, value);
        return BitConverter.ToInt32(value);
    }

    private static string Plain(string code) => string.Join('\n', code.Split('\n').Select(static line => line.Trim()));

    private static string Source([CallerFilePath] string path = "") => path;
}

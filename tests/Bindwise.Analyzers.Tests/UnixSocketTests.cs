namespace Bindwise.Analyzers.Tests;

/// <summary>No rule about one socket is for a UNIX socket, however the code shows that it is one.</summary>
public sealed class UnixSocketTests
{
    public static TheoryData<string> Code =>
    [
        """
        class Server
        {
            private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            private readonly UnixDomainSocketEndPoint _path = new("/run/shop.sock");

            public void Run()
            {
                _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                _listener.Bind(_path);
                _listener.ExclusiveAddressUse = false;
                _listener.Listen();
                using var client = _listener.Accept();
                client.LingerState = new LingerOption(true, 0);
                Serve(_listener.Accept());
            }

            private static void Serve(Socket client) => client.LingerState = new LingerOption(true, 0);

            public static void ByItsPath(EndPoint given)
            {
                var path = new UnixDomainSocketEndPoint("/run/shop.sock");
                Socket? socket = null;
                socket = new Socket(path.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                socket.Bind(path);
                socket.Listen();
                socket.Accept().Dispose();
            }

            public static async Task Connected()
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                socket.Bind(new UnixDomainSocketEndPoint("@own"));
                socket.ExclusiveAddressUse = false;
                await socket.ConnectAsync(new UnixDomainSocketEndPoint("/run/shop.sock"));
            }
        }
        """,
        // One of two is TCP.
        """
        class Server
        {
            public void Run(string? path)
            {
                using var socket = path is null ? new Socket(SocketType.Stream, ProtocolType.Tcp) : new Socket(AddressFamily.Unix, SocketType.Stream, 0);
                {|BWC001:socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true)|};
                socket.Bind(path is null ? new IPEndPoint(IPAddress.Loopback, 8080) : new UnixDomainSocketEndPoint(path));
                socket.Listen();
            }
        }
        """,
    ];

    [Theory]
    [MemberData(nameof(Code))]
    public Task UnixSocket_IsLeftOut(string code) => Checked.AsMarkedAsync(code);
}

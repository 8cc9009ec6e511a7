namespace Bindwise.Analyzers.Tests;

/// <summary>BWC002.</summary>
public sealed class OptionAfterBindTests
{
    public static TheoryData<string> Found =>
    [
        """
        class Receiver
        {
            public async Task RunAsync()
            {
                using var client = new UdpClient(5353);
                {|BWC002:client.Client.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true)|};
                client.JoinMulticastGroup(IPAddress.Parse("224.0.0.251"));
                await client.ReceiveAsync();
            }
        }
        """,
        """
        class Receiver
        {
            private readonly UdpClient _client = new UdpClient(5353) { {|BWC002:ExclusiveAddressUse = false|} };
        }
        """,
        """
        class Server
        {
            public Socket Open(IPEndPoint endPoint, bool dual)
            {
                var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(endPoint);
                if (dual)
                    {|BWC002:socket.DualMode = true|};
                {|BWC002:socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.IPv6Only, false)|};
                socket.Listen();
                return socket;
            }
        }
        """,
        """
        class Server
        {
            public Socket Open(IPEndPoint endPoint)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                try
                {
                    socket.Bind(endPoint);
                    {|BWC001:{|BWC002:socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true)|}|};
                    socket.Listen();
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
                return socket;
            }
        }
        """,
        """
        class Server
        {
            public void Run()
            {
                using var listener = new TcpListener(IPAddress.Loopback, 8080);
                listener.Start();
                {|BWC002:listener.ExclusiveAddressUse = true|};
            }
        }
        """,
    ];

    public static TheoryData<string> NotFound =>
    [
        """
        class Receiver
        {
            public UdpClient Open()
            {
                var client = new UdpClient(AddressFamily.InterNetwork);
                client.Client.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                client.Client.Bind(new IPEndPoint(IPAddress.Any, 5353));
                client.Client.ReceiveBufferSize = 1 << 20;
                return client;
            }
        }
        """,
        // Bound in one of the branches only.
        """
        class Receiver
        {
            public Socket Open(IPEndPoint? endPoint)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
                if (endPoint is not null)
                    socket.Bind(endPoint);
                else
                    socket.ExclusiveAddressUse = true;
                if (endPoint is null)
                    socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                return socket;
            }
        }
        """,
        // Another socket of the same name.
        """
        class Server
        {
            public Socket Open(IPEndPoint first, IPEndPoint second)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                try { socket.Bind(first); }
                catch (SocketException)
                {
                    socket.Dispose();
                    socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                    socket.DualMode = false;
                    socket.Bind(second);
                }
                return socket;
            }

            public void Restart()
            {
                var listener = new TcpListener(IPAddress.Loopback, 8080);
                listener.Start();
                listener.Stop();
                listener.ExclusiveAddressUse = true;
                listener.Start();
                listener.Stop();
            }
        }
        """,
        """
        class Server
        {
            public void Open(Socket socket, Action<Socket> configure)
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, 8080));
                socket.NoDelay = true;
                socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 10);
                Action later = () => socket.DualMode = true;
                configure(socket);
            }
        }
        """,
    ];

    [Theory]
    [MemberData(nameof(Found))]
    [MemberData(nameof(NotFound))]
    public Task Option_SetOnASocketThatIsBound_IsFound(string code) => Checked.AsMarkedAsync(code);
}

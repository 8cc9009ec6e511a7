namespace Bindwise.Analyzers.Tests;

/// <summary>BWC010.</summary>
public sealed class PortReadTooEarlyTests
{
    public static TheoryData<string> Found =>
    [
        """
        class Server
        {
            public int Start()
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                listener.Server.NoDelay = true;
                var port = ((IPEndPoint){|BWC010:listener.LocalEndpoint|}).Port;
                listener.Start();
                Serve(listener);
                return port;
            }

            private static void Serve(TcpListener listener) => listener.AcceptTcpClient();
        }
        """,
        """
        class Server
        {
            public Socket Start()
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                Console.WriteLine($"listening on {{|BWC010:socket.LocalEndPoint|}}");
                socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
                socket.Listen();
                return socket;
            }
        }
        """,
        """
        class Server
        {
            public void Serve()
            {
                using var listener = new TcpListener(IPAddress.Loopback, 0);
                Console.WriteLine($"listening on port {((IPEndPoint){|BWC010:listener.LocalEndpoint|}).Port}");
                listener.Start();
                listener.AcceptTcpClient().Dispose();
            }
        }
        """,
        """
        class Server
        {
            public void Serve()
            {
                using (var socket = new Socket(SocketType.Stream, ProtocolType.Tcp))
                {
                    var port = ((IPEndPoint){|BWC010:socket.LocalEndPoint|}!).Port;
                    socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
                    socket.Listen();
                    socket.Accept().Dispose();
                    Console.WriteLine(port);
                }
            }
        }
        """,
        """
        class Server
        {
            public (Socket, int) Start()
            {
                var endPoint = new IPEndPoint(IPAddress.Loopback, 0);
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(endPoint);
                socket.Listen();
                return (socket, {|BWC010:endPoint.Port|});
            }
        }
        """,
        """
        class Server
        {
            public TcpListener Start()
            {
                var endPoint = new IPEndPoint(IPAddress.Loopback, 0);
                var listener = new TcpListener(endPoint);
                listener.Start();
                Console.WriteLine({|BWC010:endPoint.Port|});
                return listener;
            }
        }
        """,
    ];

    public static TheoryData<string> NotFound =>
    [
        // What has nothing to do with the port.
        """
        class Server
        {
            public string Family()
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                var family = listener.LocalEndpoint.AddressFamily;
                var address = ((IPEndPoint)listener.LocalEndpoint).Address;
                var name = nameof(listener.LocalEndpoint);
                listener.Start();
                Serve(listener);
                return $"{family} {address} {name}";
            }

            private static void Serve(TcpListener listener) => listener.Stop();
        }
        """,
        """
        class Server
        {
            public int After()
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                listener.Start();
                Serve(listener);
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }

            public int OtherPort(int port)
            {
                var listener = new TcpListener(IPAddress.Loopback, port);
                Console.WriteLine($"about to listen on {listener.LocalEndpoint}");
                Serve(listener);
                return port;
            }

            public void Later()
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                Func<int> port = () => ((IPEndPoint)listener.LocalEndpoint).Port;
                listener.Start();
                Console.WriteLine(port());
                Serve(listener);
            }

            public int StartedElsewhere()
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                Start(listener);
                Serve(listener);
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }

            public void Asked()
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                if (socket.LocalEndPoint is null)
                    socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
                socket.Dispose();
            }

            public int Changed(int number)
            {
                var endPoint = new IPEndPoint(IPAddress.Loopback, 0);
                endPoint.Port = number;
                using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(endPoint);
                return endPoint.Port;
            }

            public void Loop(int rounds)
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                for (var round = 0; round < rounds; round++)
                {
                    Console.WriteLine(listener.LocalEndpoint);
                    listener.Start();
                }
                listener.Stop();
            }

            private static void Start(TcpListener listener) => listener.Start();

            private static void Serve(TcpListener listener) => listener.AcceptTcpClient();
        }
        """,
    ];

    [Theory]
    [MemberData(nameof(Found))]
    [MemberData(nameof(NotFound))]
    public Task Port_ReadWhereItIsStillZero_IsFound(string code) => Checked.AsMarkedAsync(code);
}

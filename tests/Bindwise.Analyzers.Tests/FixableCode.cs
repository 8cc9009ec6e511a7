namespace Bindwise.Analyzers.Tests;

/// <summary>
/// Two projects in which every rule that has a fix finds something: several times in a method, by several rules in a statement, and where no
/// change is safe. The first file of each has a finding without any fix.
/// </summary>
internal static class FixableCode
{
    public static IReadOnlyList<string> Projects { get; } = ["One", "Two"];

    public static IReadOnlyList<string> Rules { get; } = ["BWC001", "BWC002", "BWC004", "BWC006", "BWC007", "BWC008", "BWC010"];

    /// <summary>The findings of a project for which no change is safe, in the order of its files.</summary>
    public static IReadOnlyList<string> Left { get; } = ["BWC003 ((IPEndPoint)listener.LocalEndpoint).Port", "BWC002 socket.DualMode = true", "BWC007 System.Net.IPAddress.IPv6Any"];

    /// <summary>The files of a project, in order.</summary>
    public static IReadOnlyList<(string File, string Before, string After)> Files(string project) =>
        [("Finder.cs", Finder(project), Finder(project)), ("Servers.cs", Header(project) + Before, Header(project) + After)];

    private static string Header(string project) => $"#pragma warning disable CS0618\nusing System.Net;\nusing System.Net.Sockets;\n\nnamespace {project};\n\n";

    private static string Finder(string project) => Header(project) + """
        public static class Finder
        {
            public static int FreePort()
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                listener.Start();
                var port = ((IPEndPoint)listener.LocalEndpoint).Port;
                listener.Stop();
                return port;
            }
        }

        """;

    private const string Before = """
        public static class Servers
        {
            public static void Conditional(Socket socket, IPEndPoint endPoint, bool dual)
            {
                socket.Bind(endPoint);
                if (dual)
                    socket.DualMode = true;
            }

            public static Socket Shared(IPEndPoint endPoint)
            {
                var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { ExclusiveAddressUse = false };
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                socket.Bind(endPoint);
                socket.DualMode = true;
                socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.IPv6Only, false);
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                socket.Listen();
                return socket;
            }

            public static UdpClient Receive(int port)
            {
                var client = new UdpClient(port);
                client.Client.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                client.ExclusiveAddressUse = false;
                return client;
            }

            public static void Reset(TcpListener listener)
            {
                using var client = listener.AcceptTcpClient();
                client.LingerState = new LingerOption(true, 0);
                using var other = listener.AcceptSocket();
                other.LingerState = new LingerOption(true, 0);
                other.Close();
            }

            public static void Serve()
            {
                // One client on every address.
                var listener = new TcpListener(IPAddress.Any, 8080) { ExclusiveAddressUse = false };
                listener.Start();
                var old = new TcpListener(8081);
                old.Start();
                using var both = new TcpListener(System.Net.IPAddress.IPv6Any, 8080);
                Console.WriteLine("http://localhost:8080");
                listener.AcceptTcpClient().Dispose();
                old.AcceptTcpClient().Dispose();
            }

            public static TcpListener[] Start()
            {
                var first = new TcpListener(IPAddress.Loopback, 0);
                var endPoint = (IPEndPoint)first.LocalEndpoint;
                Console.WriteLine($"{endPoint} {first.LocalEndpoint}");
                first.Start();
                var asked = new IPEndPoint(IPAddress.Loopback, 0);
                var second = new TcpListener(asked);
                var port = ((IPEndPoint)second.LocalEndpoint).Port;
                var name = $"port {((IPEndPoint)second.LocalEndpoint).Port}";
                second.Start();
                Console.WriteLine($"{name} {port} {asked.Port} {asked.Port}");
                return new[] { first, second };
            }
        }

        """;

    private const string After = """
        public static class Servers
        {
            public static void Conditional(Socket socket, IPEndPoint endPoint, bool dual)
            {
                socket.Bind(endPoint);
                if (dual)
                    socket.DualMode = true;
            }

            public static Socket Shared(IPEndPoint endPoint)
            {
                var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
                socket.DualMode = true;
                socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.IPv6Only, false);
                socket.Bind(endPoint);
                socket.Listen();
                return socket;
            }

            public static UdpClient Receive(int port)
            {
                var client = new UdpClient();
                client.Client.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                client.ExclusiveAddressUse = false;
                client.Client.Bind(new IPEndPoint(IPAddress.Any, port));
                return client;
            }

            public static void Reset(TcpListener listener)
            {
                using var client = listener.AcceptTcpClient();
                using var other = listener.AcceptSocket();
                other.Close();
            }

            public static void Serve()
            {
                // One client on every address.
                using var listener = new TcpListener(IPAddress.Loopback, 8080);
                listener.Start();
                using var old = new TcpListener(IPAddress.Any, 8081);
                old.Start();
                using var both = new TcpListener(System.Net.IPAddress.IPv6Any, 8080);
                Console.WriteLine("http://localhost:8080");
                listener.AcceptTcpClient().Dispose();
                old.AcceptTcpClient().Dispose();
            }

            public static TcpListener[] Start()
            {
                var first = new TcpListener(IPAddress.Loopback, 0);
                first.Start();
                var endPoint = (IPEndPoint)first.LocalEndpoint;
                Console.WriteLine($"{endPoint} {first.LocalEndpoint}");
                var asked = new IPEndPoint(IPAddress.Loopback, 0);
                var second = new TcpListener(asked);
                second.Start();
                var port = ((IPEndPoint)second.LocalEndpoint).Port;
                var name = $"port {((IPEndPoint)second.LocalEndpoint).Port}";
                Console.WriteLine($"{name} {port} {((IPEndPoint)second.LocalEndpoint).Port} {((IPEndPoint)second.LocalEndpoint).Port}");
                return new[] { first, second };
            }
        }

        """;
}

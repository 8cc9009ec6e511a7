namespace Bindwise.Analyzers.Tests;

/// <summary>BWC003.</summary>
public sealed class PortGivenBackTests
{
    public static TheoryData<string> Found =>
    [
        // Each round tries the same one again.
        """
        static class Server
        {
            public static TcpListener Open()
            {
                var probe = new TcpListener(IPAddress.Loopback, 0);
                probe.Start();
                var port = {|BWC003:((IPEndPoint)probe.LocalEndpoint).Port|};
                probe.Stop();
                for (var round = 0; round < 3; round++)
                {
                    try
                    {
                        var listener = new TcpListener(IPAddress.Loopback, port);
                        listener.Start();
                        return listener;
                    }
                    catch (SocketException)
                    {
                    }
                }
                throw new InvalidOperationException();
            }
        }
        """,
        """
        static class PortDiagnostics
        {
            public static int GetFreePort()
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                listener.Start();
                var port = {|BWC003:((IPEndPoint)listener.LocalEndpoint).Port|};
                listener.Stop();
                return port;
            }
        }
        """,
        """
        static class PortDiagnostics
        {
            public static int NextFreePort()
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
                return {|BWC003:((IPEndPoint)socket.LocalEndPoint!).Port|};
            }
        }
        """,
        """
        static class PortDiagnostics
        {
            public static string GetUrl()
            {
                var listener = new TcpListener(new IPEndPoint(IPAddress.Loopback, 0));
                try
                {
                    listener.Start();
                    var endPoint = {|BWC003:(IPEndPoint)listener.LocalEndpoint|};
                    return $"http://localhost:{endPoint.Port}/";
                }
                finally
                {
                    listener?.Stop();
                }
            }
        }
        """,
        """
        class Fixture
        {
            private readonly int _port;

            public Fixture()
            {
                var client = new UdpClient(0);
                _port = {|BWC003:((IPEndPoint)client.Client.LocalEndPoint!).Port|};
                client.Close();
            }

            public int Port => _port;
        }
        """,
        """
        class Tests
        {
            public void Run()
            {
                var probe = new TcpListener(IPAddress.Any, 0);
                probe.Start();
                var port = {|BWC003:((IPEndPoint)probe.LocalEndpoint).Port|};
                probe.Stop();
                using var server = new TcpListener(IPAddress.Any, port);
                server.Start();
            }
        }
        """,
        """
        static class PortDiagnostics
        {
            public static int FindAvailablePort(int startingPort)
            {
                for (var port = startingPort; port < 65535; port++)
                {
                    try
                    {
                        var listener = new TcpListener(IPAddress.Loopback, {|BWC003:port|});
                        listener.Start();
                        listener.Stop();
                        return port;
                    }
                    catch (SocketException)
                    {
                        continue;
                    }
                }
                throw new InvalidOperationException("no port");
            }
        }
        """,
        // A using statement ends before the port is bound again; a null is no second socket.
        """
        static class Ports
        {
            public static void Again()
            {
                int port;
                using (var probe = new TcpListener(IPAddress.Loopback, 0))
                {
                    probe.Start();
                    port = {|BWC003:((IPEndPoint)probe.LocalEndpoint).Port|};
                }
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                listener.AcceptTcpClient().Dispose();
            }

            public static int Free()
            {
                TcpListener? probe = null;
                try
                {
                    probe = new TcpListener(IPAddress.Loopback, 0);
                    probe.Start();
                    return {|BWC003:((IPEndPoint)probe.LocalEndpoint).Port|};
                }
                finally
                {
                    probe?.Stop();
                }
            }
        }
        """,
    ];

    public static TheoryData<string> NotFound =>
    [
        // HttpListener takes no port 0: its Start decides, and the next round takes another one.
        """
        static class Server
        {
            public static HttpListener Open()
            {
                while (true)
                {
                    int port;
                    using (var probe = new TcpListener(IPAddress.Loopback, 0))
                    {
                        probe.Start();
                        port = ((IPEndPoint)probe.LocalEndpoint).Port;
                    }
                    var server = new HttpListener();
                    server.Prefixes.Add($"http://127.0.0.1:{port}/");
                    try
                    {
                        server.Start();
                        return server;
                    }
                    catch (HttpListenerException)
                    {
                        server.Close();
                    }
                }
            }
        }
        """,
        // The listener goes on.
        """
        static class Server
        {
            public static (TcpListener, int) Start()
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                listener.Start();
                var port = ((IPEndPoint)listener.LocalEndpoint).Port;
                return (listener, port);
            }
        }
        """,
        // It serves, and is closed at its end.
        """
        class Tests
        {
            public async Task<int> EchoAsync()
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                listener.Start();
                var port = ((IPEndPoint)listener.LocalEndpoint).Port;
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
                using var accepted = await listener.AcceptTcpClientAsync();
                listener.Stop();
                return port;
            }
        }
        """,
        // Nobody listens there: that is what is wanted of it.
        """
        class Tests
        {
            public async Task Refused()
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                listener.Start();
                var port = ((IPEndPoint)listener.LocalEndpoint).Port;
                listener.Stop();
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
            }
        }
        """,
        // Whether one port is free is another question.
        """
        static class PortDiagnostics
        {
            public static bool IsFree(int port)
            {
                try
                {
                    using var listener = new TcpListener(IPAddress.Loopback, port);
                    listener.Start();
                    return true;
                }
                catch (SocketException)
                {
                    return false;
                }
            }
        }
        """,
        // The address that a connection would leave by.
        """
        static class Addresses
        {
            public static IPAddress Own()
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
                socket.Connect("192.0.2.1", 9);
                return ((IPEndPoint)socket.LocalEndPoint!).Address;
            }
        }
        """,
        // Both are open at the same time.
        """
        static class Ports
        {
            public static void Both()
            {
                using (var first = new TcpListener(IPAddress.Loopback, 0))
                {
                    first.Start();
                    using var second = new TcpListener(IPAddress.IPv6Loopback, ((IPEndPoint)first.LocalEndpoint).Port);
                    second.Start();
                    second.AcceptTcpClient().Dispose();
                }
            }
        }
        """,
    ];

    [Theory]
    [MemberData(nameof(Found))]
    [MemberData(nameof(NotFound))]
    public Task Port_OfASocketThatIsClosedBeforeItsUse_IsFound(string code) => Checked.AsMarkedAsync(code);
}

namespace Bindwise.Analyzers.Tests;

/// <summary>Findings for which no change is safe.</summary>
public sealed class NoFixTests
{
    // What a move would break has no fix.
    [Theory]
    [InlineData("BWC010", """
        class Server
        {
            public TcpListener Start()
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                var port = ((IPEndPoint)listener.LocalEndpoint).Port;
                Console.WriteLine($"starting on {port}");
                listener.Start();
                return listener;
            }
        }
        """)]
    [InlineData("BWC002", """
        class Server
        {
            public void Open(Socket socket, IPEndPoint endPoint, bool dual)
            {
                socket.Bind(endPoint);
                if (dual)
                    socket.DualMode = true;
            }
        }
        """)]
    [InlineData("BWC010", """
        class Server
        {
            public void Start(TcpListener other)
            {
                var port = 0;
                var listener = new TcpListener(IPAddress.Loopback, 0);
                port = ((IPEndPoint)listener.LocalEndpoint).Port;
                Console.WriteLine($"starting on {port}");
                listener.Start();
                other.Start(port);
                listener.Stop();
            }
        }
        """)]
    [InlineData("BWC002", """
        class Server
        {
            public void Open(Socket socket, IPEndPoint endPoint)
            {
                socket.Bind(endPoint);
                var dual = socket.LocalEndPoint is IPEndPoint { Port: > 1024 };
                socket.DualMode = dual;
            }
        }
        """)]
    [InlineData("BWC002", """
        class Server
        {
            public UdpClient Open(IPEndPoint endPoint)
            {
                var client = new UdpClient(endPoint);
                client.ExclusiveAddressUse = true;
                return client;
            }
        }
        """)]
    [InlineData("BWC006", """
        class Server
        {
            public void Serve(int kind)
            {
                switch (kind)
                {
                    case 1:
                        var listener = new TcpListener(IPAddress.Loopback, 8080);
                        listener.Start();
                        listener.AcceptTcpClient().Dispose();
                        break;
                }
            }
        }
        """)]
    [InlineData("BWC002", """
        class Server
        {
            private static int Next() => 5353;

            public UdpClient Open()
            {
                var client = new UdpClient(Next());
                Console.WriteLine(client.Client.LocalEndPoint);
                client.ExclusiveAddressUse = true;
                return client;
            }
        }
        """)]
    [InlineData("BWC002", """
        class Server
        {
            public void Open(Socket socket, IPEndPoint endPoint)
            {
                socket.Bind(endPoint);
                Finish(socket);
            }

            private static void Finish(Socket socket)
            {
                socket.DualMode = true;
                socket.Listen();
            }
        }
        """)]
    // The message names one of the URLs.
    [InlineData("BWC007", """
        class Server
        {
            public void Run(IWebHostBuilder host)
            {
                host.UseUrls("http://*:8080;https://*:8443");
                Console.WriteLine("browse http://localhost:8080");
            }
        }
        """)]
    // A goto cannot jump over a declaration with using.
    [InlineData("BWC006", """
        class Server
        {
            public void Serve(bool isOver)
            {
                if (isOver)
                    goto end;
                var listener = new TcpListener(IPAddress.Loopback, 8080);
                listener.Start();
                listener.AcceptTcpClient().Dispose();
            end:
                Console.WriteLine("end");
            }
        }
        """)]
    // What is moved over an #if, or into it, would depend on the symbol, as would what is inside a statement that is removed.
    [InlineData("BWC002", """
        #define DUAL
        class Server
        {
            public void Open(Socket socket, IPEndPoint endPoint)
            {
                socket.Bind(endPoint);
        #if DUAL
                socket.DualMode = true;
        #endif
            }
        }
        """)]
    [InlineData("BWC002", """
        #define DUAL
        class Server
        {
            public UdpClient Open(int port)
            {
                var client = new UdpClient(port);
        #if DUAL
                client.ExclusiveAddressUse = true;
        #endif
                return client;
            }
        }
        """)]
    [InlineData("BWC010", """
        #define START
        class Server
        {
            public int Start(Action<TcpListener> serve)
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        #if START
                listener.Start();
        #endif
                serve(listener);
                return port;
            }
        }
        """)]
    [InlineData("BWC001", """
        class Server
        {
            public Socket Open()
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp)
                {
        #if NODELAY
                    NoDelay = true,
        #endif
                    ExclusiveAddressUse = false,
                };
                socket.Listen();
                return socket;
            }
        }
        """)]
    public async Task CodeThatAChangeCouldBreak_HasNoFix(string id, string code) => Assert.Empty(await Repaired.TitlesAsync(id, code));
}

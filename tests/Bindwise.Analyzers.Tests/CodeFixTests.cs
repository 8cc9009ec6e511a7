using Microsoft.CodeAnalysis.CSharp;

namespace Bindwise.Analyzers.Tests;

/// <summary>Each fix, for all that its rule finds in a file at once: the result compiles, and the rule finds nothing more.</summary>
public sealed class CodeFixTests
{
    [Fact]
    public Task ReuseAddress_IsRemoved() => ChangesAsync("BWC001", null, """
        class Server
        {
            public TcpListener Open()
            {
                var listener = new TcpListener(IPAddress.Any, 8080) { ExclusiveAddressUse = false };
                // A restart fails without it.
                listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                listener.Start();
                return listener;
            }

            public Socket Plain()
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ExclusiveAddressUse = false, NoDelay = true };
                socket.Listen();
                return socket;
            }
        }
        """, """
        class Server
        {
            public TcpListener Open()
            {
                var listener = new TcpListener(IPAddress.Any, 8080);
                listener.Start();
                return listener;
            }

            public Socket Plain()
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                socket.Listen();
                return socket;
            }
        }
        """);

    [Fact]
    public Task RemovedStatement_BeforeOthersOfItsLine_LeavesThemWhereItBegan() => ChangesAsync("BWC001", null, """
        class Server
        {
            public void Open(Socket s, EndPoint e)
            {
                s.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true); s.Bind(e); s.Listen();
            }
        }
        """, """
        class Server
        {
            public void Open(Socket s, EndPoint e)
            {
                s.Bind(e); s.Listen();
            }
        }
        """);

    [Fact]
    public Task RemovedStatement_BetweenDirectives_LeavesThemAndWhatIsNotCompiled() => ChangesAsync("BWC001", null, """
        #define SHARED
        class Server
        {
            public Socket Open()
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                // Connections that nobody uses.
        #if KEEPALIVE
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        #endif
                // A restart fails without it.
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        #if SHARED
                socket.ExclusiveAddressUse = false;
        #else
                socket.NoDelay = true;
        #endif
                socket.Listen();
                return socket;
            }
        }
        """, """
        #define SHARED
        class Server
        {
            public Socket Open()
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                // Connections that nobody uses.
        #if KEEPALIVE
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        #endif
        #if SHARED
        #else
                socket.NoDelay = true;
        #endif
                socket.Listen();
                return socket;
            }
        }
        """);

    [Fact]
    public Task OptionAfterBind_IsMovedBeforeIt() => ChangesAsync("BWC002", null, """
        class Server
        {
            public Socket Open(IPEndPoint endPoint)
            {
                var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(endPoint);
                // IPv4 too.
                socket.DualMode = true;
                socket.Listen();
                return socket;
            }
        }
        """, """
        class Server
        {
            public Socket Open(IPEndPoint endPoint)
            {
                var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
                // IPv4 too.
                socket.DualMode = true;
                socket.Bind(endPoint);
                socket.Listen();
                return socket;
            }
        }
        """);

    [Fact]
    public Task OptionsAfterBind_OneAfterTheOther_AreMovedInTheirOrder() => ChangesAsync("BWC002", null, """
        class Server
        {
            public void Open(Socket first, Socket second, IPEndPoint endPoint)
            {
                first.Bind(endPoint);
                first.DualMode = true;
                first.ExclusiveAddressUse = true;
                second.Bind(endPoint);
                second.DualMode = true;
            }
        }
        """, """
        class Server
        {
            public void Open(Socket first, Socket second, IPEndPoint endPoint)
            {
                first.DualMode = true;
                first.ExclusiveAddressUse = true;
                first.Bind(endPoint);
                second.DualMode = true;
                second.Bind(endPoint);
            }
        }
        """);

    [Fact]
    public Task CallThatSetsAnOptionAfterBind_IsMovedBeforeIt() => ChangesAsync("BWC002", null, """
        class Server
        {
            public void Open(Socket socket, IPEndPoint endPoint)
            {
                socket.Bind(endPoint);
                Configure(socket);
                socket.Listen();
            }

            private static void Configure(Socket socket) => socket.DualMode = true;
        }
        """, """
        class Server
        {
            public void Open(Socket socket, IPEndPoint endPoint)
            {
                Configure(socket);
                socket.Bind(endPoint);
                socket.Listen();
            }

            private static void Configure(Socket socket) => socket.DualMode = true;
        }
        """);

    // IPAddress is written out where the file means another by it, or has no using for it.
    [Theory]
    [InlineData("class IPAddress { }", "")]
    [InlineData("", "public string IPAddress { get; set; } = \"\";")]
    public async Task ObsoleteConstructor_WhereIPAddressIsAnother_IsReplacedByWhatCompiles(string type, string member)
    {
        var before = $$"""
            #pragma warning disable CS0618
            {{type}}
            class Server
            {
                {{member}}
                public TcpListener One(int port) => new TcpListener(port);
            }
            """;
        Assert.Contains("new TcpListener(System.Net.IPAddress.Any, port)", await Repaired.AllAsync("BWC008", before, "Listen on every IPv4 address, as now"), StringComparison.Ordinal);
    }

    [Fact]
    public Task OptionOfAUdpClientThatItsConstructorBinds_IsSetBeforeABindOfItsOwn() => ChangesAsync("BWC002", null, """
        class Receiver
        {
            public UdpClient Open(int port)
            {
                var client = new UdpClient(port);
                client.Client.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                return client;
            }
        }
        """, """
        class Receiver
        {
            public UdpClient Open(int port)
            {
                var client = new UdpClient();
                client.Client.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                client.Client.Bind(new IPEndPoint(IPAddress.Any, port));
                return client;
            }
        }
        """);

    [Fact]
    public Task LingerOfZero_IsRemoved() => ChangesAsync("BWC004", null, """
        class Server
        {
            public void Serve(TcpListener listener)
            {
                using var client = listener.AcceptTcpClient();
                client.LingerState = new LingerOption(true, 0);
                client.Close();
            }
        }
        """, """
        class Server
        {
            public void Serve(TcpListener listener)
            {
                using var client = listener.AcceptTcpClient();
                client.Close();
            }
        }
        """);

    [Fact]
    public Task ListenerThatIsNeverClosed_IsAtTheEndOfItsScope() => ChangesAsync("BWC006", null, """
        class Server
        {
            public void Serve()
            {
                // One client.
                var listener = new TcpListener(IPAddress.Loopback, 8080);
                listener.Start();
                listener.AcceptTcpClient().Dispose();
            }

            public void Plain()
            {
                Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
                socket.Listen();
            }

            public void Web()
            {
                var listener = new HttpListener();
                listener.Prefixes.Add("http://localhost:8080/");
                listener.Start();
                listener.GetContext().Response.Close();
            }
        }
        """, """
        class Server
        {
            public void Serve()
            {
                // One client.
                using var listener = new TcpListener(IPAddress.Loopback, 8080);
                listener.Start();
                listener.AcceptTcpClient().Dispose();
            }

            public void Plain()
            {
                using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
                socket.Listen();
            }

            public void Web()
            {
                using var listener = new HttpListener();
                listener.Prefixes.Add("http://localhost:8080/");
                listener.Start();
                listener.GetContext().Response.Close();
            }
        }
        """);

    [Fact]
    public Task Wildcards_BecomeLocalhost() => ChangesAsync("BWC007", null, """
        class Server
        {
            public void Run(WebApplication app)
            {
                using var listener = new TcpListener(IPAddress.Any, 8080);
                using var other = new TcpListener(System.Net.IPAddress.IPv6Any, 8080);
                app.Urls.Add("http://*:5000");
                var port = int.Parse("8081");
                app.Urls.Add($"http://0.0.0.0:{port}");
                Console.WriteLine($"http://localhost:8080 http://localhost:5000 http://localhost:{port}");
            }

            public void Kestrel(IWebHostBuilder host) =>
                host.ConfigureKestrel(options => options.ListenAnyIP(5000)).UseUrls("http://localhost:5000");
        }
        """, """
        class Server
        {
            public void Run(WebApplication app)
            {
                using var listener = new TcpListener(IPAddress.Loopback, 8080);
                using var other = new TcpListener(System.Net.IPAddress.IPv6Any, 8080);
                app.Urls.Add("http://localhost:5000");
                var port = int.Parse("8081");
                app.Urls.Add($"http://localhost:{port}");
                Console.WriteLine($"http://localhost:8080 http://localhost:5000 http://localhost:{port}");
            }

            public void Kestrel(IWebHostBuilder host) =>
                host.ConfigureKestrel(options => options.ListenLocalhost(5000)).UseUrls("http://localhost:5000");
        }
        """, left: 1);

    [Theory]
    [InlineData("Listen on every IPv4 address, as now", "new TcpListener(IPAddress.Any, port)", "new(IPAddress.Any, port)")]
    [InlineData("Listen on localhost (IPv4)", "new TcpListener(IPAddress.Loopback, port)", "new(IPAddress.Loopback, port)")]
    [InlineData("Listen on every address, IPv6 and IPv4", "TcpListener.Create(port)", "TcpListener.Create(port)")]
    public async Task ObsoleteConstructor_IsReplacedByOneOfThree(string title, string code, string untyped)
    {
        const string Before = """
            #pragma warning disable CS0618
            class Server
            {
                public TcpListener One(int port) => new TcpListener(port);

                public TcpListener Two(int port) => new(port);
            }
            """;
        await ChangesAsync("BWC008", title, Before, Before.Replace("new TcpListener(port)", code, StringComparison.Ordinal).Replace("new(port)", untyped, StringComparison.Ordinal));
        Assert.Equal(3, (await Repaired.TitlesAsync("BWC008", Before)).Count);
    }

    [Fact]
    public async Task ObsoleteConstructor_WithAnInitializer_KeepsIt()
    {
        const string Before = """
            #pragma warning disable CS0618
            class Server
            {
                public TcpListener One() => new TcpListener(port: 8080) { ExclusiveAddressUse = true };

                public TcpListener Two() => new(8081)
                {
                    ExclusiveAddressUse = true,
                };
            }
            """;
        await ChangesAsync("BWC008", "Listen on localhost (IPv4)", Before, Before.Replace("(8081", "(IPAddress.Loopback, 8081", StringComparison.Ordinal).Replace("(port:", "(IPAddress.Loopback, port:", StringComparison.Ordinal));
        Assert.Equal(["Listen on every IPv4 address, as now", "Listen on localhost (IPv4)"], await Repaired.TitlesAsync("BWC008", Before));
    }

    [Fact]
    public async Task ObsoleteConstructor_OfATypeThatHasAnotherNameHere_IsReplacedByWhatCompiles()
    {
        const string Before = """
            #pragma warning disable CS0618
            class TcpListener { }
            class Server
            {
                public System.Net.Sockets.TcpListener One(int port) => new(port);
            }
            """;
        Assert.Contains("=> System.Net.Sockets.TcpListener.Create(port);", await Repaired.AllAsync("BWC008", Before, "Listen on every address, IPv6 and IPv4"), StringComparison.Ordinal);
    }

    // What older compilers do not know: a declaration with using, and the operator that forgives null.
    [Fact]
    public async Task Fixes_OfCSharp7_AreOfCSharp7()
    {
        const string Before = """
            using System;
            using System.Net;
            using System.Net.Sockets;
            class Server
            {
                public Socket Start()
                {
                    var endPoint = new IPEndPoint(IPAddress.Loopback, 0);
                    var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                    socket.Bind(endPoint);
                    Console.WriteLine(endPoint.Port);
                    return socket;
                }

                public void Serve()
                {
                    var listener = new TcpListener(IPAddress.Loopback, 8080);
                    listener.Start();
                    listener.AcceptTcpClient().Dispose();
                }
            }
            """;
        Assert.Contains("((IPEndPoint)socket.LocalEndPoint).Port", await Repaired.AllAsync("BWC010", Before, version: LanguageVersion.CSharp7_3), StringComparison.Ordinal);
        Assert.Empty(await Repaired.TitlesAsync("BWC006", Before, LanguageVersion.CSharp7_3));
    }

    [Fact]
    public Task StatementsOfOneLine_AreMovedWithinIt() => ChangesAsync("BWC010", null, """
        class Server
        {
            public void Print()
            {
                Action print = () => { using var listener = new TcpListener(IPAddress.Loopback, 0); var port = listener.LocalEndpoint; listener.Start();};
                using var other = new TcpListener(IPAddress.Loopback, 0); var at = other.LocalEndpoint;
                other.Start();
                print();
            }
        }
        """, """
        class Server
        {
            public void Print()
            {
                Action print = () => { using var listener = new TcpListener(IPAddress.Loopback, 0); listener.Start(); var port = listener.LocalEndpoint;};
                using var other = new TcpListener(IPAddress.Loopback, 0); other.Start();
                var at = other.LocalEndpoint;
                print();
            }
        }
        """);

    [Fact]
    public Task PortReadBeforeStart_IsReadAfterIt() => ChangesAsync("BWC010", null, """
        class Server
        {
            public int Start(Action<TcpListener> serve)
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                var port = ((IPEndPoint)listener.LocalEndpoint).Port;
                listener.Start();
                serve(listener);
                return port;
            }
        }
        """, """
        class Server
        {
            public int Start(Action<TcpListener> serve)
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                listener.Start();
                var port = ((IPEndPoint)listener.LocalEndpoint).Port;
                serve(listener);
                return port;
            }
        }
        """);

    [Fact]
    public Task PortOfTheAddressThatWasAskedFor_IsReadFromTheSocket() => ChangesAsync("BWC010", null, """
        class Server
        {
            public (Socket, TcpListener) Start()
            {
                var endPoint = new IPEndPoint(IPAddress.Loopback, 0);
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(endPoint);
                Console.WriteLine(endPoint.Port);
                var other = new IPEndPoint(IPAddress.Loopback, 0);
                var listener = new TcpListener(other);
                listener.Start();
                Console.WriteLine($"{other.Address}:{other.Port}");
                return (socket, listener);
            }
        }
        """, """
        class Server
        {
            public (Socket, TcpListener) Start()
            {
                var endPoint = new IPEndPoint(IPAddress.Loopback, 0);
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(endPoint);
                Console.WriteLine(((IPEndPoint)socket.LocalEndPoint!).Port);
                var other = new IPEndPoint(IPAddress.Loopback, 0);
                var listener = new TcpListener(other);
                listener.Start();
                Console.WriteLine($"{other.Address}:{((IPEndPoint)listener.LocalEndpoint).Port}");
                return (socket, listener);
            }
        }
        """);

    private static async Task ChangesAsync(string id, string? title, string before, string after, int left = 0)
    {
        Assert.Equal(after, await Repaired.AllAsync(id, before, title));
        Assert.Equal(left, (await Checked.FindAsync(after)).Count(one => one.Id == id));
    }
}

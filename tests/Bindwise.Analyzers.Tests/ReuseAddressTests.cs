namespace Bindwise.Analyzers.Tests;

/// <summary>BWC001.</summary>
public sealed class ReuseAddressTests
{
    public static TheoryData<string> Found =>
    [
        """
        class Server
        {
            public Socket Listen(IPEndPoint endPoint)
            {
                var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                {|BWC001:socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true)|};
                socket.NoDelay = true;
                socket.Bind(endPoint);
                socket.Listen(512);
                return socket;
            }
        }
        """,
        """
        class Server
        {
            private readonly TcpListener _listener;

            public Server(int port)
            {
                _listener = new TcpListener(IPAddress.Any, port);
                {|BWC001:_listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, 1)|};
            }

            public void Start() => _listener.Start();
        }
        """,
        """
        class Server
        {
            private Socket? _socket;

            public void Open()
            {
                _socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { {|BWC001:ExclusiveAddressUse = false|}, DualMode = true };
                _socket.Bind(new IPEndPoint(IPAddress.IPv6Any, 8080));
            }

            public void Run() => _socket?.Listen();
        }
        """,
        """
        var builder = WebApplication.CreateBuilder(args);
        builder.WebHost.UseSockets(options => options.CreateBoundListenSocket = endPoint =>
        {
            var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            {|BWC001:socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true)|};
            socket.Bind(endPoint);
            return socket;
        });
        """,
        // Code for the other systems.
        """
        class Server
        {
            public void Open(bool alone)
            {
                using var listener = new TcpListener(IPAddress.Any, 8080);
                var isUnix = !OperatingSystem.IsWindows();
                if (isUnix && !alone)
                    {|BWC001:listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true)|};
                listener.Start();
            }

            public void Else()
            {
                using var listener = new TcpListener(IPAddress.Any, 8080);
                if (System.Runtime.InteropServices.RuntimeInformation.IsOSPlatform(System.Runtime.InteropServices.OSPlatform.Windows))
                    listener.Start(10);
                else
                {
                    {|BWC001:listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true)|};
                    listener.Start();
                }
            }

            public void Exit()
            {
                if (OperatingSystem.IsWindows())
                    throw new PlatformNotSupportedException();
                using var listener = new TcpListener(IPAddress.Any, 8080);
                {|BWC001:listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true)|};
                listener.Start();
            }
        }
        """,
        // Both systems.
        """
        class Server
        {
            public void Switch()
            {
                using var listener = new TcpListener(IPAddress.Any, 8080);
                switch (Environment.OSVersion.Platform)
                {
                    case PlatformID.Win32NT:
                    case PlatformID.Unix:
                        {|BWC001:listener.ExclusiveAddressUse = false|};
                        break;
                }
                listener.Start();
            }

            public void Else()
            {
                using var listener = new TcpListener(IPAddress.Any, 8080);
                if (Environment.OSVersion.Platform != PlatformID.Win32NT)
                    {|BWC001:listener.ExclusiveAddressUse = false|};
                listener.Start();
            }
        }
        """,
    ];

    public static TheoryData<string> NotFound =>
    [
        // Several receivers of multicast datagrams share a port on purpose.
        """
        class Discovery
        {
            public Socket Open()
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                socket.Bind(new IPEndPoint(IPAddress.Any, 1900));
                return socket;
            }
        }
        """,
        // A client that chooses its source port.
        """
        class Client
        {
            public Socket Open(IPEndPoint server)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                socket.Bind(new IPEndPoint(IPAddress.Any, 2000));
                socket.Connect(server);
                return socket;
            }
        }
        """,
        """
        class Server
        {
            public TcpListener Open(bool share)
            {
                var listener = new TcpListener(IPAddress.Any, 8080) { ExclusiveAddressUse = true };
                listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, false);
                listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, share);
                listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
                listener.Start();
                return listener;
            }
        }
        """,
        """
        class Server
        {
            public void Open()
            {
                using var listener = new TcpListener(IPAddress.Any, 8080);
                if (OperatingSystem.IsWindows())
                    listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                listener.Start();
            }

            public void Else(bool alone)
            {
                using var listener = new TcpListener(IPAddress.Any, 8080);
                var isWindows = OperatingSystem.IsWindows();
                if (!isWindows || alone)
                    listener.Start(10);
                else
                {
                    listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                    listener.Start();
                }
            }

            public void Either(bool always)
            {
                using var listener = new TcpListener(IPAddress.Any, 8080);
                if (OperatingSystem.IsOSPlatform("Windows") || always)
                    listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                listener.Start();
            }

            public void Exit(bool share)
            {
                if (!share || !OperatingSystem.IsWindows())
                {
                    Console.WriteLine("not here");
                    return;
                }
                using var listener = new TcpListener(IPAddress.Any, 8080);
                listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                listener.Start();
            }

            [System.Runtime.Versioning.SupportedOSPlatform("windows10.0")]
            public void Attribute()
            {
                using var listener = new TcpListener(IPAddress.Any, 8080);
                listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                listener.Start();
            }
        }
        """,
        // By the older question.
        """
        class Server
        {
            public void If()
            {
                using var listener = new TcpListener(IPAddress.Any, 8080);
                if (Environment.OSVersion.Platform == PlatformID.Win32NT)
                    listener.ExclusiveAddressUse = false;
                listener.Start();
            }

            public void Is()
            {
                using var listener = new TcpListener(IPAddress.Any, 8080);
                if (Environment.OSVersion.Platform is PlatformID.Win32NT)
                    listener.ExclusiveAddressUse = false;
                listener.Start();
            }

            public void Exit()
            {
                if (Environment.OSVersion.Platform != PlatformID.Win32NT)
                    return;
                using var listener = new TcpListener(IPAddress.Any, 8080) { ExclusiveAddressUse = false };
                listener.Start();
            }

            public void Switch()
            {
                using var listener = new TcpListener(IPAddress.Any, 8080);
                switch (Environment.OSVersion.Platform)
                {
                    case PlatformID.Win32NT:
                        listener.ExclusiveAddressUse = false;
                        break;
                }
                listener.Start();
            }
        }
        """,
    ];

    [Theory]
    [MemberData(nameof(Found))]
    [MemberData(nameof(NotFound))]
    public Task ReuseAddress_OfAListenerAlone_IsFound(string code) => Checked.AsMarkedAsync(code);
}

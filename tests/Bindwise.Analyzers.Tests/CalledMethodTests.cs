namespace Bindwise.Analyzers.Tests;

/// <summary>What private methods and local functions do with a socket counts at their call: BWC001, BWC002, BWC003, BWC006, BWC010.</summary>
public sealed class CalledMethodTests
{
    public static TheoryData<string> Found =>
    [
        // The fault stands in the method that is called.
        """
        class Server
        {
            public Socket Open(IPEndPoint endPoint)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                Configure(socket);
                socket.Bind(endPoint);
                socket.Listen();
                return socket;
            }

            private static void Configure(Socket socket)
            {
                ArgumentNullException.ThrowIfNull(socket);
                socket.NoDelay = true;
                {|BWC001:socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true)|};
            }
        }
        """,
        """
        class Server
        {
            private readonly TcpListener _listener = new(IPAddress.Any, 8080);

            public void Start()
            {
                Configure(_listener.Server);
                Run(_listener.Server);
                _listener.Start();

                static void Run(Socket socket) => Share(socket);
                static void Share(Socket socket) => {|BWC001:socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, 1)|};
            }

            private void Configure(Socket socket) => {|BWC001:socket.ExclusiveAddressUse = false|};
        }
        """,
        // Somewhere else the same socket listens.
        """
        class Server
        {
            public Socket Open(IPEndPoint endPoint)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                {|BWC001:socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true)|};
                BindTo(socket, endPoint);
                {|BWC002:socket.DualMode = true|};
                return socket;
            }

            private void BindTo(Socket socket, IPEndPoint endPoint)
            {
                socket.Bind(endPoint);
                socket.Listen();
            }
        }
        """,
        """
        class Server
        {
            public async Task<Socket> OpenAsync(IPEndPoint endPoint)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(endPoint);
                {|BWC002:Configure(socket)|};
                await {|BWC002:FinishAsync(socket)|};
                socket.Listen();
                return socket;
            }

            private static void Configure(Socket socket) => socket.DualMode = true;

            private static async Task FinishAsync(Socket socket)
            {
                socket.ExclusiveAddressUse = true;
                await Task.Yield();
            }
        }
        """,
        """
        class Server
        {
            public int FreePort()
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                Configure(listener);
                listener.Start();
                var port = {|BWC003:((IPEndPoint)listener.LocalEndpoint).Port|};
                Close(listener);
                return port;
            }

            public void Serve()
            {
                var {|BWC006:listener|} = new TcpListener(IPAddress.Loopback, 8080);
                Configure(listener);
                listener.Start();
                listener.AcceptTcpClient().Dispose();
            }

            public TcpListener Start()
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                Configure(listener);
                Console.WriteLine({|BWC010:listener.LocalEndpoint|});
                listener.Start();
                return listener;
            }

            private static void Configure(TcpListener listener) => listener.Server.NoDelay = true;

            private static void Close(TcpListener listener) => listener.Stop();
        }
        """,
    ];

    public static TheoryData<string> NotFound =>
    [
        // What is set last before Bind counts.
        """
        class Server
        {
            public Socket Open(IPEndPoint endPoint)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                Configure(socket);
                socket.Bind(endPoint);
                socket.Listen();
                return socket;
            }

            private static void Configure(Socket socket) => socket.ExclusiveAddressUse = true;
        }
        """,
        // A method that also gets sockets that do not listen, and one that depends on the system.
        """
        class Server
        {
            public void Open(IPEndPoint endPoint)
            {
                using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                Share(socket);
                ShareOnWindows(socket);
                socket.Bind(endPoint);
                socket.Listen();
                using var discovery = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
                Share(discovery);
                discovery.Bind(endPoint);
            }

            private static void Share(Socket socket) => socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);

            private static void ShareOnWindows(Socket socket)
            {
                if (OperatingSystem.IsWindows())
                    socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            }
        }
        """,
        // Closed, or perhaps bound, by the method; set by another type's, or by one that others override.
        """
        class Server
        {
            public void Again(TcpListener listener, bool now)
            {
                listener.Start();
                Stop(listener);
                listener.ExclusiveAddressUse = true;
                StartIf(listener, now);
                listener.ExclusiveAddressUse = true;
                StartOr(listener, now);
                listener.ExclusiveAddressUse = true;
                listener.Start();
                Configure(listener);
            }

            private static void Stop(TcpListener listener) => listener.Stop();

            private static void StartIf(TcpListener listener, bool now)
            {
                if (now)
                    listener.Start();
            }

            private static void StartOr(TcpListener listener, bool now)
            {
                if (!now)
                    return;
                listener.Start();
            }

            protected virtual void Configure(TcpListener listener) => listener.ExclusiveAddressUse = true;
        }
        """,
        """
        class Server
        {
            private TcpListener? _kept;

            public int Serve()
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                Keep(listener);
                listener.Start();
                var other = new TcpListener(IPAddress.Loopback, 8080);
                other.Start();
                Close(other);
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }

            private void Keep(TcpListener listener) => _kept = listener;

            private static void Close(TcpListener listener) => listener.Stop();
        }
        """,
    ];

    [Theory]
    [MemberData(nameof(Found))]
    [MemberData(nameof(NotFound))]
    public Task Socket_IsFollowedIntoWhatTheTypeAloneCalls(string code) => Checked.AsMarkedAsync(code);
}

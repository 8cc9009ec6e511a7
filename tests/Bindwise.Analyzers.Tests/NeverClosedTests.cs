namespace Bindwise.Analyzers.Tests;

/// <summary>BWC006.</summary>
public sealed class NeverClosedTests
{
    public static TheoryData<string> Found =>
    [
        """
        class Callback
        {
            public async Task<string> WaitForCodeAsync(int port)
            {
                var {|BWC006:listener|} = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                using var client = await listener.AcceptTcpClientAsync().ConfigureAwait(false);
                using var reader = new StreamReader(client.GetStream());
                return (await reader.ReadLineAsync())!;
            }
        }
        """,
        """
        class Server
        {
            public void Serve(CancellationToken cancellation)
            {
                var {|BWC006:socket|} = new Socket(SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Loopback, 8080));
                socket.Listen();
                while (!cancellation.IsCancellationRequested)
                {
                    using var accepted = socket.Accept();
                }
            }
        }
        """,
        """
        class Nameless
        {
            public void Start()
            {
                {|BWC006:new TcpListener(IPAddress.Loopback, 8080)|}.Start();
                {|BWC006:TcpListener.Create(8081)|}.Start();
            }
        }
        """,
        """
        sealed class Server : IDisposable
        {
            private readonly TcpListener {|BWC006:_listener|} = new(IPAddress.Loopback, 8080);
            private readonly CancellationTokenSource _end = new();

            public void Start() => _listener.Start();

            public void Dispose() => _end.Dispose();
        }
        """,
        // A wait that ends.
        """
        class Server
        {
            public async Task WaitingAsync(CancellationToken cancellation)
            {
                var {|BWC006:listener|} = new TcpListener(IPAddress.Loopback, 8080);
                listener.Start();
                await Task.Delay(1000);
                await Task.Delay(Timeout.Infinite, cancellation);
            }
        }
        """,
    ];

    public static TheoryData<string> NotFound =>
    [
        // The process ends, and its sockets with it.
        """
        var listener = new TcpListener(IPAddress.Loopback, 8080);
        listener.Start();
        using var client = listener.AcceptTcpClient();
        """,
        """
        static class Program
        {
            static void Main()
            {
                var listener = new TcpListener(IPAddress.Loopback, 8080);
                listener.Start();
                using var client = listener.AcceptTcpClient();
            }
        }
        """,
        """
        class Child
        {
            public void Run(bool fails)
            {
                var listener = new TcpListener(IPAddress.Loopback, 8080);
                listener.Start();
                new TcpListener(IPAddress.Loopback, 8081).Start();
                Environment.Exit(0);
            }
        }
        """,
        // A private one that Dispose, or a callback with this object, closes.
        """
        sealed class Pattern : IDisposable
        {
            private TcpListener? _listener;
            private TcpListener? _typed;

            public void Start()
            {
                _listener = new TcpListener(IPAddress.Loopback, 8080);
                _listener.Start();
                _typed = new TcpListener(IPAddress.Loopback, 8081);
                _typed.Start();
            }

            public void Dispose()
            {
                if (_listener is { } listener)
                    listener.Stop();
                if (_typed is TcpListener typed)
                    typed.Stop();
            }
        }
        sealed class Callback : IDisposable
        {
            private readonly TcpListener _listener = new(IPAddress.Loopback, 8080);
            private CancellationTokenRegistration _registration;

            public void Start(CancellationToken end)
            {
                _listener.Start();
                _registration = end.Register(static state => ((Callback)state!)._listener.Stop(), this);
            }

            public void Dispose() => _registration.Dispose();
        }
        """,
        // Closed, in one way or another, or another's to close.
        """
        class Server
        {
            private TcpListener? _kept;

            public void Using() { using var listener = new TcpListener(IPAddress.Loopback, 8080); listener.Start(); }

            public void Stopped()
            {
                var listener = new TcpListener(IPAddress.Loopback, 8080);
                listener.Start();
                try { listener.AcceptTcpClient().Dispose(); }
                finally { listener.Stop(); }
            }

            public void Kept() { var listener = new TcpListener(IPAddress.Loopback, 8080); listener.Start(); _kept = listener; }

            public void Passed(Action<TcpListener> serve) { var listener = new TcpListener(IPAddress.Loopback, 8080); listener.Start(); serve(listener); }

            public Task<TcpClient> OneClient() { var listener = new TcpListener(IPAddress.Loopback, 8080); listener.Start(); return listener.AcceptTcpClientAsync(); }

            public void Captured()
            {
                var listener = new TcpListener(IPAddress.Loopback, 8080);
                listener.Start();
                _ = Task.Run(() => listener.AcceptTcpClient());
            }

            public void Registered(CancellationToken cancellation)
            {
                var listener = new TcpListener(IPAddress.Loopback, 8080);
                using var registration = cancellation.Register(listener.Stop);
                listener.Start();
                listener.AcceptTcpClient();
            }

            public void ForEver()
            {
                var listener = new TcpListener(IPAddress.Loopback, 8080);
                listener.Start();
                while (true)
                    listener.AcceptTcpClient().Dispose();
            }

            public void Client() { var socket = new Socket(SocketType.Stream, ProtocolType.Tcp); socket.Connect("host", 80); }
        }
        """,
        """
        sealed class Server : IAsyncDisposable
        {
            private readonly TcpListener _listener = new(IPAddress.Loopback, 8080);
            private readonly Socket _given;

            public Server(Socket given) => _given = given;

            public void Start() { _listener.Start(); _given.Listen(); }

            public ValueTask DisposeAsync() { _listener?.Stop(); return default; }
        }
        """,
        // Methods that never return.
        """
        class Server
        {
            public void Sleeping() { var listener = new TcpListener(IPAddress.Loopback, 8080); listener.Start(); Thread.Sleep(Timeout.Infinite); }

            public async Task WaitingAsync() { var listener = new TcpListener(IPAddress.Loopback, 8080); listener.Start(); await Task.Delay(Timeout.InfiniteTimeSpan); }
        }
        """,
    ];

    [Theory]
    [MemberData(nameof(Found))]
    [MemberData(nameof(NotFound))]
    public Task Listener_ThatNothingCloses_IsFound(string code) => Checked.AsMarkedAsync(code);
}

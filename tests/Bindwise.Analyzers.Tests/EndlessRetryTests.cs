namespace Bindwise.Analyzers.Tests;

/// <summary>BWC005.</summary>
public sealed class EndlessRetryTests
{
    public static TheoryData<string> Found =>
    [
        // Whatever is caught.
        """
        class Server
        {
            public void Start(TcpListener listener)
            {
                while (true)
                {
                    try
                    {
                        listener.Start();
                        return;
                    }
                    {|BWC005:catch|} (Exception)
                    {
                        Thread.Sleep(1000);
                    }
                }
            }

            public void Start(Socket socket, IPEndPoint endPoint)
            {
                while (true)
                {
                    try
                    {
                        socket.Bind(endPoint);
                        break;
                    }
                    {|BWC005:catch|}
                    {
                    }
                }
            }
        }
        """,
        """
        class Server
        {
            public void Start(TcpListener listener)
            {
                while (true)
                {
                    try
                    {
                        listener.Start();
                        break;
                    }
                    {|BWC005:catch|} (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse)
                    {
                        Thread.Sleep(1000);
                    }
                }
            }
        }
        """,
        // A new socket each time, for the same port.
        """
        class Server
        {
            public TcpListener Start()
            {
                while (true)
                {
                    var address = IPAddress.Parse("127.0.0.1");
                    try
                    {
                        var listener = new TcpListener(address, 8080);
                        listener.Start();
                        return listener;
                    }
                    {|BWC005:catch|} (SocketException)
                    {
                        Thread.Sleep(1000);
                    }
                }
            }
        }
        """,
        """
        class Server
        {
            public async Task<Socket> StartAsync(IPEndPoint endPoint)
            {
                for (; ; )
                {
                    var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                    try
                    {
                        socket.Bind(endPoint);
                        socket.Listen();
                        return socket;
                    }
                    {|BWC005:catch|} (SocketException error)
                    {
                        if (error.SocketErrorCode != SocketError.AddressAlreadyInUse)
                            throw;
                        socket.Dispose();
                        await Task.Delay(TimeSpan.FromSeconds(1));
                    }
                }
            }
        }
        """,
        """
        class Server
        {
            public void Start(TcpListener listener)
            {
                var started = false;
                while (!started)
                {
                    try
                    {
                        listener.Start();
                        started = true;
                    }
                    {|BWC005:catch|} (SocketException)
                    {
                        Console.WriteLine("port in use, waiting");
                        Thread.Sleep(1000);
                    }
                }
            }
        }
        """,
        """
        class Server
        {
            public async Task StartAsync(TcpListener listener)
            {
                while (true)
                {
                    try
                    {
                        listener.Start();
                        return;
                    }
                    {|BWC005:catch|} (SocketException error)
                    {
                        Log(error.Message);
                        await PauseAsync();
                    }
                }
            }

            private static void Log(string message)
            {
                if (message.Length == 0)
                    return;
                Console.Error.WriteLine(message);
            }

            private Task PauseAsync() => Task.Delay(1000);
        }
        """,
        """
        class Host
        {
            public async Task RunAsync(Func<Task> start)
            {
                while (true)
                {
                    try
                    {
                        await start();
                        return;
                    }
                    {|BWC005:catch|} (IOException error) when (error.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException { InnerException: SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } })
                    {
                        await Task.Delay(500);
                    }
                }
            }
        }
        """,
    ];

    public static TheoryData<string> NotFound =>
    [
        // A supervisor, and what another clause has caught before.
        """
        class Server
        {
            public void Supervise(TcpListener listener)
            {
                while (true)
                {
                    try
                    {
                        listener.Start();
                        listener.AcceptTcpClient().Dispose();
                    }
                    catch (Exception)
                    {
                        Thread.Sleep(1000);
                    }
                }
            }

            public void Start(TcpListener listener)
            {
                while (true)
                {
                    try
                    {
                        listener.Start();
                        return;
                    }
                    catch (SocketException)
                    {
                        throw;
                    }
                    catch (Exception)
                    {
                        Thread.Sleep(1000);
                    }
                }
            }
        }
        """,
        // A number of attempts, in three ways.
        """
        class Server
        {
            public void Count(TcpListener listener)
            {
                for (var attempt = 0; attempt < 10; attempt++)
                {
                    try { listener.Start(); return; }
                    catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse) { Thread.Sleep(1000); }
                }
            }

            public void CountInTheFilter(TcpListener listener)
            {
                var attempts = 0;
                while (true)
                {
                    try { listener.Start(); return; }
                    catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse && ++attempts < 10) { Thread.Sleep(1000); }
                }
            }

            public void CountInTheBlock(TcpListener listener)
            {
                var attempts = 0;
                while (true)
                {
                    try { listener.Start(); return; }
                    catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse)
                    {
                        if (attempts++ == 10)
                            throw;
                        Thread.Sleep(1000);
                    }
                }
            }
        }
        """,
        // A deadline, and cancellation.
        """
        class Server
        {
            public void Deadline(TcpListener listener, DateTime deadline)
            {
                while (true)
                {
                    try { listener.Start(); break; }
                    catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse && DateTime.UtcNow < deadline) { Thread.Sleep(1000); }
                }
            }

            public async Task Cancellation(TcpListener listener, CancellationToken cancellation)
            {
                while (true)
                {
                    try { listener.Start(); break; }
                    catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse) { await Task.Delay(1000, cancellation); }
                }
            }

            public void Watch(TcpListener listener, System.Diagnostics.Stopwatch clock)
            {
                while (true)
                {
                    try { listener.Start(); break; }
                    catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse) { }
                    if (clock.Elapsed > TimeSpan.FromSeconds(10))
                        throw new TimeoutException();
                }
            }
        }
        """,
        // What the project's own code may end.
        """
        class Server
        {
            private readonly CancellationTokenSource _stop = new();
            private int _attempts;

            private bool IsStopping { get; set; }

            public async Task Property(TcpListener listener)
            {
                while (true)
                {
                    try { listener.Start(); return; }
                    catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse && !IsStopping) { await Task.Delay(100); }
                }
            }

            public async Task Method(TcpListener listener)
            {
                while (true)
                {
                    try { listener.Start(); return; }
                    catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse && ShouldRetry()) { await Task.Delay(100); }
                }
            }

            public void Helper(TcpListener listener)
            {
                for (; ; )
                {
                    try { listener.Start(); break; }
                    catch (SocketException error) { OnFailure(error); }
                }
            }

            public void Passed(TcpListener listener, Action<Exception> failed)
            {
                while (true)
                {
                    try { listener.Start(); break; }
                    catch (SocketException error) { failed(error); }
                }
            }

            public async Task Pause(TcpListener listener)
            {
                while (true)
                {
                    try { listener.Start(); return; }
                    catch (SocketException) { await PauseAsync(); }
                }
            }

            public async Task PauseAfterwards(TcpListener listener)
            {
                while (true)
                {
                    try { listener.Start(); return; }
                    catch (SocketException) { }
                    await PauseAsync();
                }
            }

            public async Task Deadline(TcpListener listener)
            {
                while (true)
                {
                    try { listener.Start(); return; }
                    catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse && IsInTime()) { await Task.Delay(100); }
                }
            }

            public void Replaced(TcpListener listener)
            {
                while (true)
                {
                    try { listener.Start(); return; }
                    catch (SocketException error) { OnError(error); }
                }
            }

            public void Deeper(TcpListener listener)
            {
                while (true)
                {
                    try { listener.Start(); return; }
                    catch (SocketException error) { Report(error); }
                }
            }

            protected virtual void OnError(SocketException error) => Console.Error.WriteLine(error);

            private void Report(SocketException error) => OnFailure(error);

            private bool IsInTime() => DateTime.UtcNow.Hour < 7;

            private bool ShouldRetry() => ++_attempts < 10;

            private void OnFailure(SocketException error)
            {
                if (++_attempts == 30)
                    throw new InvalidOperationException("the port is taken", error);
            }

            private Task PauseAsync() => Task.Delay(1000, _stop.Token);
        }
        """,
        // The next port is another attempt.
        """
        class Server
        {
            public TcpListener Next(int port)
            {
                while (true)
                {
                    try
                    {
                        var listener = new TcpListener(IPAddress.Loopback, port);
                        listener.Start();
                        return listener;
                    }
                    catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse)
                    {
                        port++;
                    }
                }
            }
        }
        """,
        // Another port each time, wherever it is chosen.
        """
        class Server
        {
            private int _next = 8080;

            public TcpListener Counting(int port)
            {
                while (true)
                {
                    try
                    {
                        var listener = new TcpListener(IPAddress.Loopback, port++);
                        listener.Start();
                        return listener;
                    }
                    catch (SocketException)
                    {
                    }
                }
            }

            public TcpListener Drawing()
            {
                while (true)
                {
                    var port = Random.Shared.Next(10000, 20000);
                    var listener = new TcpListener(IPAddress.Loopback, port);
                    try
                    {
                        listener.Start();
                        return listener;
                    }
                    catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse)
                    {
                    }
                }
            }

            public void Bind(Socket socket)
            {
                while (true)
                {
                    _next += 1;
                    try
                    {
                        socket.Bind(new IPEndPoint(IPAddress.Loopback, _next));
                        return;
                    }
                    catch (SocketException)
                    {
                    }
                }
            }
        }
        """,
        // A server's loop, whose errors are its clients'.
        """
        class Server
        {
            public void Serve(TcpListener listener)
            {
                listener.Start();
                while (true)
                {
                    try { using var client = listener.AcceptTcpClient(); }
                    catch (SocketException error) { Console.WriteLine(error.Message); }
                }
            }

            public void Say(TcpListener listener)
            {
                try { listener.Start(); }
                catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse) { Console.WriteLine("in use"); }
            }
        }
        """,
        // The system chooses the port: what is tried again is to connect.
        """
        class Client
        {
            public async Task ConnectAsync(IPAddress source)
            {
                while (true)
                {
                    using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                    try
                    {
                        socket.Bind(new IPEndPoint(source, 0));
                        await socket.ConnectAsync("db", 5432);
                        return;
                    }
                    catch (SocketException)
                    {
                        await Task.Delay(1000);
                    }
                }
            }

            public void Resolve()
            {
                while (true)
                {
                    try
                    {
                        using var socket = new UdpClient(0);
                        socket.Connect("time", 123);
                        return;
                    }
                    catch (SocketException)
                    {
                        Thread.Sleep(1000);
                    }
                }
            }

            public async Task OfTcpClientAsync(IPAddress source)
            {
                while (true)
                {
                    try
                    {
                        using var client = new TcpClient(new IPEndPoint(source, 0));
                        await client.ConnectAsync("db", 5432);
                        return;
                    }
                    catch (SocketException)
                    {
                        await Task.Delay(1000);
                    }
                }
            }
        }
        """,
    ];

    [Theory]
    [MemberData(nameof(Found))]
    [MemberData(nameof(NotFound))]
    public Task Loop_ThatOnlyASuccessfulBindEnds_IsFound(string code) => Checked.AsMarkedAsync(code);
}

namespace Bindwise.Analyzers.Tests;

/// <summary>HttpListener, as TcpListener: BWC003, BWC006, BWC007, BWC009.</summary>
public sealed class HttpListenerTests
{
    public static TheoryData<string> Found =>
    [
        // A search for a port, and a port that is given back before the prefix has it.
        """
        static class PortDiagnostics
        {
            public static int Find()
            {
                for (var port = 5000; port < 6000; port++)
                {
                    try
                    {
                        var listener = new HttpListener();
                        listener.Prefixes.Add($"http://localhost:{{|BWC003:port|}}/");
                        listener.Start();
                        listener.Close();
                        return port;
                    }
                    catch (HttpListenerException)
                    {
                    }
                }
                return 0;
            }

            public static HttpListener Open()
            {
                var probe = new TcpListener(IPAddress.Loopback, 0);
                probe.Start();
                var port = {|BWC003:((IPEndPoint)probe.LocalEndpoint).Port|};
                probe.Stop();
                var listener = new HttpListener();
                listener.Prefixes.Add($"http://localhost:{port}/");
                listener.Start();
                return listener;
            }
        }
        """,
        """
        class Receiver
        {
            public async Task<string?> WaitAsync()
            {
                var {|BWC006:listener|} = new HttpListener();
                listener.Prefixes.Add("http://localhost:8080/");
                listener.Start();
                var context = await listener.GetContextAsync();
                return context.Request.QueryString["code"];
            }
        }

        class Owner : IDisposable
        {
            private readonly HttpListener {|BWC006:_listener|} = new();

            public void Start() => _listener.Start();

            public void Dispose() => GC.SuppressFinalize(this);
        }
        """,
        """
        class Server
        {
            public void Start(HttpListener listener, int port)
            {
                listener.Prefixes.Add({|BWC007:"http://*:8080/"|});
                listener.Prefixes.Add({|BWC009:"http://localhost:50051/"|});
                listener.Prefixes.Add({|BWC007:$"http://+:{port}/"|});
                listener.Start();
                Console.WriteLine($"http://localhost:8080 and http://localhost:{port}");
            }
        }
        """,
    ];

    public static TheoryData<string> NotFound =>
    [
        """
        class Receiver : IDisposable
        {
            private readonly HttpListener _listener = new();

            public async Task ServeAsync()
            {
                using var listener = new HttpListener { Prefixes = { "http://localhost:8080/" } };
                listener.Start();
                while (true)
                    (await listener.GetContextAsync()).Response.Close();
            }

            public void Start(int port)
            {
                _listener.Prefixes.Add($"http://localhost:{port}/");
                _listener.Start();
                _listener.BeginGetContext(result => _listener.EndGetContext(result), null);
            }

            public void Dispose() => _listener.Abort();
        }
        """,
        // The bind decides; the listener goes on.
        """
        static class Server
        {
            public static HttpListener Open()
            {
                for (var port = 5000; ; port++)
                {
                    var listener = new HttpListener();
                    listener.Prefixes.Add($"http://localhost:{port}/");
                    try { listener.Start(); return listener; }
                    catch (HttpListenerException) { listener.Close(); }
                }
            }
        }
        """,
    ];

    [Theory]
    [MemberData(nameof(Found))]
    [MemberData(nameof(NotFound))]
    public Task HttpListener_IsAListener(string code) => Checked.AsMarkedAsync(code);
}

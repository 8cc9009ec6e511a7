namespace Bindwise.Analyzers.Tests;

/// <summary>BWC004.</summary>
public sealed class LingerZeroTests
{
    public static TheoryData<string> Found =>
    [
        """
        class Server
        {
            public async Task RunAsync(TcpListener listener, CancellationToken cancellation)
            {
                while (!cancellation.IsCancellationRequested)
                {
                    using var client = await listener.AcceptTcpClientAsync(cancellation);
                    {|BWC004:client.LingerState = new LingerOption(true, 0)|};
                    await client.GetStream().WriteAsync(new byte[1], cancellation);
                }
            }
        }
        """,
        """
        class Server
        {
            public void Serve(Socket listener)
            {
                var socket = listener.Accept();
                {|BWC004:socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Linger, new LingerOption(true, 0))|};
                socket.Close();
            }
        }
        """,
        """
        class Server
        {
            public void Run()
            {
                using var listener = new TcpListener(IPAddress.Any, 8080);
                {|BWC004:listener.Server.LingerState = new LingerOption(true, 0)|};
                listener.Start();
            }
        }
        """,
        """
        class Server
        {
            public async Task RunAsync(TcpListener listener)
            {
                while (true)
                {
                    var client = await listener.AcceptTcpClientAsync();
                    _ = Task.Run(() => Handle(client));
                }
            }

            private void Handle(TcpClient client)
            {
                var atOnce = new LingerOption(true, 0);
                {|BWC004:client.LingerState = atOnce|};
                client.Close();
            }
        }
        """,
        // Connections from a stream of them.
        """
        static class Server
        {
            public static async Task RunAsync(Socket listener)
            {
                await foreach (var client in AcceptAllAsync(listener))
                {
                    {|BWC004:client.LingerState = new LingerOption(true, 0)|};
                    client.Dispose();
                }
                await foreach (var client in AcceptAllAsync(listener).ConfigureAwait(false))
                    {|BWC004:client.LingerState = new LingerOption(true, 0)|};
            }

            public static async IAsyncEnumerable<Socket> AcceptAllAsync(Socket listener)
            {
                while (true)
                    yield return await listener.AcceptAsync();
            }
        }
        """,
    ];

    public static TheoryData<string> NotFound =>
    [
        // A client that wants no TIME_WAIT of its own.
        """
        class Client
        {
            public void Send(string host)
            {
                using var client = new TcpClient(host, 80);
                client.LingerState = new LingerOption(true, 0);
            }
        }
        """,
        """
        class Server
        {
            public void Serve(TcpListener listener, bool overloaded)
            {
                using var client = listener.AcceptTcpClient();
                client.LingerState = new LingerOption(true, 5);
                client.LingerState = new LingerOption(false, 0);
                if (overloaded)
                    client.LingerState = new LingerOption(true, 0);
                try
                {
                    client.GetStream().ReadByte();
                }
                catch (IOException)
                {
                    client.LingerState = new LingerOption(true, 0);
                }
            }

            private void Abort(Socket socket) => socket.LingerState = new LingerOption(true, 0);
        }
        """,
        // Taken back once all is written.
        """
        class Server
        {
            public async Task RunAsync(TcpListener listener, byte[] data)
            {
                using var client = await listener.AcceptTcpClientAsync();
                client.LingerState = new LingerOption(true, 0);
                await client.GetStream().WriteAsync(data);
                client.LingerState = new LingerOption(false, 0);
            }
        }
        """,
        // Called for clients, too.
        """
        class Both
        {
            public void Run(TcpListener listener)
            {
                using var accepted = listener.AcceptTcpClient();
                using var client = new TcpClient("host", 80);
                Prepare(accepted);
                Prepare(client);
            }

            private static void Prepare(TcpClient client) => client.LingerState = new LingerOption(true, 0);
        }
        """,
    ];

    [Theory]
    [MemberData(nameof(Found))]
    [MemberData(nameof(NotFound))]
    public Task LingerOfZero_OnWhatAServerAccepted_IsFound(string code) => Checked.AsMarkedAsync(code);
}

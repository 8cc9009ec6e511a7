using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Bindwise.Kestrel.Benchmarks;

/// <summary>One of the two servers, in a process of its own.</summary>
internal sealed class Server : IAsyncDisposable
{
    private readonly Process _process;

    private Server(Process process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Port { get; }

    /// <summary>The CPU time that it has used.</summary>
    public TimeSpan Processor
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static async Task<Server> StartAsync(string manner, int port)
    {
        var process = Process.Start(Environment.ProcessPath!, [typeof(Server).Assembly.Location, "serve", manner, port.ToString(CultureInfo.InvariantCulture)]);
        for (var attempt = 0; ; attempt++)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync("127.0.0.1", port);
                return new Server(process, port);
            }
            catch (SocketException) when (attempt < 300)
            {
                await Task.Delay(100);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Bindwise.Kestrel.Benchmarks;

/// <summary>
/// The two servers, in one process: two processes differ by more than what is measured here (when which code was compiled, where it lies, how
/// many threads the pool has), and by another amount each time.
/// </summary>
internal sealed class Servers : IAsyncDisposable
{
    public const string Plain = "plain";
    public const string With = "bindwise";

    private readonly Process _process;

    private Servers(Process process, int plainPort, int withPort)
    {
        _process = process;
        PlainPort = plainPort;
        WithPort = withPort;
    }

    public int PlainPort { get; }

    public int WithPort { get; }

    /// <summary>The CPU time that their process has used.</summary>
    public TimeSpan Processor
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts them, in this order or the other, on these ports or with the ports changed.</summary>
    /// <param name="plainFirst">The server without the package starts first.</param>
    /// <param name="otherPorts">The ports are changed.</param>
    /// <param name="isControl">The second server is without the package as well: what differs then is chance.</param>
    public static async Task<Servers> StartAsync(bool plainFirst, bool otherPorts, bool isControl)
    {
        var (plainPort, withPort) = otherPorts ? (8081, 8080) : (8080, 8081);
        string[] plain = [Plain, plainPort.ToString(CultureInfo.InvariantCulture)];
        string[] with = [isControl ? Plain : With, withPort.ToString(CultureInfo.InvariantCulture)];
        var process = Process.Start(Environment.ProcessPath!, [typeof(Servers).Assembly.Location, "serve", .. plainFirst ? plain : with, .. plainFirst ? with : plain]);
        await WaitForAsync(plainPort);
        await WaitForAsync(withPort);
        return new Servers(process, plainPort, withPort);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task WaitForAsync(int port)
    {
        for (var attempt = 0; ; attempt++)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync("127.0.0.1", port);
                return;
            }
            catch (SocketException) when (attempt < 300)
            {
                await Task.Delay(100);
            }
        }
    }
}

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
    public const int PlainPort = 8080;
    public const int WithPort = 8081;

    private readonly Process _process;

    private Servers(Process process) => _process = process;

    /// <summary>The CPU time that their process has used.</summary>
    public TimeSpan Processor
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static async Task<Servers> StartAsync(bool plainFirst)
    {
        string[] plain = [Plain, Text(PlainPort)];
        string[] with = [With, Text(WithPort)];
        var servers = new Servers(Process.Start(Environment.ProcessPath!, [typeof(Servers).Assembly.Location, "serve", .. plainFirst ? [.. plain, .. with] : (string[])[.. with, .. plain]]));
        await WaitForAsync(PlainPort);
        await WaitForAsync(WithPort);
        return servers;
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

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Bindwise.Dashboard.Hosting;
using Bindwise.Dashboard.Serving;

namespace Bindwise.Fleet.Tests;

/// <summary>A server in the network namespace of a test's body.</summary>
internal sealed class ServerOfTest : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly DashboardServer _server;

    private ServerOfTest(DashboardServer server)
    {
        _server = server;
        Http = new HttpClient { BaseAddress = new Uri(server.Address), Timeout = Patience };
    }

    /// <summary>Asks it.</summary>
    public HttpClient Http { get; }

    /// <summary>Starts it.</summary>
    /// <param name="change">Other settings than the usual ones.</param>
    /// <param name="tell">Is given the lines for whoever runs it; null where there are none to come.</param>
    public static async Task<ServerOfTest> StartAsync(Func<ServeSettings, ServeSettings>? change = null, Action<string>? tell = null)
    {
        var settings = new ServeSettings { RecordDirectory = "/nonexistent", Version = "1.2.3" };
        settings = change?.Invoke(settings) ?? settings;
        return new ServerOfTest(await DashboardServer.StartAsync(settings, AccessRules.Read(settings, out _)!, tell ?? (static line => throw new InvalidOperationException(line))).ConfigureAwait(false));
    }

    /// <summary>The status, and the JSON of the answer.</summary>
    public async Task<(int Status, JsonElement Body)> AskAsync(string path)
    {
        using var answer = await Http.GetAsync(path).ConfigureAwait(false);
        var text = await answer.Content.ReadAsStringAsync().ConfigureAwait(false);
        return ((int)answer.StatusCode, JsonDocument.Parse(text).RootElement);
    }

    /// <summary>The same, asked again while it takes the server longer than it waits for Prometheus: on a busy machine that says nothing of either.</summary>
    public async Task<(int Status, JsonElement Body)> AskInTimeAsync(string path)
    {
        for (var began = Stopwatch.StartNew(); ; await Task.Delay(100).ConfigureAwait(false))
        {
            if (await AskAsync(path).ConfigureAwait(false) is var answer && (answer.Status != 504 || began.Elapsed > Patience))
                return answer;
        }
    }

    /// <summary>
    /// The text of /metrics. While the server has no look at the host, or an old one, it says so, and is asked again, as Prometheus would: on a busy
    /// machine a look may take that long.
    /// </summary>
    public async Task<string> ScrapeAsync()
    {
        for (var began = Stopwatch.StartNew(); ; await Task.Delay(100).ConfigureAwait(false))
        {
            using var answer = await Http.GetAsync("metrics").ConfigureAwait(false);
            if (answer.StatusCode is not (HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout) || began.Elapsed > Patience)
                return await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The samples of /metrics, by name and labels as they stand there.</summary>
    public async Task<Dictionary<string, double>> MetricsAsync()
    {
        var text = await ScrapeAsync().ConfigureAwait(false);
        return text.Split('\n').Where(static line => line.Length > 0 && line[0] != '#').ToDictionary(
            static line => line[..line.LastIndexOf(' ')], static line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _server.DisposeAsync().ConfigureAwait(false);
    }
}

/// <summary>A server that answers each HTTP request with the same bytes, whatever they are; null for never.</summary>
internal sealed class RawServer : IDisposable
{
    private readonly TcpListener _listener;
    private readonly Task _after;
    private readonly byte[]? _answer;
    private readonly List<string> _requests = [];

    // Nothing else refers to a connection that is never answered, and a collected one is closed.
    private readonly List<TcpClient> _clients = [];

    /// <summary>Starts it.</summary>
    /// <param name="answer">The bytes, as UTF-8.</param>
    /// <param name="port">On 127.0.0.1; 0 for any.</param>
    /// <param name="after">Nothing is answered before this has ended; null for at once.</param>
    public RawServer(string? answer, int port = 0, Task? after = null)
    {
        _after = after ?? Task.CompletedTask;
        _listener = new TcpListener(IPAddress.Loopback, port);
        _answer = answer is null ? null : Encoding.UTF8.GetBytes(answer);
        _listener.Start();
        Address = new Uri($"http://{_listener.LocalEndpoint}/");
        _ = AcceptAsync();
    }

    public Uri Address { get; }

    /// <summary>What was asked, heads and bodies, byte by byte as Latin-1.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_requests)
                return [.. _requests];
        }
    }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                var client = await _listener.AcceptTcpClientAsync().ConfigureAwait(false);
                _clients.Add(client);
                _ = AnswerAsync(client);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            var stream = client.GetStream();
            var buffer = new byte[1 << 20];
            var length = 0;
            var request = "";
            while (!IsWhole(request) && await stream.ReadAsync(buffer.AsMemory(length)).ConfigureAwait(false) is > 0 and var more)
                request = Encoding.Latin1.GetString(buffer, 0, length += more);
            lock (_requests)
                _requests.Add(request);
            try
            {
                if (_answer is null)
                    await Task.Delay(Timeout.Infinite).ConfigureAwait(false);
                await _after.ConfigureAwait(false);
                await stream.WriteAsync(_answer).ConfigureAwait(false);
            }
            catch (IOException)
            {
                // Who asked has gone.
                client.Close();
            }
        }
    }

    private static bool IsWhole(string request)
    {
        var end = request.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
            return false;
        var at = request.IndexOf("Content-Length: ", StringComparison.OrdinalIgnoreCase);
        return at < 0 || request.Length >= end + 4 + int.Parse(request[(at + 16)..request.IndexOf('\r', at)], System.Globalization.CultureInfo.InvariantCulture);
    }
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Bindwise.AspNetCore.Tests.HandingOver;

/// <summary>
/// HTTP/1.1 clients without mercy: they try nothing twice, and a connection that ends without the answer is a fault. One kind makes a connection for
/// each request, the other keeps its connection until the server says <c>Connection: close</c>.
/// </summary>
internal sealed class WebClients : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<string, int> _names = new();
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly Task _running;
    private int _answered;
    private int _rest;

    public WebClients(EndPoint server, int each = 2) =>
        _running = Task.WhenAll(Enumerable.Range(0, 2 * each).Select(number => Task.Run(() => RunAsync(server, keeps: number % 2 == 0))));

    public int Answered => Volatile.Read(ref _answered);

    /// <summary>How long each of them rests after an answer, in milliseconds: while a test waits, the processors are for others.</summary>
    public int RestMilliseconds
    {
        get => Volatile.Read(ref _rest);
        set => Volatile.Write(ref _rest, value);
    }

    public IEnumerable<string> Names => _names.Keys;

    public IReadOnlyCollection<string> Faults => _faults;

    /// <summary>Waits for so many more answers.</summary>
    public async Task AnsweredAsync(int more)
    {
        var wanted = Answered + more;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (Answered < wanted)
            Assert.True(await timer.WaitForNextTickAsync(limit.Token));
    }

    /// <summary>Ends them; each finishes what it has begun.</summary>
    public async Task EndAsync()
    {
        await _end.CancelAsync();
        await _running;
    }

    public void Dispose() => _end.Dispose();

    private async Task RunAsync(EndPoint server, bool keeps)
    {
        var request = Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: app\r\n{(keeps ? "" : "Connection: close\r\n")}\r\n");
        while (!_end.IsCancellationRequested)
        {
            var asked = 0;
            try
            {
                using var client = new Socket(server.AddressFamily, SocketType.Stream, server is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
                await client.ConnectAsync(server).WaitAsync(TimeSpan.FromMinutes(4));
                for (var isLast = false; !isLast && !_end.IsCancellationRequested; asked++)
                {
                    await client.SendAsync(request);
                    var answer = await ReadAsync(client).WaitAsync(TimeSpan.FromMinutes(4));
                    if (!answer.StartsWith("HTTP/1.1 200", StringComparison.Ordinal))
                    {
                        _faults.Enqueue($"'{answer}' to request {asked} of a connection");
                        break;
                    }
                    isLast = answer.Contains("Connection: close", StringComparison.OrdinalIgnoreCase);
                    _names.AddOrUpdate(answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..], 1, static (_, count) => count + 1);
                    Interlocked.Increment(ref _answered);
                    if (RestMilliseconds is > 0 and var rest)
                        await Task.Delay(rest);
                }
            }
            catch (SocketException exception)
            {
                _faults.Enqueue($"{exception.SocketErrorCode} at request {asked} of a connection");
                await Task.Delay(5);
            }
        }
    }

    // Whole answers of Kestrel with a short body: a chunk, or what Content-Length says.
    private static async Task<string> ReadAsync(Socket client)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (true)
        {
            var length = await client.ReceiveAsync(buffer);
            text.Append(Encoding.ASCII.GetString(buffer, 0, length));
            var answer = text.ToString();
            var body = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
            if (length == 0 || (body > 4 && answer.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal)))
                return Dechunked(answer, body);
            var sized = answer.IndexOf("Content-Length: ", StringComparison.OrdinalIgnoreCase);
            if (body > 4 && sized > 0 && answer.Length - body >= int.Parse(answer.AsSpan(sized + 16, answer.IndexOf('\r', sized) - sized - 16), System.Globalization.CultureInfo.InvariantCulture))
                return answer;
        }
    }

    private static string Dechunked(string answer, int body) =>
        answer.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal) ? answer[..body] + answer[body..].Split("\r\n")[1] : answer;
}

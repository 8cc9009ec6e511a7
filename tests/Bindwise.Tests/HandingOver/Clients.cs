using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Bindwise.Tests.HandingOver;

/// <summary>Clients that connect, ask and read the answer, one connection after the other, and what came of them.</summary>
internal sealed class Clients : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<string, int> _answers = new();
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly Task _running;
    private int _answered;

    internal Clients(EndPoint server, int count = 4) => _running = Task.WhenAll(Enumerable.Range(0, count).Select(_ => Task.Run(() => RunAsync(server))));

    internal int Answered => Volatile.Read(ref _answered);

    /// <summary>Who has answered.</summary>
    internal IEnumerable<string> Names => _answers.Keys;

    /// <summary>What has failed.</summary>
    internal IReadOnlyCollection<string> Faults => _faults;

    /// <summary>What one new connection gets.</summary>
    internal static async Task<string> AskAsync(EndPoint server, CancellationToken cancellation = default)
    {
        using var client = server is IPEndPoint ip ? new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp) : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(server, cancellation);
        await client.SendAsync("?"u8.ToArray(), cancellation);
        var answer = new StringBuilder();
        var buffer = new byte[64];
        while (await client.ReceiveAsync(buffer, cancellation) is > 0 and var length)
            answer.Append(Encoding.ASCII.GetString(buffer, 0, length));
        return answer.ToString().TrimEnd('\n');
    }

    /// <summary>Waits for so many more answers.</summary>
    internal async Task AnsweredAsync(int more)
    {
        var wanted = Answered + more;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (Answered < wanted)
            Assert.True(await timer.WaitForNextTickAsync(limit.Token));
    }

    /// <summary>Ends them; each finishes what it has begun.</summary>
    internal async Task EndAsync()
    {
        await _end.CancelAsync();
        await _running;
    }

    public void Dispose() => _end.Dispose();

    private async Task RunAsync(EndPoint server)
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                var name = await AskAsync(server).WaitAsync(TimeSpan.FromMinutes(4));
                if (name.Length == 0)
                    _faults.Enqueue("no answer");
                _answers.AddOrUpdate(name, 1, static (_, count) => count + 1);
                Interlocked.Increment(ref _answered);
            }
            catch (SocketException exception)
            {
                _faults.Enqueue(exception.SocketErrorCode.ToString());
                await Task.Delay(5);
            }
        }
    }
}

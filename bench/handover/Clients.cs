using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Bindwise.HandingOver.Benchmarks;

/// <summary>
/// Four clients that never pause and try nothing twice. Two connect for every request; two keep their connection until an answer says
/// <c>Connection: close</c>. They end when their input does, and print what came of it.
/// </summary>
internal static class Clients
{
    private const int Count = 4;
    private static readonly byte[] Kept = Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    private static readonly byte[] Closed = Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

    /// <summary>Runs them.</summary>
    public static async Task RunAsync()
    {
        using var end = new CancellationTokenSource();
        var running = Enumerable.Range(0, Count).Select(number => Task.Run(() => RunAsync(number % 2 == 0, end.Token))).ToList();
        Console.WriteLine("ready");
        await Console.In.ReadToEndAsync();
        await end.CancelAsync();
        var tallies = await Task.WhenAll(running);
        Console.WriteLine(JsonSerializer.Serialize(new Dictionary<string, long>
        {
            ["connections"] = tallies.Sum(static one => one.Connections),
            ["answers"] = tallies.Sum(static one => one.Answers),
            ["refused"] = tallies.Sum(static one => one.Refused),
            ["reset"] = tallies.Sum(static one => one.Reset),
            ["unanswered"] = tallies.Sum(static one => one.Unanswered),
            ["longestMilliseconds"] = (long)tallies.Max(static one => one.Longest).TotalMilliseconds,
        }));
    }

    private static async Task<Tally> RunAsync(bool keeps, CancellationToken end)
    {
        var tally = new Tally();
        var buffer = new byte[4096];
        while (!end.IsCancellationRequested)
        {
            try
            {
                using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                var began = Stopwatch.GetTimestamp();
                await client.ConnectAsync(Servers.Address, CancellationToken.None);
                tally.Connections++;
                for (var isLast = false; !isLast && !end.IsCancellationRequested; began = Stopwatch.GetTimestamp())
                {
                    await client.SendAsync(keeps ? Kept : Closed);
                    var answer = await ReadAsync(client, buffer);
                    if (answer.Length == 0)
                    {
                        tally.Unanswered++;
                        break;
                    }
                    tally.Answers++;
                    tally.Longest = TimeSpan.FromTicks(Math.Max(tally.Longest.Ticks, Stopwatch.GetElapsedTime(began).Ticks));
                    isLast = !keeps || answer.Contains("Connection: close", StringComparison.OrdinalIgnoreCase);
                }
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
            {
                tally.Refused++;
                // Nobody listens: as fast as a person's browser would be too slow for the count, as fast as possible would be all of it.
                await Task.Delay(5, CancellationToken.None);
            }
            catch (SocketException)
            {
                tally.Reset++;
            }
        }
        return tally;
    }

    // Kestrel's answer to the one request: chunked, or with a length.
    private static async Task<string> ReadAsync(Socket client, byte[] buffer)
    {
        for (var length = 0; ;)
        {
            var got = await client.ReceiveAsync(buffer.AsMemory(length));
            length += got;
            var answer = Encoding.ASCII.GetString(buffer, 0, length);
            if (answer.EndsWith("hello", StringComparison.Ordinal) || answer.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal))
                return answer;
            if (got == 0)
                return "";
        }
    }

    private sealed class Tally
    {
        public long Connections { get; set; }

        public long Answers { get; set; }

        public long Refused { get; set; }

        public long Reset { get; set; }

        public long Unanswered { get; set; }

        public TimeSpan Longest { get; set; }
    }
}

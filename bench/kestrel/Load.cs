using System.Net;
using System.Net.Sockets;

namespace Bindwise.Kestrel.Benchmarks;

/// <summary>Clients that ask as fast as they are answered, over bare sockets: on two cores a heavier client would measure itself.</summary>
internal static class Load
{
    private const int Clients = 16;

    private static readonly byte[] KeptAlive = "GET / HTTP/1.1\r\nHost: bench\r\n\r\n"u8.ToArray();
    private static readonly byte[] Once = "GET / HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n"u8.ToArray();

    /// <summary>How many requests were answered, and in how many seconds.</summary>
    public static async Task<(long Answered, double Seconds)> MeasureAsync(int port, bool keepAlive, TimeSpan time)
    {
        var began = TimeProvider.System.GetTimestamp();
        using var end = new CancellationTokenSource(time);
        // Each client has a destination of its own, so that ports in TIME_WAIT do not run out.
        var counts = await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(() => AskAsync(new IPEndPoint(IPAddress.Parse($"127.0.0.{client + 1}"), port), keepAlive, end.Token))));
        return (counts.Sum(), TimeProvider.System.GetElapsedTime(began).TotalSeconds);
    }

    private static async Task<long> AskAsync(IPEndPoint server, bool keepAlive, CancellationToken end)
    {
        var buffer = new byte[4096];
        long answered = 0;
        while (!end.IsCancellationRequested)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(server, CancellationToken.None);
            do
            {
                await socket.SendAsync(keepAlive ? KeptAlive : Once, CancellationToken.None);
                await ReadAnswerAsync(socket, buffer, untilClosed: !keepAlive);
                answered++;
            }
            while (keepAlive && !end.IsCancellationRequested);
        }
        return answered;
    }

    private static async Task ReadAnswerAsync(Socket socket, byte[] buffer, bool untilClosed)
    {
        var have = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(have), CancellationToken.None);
            have += read;
            if (read == 0 || (!untilClosed && IsWhole(buffer.AsSpan(0, have))))
            {
                if (!buffer.AsSpan(0, have).StartsWith("HTTP/1.1 200"u8))
                    throw new InvalidOperationException("The server did not answer 200.");
                return;
            }
        }
    }

    // "hello" comes as one chunk, and after it the empty one.
    private static bool IsWhole(ReadOnlySpan<byte> answer) => answer.EndsWith("\r\n0\r\n\r\n"u8);
}

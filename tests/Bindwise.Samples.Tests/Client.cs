using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Bindwise.Samples.Tests;

/// <summary>A client of the samples, on port 8080 of this host.</summary>
internal static class Client
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(180);

    /// <summary>Connects as soon as somebody listens.</summary>
    internal static async Task<Socket> ConnectAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, 8080, limit.Token);
                return client;
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
            {
                client.Dispose();
                _ = await timer.WaitForNextTickAsync(limit.Token);
            }
        }
    }

    /// <summary>Sends a line where there is one, reads until the server closes, and closes after it.</summary>
    internal static async Task<string> AskAsync(string? question = null)
    {
        using var client = await ConnectAsync();
        using var limit = new CancellationTokenSource(Limit);
        if (question is not null)
            await client.SendAsync(Encoding.ASCII.GetBytes(question), limit.Token);
        var answer = new StringBuilder();
        var buffer = new byte[512];
        while (await client.ReceiveAsync(buffer, limit.Token) is > 0 and var length)
            answer.Append(Encoding.ASCII.GetString(buffer, 0, length));
        return answer.ToString();
    }
}

using System.Net.Sockets;

namespace Bindwise.Listeners.Manners;

/// <summary>A way in which people make a server listen.</summary>
internal interface IManner
{
    /// <summary>Listens, and serves each client one answer.</summary>
    Task<Listening> ListenAsync(Wanted wanted);
}

/// <summary>A server that listens.</summary>
/// <param name="Where">Its addresses, as it tells them.</param>
/// <param name="Owned">What it is closed by.</param>
internal sealed record Listening(IReadOnlyList<string> Where, IReadOnlyList<IDisposable> Owned) : IDisposable
{
    /// <summary>Serves on sockets that listen: reads once, answers with its process id, and closes first.</summary>
    internal static Listening Serve(IReadOnlyList<Socket> sockets, Action<Socket>? onClient = null, params IReadOnlyList<IDisposable> more)
    {
        foreach (var socket in sockets.Where(static one => one.SocketType == SocketType.Stream))
            _ = AnswerAsync(socket, onClient);
        return new Listening([.. sockets.Select(static one => $"{(one.SocketType == SocketType.Dgram ? "udp " : "")}{one.LocalEndPoint}")], [.. sockets, .. more]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var one in Owned)
            one.Dispose();
    }

    private static async Task AnswerAsync(Socket listener, Action<Socket>? onClient)
    {
        var question = new byte[1024];
        var answer = System.Text.Encoding.ASCII.GetBytes($"{Environment.ProcessId}\n");
        while (true)
        {
            try
            {
                using var client = await listener.AcceptAsync();
                onClient?.Invoke(client);
                _ = await client.ReceiveAsync(question);
                _ = await client.SendAsync(answer);
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
            {
                // The client has gone: the next one.
                continue;
            }
            catch (Exception exception) when (exception is ObjectDisposedException or SocketException)
            {
                return;
            }
        }
    }
}

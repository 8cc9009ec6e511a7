using System.Net.Sockets;

namespace Bindwise.Testing;

/// <summary>One request of HTTP/1.1 on a connection that stays open (RFC 9112).</summary>
internal static class HttpExchange
{
    private const int MostHeaderBytes = 64 * 1024;

    /// <summary>Asks, and reads the answer's header; a body that follows stays to be read.</summary>
    /// <exception cref="IOException">The server closed the connection, or what it answers is not HTTP.</exception>
    public static async Task GetAsync(Socket socket, string path, CancellationToken cancellationToken)
    {
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"), cancellationToken)
            .ConfigureAwait(false);
        var buffer = new byte[MostHeaderBytes];
        for (var length = 0; length < buffer.Length;)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
            if (received == 0)
                throw new IOException(
                    $"The program closed the connection {(length == 0 ? "without an answer" : "within its answer")} to GET {path}.");
            length += received;
            var text = buffer.AsMemory(0, length);
            if (length >= 5 && !text.Span.StartsWith("HTTP/"u8))
                throw new IOException($"The program's answer to GET {path} is not HTTP.");
            if (text.Span.IndexOf("\r\n\r\n"u8) >= 0)
                return;
        }
        throw new IOException($"The header of the answer to GET {path} is longer than 64 KiB.");
    }
}

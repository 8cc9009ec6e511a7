using System.Net.Sockets;

namespace Bindwise.AspNetCore.Tests;

/// <summary>HTTP over a UNIX socket.</summary>
internal static class UnixClient
{
    public static async Task<string> GetAsync(string path)
    {
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var client = new HttpClient(handler) { Timeout = TimeSpan.FromMinutes(4) };
        return await client.GetStringAsync(new Uri("http://app/"));
    }
}

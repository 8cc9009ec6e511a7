using System.Net;
using System.Net.Sockets;
using IsolatedProcess;

namespace Bindwise.Tests.Connecting;

/// <summary>The examples of docs/outgoing.md, run.</summary>
public sealed class PageExampleTests
{
    [IsolatedFact]
    public Task Examples_OfOutgoing_Run() => Body.RunAsync(static async () =>
    {
        using var listener = new TcpListener(IPAddress.Loopback, 8080);
        listener.Start();
        await PlainAsync();
        using var accepted = await listener.AcceptSocketAsync();
        Assert.True(accepted.Connected);
        await HandlerAsync();
        await FailingAsync(new IPEndPoint(IPAddress.Loopback, 8080));
    });

    private static async Task PlainAsync()
    {
        using var connector = new OutgoingConnector();
        using var socket = await connector.ConnectAsync(new DnsEndPoint("localhost", 8080));
        Assert.True(socket.Connected);
    }

    private static async Task HandlerAsync()
    {
        using var connector = new OutgoingConnector(new OutgoingOptions { Sources = [IPAddress.Parse("127.0.0.2"), IPAddress.Parse("127.0.0.3")] });
        using var handler = new SocketsHttpHandler { ConnectCallback = connector.ConnectHttpAsync };
        using var client = new HttpClient(handler);
        await Assert.ThrowsAsync<HttpRequestException>(async () => await client.GetStringAsync(new Uri("http://127.0.0.1:1/")));
    }

    private static async Task FailingAsync(IPEndPoint database)
    {
        using var connector = new OutgoingConnector(new OutgoingOptions { Sources = [IPAddress.Parse("192.0.2.1")] });
        try
        {
            using var another = await connector.ConnectAsync(database);
        }
        catch (ConnectException exception)
        {
            Console.WriteLine(exception.Message);
        }
    }
}

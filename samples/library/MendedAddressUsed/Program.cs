// The server of samples/AddressUsed, fixed: it keeps its clients' connections until Ctrl+C ends it, and them, and the same command
// starts again at once, while they are still there or in TIME_WAIT.
using System.Net;
using System.Net.Sockets;
using Bindwise;

try
{
    var port = PortPolicy.Parse(args.Length > 0 ? args[0] : "8080");
    using var listener = Listener.Bind(ListenRequest.On(IPAddress.Any, port));
    Console.WriteLine($"listening on {listener.Sockets[0].LocalEndPoint}; connect, then press Ctrl+C");

    // Held until the end: a collected connection would be closed before Ctrl+C closes it.
    var connections = new List<Socket>();
    while (true)
    {
        connections.Add(await listener.AcceptAsync());
        try
        {
            await connections[^1].SendAsync("hello\n"u8.ToArray());
        }
        catch (SocketException exception)
        {
            // This client has gone; the server has not.
            Console.WriteLine($"a client: {exception.Message}");
        }
    }
}
catch (BindException exception)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}
catch (FormatException exception)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 2;
}

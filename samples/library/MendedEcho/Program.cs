// The echo server of samples/EchoOnce, fixed: it echoes one message and closes first, and its second run within a minute works.
using System.Net;
using Bindwise;

try
{
    var port = PortPolicy.Parse(args.Length > 0 ? args[0] : "8080");
    using var listener = Listener.Bind(ListenRequest.On(IPAddress.Any, port));
    Console.WriteLine($"listening on {listener.Sockets[0].LocalEndPoint}, echoing one message");

    using (var connection = await listener.AcceptAsync())
    {
        var message = new byte[512];
        var length = await connection.ReceiveAsync(message);
        await connection.SendAsync(message.AsMemory(0, length));
    }

    Console.WriteLine("echoed, closed first");
    return 0;
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

// The broken server of samples/ServerBroken, fixed: it still serves one client and closes first, and the same command starts
// again at once, over its own TIME_WAIT. Where the port is taken, it says by whom.
using System.Net;
using Bindwise;

try
{
    var port = PortPolicy.Parse(args.Length > 0 ? args[0] : "8080");
    using var listener = Listener.Bind(ListenRequest.On(IPAddress.Any, port));
    Console.WriteLine($"listening on {listener.Sockets[0].LocalEndPoint}, waiting for one client");

    using (var connection = await listener.AcceptAsync())
        await connection.SendAsync("hello\n"u8.ToArray());

    Console.WriteLine("closed first: start me again, bind() works over my own TIME_WAIT");
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

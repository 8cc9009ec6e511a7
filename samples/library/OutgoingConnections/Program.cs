// Connections from one source address to several destinations: each destination gets the address's whole range of ports.
// Arguments: the source address, how many connections, and the destinations. Prints how many source ports each of them uses.
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Bindwise;

if (args.Length < 3 || !IPAddress.TryParse(args[0], out var source) || !int.TryParse(args[1], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
    || !args[2..].All(static one => IPEndPoint.TryParse(one, out _)))
{
    await Console.Error.WriteLineAsync("usage: OutgoingConnections SOURCE COUNT ADDRESS:PORT...");
    return 2;
}
var destinations = args[2..].Select(IPEndPoint.Parse).ToList();
using var connector = new OutgoingConnector(new OutgoingOptions { Sources = [source] });
var open = new List<Socket>();
try
{
    for (var number = 0; number < count; number++)
        open.Add(await connector.ConnectAsync(destinations[number % destinations.Count]));
    foreach (var one in connector.ReadPressure())
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{one.Used} of {one.Available} source ports of {one.LocalAddress} are used for {one.RemoteEndPoint}"));
    return 0;
}
catch (SocketException exception)
{
    // For want of a port it is a ConnectException, whose message says who uses the ports.
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}
finally
{
    open.ForEach(static one => one.Dispose());
}

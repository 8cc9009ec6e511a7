// A parent that keeps the port while its child restarts: connections wait for the next child, and none is refused.
// Arguments: the port, then the program (which takes the socket 'web', as samples/library/FromSystemd does) and its arguments.
using System.Net;
using Bindwise;

if (args.Length < 2 || !OperatingSystem.IsLinux())
{
    await Console.Error.WriteLineAsync("usage (Linux): KeepsThePort PORT PROGRAM [ARGUMENT...]");
    return 2;
}
try
{
    using var listener = Listener.Bind(ListenRequest.On(IPAddress.Loopback, PortPolicy.Parse(args[0])));
    var request = new HandOverRequest { Program = args[1], Arguments = [.. args[2..]], Sockets = HandedSocket.Of(listener, "web") };
    while (true)
    {
        var child = HandOver.Start(request);
        Console.WriteLine($"started {child.Id}");
        var exitCode = await child.Ended;
        Console.WriteLine($"{child.Id} ended with {exitCode}");
        if (exitCode == 0)
            return 0;
        // A child that fails at its start would take a processor for itself; clients wait meanwhile.
        await Task.Delay(TimeSpan.FromMilliseconds(100));
    }
}
catch (Exception exception) when (exception is BindException or IOException)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}
catch (FormatException exception)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 2;
}

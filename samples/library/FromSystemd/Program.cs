// A server that takes its socket from systemd (or samples/library/KeepsThePort) and, started by hand, binds it itself. docs/taking-over.md has the
// units. Try it without systemd as service manager:
//   systemd-socket-activate -l 127.0.0.1:8080 --fdname=web dotnet FromSystemd.dll
using System.Net;
using System.Net.Sockets;
using Bindwise;

try
{
    var plan = new SocketActivationOptions
    {
        Listeners = [new NamedListenRequest { Request = ListenRequest.On(IPAddress.Loopback, 8080), Name = "web" }],
        // A wrapper script that does not exec stands between: LISTEN_PID is the script's. That is no reason to listen elsewhere.
        ListenPidMismatch = args.Contains("--behind-wrapper") ? ListenPidMismatch.Take : ListenPidMismatch.Refuse,
    };
    var taken = await SocketActivation.ListenAsync(plan);
    await using var web = taken.Listeners[0].Listener;
    Console.WriteLine($"listening on {web.Sockets[0].LocalEndPoint}, {(taken.Listeners[0].PassedSockets > 0 ? "passed" : "bound here")}");
    foreach (var difference in taken.Listeners[0].Differences)
        Console.WriteLine(difference);
    // For a unit with Type=notify, and for a parent that waits for it; nothing otherwise.
    _ = ServiceNotifier.Ready();

    var clients = args.Contains("--once") ? 1 : int.MaxValue;
    for (var client = 0; client < clients; client++)
    {
        using var connection = await web.AcceptAsync();
        try
        {
            await connection.SendAsync("hello\n"u8.ToArray());
        }
        catch (SocketException exception)
        {
            // This client has gone; the server has not.
            Console.WriteLine($"a client: {exception.Message}");
        }
    }
    return 0;
}
catch (Exception exception) when (exception is SocketActivationException or BindException)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}

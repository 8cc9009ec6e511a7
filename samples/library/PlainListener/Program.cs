// A server without the package, as anybody writes it: one connection after the other, and on SIGTERM it disposes of its listener. Then .NET ends an
// accept() that is under way by connect() with AF_UNSPEC, after which the socket listens for nobody. The tests of bindwise run --hold start it.
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

if (args is not [var port, .. var rest] || rest is not ([] or ["--async"]))
{
    Console.Error.WriteLine("usage: PlainListener PORT [--async]");
    return 2;
}
var isEnding = false;
using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
{
    signal.Cancel = true;
    isEnding = true;
    listener.Dispose();
});
listener.Bind(new IPEndPoint(IPAddress.Loopback, int.Parse(port, CultureInfo.InvariantCulture)));
listener.Listen(128);
try
{
    while (true)
    {
        using var client = rest is [] ? listener.Accept() : await listener.AcceptAsync();
        await AnswerAsync(client);
    }
}
catch (SocketException) when (isEnding)
{
}
catch (ObjectDisposedException)
{
}
return 0;

// A byte, and the answer is this process's id.
static async Task AnswerAsync(Socket client)
{
    try
    {
        if (await client.ReceiveAsync(new byte[1], CancellationToken.None) > 0)
            await client.SendAsync(Encoding.ASCII.GetBytes($"{Environment.ProcessId}\n"), CancellationToken.None);
        client.Shutdown(SocketShutdown.Send);
    }
    catch (SocketException)
    {
    }
}

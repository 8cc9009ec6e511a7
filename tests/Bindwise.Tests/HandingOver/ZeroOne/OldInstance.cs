// A server of the release 0.1 that hands over: what zero-one.zip holds, built against the library as it was then. It takes the variables, and prints
// the lines, of the test's own Instance.
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using Bindwise;

[assembly: SupportedOSPlatform("linux")]

var name = Environment.GetEnvironmentVariable("INSTANCE_NAME")!;
var manner = Environment.GetEnvironmentVariable("INSTANCE_MANNER")!;
using var stopping = new CancellationTokenSource();
_ = Task.Run(async () =>
{
    // Ends when the test closes it.
    await Console.In.ReadToEndAsync();
    await stopping.CancelAsync();
});
var options = new HandOverOptions
{
    Path = Environment.GetEnvironmentVariable("INSTANCE_PATH"),
    WaitTimeout = TimeSpan.FromSeconds(100),
    OnAttemptFailed = static exception => Console.WriteLine("attempt failed: " + exception.Message),
};
ListenerHandOver handOver;
try
{
    handOver = await ListenerHandOver.StartAsync([ListenRequest.On(IPEndPoint.Parse(Environment.GetEnvironmentVariable("INSTANCE_ENDPOINTS")!))], options);
}
catch (Exception exception) when (exception is HandOverException or BindException)
{
    Console.WriteLine(exception.GetType().Name + ": " + exception.Message);
    return;
}
await using (handOver)
{
    Console.WriteLine($"received {handOver.ReceivedSockets} from {handOver.Predecessor}, listens on {handOver.Listeners[0].Port}");
    if (manner == "idle")
        await Task.Delay(Timeout.Infinite, stopping.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
    var serving = ServeAsync(handOver.Listeners[0], name);
    await handOver.ReadyAsync(stopping.Token);
    Console.WriteLine("ready");
    using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token, handOver.HandedOver);
    await Task.Delay(Timeout.Infinite, either.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
    if (!handOver.HandedOver.IsCancellationRequested)
    {
        await handOver.DisposeAsync();
        await serving;
        return;
    }
    Console.WriteLine($"handed over to {handOver.Successor}");
    await serving.WaitAsync(handOver.DrainExpired);
    Console.WriteLine("drained");
}

static async Task ServeAsync(BoundListener listener, string name)
{
    var open = new List<Task>();
    while (true)
    {
        Socket connection;
        try
        {
            connection = await listener.AcceptAsync();
        }
        catch (ObjectDisposedException)
        {
            break;
        }
        open.RemoveAll(static one => one.IsCompleted);
        open.Add(AnswerAsync(connection, name));
    }
    await Task.WhenAll(open);
}

static async Task AnswerAsync(Socket connection, string name)
{
    using (connection)
    {
        var buffer = new byte[16];
        try
        {
            if (await connection.ReceiveAsync(buffer) == 0)
                return;
            await connection.SendAsync(Encoding.ASCII.GetBytes(name + "\n"));
            connection.Shutdown(SocketShutdown.Send);
            _ = await connection.ReceiveAsync(buffer);
        }
        catch (SocketException exception)
        {
            Console.WriteLine("connection: " + exception.SocketErrorCode);
        }
    }
}

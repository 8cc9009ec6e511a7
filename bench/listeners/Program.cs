// Listens in one of the manners in which people do, says what came of it in one line, and serves until it is killed:
//   Bindwise.Listeners MANNER WANTED              listening ADDRESS... | failed MESSAGE
//   Bindwise.Listeners MANNER WANTED at-once      eight at once, twelve times: COUNT of COUNT failed
using System.Net.Sockets;
using Bindwise;
using Bindwise.Listeners;
using Bindwise.Listeners.Manners;

IManner manner = args[0] switch
{
    "tcp-listener" => new PlainManner(),
    "reuse-address" => new PlainManner(static socket => socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true)),
    "not-exclusive" => new PlainManner(static socket => socket.ExclusiveAddressUse = false),
    "exclusive" => new PlainManner(static socket => socket.ExclusiveAddressUse = true),
    "linger-0" => new PlainManner(onClient: static socket => socket.LingerState = new LingerOption(enable: true, seconds: 0)),
    "check-then-bind" => new CheckManner(),
    "connect-then-bind" => new ConnectCheckManner(),
    "free-port" => new FreePortManner(),
    "retry-loop" => new RetryManner(),
    "next-port" => new NextPortManner(),
    "mutex" => new MutexManner(),
    "kill-namesake" => new NamesakeManner(),
    "fuser-kill" => new CommandManner("fuser -k {port}/tcp"),
    "lsof-kill" => new CommandManner("lsof -ti:{port} | xargs kill -9"),
    "tw-reuse" => new CommandManner("sysctl -w net.ipv4.tcp_tw_reuse=1"),
    "other-url" => new KestrelManner(withBindwise: false, port: 5080),
    "url-0" => new KestrelManner(withBindwise: false, port: 0),
    "kestrel" => new KestrelManner(withBindwise: false),
    "kestrel-bindwise" => new KestrelManner(withBindwise: true),
    "bindwise" => new BindwiseManner(),
    "bindwise-wait" => new BindwiseManner(static request => request with { Retry = BindRetryOptions.For(TimeSpan.FromSeconds(70)) }),
    "bindwise-fallback" => new BindwiseManner(static request => request with { Port = request.Port.Then(PortPolicy.Range(8090, 8099)) }),
    _ => throw new ArgumentException($"no manner is called {args[0]}"),
};
var wanted = Wanted.Parse(args[1]);
if (args is [_, _, "at-once"])
{
    await AtOnceAsync();
    return 0;
}
try
{
    using var listening = await manner.ListenAsync(wanted);
    Console.WriteLine($"listening {string.Join(' ', listening.Where)}");
    await Task.Delay(Timeout.Infinite);
    return 0;
}
#pragma warning disable CA1031 // Whatever it is: what a manner ends with is what is measured.
catch (Exception exception)
#pragma warning restore CA1031
{
    Console.WriteLine($"failed {Reported(exception).ReplaceLineEndings(" ")}");
    return 1;
}

// Kestrel wraps what it is thrown; with the package, the diagnosis within is what the host logs.
static string Reported(Exception? exception)
{
    var outermost = exception!.Message;
    for (; exception is not null; exception = exception.InnerException)
    {
        if (exception is BindException diagnosed)
            return diagnosed.Message;
    }
    return outermost;
}

async Task AtOnceAsync()
{
    const int Servers = 8;
    const int Rounds = 12;
    var failed = 0;
    for (var round = 0; round < Rounds; round++)
    {
        var servers = await Task.WhenAll(Enumerable.Range(0, Servers).Select(_ => Task.Run(async () =>
        {
            try
            {
                return await manner.ListenAsync(wanted);
            }
            catch (Exception exception) when (exception is SocketException or IOException)
            {
                Interlocked.Increment(ref failed);
                return null;
            }
        })));
        foreach (var server in servers)
            server?.Dispose();
    }
    Console.WriteLine($"{failed} of {Servers * Rounds} failed");
}

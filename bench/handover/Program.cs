using System.Runtime.Versioning;
using Bindwise.HandingOver.Benchmarks;

[assembly: SupportedOSPlatform("linux")]

// One of the processes that bench/handover/run starts: a server, or the clients.
switch (args)
{
    case ["kestrel", ..]:
        await Servers.KestrelAsync(args[1..]);
        return 0;
    case ["listener", var path]:
        await Servers.ListenerAsync(path);
        return 0;
    case ["clients"]:
        await Clients.RunAsync();
        return 0;
    default:
        await Console.Error.WriteLineAsync("Start bench/handover/run: it starts this.");
        return 2;
}

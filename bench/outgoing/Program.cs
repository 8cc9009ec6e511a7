using System.Globalization;
using System.Net;
using Bindwise.Outgoing.Benchmarks;

if (args is ["failures"])
{
    using var fails = new Servers(1);
    Console.WriteLine(await Failures.CompareAsync(new IPEndPoint(IPAddress.Loopback, Servers.FirstPort)));
    return 0;
}
if (args is ["hold", var way, var share, var first, var places])
    return await Holder.RunAsync(way, Number(share), Number(first), Number(places));
var count = args.Length > 0 ? Number(args[0]) : 200_000;
var destinations = args.Length > 1 ? Number(args[1]) : 8;
var ends = File.ReadAllText("/proc/sys/net/ipv4/ip_local_port_range").Split('\t');
var range = Number(ends[1]) - Number(ends[0]) + 1;

Console.WriteLine($"| one source address, {destinations} destinations | connections at once, of {count} asked for | seconds | memory, MiB |");
Console.WriteLine("| --- | ---: | ---: | ---: |");
var bound = await RowAsync("Socket: Bind, then ConnectAsync", "bind", count, destinations);
var open = await RowAsync("OutgoingConnector", "connector", count, destinations);
Console.WriteLine();
Console.WriteLine("| one source address, one destination | connections at once | seconds | memory, MiB |");
Console.WriteLine("| --- | ---: | ---: | ---: |");
var searched = await RowAsync("Socket: IP_BIND_ADDRESS_NO_PORT, Bind, ConnectAsync", "late", range, 1);
var taken = await RowAsync("OutgoingConnector", "connector", range, 1);
Console.WriteLine();
using var servers = new Servers(1);
var timed = new IPEndPoint(IPAddress.Loopback, Servers.FirstPort + 1);
var plain = await Cost.RatioAsync(timed, fromSource: false);
var sourced = await Cost.RatioAsync(timed, fromSource: true);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Time of one connect, OutgoingConnector to Socket, median of {Cost.Blocks} blocks of {Cost.Connects} in turn: {plain.Median:0.00} ({plain.Least:0.00} - {plain.Most:0.00})"));
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"From a source address, to Socket with Bind: {sourced.Median:0.00} ({sourced.Least:0.00} - {sourced.Most:0.00})"));
servers.Dispose();
using (new Servers(1))
    Console.WriteLine(await Failures.CompareAsync(new IPEndPoint(IPAddress.Loopback, Servers.FirstPort)));
return open.Count == count && bound.Count == Math.Min(range, count) && searched.Count == range && taken.Count == range && plain.Median < 1.1 ? 0 : 1;

// With listeners of its own: what the one before left in their queues is gone.
static async Task<Held> RowAsync(string title, string way, int count, int destinations)
{
    using var servers = new Servers(destinations);
    var held = await Holder.CountAsync(way, count, destinations);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {title} | {held.Count:N0} | {held.Seconds:0.0} | {held.MiB:N0} |"));
    return held;
}

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

using System.Globalization;
using System.Net;
using Bindwise.Outgoing.Benchmarks;

if (args is ["hold", var way, var share, var first, var places])
    return await Holder.RunAsync(way, Number(share), Number(first), Number(places));
var count = args.Length > 0 ? Number(args[0]) : 200_000;
var destinations = args.Length > 1 ? Number(args[1]) : 8;
using var servers = new Servers(destinations);
Console.WriteLine($"| one source address, {destinations} destinations | connections at once, of {count} asked for |");
Console.WriteLine("| --- | --- |");
var bound = await Holder.CountAsync("bind", count, destinations);
Console.WriteLine($"| Socket: Bind, then ConnectAsync | {bound} |");
var open = await Holder.CountAsync("connector", count, destinations);
Console.WriteLine($"| OutgoingConnector | {open} |");
Console.WriteLine();
var plain = await Cost.RatioAsync(new IPEndPoint(IPAddress.Loopback, Servers.FirstPort + destinations));
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Time of one connect, OutgoingConnector to Socket, median of {Cost.Blocks} blocks in turn: {plain.Median:0.00} ({plain.Least:0.00} - {plain.Most:0.00})"));
return open == count && bound < open && plain.Median < 1.1 ? 0 : 1;

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Bindwise.Outgoing.Benchmarks;

/// <summary>The time of a connect by the connector, against that of a plain socket: in turn, block by block, so that both have the same machine.</summary>
internal static class Cost
{
    public const int Blocks = 41;

    public const int Connects = 500;

    /// <summary>Without options, against connect(); or from a source, against bind() and connect().</summary>
    public static async Task<(double Median, double Least, double Most)> RatioAsync(IPEndPoint remote, bool fromSource)
    {
        using var connector = new OutgoingConnector(new OutgoingOptions { Sources = fromSource ? [Holder.Source] : [] });
        var ratios = new List<double>();
        for (var block = -4; block < Blocks; block++)
        {
            var ours = await TimeAsync(() => connector.ConnectAsync(remote));
            var theirs = await TimeAsync(() => fromSource ? Holder.BoundAsync(remote, late: false) : PlainAsync(remote));
            if (block >= 0)
                ratios.Add(ours / theirs);
        }
        ratios.Sort();
        return (ratios[Blocks / 2], ratios[0], ratios[^1]);
    }

    /// <summary>The median of a block, which other work on the machine moves less than the mean.</summary>
    private static async Task<double> TimeAsync(Func<ValueTask<Socket>> connect)
    {
        var ticks = new long[Connects];
        for (var index = 0; index < Connects; index++)
        {
            var started = Stopwatch.GetTimestamp();
            using var socket = await connect();
            ticks[index] = Stopwatch.GetTimestamp() - started;
            socket.LingerState = new LingerOption(true, 0);
        }
        Array.Sort(ticks);
        return ticks[Connects / 2];
    }

    private static async ValueTask<Socket> PlainAsync(IPEndPoint remote)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(remote);
        return socket;
    }
}

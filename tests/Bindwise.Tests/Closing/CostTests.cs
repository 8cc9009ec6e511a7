using System.Globalization;
using IsolatedProcess;

namespace Bindwise.Tests.Closing;

/// <summary>What a close costs: packets on the wire, and memory here. docs/closing.md has these bounds.</summary>
public sealed class CostTests
{
    private const int Times = 25;

    [IsolatedFact]
    [Trait("Lane", "second")]
    public Task EachStrategy_CostsAtMostWhatThePageSays() => Body.RunAsync(static async () =>
    {
        var page = await File.ReadAllTextAsync(Repository.File("docs/closing.md"));
        (CloseStrategy Strategy, int Packets, int Bytes)[] bounds =
        [
            (CloseStrategy.PeerFirst(TimeSpan.FromMinutes(4)), 4, 3072),
            (CloseStrategy.HalfClose(TimeSpan.FromMinutes(4)), 4, 3072),
            (CloseStrategy.Graceful, 4, 1024),
            (CloseStrategy.Abort, 1, 1024),
        ];
        foreach (var (strategy, packets, bytes) in bounds)
        {
            Assert.Contains(FormattableString.Invariant($"| {strategy.ToString().Split(' ')[0]} | {packets} | {bytes:N0} |\n"), page, StringComparison.Ordinal);
            await MeasureAsync(strategy, 10);
            var (meanPackets, meanBytes) = await MeasureAsync(strategy, Times);
            Assert.True(meanPackets > 0 && meanPackets <= packets && meanBytes > 0 && meanBytes <= bytes, $"{strategy}: {meanPackets} packets, {meanBytes} bytes");
        }
    });

    /// <summary>The mean of both, over connections whose peer has closed first (PeerFirst) or closes after our FIN.</summary>
    private static async Task<(double Packets, double Bytes)> MeasureAsync(CloseStrategy strategy, int times)
    {
        var (packets, bytes) = (0L, 0L);
        for (var time = 0; time < times;)
        {
            using var pair = await Pair.OpenAsync();
            await pair.SettledAsync();
            var (sentBefore, againBefore) = (Segments("OutSegs"), Segments("RetransSegs"));
            var isPeerFirst = strategy.ToString().StartsWith("PeerFirst", StringComparison.Ordinal);
            if (isPeerFirst)
                pair.Client.Dispose();
            var before = GC.GetTotalAllocatedBytes(precise: true);
            var closing = pair.Server.CloseAsync(strategy);
            if (!isPeerFirst)
                pair.Client.Dispose();
            await closing;
            var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
            await pair.SettledAsync();
            // The kernel sends again what is not acknowledged within 200 ms: that is the machine's cost, and not the strategy's.
            if (Segments("RetransSegs") != againBefore)
                continue;
            time++;
            bytes += allocated;
            packets += Segments("OutSegs") - sentBefore;
        }
        return ((double)packets / times, (double)bytes / times);
    }

    private static long Segments(string counter)
    {
        var lines = File.ReadAllLines("/proc/net/snmp").Where(static line => line.StartsWith("Tcp:", StringComparison.Ordinal)).Select(static line => line.Split(' ')).ToArray();
        return long.Parse(lines[1][Array.IndexOf(lines[0], counter)], CultureInfo.InvariantCulture);
    }
}

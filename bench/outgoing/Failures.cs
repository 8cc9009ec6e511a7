using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Bindwise.Outgoing.Benchmarks;

/// <summary>How many connects fail a second when no port is left, with an explanation and without: in turn, so that both have the same machine.</summary>
internal static class Failures
{
    public const int Callers = 16;

    private const int Rounds = 9;
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(3);

    // What one process may usually hold.
    private const string Range = "40000 49999";

    /// <summary>Takes all ports to the destination, then fails.</summary>
    public static async Task<string> CompareAsync(IPEndPoint remote)
    {
        await File.WriteAllTextAsync("/proc/sys/net/ipv4/ip_local_port_range", Range);
        using var explained = new OutgoingConnector(new OutgoingOptions { Sources = [Holder.Source] });
        using var unexplained = new OutgoingConnector(new OutgoingOptions { Sources = [Holder.Source], ExplainFailures = false });
        var held = new List<IDisposable>();
        try
        {
            while (true)
                held.Add(await unexplained.ConnectAsync(remote));
        }
        catch (ConnectException exception)
        {
            _ = exception;
        }
        var ratios = new List<double>();
        var rate = 0.0;
        for (var round = -1; round < Rounds; round++)
        {
            var with = await CountAsync(explained, remote);
            var without = await CountAsync(unexplained, remote);
            if (round < 0)
                continue;
            rate = without;
            ratios.Add(with / without);
        }
        ratios.Sort();
        held.ForEach(static one => one.Dispose());
        return string.Create(CultureInfo.InvariantCulture,
            $"Failures a second with {held.Count:N0} ports in use, {Callers} callers, explained to unexplained ({rate:N0} a second): {ratios[Rounds / 2]:0.00} ({ratios[0]:0.00} - {ratios[^1]:0.00})");
    }

    private static async Task<double> CountAsync(OutgoingConnector connector, IPEndPoint remote)
    {
        var clock = Stopwatch.StartNew();
        var counts = await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            var count = 0L;
            for (; clock.Elapsed < Round; count++)
            {
                try
                {
                    using var one = await connector.ConnectAsync(remote);
                }
                catch (ConnectException exception)
                {
                    _ = exception;
                }
            }
            return count;
        })));
        return counts.Sum() / clock.Elapsed.TotalSeconds;
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Bindwise.Kestrel.Benchmarks;

/// <summary>Measures both, one behind the other in each round, with the order turned from round to round.</summary>
internal static class Comparison
{
    private const int Port = 8080;
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync(TimeSpan time, int rounds)
    {
        var kept = new List<(double Plain, double With)>();
        var once = new List<(double Plain, double With)>();
        for (var round = 0; round < rounds; round++)
        {
            string[] order = round % 2 == 0 ? ["plain", "bindwise"] : ["bindwise", "plain"];
            var first = await MeasureAsync(order[0], time);
            var second = await MeasureAsync(order[1], time);
            var (plain, with) = round % 2 == 0 ? (first, second) : (second, first);
            kept.Add((plain.Kept, with.Kept));
            once.Add((plain.Once, with.Once));
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"round {round + 1} of {rounds}: kept {with.Kept / plain.Kept:0.000}, once {with.Once / plain.Once:0.000}"));
        }
        Console.WriteLine($"| connections | Kestrel, requests/s | with UseBindwise, requests/s | ratio, median of {rounds} rounds | least - most |\n| --- | --- | --- | --- | --- |");
        Console.WriteLine(Row("kept alive", kept));
        Console.WriteLine(Row("one for each request", once));
        return 0;
    }

    private static string Row(string name, List<(double Plain, double With)> rounds)
    {
        var ratios = rounds.Select(static one => one.With / one.Plain).Order().ToList();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {Median(rounds.Select(static one => one.Plain)):0} | {Median(rounds.Select(static one => one.With)):0} | {Median(ratios):0.00} | {ratios[0]:0.00} - {ratios[^1]:0.00} |");
    }

    private static async Task<(double Kept, double Once)> MeasureAsync(string manner, TimeSpan time)
    {
        using var server = Process.Start(Environment.ProcessPath!, [typeof(Comparison).Assembly.Location, "serve", manner, Port.ToString(CultureInfo.InvariantCulture)]);
        await WaitUntilItAnswersAsync();
        await Load.MeasureAsync(Port, keepAlive: true, s_warmUp);
        await Load.MeasureAsync(Port, keepAlive: false, s_warmUp);
        var kept = await Load.MeasureAsync(Port, keepAlive: true, time);
        var once = await Load.MeasureAsync(Port, keepAlive: false, time);
        server.Kill();
        await server.WaitForExitAsync();
        return (kept, once);
    }

    private static async Task WaitUntilItAnswersAsync()
    {
        for (var attempt = 0; ; attempt++)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync("127.0.0.1", Port);
                return;
            }
            catch (SocketException) when (attempt < 300)
            {
                await Task.Delay(100);
            }
        }
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}

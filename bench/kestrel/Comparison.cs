using System.Globalization;

namespace Bindwise.Kestrel.Benchmarks;

/// <summary>
/// Measures both: in each round two fresh servers stand side by side, and the load goes from one to the other in slices of a quarter of a second,
/// so that whatever else the machine does meets both alike.
/// </summary>
internal static class Comparison
{
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync(TimeSpan time, int rounds, bool isControl)
    {
        var kept = new List<Round>();
        var once = new List<Round>();
        for (var round = 0; round < rounds; round++)
        {
            await using var servers = await Servers.StartAsync(plainFirst: round % 2 == 0, otherPorts: round / 2 % 2 == 1, isControl);
            kept.Add(await MeasureAsync(servers, keepAlive: true, time));
            once.Add(await MeasureAsync(servers, keepAlive: false, time));
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"round {round + 1} of {rounds}: kept {kept[^1].Throughput:0.000}, once {once[^1].Throughput:0.000}"));
        }
        Console.WriteLine($"| connections | Kestrel, requests/s | {(isControl ? "another Kestrel" : "with UseBindwise")}, requests/s | ratio: median of {rounds} rounds, least - most | the server's CPU time a request, ratio |\n| --- | --- | --- | --- | --- |");
        Console.WriteLine(Row("kept alive", kept));
        Console.WriteLine(Row("one for each request", once));
        return 0;
    }

    private static async Task<Round> MeasureAsync(Servers servers, bool keepAlive, TimeSpan time)
    {
        await Load.MeasureAsync(servers.PlainPort, keepAlive, WarmUp);
        await Load.MeasureAsync(servers.WithPort, keepAlive, WarmUp);
        var (first, second) = (new Total(servers, servers.PlainPort), new Total(servers, servers.WithPort));
        for (var slice = 0; slice < time / Slice; slice++)
        {
            // There and back again, so that neither always comes first.
            await (slice % 2 == 0 ? first : second).AddAsync(keepAlive, Slice);
            await (slice % 2 == 0 ? second : first).AddAsync(keepAlive, Slice);
        }
        return new Round(first.Rate, second.Rate, second.CpuOfARequest / first.CpuOfARequest);
    }

    private static string Row(string name, List<Round> rounds)
    {
        var throughput = Spread(rounds.Select(static one => one.Throughput));
        var processor = Spread(rounds.Select(static one => one.Processor));
        return string.Create(CultureInfo.InvariantCulture, $"| {name} | {Median(rounds.Select(static one => one.Plain)):0} | {Median(rounds.Select(static one => one.With)):0} | {throughput} | {processor} |");
    }

    private static string Spread(IEnumerable<double> ratios)
    {
        var sorted = ratios.Order().ToList();
        return string.Create(CultureInfo.InvariantCulture, $"{Median(sorted):0.00}, {sorted[0]:0.00} - {sorted[^1]:0.00}");
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    private sealed record Round(double Plain, double With, double Processor)
    {
        public double Throughput => With / Plain;
    }

    private sealed class Total(Servers servers, int port)
    {
        private double _answered;
        private double _seconds;
        private double _processor;

        public double Rate => _answered / _seconds;

        public double CpuOfARequest => _processor / _answered;

        public async Task AddAsync(bool keepAlive, TimeSpan time)
        {
            var before = servers.Processor;
            var (answered, seconds) = await Load.MeasureAsync(port, keepAlive, time);
            _processor += (servers.Processor - before).TotalSeconds;
            _answered += answered;
            _seconds += seconds;
        }
    }
}

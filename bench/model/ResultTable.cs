using System.Globalization;
using System.Text;
using BenchmarkDotNet.Reports;

namespace Bindwise.Model.Benchmarks;

/// <summary>The medians as Markdown, ratios first, and whether the bars are met.</summary>
internal sealed class ResultTable
{
    private const double SlowestNanoseconds = 1_000;
    private const double MostGrowth = 3;

    private readonly ILookup<(Shape Shape, Asker Asker), (string Method, int Sockets, double Nanoseconds, long Bytes)> _cases;

    private ResultTable(IEnumerable<BenchmarkReport> reports)
    {
        _cases = reports.ToLookup(
            static report => ((Shape)report.BenchmarkCase.Parameters["Shape"], (Asker)report.BenchmarkCase.Parameters["Asker"]),
            static report => (
                report.BenchmarkCase.Descriptor.WorkloadMethod.Name,
                (int)report.BenchmarkCase.Parameters["Sockets"],
                report.ResultStatistics?.Median ?? double.NaN,
                report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? 0));
    }

    /// <summary>Writes it.</summary>
    /// <returns>Whether the bars are met.</returns>
    public static bool Write(Summary summary, TextWriter output)
    {
        var table = new ResultTable(summary.Reports);
        output.WriteLine(table.Text());
        var (slowest, growth) = (table.Model().Max(static c => c.Last), table.Model().Max(static c => c.Last / c.First));
        var (isFast, isFlat) = (slowest <= SlowestNanoseconds, growth <= MostGrowth);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"- decisions a second on one core, slowest case, 100,000 sockets: {1e9 / slowest:N0} (bar 1,000,000): {Met(isFast)}"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"- cost with 100,000 sockets against 10, worst case: {growth:F1} (bar {MostGrowth:F0}; a scan: up to {table.WorstScanGrowth():N0}): {Met(isFlat)}"));
        return isFast && isFlat;
    }

    private string Text()
    {
        var text = new StringBuilder();
        text.AppendLine("| table | who asks | 100,000 against 10 | model against scan, 100,000 | model ns: 10 | 100 | 1,000 | 10,000 | 100,000 | scan ns: 10 | 100,000 | bytes |");
        text.AppendLine("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var group in _cases)
        {
            var model = group.Where(static c => c.Method == nameof(BindDecisions.Model)).OrderBy(static c => c.Sockets).ToList();
            var scan = group.Where(static c => c.Method == nameof(BindDecisions.Scan)).OrderBy(static c => c.Sockets).ToList();
            text.AppendLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {group.Key.Shape} | {group.Key.Asker} | {model[^1].Nanoseconds / model[0].Nanoseconds:F1} | 1 : {scan[^1].Nanoseconds / model[^1].Nanoseconds:N1} | {string.Join(" | ", model.Select(static c => c.Nanoseconds.ToString("F0", CultureInfo.InvariantCulture)))} | {scan[0].Nanoseconds:F0} | {scan[^1].Nanoseconds:N0} | {model[^1].Bytes} |"));
        }
        return text.ToString();
    }

    private IEnumerable<(double First, double Last)> Model() => OfMethod(nameof(BindDecisions.Model));

    private double WorstScanGrowth() => OfMethod(nameof(BindDecisions.Scan)).Max(static c => c.Last / c.First);

    private IEnumerable<(double First, double Last)> OfMethod(string method) => _cases
        .Select(group => group.Where(c => c.Method == method).OrderBy(static c => c.Sockets).ToList())
        .Select(static cases => (cases[0].Nanoseconds, cases[^1].Nanoseconds));

    private static string Met(bool isMet) => isMet ? "met" : "NOT MET";
}

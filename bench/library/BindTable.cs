using System.Globalization;
using BenchmarkDotNet.Reports;

namespace Bindwise.Library.Benchmarks;

/// <summary>Bytes and medians as Markdown, and whether the bar is met.</summary>
internal static class BindTable
{
    private const long MostBytesBeyond = 1_024;

    /// <summary>Writes it.</summary>
    /// <returns>Whether the bar is met.</returns>
    public static bool Write(Summary summary, TextWriter output)
    {
        output.WriteLine("| listener | bytes, .NET alone | bytes, package | beyond | time, package to .NET |");
        output.WriteLine("| --- | ---: | ---: | ---: | ---: |");
        var most = 0L;
        foreach (var place in Enum.GetValues<Place>())
        {
            var (plain, package) = (Find(summary, place, nameof(Binds.Plain)), Find(summary, place, nameof(Binds.Package)));
            var beyond = package.Bytes - plain.Bytes;
            most = Math.Max(most, beyond);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {Title(place)} | {plain.Bytes:N0} | {package.Bytes:N0} | {beyond:N0} | {package.Nanoseconds / plain.Nanoseconds:F2} |"));
        }
        var verdict = most <= MostBytesBeyond ? "met" : "NOT MET";
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n- Most bytes allocated beyond .NET's own sockets: {most:N0} (bar {MostBytesBeyond:N0}): {verdict}"));
        return most <= MostBytesBeyond;
    }

    private static string Title(Place place) => place switch
    {
        Place.Tcp => "TCP on 127.0.0.1",
        Place.Dual => "TCP on [::], dual-stack",
        Place.Udp => "UDP on 127.0.0.1",
        Place.TwoAddresses => "TCP on 127.0.0.1 and [::1]",
        _ => throw new ArgumentOutOfRangeException(nameof(place), place, null),
    };

    private static (long Bytes, double Nanoseconds) Find(Summary summary, Place place, string method)
    {
        var report = summary.Reports.Single(one => (Place)one.BenchmarkCase.Parameters["Place"] == place && one.BenchmarkCase.Descriptor.WorkloadMethod.Name == method);
        return (report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? long.MaxValue, report.ResultStatistics?.Median ?? double.NaN);
    }
}
